"""The text forms that real captures come in, one row of a table each.

A row says how to recognise a dialect and where its fields are; `dialect_reader` runs any of them.
Found among public EV recordings and in the sources of the tools that write them (can-utils,
OVMS, CANHacker, PEAK, Microchip, ZLG, PP2CAN, CSS Electronics, BUSMASTER, IXXAT, Kvaser, Vehicle
Spy, Cabana, python-can).
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from evdiag.recordings.clock import MIDNIGHT, MINUTE, Wrap
from evdiag.recordings.stamps import (
    TimeUnit,
    clock_ns,
    compact_date_ns,
    seconds_or_date_ns,
    stamp_ns,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS: Final = partial(stamp_ns, unit_ns=10**9)
MILLISECONDS: Final = partial(stamp_ns, unit_ns=10**6)
MICROSECONDS: Final = partial(stamp_ns, unit_ns=10**3)

_ID = r"(?:0[xX])?(?P<id>[0-9A-Fa-f]{1,8})[hH]?"
_TOKEN = r"(?:0[xX])?[0-9A-Fa-f]{1,2}[hH]?(?![\w.:])"
_BYTES = rf"(?P<data>(?:{_TOKEN}[ \t,;]*)*)"
_PACKED = r"(?P<data>(?:[0-9A-Fa-f]{2})*)"
_DECIMAL = r"(?P<time>-?\d+(?:[.,]\d+)?)"
_CLOCK = r"(?P<time>\d{1,2}:\d{1,2}:\d{1,2}(?:[.,:]\d+)?(?::[\d.]+)?)"

Extended = Literal["digits", "value", "flag"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to recognise a text form, and its fields.

    `row` has named groups: ``time channel id ext len data dir kind`` (each but ``id`` may be
    missing). `furniture` matches lines that belong to the form without being frames; one of them
    is enough to recognise a file without rows. `records` matches rows that are no frames.

    `unit` is None where stamps are times of day. `extended` tells how an id's width is known:
    by its ``digits`` (more than three, or four with `standard_digits`), by its ``value`` (above
    0x7FF), or by the group ``ext`` being one of `extended_words`. `decimal_mark` matches the
    header line that says ids and data are decimal, `start_days` the one that says when stamps
    start to count (in days since 1899-12-30). With `fd_by_wide_length` a length of two digits
    (``[08]``) marks CAN FD.
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
    columns: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.row.groupindex))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_CONSOLE_FRAME = (
    r"(?P<channel>[A-Za-z][\w.:-]*)\s+(?:(?P<dir>RX|TX)\s+[-BE]\s+[-BE]\s+)?"
    r"(?P<id>[0-9A-Fa-f]{3,8})\s+\[(?P<len>\d{1,2})\]"
    rf"\s*(?:(?P<kind>remote request)|{_BYTES}(?P<error>.*ERRORFRAME)?)"
)

_TRC_START = _re(r";\$STARTTIME=(\d+(?:\.\d+)?)")

DIALECTS: Final[tuple[Dialect, ...]] = (
    Dialect(
        "candump-console",
        _re(rf"\s*\(\s*(?P<time>[^)]+?)\s*\)\s+{_CONSOLE_FRAME}"),
        seconds_or_date_ns,
        extended="digits",
        remote_words=_words("remote request"),
        fd_by_wide_length=True,
    ),
    Dialect(
        "candump-console",
        _re(rf"\s*{_CONSOLE_FRAME}"),
        None,
        extended="digits",
        remote_words=_words("remote request"),
        fd_by_wide_length=True,
    ),
    Dialect(
        "crtd",
        _re(rf"\s*{_DECIMAL}\s+(?P<channel>\d*)(?P<dir>[RT])(?P<ext>11|29)\s+{_ID}\s*{_BYTES}\s*$"),
        SECONDS,
        furniture=_re(r"\s*-?\d+(?:\.\d+)?\s+\d*C[A-Z]{2}\b"),
        extended="flag",
        extended_words=_words("29"),
        default_channel=1,
    ),
    Dialect(
        "canhacker",
        _re(
            r"\s*(?P<time>\d+[.,]\d+)\t\s*(?P<channel>\d+)\t\s*[0-9A-F]{2,8}\t"
            rf"\s*{_ID}\t\s*(?P<len>\d+)\t\s*{_BYTES}(?:\t.*)?"
        ),
        SECONDS,
        furniture=_re(r"@ TEXT @|# \$LocalTime"),
        wrap=MINUTE,
    ),
    Dialect(
        "microchip",
        _re(
            r"\s*\d+\t(?P<channel>\d+)\t\d+\t(?P<dir>RX|TX)\t"
            rf"{_DECIMAL}\t[^\t]*\t{_ID}\t(?P<len>\d+)\t{_BYTES}"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=_re(r"ParserFlags\t"),
    ),
    Dialect(
        "microchip",
        _re(rf"\s*{_DECIMAL};(?P<dir>RX|TX);{_ID};(?P<len>\d+);?{_BYTES}\s*$"),
        MILLISECONDS,
        unit="ms",
        furniture=_re(r"Microchip Technology|CAN BUS Analyzer|Logging Started|SavvyCAN Exporter"),
    ),
    Dialect(
        "canary",
        _re(
            r"\s*(?P<time>\d+\.\d+)\s+(?P<id>[0-9A-F]{8})\s+(?P<ext>[0-9A-F]{2})\s+"
            rf"(?P<len>\d{{1,2}})\s+{_BYTES}\s*$"
        ),
        SECONDS,
        furniture=_re(r";\s*(?:CANARY|TIME_us)"),
        extended="flag",
        # Seen: FL 00 with 11-bit ids, 04 with 29-bit ids.
        extended_words=frozenset(f"{flags:02x}" for flags in range(256) if flags & 4),
    ),
    Dialect(
        "zlg",
        _re(
            r"\s*\d+[\s,]+(?P<dir>Receive|Send|Transmit|接收|发送)[\s,]+"
            rf"{_CLOCK}[\s,]+(?P<kind>Data|Remote)(?:[ _]?frame)?[\s,]+"
            rf"(?P<ext>Standard|Extend(?:ed)?)(?:[ _]?frame)?[\s,]+{_ID}[\s,]+(?P<len>\d+)"
            rf"[\s,]*{_BYTES}"
        ),
        clock_ns,
        unit=None,
        furniture=_re(r"\s*(?:NO|Index)\.?[\s,]+Direction[\s,]+Time"),
        extended="flag",
        extended_words=_words("extend extended"),
        remote_words=_words("remote"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "pp2can",
        _re(
            rf">?\s*\d+\s+{_CLOCK}\s*(?P<ext>St|Ext?)\s+{_ID}\s+(?P<kind>\d)\s+(?P<len>\d+)"
            rf"\s*{_BYTES}\s*(?:p:(?P<channel>\d+))?"
        ),
        clock_ns,
        unit=None,
        furniture=_re(r"\s*CAN speed \d"),
        extended="flag",
        extended_words=_words("ex ext"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "cl2000",
        _re(
            r"\s*(?P<time>\d*T?[\d:. -]+)[;,\t](?P<ext>[01])[;,\t](?P<id>[0-9A-F]{1,8})"
            rf"(?:[;,\t](?P<len>\d{{1,2}}))?[;,\t]{_PACKED}\s*$"
        ),
        compact_date_ns,
        unit=None,
        furniture=_re(r"# Logger type:|Timestamp[;,\t]Type[;,\t]ID[;,\t]"),
        extended="flag",
        extended_words=_words("1"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "can-logger",
        _re(rf"\s*\d+\t{_CLOCK}\t{_ID}\t(?P<len>\d+)\t{_BYTES}\s*$"),
        clock_ns,
        unit=None,
        furniture=_re(r";\s+(?:SavvyCAN )?CAN Logger trace file"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "trc",
        _re(
            rf"\s*\d+\)\s+{_DECIMAL}\s+(?:(?P<channel>\d{{1,2}})\s+)?(?:(?P<dir>Rx|Tx)\s+)?"
            r"(?P<error>Error\s+|ErrFr\s+)?"
            rf"(?P<id>[0-9A-F]{{3,8}})\s+(?:-\s+)?(?P<len>\d+)(?:\s+(?P<kind>RTR|R)\b|\s*{_BYTES})"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=_re(r";\$(?:FILEVERSION|STARTTIME|COLUMNS)=|;---\+--|;   Start time:"),
        start_days=_TRC_START,
        records=_re(r"\s*\d+\)\s+\S+\s+(?:\d+\s+)?(?:Warng|FFFFFFFF|(?:Rx\s+)?FFFFFFFF)\b"),
        extended="digits",
        standard_digits=4,
        remote_words=_words("rtr r"),
        default_channel=1,
    ),
    Dialect(
        "trc",
        _re(
            rf"\s*\d+\s+{_DECIMAL}\s+(?P<kind>DT|FD|FB|FE|BI|RR|ER)\s+(?:(?P<channel>\d{{1,2}})\s+)?"
            rf"(?P<id>[0-9A-F]{{3,8}}|-)\s+(?P<dir>Rx|Tx|-)\s+(?:-\s+)?(?P<len>\d+)\s*{_BYTES}"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=_re(r";\$(?:FILEVERSION|STARTTIME|COLUMNS)=|;---\+--"),
        start_days=_TRC_START,
        records=_re(r"\s*\d+\s+\S+\s+(?:ST|EC|EV)\b"),
        extended="digits",
        standard_digits=4,
        remote_words=_words("rr"),
        error_words=_words("er"),
        fd_words=_words("fd fb fe bi"),
        switch_words=_words("fb fe"),
        state_words=_words("fe bi"),
        default_channel=1,
    ),
    Dialect(
        "busmaster",
        _re(
            rf"\s*{_CLOCK}\s+(?P<dir>Rx|Tx)\s+(?P<channel>\d+)\s+(?:0x)?(?P<id>[0-9A-F]{{1,9}})\s+"
            r"(?P<ext>s|x|sr|xr)\s+(?P<len>\d+)\s*(?P<data>(?:[0-9A-F]{1,3}\b\s*)*)$"
        ),
        clock_ns,
        unit=None,
        furniture=_re(r"\*\*\*"),
        extended="flag",
        extended_words=_words("x xr"),
        remote_words=_words("sr xr"),
        default_channel=1,
        decimal_mark=_re(r"\*\*\*DEC\*\*\*"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "ixxat",
        _re(rf'"{_CLOCK}","{_ID}","(?P<ext>Std|Ext)[^"]*","(?P<kind>[^"]*)","{_BYTES}"'),
        clock_ns,
        unit=None,
        furniture=_re(r'ASCII Trace IXXAT|"Time","Identifier'),
        extended="flag",
        extended_words=_words("ext"),
        remote_words=_words("rtr r remote"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "kvaser",
        _re(
            r"\s*(?P<channel>\d+)\s+(?P<id>[0-9A-F]{3,8})\s+(?P<ext>[A-Z ]*?)\s*(?P<len>\d{1,2})\s+"
            rf"{_BYTES}\s*(?P<time>\d+\.\d+)\s+(?P<dir>[RT])\b"
        ),
        SECONDS,
        furniture=_re(r"\s*Chn\s+Identifier\s+Flg"),
        remote_words=_words("r xr rx"),
        error_words=_words("e"),
    ),
    Dialect(
        "canwise",
        _re(
            rf"\s*(?P<dir>RX|TX)\s+\d+\s+(?P<ext>[A-Z]FF)\s+{_ID}\s+(?P<len>\d+)\s+(?P<kind>HEX|RTR)"
            rf"\s+{_BYTES}\s*(?P<time>\d{{10,}})\b"
        ),
        MICROSECONDS,
        unit="us",
        furniture=_re(r"\s*EV\s+NUM/ERR\s+F/F\s+ID"),
        extended="flag",
        extended_words=_words("eff"),
        remote_words=_words("rtr"),
    ),
    Dialect(
        "csv",
        _re(
            rf"{_DECIMAL},{_ID},(?P<ext>[01]),(?P<kind>[01],[01]),(?P<len>\d+),"
            r"(?P<data>[0-9A-Za-z+/=]*)\s*$"
        ),
        SECONDS,
        furniture=_re(r"timestamp,arbitration_id,extended,remote,error,dlc,data"),
        extended="flag",
        extended_words=_words("1"),
        remote_words=_words("1,0 1,1"),
        error_words=_words("0,1 1,1"),
        decode=partial(b64decode, validate=True),
        needs_furniture=True,
    ),
    Dialect(
        "python-can-print",
        _re(
            r"\s*Timestamp:\s*(?P<time>-?\d+\.\d+)\s+ID:\s*(?P<id>[0-9A-F]+)\s+(?P<ext>[SX])\s+"
            r"(?P<dir>Rx|Tx)?\s*(?P<kind>(?:\b(?:E|R|F|BS|EI)\b\s*)*)DLC?:\s*(?P<len>\d+)\s*"
            rf"{_BYTES}(?:.*?Channel:\s*(?P<channel>\S+))?"
        ),
        SECONDS,
        extended="flag",
        extended_words=_words("x"),
        remote_words=_words("r"),
        error_words=_words("e"),
        fd_words=_words("f"),
        switch_words=_words("bs"),
        state_words=_words("ei"),
    ),
    Dialect(
        "cabana",
        _re(
            rf"{_DECIMAL},(?:0x)?(?P<id>[0-9A-F]+),(?P<channel>\d+),(?:0x)?(?P<data>(?:[0-9A-F]{{2}})*)\s*$"
        ),
        SECONDS,
        furniture=_re(r"time,addr(?:ess)?,bus,data"),
        decimal_ids=True,
        needs_furniture=True,
    ),
    Dialect(
        "vehicle-spy",
        _re(
            rf"\s*\d+,{_DECIMAL},[-\d.E+]*,-?\d*,(?P<error>[TF]),(?P<dir>[TF]),[^,]*,(?P<channel>[^,]*),"
            rf"[^,]*,(?P<id>[0-9A-F]+),(?P<kind>[TF]),(?P<ext>[TF]),{_BYTES}"
        ),
        SECONDS,
        furniture=_re(r"Line,Abs Time|Line,Abs Time\(Sec\)"),
        extended="flag",
        extended_words=_words("t"),
        remote_words=_words("t"),
    ),
    Dialect(
        "time-id-length",
        _re(rf"\s*(?P<time>-?\d+[.,]\d+)[\s;,]+{_ID}[\s;,]+(?P<len>\d{{1,2}})[\s;,]*{_BYTES}\s*$"),
        SECONDS,
        furniture=_re(r"\s*time\w*[\s;,]+(?:can)?_?id[\s;,]+(?:dlc|len)"),
    ),
    Dialect(
        "time-id-length",
        _re(rf"\s*(?P<time>-?\d+)[\s;,]+{_ID}[\s;,]+(?P<len>\d{{1,2}})[\s;,]*{_BYTES}\s*$"),
        MILLISECONDS,
        unit="ms",
        furniture=_re(r"\s*time\w*[\s;,(]+ms\W+(?:can)?_?id[\s;,]+(?:dlc|len)"),
    ),
    Dialect(
        "mcp-can",
        _re(
            rf"(?:.*?\b(?P<ext>Standard|Extended))?\s*ID:\s*{_ID}[\s,]+DLC:\s*(?P<len>\d)"
            rf"[\s,]+Data:\s*{_BYTES}"
        ),
        None,
    ),
    Dialect(
        "id-data",
        _re(rf"\s*{_ID}[,;]\s*{_BYTES}\s*$"),
        None,
        furniture=_re(r"\s*ID\s*[,;]\s*Data(?: ?Bytes)?\s*$"),
        needs_furniture=True,
    ),
)
"""In the order in which they win where two fit a file equally well."""
