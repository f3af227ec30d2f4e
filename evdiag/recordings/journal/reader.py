"""Reads a journal back: the one sequence that its two files are, through all of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from evdiag.inputs import (
    Answer,
    BusEvent,
    BusEventKind,
    Frame,
    Identified,
    Mark,
    Tick,
    TransmitDecision,
)
from evdiag.recordings.candump import read_candump
from evdiag.recordings.journal.header import Header, NotAJournalError, read_header
from evdiag.recordings.journal.names import (
    LOG,
    ROWS,
    part_numbers,
    part_stem,
    split_stem,
    stem_in,
    there,
)
from evdiag.recordings.journal.rows import Row, UnknownKindError, json_object, row_of
from evdiag.recordings.journal.words import Alarm, CarFiles, End, Own, Trigger, Vin
from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.source import Source

_LONGEST_HEADER = 1 << 20
_IN_EVERY_ROW = '"after_frame"'
_OWN = (CarFiles, Vin, Alarm, Trigger, End)


class Placed(NamedTuple):
    """An input that is no frame, and how many frames of the recording stand before it."""

    place: int
    item: BusEvent | Tick | Mark | Answer | TransmitDecision | Identified


@dataclass(frozen=True)
class JournalFacts:
    """What a journal says of itself.

    `inputs` are all but the frames, in order; `words` are the recorder's own. `car` and `vin` are
    what was known at the end. `closed` is false where the recorder did not come to closing it;
    `is_whole` is false where only a later part was opened. `lost_files` are those of parts that
    cannot be read.
    """

    header: Header
    files: tuple[Path, ...]
    lost_files: tuple[Path, ...]
    inputs: tuple[Placed, ...]
    words: tuple[Own, ...]
    car: CarFiles | None
    vin: str | None
    closed: bool
    is_whole: bool

    @property
    def identified(self) -> Identified | None:
        """The car as it was decided live; None where it was not."""
        found = [placed.item for placed in self.inputs if isinstance(placed.item, Identified)]
        return found[-1] if found else None

    @property
    def marks(self) -> list[Placed]:
        """The person's marks."""
        return [placed for placed in self.inputs if isinstance(placed.item, Mark)]


class _Part(NamedTuple):
    log: Path
    rows: Path
    header: Header


def find_journal(source: str | Path) -> JournalReader | None:
    """Return the journal that a file belongs to; None where it is none.

    Raises:
        ValueError: there is a side file of ours, and its first row is lost, torn or garbage.
    """
    path = Path(source)
    stem = stem_in(path)
    if stem is None:
        return None
    first = _part(path.parent, stem)
    if first is None:
        if _lost_its_header(path.parent, stem):
            raise ValueError("the first row is lost")
        return None
    recording, number = split_stem(stem)
    if number != 1 or first.header.part != 1:
        return JournalReader([first])
    parts, lost = [first], []
    for number in part_numbers(path.parent, recording):
        if number == 1:
            continue
        stem = part_stem(recording, number)
        try:
            part = _part(path.parent, stem)
        except ValueError:
            # A recorder that is killed as it begins a part leaves one; it costs only itself.
            lost.append(stem)
            continue
        if part is not None:
            parts.append(part)
        elif _lost_its_header(path.parent, stem):
            lost.append(stem)
    return JournalReader(parts, lost)


def _part(folder: Path, stem: str) -> _Part | None:
    log, rows = there(folder, stem, LOG), there(folder, stem, ROWS)
    if log is None or rows is None:
        return None
    with Source(rows).lines() as lines:
        line = lines.readline(_LONGEST_HEADER)
    try:
        return _Part(log, rows, read_header(line))
    except NotAJournalError:
        return None


def _lost_its_header(folder: Path, stem: str) -> bool:
    """Tell whether a side file without a first row of ours has other rows of ours."""
    rows = there(folder, stem, ROWS)
    if rows is None or there(folder, stem, LOG) is None:
        return False
    with Source(rows).lines() as lines:
        # Another program's file may be one endless line.
        while line := lines.readline(_LONGEST_HEADER):
            # To look for the key first is much faster than to parse another program's file.
            if _IN_EVERY_ROW in line and _is_ours(line):
                return True
    return False


def _is_ours(line: str) -> bool:
    try:
        # Only a first row says its version; it may stand in another place, or its kind be damaged.
        if "journal_version" not in json_object(line):
            row_of(line)
    except (UnknownKindError, ValueError):
        return False
    return True


