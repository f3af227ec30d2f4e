"""Keeps the person's own configuration and time zone out of the tests of the screens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_CONFIG", str(tmp_path))
    monkeypatch.setenv("EVDIAG_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EVDIAG_LANG", "en")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests answer the guide faster than a person can look."""
    monkeypatch.setattr("evdiag.tui.guide_pane.LOOK_S", 0.0)


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The live screen tells the time of day where it is; tests are nowhere."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
