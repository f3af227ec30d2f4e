"""The same scan on a cluster: a real scheduler and real workers, one of which is killed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.scan.workshop import (
    LONGEST_S,
    begin,
    end,
    recordings,
    scan,
    scanned_lines,
    tables,
    wait_for,
)

pytest.importorskip("distributed")

NUMBER = 60


class Scheduler(NamedTuple):
    """A scheduler, and the file that says where it is."""

    process: subprocess.Popen[bytes]
    file: Path

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text())["address"])


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    """A scheduler without workers."""
    file = tmp_path / "scheduler.json"
    words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    with _running("dask_scheduler", *words) as process:
        wait_for(lambda: file.exists() and file.read_text().endswith("}"))
        yield Scheduler(process, file)


@contextmanager
def _running(module: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(LONGEST_S)


def _worker(scheduler: Scheduler, name: str) -> tuple[str, ...]:
    return (
        "dask_worker", "--scheduler-file", str(scheduler.file), "--no-nanny", "--nthreads", "1",
        "--no-dashboard", "--name", name, "--local-directory", str(scheduler.file.parent / name),
    )  # fmt: skip


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    drives = tmp_path / "drives"
    recordings(drives, NUMBER, ("healthy-ac", "relock-before-pull"))
    (drives / "bad.log").write_text("nothing of the kind\n" * 9)
    with ExitStack() as stack:
        workers = [stack.enter_context(_running(*_worker(scheduler, name))) for name in "ab"]
        process = begin(drives, "--to", tmp_path / "many", "--dask", scheduler.address)
        wait_for(lambda: len(scanned_lines(tmp_path / "many")) >= 5)
        workers[0].kill()
        at_the_kill = len(scanned_lines(tmp_path / "many"))
        code, _, said = end(process)
    one = scan(drives, "--to", tmp_path / "one", "--processes", "1")
    assert at_the_kill < NUMBER
    assert (code, one.returncode) == (2, 2)
    assert f"{NUMBER} recordings scanned, 0 known already, 1 bad" in said
    assert len(set(scanned_lines(tmp_path / "many"))) == NUMBER
    assert len(scanned_lines(tmp_path / "many")) == NUMBER
    assert tables(tmp_path / "many") == tables(tmp_path / "one")


def test_a_scheduler_that_goes_away_leaves_what_was_scanned(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    recordings(tmp_path / "drives", NUMBER)
    with _running(*_worker(scheduler, "a")):
        process = begin(tmp_path / "drives", "--to", tmp_path / "many", "--dask", scheduler.address)
        wait_for(lambda: len(scanned_lines(tmp_path / "many")) >= 3)
        scheduler.process.kill()
        code, _, said = end(process)
    assert code == 4
    assert "the scheduler is gone" in said
    assert "Traceback" not in said
    assert len(tables(tmp_path / "many")["recordings"]) >= 3


def test_no_scheduler_is_said_in_one_sentence(tmp_path: Path) -> None:
    recordings(tmp_path / "drives", 1)
    done = scan(tmp_path / "drives", "--to", tmp_path / "many", "--dask", "tcp://127.0.0.1:9")
    assert done.returncode == 4
    assert "tcp://127.0.0.1:9: no dask scheduler answers there" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "missing port number"),
        ("http://127.0.0.1:8787", "unknown address scheme 'http'"),
        ("tls://127.0.0.1:9", "TLS"),
    ],
)
def test_what_is_no_address_of_a_scheduler_is_said_in_one_sentence(
    address: str, said: str, tmp_path: Path
) -> None:
    recordings(tmp_path / "drives", 1)
    done = scan(tmp_path / "drives", "--to", tmp_path / "many", "--dask", address)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_listens_there_and_is_no_scheduler_is_given_up(tmp_path: Path) -> None:
    recordings(tmp_path / "drives", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        done = scan(tmp_path / "drives", "--to", tmp_path / "many", "--dask", address)
    assert done.returncode == 4
    assert f"{address}: no dask scheduler answers there" in done.stderr
