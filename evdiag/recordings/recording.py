"""One recording: frames in file order, as often as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from evdiag.inputs import Block, BlockBuilder, BusEvent, BusEventKind, Frame
from evdiag.recordings.clock import Clock
from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.stamps import LATEST_NS, UNIT_NS, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.inputs.piece import Piece
    from evdiag.recordings.columns.counting import CountedPiece, Counter
    from evdiag.recordings.formats import Format
    from evdiag.recordings.journal.reader import JournalFacts, JournalReader
    from evdiag.recordings.source import Source

Item = TypeVar("Item", bound="Frame | BusEvent | CountedPiece")


class EachPass(Protocol):
    """Passes on what a pass over a recording yields, one by one or in blocks."""

    def __call__(self, items: Iterator[Item], /) -> Iterator[Item]: ...


class Recording:
    """A file (or standard input) of a known format.

    Iterating yields frames and bus events in file order, never re-sorted. `report` says what that
    brought to light; it is made anew by each pass and is whole after a whole pass.
    """

    def __init__(
        self,
        source: Source,
        form: Format,
        time_unit: TimeUnit | None = None,
        *,
        wrong_unit: bool = False,
        journal: JournalReader | None = None,
        side_file_is_bad: bool = False,
    ) -> None:
        self._source = source
        self._format = form
        self._wrong_unit = wrong_unit
        self._journal = journal
        self._side_file_is_bad = side_file_is_bad
        self.time_unit = time_unit
        self.progress: EachPass | None = None
        self.counter: Counter | None = None
        self.report = self._fresh_report()

    def in_unit(self, unit: TimeUnit) -> Recording:
        """Return the same recording, its stamps taken to be in `unit`; its report says so.

        It reads the same source: standard input, which comes but once, is not opened again.
        """
        other = Recording(
            self._source,
            self._format,
            unit,
            wrong_unit=True,
            side_file_is_bad=self._side_file_is_bad,
        )
        other.progress = self.progress
        return other

    @property
    def name(self) -> str:
        """The recording as the user wrote it."""
        return self._source.name

    @property
    def label(self) -> str:
        """The name made plain, for messages."""
        return self._source.label

    @property
    def format(self) -> str:
        """The short name of the format."""
        return self._format.name

    @property
    def written_unit(self) -> TimeUnit | None:
        """The unit in which this format writes stamps; None for times of day."""
        return self._format.unit

    @property
    def journal(self) -> JournalFacts | None:
        """What a journal says besides its frames, all of it after a whole pass; None elsewhere."""
        return None if self._journal is None else self._journal.facts()

    def __iter__(self) -> Iterator[Frame | BusEvent]:
        """Yield everything in file order; each pass goes through `progress`, if there is one.

        Raises:
            BadInputError: the file turns out to be unreadable on the way.
        """
        items = self._items()
        return items if self.progress is None else self.progress(items)

    def _items(self) -> Iterator[Frame | BusEvent]:
        report = self.report = self._fresh_report()
        clock = self._clock(report)
        for item in self._format.read(self._source, report):
            placed = self._placed(item, clock, report)
            if placed is not None:
                yield placed
        self._conclude(report, clock)

    def _placed(
        self, item: Frame | BusEvent, clock: Clock, report: ReadReport
    ) -> Frame | BusEvent | None:
        """Count one item and place it in time; None where it has no place there."""
        stamp_ns = item[0] if isinstance(item, Frame) else item.time_ns
        if abs(clock.scaled(stamp_ns)) > LATEST_NS:
            report.skip_impossible_stamp()
            return None
        if self._journal is not None and not isinstance(item, Frame):
            # Stamped by the machine's clock: it says nothing of the frames' clock.
            return self._event(item, item.time_ns, report)
        time_ns = clock.see(stamp_ns)
        if not isinstance(item, Frame):
            return self._event(item, time_ns, report)
        if time_ns != item[0]:
            item = item._replace(time_ns=time_ns)
        report.add(item)
        return item

    def _conclude(self, report: ReadReport, clock: Clock) -> None:
        if self._source.cut_short:
            report.count(AnomalyKind.TRUNCATED)
        if self._side_file_is_bad:
            report.count(AnomalyKind.SIDE_FILE)
        if self._wrong_unit:
            report.count(AnomalyKind.WRONG_UNIT)
        clock.finish()
        report.complete = True

    def blocks(self, rows: int = 65536) -> Iterator[Block]:
        """Yield the frames as columns, `rows` at most in each; lost-frame marks are in the report.

        Raises:
            BadInputError: the file turns out to be unreadable on the way.
        """
        for counted in self.pieces(rows):
            block = counted.piece.block().in_order_of_appearance()
            for first in range(0, len(block), rows):
                yield block.rows(slice(first, first + rows)) if len(block) > rows else block

    def pieces(self, rows: int = 65536) -> Iterator[CountedPiece]:
        """Yield the frames in pieces that are counted already; lost-frame marks are in the report.

        Frames that are read one by one are put together, `rows` at most in a piece. `counter`
        names the slots.

        Raises:
            BadInputError: the file turns out to be unreadable on the way.
        """
        pieces = self._pieces(rows)
        return pieces if self.progress is None else self.progress(pieces)

    def _pieces(self, rows: int) -> Iterator[CountedPiece]:
        from evdiag.inputs.piece import Piece
        from evdiag.recordings.columns.counting import Counter

        report = self.report = self._fresh_report()
        clock = self._clock(report)
        counter = self.counter = Counter(report)
        builder = BlockBuilder()
        for item in self._read_in_pieces(report):
            if isinstance(item, Piece) and clock.reaches(item.time_ns):
                if len(builder):
                    yield counter.counted_before(Piece.of(builder.build()))
                yield counter.count(item.at(clock.see_all(item.time_ns)))
                continue
            for each in item.block().frames() if isinstance(item, Piece) else (item,):
                frame = self._placed(each, clock, report)
                if isinstance(frame, Frame):
                    builder.add(frame)
                    if len(builder) >= rows:
                        yield counter.counted_before(Piece.of(builder.build()))
        if len(builder):
            yield counter.counted_before(Piece.of(builder.build()))
        counter.settle()
        self._conclude(report, clock)

    def _read_in_pieces(self, report: ReadReport) -> Iterator[Piece | Frame | BusEvent]:
        if self._format.read_columns is not None and self._is_columnar:
            return self._format.read_columns(self._source, report)
        return self._format.read(self._source, report)

    @property
    def _is_columnar(self) -> bool:
        readable = not self._format.is_text or self._source.encoding.startswith("utf-8")
        return self._format.read_columns is not None and readable

    def frames(self) -> Iterator[Frame]:
        """Yield the frames only."""
        return (item for item in self if isinstance(item, Frame))

    def read_through(self) -> ReadReport:
        """Read everything once for the report."""
        for _ in self.pieces() if self._is_columnar else self:
            pass
        return self.report

    def _event(self, event: BusEvent, time_ns: int, report: ReadReport) -> BusEvent:
        if event.kind is BusEventKind.FRAMES_LOST:
            report.lost_frames += event.count
            report.lost_marks.append(report.frames)
            report.count(AnomalyKind.LOST_FRAMES, report.frames + 1)
        return BusEvent(time_ns, event.kind, event.channel, event.count, event.detail)

    def _fresh_report(self) -> ReadReport:
        source = self._source
        return ReadReport(
            self._format.name,
            source.compression,
            source.encoding if self._format.is_text else None,
            byte_order_mark=source.bom,
            had_nuls=self._format.is_text and self._has_nuls(),
        )

    def _has_nuls(self) -> bool:
        return b"\0" in self._source.head and not self._source.encoding.startswith("utf-16")

    def _clock(self, report: ReadReport) -> Clock:
        unit_ns = UNIT_NS[self._format.unit or "ns"]
        scale = (1, 1)
        if self.time_unit is not None and self.time_unit != self._format.unit:
            scale = (UNIT_NS[self.time_unit], unit_ns)
        return Clock(report, unit_ns=unit_ns, scale=scale, wrap=self._format.wrap)
