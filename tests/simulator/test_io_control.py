"""Service 0x2F: a tester moves lock and flap, under the conditions of a real unit."""

from __future__ import annotations

import pytest

from evdiag.simulator.authority import ToolAuthority
from evdiag.simulator.io_control import HELD_AT_MOST_S
from tests.simulator.bench import BODY, PORT, Bench


def locked_car(unit: int = PORT, *, secured: bool = False) -> Bench:
    bench = Bench(unit, secured=secured)
    bench.do("plug_in", 4.0)
    assert bench.car.values["port.lock"] == "locked"
    return bench


@pytest.mark.parametrize("secured", [False, True])
def test_the_lock_is_moved_and_the_answer_comes_when_it_has_arrived(secured: bool) -> None:
    bench = locked_car(secured=secured)
    if secured:
        bench.unlock_security()
    else:
        assert bench.ask("2F E0 10 03 00") == ["7F 2F 7F"]
        bench.ask("10 03")
    said = bench.ask("2F E0 10 03 00", seconds=1.0)
    assert said == ["7F 2F 78", "6F E0 10 03 00"]
    assert bench.car.values["port.lock"] == "unlocked"
    assert bench.ask("2F E0 10 03 01", seconds=1.0) == ["7F 2F 78", "6F E0 10 03 01"]
    assert bench.car.values["port.lock"] == "locked"
    assert bench.ask("22 E0 10") == ["62 E0 10 01"]


def test_while_it_works_it_is_busy_and_knows_that_somebody_is_there() -> None:
    bench = locked_car()
    bench.ask("10 03")
    bench.ask("2F E0 10 03 00", seconds=0.02)
    assert bench.ask("22 F1 86", seconds=0.02) == ["7F 22 21"]
    assert bench.ask("3E 00", seconds=0.02) == ["7E 00"]
    assert [response.hex() for response in bench.wait(1.0)] == ["6fe0100300"]


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("2F E0 10 03 00", "7F 2F 33"),
        ("2F E0 10 01", "7F 2F 31"),
        ("2F E0 11 03 00", "7F 2F 31"),
        ("2F E0 10", "7F 2F 13"),
    ],
)
def test_a_secured_unit_moves_nothing_without_the_key(request_: str, response: str) -> None:
    bench = locked_car(secured=True)
    bench.ask("10 03")
    assert bench.ask(request_) == [response]
    assert bench.car.values["port.lock"] == "locked"


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("2F E0 10 03 02", "7F 2F 31"),
        ("2F E0 10 03", "7F 2F 13"),
        ("2F E0 10 03 00 FF", "7F 2F 13"),
        ("2F E0 10 00 00", "7F 2F 13"),
    ],
)
def test_wrong_forms_of_control(request_: str, response: str) -> None:
    bench = locked_car()
    bench.ask("10 03")
    assert bench.ask(request_) == [response]


@pytest.mark.parametrize(
    ("acts", "request_", "code"),
    [
        (("start_ac", 3.0), "2F E0 10 03 00", "22"),
        (("start_dc", 3.0, "stop_charging"), "2F E0 10 03 00", "22"),
        (("low_battery",), "2F E0 10 03 00", "93"),
        (("fob_unlock", 1.0, "pull", 1.0), "2F E0 10 03 01", "22"),
    ],
)
def test_conditions_that_a_real_unit_has(
    acts: tuple[str | float, ...], request_: str, code: str
) -> None:
    bench = locked_car()
    bench.do(*acts)
    bench.ask("10 03")
    assert bench.ask(request_) == [f"7F 2F {code}"]


@pytest.mark.parametrize(("name", "value", "code"), [
    ("vehicle.speed", 3.0, "88"), ("vehicle.gear", "D", "90"),
])  # fmt: skip
def test_a_car_that_moves_refuses(name: str, value: str | float, code: str) -> None:
    bench = locked_car()
    bench.ask("10 03")
    bench.car.state.set(name, value)
    assert bench.ask("2F E0 10 03 00") == [f"7F 2F {code}"]


@pytest.mark.parametrize("fault", ["freeze", "hang_cable", "break lock_motor"])
def test_a_lock_that_does_not_arrive_is_said_and_given_back(fault: str) -> None:
    bench = locked_car()
    bench.do(fault)
    bench.ask("10 03")
    assert bench.ask("2F E0 10 03 00", seconds=1.0) == ["7F 2F 78", "7F 2F 26"]
    assert not bench.car.lock.held


def test_a_held_lock_does_not_listen_to_the_fob_until_it_is_given_back() -> None:
    bench = locked_car()
    bench.ask("10 03")
    assert bench.ask("2F E0 10 02") == ["6F E0 10 02 01"]
    bench.do("fob_unlock", 2.0)
    assert bench.car.values["port.lock"] == "locked"
    assert bench.ask("2F E0 10 00") == ["6F E0 10 00 01"]
    bench.do("fob_unlock", 2.0)
    assert bench.car.values["port.lock"] == "unlocked"


