"""Where the case book is: one file in the user's data folder, or a server that a URL names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.user_files import data_folder

VARIABLE: Final = "EVDIAG_CASEBOOK"
FILE_NAME: Final = "casebook.sqlite"

_SQLITE: Final = "sqlite:///"
_SERVERS: Final = ("postgresql://", "postgresql+psycopg://")


@dataclass(frozen=True, slots=True)
class Place:
    """A file, or the URL of a server; never both.

    `label` names it in messages; neither a password nor a user is in it.
    """

    label: str
    path: Path | None = None
    url: str = ""
    secrets: tuple[str, ...] = ()

    def without_secrets(self, words: str) -> str:
        """Return what a driver says with nothing in it that gives access."""
        for secret in self.secrets:
            words = words.replace(secret, "***")
        return plain_text(words)


def place_of(named: str | None = None) -> Place:
    """Return where the book is: where `named` or ``EVDIAG_CASEBOOK`` says, else the user's own.

    Raises:
        BadInputError: the URL is of no database that a case book can be in.
    """
    named = named or os.environ.get(VARIABLE)
    if not named:
        return _file(data_folder() / FILE_NAME)
    if named.startswith(_SQLITE):
        return _file(Path(named.removeprefix(_SQLITE)))
    if named.startswith(_SERVERS):
        return _server(named)
    if "://" in named:
        raise BadInputError(
            "the case book can be a file or a PostgreSQL database: name a path, "
            f"sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME in {VARIABLE}"
        )
    return _file(Path(named))


def _file(path: Path) -> Place:
    return Place(plain_text(str(path)), path)


def _server(named: str) -> Place:
    from evdiag.casebook.needed import need_workshop

    need_workshop("psycopg")
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        if named.count("@") > 1:
            # Where the host begins is anybody's guess then.
            raise ValueError(named)
        url = make_url(named).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        # Whatever is wrong in it, a password may be near.
        raise BadInputError(
            f"the URL of the case book cannot be read: write it in {VARIABLE} as "
            "postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME, with %40 for an @ in a password"
        ) from None
    host = "" if url.host is None else url.host
    port = "" if url.port is None else f":{url.port}"
    label = plain_text(f"postgresql://{host}{port}/{url.database or ''}")
    said = [url.password, *(_texts(url.query.get("password")))]
    secrets = tuple(str(word) for word in said if word)
    return Place(label, None, url.render_as_string(hide_password=False), secrets)


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
