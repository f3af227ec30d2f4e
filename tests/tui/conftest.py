"""Keeps the person's own configuration out of the tests of the screens."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_CONFIG", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
