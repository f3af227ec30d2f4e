"""A case book in a file, and one on a server: whatever is tested is tested on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from evdiag.casebook.opening import Book, open_book
from tests.casebook.server import Server, programs, running
from tests.cli.in_process import CommandLine


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; one for each process of the tests that needs it."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running(found) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Where a new book is to be; the commands find it there, too."""
    with ExitStack() as stack:
        where = str(tmp_path / "data" / "casebook.sqlite")
        if request.param == "postgresql":
            server: Server = request.getfixturevalue("server")
            where = stack.enter_context(server.database())
        monkeypatch.setenv("EVDIAG_CASEBOOK", where)
        yield where


@pytest.fixture
def book(url: str) -> Iterator[Book]:
    """An open book with nothing in it."""
    with open_book(url) as opened:
        yield opened


@pytest.fixture
def evdiag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line."""
    return CommandLine(monkeypatch, capsys)


@pytest.fixture
def other_book(tmp_path: Path) -> Iterator[Any]:
    """One more book, in a file."""
    with open_book(str(tmp_path / "other" / "casebook.sqlite")) as opened:
        yield opened
