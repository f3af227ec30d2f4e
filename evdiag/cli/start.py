"""Bare ``evdiag`` on a terminal: the start screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evdiag.bus.adapters import Adapter
    from evdiag.tui.start_app import Start


def start() -> int:
    """Have the person choose what to begin with, and do that; return the exit code.

    Who goes back from what was begun chooses again.
    """
    while True:
        chosen = _chosen()
        if chosen is None:
            return 0
        code = _begin(chosen)
        if code is not None:
            return code


def _chosen() -> Start | None:
    from evdiag.recent import recent_buses, recent_recordings
    from evdiag.tui.start_app import StartApp

    buses, recordings = recent_buses(), recent_recordings()
    app = StartApp(
        _adapters,
        buses[0] if buses else None,
        recordings[0] if recordings else None,
        _scenarios,
        _wrong_with,
    )
    app.run()
    return app.chosen


def _begin(chosen: Start) -> int | None:
    """Begin with what was chosen; return the exit code, none where the person goes back."""
    if chosen.way == "replay":
        from evdiag.cli.replay import on_screen

        return on_screen(str(Path(chosen.recording).expanduser()))
    if chosen.way == "demo":
        from evdiag.cli.demo import STORY, on_screen_live

        return on_screen_live(STORY)
    if chosen.way == "workshop":
        from evdiag.cli.cases_trend import workshop_on_screen

        return workshop_on_screen()
    if chosen.way == "guide" and not any(adapter.ready for adapter in _adapters()):
        from evdiag.cli.guide import on_screen_by_answers

        return on_screen_by_answers()
    from evdiag.log_file import start_log

    start_log()
    from evdiag.cli.connect import choose_and_show

    if chosen.way == "guide":
        from evdiag.cli.guide import first_step

        return choose_and_show(Path(), record=True, guide=first_step())
    return choose_and_show(Path(), at_once=chosen.way == "reconnect")


def _adapters() -> Sequence[Adapter]:
    from evdiag.cli.connect import found_adapters

    return found_adapters(with_loopback=False)


def _scenarios() -> Sequence[tuple[str, str]]:
    from evdiag.simulator.stories import STORIES

    return [(story.id, story.title) for story in STORIES]


def _wrong_with(name: str) -> str:
    """Say what is wrong with the name of a recording, nothing where it can be opened."""
    from evdiag.plain import plain_text

    if not name:
        return "type the path of a recording, or choose a scenario"
    if not Path(name).expanduser().is_file():
        return f"{plain_text(name)}: there is no such file"
    return ""
