"""How fast a long candump log is read, against what others reach on the same file.

    python3 benchmarks/batch.py [MILLIONS_OF_FRAMES] [ROUNDS]

Loops a shipped scenario's frames with rising stamps into a file in a temporary folder (1 million
frames without a number), then measures whole processes, each with its start, in turn, ROUNDS times
(3 without a number): `evdiag timeline` and `evdiag info`, python-can's reader with cantools'
decoding of the reference DBC, and `wc -l`. Prints the median of each, its rate, its peak memory,
and how many times faster than python-can with cantools it is. Once with the scenario as it is, ten
ids all of which are in the DBC, and once among the frames of a whole car, where one in thirty is.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice, pairwise
from pathlib import Path
from typing import NamedTuple

STORY = "relock-before-pull"
NEIGHBOURS = 29
"""Frames of other modules between two of the scenario's, in the file of a whole car."""

PYTHON_CAN = """
import sys, can, cantools
database = cantools.database.load_file(sys.argv[1])
wanted = {(m.frame_id, m.is_extended_frame): m for m in database.messages}
values = 0
for frame in can.CanutilsLogReader(sys.argv[2]):
    message = wanted.get((frame.arbitration_id, frame.is_extended_id))
    if message is not None:
        values += len(message.decode(frame.data, decode_choices=False, allow_truncated=True))
print(values)
"""


class Run(NamedTuple):
    """One process: how long it took, and the most memory it held."""

    seconds: float
    peak_kib: int


def main() -> None:
    """Measure and print."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    frames = int(millions * 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        for name, neighbours in (("scenario", 0), ("whole car", NEIGHBOURS)):
            log = Path(folder) / "looped.log"
            with log.open("w") as file:
                file.writelines(islice(looped(neighbours), frames))
            print(f"{name}: {frames:,} frames, {log.stat().st_size / 1e6:,.0f} MB")
            compare(commands(log), frames, rounds)


def looped(neighbours: int) -> Iterator[str]:
    """Yield the rows of the scenario again and again, each with so many others after it."""
    from evdiag.packaged import shipped_recording

    path = shipped_recording(STORY)
    assert path is not None
    rows = [(stamp_us(row), row.partition(" ")[2]) for row in path.open()]
    first_us, last_us = rows[0][0], rows[-1][0]
    for shift_us in count(0, last_us + 500 - first_us):
        for (at_us, rest), (next_us, _) in pairwise([*rows, (last_us + 500, "")]):
            yield row_at(at_us + shift_us, rest)
            for number in range(1, neighbours + 1):
                time_us = at_us + shift_us + (next_us - at_us) * number // (neighbours + 1)
                yield row_at(time_us, f"can0 {0x500 + number:03X}#{time_us:016X}\n")


def stamp_us(row: str) -> int:
    """Return the stamp of a row of candump text in microseconds."""
    return int(row[1 : row.index(")")].replace(".", ""))


def row_at(time_us: int, rest: str) -> str:
    """Write a row of candump text."""
    return f"({time_us // 10**6}.{time_us % 10**6:06d}) {rest}"


def commands(log: Path) -> dict[str, list[str]]:
    """Return what is measured, python-can with cantools first."""
    from evdiag.packaged import shipped_folder

    evdiag = [sys.executable, "-m", "evdiag"]
    dbc = shipped_folder("dbc") / "reference.dbc"
    return {
        "python-can + cantools": [sys.executable, "-c", PYTHON_CAN, str(dbc), str(log)],
        "evdiag timeline": [
            *evdiag, "timeline", "--vehicle", "reference", "--format", "jsonl", str(log)
        ],
        "evdiag info": [*evdiag, "info", str(log)],
        "wc -l": ["wc", "-l", str(log)],
    }  # fmt: skip


def compare(measured: dict[str, list[str]], frames: int, rounds: int) -> None:
    """Run everything in turn, and print the medians."""
    runs: dict[str, list[Run]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, command in measured.items():
            runs[name].append(run(command))
    medians = {name: statistics.median(one.seconds for one in each) for name, each in runs.items()}
    slowest = next(iter(medians.values()))
    for name, seconds in medians.items():
        peak_mib = max(one.peak_kib for one in runs[name]) / 1024
        print(
            f"  {name:<22} {seconds:8.3f} s {frames / seconds / 1e6:8.2f} M frames/s "
            f"{slowest / seconds:7.1f} ×  peak {peak_mib:5.0f} MiB"
        )


def run(command: list[str]) -> Run:
    """Run a process to its end."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(took, used.ru_maxrss)


if __name__ == "__main__":
    main()
