"""Which recordings a recorder has begun, and which of them are complete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evdiag.recordings.journal.state import JournalState


def test_a_recording_is_ended_once_nothing_is_written_to_it_any_more(tmp_path: Path) -> None:
    parts = tuple(tmp_path / name for name in ("drive.log", "drive.part002.log", "other.log.zst"))
    writing = JournalState(0, parts, writing_since_ns=1)
    assert [file.name for file in writing.begun] == ["drive.log", "other.log.zst"]
    assert [file.name for file in writing.ended] == ["drive.log"]
    assert replace(writing, writing_since_ns=None).ended == writing.begun
    assert replace(writing, closed=True).ended == writing.begun
    assert JournalState(0).ended == []
