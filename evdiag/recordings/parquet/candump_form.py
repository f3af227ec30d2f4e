"""candump log text, as the tool at hand wrote it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from evdiag.inputs.block import BITRATE_SWITCH, ERROR, ERROR_STATE, EXTENDED, FD, REMOTE, RX, TX
from evdiag.recordings import candump
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

_ROW: Final = re.compile(
    rb"\((?P<seconds>\d+)\.(?P<fraction>\d{1,9})\) \S+ (?P<id>[0-9A-Fa-f]+)"
    rb"#(?P<data>\S*)[^\r\n]*(?P<end>\r?\n)"
)
_LOWER: Final = re.compile(rb"[a-f]")
_NANOSECOND_DIGITS: Final = 9
_DIGITS: Final = b"0123456789ABCDEF"
_T = TypeVar("_T")


@dataclass(frozen=True)
class CandumpForm:
    """``(seconds.fraction) channel id#data`` and, where it is known, `` R`` or `` T``.

    `whole` and `fraction` count the digits of a stamp, `upper_id` and `upper_data` tell the case of
    hex digits, `end` is what ends a line.
    """

    whole: int
    fraction: int
    upper_id: bool
    upper_data: bool
    end: str

    def facts(self) -> dict[str, Any]:
        """Return what this form is made of again."""
        return {"form": "candump", **asdict(self)}

    def is_sound(self) -> bool:
        """Tell whether the values are those of a form."""
        return (
            is_fewest_digits(self.whole)
            and is_fewest_digits(self.fraction)
            and self.fraction <= _NANOSECOND_DIGITS
            and isinstance(self.upper_id, bool)
            and isinstance(self.upper_data, bool)
            and self.end in ("\n", "\r\n")
        )

    def lines(self, block: Block) -> Lines:
        """Return a line for each row."""
        count = len(block)
        names = [str(name).encode("utf-8", "surrogateescape") for name in block.channels]
        return joined(
            [
                constant(b"(", count),
                *self._stamp(block),
                constant(b") ", count),
                words(names, block.channel),
                constant(b" ", count),
                self._id(block),
                *self._payload(block),
                words([b"", b" R", b" T"], (block.flags & RX > 0) + 2 * (block.flags & TX > 0)),
                constant(self.end.encode(), count),
            ]
        )

    def _stamp(self, block: Block) -> list[Field]:
        count = len(block)
        units = (np.abs(block.time_ns) // 10 ** (9 - self.fraction)).astype(np.uint64)
        seconds, parts = np.divmod(units, np.uint64(10**self.fraction))
        return [
            words([b"", b"-"], (block.time_ns < 0).astype(np.intp)),
            decimal(seconds, self.whole),
            constant(b".", count),
            decimal(parts, self.fraction),
        ]

    def _id(self, block: Block) -> Field:
        error = (block.flags & ERROR) != 0
        identifiers = np.where(error, block.id | np.uint32(candump.ERROR_FLAG), block.id)
        fewest = np.where(error | ((block.flags & EXTENDED) != 0), 8, 3)
        return hex_number(identifiers.astype(np.uint32), fewest, self.upper_id)

    def _payload(self, block: Block) -> list[Field]:
        flags = block.flags
        remote = (flags & REMOTE) != 0
        fd = ((flags & FD) != 0) & ((flags & (REMOTE | ERROR)) == 0)
        switches = candump.BITRATE_SWITCH * ((flags & BITRATE_SWITCH) != 0)
        switches = switches + candump.ERROR_STATE * ((flags & ERROR_STATE) != 0)
        # "#", then "#0" … "#3" of CAN FD, then "#R0" … "#RF" of remote frames.
        signs = [b"#", *(b"##%d" % n for n in range(4)), *(b"#R%c" % digit for digit in _DIGITS)]
        number = np.where(remote, 5 + np.minimum(block.length, 15), np.where(fd, 1 + switches, 0))
        sizes = np.where(remote, 0, block.length)
        width = 2 * int(sizes.max(initial=0))
        digits = hex_octets(block.data[:, : width // 2], self.upper_data)
        return [words(signs, number), Field(digits, np.arange(width) < 2 * sizes[:, None])]


def candump_form(head: Sequence[bytes]) -> CandumpForm | None:
    """Return the form of most of these lines, None where no line is like candump's."""
    rows = [match for line in head if (match := _ROW.fullmatch(line)) is not None]
    if not rows:
        return None
    # A zero in front tells how many digits there are at least; nothing else does.
    padded = [len(row["seconds"]) for row in rows if re.match(rb"0\d", row["seconds"])]
    return CandumpForm(
        max(padded, default=1),
        _most_common(len(row["fraction"]) for row in rows),
        not any(_LOWER.search(row["id"]) for row in rows),
        not any(_LOWER.search(row["data"]) for row in rows),
        _most_common(row["end"] for row in rows).decode(),
    )


def _most_common(values: Iterable[_T]) -> _T:
    return Counter(values).most_common(1)[0][0]
