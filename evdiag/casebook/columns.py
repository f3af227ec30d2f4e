"""Columns whose values may come from anywhere: what a database does not take is written otherwise.

PostgreSQL takes no NUL in a text, and no database half a surrogate pair, as names of files have
them that are no UTF-8.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from evdiag.plain import plain_text


def _can_be_kept(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Words(TypeDecorator[str]):
    """A text for people; a sign that cannot be kept becomes a visible one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is written."""
        if value is None or _can_be_kept(value):
            return value
        return "".join(sign if _can_be_kept(sign) else plain_text(sign) for sign in value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Return what was written."""
        return value


class DiskPath(TypeDecorator[str]):
    """A whole path, which comes back as it was; one that is no UTF-8 is kept as JSON.

    No whole path begins with a quotation mark, so the two cannot be confused.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is written."""
        if value is None or (_can_be_kept(value) and not value.startswith('"')):
            return value
        return json.dumps(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Return the path."""
        if value is None or not value.startswith('"'):
            return value
        path: str = json.loads(value)
        return path
