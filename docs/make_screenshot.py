"""Write ``docs/screenshot.svg``: the replay of relock-before-pull while the lock is open.

Run it from the top of the repository: ``python docs/make_screenshot.py``.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from evdiag.cli.analysis import captured_whole
from evdiag.tui.app import ReplayApp
from evdiag.tui.config import TuiConfig
from evdiag.wiring import analyse

TELLING_MOMENT_S = 21.0
"""The lock has opened, the countdown to its closing runs, nobody has pulled."""

SIZE = (108, 34)


async def write(path: Path) -> None:
    """Play to the moment and write what the screen shows."""
    app = ReplayApp(
        analyse(captured_whole("relock-before-pull", None), "reference"),
        paused=True,
        clock=lambda: 0.0,
        config=TuiConfig(),
    )
    async with app.run_test(size=SIZE) as pilot:
        app.playback.seek(TELLING_MOMENT_S)
        app.playback.playing = True
        app.redraw()
        await pilot.pause()
        path.write_text(app.export_screenshot(title="evdiag replay"), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write(Path(__file__).parent / "screenshot.svg"))
