"""What a terminal is told, and what it cannot interrupt, when a screen is left in a command."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from evdiag.cli.live_screen import say_how_a_command_ended, show
from evdiag.control.errand import ErrandView
from evdiag.control.outcome import Outcome
from evdiag.tui.case_desk import CaseDesk
from evdiag.tui.live_app import LiveApp
from evdiag.vehicles.library import library
from evdiag.watching import WatchedBus


def left(view: ErrandView | None, stop: Any = lambda: None) -> WatchedBus:
    """Return a bus whose screen was left while a command was under way."""
    said = SimpleNamespace(commands=SimpleNamespace(cut_short=view), stop=stop)
    said.state = SimpleNamespace(recorder=None)
    return cast(WatchedBus, said)


def test_it_says_how_the_command_ended(capsys: pytest.CaptureFixture[str]) -> None:
    command = library().profile("reference").ways("unlock")[0]
    outcome = Outcome("aborted", "the screen was left", True, True, "authority is back", 1.0)
    say_how_a_command_ended(left(ErrandView(command, "ended", (), (), None, outcome)))
    said = capsys.readouterr().out
    assert said == "unlock by frames: ABORTED: the screen was left; authority is back\n"
    say_how_a_command_ended(left(None))
    assert capsys.readouterr().out == ""


def test_a_terminal_that_goes_twice_does_not_interrupt_the_hand_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed_back = []

    def stop() -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        handed_back.append(True)

    monkeypatch.setattr(LiveApp, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(LiveApp, "run", lambda _: None)
    monkeypatch.setattr(LiveApp, "return_code", 0)
    nobody: Any = None
    monkeypatch.setattr(LiveApp, "cases", CaseDesk(nobody, None), raising=False)
    before = signal.getsignal(signal.SIGHUP)
    assert show(left(None, stop)) == 0
    assert handed_back == [True]
    assert signal.getsignal(signal.SIGHUP) is before
