"""The text logs of tools and loggers, one row of the table each."""

from __future__ import annotations

import re
from typing import Final

from evdiag.recordings.clock import MIDNIGHT, MINUTE
from evdiag.recordings.dialect import (
    BYTES,
    CLOCK,
    DECIMAL,
    ID,
    MICROSECONDS,
    MILLISECONDS,
    SECONDS,
    Dialect,
    pattern,
    words,
)
from evdiag.recordings.stamps import clock_ns, seconds_or_date_ns


def _console(identifier: str) -> str:
    return (
        r"(?P<channel>[A-Z][\w.:-]*)\s+(?:(?P<dir>RX|TX)\s+[-BE]\s+[-BE]\s+)?"
        rf"(?P<id>{identifier})\s+\[(?P<len>\d{{1,2}})\]"
        rf"\s*(?:(?P<kind>remote request)|{BYTES}(?P<error>.*ERRORFRAME)?)"
    )


# People paste logs into word processors, which write this before the first row.
_RTF = r"(?:\\[a-z]+\d*\s*)*"

_TRC_START = pattern(r";\$STARTTIME=(\d+(?:\.\d+)?)")

_SLCAN_DATA = "|".join(rf"(?<={length})(?:[0-9A-Fa-f]{{2}}){{{length}}}" for length in range(9))
_SLCAN = (
    r"(?:(?P<kind>[rR])|[tT])(?P<id>(?<=[tr])[0-9A-Fa-f]{3}|(?<=[TR])[0-9A-Fa-f]{8})"
    rf"(?P<len>[0-8])(?P<data>(?(kind)|(?:{_SLCAN_DATA})))"
)


def _slcan_ns(text: str) -> int:
    return int(text, 16) * 10**6


