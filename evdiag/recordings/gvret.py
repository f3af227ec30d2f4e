"""Our own reader for the CSV of SavvyCAN and GVRET loggers.

Source: SavvyCAN's own files (both headers) and what strangers' captures made of them: short rows,
trailing commas, either case, spreadsheets. The stamp is in microseconds; a row with the id
1FFFFFFF marks frames that the logger lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from evdiag.inputs import BusEvent, BusEventKind, Channel, Direction, Frame
from evdiag.recordings.candump import ERROR_FLAG, ID_MASK, REMOTE_FLAG
from evdiag.recordings.notes import is_note, shown
from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.stamps import stamp_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evdiag.recordings.source import Source

LOST_FRAMES_ID: Final = 0x1FFF_FFFF
SEPARATORS: Final = (",", ";", "\t")

_FEWEST_CELLS: Final = 5
_BYTE = re.compile(r"[0-9a-f]{0,2}")
_TRUE: Final = {"true", "1", "yes", "t", "x", "wahr", "vrai", "ext", "extended"}
_FALSE: Final = {"false", "0", "no", "f", "", "falsch", "faux", "std", "standard"}
_DIRECTIONS: Final[dict[str, Direction]] = {"rx": "rx", "tx": "tx", "r": "rx", "t": "tx"}
_NAMES: Final = {
    "time": re.compile(r"time ?stamp( ?\(?[uµ]s\)?)?|time ?\(?[uµ]s\)?|time"),
    "id": re.compile(r"(can ?|arb(itration)? ?)?id"),
    "extended": re.compile(r"ext(ended)?|ide"),
    "direction": re.compile(r"dir(ection)?"),
    "bus": re.compile(r"bus|channel"),
    "length": re.compile(r"len(gth)?|dlc"),
    "data": re.compile(r"d(ata ?)?[01]"),
}


class Columns(NamedTuple):
    """Where a GVRET row has what; None where it has it not."""

    separator: str
    time: int
    id: int
    extended: int | None
    direction: int | None
    bus: int | None
    length: int
    data: int


def header_columns(line: str) -> Columns | None:
    """Return the columns that a header line names, None if it is no GVRET header."""
    for separator in SEPARATORS:
        names = [cell.strip(' "\ufeff\r\n').lower() for cell in line.split(separator)]
        if len(names) < _FEWEST_CELLS:
            continue
        found: dict[str, int] = {}
        for index, name in enumerate(names):
            for column, pattern in _NAMES.items():
                if column not in found and pattern.fullmatch(name):
                    found[column] = index
        if {"time", "id", "length", "data"} <= found.keys() and names[found["data"]] != "data":
            return Columns(
                separator,
                found["time"],
                found["id"],
                found.get("extended"),
                found.get("direction"),
                found.get("bus"),
                found["length"],
                found["data"],
            )
    return None


def row_columns(line: str) -> Columns | None:
    """Guess the columns of a file without header from one of its rows."""
    for separator in SEPARATORS:
        cells = [cell.strip(' "').lower() for cell in line.rstrip("\r\n").split(separator)]
        if len(cells) < _FEWEST_CELLS or cells[2] not in ("true", "false", "0", "1"):
            continue
        shift = 1 if cells[3] in _DIRECTIONS else 0
        columns = Columns(separator, 0, 1, 2, 3 if shift else None, 3 + shift, 4 + shift, 5 + shift)
        if _looks_right(cells, columns):
            return columns
    return None


def _looks_right(cells: Sequence[str], columns: Columns) -> bool:
    try:
        int(cells[columns.time])
        int(cells[columns.id], 16)
        length = int(cells[columns.length])
    except (ValueError, IndexError):
        return False
    data = cells[columns.data : columns.data + max(length, 0)]
    return (
        0 <= length <= 64
        and cells[columns.bus or 0].isdecimal()
        and all(_BYTE.fullmatch(cell) for cell in data)
    )


def are_cells(line: str) -> bool:
    """Tell whether a line has as many cells as a row, whatever they hold."""
    return any(line.count(separator) >= _FEWEST_CELLS - 1 for separator in SEPARATORS)


def read_gvret(source: Source, report: ReadReport) -> Iterator[Frame | BusEvent]:
    """Yield the frames and lost-frame marks of GVRET CSV; trouble is counted in `report`."""
    with source.lines() as lines:
        yield from GvretLines(report).items(enumerate(lines, 1))


class GvretLines:
    """Reads line after line; knows the columns, None before they are told, and the last row."""

    def __init__(self, report: ReadReport) -> None:
        self._report = report
        self.columns: Columns | None = None
        self.before = ""

    def items(self, lines: Iterable[tuple[int, str]]) -> Iterator[Frame | BusEvent]:
        """Yield the frames and lost-frame marks of the lines that follow, given with their numbers.

        A line is not taken before all is known that the one before it tells.
        """
        report = self._report
        for number, line in lines:
            columns = self.columns = self.columns or header_columns(line) or row_columns(line)
            if columns is None:
                _say_what_it_is(line, number, report)
                continue
            if line[-1] != "\n" and _is_torn(line, self.before, columns):
                report.tear(number)
                continue
            try:
                item = _item(line.rstrip("\n").split(columns.separator), columns, number, report)
            except (ValueError, IndexError) as error:
                if again := header_columns(line):
                    self.columns = again
                else:
                    _say_what_it_is(line, number, report, str(error))
                continue
            self.before = line
            yield item


def _item(
    cells: Sequence[str], columns: Columns, number: int, report: ReadReport
) -> Frame | BusEvent:
    _, time, id_, extended, direction, bus, length_at, data_at = columns
    if '"' in cells[id_] or '"' in cells[time]:
        cells = [cell.strip(' "') for cell in cells]
    stamp = cells[time]
    try:
        time_ns = int(stamp) * 1000
    except ValueError:
        time_ns = stamp_ns(stamp.strip(), 1000)
    identifier = int(cells[id_], 16)
    if not 0 <= identifier <= 0xFFFFFFFF:
        raise ValueError(f"id {cells[id_].strip()}")
    channel = 0 if bus is None else _channel(cells[bus])
    if identifier == LOST_FRAMES_ID:
        return BusEvent(time_ns, BusEventKind.FRAMES_LOST, channel, 1)
    length = int(cells[length_at])
    if not 0 <= length <= 64:
        raise ValueError(f"length {length}")
    remote = error = False
    if identifier > ID_MASK:
        remote, error = bool(identifier & REMOTE_FLAG), bool(identifier & ERROR_FLAG)
        identifier &= ID_MASK
    data = b"" if remote else _data(cells, data_at, length, number, report)
    return Frame(
        time_ns,
        channel,
        identifier,
        # Some tools leave the flag out where the id needs it (SavvyCAN mends that, too).
        identifier > 0x7FF or (extended is not None and _flag(cells[extended])),
        data,
        length > 8,
        remote,
        error,
        None if direction is None else _DIRECTIONS.get(cells[direction].strip().lower()),
        False,
        False,
        length if remote else 0,
    )


def _data(cells: Sequence[str], start: int, length: int, number: int, report: ReadReport) -> bytes:
    joined = "".join(cells[start : start + length])
    if len(joined) == 2 * length:
        return bytes.fromhex(joined)
    data = bytearray()
    for cell in cells[start : start + length]:
        if not (text := cell.strip()):
            break
        data.append(int(text, 16))
    if len(data) < length:
        report.count(AnomalyKind.DATA_SHORTER, number, "line")
    return bytes(data)


def _channel(text: str) -> Channel:
    return int(text) if text.isdecimal() else text.strip()


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in _TRUE and lowered not in _FALSE:
        raise ValueError(f"extended is neither true nor false: {shown(text, 20)}")
    return lowered in _TRUE


def _is_torn(line: str, before: str, columns: Columns) -> bool:
    """Tell whether the last line, which has no line end, was cut off."""
    separator = columns.separator
    cells = line.split(separator)
    try:
        wanted = columns.data + int(cells[columns.length])
    except (ValueError, IndexError):
        return True
    if len(cells) < wanted or (wanted > columns.data and not cells[wanted - 1].strip()):
        return True
    if len(cells) > wanted or wanted == columns.data or len(cells[-1]) == 2:
        return False
    # Spreadsheets write 0 for 00: one digit is whole where others have one digit, too.
    earlier = before.split(separator)[columns.data :] + cells[columns.data : -1]
    return all(len(cell.strip()) != 1 for cell in earlier)


def _say_what_it_is(line: str, number: int, report: ReadReport, why: str = "no GVRET row") -> None:
    if is_note(line):
        report.note_lines += 1
    elif line.endswith("\n"):
        report.skip(number, f"{why}: {shown(line)}")
    else:
        report.tear(number)
