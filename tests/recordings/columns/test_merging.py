"""Pieces joined and cut hold the rows that one would expect, their data as well."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.merging import merged, part

FRAMES = st.builds(
    lambda time_ns, channel, data: Frame(time_ns, channel, time_ns % 9, False, data, len(data) > 8),
    st.integers(0, 10**12),
    st.sampled_from([0, 1, "can0"]),
    st.binary(max_size=8) | st.just(bytes(range(64))),
)


@given(
    frames=st.lists(FRAMES.filter(lambda frame: not frame.fd), max_size=12),
    others=st.lists(FRAMES, min_size=1, max_size=6),
    data=st.data(),
)
def test_frames_are_put_in_where_they_belong(
    frames: list[Frame], others: list[Frame], data: st.DataObject
) -> None:
    place = st.integers(0, len(frames))
    before = sorted(data.draw(st.lists(place, min_size=len(others), max_size=len(others))))
    expected = list(frames)
    for at, frame in reversed(list(zip(before, others, strict=True))):
        expected.insert(at, frame)
    whole = merged(
        Piece.of(Block.from_frames(frames)), Block.from_frames(others), np.array(before, np.intp)
    )
    assert list(whole.block().frames()) == expected
    chosen = data.draw(st.lists(st.integers(0, len(expected) - 1), max_size=5))
    picked = whole.block(np.array(chosen, np.intp))
    assert list(picked.frames()) == [expected[row] for row in chosen]
    first, end = sorted(data.draw(st.tuples(*[st.integers(0, len(expected))] * 2)))
    cut = part(whole, first, end)
    assert list(cut.block().frames()) == expected[first:end]
    assert list(cut.block(slice(1, 3)).frames()) == expected[first:end][1:3]
