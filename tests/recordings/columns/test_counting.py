"""A block is counted, and its clock judged, as its frames would be one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.inputs.piece import Piece
from evdiag.recordings.clock import MICROSECOND_COUNTER, MINUTE, Clock, Wrap
from evdiag.recordings.columns.counting import Counter
from evdiag.recordings.report import STEPS_KEPT, ReadReport

STAMPS = st.integers(-3, 9) | st.integers(-(10**10), 10**11)
CHANNELS = st.sampled_from([0, 1, "can0", "can1"])


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    extended = draw(st.booleans())
    kind = draw(st.sampled_from(["data", "data", "fd", "remote", "error"]))
    return Frame(
        draw(STAMPS),
        draw(CHANNELS),
        draw(st.sampled_from([0, 1, 0x10001, 0x7FF] if extended else [0, 1, 0x7FF])),
        extended,
        b"" if kind == "remote" else bytes(draw(st.integers(0, 64 if kind == "fd" else 8))),
        fd=kind == "fd",
        remote=kind == "remote",
        error=kind == "error",
        requested_length=draw(st.integers(0, 8)) if kind == "remote" else 0,
    )


GROUPS = st.lists(st.lists(frames(), max_size=20), max_size=6)


@given(groups=GROUPS)
def test_counts_are_those_of_the_frames(groups: list[list[Frame]]) -> None:
    one_by_one, in_blocks = ReadReport("test"), ReadReport("test")
    counter = Counter(in_blocks)
    for number, group in enumerate(groups):
        for frame in group:
            one_by_one.add(frame)
        if number % 3 == 2:
            for frame in group:
                in_blocks.add(frame)
        else:
            counter.count(Piece.of(Block.from_frames(group)))
    counter.settle()
    assert in_blocks == one_by_one
    assert list(in_blocks.ids) == list(one_by_one.ids)
    assert list(in_blocks.channels) == list(one_by_one.channels)


def test_more_ids_than_any_table_has_entries() -> None:
    """As in a file that is no recording: each id is counted, at its own distances."""
    ids = 70_000
    made = [
        Frame(turn * 10**6 + n, "can0", n * 4099 % (1 << 29), True, b"")
        for turn in range(4)
        for n in range(ids)
    ]
    one_by_one, in_blocks = ReadReport("test"), ReadReport("test")
    counter = Counter(in_blocks)
    for frame in made:
        one_by_one.add(frame)
    for part in (made[: 3 * ids], made[3 * ids :]):
        counter.count(Piece.of(Block.from_frames(part)))
    counter.settle()
    assert in_blocks == one_by_one
    assert list(in_blocks.ids) == list(one_by_one.ids)


def test_no_more_than_the_first_distances_are_kept() -> None:
    made = [Frame(n * n, "can0", n % 2, False, b"") for n in range(3 * STEPS_KEPT)]
    one_by_one, in_blocks = ReadReport("test"), ReadReport("test")
    for frame in made:
        one_by_one.add(frame)
    counter = Counter(in_blocks)
    for first in range(0, len(made), 77):
        counter.count(Piece.of(Block.from_frames(made[first : first + 77])))
    counter.settle()
    assert in_blocks == one_by_one
    assert len(in_blocks.ids["can0", 0].steps_ns) == STEPS_KEPT


@given(
    groups=st.lists(st.lists(STAMPS, max_size=12), max_size=4),
    wrap=st.sampled_from([None, MINUTE, MICROSECOND_COUNTER]),
    scale=st.sampled_from([(1, 1), (1000, 1)]),
)
def test_a_clock_is_judged_as_stamp_by_stamp(
    groups: list[list[int]], wrap: Wrap | None, scale: tuple[int, int]
) -> None:
    reports = ReadReport("test"), ReadReport("test")
    careful, fast = (Clock(report, unit_ns=1, scale=scale, wrap=wrap) for report in reports)
    for group in groups:
        seen = [careful.see(stamp) for stamp in group]
        assert fast.see_all(np.array(group, np.int64)).tolist() == seen
    careful.finish()
    fast.finish()
    assert reports[0] == reports[1]


@given(groups=GROUPS)
def test_channels_in_order_of_appearance(groups: list[list[Frame]]) -> None:
    made = [frame for group in groups for frame in group]
    block = Block.from_frames(made)
    unused = replace(
        block, channels=("can9", *block.channels[::-1]), channel=len(block.channels) - block.channel
    )
    assert unused.in_order_of_appearance().channels == block.channels
    assert list(unused.in_order_of_appearance().frames()) == made


@pytest.mark.parametrize("chosen", [slice(1, 3), np.array([2, 0])])
def test_rows_of_a_block(chosen: slice | np.ndarray[tuple[int], np.dtype[np.intp]]) -> None:
    made = [Frame(n, n, n, False, bytes(n)) for n in range(4)]
    picked = list(Block.from_frames(made).rows(chosen).frames())
    assert picked == [made[n] for n in np.arange(4)[chosen]]
