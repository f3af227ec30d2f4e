"""Reads TOML strictly: every complaint names the file, the table, the key and the nearest word."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

_Kind = TypeVar("_Kind")

_RAW_VALUE = re.compile(r"0|-?[1-9][0-9]{0,19}|0x[0-9a-fA-F]{1,16}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_DEEP_KEY = re.compile(r"(?<![\w-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){100}")
_KIND_NAMES = {str: "text in quotes", int: "a whole number", bool: "true or false", list: "a list"}

MOST: Final = 10**9
"""No time, rate or length of a car is larger; what counts with it must not overflow."""

LEAST_RAW: Final = -(2**63)
MOST_RAW: Final = 2**64 - 1
"""What a signal of 64 bits can hold, with a sign or without; no id is longer."""

_LONGEST_SHOWN = 80
_MOST_NAMED = 50
"""A complaint is one sentence, also about a file that is none."""

Loads: TypeAlias = Callable[[str], dict[str, Any]]


class TomlTable:
    """One table of a TOML file, read key by key; `close` refuses the keys that nobody read."""

    def __init__(self, file: str, path: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self.path = path
        self._values = values
        self._read: set[str] = set()

    @staticmethod
    def parse(file: str, text: str, loads: Loads | None = None) -> TomlTable:
        """Parse a whole file, with `tomllib.loads` or what gives the same.

        Raises:
            BadInputError: it is not TOML.
        """
        try:
            return TomlTable(file, "", (loads or load_toml)(text))
        except ValueError as error:
            # tomllib's own complaint, or int's of a number of thousands of digits.
            raise BadInputError(f"{plain_text(file)} is not TOML: {error}") from None
        except RecursionError:
            raise BadInputError(f"{plain_text(file)} is not TOML: it is nested too deep") from None

    def wrong(self, key: str, what: str) -> BadInputError:
        """Make the error for one key of this table."""
        table = f"table [{self.path}]" if self.path else "top table"
        return BadInputError(
            f"{plain_text(self.file)}: {_cut(plain_text(table))}, key {quoted(key)}: {what}"
        )

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        """Return the names of all keys."""
        return list(self._values)

    def text(self, key: str, default: str | None = None) -> str:
        """Return text; without a default the key must be there, and say something."""
        text = self._get(key, str, default)
        if default is None and not text.strip():
            raise self.wrong(key, "is empty: it must say something")
        return text

    def integer(
        self, key: str, default: int | None = None, *, least: int = LEAST_RAW, most: int = MOST
    ) -> int:
        """Return a whole number that is not below `least`, nor above `most`."""
        value = self._get(key, int, default)
        if key in self._values and value < least:
            raise self.wrong(key, f"must be {least} or more, not {_shown(value)}")
        if value > most:
            raise self.wrong(key, f"must be {most} or less, not {_shown(value)}")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        return self._get(key, bool, default)

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number, whole or not, that is larger than 0 and at most `MOST`."""
        if key not in self._values:
            return self._need(key, default)
        self._read.add(key)
        value = self._values[key]
        if not _is_positive(value):
            raise self.wrong(key, f"must be a number larger than 0, not {_shown(value)}")
        if value > MOST:
            raise self.wrong(key, f"must be {MOST} or less, not {_shown(value)}")
        return float(value)

    def word(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """Return text that must be one of `allowed`."""
        return self.checked(key, self.text(key, default), allowed)

    def name(self, key: str, default: str | None = None) -> str:
        """Return text that names something within evdiag: short, and safe wherever it stands."""
        name = self.text(key, default)
        if not _NAME.fullmatch(name) and name != default:
            raise self.wrong(key, "must be lower-case letters, digits and hyphens, 60 at most")
        return name

    def checked(self, key: str, word: str, allowed: Collection[str]) -> str:
        """Return `word` if it is one of `allowed`.

        Raises:
            BadInputError: it is not; the message names the nearest allowed word.
        """
        if word not in allowed:
            raise self.wrong(key, f"{quoted(word)} is not known; {nearest(word, allowed)}")
        return word

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of text; absent is empty."""
        return self._list(key, str)

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers of 64 bits; absent is empty."""
        values = self._list(key, int)
        if not all(LEAST_RAW <= value <= MOST_RAW for value in values):
            raise self.wrong(key, "every entry must fit into 64 bits")
        return values

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of numbers larger than 0; absent is empty."""
        values = self._get(key, list, [])
        if not all(_is_positive(value) for value in values):
            raise self.wrong(key, "every entry must be a number larger than 0")
        if not all(value <= MOST for value in values):
            raise self.wrong(key, f"every entry must be {MOST} or less")
        return tuple(float(value) for value in values)

    def words(self, key: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Return a list of words, each one of `allowed`."""
        return tuple(self.checked(key, word, allowed) for word in self.texts(key))

    def table(self, key: str) -> TomlTable:
        """Return a sub-table; absent is an empty one."""
        values = self._values.get(key, {})
        self._read.add(key)
        if not isinstance(values, dict):
            raise self.wrong(key, "must be a table")
        return TomlTable(self.file, f"{self.path}.{key}" if self.path else key, values)

    def tables(self, key: str) -> Iterator[TomlTable]:
        """Yield the tables of a list of tables; absent is none."""
        values = self._get(key, list, [])
        path = f"{self.path}.{key}" if self.path else key
        for number, value in enumerate(values, 1):
            if not isinstance(value, dict):
                raise self.wrong(key, "must be a list of tables")
            yield TomlTable(self.file, f"{path} {number}", value)

    def one_or_more(self, key: str) -> Iterator[TomlTable]:
        """Yield what stands under a key: a table, or each of a list of tables."""
        if isinstance(self._values.get(key), list):
            yield from self.tables(key)
        else:
            yield self.table(key)

    def sub_tables(self) -> Iterator[tuple[str, TomlTable]]:
        """Yield every key of this table as a sub-table."""
        for key in self._values:
            yield key, self.table(key)

    def word_by_integer(self, key: str, allowed: Collection[str]) -> tuple[tuple[int, str], ...]:
        """Return a table of whole numbers, none of them twice, to words; absent is empty."""
        table = self.table(key)
        pairs: dict[int, str] = {}
        for text in table._values:
            if not _RAW_VALUE.fullmatch(text):
                raise table.wrong(text, "must be a raw value: a whole number such as 3, -1 or 0x88")
            raw = int(text, 0)
            if raw in pairs:
                raise table.wrong(text, f"the raw value {raw} is there twice")
            pairs[raw] = table.checked(text, table.text(text), allowed)
        return tuple(pairs.items())

    def close(self) -> None:
        """Refuse keys that nobody read.

        Raises:
            BadInputError: there is one; the message names the nearest key that is known.
        """
        for key in self._values:
            if key not in self._read:
                raise self.wrong(key, f"is not known; {nearest(key, sorted(self._read))}")

    def _get(self, key: str, kind: type[_Kind], default: _Kind | None) -> _Kind:
        self._read.add(key)
        if key not in self._values:
            return self._need(key, default)
        value = self._values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"must be {_KIND_NAMES[kind]}, not {_shown(value)}")
        return value

    def _need(self, key: str, default: _Kind | None) -> _Kind:
        self._read.add(key)
        if default is None:
            raise self.wrong(key, "is missing")
        return default

    def _list(self, key: str, kind: type[_Kind]) -> tuple[_Kind, ...]:
        values = self._get(key, list, [])
        if not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
            raise self.wrong(key, f"every entry must be {_KIND_NAMES[kind]}")
        return tuple(values)


