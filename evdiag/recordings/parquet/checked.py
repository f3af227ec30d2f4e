"""What the JSON of an archive has to be: each of these returns a value that is, and refuses others.

All of them raise ValueError, or TypeError where a list is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

from evdiag.inputs import Channel
from evdiag.plain import plain_text

_T = TypeVar("_T")

_LARGEST: Final = 1 << 63
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def count(value: Any) -> int:
    """Return a number of things; `true` is none."""
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise ValueError("not a count")
    return value


def flag(value: Any) -> bool:
    """Return what is true or false."""
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def name(value: Any) -> str:
    """Return a text that a file or a channel may be named.

    It need not be UTF-8, yet all of it stands for bytes, none of them zero.
    """
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a name")
    value.encode("utf-8", "surrogateescape")
    return value


def channel(value: Any) -> Channel:
    """Return the name or the number of a channel."""
    return value if type(value) is int else name(value)


def word(value: Any) -> str:
    """Return a text that can be shown as it is."""
    if not isinstance(value, str) or value != plain_text(value):
        raise ValueError("not a word")
    return value


def sha256(value: Any) -> str:
    """Return a hash in hex digits."""
    if not isinstance(value, str) or _SHA256.fullmatch(value) is None:
        raise ValueError("not a hash")
    return value


def place(value: Any) -> Literal["line", "frame"]:
    """Return what the place of an anomaly counts."""
    if value == "line":
        return "line"
    if value == "frame":
        return "frame"
    raise ValueError("not a place")


def maybe(value: Any, kind: Callable[[Any], _T]) -> _T | None:
    """Return what is of a kind, or nothing."""
    return None if value is None else kind(value)


def many(value: Any, kind: Callable[[Any], _T]) -> tuple[_T, ...]:
    """Return a list of one kind."""
    if not isinstance(value, list):
        raise ValueError("not a list")
    return tuple(map(kind, value))
