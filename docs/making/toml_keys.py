"""Which keys a TOML format has, found by watching its reader read real files.

What a reader asks a `TomlTable` for is the format: no list of keys is kept beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from evdiag.vehicles.toml_table import TomlTable
from evdiag.vocabulary import TERM

SIGNAL = "SIGNAL"
"""Stands for the name of any signal of the vocabulary."""

_TYPES = {
    "text": "text",
    "name": "text",
    "integer": "whole number",
    "flag": "true or false",
    "number": "number above 0",
    "word": "word",
    "texts": "list of text",
    "integers": "list of whole numbers",
    "numbers": "list of numbers above 0",
    "words": "list of words",
    "table": "table",
    "tables": "list of tables",
    "one_or_more": "table, or list of tables",
    "word_by_integer": "table of raw value = word",
}
_MAY_BE_ABSENT = ("texts", "integers", "numbers", "words", "table", "tables", "word_by_integer")


@dataclass
class Key:
    """One key of one table: what it holds, whether it must be there, and one that was seen."""

    type: str
    required: bool = False
    default: Any = None
    words: tuple[str, ...] = ()
    example: Any = None


@dataclass
class Watched:
    """The keys that were asked for, by table (empty for the top table) and name."""

    tables: dict[str, dict[str, Key]] = field(default_factory=dict)
    asked_if_there: set[tuple[str, str]] = field(default_factory=set)

    def note(self, table: TomlTable, method: str, key: str, arguments: dict[str, Any]) -> None:
        """Take down one question of a reader."""
        path = generic(table.path)
        known = self.tables.setdefault(path, {})
        entry = known.setdefault(generic(key), Key(_TYPES[method]))
        if method in ("word", "words"):
            entry.type = _TYPES[method]
            entry.words = tuple(arguments["allowed"])
        entry.default = arguments.get("default", entry.default)
        if entry.default is None and method not in _MAY_BE_ABSENT:
            entry.required = (path, generic(key)) not in self.asked_if_there
        value = table._values.get(key)
        if entry.example is None and not _holds_tables(value):
            entry.example = value


def generic(path: str) -> str:
    """Return a path without the numbers of list entries and the names of signals."""
    path = re.sub(r" \d+(?=\.|$)", "", path)
    for name in sorted(TERM, key=len, reverse=True):
        path = re.sub(rf"(^|\.){re.escape(name)}(?=\.|$)", rf"\1{SIGNAL}", path)
    return path


def _holds_tables(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


@contextmanager
def watching() -> Iterator[Watched]:
    """Watch every `TomlTable` that is read meanwhile."""
    watched = Watched()
    originals = {name: getattr(TomlTable, name) for name in (*_TYPES, "checked", "__contains__")}
    inside = 0

    def watcher(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: TomlTable, key: str, *given: Any, **named: Any) -> Any:
            nonlocal inside
            if not inside and not (name in ("table", "tables") and key in TERM):
                names = ("allowed", "default") if name == "word" else ("default",)
                names = ("allowed",) if name in ("words", "word_by_integer") else names
                watched.note(self, name, key, dict(zip(names, given, strict=False)) | named)
            inside += 1
            try:
                return original(self, key, *given, **named)
            finally:
                inside -= 1

        return method

    def contains(self: TomlTable, key: str) -> bool:
        if not inside:
            watched.asked_if_there.add((generic(self.path), generic(key)))
        return bool(originals["__contains__"](self, key))

    def checked(self: TomlTable, key: str, word: str, allowed: Any) -> str:
        words = list(allowed)
        if not inside and key not in TERM:
            entry = watched.tables[generic(self.path)][generic(key)]
            entry.type, entry.words = _TYPES["word"], tuple(words)
        return str(originals["checked"](self, key, word, words))

    try:
        for name in _TYPES:
            setattr(TomlTable, name, watcher(name, originals[name]))
        TomlTable.checked = checked  # type: ignore[method-assign]
        TomlTable.__contains__ = contains  # type: ignore[method-assign]
        yield watched
    finally:
        for name, original in originals.items():
            setattr(TomlTable, name, original)
