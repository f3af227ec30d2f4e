"""How fast long recordings are read, against what others reach on the same frames.

    python3 benchmarks/batch.py [MILLIONS_OF_FRAMES] [ROUNDS]

Loops a shipped scenario's frames with rising stamps, among the frames of a whole car (one in thirty
is the scenario's; ten ids in 39), into files in a temporary folder: candump text (1 million frames
without a number, and four times as many, and one row in a hundred that no fast reader knows, and
60,000 frames), GVRET CSV, BLF and our archive. Then it measures whole processes, each with its
start, ROUNDS times (3 without a number) without a pause: what was not used for some seconds this
machine takes out of memory. It prints the median of each, its rate, its peak memory, and how many
times faster than python-can with cantools it is.

`evdiag timeline` finds every change of the reference car's signals. python-can's reader goes
through candump text or BLF and cantools decodes the frames that its DBC knows. DuckDB (where it is
installed) reads the columns of the same ids from the archive. `wc -l` is what counting lines costs.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import count, islice, pairwise
from pathlib import Path
from typing import NamedTuple

from looped_files import write_blf_file, write_gvret_file

from evdiag.inputs import Frame

STORY = "relock-before-pull"
NEIGHBOURS = 29
"""Frames of other modules between two of the scenario's."""

SMALL = 60_000
PYTHON_CAN = """
import sys, can, cantools
database = cantools.database.load_file(sys.argv[1])
wanted = {(m.frame_id, m.is_extended_frame): m for m in database.messages}
values = 0
reader = can.BLFReader if sys.argv[2].endswith(".blf") else can.CanutilsLogReader
for frame in reader(sys.argv[2]):
    message = wanted.get((frame.arbitration_id, frame.is_extended_id))
    if message is not None:
        values += len(message.decode(frame.data, decode_choices=False, allow_truncated=True))
print(values)
"""

DUCKDB = """
import sys, duckdb
rows = duckdb.sql(
    f"SELECT time_ns, id, data FROM '{sys.argv[1]}' WHERE id IN ({sys.argv[2]}) ORDER BY row"
).fetchnumpy()
print(len(rows["id"]))
"""

RUNNER = """
import os, sys, time
nowhere = os.open(os.devnull, os.O_WRONLY)
silent = [(os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)]
began = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(child, 0)
print(time.perf_counter() - began, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""A process of its own, because the memory of who starts a process counts as that one's, too."""

EVDIAG = [sys.executable, "-m", "evdiag"]

ReadBy = dict[str, list[str]]


class Run(NamedTuple):
    """One process: how long it took, and the most memory it held."""

    seconds: float
    peak_kib: int


def main() -> None:
    """Measure and print."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    frames = int(millions * 1_000_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = written(folder / "text.log", looped(NEIGHBOURS), frames)
        peer = python_can(text)
        counted = {"wc -l": ["wc", "-l", str(text)]}
        ours = {**by_evdiag(text), **on_one_processor(text)}
        baseline = compare("candump text", frames, rounds, {**peer, **ours, **counted})

        odd = written(folder / "odd.log", with_odd_rows(looped(NEIGHBOURS)), frames)
        compare("one odd row in a hundred", frames, rounds, timeline(odd), baseline)
        odd.unlink()
        longer = written(folder / "longer.log", looped(NEIGHBOURS), 4 * frames)
        compare("four times as many", 4 * frames, rounds, timeline(longer), baseline)
        longer.unlink()
        small = written(folder / "small.log", looped(NEIGHBOURS), SMALL)
        compare(f"{SMALL:,} frames", SMALL, rounds, by_evdiag(small), baseline)

        csv = folder / "text.csv"
        write_gvret_file(csv, as_frames(islice(looped(NEIGHBOURS), frames)))
        compare("GVRET CSV", frames, rounds, by_evdiag(csv), baseline)
        csv.unlink()

        blf = folder / "binary.blf"
        write_blf_file(blf, as_frames(islice(looped(NEIGHBOURS), frames)))
        compare("BLF", frames, rounds, {**python_can(blf), **by_evdiag(blf)})
        blf.unlink()

        if find_spec("pyarrow") is not None:
            archive = archived(text, folder / "archive")
            print(f"archive: {archive.stat().st_size / text.stat().st_size:.1%} of the text")
            compare("archive", frames, rounds, {**timeline(archive), **duckdb(archive)}, baseline)


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


def with_odd_rows(rows: Iterable[str]) -> Iterator[str]:
    """Yield rows, every hundredth of them written in another way than candump writes."""
    for number, row in enumerate(rows):
        # Two blanks: no reader minds, but no fast one expects them.
        yield row.replace(" ", "  ", 1) if number % 100 == 50 else row


def as_frames(rows: Iterable[str]) -> Iterator[Frame]:
    """Yield the frames of such rows."""
    for row in rows:
        identifier, _, data = row.split(" ")[2].partition("#")
        time_ns = stamp_us(row) * 1000
        yield Frame(time_ns, 0, int(identifier, 16), False, bytes.fromhex(data), direction="rx")


def written(path: Path, rows: Iterable[str], frames: int) -> Path:
    """Write so many rows into a file."""
    with path.open("w") as file:
        file.writelines(islice(rows, frames))
    return path


def archived(text: Path, folder: Path) -> Path:
    """Make an archive of a recording."""
    command = [*EVDIAG, "archive", "make", str(text), "--to", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (archive,) = folder.rglob("*.parquet")
    return archive


def timeline(recording: Path) -> ReadBy:
    """Return evdiag's `timeline` of a recording."""
    return {"evdiag timeline": [*EVDIAG, "timeline", "--vehicle", "reference", str(recording)]}


