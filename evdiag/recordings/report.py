"""What reading a recording brought to light: counts, skipped lines, anomalies."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evdiag.inputs import Channel, Frame, FrameKey

STEPS_KEPT = 400
_SKIPPED_LINES_KEPT = 5

Place = Literal["line", "frame"]


class AnomalyKind(Enum):
    """What real captures were found to suffer from.

    Each has its sentence (``{n}`` is the count), whether it is about stamps, and whether it can
    change an answer: then commands say it once on stderr.
    """

    BACKWARD_STEPS = (
        "backward_steps",
        "{n} stamps lie up to 1 s before the one above",
        True,
        False,
    )
    CLOCK_JUMPS = (
        "clock_jumps",
        "the clock jumps back by more than 1 s {n} time(s): several captures in one file? "
        "No delay is computed across a jump",
        True,
        True,
    )
    NEGATIVE_STAMPS = ("negative_stamps", "{n} stamps are negative", True, False)
    ZERO_STAMPS = ("zero_stamps", "all {n} stamps are zero: the logger had no clock", True, True)
    COUNTER_STAMPS = (
        "counter_stamps",
        "the stamps of all {n} rows rise by the same step: they count rows and tell no time",
        True,
        True,
    )
    CLOCK_WRAPS = (
        "clock_wraps",
        "the logger's clock wrapped {n} time(s), at midnight or at the end of its counter; "
        "the time goes on across it",
        True,
        False,
    )
    IMPOSSIBLE_STAMPS = (
        "impossible_stamps",
        "{n} frames were skipped: their stamps are no time",
        True,
        True,
    )
    NO_STAMPS = ("no_stamps", "no stamps: none of the {n} frames says when it was seen", True, True)
    WRONG_UNIT = (
        "wrong_unit",
        "the stamps are in another unit than this format says: the cycle times of known ids show "
        "it. They were read in the unit that fits; --time-unit decides",
        True,
        True,
    )
    LOST_FRAMES = (
        "lost_frames",
        "the logger marked {n} time(s) that it lost frames: what happened there is not known",
        False,
        True,
    )
    DATA_SHORTER = (
        "data_shorter",
        "{n} frames hold fewer bytes than their length says",
        False,
        True,
    )
    DATA_LONGER = (
        "data_longer",
        "{n} frames hold more bytes than their length says; the length was believed",
        False,
        False,
    )
    TRANSMIT_REQUESTS = (
        "transmit_requests",
        "{n} TxRq rows dropped: each stands beside the Tx row of the same frame",
        False,
        False,
    )
    TRUNCATED = (
        "truncated",
        "the file is cut off or damaged: what comes after is missing",
        False,
        True,
    )
    SKIPPED_LINES = ("skipped_lines", "{n} lines could not be read and were skipped", False, True)
    TORN_LAST_LINE = ("torn_last_line", "the last line is cut off and was dropped", False, False)
    SIDE_FILE = (
        "side_file",
        "the journal's side file cannot be read: its marks, bus events and the car that was "
        "decided are missing; the frames are read as plain candump text",
        False,
        True,
    )
    LOST_PARTS = (
        "lost_parts",
        "the first row of {n} later part(s) of the journal is lost: what they hold is missing",
        False,
        True,
    )
    TORN_LAST_ROW = (
        "torn_last_row",
        "the last row of the journal's side file is cut off and was dropped",
        False,
        False,
    )
    ROWS_BEYOND = (
        "rows_beyond",
        "{n} rows of the journal's side file stand after frames that are missing; they were put "
        "at the end",
        False,
        False,
    )
    BAD_ROWS = (
        "bad_rows",
        "{n} rows of the journal's side file could not be read and were skipped",
        False,
        True,
    )
    UNKNOWN_ROWS = (
        "unknown_rows",
        "{n} rows of the journal's side file are of a newer version of evdiag and were left out",
        False,
        True,
    )
    NOT_CLOSED = (
        "not_closed",
        "the journal was not closed: its recorder was killed or lost its disk, and what it wrote "
        "last may be missing",
        False,
        False,
    )
    OTHER_RECORDS = (
        "other_records",
        "{n} records are no CAN frames and were left out",
        False,
        False,
    )

    def __init__(self, label: str, sentence: str, about_time: bool, changes_answers: bool) -> None:
        self.label = label
        self.sentence = sentence
        self.about_time = about_time
        self.changes_answers = changes_answers


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One kind of trouble, how often, and where first (line or frame, counted from 1)."""

    kind: AnomalyKind
    count: int
    first: int | None
    place: Place
    message: str

    @property
    def changes_answers(self) -> bool:
        """Whether commands say it on stderr."""
        return self.kind.changes_answers


class SkippedLine(NamedTuple):
    """A line that could not be read."""

    number: int
    reason: str


