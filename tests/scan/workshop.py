"""A workshop's recordings, and scans of them in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from evdiag.packaged import shipped_folder

TABLES = ("recordings", "attempts", "findings", "vehicles", "bad")
LONGEST_S = 120
"""How long anything may take on a machine that has other things to do."""


def recordings(folder: Path, number: int, stories: Iterable[str] = ("healthy-ac",)) -> list[Path]:
    """Write recordings, no two alike: shipped scenarios, each at another time."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [(shipped_folder("recordings") / f"{story}.log").read_bytes() for story in stories]
    made = []
    for index in range(number):
        path = folder / f"drive-{index:03d}.log"
        later = b"(1760%03d" % (index + 1)
        path.write_bytes(texts[index % len(texts)].replace(b"(1760000", later))
        made.append(path)
    return made


def command(*words: object) -> list[str]:
    """Return the words that run `evdiag scan`."""
    return [sys.executable, "-m", "evdiag", "scan", *map(str, words)]


def scan(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a scan to its end."""
    return subprocess.run(
        command(*words), capture_output=True, text=True, timeout=LONGEST_S, check=False
    )


def begin(*words: object) -> subprocess.Popen[str]:
    """Begin a scan in a group of processes of its own."""
    return subprocess.Popen(
        command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end_s = time.monotonic() + LONGEST_S
    while not what():
        assert time.monotonic() < end_s, "it never came to that"
        time.sleep(0.005)


def log_lines(result: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a scan's log."""
    path = result / "scan.jsonl"
    text = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]


def scanned_lines(result: Path) -> list[str]:
    """Return the hash of each recording that the log says was scanned, as often as it does."""
    return [line["content"] for line in log_lines(result) if "recording" in line]


def tables(result: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table."""
    return {name: pq.read_table(result / f"{name}.parquet").to_pylist() for name in TABLES}


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; return its exit code and what it said."""
    out, err = process.communicate(timeout=LONGEST_S)
    return process.returncode, out, err
