"""The reference car obeys TOOL_Port frames that are valid, and lets go when they end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import Frame
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import library

NONE, UNLOCK, LOCK, OPEN_FLAP = range(4)
STEP_NS = 10_000_000


def crc8_sae_j1850(data: bytes) -> int:
    """Bit by bit, as the catalogue defines it, and not by evdiag's own code."""
    register = 0xFF
    for bit in (byte >> place & 1 for byte in data for place in range(7, -1, -1)):
        top = register >> 7
        register = register << 1 & 0xFF
        if top ^ bit:
            register ^= 0x1D
    return register ^ 0xFF


def tool_frame(request: int, counter: int, *, identifier: int = 0x4E8) -> Frame:
    body = bytes((request, counter % 16, 0, 0, 0, 0, 0))
    return Frame(0, "can0", identifier, False, body + bytes((crc8_sae_j1850(body),)))


class Tooled:
    """A car, a tool that sends every 10 ms, and time as the test tells it."""

    def __init__(self, *acts: str) -> None:
        self.car = WireCar(library().profile("reference"), behind_gateway=True)
        self.now_ns = 0
        self.counter = 0
        for act in acts:
            self.car.car.do(act)
            self.wait(4.0)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 1e9 / STEP_NS)):
            self.now_ns += STEP_NS
            self.car.advance(self.now_ns)

    def hear(self, *frames: Frame) -> None:
        for frame in frames:
            self.now_ns += STEP_NS
            self.car.heard([frame], self.now_ns)
            self.car.advance(self.now_ns)

    def send(self, request: int, times: int) -> None:
        for _ in range(times):
            self.hear(tool_frame(request, self.counter))
            self.counter += 1

    def value(self, name: str) -> object:
        return self.car.car.values[name]

    @property
    def held(self) -> bool:
        return bool(self.car.car.state.holders)


def test_the_checksum_is_the_one_of_the_catalogue() -> None:
    assert crc8_sae_j1850(b"123456789") == 0x4B


def test_three_valid_frames_in_a_row_unlock_and_silence_returns_authority() -> None:
    tool = Tooled("plug_in")
    tool.send(UNLOCK, 2)
    assert not tool.held
    tool.send(UNLOCK, 1)
    assert tool.held
    assert tool.value("port.lock_command") == "unlock"
    tool.send(UNLOCK, 30)
    assert tool.value("port.lock") == "unlocked"
    tool.wait(0.09)
    assert tool.held
    tool.wait(0.02)
    assert not tool.held
    assert tool.value("port.lock") == "unlocked"


def test_three_frames_of_none_return_authority_at_once() -> None:
    tool = Tooled("plug_in")
    tool.send(UNLOCK, 40)
    tool.send(NONE, 2)
    assert tool.held
    tool.send(NONE, 1)
    assert not tool.held


def test_one_request_after_the_other() -> None:
    tool = Tooled("plug_in")
    tool.send(UNLOCK, 70)
    tool.send(LOCK, 70)
    assert tool.value("port.lock") == "locked"
    tool.send(OPEN_FLAP, 3)
    assert tool.car.car.state.holders == {"flap": "a tool by TOOL_Port"}


def test_the_flap_opens_by_frames() -> None:
    tool = Tooled()
    tool.send(OPEN_FLAP, 50)
    assert tool.value("port.flap") == "moving"
    tool.send(OPEN_FLAP, 60)
    assert tool.value("port.flap") == "open"


def changed(frame: Frame, **new: object) -> Frame:
    return frame._replace(**new)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: changed(frame, data=frame.data[:7] + bytes((frame.data[7] ^ 1,))),
        lambda frame: changed(frame, data=frame.data[:7]),
        lambda frame: changed(frame, data=frame.data + b"\x00"),
        lambda frame: changed(frame, id=0x4E9),
        lambda frame: changed(frame, extended=True),
        lambda frame: changed(frame, remote=True),
        lambda frame: changed(frame, error=True),
        lambda frame: tool_frame(UNLOCK, 7),
        lambda frame: tool_frame(4, frame.data[1]),
    ],
    ids=[
        "checksum", "short", "long", "other id", "29 bit", "remote", "error", "stuck counter",
        "unknown request",
    ],
)  # fmt: skip
def test_what_is_not_valid_is_not_obeyed_and_keeps_nothing(
    spoil: Callable[[Frame], Frame],
) -> None:
    tool = Tooled("plug_in")
    tool.hear(*(spoil(tool_frame(UNLOCK, counter)) for counter in range(40)))
    assert not tool.held
    assert tool.value("port.lock") == "locked"
    tool.send(UNLOCK, 5)
    assert tool.held
    tool.hear(*(spoil(tool_frame(UNLOCK, counter)) for counter in range(20, 31)))
    assert not tool.held


