"""Scans of folders by real processes: what is in the tables, and what is not done twice."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evdiag.archive.making import make
from evdiag.inputs import Mark
from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording
from evdiag.recordings.journal import Header, Journal
from evdiag.scan.log import ScanLog
from tests.cli.in_process import CommandLine
from tests.scan.workshop import log_lines, recordings, scan, scanned_lines, tables

STORIES = ("healthy-ac", "relock-before-pull", "actuator-stalls", "mechanical-latch-holds")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with good and bad recordings, one of them three times, and a scan of it."""
    folder = tmp_path_factory.mktemp("workshop")
    drives = recordings(folder / "drives", 8, STORIES)
    text = drives[0].read_bytes()
    (folder / "copies" / "deeper").mkdir(parents=True)
    (folder / "copies" / "deeper" / "the same.log").write_bytes(text)
    (folder / "copies" / "packed.log.gz").write_bytes(gzip.compress(text))
    (folder / "drives" / "torn.log").write_bytes(drives[1].read_bytes()[:50_000])
    (folder / "stranger.log").write_text("(1760000000.000000) can0 7A0#0102\n" * 50)
    (folder / "empty.log").touch()
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "notes.md").write_text("# what we did\n")
    done = scan(folder, "--to", folder / "result", "--processes", "2")
    assert done.returncode == 2, done.stderr
    return folder


def _rows(workshop: Path, table: str) -> list[dict[str, Any]]:
    return tables(workshop / "result")[table]


def _name(row: dict[str, Any]) -> str:
    return Path(row["paths"][0]).name


def test_every_recording_is_there_once_with_all_of_its_paths(workshop: Path) -> None:
    found = {_name(row): row["paths"] for row in _rows(workshop, "recordings")}
    assert set(found) == {
        *(f"drive-{number:03d}.log" for number in range(1, 8)), "the same.log", "torn.log",
        "stranger.log",
    }  # fmt: skip
    assert found["the same.log"] == [
        str(workshop / "copies" / "deeper" / "the same.log"),
        str(workshop / "copies" / "packed.log.gz"),
        str(workshop / "drives" / "drive-000.log"),
    ]


def test_what_is_bad_has_its_reason_and_the_code_says_so(workshop: Path) -> None:
    said = {Path(row["path"]).name: (row["kind"], row["reason"]) for row in _rows(workshop, "bad")}
    assert set(said) == {"empty.log", "noise.bin", "notes.md", "result"}
    assert said["empty.log"][0] == said["noise.bin"][0] == "bad"
    assert said["notes.md"][0] == said["result"][0] == "skipped"
    assert "is empty" in said["empty.log"][1]
    assert "not a recording evdiag can read" in said["noise.bin"][1]


def test_a_car_that_is_not_known_is_no_bad_recording(workshop: Path) -> None:
    (stranger,) = (r for r in _rows(workshop, "recordings") if _name(r) == "stranger.log")
    assert stranger["vehicle"] is None
    assert "not identified" in stranger["reason"]
    assert str(workshop) not in stranger["reason"]
    assert stranger["frames"] == 50


