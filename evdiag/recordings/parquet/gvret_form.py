"""GVRET CSV, as the tool at hand wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evdiag.inputs.block import EXTENDED, RX, TX
from evdiag.recordings.gvret import SEPARATORS, Columns, header_columns, row_columns
from evdiag.recordings.parquet.characters import (
    Field,
    Lines,
    constant,
    decimal,
    hex_number,
    hex_octets,
    is_fewest_digits,
    joined,
    words,
)

if TYPE_CHECKING:
    from evdiag.inputs import Block

_CLASSIC: Final = 8
_MOST_ID_DIGITS: Final = 8
_LONGEST_END: Final = 16
_FALSE: Final = ("false", "0")
_TRUE: Final = ("true", "1")
_DIRECTIONS: Final = ((), ("r", "t"), ("rx", "tx"))


@dataclass(frozen=True)
class GvretForm:
    """Stamp in µs, id, extended, perhaps a direction, bus, length, bytes: cell by cell.

    `stamp_digits` and `id_digits` are the fewest digits of a stamp and of an id, `upper_id` and
    `upper_data` tell the case of hex digits. `false` and `true` are the words for extended.
    `directions` are the words for received and sent, empty where there is no such cell. With
    `padded` a short frame has eight cells all the same; `trailing` tells whether a separator
    follows the last one, `end` is what ends a line.
    """

    separator: str
    stamp_digits: int
    id_digits: int
    upper_id: bool
    upper_data: bool
    false: str
    true: str
    directions: tuple[str, ...]
    padded: bool
    trailing: bool
    end: str

    def facts(self) -> dict[str, Any]:
        """Return what this form is made of again."""
        return {"form": "gvret", **asdict(self)}

    def is_sound(self) -> bool:
        """Tell whether the values are those of a form."""
        return (
            self.separator in SEPARATORS
            and is_fewest_digits(self.stamp_digits)
            and is_fewest_digits(self.id_digits)
            and self.id_digits <= _MOST_ID_DIGITS
            and all(isinstance(truth, bool) for truth in (self.upper_id, self.upper_data))
            and _is_one_of(self.false, _FALSE)
            and _is_one_of(self.true, _TRUE)
            # JSON has lists only.
            and isinstance(self.directions, (tuple, list))
            and tuple(str(word).lower() for word in self.directions) in _DIRECTIONS
            and all(isinstance(truth, bool) for truth in (self.padded, self.trailing))
            and _is_end(self.end)
        )

    def lines(self, block: Block) -> Lines:
        """Return a line for each row."""
        count = len(block)
        buses = [str(name).encode("utf-8", "surrogateescape") for name in block.channels]
        cell = constant(self.separator.encode(), count)
        time_us = (np.abs(block.time_ns) // 1000).astype(np.uint64)
        extended = ((block.flags & EXTENDED) != 0).astype(np.intp)
        return joined(
            [
                words([b"", b"-"], (block.time_ns < 0).astype(np.intp)),
                decimal(time_us, self.stamp_digits),
                cell,
                hex_number(block.id, np.full(count, self.id_digits), self.upper_id),
                cell,
                words([self.false.encode(), self.true.encode()], extended),
                cell,
                *self._direction(block, cell),
                words(buses, block.channel),
                cell,
                decimal(block.length.astype(np.uint64), 1),
                self._data(block),
                constant((self.separator * self.trailing + self.end).encode(), count),
            ]
        )

    def _direction(self, block: Block, cell: Field) -> list[Field]:
        if not self.directions:
            return []
        received, sent = (word.encode() for word in self.directions)
        number = (block.flags & RX > 0) + 2 * (block.flags & TX > 0)
        return [words([b"", received, sent], number), cell]

    def _data(self, block: Block) -> Field:
        """Write a separator and two digits for each byte."""
        width = max(int(block.length.max(initial=0)), _CLASSIC if self.padded else 0)
        digits = hex_octets(block.data[:, :width], self.upper_data).reshape(len(block), width, 2)
        cells = np.empty((len(block), width, 3), np.uint8)
        cells[..., 0] = ord(self.separator)
        cells[..., 1:] = digits
        written = np.arange(width) < np.maximum(block.length, _CLASSIC * self.padded)[:, None]
        return Field(cells.reshape(len(block), -1), np.repeat(written, 3, axis=1))


def _is_one_of(word: object, known: Sequence[str]) -> bool:
    return isinstance(word, str) and word.lower() in known


def _is_end(end: object) -> bool:
    return isinstance(end, str) and len(end) <= _LONGEST_END and not end.strip("\r\n")


def gvret_form(head: Sequence[bytes]) -> GvretForm | None:
    """Return the form of these lines, None where their cells are in another order than GVRET's."""
    texts = [line.decode("utf-8", "surrogateescape") for line in head]
    columns = next((found for text in texts if (found := _columns(text)) is not None), None)
    if columns is None or not _is_usual(columns):
        return None
    rows = [(text, _cells(text, columns.separator)) for text in texts]
    rows = [(text, cells) for text, cells in rows if _is_row(cells, columns)]
    if not rows:
        return None
    text = rows[0][0]
    ids = [cells[columns.id] for _, cells in rows]
    stamps = [cells[columns.time].lstrip("-") for _, cells in rows]
    # A zero in front tells how many digits there are at least; nothing else does.
    padded = [len(stamp) for stamp in stamps if stamp.startswith("0") and stamp != "0"]
    data = ["".join(cells[columns.data :]) for _, cells in rows]
    short = [cells for _, cells in rows if int(cells[columns.length]) < _CLASSIC]
    words = {cells[columns.extended or 0] for _, cells in rows}
    false = next((word for word in words if word.lower() in _FALSE), None)
    true = next((word for word in words if word.lower() in _TRUE), None)
    return GvretForm(
        columns.separator,
        max(padded, default=1),
        8 if all(len(identifier) == 8 for identifier in ids) else 1,
        not any(character in "abcdef" for identifier in ids for character in identifier),
        not any(character in "abcdef" for row in data for character in row),
        false or _like(true or "true", "0", "false"),
        true or _like(false or "false", "1", "true"),
        _directions([cells[columns.direction] for _, cells in rows]) if columns.direction else (),
        all(len(_bytes(cells, columns)) == _CLASSIC for cells in short),
        text.rstrip("\r\n").endswith(columns.separator),
        text[len(text.rstrip("\r\n")) :],
    )