def test_a_frame_between_that_is_wrong_or_missing_begins_the_row_anew() -> None:
    tool = Tooled("plug_in")
    for counter in (0, 1, 3, 4):
        tool.hear(tool_frame(UNLOCK, counter))
    assert not tool.held
    tool.hear(tool_frame(UNLOCK, 5))
    assert tool.held


@pytest.mark.parametrize(
    ("request_", "acts", "values"),
    [
        (UNLOCK, ("plug_in", "start_ac"), {}),
        (UNLOCK, ("plug_in", "low_battery"), {}),
        (UNLOCK, ("plug_in",), {"vehicle.speed": 1.0}),
        (UNLOCK, ("plug_in",), {"vehicle.gear": "D"}),
        (UNLOCK, ("plug_in",), {"port.inlet_voltage": 60.0}),
        (LOCK, (), {}),
        (OPEN_FLAP, (), {"vehicle.gear": "N"}),
    ],
)
def test_in_the_wrong_condition_nothing_moves(
    request_: int, acts: tuple[str, ...], values: dict[str, float | str]
) -> None:
    tool = Tooled(*acts)
    for name, value in values.items():
        tool.car.car.state.set(name, value)
    before = dict(tool.car.car.values)
    tool.send(request_, 20)
    assert not tool.held
    assert tool.value("port.lock") == before["port.lock"]
    assert tool.value("port.flap") == before["port.flap"]


def test_a_request_that_goes_on_is_obeyed_when_the_car_is_ready_for_it() -> None:
    tool = Tooled("plug_in")
    tool.car.car.state.set("vehicle.gear", "D")
    tool.send(UNLOCK, 10)
    tool.car.car.state.set("vehicle.gear", "P")
    tool.send(UNLOCK, 1)
    assert tool.held


def test_a_lock_that_stalls_is_driven_once_for_each_request() -> None:
    tool = Tooled("plug_in")
    tool.car.car.do("hang_cable")
    tool.send(UNLOCK, 200)
    stalls = [each for each in tool.car.car.truth if "stays where it is" in each.what]
    assert len(stalls) == 1
    assert tool.value("port.lock_command") == "idle"


def test_a_tool_and_a_tester_do_not_share_the_lock() -> None:
    tool = Tooled("plug_in")
    tool.send(UNLOCK, 70)
    unit = tool.car.unit(0x7E6)
    unit.request(bytes.fromhex("1003"), tool.now_ns / 1e9)
    unit.request(bytes.fromhex("2fe0100301"), tool.now_ns / 1e9)
    said = unit.due(tool.now_ns / 1e9 + 0.05)
    assert [each.hex() for each in said] == ["5003003201f4", "7f2f22"]


def test_a_module_that_was_reset_wants_three_frames_again_and_is_deaf_meanwhile() -> None:
    tool = Tooled("plug_in")
    tool.send(UNLOCK, 70)
    tool.car.unit(0x7E6).reset()
    assert not tool.held
    tool.send(UNLOCK, 49)
    assert not tool.held
    tool.send(UNLOCK, 2)
    assert not tool.held
    tool.send(UNLOCK, 2)
    assert tool.held


def test_a_dead_module_hears_nothing() -> None:
    tool = Tooled("plug_in")
    tool.car.car.do("break lock_module")
    tool.send(UNLOCK, 20)
    assert not tool.held


def test_a_tool_wakes_the_car() -> None:
    tool = Tooled("sleep")
    tool.send(NONE, 1)
    assert not tool.car.car.state.asleep


def test_other_cars_have_no_ear_for_it() -> None:
    car = WireCar(library().profile("vw-eup"))
    for counter in range(10):
        car.heard([tool_frame(OPEN_FLAP, counter)], counter * STEP_NS)
    assert car.car.values["port.flap"] == "closed"
    assert not car.is_request(tool_frame(UNLOCK, 0))


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 15), st.sampled_from((0, 1, 5, 12))),
        max_size=30,
    )
)
def test_authority_always_comes_back(frames: list[tuple[int, int, int]]) -> None:
    tool = Tooled("plug_in")
    for request, counter, pause in frames:
        tool.hear(tool_frame(request, counter))
        tool.wait(pause * 0.01)
    tool.wait(0.11)
    assert tool.car.authority.returned, tool.car.authority.reasons
