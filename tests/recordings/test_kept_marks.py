"""Marks made while replaying are there at the next replay; the recording stays as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evdiag.packaged import shipped_folder
from evdiag.recordings.kept_marks import KeptMark, keep_mark, kept_marks, marks_file

HOSTILE = "\x1b[2J [red] \u202e\ud800"


def test_marks_are_kept_in_order_and_the_recording_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"frames")
    assert kept_marks(str(path)) == []
    for mark in (KeptMark(7, "here"), KeptMark(0, HOSTILE)):
        assert keep_mark(str(path), mark) is None
    assert kept_marks(str(path)) == [KeptMark(7, "here"), KeptMark(0, HOSTILE)]
    assert path.read_bytes() == b"frames"
    assert b"\x1b" not in (tmp_path / "x.log.marks.jsonl").read_bytes()


def test_what_is_no_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    lines = ["", "{", "[]", '{"row": -1, "text": ""}', '{"row": 1}', '{"row": "1", "text": "a"}']
    (tmp_path / "x.log.marks.jsonl").write_text("\n".join([*lines, '{"row": 1, "text": "a"}']))
    assert kept_marks(str(path)) == [KeptMark(1, "a")]


def test_where_marks_cannot_be_kept_it_is_said(tmp_path: Path) -> None:
    problem = keep_mark(str(tmp_path / "gone" / "x.log"), KeptMark(0, "a"))
    assert problem is not None
    assert "cannot be written" in problem


@pytest.mark.parametrize("name", ["-", os.fspath(shipped_folder("recordings") / "healthy-ac.log")])
def test_beside_what_is_shipped_nothing_is_written(name: str) -> None:
    assert marks_file(name) is None
    assert keep_mark(name, KeptMark(0, "a")) == "marks are not kept for this recording"
    assert kept_marks(name) == []
