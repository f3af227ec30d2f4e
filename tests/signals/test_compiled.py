"""Compiled signals read what the layout says, scalar as columnar as cantools."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
from evdiag.signals.changes import changes_columns, changes_scalar
from evdiag.signals.compiled import compile_message
from tests.signals.layouts import (
    cantools_message,
    columns,
    frames_for,
    message_layouts,
    signal_layouts,
)


def message(*signals: SignalLayout, length: int = 8) -> MessageLayout:
    return MessageLayout("M", 0x123, False, length, signals)


def plain(value: Any) -> Any:
    """A value that can be compared: NaN as a word, whole and real numbers apart."""
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return type(value).__name__, value


@given(st.data())
def test_every_signal_decodes_as_in_cantools(data: st.DataObject) -> None:
    layout = message(data.draw(signal_layouts(8)))
    frame = data.draw(st.binary(min_size=8, max_size=8))
    signal = compile_message(layout).signals[0]
    theirs = cantools_message(layout, layout.signals[0])

    raw = signal.raw(frame)

    assert raw is not None
    assert plain(raw) == plain(theirs.decode(frame, decode_choices=False, scaling=False)["S"])
    assert plain(signal.scaled(raw)) == plain(theirs.decode(frame, decode_choices=False)["S"])
    assume(not (signal.layout.choices and not math.isfinite(raw)))  # cantools raises
    value = theirs.decode(frame)["S"]
    value = value if isinstance(value, (int, float)) else str(value)
    assert plain(signal.value(raw)) == plain(value)


@given(st.data())
def test_a_short_frame_carries_the_signals_that_fit(data: st.DataObject) -> None:
    layout = message(data.draw(signal_layouts(8)))
    frame = data.draw(st.binary(max_size=8))
    signal = compile_message(layout).signals[0]

    theirs = cantools_message(layout, layout.signals[0]).decode(
        frame, decode_choices=False, scaling=False, allow_truncated=True
    )

    assert plain(signal.raw(frame)) == plain(theirs.get("S"))


@given(st.data())
def test_columns_hold_what_frames_hold(data: st.DataObject) -> None:
    layout = data.draw(message_layouts())
    frames = data.draw(frames_for(layout))
    for signal in compile_message(layout).signals:
        raws, present = signal.raws(*columns(frames))
        found = [raw if there else None for raw, there in zip(raws.tolist(), present, strict=True)]
        assert [plain(raw) for raw in found] == [plain(signal.raw(data)) for data in frames]


@given(st.data())
def test_scalar_and_columnar_changes_are_the_same(data: st.DataObject) -> None:
    layout = data.draw(message_layouts())
    frames = data.draw(frames_for(layout))
    compiled = compile_message(layout)

    scalar = list(changes_scalar(compiled, frames))
    columnar = changes_columns(compiled, *columns(frames))

    def shown(changes: list[Any]) -> list[Any]:
        return [(c.row, c.signal.name, plain(c.raw), plain(c.value)) for c in changes]

    assert shown(scalar) == shown(columnar)


def test_first_sight_and_new_values_are_changes() -> None:
    compiled = compile_message(message(SignalLayout("S", 0, 8, True, False)))
    frames = [b"\x05", b"\x05", b"", b"\x05", b"\x06", b"\x05"]
    assert [(c.row, c.raw) for c in changes_scalar(compiled, frames)] == [(0, 5), (4, 6), (5, 5)]


def test_nan_after_nan_is_no_change() -> None:
    compiled = compile_message(message(SignalLayout("S", 0, 16, True, False, True)))
    frames = [b"\x00\x7e", b"\x01\x7e", b"\x00\x3c", b"\x00\x7e"]
    expected = [0, 2, 3]
    assert [c.row for c in changes_scalar(compiled, frames)] == expected
    assert [c.row for c in changes_columns(compiled, *columns(frames))] == expected


def test_overlapping_signals_are_both_read() -> None:
    whole = SignalLayout("Whole", 0, 16, True, False)
    part = SignalLayout("Part", 4, 8, True, False)
    signals = compile_message(message(whole, part)).signals
    assert [signal.raw(b"\x34\x12") for signal in signals] == [0x1234, 0x23]


def test_a_signal_beyond_the_message_is_read_where_the_frame_is_long_enough() -> None:
    signal = compile_message(message(SignalLayout("S", 8, 8, True, False), length=1)).signals[0]
    assert signal.raw(b"\x01") is None
    assert signal.raw(b"\x01\x02") == 2


def test_a_page_is_read_only_where_all_its_switches_agree() -> None:
    outer = SignalLayout("Outer", 0, 8, True, False, is_switch=True)
    in_outer = MultiplexCondition("Outer", ((1, 3), (7, 1_000_000_000)))
    inner = SignalLayout("Inner", 8, 8, True, False, is_switch=True, conditions=(in_outer,))
    in_inner = MultiplexCondition("Inner", ((2, 2),))
    value = SignalLayout("Value", 16, 8, True, False, conditions=(in_outer, in_inner))
    signal = compile_message(message(outer, inner, value)).signals[2]
    assert signal.raw(b"\x03\x02\x2a") == 0x2A
    assert signal.raw(b"\xff\x02\x2a") == 0x2A
    assert signal.raw(b"\x04\x02\x2a") is None
    assert signal.raw(b"\x03\x03\x2a") is None
    assert signal.raw(b"\x03\x02") is None


@pytest.mark.parametrize("page", [-1, 255])
def test_a_signed_switch_takes_its_pages_either_way(page: int) -> None:
    switch = SignalLayout("Switch", 0, 8, True, True, is_switch=True)
    condition = MultiplexCondition("Switch", ((page, page),))
    value = SignalLayout("Value", 8, 8, True, False, conditions=(condition,))
    signal = compile_message(message(switch, value)).signals[1]
    frames = [b"\xff\x2a", b"\x01\x2a", b"\x00\x2a"]
    assert [signal.raw(data) for data in frames] == [0x2A, None, None]
    assert signal.raws(*columns(frames))[1].tolist() == [True, False, False]


def test_a_signal_of_more_than_64_bits_is_a_whole_number_both_ways() -> None:
    signal = compile_message(message(SignalLayout("S", 0, 80, True, True), length=10)).signals[0]
    frames = [b"\xff" * 10, b"\x01" + bytes(9)]
    raws, present = signal.raws(*columns(frames))
    assert [signal.raw(data) for data in frames] == raws.tolist() == [-1, 1]
    assert present.all()
    raws, present = signal.raws(*columns([b"\xff" * 8]))
    assert raws.dtype == object
    assert not present.any()


def test_the_top_bit_of_64_stays_a_number() -> None:
    signal = compile_message(message(SignalLayout("S", 0, 64, True, False))).signals[0]
    raws, _ = signal.raws(*columns([b"\xff" * 8]))
    assert raws.dtype == np.uint64
    assert raws.tolist() == [2**64 - 1]


def test_whole_numbers_stay_whole() -> None:
    layout = SignalLayout("S", 0, 8, True, False, scale=2.0, offset=-40)
    signal = compile_message(message(layout)).signals[0]
    assert plain(signal.value(21)) == ("int", 2)
    signal = compile_message(message(layout._replace(scale=0.1, offset=0))).signals[0]
    assert plain(signal.value(3)) == ("float", 3 * 0.1)


@pytest.mark.parametrize(
    "layout",
    [
        SignalLayout("S", 0, 0, True, False),
        SignalLayout("S", 0, 24, True, False, True),
        SignalLayout("S", 0, 8, True, False, conditions=(MultiplexCondition("No", ((1, 1),)),)),
    ],
)
def test_impossible_layouts_are_refused(layout: SignalLayout) -> None:
    with pytest.raises(ValueError, match=r"S|No"):
        compile_message(message(layout))
