"""A replay that a test plays: a shipped story, a clock that stands still, default keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from textual.pilot import Pilot

from evdiag.inputs import Block, Frame
from evdiag.packaged import shipped_folder
from evdiag.signals.columns import signal_events
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.sequence import stepped
from evdiag.tui.app import ReplayApp
from evdiag.tui.config import TuiConfig
from evdiag.wiring import Analysis, analyse, read_capture

Playing = Pilot[None]

SIZES = ((120, 40), (80, 24), (60, 20))


@dataclass
class Clock:
    """Real time as the test tells it."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


@cache
def story(name: str) -> Analysis:
    """Return a shipped story, analysed."""
    return analyse(read_capture(str(shipped_folder("recordings") / f"{name}.log")), "reference")


def of_frames(frames: list[Frame], base: Analysis | None = None) -> Analysis:
    """Return these frames as a recording of the reference car."""
    base = base or story("relock-before-pull")
    block = Block.from_frames(frames)
    capture = replace(base.capture, block=block)
    excerpt = Excerpt.whole(block)
    timebase = excerpt.timebase
    events = stepped(signal_events(excerpt, base.watch), excerpt.before_ns)
    return replace(base, capture=capture, events=events, timebase=timebase)


def replay(
    analysis: Analysis | str = "relock-before-pull",
    *,
    at_s: float = 0.0,
    clock: Clock | None = None,
    config: TuiConfig | None = None,
    **options: Any,
) -> ReplayApp:
    """Return the app, paused at a moment."""
    analysis = story(analysis) if isinstance(analysis, str) else analysis
    options.setdefault("paused", True)
    app = ReplayApp(analysis, clock=clock or Clock(), config=config or TuiConfig(), **options)
    app.playback.seek(at_s)
    return app


async def settled(pilot: Playing) -> None:
    """Wait until everything that was asked for is drawn."""
    await pilot.pause()
    await pilot.pause()


def seen(app: ReplayApp) -> str:
    """Return the text on the terminal, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
