"""Signals by columns, stretch by stretch, are the signals frame by frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evdiag.databases.layout import SignalLayout
from evdiag.signals.changes import same_raw
from evdiag.signals.compiled import compile_message
from evdiag.signals.decoding import Decoder, FrameColumns, Wanted
from tests.signals.layouts import columns, frames_for, message_layouts, signal_layouts
from tests.signals.test_compiled import message, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.signals.decoding import Decoded

ADDRESSES = [("can0", 0x123), ("can0", 0x124), (1, 0x123)]

Stretch = list[tuple[int, bytes]]
"""Frames: an index into ADDRESSES, and the data."""


@st.composite
def wanted_and_stretches(draw: st.DrawFn) -> tuple[dict[int, list[Wanted]], list[Stretch]]:
    """Two messages of one key and one of another, and their frames in several stretches."""
    layouts = [draw(message_layouts()) for _ in range(3)]
    made = [[Wanted(f"M{n}", s) for s in compile_message(x).signals] for n, x in enumerate(layouts)]
    wanted = {0x123: made[0] + made[1], 0x124: made[2]}
    data = frames_for(layouts[0]) | frames_for(layouts[2])
    frames = [
        (draw(st.integers(0, 2)), frame)
        for _ in range(draw(st.integers(0, 3)))
        for frame in draw(data)
    ]
    cuts = sorted(draw(st.lists(st.integers(0, len(frames)), max_size=3)))
    return wanted, [frames[a:b] for a, b in zip([0, *cuts], [*cuts, len(frames)], strict=True)]


@given(wanted_and_stretches(), st.booleans())
def test_columns_give_the_rows_of_frames(
    given_: tuple[dict[int, list[Wanted]], list[Stretch]], changes_only: bool
) -> None:
    wanted, stretches = given_
    decoder = Decoder(wanted, changes_only=changes_only)
    last: dict[Any, Any] = {}
    for stretch in stretches:
        decoded = decoder.decode(in_columns(stretch), ADDRESSES)
        assert rows_of(decoded) == list(frame_by_frame(stretch, wanted, last, changes_only))


def frame_by_frame(
    stretch: Stretch, wanted: dict[int, list[Wanted]], last: dict[Any, Any], changes_only: bool
) -> Iterator[Any]:
    """The rows, one by one: stamp, address, message, signal, raw value."""
    for place, (number, data) in enumerate(stretch):
        address = ADDRESSES[number]
        for order, (name, signal) in enumerate(wanted[address[1]]):
            raw = signal.raw(data)
            if raw is None or (changes_only and same_raw(raw, last.get((address, order)))):
                continue
            last[address, order] = raw
            yield place, address, name, signal.name, plain(raw)


def in_columns(stretch: Stretch) -> FrameColumns:
    data, length = columns([data for _, data in stretch])
    numbers = np.array([number for number, _ in stretch], np.int32)
    return FrameColumns(np.arange(len(stretch)), numbers, length, data)


def rows_of(decoded: Decoded) -> list[Any]:
    rows: list[Any] = [None] * len(decoded)
    of_row = np.repeat(decoded.time_ns, decoded.counts).tolist()
    for channel, key, frames, signals in decoded.addresses:
        here = set(decoded.time_ns[frames].tolist())
        for (name, signal), places, raws in signals:
            for place, raw in zip(places.tolist(), raws.tolist(), strict=True):
                assert rows[place] is None
                assert of_row[place] in here
                rows[place] = of_row[place], (channel, key), name, signal.name, plain(raw)
    return rows


@given(st.data())
def test_values_by_columns_are_values_one_by_one(data: st.DataObject) -> None:
    layout = message(data.draw(signal_layouts(64, longest=90)), length=64)
    signal = compile_message(layout).signals[0]
    frames = data.draw(frames_for(layout))
    raws, present = signal.raws(*columns(frames))
    raws = raws[present]
    numbers = signal.text_numbers(raws).tolist()
    scaled = signal.scaled_all(raws).tolist()
    found = [signal.texts[n] if n >= 0 else value for n, value in zip(numbers, scaled, strict=True)]
    assert [plain(value) for value in found] == [plain(signal.value(raw)) for raw in raws.tolist()]
    assert [plain(value) for value in scaled] == [
        plain(signal.scaled(raw)) for raw in raws.tolist()
    ]


def test_whole_numbers_outgrow_their_column_unharmed() -> None:
    layout = SignalLayout("S", 0, 64, True, False, scale=1000, offset=-7)
    signal = compile_message(message(layout)).signals[0]
    raws, _ = signal.raws(*columns([b"\xff" * 8, bytes(8)]))
    assert signal.scaled_all(raws).tolist() == [(2**64 - 1) * 1000 - 7, -7]


def test_texts_of_numbers_at_the_ends_of_a_column() -> None:
    choices = ((2**64 - 1, "Not available"), (-1, "Never"), (0, "Off"))
    layout = SignalLayout("S", 0, 64, True, False, choices=choices)
    signal = compile_message(message(layout)).signals[0]
    raws, _ = signal.raws(*columns([b"\xff" * 8, bytes(8), b"\x01" + bytes(7)]))
    assert signal.text_numbers(raws).tolist() == [0, 2, -1]


def test_a_float_has_the_text_of_its_whole_part() -> None:
    layout = SignalLayout("S", 0, 32, True, False, True, choices=((1, "On"),))
    signal = compile_message(message(layout)).signals[0]
    values = np.array([1.5, 2.0, math.nan, math.inf])
    assert signal.text_numbers(values).tolist() == [0, -1, -1, -1]


def test_no_frames_are_no_rows() -> None:
    decoded = Decoder({}).decode(in_columns([]), [])
    assert len(decoded) == 0
    assert decoded.addresses == []
