"""Tesla's layouts: told apart by the whole recording, never by one bit; in doubt, unknown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.vehicles.layouts import decide_layout, score_layout
from evdiag.vehicles.library import databases, library

TESLA = library().profile("tesla-model3")
MS = 1_000_000

# A plug cycle as (proximity 0x21D 2|2, latch state, plug in), one entry a second.
CYCLE = [(1, 1, 0)] * 5 + [(3, 1, 1)] * 2 + [(3, 2, 1)] * 20 + [(2, 1, 1)] * 3 + [(1, 1, 0)] * 5


def frames(status: list[bytes], proximity: list[int]) -> list[Frame]:
    made = []
    for number, (data, prox) in enumerate(zip(status, proximity, strict=True)):
        at_ns = number * 100 * MS
        made.append(Frame(at_ns, 0, 0x21D, False, bytes((prox << 2, 0, 0, 0, 0, 0, 0, 0))))
        made.append(Frame(at_ns + MS, 0, 0x25D, False, data))
    return made


def old(latch: int, plug: int, engaged: int, control: int = 1) -> bytes:
    """0x25D as of 2020: present 3, secured 4, latchState 5|2, control 16|3, engaged 62."""
    raw = plug << 3 | plug << 4 | latch << 5 | control << 16 | engaged << 62 | 1 << 63
    return raw.to_bytes(8, "little")


def new(latch: int, door_open: int, engaged: int, control: int = 1) -> bytes:
    """0x25D as of 2026: latchState 3|2, power request 5, door 6, control 16|3, engaged 34."""
    raw = latch << 3 | 1 << 5 | door_open << 6 | control << 16 | engaged << 34
    return raw.to_bytes(8, "little")


def decided(made: list[Frame]) -> str | None:
    block = Block.from_frames(made)
    return decide_layout(
        [score_layout(layout, databases(TESLA, layout), block, 0) for layout in TESLA.layouts]
    )


PROXIMITY = [proximity for proximity, _, _ in CYCLE]


def test_the_old_layout() -> None:
    status = [old(latch, plug, int(latch == 2)) for _, latch, plug in CYCLE]
    assert decided(frames(status, PROXIMITY)) == "2020"


def test_the_old_layout_whose_engaged_bit_stays_0() -> None:
    """Seen in a real plug cycle: latchEngaged stays 0 while latchState tells the truth."""
    status = [old(latch, plug, 0) for _, latch, plug in CYCLE]
    assert decided(frames(status, PROXIMITY)) == "2020"


def test_the_new_layout() -> None:
    status = [new(latch, plug, int(latch == 2)) for _, latch, plug in CYCLE]
    assert decided(frames(status, PROXIMITY)) == "2026"


def test_the_new_layout_whose_engaged_bit_stays_0() -> None:
    status = [new(latch, plug, 0) for _, latch, plug in CYCLE]
    assert decided(frames(status, PROXIMITY)) == "2026"


def test_a_parked_car_of_the_new_layout() -> None:
    """Door shut, no plug: read the old way its latch would be 1 all the time."""
    status = [new(1, 0, 0)] * 50
    assert decided(frames(status, [1] * 50)) == "2026"


def test_an_old_cycle_that_is_nearly_all_plugged_in() -> None:
    """The secured and engaged bits stay 0, so the new reading fits nearly every frame as well."""

    def status(latch: int, plug: int) -> bytes:
        return (plug << 3 | latch << 5 | 1 << 16).to_bytes(8, "little")

    cycle = [(1, 1, 0)] * 3 + [(3, 2, 1)] * 60
    made = [status(latch, plug) for _, latch, plug in cycle]
    assert decided(frames(made, [proximity for proximity, _, _ in cycle])) == "2020"


def test_a_bit_that_tells_nothing_decides_nothing() -> None:
    """Plugged in all the time, both readings fit every frame: the layout stays unknown."""
    made = [(1 << 3 | 2 << 5 | 1 << 16).to_bytes(8, "little")] * 40
    assert decided(frames(made, [3] * 40)) is None


@pytest.mark.parametrize("data", [bytes(8), b"\xff" * 8])
def test_frames_that_fit_neither(data: bytes) -> None:
    assert decided(frames([data] * 20, [1] * 20)) is None


def test_no_frame_of_it_at_all() -> None:
    assert decided([Frame(0, 0, 0x118, False, bytes(8))]) is None
    assert decided([]) is None


def test_in_doubt_only_what_the_layouts_share_is_offered() -> None:
    shared = TESLA.layout(None)
    names = {entry.name for entry in shared.signals}
    assert "port.lock" not in names
    assert {"port.plug", "port.lock_command"} <= names


@settings(max_examples=60)
@given(st.lists(st.binary(min_size=8, max_size=8), min_size=30, max_size=30))
def test_noise_is_hardly_ever_a_layout(status: list[bytes]) -> None:
    scores = [
        score_layout(
            layout, databases(TESLA, layout), Block.from_frames(frames(status, [3] * 30)), 0
        )
        for layout in TESLA.layouts
    ]
    assert all(score.share is None or 0 <= score.share <= 1 for score in scores)
