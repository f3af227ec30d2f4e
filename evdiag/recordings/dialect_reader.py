"""Runs any row of the dialect table over a text."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from evdiag.inputs import Channel, Direction, Frame
from evdiag.recordings.candump import ERROR_FLAG, ID_MASK
from evdiag.recordings.notes import is_note, shown
from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.stamps import spreadsheet_date_ns
from evdiag.recordings.torn import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings.dialect import Dialect
    from evdiag.recordings.formats import Reader
    from evdiag.recordings.source import Source

_PREFIXES = re.compile(r"0[xX]|[hH,;]")
_BEHIND_THE_LAST_BYTE = " \t\r\n\\}"
"""Blanks, and the end of a file that a word processor wrote."""


def reader_of(dialect: Dialect) -> Reader:
    """Return the reader of one row of the table."""
    return partial(read_dialect, dialect=dialect)


def read_dialect(source: Source, report: ReadReport, dialect: Dialect) -> Iterator[Frame]:
    """Yield the frames of one dialect; what cannot be read is counted in `report`."""
    report.has_clock = dialect.time is not None
    row = _Row(dialect, report)
    with source.lines() as lines:
        for number, line in enumerate(lines, 1):
            if "\0" in line:
                line = line.replace("\0", "")
            if dialect.records is not None and dialect.records.match(line):
                report.count(AnomalyKind.OTHER_RECORDS, number, "line")
                continue
            match = dialect.row.match(line)
            if match is None:
                _say_what_it_is(line, number, dialect, row, report)
                continue
            try:
                frame = row.frame(match, number)
            except ValueError as error:
                if line.endswith("\n"):
                    report.skip(number, f"{error}: {shown(line)}")
                else:
                    report.tear(number)
                continue
            if line[-1] != "\n" and row.looks_cut(match, frame, line):
                report.tear(number)
                continue
            row.remember(match)
            if row.short:
                report.count(AnomalyKind.DATA_SHORTER, number, "line")
            yield frame


class _Row:
    """Makes frames of the matches of one dialect, and remembers what its header said."""

    def __init__(self, dialect: Dialect, report: ReadReport) -> None:
        self._dialect = dialect
        self._report = report
        self._groups = frozenset(dialect.columns)
        self.base = 10 if dialect.decimal_ids else 16
        self.data_base = 16
        self.start_ns = 0
        self.short = False
        self._seen: list[str] = []

    def frame(self, match: re.Match[str], number: int) -> Frame:
        """Make a frame of one row.

        Raises:
            ValueError: a field holds what it cannot hold.
        """
        dialect = self._dialect
        fields = match.groupdict()
        kind = (fields.get("kind") or "").strip().lower()
        words = frozenset(kind.split()) | {kind}
        length_text = fields.get("len")
        remote = bool(words & dialect.remote_words) or self._flag_word(fields, dialect.remote_words)
        error = bool(words & dialect.error_words) or self._is_error(fields)
        fd = bool(words & dialect.fd_words) or (
            length_text is not None and dialect.fd_by_wide_length and len(length_text) == 2
        )
        id_text = fields["id"]
        identifier = self._number(id_text)
        extended = self._is_extended(id_text, identifier, fields.get("ext"))
        if error and identifier & ERROR_FLAG:
            identifier &= ID_MASK
        if identifier > ID_MASK:
            raise ValueError(f"the id {id_text} has more than 29 bits")
        length = None if length_text is None else int(length_text)
        data = b"" if remote else self._data(fields.get("data") or "", length, fd, number)
        return Frame(
            self.start_ns + (0 if dialect.time is None else dialect.time(fields["time"].strip())),
            self._channel(fields.get("channel")),
            identifier,
            extended and not error,
            data,
            fd or len(data) > 8,
            remote,
            error,
            self._direction(fields.get("dir")),
            bool(words & dialect.switch_words),
            bool(words & dialect.state_words),
            (length or 0) if remote else 0,
        )

    def remember(self, match: re.Match[str]) -> None:
        """Remember which of the fields after the data this file's rows have."""
        if not self._seen:
            self._seen = [g for g in ("dir", "channel") if match.groupdict().get(g) is not None]

    def looks_cut(self, match: re.Match[str], frame: Frame, line: str) -> bool:
        """Tell whether the last line, which has no line end, was cut off."""
        fields = match.groupdict()
        if self.short or any(fields[group] is None for group in self._seen):
            return True
        if fields.get("len") is None and not is_whole(frame, self._report):
            return True
        end = len(line.rstrip(_BEHIND_THE_LAST_BYTE))
        if fields.get("channel") and match.end("channel") == end:
            return frame.channel not in self._report.channels
        if not fields.get("data") or match.end("data") < end or self._dialect.decode:
            return False
        *others, last = _tokens(fields["data"])
        return bool(others) and len(last) == 1 and all(len(other) > 1 for other in others)

    def _data(self, text: str, length: int | None, fd: bool, number: int) -> bytes:
        self.short = False
        decode = self._dialect.decode or self._bytes
        data = decode(text)
        if len(data) > 64:
            raise ValueError(f"{len(data)} bytes of data, a frame holds 64 at most")
        if length is None or (fd and len(data) > 8):
            return data
        if length > 64:
            raise ValueError(f"length {length}")
        if any(data[length:]):
            self._report.count(AnomalyKind.DATA_LONGER, number, "line")
        self.short = len(data) < length
        return data[:length]

    def _bytes(self, text: str) -> bytes:
        if self.data_base == 16:
            try:
                return bytes.fromhex(text)
            except ValueError:
                pass
        return bytes(int(token, self.data_base) for token in _tokens(text))

    def _number(self, id_text: str) -> int:
        if id_text == "-":
            return 0
        return int(id_text, 16 if id_text[:2] in ("0x", "0X") else self.base)

    def _is_extended(self, id_text: str, identifier: int, word: str | None) -> bool:
        dialect = self._dialect
        if identifier > 0x7FF:
            return True
        if dialect.extended == "digits":
            return len(id_text) > dialect.standard_digits
        if dialect.extended == "flag" and word is not None:
            return word.lower() in dialect.extended_words
        return False

    def _flag_word(self, fields: dict[str, str | None], words: frozenset[str]) -> bool:
        """Some tools put the frame's type and its width into one field (``sr``, ``xr``)."""
        return "kind" not in self._groups and (fields.get("ext") or "").strip().lower() in words

    def _is_error(self, fields: dict[str, str | None]) -> bool:
        error = fields.get("error")
        return error is not None and error.strip().lower() != "f"

    def _channel(self, text: str | None) -> Channel:
        if not text:
            return self._dialect.default_channel
        return int(text) if text.isdecimal() else text

    def _direction(self, text: str | None) -> Direction | None:
        if not text or text == "-":
            return None
        return "tx" if text.lower() in self._dialect.transmit_words else "rx"


def _tokens(data: str) -> list[str]:
    return _PREFIXES.sub(" ", data).split()


def _say_what_it_is(
    line: str, number: int, dialect: Dialect, row: _Row, report: ReadReport
) -> None:
    if dialect.decimal_mark is not None and dialect.decimal_mark.match(line):
        row.base = row.data_base = 10
    start = dialect.start_days.match(line) if dialect.start_days is not None else None
    if start and start[1].strip("0."):
        row.start_ns = spreadsheet_date_ns(start[1])
    if is_note(line) or (dialect.furniture is not None and dialect.furniture.match(line)):
        report.note_lines += 1
    elif line.endswith("\n"):
        report.skip(number, f"no {dialect.name} row: {shown(line)}")
    else:
        report.tear(number)