TEXT_DIALECTS: Final[tuple[Dialect, ...]] = (
    Dialect(
        "candump-console",
        pattern(rf"{_RTF}\s*\(\s*(?P<time>[^)]+?)\s*\)\s+{_console('[0-9A-F]{1,8}')}"),
        seconds_or_date_ns,
        extended="digits",
        remote_words=words("remote request"),
        fd_by_wide_length=True,
    ),
    Dialect(
        "candump-console",
        pattern(rf"\s*{_console('[0-9A-F]{1,8}')}\s*(?:'.*|\\)?$"),
        None,
        extended="digits",
        remote_words=words("remote request"),
        fd_by_wide_length=True,
    ),
    Dialect(
        "crtd",
        pattern(
            rf"\s*{DECIMAL}\s+(?P<channel>\d*)(?P<dir>[RT])(?P<ext>11|29)\s+{ID}\s*{BYTES}\s*$"
        ),
        SECONDS,
        furniture=pattern(r"\s*-?\d+(?:\.\d+)?\s+\d*C(?!AN)[A-Z]{2}\b"),
        extended="flag",
        extended_words=words("29"),
        default_channel=1,
    ),
    Dialect(
        "canhacker",
        pattern(
            r"\s*(?P<time>\d+[.,]\d+)\t\s*(?P<channel>\d+)\t\s*[0-9A-F]{2,8}\t"
            rf"\s*{ID}\t\s*(?P<len>\d+)\t\s*{BYTES}(?:\t.*)?"
        ),
        SECONDS,
        furniture=pattern(r"@ TEXT @|# \$LocalTime"),
        wrap=MINUTE,
    ),
    Dialect(
        "microchip",
        pattern(
            r"\s*\d+\t(?P<channel>\d+)\t\d+\t(?P<dir>RX|TX)\t"
            rf"{DECIMAL}\t[^\t]*\t{ID}\t(?P<len>\d+)\t{BYTES}"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=pattern(r"ParserFlags\t"),
    ),
    Dialect(
        "microchip",
        pattern(rf"\s*{DECIMAL};(?P<dir>RX|TX);{ID};(?P<len>\d+);?{BYTES}\s*$"),
        MILLISECONDS,
        unit="ms",
        furniture=pattern(
            r"Microchip Technology|CAN BUS Analyzer|Logging Started|SavvyCAN Exporter"
        ),
    ),
    Dialect(
        "canary",
        pattern(
            r"\s*(?P<time>\d+\.\d+)\s+(?P<id>[0-9A-F]{8})\s+(?P<ext>[0-9A-F]{2})\s+"
            rf"(?P<len>\d{{1,2}})\s+{BYTES}\s*$"
        ),
        SECONDS,
        furniture=pattern(r";\s*(?:CANARY|TIME_us)"),
        extended="flag",
        # Seen: FL 00 with 11-bit ids, 04 with 29-bit ids.
        extended_words=frozenset(f"{flags:02x}" for flags in range(256) if flags & 4),
    ),
    Dialect(
        "zlg",
        pattern(
            r"\s*\d+[\s,]+(?P<dir>Receive|Send|Transmit|接收|发送)[\s,]+"
            rf"{CLOCK}[\s,]+(?P<kind>Data|Remote)(?:[ _]?frame)?[\s,]+"
            rf"(?P<ext>Standard|Extend(?:ed)?)(?:[ _]?frame)?[\s,]+{ID}[\s,]+(?P<len>\d+)"
            rf"[\s,]*{BYTES}"
        ),
        clock_ns,
        unit=None,
        furniture=pattern(r"\s*(?:NO|Index)\.?[\s,]+Direction[\s,]+Time"),
        extended="flag",
        extended_words=words("extend extended"),
        remote_words=words("remote"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "pp2can",
        pattern(
            rf">?\s*\d+\s+{CLOCK}\s*(?P<ext>St|Ext?)\s+{ID}\s+(?P<kind>\d)\s+(?P<len>\d+)"
            rf"\s*{BYTES}\s*(?:p:(?P<channel>\d+))?"
        ),
        clock_ns,
        unit=None,
        furniture=pattern(r"\s*CAN speed \d"),
        extended="flag",
        extended_words=words("ex ext"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "can-logger",
        pattern(rf"\s*\d+\t{CLOCK}\t{ID}\t(?P<len>\d+)\t{BYTES}\s*$"),
        clock_ns,
        unit=None,
        furniture=pattern(r";\s+(?:SavvyCAN )?CAN Logger trace file"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "trc",
        pattern(
            rf"\s*\d+\)\s+{DECIMAL}\s+(?:(?P<channel>\d{{1,2}})\s+)?(?:(?P<dir>Rx|Tx)\s+)?"
            r"(?P<error>Error\s+|ErrFr\s+)?"
            rf"(?P<id>[0-9A-F]{{3,8}})\s+(?:-\s+)?(?P<len>\d+)(?:\s+(?P<kind>RTR|R)\b|\s*{BYTES})"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=pattern(r";\$(?:FILEVERSION|STARTTIME|COLUMNS)=|;---\+--|;   Start time:"),
        start_days=_TRC_START,
        records=pattern(r"\s*\d+\)\s+\S+\s+(?:\d+\s+)?(?:Warng|FFFFFFFF|(?:Rx\s+)?FFFFFFFF)\b"),
        extended="digits",
        standard_digits=4,
        remote_words=words("rtr r"),
        default_channel=1,
    ),
    Dialect(
        "trc",
        pattern(
            rf"\s*\d+\s+{DECIMAL}\s+(?P<kind>DT|FD|FB|FE|BI|RR|ER)\s+(?:(?P<channel>\d{{1,2}})\s+)?"
            rf"(?P<id>[0-9A-F]{{3,8}}|-)\s+(?P<dir>Rx|Tx|-)\s+(?:-\s+)?(?P<len>\d+)\s*{BYTES}"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=pattern(r";\$(?:FILEVERSION|STARTTIME|COLUMNS)=|;---\+--"),
        start_days=_TRC_START,
        records=pattern(r"\s*\d+\s+\S+\s+(?:ST|EC|EV)\b"),
        extended="digits",
        standard_digits=4,
        remote_words=words("rr"),
        error_words=words("er"),
        fd_words=words("fd fb fe bi"),
        switch_words=words("fb fe"),
        state_words=words("fe bi"),
        default_channel=1,
    ),
    Dialect(
        "pcan-explorer",
        pattern(
            rf"\s*\d+\s+{DECIMAL}\s+(?P<channel>\d{{1,2}})\s+(?P<id>[0-9A-F]{{3,8}})\s+(?:\S.*?\s)?\s*"
            rf"(?P<dir>Rx|Tx)\s+(?P<kind>Data|RTR)\s+(?P<len>\d+)\s*{BYTES}"
        ),
        MILLISECONDS,
        unit="ms",
        furniture=pattern(r"\s*;(?:Index\s*$|\+--- \+---)"),
        extended="digits",
        standard_digits=4,
        remote_words=words("rtr"),
        default_channel=1,
    ),
    Dialect(
        "busmaster",
        pattern(
            rf"\s*{CLOCK}\s+(?P<dir>[RT]x?)\s+(?P<channel>\d+)\s+(?:0x)?(?P<id>[0-9A-F]{{1,9}})\s+"
            r"(?P<ext>s|x|sr|xr)\s+(?P<len>\d+)\s*(?P<data>(?:[0-9A-F]{1,3}\b\s*)*)$"
        ),
        clock_ns,
        unit=None,
        furniture=pattern(r"\W*\*\*\*(?:BUSMASTER|PROTOCOL|\[START|<Time>)"),
        extended="flag",
        extended_words=words("x xr"),
        remote_words=words("sr xr"),
        default_channel=1,
        decimal_mark=pattern(r"\*\*\*DEC\*\*\*"),
        wrap=MIDNIGHT,
    ),
    Dialect(
        "kvaser",
        pattern(
            r"\s*(?P<channel>\d+)\s+(?P<id>[0-9A-F]{3,8})\s+(?P<ext>[A-Z ]*?)\s*(?P<len>\d{1,2})\s+"
            rf"{BYTES}\s*(?P<time>\d+\.\d+)\s+(?P<dir>[RT])\b"
        ),
        SECONDS,
        furniture=pattern(r"\s*Chn\s+Identifier\s+Flg"),
        remote_words=words("r xr rx"),
        error_words=words("e"),
    ),
    Dialect(
        "canwise",
        pattern(
            rf"\s*(?P<dir>RX|TX)\s+\d+\s+(?P<ext>[A-Z]FF)\s+{ID}\s+(?P<len>\d+)\s+(?P<kind>HEX|RTR)"
            rf"\s+{BYTES}\s*(?P<time>\d{{10,}})\b"
        ),
        MICROSECONDS,
        unit="us",
        furniture=pattern(r"\s*EV\s+NUM/ERR\s+F/F\s+ID"),
        extended="flag",
        extended_words=words("eff"),
        remote_words=words("rtr"),
    ),
    Dialect(
        "python-can-print",
        pattern(
            r"\s*Timestamp:\s*(?P<time>-?\d+\.\d+)\s+ID:\s*(?P<id>[0-9A-F]+)\s+(?P<ext>[SX])\s+"
            r"(?P<dir>Rx|Tx)?\s*(?P<kind>(?:\b(?:E|R|F|BS|EI)\b\s*)*)DLC?:\s*(?P<len>\d+)\s*"
            rf"{BYTES}(?:.*?Channel:\s*(?P<channel>\S+))?"
        ),
        SECONDS,
        extended="flag",
        extended_words=words("x"),
        remote_words=words("r"),
        error_words=words("e"),
        fd_words=words("f"),
        switch_words=words("bs"),
        state_words=words("ei"),
    ),
    Dialect(
        "python-can-print",
        pattern(
            r"\s*Timestamp:\s*(?P<time>-?\d+\.\d+)\s+ID:\s*(?P<id>[0-9A-F]{4,8})\s+(?P<kind>[01]{3})\s+"
            rf"DLC:\s*(?P<len>\d+)\s*{BYTES}"
        ),
        SECONDS,
        extended="digits",
        standard_digits=4,
        # Remote, extended, error, as version 1 prints them.
        remote_words=words("100 110"),
        error_words=words("001 011 101 111"),
    ),
    Dialect(
        "slcan",
        re.compile(rf"{_SLCAN}(?P<time>[0-9A-Fa-f]{{4}})\s*$"),
        _slcan_ns,
        unit="ms",
        extended="digits",
        remote_words=words("r"),
        wrap=MINUTE,
    ),
    Dialect(
        "slcan",
        re.compile(rf"{_SLCAN}\s*$"),
        None,
        extended="digits",
        remote_words=words("r"),
    ),
    Dialect(
        "mcp-can",
        pattern(
            rf"(?:.*?\b(?P<ext>Standard|Extended))?\s*ID:\s*{ID}[\s,]+DLC:\s*(?P<len>\d)"
            rf"[\s,]+Data:\s*{BYTES}"
        ),
        None,
    ),
)
"""In the order in which they win where two fit a file equally well."""