@pytest.mark.parametrize("end", ["10 01", "10 03", ""])
def test_the_end_of_the_session_gives_the_lock_back_and_moves_nothing(end: str) -> None:
    bench = locked_car()
    bench.ask("10 03")
    bench.ask("2F E0 10 03 00", seconds=1.0)
    assert bench.car.lock.held
    if end:
        bench.ask(end)
    else:
        bench.wait(5.2)
    assert not bench.car.lock.held
    assert bench.car.values["port.lock"] == "unlocked"


def test_control_ends_by_itself_however_long_somebody_is_there() -> None:
    bench = locked_car()
    bench.ask("10 03")
    bench.ask("2F E0 10 02")
    for _ in range(int(HELD_AT_MOST_S / 2) + 1):
        bench.wait(2.0)
        bench.ask("3E 80")
    assert not bench.car.lock.held


def test_a_unit_without_a_lock_does_not_offer_it() -> None:
    bench = Bench(BODY)
    bench.ask("10 03")
    assert bench.ask("2F E0 10 00") == ["7F 2F 11"]
    assert bench.ask("22 E0 10") == ["7F 22 31"]


# -- the flap ------------------------------------------------------------------------------------


def test_the_flap_is_opened_in_about_a_second() -> None:
    bench = Bench()
    assert bench.ask("22 E0 12") == ["62 E0 12 00"]
    bench.ask("10 03")
    assert bench.ask("2F E0 12 03 01", seconds=0.5) == ["7F 2F 78"]
    assert bench.car.values["port.flap"] == "moving"
    assert [said.hex() for said in bench.wait(1.0)] == ["6fe0120301"]
    assert bench.car.values["port.flap"] == "open"
    assert bench.ask("2F E0 12 00") == ["6F E0 12 00 01"]
    assert bench.car.values["port.flap"] == "open"
    assert not bench.car.state.holders


def test_a_flap_that_sticks_is_said_and_given_back() -> None:
    bench = Bench()
    bench.car.flap.sticks = True
    bench.ask("10 03")
    assert bench.ask("2F E0 12 03 01", seconds=2.0) == ["7F 2F 78", "7F 2F 26"]
    assert bench.car.values["port.flap"] == "closed"
    assert not bench.car.state.holders


def test_a_hand_may_open_the_flap_before_its_motor_does() -> None:
    bench = Bench()
    bench.ask("10 03")
    bench.ask("2F E0 12 03 01", seconds=0.5)
    bench.do("plug_in", 2.0)
    assert bench.car.values["port.flap"] == "open"
    assert "the flap opens" not in [happening.what for happening in bench.car.truth]


@pytest.mark.parametrize(("name", "value", "code"), [
    ("vehicle.speed", 3.0, "88"), ("vehicle.gear", "R", "90"),
])  # fmt: skip
def test_the_flap_of_a_car_that_moves_stays_closed(
    name: str, value: str | float, code: str
) -> None:
    bench = Bench()
    bench.ask("10 03")
    bench.car.state.set(name, value)
    assert bench.ask("2F E0 12 03 01") == [f"7F 2F {code}"]
    assert bench.car.values["port.flap"] == "closed"


def test_what_another_tool_commands_is_refused() -> None:
    bench = locked_car()
    ToolAuthority(bench.car, "somebody else").take("lock")
    bench.ask("10 03")
    assert bench.ask("2F E0 10 03 00") == ["7F 2F 22"]
    assert bench.ask("2F E0 10 02") == ["7F 2F 22"]
    bench.ask("2F E0 10 00")
    assert bench.car.state.holders == {"lock": "somebody else"}


# -- cars that are known by their profile alone --------------------------------------------------


def test_the_command_of_a_kia_soul_opens_its_flap() -> None:
    bench = Bench(0, vehicle="kia-soul-ev")
    assert bench.ask("2F B0 61 03") == ["7F 2F 7F"]
    assert bench.ask("3E 00") == ["7E 00"]
    assert bench.ask("10 03") == ["50 03 00 32 01 F4"]
    assert bench.ask("2F B0 61 03 00") == ["7F 2F 13"]
    assert bench.ask("2F B0 62 03") == ["7F 2F 31"]
    assert bench.ask("2F B0 61 03", seconds=2.0) == ["7F 2F 78", "6F B0 61 03"]
    assert bench.car.values["port.flap"] == "open"
    assert bench.ask("22 B0 61") == ["7F 22 31"]
    assert bench.ask("2F B0 61 00") == ["6F B0 61 00"]
    assert bench.ask("10 01") == ["50 01 00 32 01 F4"]
    assert bench.ask("10 03") and bench.ask("2F B0 61 03", seconds=2.0)
    bench.wait(4.3)
    assert not bench.car.state.holders