@pytest.mark.parametrize("table", ["attempts", "findings"])
def test_the_rows_are_what_the_commands_print(workshop: Path, table: str) -> None:
    words = {"attempts": "attempts", "findings": "diagnose"}[table]
    paths = {row["recording"]: row["paths"][0] for row in _rows(workshop, "recordings")}
    printed: dict[str, list[dict[str, Any]]] = {}
    known = [path for path in paths.values() if not path.endswith("stranger.log")]
    done = subprocess.run(
        [sys.executable, "-m", "evdiag", words, "--format", "jsonl", *known],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        row = json.loads(line)
        printed.setdefault(row.pop("recording"), []).append(row)
    scanned: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(workshop, table):
        assert row.pop("vehicle") == "reference"
        path = paths[row.pop("recording")]
        if table == "attempts":
            row.pop("number")
        scanned.setdefault(path, []).append(row)
    assert scanned == printed
    assert len(scanned) >= 8


def test_recordings_say_what_info_says(workshop: Path) -> None:
    (row,) = (row for row in _rows(workshop, "recordings") if _name(row) == "torn.log")
    done = subprocess.run(
        [sys.executable, "-m", "evdiag", "info", "--format", "jsonl", row["paths"][0]],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    same = set(said) & set(row) - {"recording"}
    assert {"frames", "duration_s", "channels", "anomalies", "first_ns", "gaps"} <= same
    assert {key: row[key] for key in same} == {key: said[key] for key in same}
    assert row["anomalies"]


def test_vehicles_add_up(workshop: Path) -> None:
    found = {row["vehicle"]: row for row in _rows(workshop, "vehicles")}
    assert set(found) == {"reference", None}
    every = [row for row in _rows(workshop, "recordings") if row["vehicle"]]
    assert found["reference"]["recordings"] == len(every)
    assert found["reference"]["frames"] == sum(row["frames"] for row in every)
    assert found["reference"]["attempts"] == len(_rows(workshop, "attempts"))
    sure = [
        row for row in _rows(workshop, "findings") if row["confidence"] in ("certain", "likely")
    ]
    assert found["reference"]["faults"] == sum(row["faults"] for row in every) == len(sure)
    assert found["reference"]["first_ns"] == min(row["first_ns"] for row in every)


def test_what_was_scanned_is_not_scanned_again_wherever_it_lies(tmp_path: Path) -> None:
    result = tmp_path / "result"
    drives = recordings(tmp_path / "drives", 4)
    assert scan(tmp_path / "drives", "--to", result).returncode == 0
    before = log_lines(result)
    drives[1].rename(tmp_path / "drives" / "renamed.log")
    (tmp_path / "drives" / "copy.log").write_bytes(drives[2].read_bytes())
    drives[3].write_bytes(drives[3].read_bytes()[:-60])
    again = scan(tmp_path / "drives", "--to", result, "--format", "jsonl")
    assert again.returncode == 0
    assert "1 recording scanned, 4 known already" in again.stderr
    assert len(set(scanned_lines(result))) == len(scanned_lines(result)) == 5
    assert len(log_lines(result)) == len(before) + 3
    found = tables(result)["recordings"]
    assert [len(row["paths"]) for row in found] == [2, 1, 2, 1]
    assert json.loads(again.stdout)["recordings"] == 4


def test_another_car_or_force_scans_anew(tmp_path: Path) -> None:
    result = tmp_path / "result"
    recordings(tmp_path / "drives", 2)
    words = (tmp_path / "drives", "--to", result)
    assert "2 recordings scanned" in scan(*words).stderr
    assert "2 recordings scanned" in scan(*words, "--vehicle", "reference").stderr
    assert "0 recordings scanned, 2 known" in scan(*words, "--vehicle", "reference").stderr
    assert "2 recordings scanned" in scan(*words, "--vehicle", "reference", "--force").stderr
    assert len(tables(result)["recordings"]) == 2


def test_a_journal_is_one_recording_and_another_one_with_one_more_mark(tmp_path: Path) -> None:
    drives = tmp_path / "drives"
    frames = list(open_recording(shipped_folder("recordings") / "healthy-ac.log").frames())
    mark = Mark(frames[-1].time_ns, "here")
    for label, items in (("plain", frames), ("marked", [*frames, mark])):
        header = Header(frames[0].time_ns, 0)
        journal = Journal(drives, header, rotate_bytes=100_000, label=label)
        journal.write(items)
        journal.close()
        assert len(journal.state.files) > 1
    done = scan(drives, "--to", tmp_path / "result")
    assert "2 recordings scanned, 0 known already\n" in done.stderr, done.stderr
    rows = tables(tmp_path / "result")["recordings"]
    assert [row["format"] for row in rows] == ["evdiag journal"] * 2
    assert [row["frames"] for row in rows] == [len(frames)] * 2
    names = [Path(path).name for row in rows for path in row["paths"]]
    assert [name.partition("Z-")[2] for name in names] == ["marked.log", "plain.log"]


def test_an_archive_is_the_recording_that_it_was_made_of(tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path / "drives", 1)
    make(str(drive), tmp_path / "archive")
    done = scan(drive, tmp_path / "archive", "--to", tmp_path / "result", "--processes", "1")
    assert "1 recording scanned, 1 known already" in done.stderr
    (row,) = tables(tmp_path / "result")["recordings"]
    assert len(row["paths"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-", "--to", "result"], "a scan reads files, not standard input"),
        (["nothing.log", "--to", "a-file/result"], "cannot be written"),
        (["drives", "--to", "result", "--vehicle", "refrence"], "no vehicle is called 'refrence'"),
        (["nothing.log", "--to", "result"], "nothing.log: there is no such file"),
        (["*.xyz", "--to", "result"], "*.xyz matches no file"),
        (["drives", "--to", "result"], "drives holds no file"),
        (["ftp5://host/drives", "--to", "result"], "ftp5://host/drives cannot be reached"),
    ],
)
def test_bad_input_ends_in_one_sentence(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drives").mkdir()
    (tmp_path / "a-file").touch()
    done = scan(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("named", ["drives", "drives/*.log", "file://{}/drives/*.log"])
def test_a_recording_that_is_scanned_is_not_written_over(named: str, tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path / "drives", 1)
    before = drive.read_bytes()
    words = ("--to", tmp_path / "result", "--output", drive, "--force")
    url = named.format(tmp_path) if "{}" in named else tmp_path / named
    done = scan(url, *words)
    assert done.returncode == 2
    assert "stands among what is scanned" in done.stderr
    assert drive.read_bytes() == before


def test_tables_that_no_scan_made_are_not_written_over(tmp_path: Path) -> None:
    recordings(tmp_path / "drives", 1)
    (tmp_path / "attempts.parquet").write_text("somebody's own")
    done = scan(tmp_path / "drives", "--to", tmp_path)
    assert done.returncode == 2
    assert "attempts.parquet is there already, and no scan made it" in done.stderr
    assert not (tmp_path / "scan.jsonl").exists()


def test_two_scans_do_not_write_one_result(tmp_path: Path) -> None:
    with closing(ScanLog(tmp_path / "result", "test")):
        done = scan(tmp_path, "--to", tmp_path / "result")
    assert done.returncode == 2
    assert "another scan is at work" in done.stderr


def test_what_is_missing_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recordings(tmp_path / "drives", 1)
    evdiag = CommandLine(monkeypatch, capsys)
    words = ("scan", str(tmp_path / "drives"), "--to", str(tmp_path / "result"))
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = evdiag(*words, "--dask", "tcp://127.0.0.1:9")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "evdiag: --dask needs an extra that is not installed: pip install 'evdiag[dask]'\n"
    )
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    said = evdiag(*words)
    assert said.code == 2
    assert "pip install 'evdiag[archive]'" in said.err
    assert not (tmp_path / "result").exists()


def test_the_unit_of_stamps_can_be_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who says another one has the recording scanned once more."""
    evdiag = CommandLine(monkeypatch, capsys)
    drive, result = tmp_path / "drive.log", tmp_path / "result"
    source = (shipped_folder("recordings") / "healthy-ac.log").read_text()
    drive.write_text(re.sub(r"^\(17600(\d+)\.(\d+)\)", r"(\1\2.000000)", source, flags=re.M))
    found = []
    for said in ((), ("--time-unit", "ms"), ("--time-unit", "us")):
        evdiag("scan", str(drive), "--to", str(result), "--vehicle", "reference", *said)
        [row] = tables(result)["recordings"]
        found.append((row["attempts"], round(row["duration_s"])))
    assert found == [(1, 40), (0, 39_961), (1, 40)]


@pytest.mark.skipif(os.name != "posix", reason="a limit of POSIX shells")
def test_a_disk_that_takes_no_more_is_named(tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path / "drives", 1)
    words = [sys.executable, "-m", "evdiag", "scan", str(drive), "--to", str(tmp_path / "result")]
    limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *words, "--processes", "1"]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{tmp_path}/result: the tables cannot be written" in done.stderr
    assert "File too large" in done.stderr
