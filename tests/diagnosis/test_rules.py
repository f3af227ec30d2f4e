"""Rules by hand: what no story of the virtual car tells, and where evidence is at its edge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evdiag.diagnosis import Finding
from evdiag.inputs import BusEvent, BusEventKind, Tick
from evdiag.vehicles.profile import Habit, LockBehaviour
from tests.diagnosis.telling import S, Telling
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


def told_to_open(stage: Stage, at_s: float = 10) -> Stage:
    stage.see(at_s, port_unlock_request="active").see(at_s + 0.1, vehicle_lock="unlocked")
    stage.see(at_s + 0.2, port_lock_command="unlock", port_lock_current=0.0)
    return stage.see(at_s + 0.8, port_lock_command="idle", port_unlock_request="idle")


def test_an_actuator_that_does_not_answer() -> None:
    stage = told_to_open(locked()).see(30, vehicle_gear="P")
    found = top(stage, 31)
    assert (found.fault, found.confidence) == ("actuator_does_not_move", "certain")
    assert found.is_fault


def test_a_wish_that_nobody_passes_on_to_the_actuator_is_not_its_fault() -> None:
    stage = locked().see(10, port_unlock_request="active", vehicle_lock="unlocked")
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert (found.fault, found.confidence) == ("actuator_does_not_move", "possible")
    assert "never told" in found.against[0].text


def test_a_motor_that_ran_as_it_does_when_it_moves_speaks_for_the_sensor() -> None:
    stage = told_to_open(locked().see(9, port_lock_current=0.0))
    stage.see(11, port_lock_current=0.24).see(12, port_lock_current=0.0)
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert (found.fault, found.confidence) == ("actuator_does_not_move", "likely")
    assert "perhaps the sensor" in found.against[0].text


def test_a_motor_that_draws_stall_current() -> None:
    stage = told_to_open(locked()).see(11, port_lock_current=2.1)
    stage.see(11.7, port_lock_current=0.0).see(30, vehicle_gear="P")
    found = top(stage, 31)
    assert (found.fault, found.confidence) == ("actuator_stalls", "certain")


def test_cold_explains_a_lock_that_does_not_move() -> None:
    stage = told_to_open(locked().see(1, vehicle_ambient_temperature=-8))
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert (found.fault, found.next[0]) == ("frozen", "thaw")


def test_a_warm_port_is_not_frozen() -> None:
    stage = told_to_open(locked().see(1, vehicle_ambient_temperature=-8, port_temperature=21))
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert (found.fault, found.confidence) == ("frozen", "possible")
    assert "21 °C" in found.against[0].text


def test_a_missing_module_is_told_from_a_sleeping_bus() -> None:
    missing = locked().stale(5, "port.lock", "port.plug")
    assert top(missing, 10).fault == "module_silent"
    asleep = locked().sleep(5, 60)
    assert top(asleep, 61).fault is None


def test_a_plug_that_leaves_a_locked_lock() -> None:
    stage = locked().see(4.8, port_pilot="A").see(5, port_plug="disconnected")
    found = top(stage, 10)
    assert (found.fault, found.confidence) == ("position_implausible", "certain")


def test_a_lock_that_is_late_to_say_open_is_no_liar() -> None:
    stage = locked().see(4.8, port_pilot="A").see(5, port_plug="disconnected")
    assert top(stage.see(5.6, port_lock="unlocked"), 10).fault is None


def test_a_plug_that_is_said_to_be_out_while_the_pilot_goes_on() -> None:
    found = top(locked().see(5, port_plug="disconnected").see(12, vehicle_gear="P"), 13)
    assert (found.fault, found.confidence) == ("proximity_implausible", "likely")


def test_a_proximity_contact_that_flickers() -> None:
    stage = locked()
    for start in (5, 9, 14):
        stage.see(start, port_plug="disconnected").see(start + 0.2, port_plug="connected")
    assert top(stage, 20).fault == "proximity_implausible"


@pytest.mark.parametrize(("held_s", "sure"), [(2, None), (12, "possible"), (60, "likely")])
def test_a_hand_may_hold_the_handles_button(held_s: float, sure: str | None) -> None:
    stage = locked().see(5, port_latch_button="pressed")
    found = top(stage.see(5 + held_s, port_latch_button="released"), 80)
    assert found.confidence == sure


def test_a_pull_with_the_button_pressed_and_the_pilot_first_is_healthy() -> None:
    stage = told_to_open(locked()).see(11, port_lock="unlocked")
    stage.see(12, port_latch_button="pressed").see(12.8, port_pilot="A")
    stage.see(13, port_plug="disconnected").see(13.4, port_latch_button="released")
    assert top(stage, 20).fault is None


def test_a_hand_that_pulls_at_an_open_lock_may_hold_the_button_longer() -> None:
    stage = told_to_open(locked()).see(11, port_lock="unlocked")
    stage.see(12, port_latch_button="pressed").see(30, vehicle_gear="P")
    assert stage.session.findings()[0].fault is None


def test_a_button_that_was_pressed_when_the_car_fell_asleep_is_not_stuck() -> None:
    stage = locked().see(5, port_latch_button="pressed").sleep(6, 600)
    assert stage.see(601, port_latch_button="pressed").session.findings()[0].fault is None


def test_a_report_that_changes_with_nobody_at_the_lock() -> None:
    stage = locked()
    for at_s in (5, 11, 17, 23):
        stage.see(at_s, port_lock="unlocked").see(at_s + 2, port_lock="locked")
    stage.end(40)
    (found,) = [f for f in stage.session.findings() if f.fault == "position_implausible"]
    assert found.confidence == "likely"
    driven = locked()
    for at_s in (5, 15, 25, 35):
        driven.see(at_s, port_lock_command="unlock").see(at_s + 0.2, port_lock="unlocked")
        driven.see(at_s + 4, port_lock_command="lock").see(at_s + 4.2, port_lock="locked")
    driven.end(50)
    assert "position_implausible" not in [f.fault for f in driven.session.findings()]


def test_a_driver_door_that_is_not_all_doors_is_a_purpose_not_a_fault() -> None:
    stage = locked().see(10, port_unlock_request="active", vehicle_lock="driver_door_only")
    found = top(stage.see(30, vehicle_gear="P"), 31)
    assert (found.fault, found.ending, found.is_fault) == (None, "held_on_purpose", False)
    assert "all doors" in found.summary


def test_a_lock_that_does_not_close_in_the_cold_may_be_frozen() -> None:
    stage = Stage(lock=QUICK).see(0, port_lock="unlocked", port_plug="connected")
    stage.see(1, port_lock_command="idle", vehicle_ambient_temperature=-9)
    found = top(stage.see(3, port_lock_command="lock").see(10, vehicle_gear="P"), 11)
    assert (found.fault, found.confidence) == ("frozen", "likely")


def test_a_car_that_opens_on_the_second_press_was_pressed_once() -> None:
    stage = locked().see(5, charge_type="dc")
    habit = Habit("dc_needs_second_press", None, "documented", "a test")
    stage.session.profile = replace(stage.session.profile, habits=(habit,))
    stage.see(10, port_unlock_request="active", vehicle_lock="unlocked").see(30, vehicle_gear="P")
    stage.end(31)
    (ended,) = [f for f in stage.session.findings() if f.ending is not None]
    assert "second press" in ended.summary


def test_a_charge_timer_holds_the_plug_on_purpose() -> None:
    found = top(locked().see(5, charge_timer="yes"), 10)
    assert (found.fault, found.ending) == (None, "held_on_purpose")
    assert "held-on-purpose" in found.next


def test_the_cars_own_word_against_a_living_session_weakens_it() -> None:
    stage = locked().see(5, port_pilot="C2", charge_active="no")
    found = top(stage.see(10, port_unlock_request="active").see(90, vehicle_gear="P"), 100)
    assert (found.fault, found.confidence) == ("session_active", "likely")
    assert found.against


def test_a_lock_that_opened_with_as_little_speaks_against_the_supply() -> None:
    stage = locked().see(9, vehicle_supply_voltage=11.5)
    stage = told_to_open(stage).see(30, vehicle_gear="P")
    told_to_open(stage, 40).see(41, port_lock="unlocked").see(43, port_plug="disconnected")
    stage.end(50)
    (found,) = [f for f in stage.session.findings() if f.fault == "supply_low"]
    assert (found.confidence, len(found.against)) == ("possible", 1)


def test_what_was_before_the_clock_jumped_back_is_not_looked_up_in_what_came_after() -> None:
    stage = told_to_open(locked()).see(30, vehicle_gear="P").jump_to(0)
    stage.see(1, port_lock="locked", port_lock_command="idle", port_lock_current=0.0)
    found = top(stage.see(40, vehicle_gear="P"), 41)
    assert (found.fault, found.confidence) == ("actuator_does_not_move", "likely")


def test_a_car_without_a_lock_never_has_a_fault_of_it() -> None:
    stage = Stage(lock=LockBehaviour(fitted=False)).see(
        0, port_lock="unlocked", port_lock_fault="ok"
    )
    stage.see(1, port_plug="connected", port_lock_command="idle").see(2, port_lock_command="lock")
    stage.see(3, port_lock_fault="fault").see(10, port_lock="fault").stale(20, "port.lock")
    assert top(stage, 30).fault is None


def test_stamps_that_are_no_time_carry_no_fault_of_time() -> None:
    stage = Stage(lock=QUICK, clock_is_time=False)
    stage.see(0, port_lock="unlocked", port_plug="connected", port_lock_command="idle")
    assert top(stage.see(1, port_lock_command="lock").see(60, vehicle_gear="P"), 61).fault is None


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
    others = {"port_lock_command": "unlock", "port_lock_current": 0.3}
    del others[missing.replace(".", "_")]
    stage.see(10, port_unlock_request="active").see(10.1, port_lock="moving", **others)
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


def test_a_pin_on_its_way_is_no_fault_of_the_lock() -> None:
    stage = locked().see(5, port_lock="fault").see(5.4, port_lock="unlocked")
    stage.see(8, port_plug="disconnected", port_pilot="A").end(20)
    assert "lock_fault_reported" not in [found.fault for found in stage.session.findings()]
    moving = locked().see(5, port_lock="fault").see(5.1, vehicle_gear="P")
    assert not moving.session.findings()[0].is_fault


def test_a_module_that_is_first_to_sleep_is_not_missing_yet() -> None:
    stage = locked().stale(5, "port.lock").see(7, vehicle_gear="P")
    assert stage.session.findings()[0].confidence == "possible"
    assert top(stage, 12).confidence == "certain"


def test_a_lock_that_closes_again_where_nobody_waits_is_no_trouble_yet() -> None:
    stage = locked().see(1, port_pilot="C2", charge_type="ac").see(9, port_pilot="B1")
    stage.see(9.6, port_lock="unlocked").see(20, port_lock="locked")
    found = top(stage, 30)
    assert (found.fault, found.confidence) == ("relocks_before_pull", "possible")
    assert "nobody asked" in found.against[0].text


def test_a_button_that_this_plug_does_not_have_was_not_left_unpressed() -> None:
    stage = locked().see(1, port_latch_button="invalid")
    stage.see(5, port_unlock_request="active").see(5.3, port_lock="unlocked")
    found = top(stage.see(205, vehicle_gear="P"), 210)
    assert (found.fault, found.against) == ("mechanically_held", ())
    assert found.missing == ("port.latch_button",)


def test_a_plug_that_stayed_in_an_open_lock_is_spoken_of_as_it_is_and_then_as_it_was() -> None:
    stage = locked().see(5, port_unlock_request="active").see(5.3, port_lock="unlocked")
    stage.see(205, vehicle_gear="P")
    assert "reports open and the plug stays in" in stage.session.findings()[0].summary
    found = top(stage.see(206, port_lock="locked"), 210)
    assert (found.fault, "reported open and the plug stayed in" in found.summary) == (
        "mechanically_held",
        True,
    )


def test_a_supply_that_rests_low_is_worth_a_word() -> None:
    found = top(locked().see(5, vehicle_supply_voltage=11.2), 10)
    assert (found.fault, found.confidence) == ("supply_low", "possible")


def test_an_adapter_that_is_lost_is_neither_a_silent_module_nor_sleep() -> None:
    told = Telling(((2.0, "plug_in"),), 12)
    session = told.session()
    lost = BusEvent(13 * S, BusEventKind.LOST, "can0")
    for item in (lost, Tick(13 * S + 1000), Tick(30 * S)):
        list(session.feed(item))
        assert {finding.fault for finding in session.findings()} == {None}
