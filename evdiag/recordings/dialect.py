"""What a row of the dialect table holds, and the parts its patterns are put together from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from evdiag.recordings.stamps import TimeUnit, stamp_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    from evdiag.recordings.clock import Wrap

SECONDS: Final = partial(stamp_ns, unit_ns=10**9)
MILLISECONDS: Final = partial(stamp_ns, unit_ns=10**6)
MICROSECONDS: Final = partial(stamp_ns, unit_ns=10**3)

_TOKEN = r"(?:0[xX])?[0-9A-Fa-f]{1,2}[hH]?(?![\w.:])"

ID: Final = r"(?:0[xX])?(?P<id>[0-9A-Fa-f]{1,8})[hH]?"
BYTES: Final = rf"(?P<data>(?:[0-9A-Fa-f]{{2}}){{2,}}(?![\w.:])|(?:{_TOKEN}[ \t,;]*)*)"
"""Bytes apart, however written, or in one run of at least two."""
PACKED: Final = r"(?P<data>(?:[0-9A-Fa-f]{2})*)"
DECIMAL: Final = r"(?P<time>-?\d+(?:[.,]\d+)?)"
CLOCK: Final = r"(?P<time>\d{1,2}:\d{1,2}:\d{1,2}(?:[.,:]\d+)?(?::[\d.]+)?)"

Extended = Literal["digits", "value", "flag"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to recognise a text form, and its fields.

    `row` has named groups: ``time channel id ext len data dir kind`` (each but ``id`` may be
    missing). `furniture` matches lines that belong to the form without being frames; one of them
    is enough to recognise a file without rows. `records` matches rows that are no frames. A
    `plain` form looks like any table of numbers: see `is_row` and `evdiag.recordings.sniffing`.

    `unit` is None where stamps are times of day. `extended` tells how an id's width is known:
    by its ``digits`` (more than three, or four with `standard_digits`), by its ``value`` (above
    0x7FF), or by the group ``ext`` being one of `extended_words`. With `decimal_ids` an id is
    hexadecimal only behind ``0x``. `decimal_mark` matches the header line that says ids and data
    are decimal, `start_days` the one that says when stamps start to count (in days since
    1899-12-30; 0 says nothing). With `fd_by_wide_length` a length of two digits (``[08]``) marks
    CAN FD.
    """

    name: str
    row: re.Pattern[str]
    time: Callable[[str], int] | None
    unit: TimeUnit | None = "s"
    furniture: re.Pattern[str] | None = None
    records: re.Pattern[str] | None = None
    extended: Extended = "value"
    standard_digits: int = 3
    extended_words: frozenset[str] = frozenset()
    remote_words: frozenset[str] = frozenset()
    error_words: frozenset[str] = frozenset()
    fd_words: frozenset[str] = frozenset()
    switch_words: frozenset[str] = frozenset()
    state_words: frozenset[str] = frozenset()
    transmit_words: frozenset[str] = frozenset({"t", "tx", "send", "transmit", "txd", "发送"})
    default_channel: int = 0
    decimal_ids: bool = False
    decimal_mark: re.Pattern[str] | None = None
    start_days: re.Pattern[str] | None = None
    decode: Callable[[str], bytes] | None = None
    wrap: Wrap | None = None
    needs_furniture: bool = False
    fd_by_wide_length: bool = False
    plain: bool = False
    columns: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.row.groupindex))

    def is_row(self, line: str) -> bool:
        """Tell whether a line looks like a row; in a plain form only if its length is right."""
        match = self.row.match(line)
        if match is None or not self.plain:
            return match is not None
        tokens = match["data"].replace(",", " ").replace(";", " ").split()
        count = len(tokens[0]) // 2 if len(tokens) == 1 and len(tokens[0]) > 2 else len(tokens)
        return count == int(match["len"])


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern for which upper and lower case are the same."""
    return re.compile(text, re.IGNORECASE)
