"""Control units that misbehave because a test wants it, and what is left of a tool afterwards."""

from __future__ import annotations

import pytest

from evdiag.inputs import Frame
from evdiag.simulator.running import RunningCar
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import library
from tests.simulator.bench import Bench
from tests.simulator.running import car_on_a_bus


@pytest.fixture
def bench() -> Bench:
    """Return a car whose plug is locked, in the extended session."""
    bench = Bench()
    bench.do("plug_in", 4.0)
    bench.ask("10 03")
    return bench


# -- refusing ------------------------------------------------------------------------------------


def test_a_service_is_refused_until_it_is_mended(bench: Bench) -> None:
    bench.unit.faults.refuse("2F", 0x34)
    for request in ("2F E0 10 03 00", "2F E0 12 03 01", "2F E0 10 00"):
        assert bench.ask(request, seconds=1.0) == ["7F 2F 34"]
    assert bench.car.values["port.lock"] == "locked"
    assert bench.ask("3E 00") == ["7E 00"]
    bench.unit.faults.mend()
    assert bench.ask("2F E0 10 00") == ["6F E0 10 00 01"]


def test_once_is_once(bench: Bench) -> None:
    bench.unit.faults.refuse("10 01", 0x22, once=True)
    assert bench.ask("10 01") == ["7F 10 22"]
    assert bench.unit.session.name == "EXTENDED"
    assert bench.ask("10 01") == ["50 01 00 32 01 F4"]


def test_an_identifier_or_a_sub_function_can_be_meant(bench: Bench) -> None:
    bench.unit.faults.refuse("22 E0 10", 0x31)
    bench.unit.faults.refuse("3E 00", 0x11)
    assert bench.ask("22 E0 10") == ["7F 22 31"]
    assert bench.ask("22 F1 86") == ["62 F1 86 03"]
    assert bench.ask("3E 80") == ["7F 3E 11"]
    assert bench.ask("3E 80", functional=True) == []


def test_the_longest_beginning_decides_and_then_the_latest(bench: Bench) -> None:
    bench.unit.faults.refuse("22 F1 86", 0x33)
    bench.unit.faults.refuse("22", 0x10)
    bench.unit.faults.refuse("22", 0x21)
    assert bench.ask("22 F1 86") == ["7F 22 33"]
    assert bench.ask("22 F1 90") == ["7F 22 21"]


# -- pending -------------------------------------------------------------------------------------


def test_ten_seconds_of_pending_and_then_the_answer(bench: Bench) -> None:
    bench.unit.faults.keep_pending("10 03", 10.0, once=True)
    assert bench.ask("10 03", seconds=9.9) == ["7F 10 78"] * 5
    assert [said.hex() for said in bench.wait(0.2)] == ["5003003201f4"]
    assert bench.ask("10 03") == ["50 03 00 32 01 F4"]


def test_a_movement_whose_answer_is_pending_is_held_for_as_long(bench: Bench) -> None:
    bench.unit.faults.keep_pending("2F E0 10 03", 10.0)
    assert bench.ask("2F E0 10 03 00", seconds=7.0) == ["7F 2F 78"] * 4
    assert bench.car.values["port.lock"] == "unlocked"
    assert bench.ask("2F E0 10 00") == ["7F 2F 21"]
    assert bench.car.lock.held
    assert [said.hex() for said in bench.wait(4.0)] == ["7f2f78", "6fe0100300"]
    assert bench.ask("2F E0 10 00") == ["6F E0 10 00 00"]


def test_who_goes_away_while_it_is_pending_leaves_nothing(bench: Bench) -> None:
    bench.unit.faults.keep_pending("2F", 10.0)
    bench.ask("2F E0 10 03 00")
    bench.wait(15.5)
    assert not bench.car.state.holders
    assert bench.unit.session.name == "DEFAULT"


def test_less_than_the_work_takes_makes_no_difference(bench: Bench) -> None:
    bench.unit.faults.keep_pending("2F", 0.1)
    assert bench.ask("2F E0 10 03 00", seconds=1.0) == ["7F 2F 78", "6F E0 10 03 00"]


# -- silence and reset ---------------------------------------------------------------------------


def test_a_mute_unit_says_nothing_and_its_session_runs_out(bench: Bench) -> None:
    bench.ask("2F E0 10 02")
    bench.unit.faults.mute = True
    assert bench.ask("3E 00", seconds=4.0) == []
    assert bench.car.lock.held
    assert bench.ask("3E 00", seconds=2.0) == []
    assert not bench.car.lock.held
    bench.unit.faults.mend()
    assert bench.ask("22 F1 86") == ["62 F1 86 01"]