def _columns(text: str) -> Columns | None:
    return header_columns(text) or row_columns(text)


def _is_usual(columns: Columns) -> bool:
    shift = 0 if columns.direction is None else 1
    usual = Columns(
        columns.separator, 0, 1, 2, 3 if shift else None, 3 + shift, 4 + shift, 5 + shift
    )
    return columns == usual and columns.separator in SEPARATORS


def _cells(text: str, separator: str) -> list[str]:
    return text.rstrip("\r\n").split(separator)


def _is_row(cells: Sequence[str], columns: Columns) -> bool:
    if len(cells) <= columns.length:
        return False
    return cells[columns.time].lstrip("-").isdecimal() and cells[columns.length].isdecimal()


def _bytes(cells: Sequence[str], columns: Columns) -> list[str]:
    return [cell for cell in cells[columns.data :] if cell]


def _like(word: str, number: str, name: str) -> str:
    """Return the other of two words in the way in which the one is written."""
    if word.isdecimal():
        return number
    return name.upper() if word.isupper() else name.title() if word.istitle() else name


def _directions(found: Sequence[str]) -> tuple[str, ...]:
    """Return the words for received and sent, of the kind that is there."""
    word = next((word for word in found if word), "Rx")
    pair = ("r", "t") if len(word) == 1 else ("rx", "tx")
    if word.isupper():
        return pair[0].upper(), pair[1].upper()
    return (pair[0].title(), pair[1].title()) if word.istitle() else pair
