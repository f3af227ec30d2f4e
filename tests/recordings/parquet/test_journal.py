"""A journal goes into one archive and comes out as its files; reading the archive replays it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Input
from evdiag.recordings import open_recording
from evdiag.recordings.journal import Journal
from evdiag.recordings.journal.names import PACKED
from evdiag.recordings.source import Source
from tests.recordings.journal.inputs_drawn import HEADER, inputs
from tests.recordings.journal.numbered import frame
from tests.recordings.parquet.through import archived, assert_reads_the_same, facts_of, restored


def _plain(path: Path) -> bytes:
    with Source(path).open() as stream:
        return stream.read()


def _assert_comes_back(log: Path, folder: Path) -> None:
    archive = archived(log, folder)
    parts = sorted(path for path in log.parent.iterdir() if path.suffix != ".parquet")
    expected = {path.name.removesuffix(PACKED): _plain(path) for path in parts}
    assert dict(restored(archive)) == expected
    assert_reads_the_same(log, archive)
    source, copy = open_recording(log), open_recording(archive)
    for recording in (source, copy):
        recording.read_through()
    assert source.journal is not None
    assert copy.journal is not None
    for name in ("header", "inputs", "words", "car", "vin", "closed", "is_whole"):
        assert getattr(copy.journal, name) == getattr(source.journal, name)
    assert copy.name == str(archive)


@settings(max_examples=60)
@given(st.lists(inputs, min_size=1, max_size=40), st.booleans(), st.sampled_from((None, None, 600)))
def test_any_journal_comes_back(
    items: list[Input], compress: bool, rotate_bytes: int | None
) -> None:
    with TemporaryDirectory() as folder, TemporaryDirectory() as elsewhere:
        journal = Journal(Path(folder), HEADER, rotate_bytes=rotate_bytes, compress=compress)
        for item in items:
            journal.write([item])
        journal.close()
        log = journal.path.with_name(journal.path.name + PACKED * compress)
        _assert_comes_back(log, Path(elsewhere))


def _journal(folder: Path) -> Path:
    journal = Journal(folder, HEADER)
    journal.write([frame(number) for number in range(500)])
    journal.close()
    return journal.path


@pytest.mark.parametrize("suffix", [".log", ".jsonl"])
def test_torn_ends_come_back(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    log = _journal(tmp_path / "journal")
    torn = log.with_suffix(suffix)
    torn.write_bytes(torn.read_bytes()[:-5])
    _assert_comes_back(log, tmp_path)


def test_a_side_file_that_cannot_be_read_comes_back_and_is_still_said(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    log = _journal(tmp_path / "journal")
    side = log.with_suffix(".jsonl")
    side.write_text("garbage\n")
    archive = archived(log, tmp_path)
    assert dict(restored(archive)) == {log.name: log.read_bytes(), side.name: b"garbage\n"}
    assert_reads_the_same(log, archive)
    labels = [found.kind.label for found in open_recording(archive).read_through().anomalies]
    assert "side_file" in labels


def test_a_side_file_without_its_first_row_comes_back_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    log = _journal(tmp_path / "journal")
    side = log.with_suffix(".jsonl")
    side.write_bytes(side.read_bytes().partition(b"\n")[2])
    archive = archived(log, tmp_path)
    assert dict(restored(archive)) == {log.name: log.read_bytes(), side.name: side.read_bytes()}
    assert_reads_the_same(log, archive)
    labels = [found.kind.label for found in open_recording(archive).read_through().anomalies]
    assert "side_file" in labels


def test_a_part_that_cannot_be_read_comes_back_and_is_still_said(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    journal = Journal(folder, HEADER, rotate_bytes=2000)
    journal.write([frame(number) for number in range(100)])
    journal.close()
    torn = max(folder.glob("*.jsonl"))
    torn.write_bytes(torn.read_bytes()[:40])
    archive = archived(journal.path, tmp_path)
    assert dict(restored(archive)) == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert_reads_the_same(journal.path, archive)
    labels = [found.kind.label for found in open_recording(archive).read_through().anomalies]
    assert "lost_parts" in labels


def test_opened_by_its_rows_it_is_the_same_archive(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    log = _journal(tmp_path / "journal")
    facts = facts_of(archived(log, tmp_path))
    assert facts_of(archived(log.with_suffix(".jsonl"), tmp_path)).text() == facts.text()
    assert facts.form["form"] == "candump"