@dataclass(slots=True)
class IdStatistics:
    """One id on one channel: how often, when, how long, how far apart."""

    frames: int = 0
    first_ns: int = 0
    last_ns: int = 0
    lengths: set[int] = field(default_factory=set)
    steps_ns: list[int] = field(default_factory=list)

    @property
    def period_ns(self) -> int | None:
        """The median distance of neighbours (of the first 400), None below two frames."""
        # As `statistics.median_low`, which takes longer to import than a short recording to read.
        return sorted(self.steps_ns)[(len(self.steps_ns) - 1) // 2] if self.steps_ns else None


@dataclass(slots=True)
class ReadReport:
    """Fills while a recording is read; complete after one whole pass.

    Times are nanoseconds. `first_ns` and `last_ns` are of the first and last frame in file order,
    `duration_ns` is the time covered (jumps of the clock left out), None where it is not known.
    `lost_marks` are the frame counts at which the logger marked lost frames; `gaps` counts silences
    of more than a second.
    """

    format: str
    compression: str | None = None
    encoding: str | None = None
    byte_order_mark: bool = False
    had_nuls: bool = False
    frames: int = 0
    error_frames: int = 0
    remote_frames: int = 0
    lost_frames: int = 0
    lost_marks: list[int] = field(default_factory=list)
    skipped_lines: int = 0
    skipped: list[SkippedLine] = field(default_factory=list)
    note_lines: int = 0
    torn_last_line: bool = False
    first_ns: int | None = None
    last_ns: int | None = None
    duration_ns: int | None = None
    gaps: int = 0
    longest_gap_ns: int = 0
    channels: dict[Channel, int] = field(default_factory=dict)
    has_clock: bool = True
    complete: bool = False
    _counts: dict[AnomalyKind, int] = field(default_factory=dict)
    _firsts: dict[AnomalyKind, tuple[int | None, Place]] = field(default_factory=dict)
    _ids: dict[tuple[Channel, FrameKey], IdStatistics] = field(default_factory=dict)
    _settle: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    @property
    def ids(self) -> dict[tuple[Channel, FrameKey], IdStatistics]:
        """The statistics of each id on each channel, in the order of their first frames."""
        if self._settle is not None:
            settle, self._settle = self._settle, None
            settle()
        return self._ids

    def before_asking(self, settle: Callable[[], None]) -> None:
        """Have `settle` bring the statistics up to date, once, before anybody looks at them."""
        self._settle = settle

    def add_id(self, channel: Channel, key: FrameKey, statistics: IdStatistics) -> None:
        """List an id that was met for the first time, by who counts it."""
        self._ids[channel, key] = statistics

    def count(
        self, kind: AnomalyKind, first: int | None = None, place: Place = "frame", by: int = 1
    ) -> None:
        """Count an anomaly; the place of the first one is kept."""
        self._counts[kind] = self._counts.get(kind, 0) + by
        self._firsts.setdefault(kind, (first, place))

    def skip(self, number: int, reason: str) -> None:
        """Count a line that cannot be read."""
        self.skipped_lines += 1
        if len(self.skipped) < _SKIPPED_LINES_KEPT:
            self.skipped.append(SkippedLine(number, plain_text(reason)))
        self.count(AnomalyKind.SKIPPED_LINES, number, "line")

    def skip_impossible_stamp(self) -> None:
        """Count a frame that cannot be placed in time."""
        self.skipped_lines += 1
        self.count(AnomalyKind.IMPOSSIBLE_STAMPS, self.frames + 1)

    def tear(self, number: int) -> None:
        """Note that the last line was cut off and dropped."""
        self.torn_last_line = True
        self.count(AnomalyKind.TORN_LAST_LINE, number, "line")

    def add(self, frame: Frame) -> None:
        """Count one frame."""
        time_ns, channel, identifier, extended, data, _, remote, error, *_ = frame
        self.frames += 1
        if self.first_ns is None:
            self.first_ns = time_ns
        self.last_ns = time_ns
        self.channels[channel] = self.channels.get(channel, 0) + 1
        if error:
            self.error_frames += 1
            return
        if remote:
            self.remote_frames += 1
        key = (channel, identifier | 0x80000000 if extended else identifier)
        statistics = self.ids.get(key)
        if statistics is None:
            statistics = self._ids[key] = IdStatistics(first_ns=time_ns)
        elif len(statistics.steps_ns) < STEPS_KEPT and time_ns > statistics.last_ns:
            statistics.steps_ns.append(time_ns - statistics.last_ns)
        statistics.frames += 1
        statistics.last_ns = time_ns
        statistics.lengths.add(len(data))

    def add_gap(self, length_ns: int) -> None:
        """Count a silence of more than a second."""
        self.gaps += 1
        self.longest_gap_ns = max(self.longest_gap_ns, length_ns)

    def periods_ns(self) -> dict[FrameKey, int]:
        """Return the median distance of each id's frames, of the channel that has most of them."""
        busiest: dict[FrameKey, IdStatistics] = {}
        for (_, key), statistics in self.ids.items():
            if key not in busiest or statistics.frames > busiest[key].frames:
                busiest[key] = statistics
        return {key: found.period_ns for key, found in busiest.items() if found.period_ns}

    def known_lengths(self, channel: Channel, key: FrameKey) -> set[int]:
        """Return the data lengths seen so far with this id."""
        statistics = self.ids.get((channel, key))
        return statistics.lengths if statistics else set()

    @property
    def anomalies(self) -> list[Anomaly]:
        """Everything found, in the order of `AnomalyKind`."""
        return [
            Anomaly(kind, n, *self._firsts[kind], message=kind.sentence.format(n=n))
            for kind in AnomalyKind
            if (n := self._counts.get(kind, 0))
        ]

    @property
    def time_anomalies(self) -> int:
        """How many stamps or jumps of the clock are not as they should be."""
        return sum(found.count for found in self.anomalies if found.kind.about_time)

    def warnings(self) -> Iterator[str]:
        """Yield a sentence for each anomaly that can change an answer."""
        for found in self.anomalies:
            if found.changes_answers:
                yield found.message + self._place_text(found)

    def _place_text(self, found: Anomaly) -> str:
        if found.kind is AnomalyKind.SKIPPED_LINES and self.skipped:
            first = self.skipped[0]
            return f" (the first is line {first.number}: {first.reason})"
        if found.first is None or not found.kind.sentence.count("{n}"):
            return ""
        return f" (first at {found.place} {found.first})"
