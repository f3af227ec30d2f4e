"""Vector ASC, read by python-can and made good where python-can's reader loses or invents.

python-can drops the first row of files without the 'internal events' line, counts TxRq and Tx as
two frames, ends at the first row it cannot read, takes relative stamps for absolute ones, drops
rows with negative stamps, and says nothing of rows that hold less data than they should. So the
header and the stamps are read here, python-can is fed row by row, and is asked again after a row
that it choked on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TextIO, cast

from evdiag.recordings.notes import is_note, shown
from evdiag.recordings.python_can import frame_of, quiet
from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.stamps import LATEST_NS, stamp_ns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.inputs import Frame
    from evdiag.recordings.source import Source

HEADER: Final = re.compile(
    r"\s*(?:date\s+\S|base\s+(?:hex|dec)\b|(?:no\s+)?internal\s+events?\s+logg"
    r"|begin\s+trigger ?block)",
    re.IGNORECASE,
)
ROW: Final = re.compile(
    r"\s*(?P<time>-?\d+[.,]\d+)\s+"
    r"(?P<rest>(?:\d+\s+(?:\w+\s+(?P<way>TxRq|Tx|Rx)\b|ErrorFrame)|CANFD\s+\d+\s+\S+).*)",
    re.IGNORECASE | re.DOTALL,
)
ORIGIN: Final = "// evdiag: stamps count from (ns since 1970) "

_FD_REMOTE_FLAG: Final = 0x10

_FURNITURE = re.compile(
    r"\s*(?:date\b|base\b|(?:no\s+)?internal\s+events?|(?:begin|end)\s+trigger ?block|//)",
    re.IGNORECASE,
)
_BASE = re.compile(
    r"\s*base\s+(?P<base>hex|dec)(?:\s+timestamps\s+(?P<stamps>absolute|relative))?", re.IGNORECASE
)
_OTHER_RECORD = re.compile(r"\s*-?\d+[.,]\d+\s+\S")
_CONFIRMED = re.compile(r"\d\s+\w+\s+Tx\b", re.IGNORECASE)


def is_other(line: str) -> bool:
    """Tell whether a line belongs to an ASC log without being a row of ours."""
    return bool(_FURNITURE.match(line) or _OTHER_RECORD.match(line))


def read_asc(source: Source, report: ReadReport) -> Iterator[Frame]:
    """Yield the frames of a Vector ASC log; stamps are offsets from the log's start.

    (A header's date has no time zone and is not added; what evdiag wrote itself says its origin.)
    """
    from can import ASCReader

    quiet()
    with source.lines() as lines:
        feed = _Feed(source, enumerate(lines, 1), report)
        while not feed.exhausted:
            try:
                # It looks for the next row, and a row can be bad before python-can sees it.
                feed.begin()
                reader = ASCReader(cast("TextIO", feed), base=feed.base)
                for message in reader:
                    frame = feed.mended(frame_of(message, feed.time_ns, first_channel=1))
                    # A classic frame may have a length code above 8; it still holds 8 bytes.
                    said = message.dlc if frame.fd else min(8, message.dlc)
                    short = not frame.remote and len(frame.data) < said
                    if feed.is_torn(short):
                        report.tear(feed.number)
                        continue
                    if short:
                        report.count(AnomalyKind.DATA_SHORTER, feed.number, "line")
                    yield frame
            except (ValueError, IndexError, TypeError) as error:
                feed.reject(str(error))


class _Feed:
    """The file that python-can believes to read: a proper header, then one row at a time."""

    def __init__(
        self, source: Source, lines: Iterator[tuple[int, str]], report: ReadReport
    ) -> None:
        self.base = "hex"
        self.number = 0
        self.time_ns = 0
        self.exhausted = False
        self._source = source
        self._lines = lines
        self._report = report
        self._line = ""
        self._relative = False
        self._origin_ns = 0
        self._tx_is_confirmed: bool | None = None
        self._pending: str | None = None
        self._header: Iterator[str] = iter(())

    def begin(self) -> None:
        """Start the file anew, for a new reader that goes on with the next row."""
        if self._pending is None:
            self._pending = self._next_row()
        self._header = iter(
            (f"base {self.base}  timestamps absolute\n", "no internal events logged\n")
        )

    def reject(self, reason: str) -> None:
        """Count the row that was given last as unreadable."""
        if self._line.endswith("\n"):
            self._report.skip(self.number, f"{reason}: {shown(self._line)}")
        else:
            self._report.tear(self.number)

    def mended(self, frame: Frame) -> Frame:
        """Undo what python-can makes of FD rows without data: it takes them for remote frames."""
        if not (frame.fd and frame.remote):
            return frame
        tokens = self._line.split()
        after_name = 6 if tokens[5].isdecimal() else 7
        flags = tokens[after_name + 5 : after_name + 6]
        remote = bool(flags and int(flags[0], 16) & _FD_REMOTE_FLAG)
        return frame._replace(remote=remote, requested_length=frame.requested_length * remote)

    def is_torn(self, short: bool) -> bool:
        """Tell whether the row that was given last is the file's last line, cut off."""
        if self._line.endswith("\n"):
            return False
        tokens = self._line.split()
        return short or (len(tokens[-1]) == 1 and len(tokens) > 6 and len(tokens[-2]) == 2)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._header:
            return line
        row = self._pending if self._pending is not None else self._next_row()
        self._pending = None
        if row is None:
            raise StopIteration
        return row

    def read(self) -> str:
        """Only here because python-can tells files by it, as by `write`."""
        raise NotImplementedError

    write = read

    def close(self) -> None:
        """Leave the file open: one reader's end is not the end of the file."""

    def _next_row(self) -> str | None:
        for number, line in self._lines:
            self.number, self._line = number, line
            match = ROW.match(line)
            if match is None:
                self._note(line)
                continue
            stamp_ns_ = stamp_ns(match["time"], 10**9)
            self.time_ns = (
                self.time_ns + stamp_ns_ if self._relative else self._origin_ns + stamp_ns_
            )
            if (match["way"] or "").lower() == "txrq" and self._is_confirmed_later():
                self._report.count(AnomalyKind.TRANSMIT_REQUESTS, self.number, "line")
                continue
            return f"0.000000 {match['rest']}"
        self.exhausted = True
        return None

    def _is_confirmed_later(self) -> bool:
        """Tell whether the file has Tx rows: then TxRq rows only announce them."""
        if self._tx_is_confirmed is None:
            with self._source.lines() as lines:
                self._tx_is_confirmed = any(_CONFIRMED.search(line) for line in lines)
        return self._tx_is_confirmed

    def _note(self, line: str) -> None:
        if base := _BASE.match(line):
            self.base = base["base"].lower()
            self._relative = (base["stamps"] or "").lower() == "relative"
        if line.startswith(ORIGIN) and not self._has_origin(line[len(ORIGIN) :]):
            self._report.skip(self.number, f"no origin of the stamps: {shown(line)}")
        elif _FURNITURE.match(line) or is_note(line):
            self._report.note_lines += 1
        elif _OTHER_RECORD.match(line):
            self._report.count(AnomalyKind.OTHER_RECORDS, self.number, "line")
        elif line.endswith("\n"):
            self._report.skip(self.number, f"no ASC row: {shown(line)}")
        else:
            self._report.tear(self.number)

    def _has_origin(self, text: str) -> bool:
        """Take the origin that evdiag wrote; False where it is damaged: then it is as if absent."""
        try:
            origin_ns = int(text)
        except ValueError:
            return False
        if abs(origin_ns) > LATEST_NS:
            return False
        self._origin_ns = origin_ns
        return True
