"""Each rule speaks on its evidence, and stays silent without it."""

from __future__ import annotations

import pytest

from evdiag.diagnosis import Finding
from evdiag.vehicles.profile import LockBehaviour
from tests.port.stage import ALL, Stage

QUICK = LockBehaviour(releases_within_s=2.0)


def top(stage: Stage, end_s: float) -> Finding:
    stage.end(end_s)
    return stage.session.findings()[0]


def locked(names: tuple[str, ...] = ALL) -> Stage:
    return Stage(names, lock=QUICK).locked_in()


def test_nothing_wrong_is_said_and_names_what_would_tell_more() -> None:
    names = tuple(name for name in ALL if name != "port.lock_command")
    stage = Stage(names, lock=QUICK).see(0, port_lock="locked", port_plug="connected")
    found = top(stage, 10)
    assert (found.fault, found.is_fault) == (None, False)
    assert found.missing == ("port.lock_command",)


def test_a_car_without_a_lock_is_said_to_have_none() -> None:
    stage = Stage(lock=LockBehaviour(fitted=False)).see(0, port_lock="unlocked")
    assert "no lock" in top(stage, 10).summary


def test_an_actuator_that_does_not_answer() -> None:
    stage = locked().see(10, port_unlock_request="active").see(30, vehicle_gear="P")
    found = top(stage, 31)
    assert (found.fault, found.confidence) == ("actuator_does_not_move", "likely")
    assert found.is_fault


def test_a_motor_that_draws_stall_current() -> None:
    stage = locked().see(10, port_unlock_request="active").see(10.1, port_lock_current=2.1)
    stage.see(10.7, port_lock_current=0.0).see(30, vehicle_gear="P")
    found = top(stage, 31)
    assert (found.fault, found.confidence) == ("actuator_stalls", "certain")


def test_cold_explains_a_lock_that_does_not_move() -> None:
    stage = locked().see(1, vehicle_ambient_temperature=-8).see(10, port_unlock_request="active")
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert found.fault == "frozen"
    assert not any("hot water" in step and "no hot water" not in step for step in found.next)


def test_a_missing_module_is_told_from_a_sleeping_bus() -> None:
    missing = locked().stale(5, "port.lock", "port.plug")
    assert top(missing, 10).fault == "module_silent"
    asleep = locked().sleep(5, 60)
    assert top(asleep, 61).fault is None


def test_a_plug_that_leaves_a_locked_lock() -> None:
    assert top(locked().see(5, port_plug="disconnected"), 10).fault == "position_implausible"


def test_an_opening_nobody_asked_for_is_a_question_not_a_verdict() -> None:
    found = top(locked().see(5, port_lock="unlocked").see(8, port_plug="disconnected"), 10)
    assert (found.fault, found.confidence) == ("opened_unasked", "possible")
    assert not found.is_fault


def test_the_cars_own_verdict_makes_it_a_manual_release() -> None:
    stage = locked().see(4, port_lock_fault="ok").see(5, port_lock="unlocked")
    stage.see(5.1, port_lock_fault="fault").see(8, port_plug="disconnected")
    assert top(stage, 10).fault == "manual_release_used"


def test_low_supply() -> None:
    stage = locked().see(9, vehicle_supply_voltage=10.9).see(10, port_unlock_request="active")
    stage.see(30, vehicle_gear="P").end(31)
    assert "supply_low" in [found.fault for found in stage.session.findings()]


@pytest.mark.parametrize("missing", ["port.lock_command", "port.lock_current"])
def test_each_missing_signal_lowers_the_confidence_and_is_named(missing: str) -> None:
    names = tuple(name for name in ALL if name != missing)
    stage = Stage(names, lock=QUICK)
    stage.see(0, port_lock="locked", port_plug="connected", port_unlock_request="idle")
    stage.see(10, port_unlock_request="active").see(10.1, port_lock="moving")
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert (found.fault, found.confidence) == ("actuator_stalls", "likely")
    assert missing in found.missing


def test_a_handle_that_nobody_touched_makes_nothing_likely() -> None:
    stage = locked().see(1, port_latch_button="released")
    for start in (10, 300):
        stage.see(start, port_unlock_request="active").see(start + 0.3, port_lock="unlocked")
        stage.see(start + 200, port_unlock_request="idle")
        stage.see(start + 201, port_lock_request="active", port_lock="locked")
        stage.see(start + 202, port_lock_request="idle")
    assert top(stage, 600).confidence == "possible"


def test_the_cars_own_verdict_on_its_lock_is_a_finding() -> None:
    assert top(locked().see(5, port_lock_fault="fault"), 60).fault == "lock_fault_reported"
    found = top(locked().see(5, port_lock="fault"), 60)
    assert (found.fault, found.confidence) == ("lock_fault_reported", "likely")
