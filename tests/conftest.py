"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# A test is about behaviour, never about how long this machine took. CI tries the same examples each
# time, so that a change is judged by what it changed; people's machines look for new ones.
settings.register_profile("evdiag", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "evdiag")

# Here, not in a fixture: tests read the cars while they are collected, and a car of the person's
# own that sends what a shipped one sends leaves none of both identified.
os.environ["EVDIAG_CONFIG"] = str(Path(__file__).with_name("nobodys-config"))


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the person's own folders, and what lies there out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVDIAG_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("EVDIAG_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("EVDIAG_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("EVDIAG_CASEBOOK", raising=False)
        yield
