"""`evdiag archive`: a folder by vehicle and day, whatever goes wrong on the way."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from evdiag.archive import making
from evdiag.packaged import shipped_folder
from evdiag.recordings import convert, open_recording
from evdiag.recordings.opening import Opened
from evdiag.recordings.parquet.facts import ArchiveFacts
from tests.cli.in_process import CommandLine, Said

STORIES = ("healthy-ac", "frozen")


@pytest.fixture
def evdiag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


def _shipped(name: str) -> Path:
    return shipped_folder("recordings") / f"{name}.log"


def _archived(evdiag: CommandLine, folder: Path, *names: str) -> list[str]:
    said = evdiag("archive", "make", *names, "--to", str(folder), "--format", "jsonl")
    assert said.code == 0, said.err
    return [row["archive"] for row in said.rows]


def test_recordings_lie_by_vehicle_and_day(evdiag: CommandLine, tmp_path: Path) -> None:
    said = evdiag("archive", "make", *STORIES, "--to", str(tmp_path / "new"), "--format", "jsonl")
    assert said.code == 0
    for name, row in zip(STORIES, said.rows, strict=True):
        path = Path(row["archive"])
        assert path.parent == tmp_path / "new" / "vehicle=reference" / "day=2025-10-09"
        assert path.name == f"{name}-{row['sha256'][:8]}.parquet"
        assert row["archive_bytes"] == path.stat().st_size
        assert row["source_bytes"] == _shipped(name).stat().st_size
        assert row["ratio"] == round(row["archive_bytes"] / row["source_bytes"], 4)
        assert (row["vehicle"], row["day"], row["gives_back"]) == (
            "reference",
            "2025-10-09",
            "bytes",
        )
    assert [path for path in (tmp_path / "new").rglob("*") if path.name.startswith(".")] == []


@pytest.mark.parametrize("is_gone", [False, True])
def test_what_changes_while_it_is_archived_is_said(
    evdiag: CommandLine, is_gone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = tmp_path / "drive.log"
    shutil.copy(_shipped("frozen"), drive)
    write = making.write_archive

    def written_meanwhile(found: Opened, path: Path, **how: Any) -> ArchiveFacts:
        if is_gone:
            drive.unlink()
        else:
            drive.write_bytes(drive.read_bytes()[:9_000])
        return write(found, path, **how)

    monkeypatch.setattr(making, "write_archive", written_meanwhile)
    said = evdiag("archive", "make", str(drive), "--to", str(tmp_path / "new"))
    assert said.code == 2
    assert "drive.log was written to or taken away while it was archived" in said.err
    assert list((tmp_path / "new").rglob("*.parquet")) == []


def test_what_comes_over_a_pipe_goes_by_its_own_name(
    evdiag: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"nothing of the kind\n" * 9)))
    said = evdiag("archive", "make", "-", "--to", str(tmp_path / "new"))
    assert said.code == 2
    assert said.err.startswith("evdiag: standard input is not a recording")


def test_an_archive_is_never_written_over(evdiag: CommandLine, tmp_path: Path) -> None:
    (archive,) = _archived(evdiag, tmp_path / "made", "frozen")
    before = Path(archive).read_bytes()
    for words in (("restore", archive, "--to", str(tmp_path / "back")), ("check", archive)):
        said = evdiag("archive", *words, "--format", "csv", "--output", archive, "--force")
        assert (said.code, "is what is read" in said.err) == (2, True)
        assert Path(archive).read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_archived(evdiag: CommandLine, tmp_path: Path) -> None:
    pipe, content = tmp_path / "pipe", _shipped("frozen").read_bytes()
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    (archive,) = _archived(evdiag, tmp_path / "made", str(pipe))
    writer.join()
    assert evdiag("archive", "restore", archive, "--to", str(tmp_path / "back")).code == 0
    (back,) = (tmp_path / "back").iterdir()
    assert back.read_bytes() == content


def test_a_recording_of_no_known_car_and_no_date(evdiag: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "dr ive=1.csv"
    rows = "".join(f"{n * 1000},0000010F,false,0,1,00\n" for n in range(200))
    path.write_text("Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n" + rows)
    (archive,) = _archived(evdiag, tmp_path / "to", str(path))
    assert Path(archive).parent == tmp_path / "to" / "vehicle=unknown" / "day=undated"
    assert Path(archive).name.startswith("dr-ive-1-")
    (named,) = evdiag(
        *("archive", "make", str(path), "--to", str(tmp_path / "to")),
        *("--vehicle", "bmw-i3", "--format", "jsonl"),
    ).rows
    assert named["vehicle"] == "bmw-i3"
    assert "vehicle=bmw-i3" in named["archive"]


@pytest.mark.parametrize("command", ["info", "timeline", "attempts", "diagnose", "identify"])
def test_every_command_says_of_an_archive_what_it_says_of_its_source(
    command: str, evdiag: CommandLine, tmp_path: Path
) -> None:
    for name in STORIES:
        (archive,) = _archived(evdiag, tmp_path, name)
        source = _answers(evdiag(command, str(_shipped(name)), "--format", "jsonl"))
        assert _answers(evdiag(command, archive, "--format", "jsonl")) == source
        assert source


def _answers(said: Said) -> list[dict[str, object]]:
    return [{**row, "recording": "", "format": ""} for row in said.rows]


def test_an_archive_is_read_from_standard_input(
    evdiag: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive,) = _archived(evdiag, tmp_path, "frozen")
    stream = io.TextIOWrapper(io.BytesIO(Path(archive).read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    (row,) = evdiag("info", "-", "--format", "jsonl").rows
    assert row["format"] == "parquet"
    assert row["frames"] == open_recording(_shipped("frozen")).read_through().frames


def test_standard_input_is_archived(
    evdiag: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _shipped("frozen").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    (archive,) = _archived(evdiag, tmp_path / "to", "-")
    assert Path(archive).name.startswith("standard-input-")
    evdiag("archive", "restore", archive, "--to", str(tmp_path / "back"))
    assert [path.read_bytes() for path in (tmp_path / "back").iterdir()] == [text]


def test_what_is_there_already_is_not_written_over(evdiag: CommandLine, tmp_path: Path) -> None:
    (archive,) = _archived(evdiag, tmp_path, "frozen")
    before = Path(archive).stat()
    again = evdiag("archive", "make", "frozen", "--to", str(tmp_path))
    assert again.code == 2
    assert "is in the archive already" in again.err
    assert Path(archive).stat().st_mtime_ns == before.st_mtime_ns
    assert evdiag("archive", "make", "frozen", "--to", str(tmp_path), "--force").code == 0


def test_one_bad_recording_does_not_stop_the_others(evdiag: CommandLine, tmp_path: Path) -> None:
    bad = tmp_path / "bad.log"
    bad.write_text("nothing of the kind\n")
    said = evdiag(
        *("archive", "make", str(bad), "frozen", str(tmp_path / "gone.log")),
        *("--to", str(tmp_path / "to"), "--format", "jsonl"),
    )
    assert said.code == 2
    assert [row["recording"] for row in said.rows] == ["frozen"]
    assert said.err.count("evdiag: ") == 2


def test_an_archive_is_not_archived(evdiag: CommandLine, tmp_path: Path) -> None:
    (archive,) = _archived(evdiag, tmp_path, "frozen")
    said = evdiag("archive", "make", archive, "--to", str(tmp_path))
    assert (said.code, said.err.strip()) == (2, f"evdiag: {archive} is an archive already")


def test_a_folder_that_cannot_be_written_ends_in_one_sentence(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    said = evdiag("archive", "make", "frozen", "--to", str(tmp_path / "file" / "below"))
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert "cannot be written" in said.err


def test_restored_files_are_the_very_bytes(evdiag: CommandLine, tmp_path: Path) -> None:
    archives = _archived(evdiag, tmp_path / "to", *STORIES)
    back = tmp_path / "back"
    said = evdiag("archive", "restore", *archives, "--to", str(back), "--format", "jsonl")
    assert said.code == 0
    for name, row in zip(STORIES, said.rows, strict=True):
        assert row["files"] == [str(back / f"{name}.log")]
        assert row["gives_back"] == "bytes"
        assert (back / f"{name}.log").read_bytes() == _shipped(name).read_bytes()
    again = evdiag("archive", "restore", *archives, "--to", str(back))
    assert again.code == 2
    assert "exists already" in again.err
    assert evdiag("archive", "restore", *archives, "--to", str(back), "--force").code == 0


def test_restored_frames_of_a_binary_source_are_named_as_such(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    source = tmp_path / "drive.blf"
    convert(open_recording(_shipped("frozen")), source)
    (archive,) = _archived(evdiag, tmp_path / "to", str(source))
    said = evdiag("archive", "restore", archive, "--to", str(tmp_path))
    assert "the frames, as candump text, not the file's own bytes" in said.out
    assert "not held by candump text: channel numbers" in said.err
    back = list(open_recording(tmp_path / "drive.blf.log").frames())
    frames = list(open_recording(source).frames())
    assert [frame._replace(channel=f"can{frame.channel}") for frame in frames] == back
    kept = evdiag(
        *("archive", "make", str(source), "--to", str(tmp_path / "kept"), "--keep-source"),
        *("--format", "jsonl"),
    )
    evdiag("archive", "restore", kept.rows[0]["archive"], "--to", str(tmp_path / "back"))
    assert (tmp_path / "back" / "drive.blf").read_bytes() == source.read_bytes()


def test_a_damaged_archive_gives_nothing_back(evdiag: CommandLine, tmp_path: Path) -> None:
    (archive,) = _archived(evdiag, tmp_path / "to", "frozen")
    whole = Path(archive).read_bytes()
    Path(archive).write_bytes(whole[:9000] + b"damage" + whole[9006:])
    for command in (("restore", archive, "--to", str(tmp_path / "back")), ("check", archive)):
        said = evdiag("archive", *command)
        assert said.code == 2
        assert "is damaged" in said.err
        assert len(said.err.splitlines()) == 1
    assert list((tmp_path / "back").iterdir()) == []


def test_check_says_what_is_whole(evdiag: CommandLine, tmp_path: Path) -> None:
    (archive,) = _archived(evdiag, tmp_path, "frozen")
    said = evdiag("archive", "check", archive, "--format", "jsonl")
    assert said.code == 0
    (row,) = said.rows
    assert (row["archive"], row["gives_back"]) == (archive, "bytes")
    assert evdiag("archive", "check", "frozen").code == 2


def test_a_journal_goes_in_and_out_with_its_side_file(evdiag: CommandLine, tmp_path: Path) -> None:
    from evdiag.recordings.journal import Journal
    from tests.recordings.journal.inputs_drawn import HEADER
    from tests.recordings.journal.numbered import frame

    (tmp_path / "in").mkdir()
    journal = Journal(tmp_path / "in", HEADER)
    journal.write([frame(number) for number in range(100)])
    journal.close()
    (archive,) = _archived(evdiag, tmp_path / "to", str(journal.path))
    said = evdiag("archive", "restore", archive, "--to", str(tmp_path / "back"))
    assert said.code == 0
    files = sorted((tmp_path / "in").iterdir())
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == [f.name for f in files]
    for file in files:
        assert (tmp_path / "back" / file.name).read_bytes() == file.read_bytes()
    assert evdiag("archive", "make", archive, "--to", str(tmp_path / "to")).code == 2
    (row,) = evdiag("info", archive, "--format", "jsonl").rows
    assert row["journal"]["closed"]
    assert row["recording"] == archive


def test_archives_may_be_moved_and_renamed(evdiag: CommandLine, tmp_path: Path) -> None:
    (archive,) = _archived(evdiag, tmp_path / "to", "frozen")
    shutil.move(archive, tmp_path / "anything")
    assert evdiag("archive", "check", str(tmp_path / "anything")).code == 0
    (row,) = evdiag("info", str(tmp_path / "anything"), "--format", "jsonl").rows
    assert json.dumps(row)


def test_one_archive_never_overwrites_what_another_gave_back(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    archives = []
    for name in ("frozen", "healthy-ac"):
        (tmp_path / name).mkdir()
        same = tmp_path / name / "can0.log"
        same.write_bytes((shipped_folder("recordings") / f"{name}.log").read_bytes())
        made = evdiag(
            "archive", "make", str(same), "--to", str(tmp_path / "archive"), "--format", "jsonl"
        )
        archives.append(made.rows[0]["archive"])
    back = tmp_path / "back"
    said = evdiag("archive", "restore", *archives, "--to", str(back), "--force")
    assert said.code == 2
    assert "was just written, of another archive" in said.err
    assert (back / "can0.log").read_bytes() == (tmp_path / "frozen" / "can0.log").read_bytes()
