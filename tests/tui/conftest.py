"""Keeps the person's own configuration and time zone out of the tests of the screens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evdiag.casebook.opening import Book, open_book


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_CONFIG", str(tmp_path))
    monkeypatch.setenv("EVDIAG_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EVDIAG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EVDIAG_CASEBOOK", raising=False)
    monkeypatch.setenv("EVDIAG_LANG", "en")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder where the person's case book is to be; nothing is there yet."""
    return tmp_path / "data"


@pytest.fixture
def book(data: Path) -> Iterator[Book]:
    """The person's case book, with nothing in it."""
    with open_book(str(data / "casebook.sqlite")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests answer the guide faster than a person can look."""
    monkeypatch.setattr("evdiag.tui.guide_pane.LOOK_S", 0.0)


@pytest.fixture
def no_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a pressed key wait for what it does only.

    Textual waits besides until the whole process is idle, which one that hears a bus never is.
    """

    async def moment(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
        await asyncio.sleep(0.002)

    monkeypatch.setattr("textual.app.wait_for_idle", moment)
    monkeypatch.setattr("textual.pilot.wait_for_idle", moment)


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The live screen tells the time of day where it is; tests are nowhere."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