def test_a_reset_forgets_everything_and_takes_half_a_second() -> None:
    bench = Bench(secured=True)
    bench.do("plug_in", 4.0)
    bench.unlock_security()
    bench.ask("2F E0 10 03 00", seconds=0.1)
    bench.unit.reset()
    assert not bench.car.lock.held
    assert bench.unit.session.name == "DEFAULT"
    assert bench.ask("3E 00", seconds=0.49) == []
    assert bench.ask("3E 00") == []
    assert bench.ask("3E 00") == ["7E 00"]
    bench.ask("10 03")
    assert bench.ask("2F E0 10 03 00") == ["7F 2F 33"]


# -- on the wire ---------------------------------------------------------------------------------


class Wire:
    """A whole car; requests of one frame."""

    def __init__(self, vehicle: str = "reference") -> None:
        self.car = WireCar(library().profile(vehicle), behind_gateway=vehicle == "kia-soul-ev")
        self.now_ns = 0

    def wait(self, seconds: float) -> list[Frame]:
        out = []
        for _ in range(round(seconds * 100)):
            self.now_ns += 10_000_000
            out += self.car.advance(self.now_ns)
        return out

    def ask(self, text: str, identifier: int = 0x7E6, seconds: float = 0.05) -> list[str]:
        request = bytes.fromhex(text)
        data = bytes((len(request), *request)).ljust(8, b"\xcc")
        self.car.heard([Frame(0, "can0", identifier, False, data)], self.now_ns)
        answers = [frame.data for frame in self.wait(seconds) if frame.id == identifier + 8]
        return [data[1 : 1 + data[0]].hex(" ").upper() for data in answers]


def test_the_lock_module_sends_nothing_while_it_starts() -> None:
    wire = Wire()
    assert any(frame.id == 0x4E0 for frame in wire.wait(0.3))
    wire.car.unit(0x7E6).reset()
    assert not any(frame.id == 0x4E0 for frame in wire.wait(0.49))
    assert any(frame.id == 0x4E0 for frame in wire.wait(0.3))


def test_a_reset_in_the_middle_of_a_long_answer_ends_it() -> None:
    wire = Wire()
    assert wire.ask("22 F1 90") != []
    wire.car.unit(0x7E6).reset()
    wire.wait(0.6)
    flow_control = Frame(0, "can0", 0x7E6, False, b"\x30\x00\x00" + bytes(5))
    wire.car.heard([flow_control], wire.now_ns)
    assert not any(frame.id == 0x7EE for frame in wire.wait(0.1))
    assert wire.ask("3E 00") == ["7E 00"]


def test_authority_is_told_in_words() -> None:
    wire = Wire()
    assert wire.car.authority.returned
    wire.ask("10 03")
    assert wire.car.authority.reasons == ("PORT is in the extended session",)
    wire.ask("2F E0 12 03 01", seconds=2.0)
    assert wire.car.authority.reasons[1:] == ("a tester of PORT commands the flap",)
    wire.ask("2F E0 12 00")
    wire.ask("10 01")
    assert wire.car.authority.returned
    wire.car.heard([Frame(0, "can0", 0x4E8, False, b"\x01")], wire.now_ns)
    wire.wait(0.05)
    assert wire.car.authority.reasons == ("a tool's cyclic frame came 50 ms ago",)
    wire.wait(0.06)
    assert wire.car.authority.returned


def test_a_tester_that_falls_silent_has_nothing_after_five_seconds() -> None:
    wire = Wire("kia-soul-ev")
    wire.ask("10 03", 0x7A0)
    assert wire.ask("2F B0 61 03", 0x7A0, seconds=2.0) == ["7F 2F 78", "6F B0 61 03"]
    assert not wire.car.authority.returned
    wire.wait(5.0)
    assert wire.car.authority.returned
    assert wire.car.car.values["port.flap"] == "open"


def test_a_running_car_can_be_broken_and_looked_at() -> None:
    def break_it(car: WireCar) -> bool:
        car.unit(0x7E6).faults.refuse("2F", 0x22)
        return car.authority.returned

    with car_on_a_bus() as (car, _):
        assert isinstance(car, RunningCar)
        assert car.touch(break_it)
