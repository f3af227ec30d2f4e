"""How long from the start of the process until the replay screen has painted, in milliseconds.

Run it from the top of the repository: ``python benchmarks/first_paint.py [RECORDING] [RUNS]``.
Each run is a process of its own; the layouts come from the cache that the first, uncounted run
fills. Two numbers: from the start of the process, and from the analysed recording.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

_PROGRAM = """
import sys, time
started = time.clock_gettime(time.CLOCK_MONOTONIC)
from evdiag.cli.analysis import analysed
analysis = analysed(sys.argv[1], "reference" if sys.argv[1] == "relock-before-pull" else None, None)
read = time.clock_gettime(time.CLOCK_MONOTONIC)
from evdiag.tui.app import ReplayApp
painted = []
class Timed(ReplayApp):
    def redraw(self):
        super().redraw()
        if not painted and self._shown():
            self.call_after_refresh(self.note)
    def note(self):
        painted.append(time.clock_gettime(time.CLOCK_MONOTONIC))
        self.exit()
Timed(analysis, paused=True).run(headless=True, size=(120, 40))
heavy = sorted({"can", "cantools", "asammdf", "pandas"} & set(sys.modules))
print((painted[0] - started) * 1000, (painted[0] - read) * 1000, *heavy)
"""


def main() -> None:
    """Measure and print the medians."""
    recording = sys.argv[1] if len(sys.argv) > 1 else "relock-before-pull"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    results = [_run(recording) for _ in range(runs + 1)][1:]
    whole = statistics.median(float(result[0]) for result in results)
    screen = statistics.median(float(result[1]) for result in results)
    heavy = results[0][2:] or ["nothing heavy"]
    print(f"first paint of {recording}: {whole:.0f} ms from the start, reading included")
    print(f"the screen alone: {screen:.0f} ms; loaded of the heavy libraries: {' '.join(heavy)}")


def _run(recording: str) -> list[str]:
    command = [sys.executable, "-c", _PROGRAM, recording]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()


if __name__ == "__main__":
    main()
