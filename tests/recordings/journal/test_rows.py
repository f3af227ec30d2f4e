"""Rows and lines hold what they are given."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import BusEvent, BusEventKind, Frame, Input, Mark
from evdiag.recordings.journal.header import NotAJournalError, read_header
from evdiag.recordings.journal.lines import line_writer
from evdiag.recordings.journal.rows import Row, UnknownKindError, row_of, row_text
from evdiag.recordings.journal.words import Alarm, CarFiles, End, Trigger, Vin
from tests.recordings.journal.inputs_drawn import HEADER, notes, ticks

S = 1_000_000_000


@given(notes | ticks, st.integers(0, 1 << 40), st.booleans())
def test_a_row_reads_back_as_it_was(item: Input, after_frame: int, repeated: bool) -> None:
    line = row_text(item, after_frame, repeated=repeated)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert row_of(line) == Row(after_frame, item, repeated)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "word",
    [
        CarFiles("reference", "ab", (("reference.dbc", "cd"),)),
        Vin("WBY1Z21000V000000"),
        Alarm(S, "the disk was full"),
        Trigger(S, "mark: now"),
        End(S, 7, True),
    ],
)
def test_the_recorders_own_words_read_back(word: Vin) -> None:
    assert row_of(row_text(word, 3)) == Row(3, word)


@pytest.mark.parametrize("channel", [0, "", "can 0", "can0\n"])
def test_a_channel_that_candump_cannot_hold_is_refused(channel: int | str) -> None:
    with pytest.raises(ValueError, match="name without blanks"):
        line_writer()(Frame(0, channel, 1, False, b""))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "7",
        "[" * 100_000,
        '{"kind": "tick"}',
        '{"kind": 7, "after_frame": 0}',
        '{"kind": "tick", "after_frame": -1, "time_ns": 0}',
        '{"kind": "tick", "after_frame": 0, "time_ns": true}',
        '{"kind": "tick", "after_frame": 0, "time_ns": 1e400}',
        '{"kind": "mark", "after_frame": 0, "time_ns": 0, "text": 7}',
        '{"kind": "bus", "after_frame": 0, "time_ns": 0, "event": "?", "channel": 0, "count": 0,'
        ' "detail": ""}',
        '{"kind": "identified", "after_frame": 0, "time_ns": 0, "vehicle": "x", "layout": null,'
        ' "channels": [["a"]], "confidence": 1, "from_frame": 0}',
    ],
)
def test_what_is_no_row_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        row_of(line)


def test_a_row_of_a_newer_version_is_told_apart() -> None:
    with pytest.raises(UnknownKindError):
        row_of('{"kind": "temperature", "after_frame": 0}')


def test_foreign_text_cannot_act_on_a_terminal() -> None:
    event = BusEvent(S, BusEventKind.LOST, "can0", 0, "\x1b[2J gone\u202e")
    line = row_text(event, 0)
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert json.loads(line)["detail"] == event.detail
    assert row_of(row_text(Mark(S, "\ud800"), 0)).entry == Mark(S, "\ud800")


def test_a_header_reads_back_as_it_was() -> None:
    header = HEADER.knowing(CarFiles("kona", "12", (("kona.dbc", "34"),))).knowing(Vin("V1N"))
    assert read_header(header.row()) == header


def test_a_header_of_somebody_elses_file_is_told_from_a_torn_one() -> None:
    with pytest.raises(NotAJournalError):
        read_header('{"recording": "x.log"}\n')
    for torn in ("", HEADER.row()[:40], HEADER.row()[:-1], "{}[]", "[" * 100_000):
        with pytest.raises(ValueError, match=r"."):
            read_header(torn)
