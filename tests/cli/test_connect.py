"""`evdiag connect` and bare `evdiag`, where there is no terminal, and what is said afterwards."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.opening import open_book
from evdiag.casebook.reading import case_file
from evdiag.cli import live_screen
from evdiag.live.live import LiveState
from evdiag.packaged import shipped_folder
from evdiag.recent import recent_recordings
from evdiag.recordings.journal.state import JournalState
from evdiag.tui.case_desk import CaseDesk


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evdiag", *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize("words", [(), ("-i", "virtual", "-c", "x"), ("--record",)])
def test_without_a_terminal_it_is_one_sentence_that_names_record(words: tuple[str, ...]) -> None:
    done = run("connect", *words)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "evdiag: connect needs a terminal; `evdiag record` records a live bus without one"
    ]


def test_bare_evdiag_without_a_terminal_prints_its_help() -> None:
    done = run()
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: evdiag")
    assert "connect" in done.stdout
    assert done.stdout == run("--help").stdout


class NothingCommanded:
    """No command was under way when the screen was left."""

    cut_short = None


class Left:
    """A bus that has been left, with this recorder."""

    def __init__(self, recorder: JournalState | None) -> None:
        self.stopped = False
        self.commands = NothingCommanded()
        self.state = LiveState((), 10, 0, 10, 0, recorder, "")

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from evdiag.tui import live_app

    monkeypatch.setenv("EVDIAG_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EVDIAG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EVDIAG_CASEBOOK", raising=False)

    def screen(bus: Any, *, book: Any, case: int | None, **_: Any) -> Any:
        app = SimpleNamespace(run=lambda: None, leave_soon=lambda: None, return_code=0)
        app.cases = CaseDesk(app, book, case)  # type: ignore[arg-type]
        return app

    monkeypatch.setattr(live_app, "LiveApp", screen)


def test_what_was_recorded_is_said_with_the_command_that_replays_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("a b.log", "a b.part002.log", "later.log")
    files = tuple(tmp_path / name for name in names)
    for file in files:
        file.write_text("")
        file.with_suffix(".jsonl").write_text("")
    bus: Any = Left(JournalState(0, files, frames=10, notes=("full: no frame is lost",)))
    assert live_screen.show(bus) == 0
    out, err = capsys.readouterr()
    assert bus.stopped
    assert out.splitlines() == [
        *(f"recorded {file}" for file in files),
        f"  evdiag replay '{files[0]}'",
        f"  evdiag replay {files[2]}",
    ]
    assert "full: no frame is lost" in err
    assert recent_recordings() == [files[2], files[0]]


def test_what_was_recorded_last_goes_into_the_case_that_is_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "drive.log"
    file.write_bytes((shipped_folder("recordings") / "healthy-ac.log").read_bytes())
    gone = tmp_path / "gone.log"
    with open_book() as book:
        with book.writing() as transaction:
            new_case(transaction, CarWords(plate="M-AB 1"), "stuck", 10**18)
        bus: Any = Left(JournalState(0, (file, gone), frames=10))

        assert live_screen.show(bus, case=1) == 2

        out, err = capsys.readouterr()
        assert f"case 1: added {file}: 1 attempt" in out
        assert "gone.log cannot be read" in err
        [session] = case_file(book, 1).sessions
        assert (session.kind, session.recording.path) == ("live", str(file))

        assert live_screen.show(bus) == 0, "no case, nothing is filed"
        assert len(case_file(book, 1).sessions) == 1


def test_where_nothing_was_recorded_nothing_is_said_but_what_went_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bus: Any = Left(None)
    live_screen.show(bus)
    assert capsys.readouterr() == ("", "")
    state = JournalState(0, alarm="not recording: the disk is full", lost=7)
    bus = Left(replace(state, frames=0))
    assert live_screen.show(bus) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "the disk is full" in err
    assert "7 frames that could not be written" in err