class JournalReader:
    """The parts of one recording, read in order, as often as asked.

    `lost` are the stems of later parts that cannot be read: what came before them is not known.
    """

    def __init__(self, parts: list[_Part], lost: Sequence[str] = ()) -> None:
        self._parts = parts
        self._lost_parts = lost
        self._first_frame = 0
        self._inputs: list[Placed] = []
        self._words: list[Own] = []
        self._frames = 0
        self._last_ns = 0

    @property
    def log(self) -> Path:
        """The candump file that reading begins with."""
        return self._parts[0].log

    def facts(self) -> JournalFacts:
        """Return what the journal says of itself; all of it after a whole pass."""
        header = self._parts[-1].header
        known = [word for word in self._words if isinstance(word, CarFiles)]
        vins = [word.vin for word in self._words if isinstance(word, Vin)]
        ends = [word for word in self._words if isinstance(word, End)]
        return JournalFacts(
            header=self._parts[0].header,
            files=tuple(part.log for part in self._parts),
            lost_files=tuple(self._files_of_lost_parts()),
            inputs=tuple(self._inputs),
            words=tuple(self._words),
            car=known[-1] if known else header.car,
            vin=vins[-1] if vins else header.vin,
            closed=bool(ends) and (not ends[-1].continues or not self._is_whole),
            is_whole=self._is_whole,
        )

    def _files_of_lost_parts(self) -> Iterator[Path]:
        for stem in self._lost_parts:
            found = (there(self.log.parent, stem, suffix) for suffix in (LOG, ROWS))
            yield from (path for path in found if path is not None)

    @property
    def _is_whole(self) -> bool:
        return self._parts[0].header.part == 1

    def read(self, _: Source, report: ReadReport) -> Iterator[Frame | BusEvent]:
        """Yield frames and bus events in their order; the other inputs are then in `facts`."""
        self._inputs, self._words, self._frames = [], [], 0
        self._first_frame = self._parts[0].header.first_frame
        self._last_ns = self._parts[0].header.wall_ns
        for part, following in zip(self._parts, [*self._parts[1:], None], strict=True):
            missing = part.header.first_frame - self._first_frame - self._frames
            if missing > 0:
                yield from self._take(Row(0, self._lost(missing)))
                # They count in the numbering of the parts, and nowhere else.
                self._first_frame += missing
            yield from self._read_part(part, following, report)
        if self._lost_parts:
            report.count(AnomalyKind.LOST_PARTS, by=len(self._lost_parts))
        facts = self.facts()
        if not facts.closed:
            report.count(AnomalyKind.NOT_CLOSED)

    def _lost(self, count: int) -> BusEvent:
        words = "the file they were in is gone or torn"
        return BusEvent(self._last_ns, BusEventKind.FRAMES_LOST, 0, count, words)

    def _read_part(
        self, part: _Part, following: _Part | None, report: ReadReport
    ) -> Iterator[Frame | BusEvent]:
        frames_wanted = notes_wanted = None
        if following is not None:
            # What a failing disk may or may not have kept was written once more.
            frames_wanted = following.header.first_frame - part.header.first_frame
            notes_wanted = following.header.first_row - part.header.first_row
        rows = self._rows(part, notes_wanted, report)
        row = next(rows, None)
        source = Source(part.log)
        read = 0
        for frame in read_candump(source, report, whole_lines=True):
            if frames_wanted is not None and read >= frames_wanted:
                break
            while row is not None and row.after_frame <= read:
                yield from self._take(row)
                row = next(rows, None)
            read += 1
            self._frames += 1
            self._last_ns = frame[0]
            yield frame
        while row is not None:
            if row.after_frame > read and not isinstance(row.entry, End):
                report.count(AnomalyKind.ROWS_BEYOND)
            yield from self._take(row)
            row = next(rows, None)
        if source.cut_short:
            report.count(AnomalyKind.TRUNCATED)

    def _rows(self, part: _Part, wanted: int | None, report: ReadReport) -> Iterator[Row]:
        """Yield the rows of a part, without what earlier parts said already."""
        counted = 0
        source = Source(part.rows)
        with source.lines() as lines:
            next(lines, "")
            for line in lines:
                row = _row(line, report)
                if row is None:
                    continue
                if row.repeated:
                    if part is self._parts[0]:
                        yield row
                    continue
                if not isinstance(row.entry, End):
                    counted += 1
                    if wanted is not None and counted > wanted:
                        continue
                yield row
        if source.cut_short:
            report.count(AnomalyKind.TRUNCATED)

    def _take(self, row: Row) -> Iterator[BusEvent]:
        if isinstance(row.entry, _OWN):
            self._words.append(row.entry)
            return
        self._inputs.append(Placed(self._frames, row.entry))
        if isinstance(row.entry, BusEvent):
            yield row.entry


def _row(line: str, report: ReadReport) -> Row | None:
    if not line.endswith("\n"):
        report.count(AnomalyKind.TORN_LAST_ROW)
        return None
    try:
        return row_of(line)
    except UnknownKindError:
        report.count(AnomalyKind.UNKNOWN_ROWS)
    except ValueError:
        report.count(AnomalyKind.BAD_ROWS)
    return None
