"""Showing a live bus on the whole terminal, and what is said when it has been left."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.bus.settings import BusSettings
    from evdiag.live.live import LiveState
    from evdiag.tui.guide_start import GuideStart
    from evdiag.tui.live_app import LiveApp
    from evdiag.tui.virtual_car import VirtualCar
    from evdiag.watching import WatchedBus


def has_terminal() -> bool:
    """Say whether there is a terminal to show a screen on."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def opened(
    buses: Sequence[BusSettings], vehicle: str | None, folder: Path, *, record: bool
) -> WatchedBus:
    """Open buses and listen; they are remembered as the last ones.

    Raises:
        BadInputError: no profile is called `vehicle`.
        BusError: a bus cannot be opened.
    """
    from evdiag.recent import remember_bus
    from evdiag.watching import WatchedBus

    bus = WatchedBus(buses, vehicle, folder)
    bus.start(record=record)
    for settings in reversed(buses):
        remember_bus(settings, vehicle)
    return bus


def show(
    bus: WatchedBus,
    car: VirtualCar | None = None,
    *,
    guide: GuideStart | None = None,
    case: int | None = None,
) -> int:
    """Show a bus that is listened to until it is left; close it, and say what was recorded.

    With `guide` the person is guided from the first moment on. What is recorded goes into the
    case that `case` names, until the person chooses another one; a virtual `car` is in no case.
    """
    from evdiag.cli.case_desk import BookOnScreen
    from evdiag.cli.last_resort import LastResort
    from evdiag.loaded import leave_alone
    from evdiag.tui.live_app import LiveApp

    book = None if car is not None else BookOnScreen("live")
    try:
        app = LiveApp(bus, car=car, guide=guide, book=book, case=case)
        leave_alone()
        with LastResort(app.leave_soon, bus.stop):
            app.run()
    finally:
        with _undisturbed():
            bus.stop()
    with _undisturbed():
        # First of all: there may be no terminal left to say anything on.
        app.cases.file_new(recordings_begun(bus.state))
        try:
            return _said(app, bus)
        finally:
            app.cases.finish()


def _said(app: LiveApp, bus: WatchedBus) -> int:
    """Say what became of it all; return the exit code."""
    from evdiag.cli.case_desk import say_what_was_put

    say_how_a_command_ended(bus)
    say_what_was_recorded(bus)
    recorder = bus.state.recorder
    recorded = 0 if recorder is None or recorder.is_complete else BadInputError.exit_code
    return max(app.return_code or 0, recorded, say_what_was_put(app.cases))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a closed terminal, or a shutdown, not end evdiag while it hands a command back.

    A terminal that goes says so more than once, and the screen listens no more.
    """
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.SIG_IGN) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def say_how_a_command_ended(bus: WatchedBus) -> None:
    """Say how a command ended that was under way when the screen was left."""
    from evdiag.tui.control_lines import outcome_sentence

    view = bus.commands.cut_short
    if view is not None and view.outcome is not None:
        click.echo(outcome_sentence(view.command, view.outcome))


def say_what_was_recorded(bus: WatchedBus) -> None:
    """Say where the recording is, and what was not recorded."""
    from evdiag.recent import remember_recording

    recorder = bus.state.recorder
    if recorder is None:
        return
    began = recordings_begun(bus.state)
    # First of all: there may be no terminal left to say anything on.
    for file in began:
        remember_recording(file)
    for trouble in recorder.troubles:
        click.echo(f"evdiag: {plain_text(trouble)}", err=True)
    for file in recorder.files:
        click.echo(f"recorded {plain_text(str(file))}")
    for file in began:
        click.echo(f"  evdiag replay {_quoted(file)}")


def recordings_begun(state: LiveState) -> list[Path]:
    """Return the first file of each recording that a live bus was recorded into."""
    return [] if state.recorder is None else state.recorder.begun


def _quoted(file: Path) -> str:
    import shlex

    return plain_text(shlex.quote(str(file)))
