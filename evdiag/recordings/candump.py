"""Our own reader for candump's log text (``candump -l``, ``-L``).

Source: can-utils, ``candump.c``, ``lib.c`` and the Linux headers ``can.h`` and ``error.h``.
python-can's reader takes a torn line for a shorter frame, gives error frames as id 0, loses
nanoseconds and ends at a comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from evdiag.inputs import Direction, Frame
from evdiag.recordings.notes import is_note, shown
from evdiag.recordings.stamps import date_ns
from evdiag.recordings.torn import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.source import Source

ROW: Final = re.compile(
    r"\s*\(\s*([^)]*?)\s*\)\s+(\S+)\s+([0-9A-Fa-f]{1,8})#(\S*)(?:\s+(?:([RTrt])\b.*|[01]))?\s*\Z"
)
"""Data sets made to train intrusion detectors end a row in a 0 or 1: regular or injected."""
ERROR_FLAG: Final = 0x2000_0000
REMOTE_FLAG: Final = 0x4000_0000
ID_MASK: Final = 0x1FFF_FFFF
BITRATE_SWITCH: Final = 0x01
ERROR_STATE: Final = 0x02

_TO_NS: Final = tuple(int(10 ** (9 - digits)) for digits in range(10))
_DIRECTIONS: Final[dict[str | None, Direction]] = {"R": "rx", "T": "tx", "r": "rx", "t": "tx"}


def read_candump(
    source: Source, report: ReadReport, *, whole_lines: bool = False
) -> Iterator[Frame]:
    """Yield the frames of candump log text; what cannot be read is counted in `report`.

    With `whole_lines` the writer is known to end every line: a last one without its end is torn,
    however whole it looks.
    """
    with source.lines() as lines:
        yield from candump_frames(enumerate(lines, 1), report, whole_lines=whole_lines)


def candump_frames(
    lines: Iterable[tuple[int, str]],
    report: ReadReport,
    says_direction: bool = False,
    *,
    whole_lines: bool = False,
) -> Iterator[Frame]:
    """Yield the frames of lines, given with their numbers.

    `says_direction` tells whether the frame before them says its direction.
    """
    for number, line in lines:
        match = ROW.match(line)
        if match is None:
            _say_what_it_is(line, number, report)
            continue
        try:
            frame = _frame(*match.groups())
        except ValueError as error:
            if line.endswith("\n"):
                report.skip(number, f"{error}: {shown(line)}")
            else:
                report.tear(number)
            continue
        if line[-1] != "\n" and (
            whole_lines
            or (says_direction and frame.direction is None)
            or not is_whole(frame, report)
        ):
            report.tear(number)
            continue
        says_direction = frame.direction is not None
        yield frame


def _frame(stamp: str, channel: str, id_text: str, payload: str, direction: str | None) -> Frame:
    time_ns = _stamp_ns(stamp)
    identifier = int(id_text, 16)
    extended = len(id_text) > 3
    way = _DIRECTIONS.get(direction)
    first = payload[:1]
    if identifier & ERROR_FLAG and extended:
        error_class = identifier & ID_MASK
        return Frame(time_ns, channel, error_class, False, _data(payload), False, False, True, way)
    identifier &= ID_MASK
    if first == "#":
        flags = int(payload[1:2], 16)
        return Frame(
            time_ns,
            channel,
            identifier,
            extended,
            _data(payload[2:]),
            fd=True,
            direction=way,
            bitrate_switch=bool(flags & BITRATE_SWITCH),
            error_state_indicator=bool(flags & ERROR_STATE),
        )
    if first in ("R", "r"):
        length = int(payload[1:].partition("_")[0] or "0", 16)
        if not 0 <= length <= 64:
            raise ValueError(f"{length} bytes are asked for, a frame holds 64 at most")
        return Frame(
            time_ns,
            channel,
            identifier,
            extended,
            b"",
            False,
            True,
            False,
            way,
            False,
            False,
            length,
        )
    return Frame(time_ns, channel, identifier, extended, _data(payload), False, False, False, way)


def _stamp_ns(text: str) -> int:
    seconds, point, fraction = text.partition(".")
    if "-" in seconds[1:]:
        return date_ns(text)
    if not point:
        return int(text) * 10**9
    return int(seconds + fraction[:9]) * _TO_NS[min(9, len(fraction))]


def _data(text: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        # cansend's dots between bytes, and the raw length code that candump -8 adds after "_".
        try:
            data = bytes.fromhex(text.partition("_")[0].replace(".", ""))
        except ValueError:
            raise ValueError("the data are no pairs of hex digits") from None
    if len(data) > 64:
        raise ValueError(f"{len(data)} bytes of data, a frame holds 64 at most")
    return data


def _say_what_it_is(line: str, number: int, report: ReadReport) -> None:
    if is_note(line):
        report.note_lines += 1
    elif not line.endswith("\n"):
        report.tear(number)
    else:
        report.skip(number, f"no candump row: {shown(line)}")
