"""The index of frames and the filter, against the plain way of saying the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.inputs import Block, Frame
from evdiag.session.frame_index import FrameIndex
from evdiag.session.track import SeenKind
from evdiag.tui.trace_filter import read_filter

frames = st.lists(
    st.builds(
        Frame,
        time_ns=st.integers(0, 10**9),
        channel=st.sampled_from((0, "can1")),
        id=st.sampled_from((0x3B4, 0x3B5, 0x7FF)),
        extended=st.booleans(),
        data=st.sampled_from((b"", b"\0", b"\1", b"\0\0", b"\1\2\3")),
        fd=st.just(False),
        remote=st.just(False),
        error=st.sampled_from((False, False, True)),
        direction=st.none(),
        bitrate_switch=st.just(False),
        error_state_indicator=st.just(False),
        requested_length=st.just(0),
    ),
    max_size=30,
)


def kind_of(frame: Frame) -> tuple[object, ...]:
    return (frame.channel, "error") if frame.error else (frame.channel, frame.id, frame.extended)


@given(frames)
def test_the_index_says_what_a_walk_over_the_frames_says(drawn: list[Frame]) -> None:
    index = FrameIndex(Block.from_frames(drawn))
    last: dict[tuple[object, ...], int] = {}
    for row, frame in enumerate(drawn):
        before = last.get(kind_of(frame))
        assert index.previous[row] == (-1 if before is None else before)
        changed = before is None or drawn[before].data != frame.data
        assert bool(index.changed[row]) == changed
        last[kind_of(frame)] = row
        kind = index.kind_of(row)
        assert (kind.channel, kind.error) == (frame.channel, frame.error)
        assert index.seen(int(index.kind_numbers[row]), row + 1) == sum(
            kind_of(other) == kind_of(frame) for other in drawn[: row + 1]
        )
    for position in range(len(drawn) + 1):
        kinds = {kind_of(frame) for frame in drawn[:position]}
        assert len(index.kinds_seen(position)) == len(kinds)


LOCK = SeenKind("can0", 0x3B4, False, False)
DOORS = SeenKind("can1", 0x2B5, False, False)
LONG = SeenKind("can0", 0x98DA00F1, False, False)
ERROR = SeenKind("can0", 0, True, False)
NAMES = {LOCK: ("CP_Status", "Lock_State", "port.lock"), DOORS: ("Doors", "Front")}


def through(text: str) -> set[SeenKind]:
    chosen = read_filter(text, lambda kind: NAMES.get(kind, ()))
    return {kind for kind in (LOCK, DOORS, LONG, ERROR) if chosen.lets_through(kind)}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", {LOCK, DOORS, LONG, ERROR}),
        ("3B4", {LOCK}),
        ("0x3b4", {LOCK}),
        ("b", {LOCK, DOORS}),
        ("3B0-3BF", {LOCK}),
        ("0B4/0FF", {LOCK}),
        ("lock_st", {LOCK}),
        ("signal:port.lock", {LOCK}),
        ("signal:front 3B4", {LOCK, DOORS}),
        ("channel:can0", {LOCK, LONG, ERROR}),
        ("channel:can0 b4", {LOCK}),
        ("error", {ERROR}),
        ("18DA00F1", {LONG}),
        ("changed", {LOCK, DOORS, LONG, ERROR}),
        ("nothing-like-this", set()),
    ],
)
def test_a_filter_lets_through_what_it_names(text: str, kinds: set[SeenKind]) -> None:
    assert through(text) == kinds


@pytest.mark.parametrize("text", ["3BF-3B0", "signal:", "channel:"])
def test_a_filter_that_cannot_be_meant_is_said(text: str) -> None:
    with pytest.raises(BadInputError):
        read_filter(text, lambda kind: ())


@given(st.text(max_size=20))
def test_any_other_text_is_a_filter(text: str) -> None:
    try:
        read_filter(text, lambda kind: ()).lets_through(LOCK)
    except BadInputError as error:
        assert "\x1b" not in str(error)
