"""The tables of tools and loggers (CSV and the like), one row of the table each."""

from __future__ import annotations

from base64 import b64decode
from functools import partial
from itertools import product
from typing import Final

from evdiag.recordings.clock import MIDNIGHT
from evdiag.recordings.dialect import (
    BYTES,
    CLOCK,
    DECIMAL,
    ID,
    MILLISECONDS,
    PACKED,
    SECONDS,
    Dialect,
    pattern,
    words,
)
from evdiag.recordings.stamps import clock_ns, compact_date_ns, date_ns

_FD, _SWITCH, _STATE, _REMOTE = range(4)


def _kinds_with(flag: int) -> frozenset[str]:
    """Return CANedge's flag columns, two or (of newer converters) four, with this one set."""
    return frozenset(
        mark.join(flags)
        for count in (2, 4)
        for mark in ";,"
        for flags in product("01", repeat=count)
        if flags[flag : flag + 1] == ("1",)
    )


_PANDA = rf"(?P<channel>\d+),(?P<id>0x[0-9A-F]+|\d+),(?:0x)?{PACKED}(?:,(?P<len>\d+))?"
# Data sets made to train intrusion detectors say so of every frame: R regular, T injected.
_LABEL = r"(?:[RT]\s*)?"

CSV_DIALECTS: Final[tuple[Dialect, ...]] = (
    Dialect(
        "cl2000",
        pattern(
            r"\s*(?P<time>\d*T[\d:. -]+)[;,\t](?P<ext>[01])[;,\t](?P<id>[0-9A-F]{1,8})"
            rf"(?:[;,\t](?P<len>\d{{1,2}}))?[;,\t]{PACKED}\s*$"
        ),
        compact_date_ns,
        unit=None,
        furniture=pattern(r"# Logger type:|Timestamp[;,\t]Type[;,\t]ID[;,\t]"),
        extended="flag",
        extended_words=words("1"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "cl2000",
        pattern(
            r"\s*(?P<time>(?:\d*T)?(?:\d{9}|\d\d[:.-]\d\d[:.-]\d\d\S*))[;,\t ]"
            r"(?:(?P<ext>[01])[;,\t ])?(?P<id>[0-9A-F]{1,8})"
            rf"(?:[;,\t ](?P<len>\d{{1,2}}))?[;,\t ]{PACKED}\s*$"
        ),
        compact_date_ns,
        unit=None,
        furniture=pattern(r"# Logger type:|Timestamp[;,\t ]ID[;,\t ]Data\s*$"),
        extended="flag",
        extended_words=words("1"),
        wrap=MIDNIGHT,
        needs_furniture=True,
    ),
    Dialect(
        "canedge",
        pattern(
            rf"{DECIMAL}[;,](?P<channel>\d+)[;,](?P<id>[0-9A-F]{{1,8}})[;,](?P<ext>[01])[;,]\d+[;,]"
            r"(?P<len>\d+)[;,](?P<dir>[01])[;,](?P<kind>[01][;,][01](?:[;,][01][;,][01])?)[;,]"
            rf"{PACKED}\s*$"
        ),
        SECONDS,
        furniture=pattern(r"TimestampEpoch[;,]BusChannel[;,]ID[;,]IDE[;,]"),
        extended="flag",
        extended_words=words("1"),
        fd_words=_kinds_with(_FD),
        switch_words=_kinds_with(_SWITCH),
        state_words=_kinds_with(_STATE),
        remote_words=_kinds_with(_REMOTE),
        transmit_words=words("1"),
        needs_furniture=True,
    ),
    Dialect(
        "ixxat",
        pattern(rf'"{CLOCK}","{ID}","(?P<ext>Std|Ext)[^"]*","(?P<kind>[^"]*)","{BYTES}"'),
        clock_ns,
        unit=None,
        furniture=pattern(r'ASCII Trace IXXAT|"Time","Identifier'),
        extended="flag",
        extended_words=words("ext"),
        remote_words=words("rtr r remote"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "ixxat",
        pattern(
            rf'"(?P<channel>[^"]*)","[\d,.]*","{CLOCK}","[^"]*","{ID}","(?P<len>\d+)","{BYTES}"'
        ),
        clock_ns,
        unit=None,
        furniture=pattern(
            r'"Bus","No","Time"|Start Time  \w|Bitrate  +\d|Operating Mode  |Driver Version  \d'
        ),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "csv",
        pattern(
            rf"{DECIMAL},{ID},(?P<ext>[01]),(?P<kind>[01],[01]),(?P<len>\d+),"
            r"(?P<data>[0-9A-Za-z+/=]*)\s*$"
        ),
        SECONDS,
        furniture=pattern(r"timestamp,arbitration_id,extended,remote,error,dlc,data"),
        extended="flag",
        extended_words=words("1"),
        remote_words=words("1,0 1,1"),
        error_words=words("0,1 1,1"),
        decode=partial(b64decode, validate=True),
        needs_furniture=True,
    ),
    Dialect(
        "cabana",
        pattern(rf"{DECIMAL},(?P<id>0x[0-9A-F]+|\d+),(?P<channel>\d+),(?:0x)?{PACKED}\s*$"),
        SECONDS,
        furniture=pattern(r"time,addr(?:ess)?,bus,data"),
        decimal_ids=True,
        needs_furniture=True,
    ),
    Dialect(
        "panda",
        pattern(rf"{DECIMAL},{_PANDA}\s*$"),
        SECONDS,
        furniture=pattern(r"Time,Bus,MessageID,Message"),
        decimal_ids=True,
        needs_furniture=True,
    ),
    Dialect(
        "panda",
        pattern(rf"{_PANDA},(?P<time>\d+-\d+-\d+[T ][\d:]+\.\d{{6}})\s*$"),
        date_ns,
        unit=None,
        furniture=pattern(r"Bus,MessageID,Message,MessageLength,DateTime"),
        decimal_ids=True,
        needs_furniture=True,
    ),
    Dialect(
        "panda",
        pattern(rf"{_PANDA}\s*$"),
        None,
        furniture=pattern(r"Bus,MessageID,Message(?:,MessageLength)?\s*$"),
        decimal_ids=True,
        needs_furniture=True,
    ),
    Dialect(
        "vehicle-spy",
        pattern(
            rf"\s*\d+,{DECIMAL},[-\d.E+]*,-?\d*,(?P<error>[TF]),(?P<dir>[TF]),[^,]*,(?P<channel>[^,]*),"
            rf"[^,]*,(?P<id>[0-9A-F]+),(?P<kind>[TF]),(?P<ext>[TF]),{BYTES}"
        ),
        SECONDS,
        furniture=pattern(r"Line,Abs Time|Line,Abs Time\(Sec\)"),
        extended="flag",
        extended_words=words("t"),
        remote_words=words("t"),
    ),
    Dialect(
        "time-id-length",
        pattern(
            rf"\s*(?P<time>-?\d+[.,]\d+)[\s;,]+{ID}[\s;,]+(?P<len>\d{{1,2}})[\s;,]*{BYTES}{_LABEL}\s*$"
        ),
        SECONDS,
        furniture=pattern(r"\s*time\w*[\s;,]+(?:can)?_?id[\s;,]+(?:dlc|len)"),
        plain=True,
    ),
    Dialect(
        "time-id-length",
        pattern(rf"\s*(?P<time>-?\d+)[\s;,]+{ID}[\s;,]+(?P<len>\d{{1,2}})[\s;,]*{BYTES}\s*$"),
        MILLISECONDS,
        unit="ms",
        furniture=pattern(r"\s*time\w*[\s;,(]+ms\W+(?:can)?_?id[\s;,]+(?:dlc|len)"),
        plain=True,
    ),
    Dialect(
        "id-data",
        pattern(rf"\s*{ID}[,;]\s*{BYTES}\s*$"),
        None,
        furniture=pattern(r"\s*ID\s*[,;]\s*Data(?: ?Bytes)?\s*$"),
        needs_furniture=True,
    ),
)
"""In the order in which they win where two fit a file equally well."""