def _is_positive(value: object) -> bool:
    """Return whether `value` is a finite number larger than 0."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return 0 < value != math.inf  # (nan compares false)


def _shown(value: object) -> str:
    """Return what stands there, as one short piece of plain text."""
    try:
        return _cut(plain_text(repr(value)))
    except (ValueError, RecursionError):
        # A number of thousands of digits, or tables in tables in tables.
        return "what stands there"


def quoted(word: str) -> str:
    """Return a foreign word as a complaint shows it: plain, short, in quotes."""
    return repr(_cut(plain_text(word)))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def load_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises:
        ValueError: it is not TOML (`tomllib.TOMLDecodeError`), or has a number too long to read.
    """
    import tomllib

    if _DEEP_KEY.search(text):
        # tomllib takes the square of it: minutes.
        raise ValueError("a key has more than 100 parts")
    # An editor's mark of UTF-8, which TOML does not know and nobody sees.
    return tomllib.loads(text.removeprefix("\ufeff"))


def nearest(word: str, words: Iterable[str]) -> str:
    """Say which of `words` was probably meant, or list them when none is close."""
    import difflib

    known = list(words)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {quoted(close[0])}?"
    if not known:
        return "there is none at all"
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"known are: {', '.join(_cut(plain_text(each)) for each in known[:_MOST_NAMED])}{more}"
