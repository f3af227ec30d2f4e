"""How fast `evdiag scan` goes through many recordings, and what a second process is worth.

    python benchmarks/scan.py [FILES] [TIMES]

Makes FILES (200) recordings of 20,000 to 50,000 frames, no two alike, of the shipped scenarios;
then scans them with one process, with two, and once more with nothing new, TIMES (3) times in
turns. Times are of whole processes, from the command to its end; of each the best counts, because
whatever else the machine does can only make it worse.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from looped_files import looped_frames, write_candump_file

from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording

FRAMES = (20_000, 30_000, 40_000, 50_000)
DAY_DIGITS = slice(5, 8)
"""Of a stamp like ``(1760000000.000291)``: each step is a thousand seconds."""


def make_files(folder: Path, number: int) -> tuple[int, int]:
    """Write so many recordings; return how many frames and bytes that is."""
    scenarios = sorted(shipped_folder("recordings").glob("*.log"))
    frames = size = 0
    made: dict[tuple[Path, int], list[bytes]] = {}
    pairs = zip(cycle(scenarios), cycle(FRAMES * len(scenarios) + FRAMES[:1]), strict=False)
    for index, (scenario, length) in zip(range(number), pairs, strict=False):
        if (scenario, length) not in made:
            first = folder / "first.log"
            write_candump_file(
                first, looped_frames(list(open_recording(scenario).frames()), length)
            )
            made[scenario, length] = first.read_bytes().splitlines(keepends=True)
            first.unlink()
        lines = [shifted(line, index) for line in made[scenario, length]]
        path = folder / f"{index:04d}-{scenario.name}"
        path.write_bytes(b"".join(lines))
        frames += length
        size += path.stat().st_size
    return frames, size


def shifted(line: bytes, steps: int) -> bytes:
    """Return a candump line some thousand seconds later."""
    return b"%s%03d%s" % (line[: DAY_DIGITS.start], steps % 1000, line[DAY_DIGITS.stop :])


def seconds(source: Path, result: Path, processes: int) -> float:
    """Scan a folder and return how long that took."""
    words = ["scan", str(source), "--to", str(result), "--processes", str(processes)]
    before = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "evdiag", *words], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - before


def main() -> None:
    """Print the times and the ratio."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory(prefix="evdiag-scan-") as name:
        folder = Path(name)
        source = folder / "recordings"
        source.mkdir()
        frames, size = make_files(source, number)
        print(f"{number} recordings, {frames:,} frames, {size / 1e6:,.0f} MB")
        one, two, again = [], [], []
        for turn in range(times):
            one.append(seconds(source, folder / f"one-{turn}", 1))
            two.append(seconds(source, folder / f"two-{turn}", 2))
            again.append(seconds(source, folder / f"two-{turn}", 2))
            print(f"  one process {one[-1]:.2f} s, two {two[-1]:.2f} s, again {again[-1]:.2f} s")
        for words, found in (("one process", one), ("two", two), ("again", again)):
            typical = statistics.median(found)
            rates = f"{number / typical:,.0f} recordings/s, {size / typical / 1e6:,.0f} MB/s"
            print(f"{words:12} {typical:6.2f} s  {rates}")
        worth = statistics.median(one) / statistics.median(two)
        print(f"two processes are worth {worth:.2f} of one")


if __name__ == "__main__":
    main()
