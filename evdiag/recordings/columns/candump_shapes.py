"""What the rows of candump text look like: how long stamp, channel's name and id are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from evdiag.recordings.columns.ascii_words import Shape
from evdiag.recordings.columns.candump_ids import extended_ids, standard_ids
from evdiag.recordings.columns.known_ids import KnownIds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings.columns.ascii_words import Words
    from evdiag.recordings.columns.rows import Places
    from evdiag.recordings.columns.whole_lines import Text

CHANNEL_AT: Final = 20
_MOST_NAMES: Final = 64
"""A text with more of them is no recording in good order."""

_MOST_DIGITS: Final = 10
"""Of the seconds: until the year 2286."""

_MOST_SHAPES: Final = 8
_ROWS_LOOKED_AT: Final = 32
"""Of the rows that have none of the shapes known, to learn theirs."""

_ROW: Final = re.compile(
    rb"\((\d{1,10})\.\d{6}\) ([!-~]{1,8}) (?:[0-9A-Fa-f]{3}|([0-9A-Fa-f]{8}))#[^#\n]*\n"
)


@dataclass(frozen=True)
class RowShape:
    """Rows whose ``#`` stands at the same place.

    Places are counted from `before` bytes before the row, so that its stamp ends as one with ten
    digits of seconds does. `names` are the channels of such rows so far, `numbers` those that they
    have in the whole recording.
    """

    digits: int
    name_length: int
    extended: bool
    names: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def before(self) -> int:
        """How many bytes of the row before are looked at with this one."""
        return _MOST_DIGITS - self.digits

    @cached_property
    def begin(self) -> Shape:
        """The first four signs, the first seconds among them."""
        return Shape(self._seconds[:4] + "????")

    @cached_property
    def seconds(self) -> Shape:
        """The next eight: up to seven digits, and the point."""
        return Shape(self._seconds[4:])

    @property
    def _seconds(self) -> str:
        return "?" * self.before + "(" + "0" * self.digits + "."

    @cached_property
    def hash_at(self) -> int:
        """Where the ``#`` stands."""
        return CHANNEL_AT + self.name_length + 1 + (8 if self.extended else 3)

    @cached_property
    def width(self) -> int:
        """How many bytes hold the row up to 16 hex digits of data; whole words."""
        return -(-(self.hash_at + 17) // 8) * 8

    @cached_property
    def name_mask(self) -> np.uint64:
        """The bytes of the name in a word that starts with it."""
        return np.uint64((1 << (8 * self.name_length)) - 1)

    def channels(self, words: Words) -> NDArray[np.int16]:
        """Return the number of the name that each word starts with, -1 where it is not known."""
        names = words & self.name_mask
        if (names == self.names[0]).all():
            return np.full(len(words), self.numbers[0], np.int16)
        channels = np.full(len(words), -1, np.int16)
        for name, number in zip(self.names, self.numbers, strict=True):
            channels[names == name] = number
        return channels


class Shapes:
    """The shapes and ids met so far, and the channels in the order in which they were met."""

    def __init__(self) -> None:
        self.channels: list[str] = []
        self.standard_ids = KnownIds(standard_ids)
        self.extended_ids = KnownIds(extended_ids)
        self._shapes: dict[tuple[int, int, bool], RowShape] = {}

    @property
    def are_many(self) -> bool:
        """Tell whether more than one is known."""
        return len(self._shapes) > 1

    def of_rows(self, buffer: Text, starts: Places) -> Iterator[RowShape]:
        """Yield the shapes known, then what else is learnt from rows that have none of them.

        After each shape that is asked for, `left` must be given the rows that do not have it.
        """
        self.left = starts
        tried = list(self._shapes.values())
        yield from tried
        for _ in range(_MOST_SHAPES):
            if not len(self.left) or (shape := self._learn(buffer)) is None:
                return
            yield shape

    def _learn(self, buffer: Text) -> RowShape | None:
        """Return a shape that one of some rows has, with a name that was not known of it."""
        step = max(1, len(self.left) // _ROWS_LOOKED_AT)
        for start in self.left[::step].tolist():
            row = _ROW.match(buffer, start)
            if row is None:
                continue
            name, extended = row[2].decode("ascii"), row[3] is not None
            key = len(row[1]), len(name), extended
            shape = self._shapes.get(key) or RowShape(*key)
            word = int.from_bytes(row[2], "little")
            if word in shape.names or (number := self._number(name)) is None:
                continue
            shape.names.append(word)
            shape.numbers.append(number)
            self._shapes[key] = shape
            return shape
        return None

    def _number(self, name: str) -> int | None:
        if name not in self.channels:
            if len(self.channels) == _MOST_NAMES:
                return None
            self.channels.append(name)
        return self.channels.index(name)
