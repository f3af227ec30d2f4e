"""Recordings that kill whoever reads them, and work that is interrupted."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from evdiag.scan.crew import Processes
from evdiag.scan.folders import found
from evdiag.scan.log import ScanLog
from evdiag.scan.places import Task
from evdiag.scan.rows import Left, Scanned
from evdiag.scan.scanning import Scan, Tally
from evdiag.scan.work import scanned
from tests.scan.workshop import recordings

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")


def deadly(task: Task) -> Scanned:
    """Scan a recording, as a fault in a library would that only some of them meet."""
    if "deadly" in task.place.path:
        os.kill(os.getpid(), signal.SIGKILL)
    return scanned(task)


def _scan(folder: Path, result: Path) -> tuple[Tally, ScanLog, list[Left]]:
    said: list[Left] = []
    with closing(ScanLog(result, "test")) as log:
        with closing(Processes(2, deadly)) as crew:
            tally = Scan(log, crew, say=said.append).run(found([str(folder)]))
        return tally, log, said


def test_a_recording_that_kills_its_reader_is_bad_and_the_rest_goes_on(tmp_path: Path) -> None:
    drives = recordings(tmp_path / "drives", 8)
    for number in (2, 5):
        drives[number].rename(tmp_path / "drives" / f"deadly-{number}.log")
    tally, log, said = _scan(tmp_path / "drives", tmp_path / "result")
    assert (tally.fresh, tally.bad, tally.done, tally.found) == (6, 2, 8, 8)
    assert [Path(left.path).name for left in said] == ["deadly-2.log", "deadly-5.log"]
    assert all("died" in left.reason for left in log.left())
    assert len(list(log.recordings())) == 6


def test_nothing_but_deadly_ones(tmp_path: Path) -> None:
    drives = recordings(tmp_path / "drives", 2)
    for number, drive in enumerate(drives):
        drive.rename(drive.with_name(f"deadly-{number}.log"))
    tally, _, _ = _scan(tmp_path / "drives", tmp_path / "result")
    assert (tally.fresh, tally.bad, tally.is_counted) == (0, 2, True)