def on_one_processor(recording: Path) -> ReadBy:
    """Return the same on one processor, where that can be said."""
    if shutil.which("taskset") is None:
        return {}
    (command,) = timeline(recording).values()
    return {"evdiag, one processor": ["taskset", "--cpu-list", "0", *command]}


def by_evdiag(recording: Path) -> ReadBy:
    """Return evdiag's commands for a recording."""
    return {**timeline(recording), "evdiag info": [*EVDIAG, "info", str(recording)]}


def python_can(recording: Path) -> ReadBy:
    """Return python-can's reader with cantools."""
    from evdiag.packaged import shipped_folder

    dbc = shipped_folder("dbc") / "reference.dbc"
    command = [sys.executable, "-c", PYTHON_CAN, str(dbc), str(recording)]
    return {"python-can + cantools": command}


def duckdb(archive: Path) -> ReadBy:
    """Return DuckDB reading the frames of the reference car's ids, where it is installed."""
    if find_spec("duckdb") is None:
        return {}
    from evdiag.vehicles.library import databases, library

    profile = library().profile("reference")
    loaded = databases(profile, profile.layouts[0])
    ids = sorted({m.key for database in loaded for m in database.messages if m.key < 1 << 31})
    wanted = ",".join(str(identifier) for identifier in ids)
    return {"DuckDB": [sys.executable, "-c", DUCKDB, str(archive), wanted]}


def compare(
    name: str, frames: int, rounds: int, measured: ReadBy, baseline: float | None = None
) -> float:
    """Run one after the other, print the medians, and return the rate of the slowest, the first.

    With `baseline`, a rate in frames a second, everything is compared with that.
    """
    print(f"{name}: {frames:,} frames")
    runs = {each: [run(command) for _ in range(rounds)] for each, command in measured.items()}
    rates = {
        each: frames / statistics.median(one.seconds for one in of_each)
        for each, of_each in runs.items()
    }
    compared = next(iter(rates.values())) if baseline is None else baseline
    for each, rate in rates.items():
        peak_mib = max(one.peak_kib for one in runs[each]) / 1024
        print(
            f"  {each:<22} {frames / rate:8.3f} s {rate / 1e6:8.2f} M frames/s "
            f"{rate / compared:7.1f} ×  peak {peak_mib:5.0f} MiB",
            flush=True,
        )
    return compared


def run(command: list[str]) -> Run:
    """Run a process to its end."""
    # As a user has it: what is imported is compiled once.
    surroundings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    runner = [sys.executable, "-I", "-S", "-c", RUNNER, *command]
    said = subprocess.run(runner, env=surroundings, check=True, capture_output=True, text=True)
    seconds, peak_kib, code = said.stdout.split()
    if code != "0":
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Run(float(seconds), int(peak_kib))


if __name__ == "__main__":
    main()
