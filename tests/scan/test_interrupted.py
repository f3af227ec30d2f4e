"""Scans that are torn off in the middle: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from evdiag.tui.words import counted
from tests.scan.workshop import (
    begin,
    end,
    log_lines,
    recordings,
    scan,
    scanned_lines,
    tables,
    wait_for,
)

NUMBER = 120

psutil = pytest.importorskip("psutil")


@pytest.fixture(scope="module")
def drives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drives")
    recordings(folder, NUMBER, ("healthy-ac", "relock-before-pull"))
    return folder


@pytest.fixture(scope="module")
def whole(drives: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a scan by one process says that nobody interrupts."""
    result = tmp_path_factory.mktemp("whole")
    assert scan(drives, "--to", result, "--processes", "1").returncode == 0
    return dict(tables(result))


def test_a_killed_scan_goes_on_where_it_was(
    drives: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    process = begin(drives, "--to", tmp_path, "--processes", "2")
    wait_for(lambda: len(scanned_lines(tmp_path)) >= 5)
    os.killpg(process.pid, signal.SIGKILL)
    end(process)
    done = scanned_lines(tmp_path)
    assert 5 <= len(done) < NUMBER
    log = tmp_path / "scan.jsonl"
    log.write_bytes(log.read_bytes() + b'{"schema":1,"path":"/torn')
    again = scan(drives, "--to", tmp_path, "--processes", "2")
    assert again.returncode == 0
    left = counted(NUMBER - len(done), "recording")
    assert f"{left} scanned, {len(done)} known already" in again.stderr
    assert len(set(scanned_lines(tmp_path))) == len(scanned_lines(tmp_path)) == NUMBER
    assert tables(tmp_path) == whole


def test_workers_do_not_outlive_a_scan_that_is_killed(drives: Path, tmp_path: Path) -> None:
    process = begin(drives, "--to", tmp_path, "--processes", "2")
    wait_for(lambda: len(scanned_lines(tmp_path)) >= 1)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2
    process.kill()
    end(process)
    wait_for(lambda: not any(_lives(member) for member in family))


def test_ctrl_c_leaves_tables_and_the_same_command_goes_on(
    drives: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    process = begin(drives, "--to", tmp_path, "--processes", "2")
    wait_for(lambda: len(scanned_lines(tmp_path)) >= 5)
    # As a terminal does: to every process of the group.
    os.killpg(process.pid, signal.SIGINT)
    code, _, said = end(process)
    assert code == 130
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    done = len(scanned_lines(tmp_path))
    assert 5 <= done < NUMBER
    assert len(tables(tmp_path)["recordings"]) == done
    assert scan(drives, "--to", tmp_path).returncode == 0
    assert tables(tmp_path) == whole


def test_a_worker_that_is_killed_costs_nothing(
    drives: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    process = begin(drives, "--to", tmp_path, "--processes", "2")
    wait_for(lambda: len(scanned_lines(tmp_path)) >= 5)
    parent = psutil.Process(process.pid)
    servers = parent.children()
    workers = [worker for server in servers for worker in server.children()]
    workers[0].kill()
    code, _, said = end(process)
    assert (code, said) == (0, f"{tmp_path}: {NUMBER} recordings scanned, 0 known already\n")
    assert len(scanned_lines(tmp_path)) == NUMBER
    assert tables(tmp_path) == whole
    assert all("left" not in line for line in log_lines(tmp_path))


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
