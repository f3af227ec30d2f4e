"""The work on one recording: what goes wrong is said, and nothing escapes."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from evdiag.scan import answers, content
from evdiag.scan.columns import schemas
from evdiag.scan.places import Place, Task
from evdiag.scan.rows import AttemptRow, FindingRow, Left, RecordingRow
from evdiag.scan.tables import Vehicle
from evdiag.scan.work import scanned
from tests.scan.workshop import recordings


def _task(path: Path) -> Task:
    return Task(Place(str(path), 1))


def test_the_tables_have_the_columns_of_the_rows() -> None:
    rows = {
        "recordings": RecordingRow, "attempts": AttemptRow, "findings": FindingRow,
        "vehicles": Vehicle, "bad": Left,
    }  # fmt: skip
    for name, row in rows.items():
        columns = [column for column in schemas()[name].names if column != "paths"]
        assert columns == [field.name for field in fields(row)]


def test_what_comes_back_is_small_and_can_be_sent(tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path, 1)
    done = scanned(_task(drive))
    sent = pickle.dumps(done)
    assert pickle.loads(sent) == done
    assert len(sent) < 20_000


def test_a_file_that_is_written_to_meanwhile_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drive,) = recordings(tmp_path, 1)
    real = answers.sift_capture

    def while_somebody_writes(name: str, *said: object) -> object:
        with drive.open("a") as stream:
            stream.write("(1760001999.000000) can0 123#00\n")
        return real(name, *said)

    monkeypatch.setattr(answers, "sift_capture", while_somebody_writes)
    left = scanned(_task(drive)).left
    assert left is not None
    assert "was written to while it was read" in left.reason


def test_a_file_that_vanishes_is_said_to_be_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drive,) = recordings(tmp_path, 1)
    real = content.opened

    def and_gone(path: Path) -> object:
        found = real(path)
        drive.unlink()
        return found

    monkeypatch.setattr(content, "opened", and_gone)
    for left in (scanned(_task(drive)).left, scanned(_task(drive)).left):
        assert left is not None
        assert left.kind == "bad"
        assert str(drive) in left.reason


def test_a_fault_of_ours_is_said_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str, *said: object) -> object:
        raise ZeroDivisionError("oh\x1b[31m")

    (drive,) = recordings(tmp_path, 1)
    monkeypatch.setattr(answers, "sift_capture", broken)
    left = scanned(_task(drive)).left
    assert left is not None
    assert "ZeroDivisionError: oh␛[31m in test_work.py, line" in left.reason


def test_a_folder_in_a_file_s_place_is_bad(tmp_path: Path) -> None:
    left = scanned(_task(tmp_path)).left
    assert left is not None
    assert "is a folder or no file at all" in left.reason


def test_what_is_known_is_not_scanned(tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path, 1)
    first = scanned(_task(drive))
    copy = shutil.copy(drive, tmp_path / "copy.log")
    assert first.content is not None
    again = scanned(Task(Place(str(copy), 1), known=frozenset([first.content])))
    assert (again.content, again.recording, again.left) == (first.content, None, None)
