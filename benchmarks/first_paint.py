"""How long from the start of the process until a screen has painted, in milliseconds.

Run it from the top of the repository: ``python benchmarks/first_paint.py [RECORDING] [RUNS]``.
Each run is a process of its own; the layouts come from the cache that the first, uncounted run
fills. Of the replay screen two numbers: from the start of the process, and from the analysed
recording; of the start screen and the connect screen the one from the start of the process.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

_REPLAY = """
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

_CHOOSING = """
import sys, time
started = time.clock_gettime(time.CLOCK_MONOTONIC)
from evdiag.cli import {module}
from evdiag.recent import recent_buses
from evdiag.tui.{screen} import {app}
painted = []
class Timed({app}):
    def draw(self):
        super().draw()
        if not painted:
            self.call_after_refresh(self.note)
    def note(self):
        if not painted:
            painted.append(time.clock_gettime(time.CLOCK_MONOTONIC))
            heavy = sorted({{"can", "cantools", "asammdf", "pandas", "numpy"}} & set(sys.modules))
            print((painted[0] - started) * 1000, 0, *heavy)
            self.exit()
Timed({arguments}).run(headless=True, size=(120, 40))
"""

_SCREENS = {
    "the start screen": _CHOOSING.format(
        module="start",
        screen="start_app",
        app="StartApp",
        arguments="list, None, None, list, str",
    ),
    "the connect screen": _CHOOSING.format(
        module="connect",
        screen="connect_app",
        app="ConnectApp",
        arguments="list, recent_buses(), print, list",
    ),
}


def main() -> None:
    """Measure and print the medians."""
    recording = sys.argv[1] if len(sys.argv) > 1 else "relock-before-pull"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    whole, screen, heavy = _median(_REPLAY, recording, runs)
    print(f"first paint of {recording}: {whole:.0f} ms from the start, reading included")
    print(f"the screen alone: {screen:.0f} ms; loaded of the heavy libraries: {heavy}")
    for name, program in _SCREENS.items():
        whole, _, heavy = _median(program, "", runs)
        print(f"first paint of {name}: {whole:.0f} ms; loaded of the heavy libraries: {heavy}")


def _median(program: str, recording: str, runs: int) -> tuple[float, float, str]:
    results = [_run(program, recording) for _ in range(runs + 1)][1:]
    whole = statistics.median(float(result[0]) for result in results)
    screen = statistics.median(float(result[1]) for result in results)
    return whole, screen, " ".join(results[0][2:]) or "none"


def _run(program: str, recording: str) -> list[str]:
    command = [sys.executable, "-c", program, recording]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()


if __name__ == "__main__":
    main()
