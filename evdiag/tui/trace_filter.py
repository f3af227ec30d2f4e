"""What a typed filter lets through. Pure.

Words are separated by spaces. ``3B4`` is any id that holds these digits, ``3B0-3BF`` a range,
``3B0/7F0`` an id under a mask, ``signal:NAME`` or any other word a part of a message's or signal's
name; any of them is enough. ``channel:can0``, ``changed``, ``error`` and ``remote`` narrow that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from evdiag.errors import BadInputError
from evdiag.inputs.frame import EXTENDED_KEY
from evdiag.plain import plain_text
from evdiag.session.track import SeenKind

_HEX = re.compile(r"(?:0x)?([0-9a-f]+)")
_RANGE = re.compile(r"(?:0x)?([0-9a-f]+)-(?:0x)?([0-9a-f]+)")
_MASK = re.compile(r"(?:0x)?([0-9a-f]+)/(?:0x)?([0-9a-f]+)")

Names = Callable[[SeenKind], tuple[str, ...]]
"""Gives the names of a kind's message and signals, and of the vocabulary signals in it."""

_Test = Callable[[SeenKind], bool]


@dataclass(frozen=True)
class TraceFilter:
    """A filter that was understood; `text` is how it was typed."""

    text: str = ""
    only_changed: bool = False
    any_of: tuple[_Test, ...] = ()
    all_of: tuple[_Test, ...] = ()

    def lets_through(self, kind: SeenKind) -> bool:
        """Say whether frames of a kind are shown at all."""
        wanted = not self.any_of or any(test(kind) for test in self.any_of)
        return wanted and all(test(kind) for test in self.all_of)


def read_filter(text: str, names: Names) -> TraceFilter:
    """Understand a typed filter.

    Raises:
        BadInputError: a range ends before it begins, or a word stands without its name.
    """
    any_of: list[_Test] = []
    all_of: list[_Test] = []
    words = text.lower().split()
    for word in words:
        if word == "changed":
            continue
        if word == "error":
            all_of.append(lambda kind: kind.error)
        elif word == "remote":
            all_of.append(lambda kind: kind.remote)
        elif word.startswith("channel:"):
            all_of.append(_channel(_named(word)))
        else:
            any_of.append(_one_of(word, names))
    return TraceFilter(text.strip(), "changed" in words, tuple(any_of), tuple(all_of))


def _one_of(word: str, names: Names) -> _Test:
    if word.startswith("signal:"):
        return _name(_named(word), names)
    if span := _RANGE.fullmatch(word):
        low, high = (int(end, 16) for end in span.groups())
        if high < low:
            raise BadInputError(f"{plain_text(word)}: the range ends before it begins")
        return lambda kind: not kind.error and low <= kind.key & ~EXTENDED_KEY <= high
    if under := _MASK.fullmatch(word):
        identifier, mask = (int(part, 16) for part in under.groups())
        return lambda kind: not kind.error and (kind.key & mask) == (identifier & mask)
    named = _name(word, names)
    if digits := _HEX.fullmatch(word):
        part = digits[1]
        return lambda kind: part in kind.id[2:].lower() or named(kind)
    return named


def _named(word: str) -> str:
    head, _, name = word.partition(":")
    if not name:
        raise BadInputError(f"{head}: needs a name behind it, without a space")
    return name


def _name(part: str, names: Names) -> _Test:
    return lambda kind: any(part in name.lower() for name in names(kind))


def _channel(name: str) -> _Test:
    return lambda kind: str(kind.channel).lower() == name
