"""Frames in, frames out: addressing, transport, time-outs, and whatever else may come."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.control.vin import vin_text
from evdiag.inputs import Frame
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.diagnostics import VINS, Diagnostics, vin_of
from evdiag.vehicles.library import library

REFERENCE = library().profile("reference")


def frame(identifier: int, text: str, extended: bool = False) -> Frame:
    return Frame(0, "can0", identifier, extended, bytes.fromhex(text))


class Wire:
    """The diagnostics of a car, time as the test tells it."""

    def __init__(self, vehicle: str = "reference") -> None:
        self.car = VirtualCar()
        self.diagnostics = Diagnostics(library().profile(vehicle), self.car, "can0")
        self.now_s = 0.0

    def wait(self, seconds: float) -> list[Frame]:
        out = []
        ends_s = self.now_s + seconds
        while self.now_s < ends_s:
            self.now_s += 0.01
            self.car.advance(self.now_s)
            out += self.diagnostics.frames(self.now_s)
        return out

    def hear(self, *frames: Frame, seconds: float = 0.1) -> list[str]:
        for heard in frames:
            self.diagnostics.heard(heard, self.now_s)
        return [f"{f.id:X} {f.data.hex().upper()}" for f in self.wait(seconds)]


def test_each_way_of_addressing_has_its_ids_and_address_bytes() -> None:
    wire = Wire()
    assert wire.hear(frame(0x7E6, "023E00CCCCCCCCCC")) == ["7EE 027E00AAAAAAAAAA"]
    assert wire.hear(frame(0x6F1, "26023E00CCCCCCCC")) == ["626 F1027E00AAAAAAAA"]
    assert wire.hear(frame(0x18DA40F1, "023E00", True)) == ["18DAF140 027E00AAAAAAAAAA"]
    assert wire.hear(frame(0x6F1, "14023E00CCCCCCCC")) == []
    assert wire.hear(frame(0x7E6, "023E00CCCCCCCCCC", True)) == []
    assert wire.hear(frame(0x7E5, "023E00CCCCCCCCCC")) == []


def test_all_at_once_are_heard_by_those_that_the_standard_gives_an_ear() -> None:
    wire = Wire()
    assert wire.hear(frame(0x7DF, "023E00CCCCCCCCCC")) == ["7EE 027E00AAAAAAAAAA"]
    assert wire.hear(frame(0x18DB33F1, "023E00CCCCCCCCCC", True)) == ["18DAF140 027E00AAAAAAAAAA"]
    assert wire.hear(frame(0x7DF, "1008220000000000")) == []
    assert wire.hear(frame(0x7DF, "0211010000000000")) == []


def test_a_long_answer_waits_for_flow_control_and_no_longer_than_a_second() -> None:
    wire = Wire()
    assert wire.hear(frame(0x7E6, "0322F190CCCCCCCC")) == ["7EE 101462F190455644"]
    assert wire.hear(seconds=1.2) == []
    assert not wire.diagnostics.busy
    assert wire.hear(frame(0x7E6, "300000CCCCCCCCCC")) == []
    wire.hear(frame(0x7E6, "0322F190CCCCCCCC"))
    rest = wire.hear(frame(0x7E6, "300000CCCCCCCCCC"))
    assert [line[:6] for line in rest] == ["7EE 21", "7EE 22"]


def test_other_questions_do_not_let_a_long_answer_wait_any_longer_for_flow_control() -> None:
    wire = Wire()
    assert wire.hear(frame(0x7E6, "0322F190CCCCCCCC")) == ["7EE 101462F190455644"]
    heard = [wire.hear(frame(0x7E6, "023E00CCCCCCCCCC"), seconds=0.6) for _ in range(3)]
    assert heard[0] == []
    assert heard[1] == ["7EE 027E00AAAAAAAAAA"] * 2, "the first, when it was its turn"
    assert heard[2] == ["7EE 027E00AAAAAAAAAA"]


def test_half_a_request_is_forgotten() -> None:
    wire = Wire()
    assert wire.hear(frame(0x7E6, "100922E001F186E0")) == ["7EE 300000AAAAAAAAAA"]
    assert wire.diagnostics.busy
    wire.wait(1.2)
    assert not wire.diagnostics.busy
    assert wire.hear(frame(0x7E6, "2101F186CCCCCCCC")) == []
    assert wire.hear(frame(0x7E6, "023E00CCCCCCCCCC")) == ["7EE 027E00AAAAAAAAAA"]


def test_whoever_asks_wakes_the_car() -> None:
    wire = Wire()
    wire.car.do("sleep")
    wire.hear(frame(0x123, "00"))
    assert wire.car.state.asleep
    assert wire.hear(frame(0x7E6, "023E00CCCCCCCCCC")) == ["7EE 027E00AAAAAAAAAA"]
    assert not wire.car.state.asleep


def test_the_lock_of_an_i3_is_told_as_it_was_commanded_last() -> None:
    wire = Wire("bmw-i3")
    wire.car.do("plug_in")
    wire.wait(5.0)
    assert wire.hear(frame(0x6F1, "140322DEF0CCCCCC")) == ["614 F10562DEF00101AA"]
    wire.car.do("fob_unlock")
    wire.wait(2.0)
    assert wire.hear(frame(0x6F1, "140322DEF0CCCCCC")) == ["614 F10562DEF00000AA"]


def test_the_reference_cars_vin_is_one() -> None:
    assert {vin_text(vin.encode()) for vin in VINS.values()} == set(VINS.values())


@pytest.mark.parametrize("vehicle", sorted(library().profiles))
def test_every_car_bears_a_vin_that_fits_its_profile(vehicle: str) -> None:
    profile = library().profile(vehicle)
    vin = vin_of(profile)
    assert vin_text(vin.encode()) == vin
    assert re.fullmatch(profile.vin_pattern or ".*", vin)


FRAMES = st.builds(
    lambda place, data: Frame(0, "can0", place[0], place[1], data),
    st.sampled_from(
        (
            (0x7E6, False), (0x6F1, False), (0x18DA40F1, True), (0x7DF, False), (0x123, False),
            (0x18DB33F1, True),
        )
    ),
    st.one_of(
        st.binary(max_size=8),
        st.builds(
            lambda kind, rest: bytes((kind,)) + rest, st.integers(0, 0x3F), st.binary(max_size=7)
        ),
        st.builds(lambda rest: b"\x26" + rest, st.binary(max_size=7)),
    ),
)  # fmt: skip


@given(st.lists(st.tuples(FRAMES, st.sampled_from((0.0, 0.02, 0.3, 1.5))), max_size=20))
def test_any_frames_are_survived_and_only_the_units_own_ids_answer(
    frames: list[tuple[Frame, float]],
) -> None:
    wire = Wire()
    for heard, wait_s in frames:
        wire.diagnostics.heard(heard, wire.now_s)
        for answer in wire.wait(wait_s):
            assert (answer.id, answer.extended) in {
                (0x7EE, False), (0x626, False), (0x18DAF140, True)
            }  # fmt: skip
            assert len(answer.data) == 8
    wire.wait(2.5)
    assert not wire.diagnostics.busy
