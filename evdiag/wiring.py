"""The only place that joins source, session and screen.

A recording goes: read once into columns → stamps checked against the car's cycle times → car and
layout decided, once → signals by columns → session. Every command and the replay screen start
from the `Analysis` made here, so none of them decides differently than another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from evdiag.databases import Database
from evdiag.errors import BadInputError
from evdiag.inputs import Block, Channel, Identified
from evdiag.inputs.joining import joined
from evdiag.plain import plain_text
from evdiag.port.readings import Readings, TimelineRow
from evdiag.recordings import ReadReport, Recording, open_recording
from evdiag.signals.columns import signal_events
from evdiag.signals.events import Changed
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.sequence import PlacedStep, consumed_steps, end_ns, events_of, stepped
from evdiag.signals.timebase import Timebase
from evdiag.signals.untimed import one_after_another, without_time
from evdiag.signals.watch import Watch
from evdiag.stamp_unit import in_better_unit
from evdiag.vehicles.identification import (
    Candidate,
    Seen,
    SeenId,
    candidates,
    decide,
    locate_buses,
)
from evdiag.vehicles.layouts import decide_layout, score_layout
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.profile import Profile

if TYPE_CHECKING:
    from evdiag.guide.procedure import Book
    from evdiag.recordings.journal.reader import JournalFacts
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.session import Session
    from evdiag.session.playback import Playback, PlaybackMark

Read = TypeVar("Read", bound=Sized)


class Progress(Protocol):
    """Passes on what is read of a recording, in blocks or pieces."""

    def __call__(self, pieces: Iterable[Read], /) -> Iterable[Read]: ...


@dataclass(frozen=True)
class Capture:
    """A recording read into columns, with what reading it brought to light.

    `block` has all frames; where `excerpt` is there, those of them that matter to the car that
    `sifted_for` names, and `read_whole` reads the recording once more for all of them.
    """

    name: str
    report: ReadReport
    block: Block
    warnings: tuple[str, ...]
    journal: JournalFacts | None = None
    excerpt: Excerpt | None = None
    sifted_for: str | None = None
    read_whole: Callable[[], Capture] | None = None

    def fit_for(self, profile: Profile) -> Capture:
        """Return a capture that has all frames which matter to this car."""
        if self.read_whole is None or self.sifted_for == profile.id:
            return self
        return self.read_whole()

    @property
    def clock_is_time(self) -> bool:
        """False where stamps count rows, are all zero or are missing."""
        return self.report.has_clock or self.journal is not None

    @property
    def seen(self) -> Seen:
        """What identification looks at."""
        return seen_in(self.report)


@dataclass(frozen=True)
class Analysis:
    """A capture of a known car: the signal events of the whole recording, ready for a session.

    `databases` are those of the layout that was decided. `events` of a journal hold its other
    inputs, too, and `timebase` is the stream time that all of them made.
    """

    capture: Capture
    profile: Profile
    databases: tuple[Database, ...]
    identified: Identified
    watch: Watch
    events: Sequence[PlacedStep]
    warnings: tuple[str, ...]
    timebase: Timebase

    def session(self, book: Book | None = None) -> Session:
        """Return a fresh session for this car, which guides by `book`, or guides nobody."""
        from evdiag.guide.procedure import NO_PROCEDURES
        from evdiag.session import Session

        clock_is_time = self.capture.clock_is_time
        book = NO_PROCEDURES if book is None else book
        return Session(self.profile, self.watch, clock_is_time=clock_is_time, book=book)

    def run(self, book: Book | None = None) -> tuple[Session, list[TimelineRow]]:
        """Play the whole recording through a session; return it with every timeline row."""
        session = self.session(book)
        rows = [row for step in self.events for row in session.replay(step)]
        session.finish(self.end_ns)
        return session, rows

    def rows(self) -> Iterator[TimelineRow]:
        """Yield every timeline row of the whole recording, as `run` does, and nothing else."""
        readings = Readings(self.watch)
        for step in self.events:
            for event in events_of(step):
                row = readings.apply(event)
                if row is not None:
                    yield row

    def playback(self) -> Playback:
        """Return the recording ready to be played, at its beginning, with the marks kept of it."""
        from evdiag.guide_files import book
        from evdiag.recordings.kept_marks import kept_marks
        from evdiag.session.playback import Playback

        assert self.capture.excerpt is None, "frames that do not matter are shown, too"
        playback = Playback(
            self.capture.block,
            self.events,
            partial(self.session, book()),
            clock_is_time=self.capture.clock_is_time,
            bitrates={
                channel: self.profile.bus(name).bitrate
                for name, channel in self.identified.channels
            },
            timebase=self.timebase,
        )
        for mark in kept_marks(self.capture.name):
            if mark.row < playback.frames:
                playback.mark(mark.text, mark.row)
        return playback

    def keep_mark(self, mark: PlaybackMark) -> str | None:
        """Keep a mark for the next replay; return in words why that failed, None where not."""
        from evdiag.recordings.kept_marks import KeptMark, keep_mark

        return keep_mark(self.capture.name, KeptMark(mark.row, mark.text))

    @property
    def start_ns(self) -> int:
        """The stamp of the first frame in file order; offsets count from it."""
        return self.capture.report.first_ns or 0

    @property
    def end_ns(self) -> int | None:
        """Stream time at the end of the recording: the latest stamp of the last epoch."""
        return end_ns(self.events, self.timebase)


def read_capture(
    name: str, time_unit: TimeUnit | None = None, progress: Progress = lambda blocks: blocks
) -> Capture:
    """Read a recording into columns.

    Stamps whose unit is not the one that the format says are found through the cycle times of
    known cars; then the recording is read again in the unit that fits.

    Raises:
        BadInputError: it cannot be read.
    """
    recording = open_recording(name, time_unit=time_unit)
    capture = read_whole(recording, progress)
    better = in_better_unit(recording)
    return capture if better is None else read_whole(better, progress)


def analyse(capture: Capture, vehicle: str | None = None) -> Analysis:
    """Decide car and layout, and decode what the car offers.

    Raises:
        BadInputError: the car is not known or cannot be told from the frames.
    """
    duration_ns = capture.report.duration_ns
    journal = capture.journal
    live = None if journal is None else journal.identified
    if journal is not None and live is not None and vehicle in (None, live.vehicle):
        return _as_decided(capture, journal, live)
    if vehicle is None:
        ranked = rank(capture)
        best = decide(ranked)
        if best is None:
            raise BadInputError(_not_identified(capture.name, ranked))
        profile = library().profile(best.vehicle)
        confidence = best.confidence
    else:
        profile, confidence = library().profile(vehicle), 1.0
    capture = capture.fit_for(profile)
    channels = locate_buses(profile, capture.seen, duration_ns, clock_is_time=capture.clock_is_time)
    warnings = list(_missing_buses(profile, channels))
    layout_id, said = _layout(profile, capture, dict(channels))
    warnings += said
    identified = Identified(
        capture.report.first_ns or 0, profile.id, layout_id, channels, confidence
    )
    if live is not None:
        shown = plain_text(live.vehicle)
        warnings.append(f"recorded as {shown}, and read as {profile.id} because you say so")
    return _decoded(capture, profile, identified, warnings)


def _as_decided(capture: Capture, journal: JournalFacts, identified: Identified) -> Analysis:
    """Take the car that was decided live: a replay never decides differently."""
    try:
        profile = library().profile(identified.vehicle)
    except BadInputError as error:
        raise BadInputError(
            f"{plain_text(capture.name)}: the car that the journal names is not known here: {error}"
        ) from None
    warnings = list(_missing_buses(profile, identified.channels))
    if identified.layout not in {layout.id for layout in profile.layouts} | {None}:
        warnings.append(
            f"the layout {plain_text(str(identified.layout))} of {profile.name}, by which this "
            "was decoded live, is not known here: another one is used"
        )
    analysis = _decoded(capture, profile, identified, warnings)
    changed = tuple(_changed_files(journal, analysis))
    return replace(analysis, warnings=(*analysis.warnings, *changed))


def _changed_files(journal: JournalFacts, analysis: Analysis) -> Iterator[str]:
    """Name what means something else today than it did live, as far as hashes tell."""
    if journal.car is None or journal.car.vehicle != analysis.profile.id:
        return
    since = "has changed since this was recorded: today's answers may differ from the live ones"
    if journal.car.profile_sha256 != analysis.profile.file_sha256:
        yield f"the profile of {analysis.profile.name} {since}"
    today = {Path(loaded.file).name: loaded.sha256 for loaded in analysis.databases}
    for name, sha256 in journal.car.dbc:
        if today.get(name) != sha256:
            yield f"{plain_text(name)} {since}"


def _decoded(
    capture: Capture, profile: Profile, identified: Identified, warnings: list[str]
) -> Analysis:
    """Decode what the car offers, on the channels that were decided."""
    layout = profile.layout(identified.layout)
    loaded = databases(profile, layout)
    watch = watch_of(profile, layout, loaded, dict(identified.channels))
    events: Sequence[PlacedStep]
    if capture.journal is None:
        excerpt = capture.excerpt or Excerpt.whole(capture.block)
        if not capture.clock_is_time:
            excerpt = without_time(excerpt)
        timebase = excerpt.timebase
        found = signal_events(excerpt, watch)
        events = stepped(
            found if capture.clock_is_time else one_after_another(found), excerpt.before_ns
        )
    else:
        events, timebase = consumed_steps(
            capture.block.frames(), capture.journal.inputs, watch, identified.from_frame
        )
    said = (event for step in events for event in events_of(step))
    if identified.channels and not any(isinstance(event, Changed) for event in said):
        warnings.append(
            f"none of the frames that carry the charge-port signals of {profile.name} was seen: "
            "the module may be silent, or this be another bus"
        )
    return Analysis(capture, profile, loaded, identified, watch, events, tuple(warnings), timebase)


def seen_in(report: ReadReport) -> Seen:
    """Return what identification looks at, of what was read so far."""
    return {
        key: SeenId(seen.frames, frozenset(seen.lengths), seen.period_ns)
        for key, seen in report.ids.items()
    }


def rank(capture: Capture) -> list[Candidate]:
    """Rank every known car by how well the recording fits it, best first."""
    return candidates(
        library().profiles.values(),
        capture.seen,
        capture.report.duration_ns,
        clock_is_time=capture.clock_is_time,
    )


def read_whole(recording: Recording, progress: Progress = lambda blocks: blocks) -> Capture:
    """Read every frame of an open recording into columns.

    Raises:
        BadInputError: it turns out to be unreadable on the way.
    """
    block = joined(progress(recording.blocks()))
    report = recording.report
    return Capture(recording.name, report, block, tuple(report.warnings()), recording.journal)


def _layout(
    profile: Profile, capture: Capture, channels: dict[str, Channel]
) -> tuple[str | None, list[str]]:
    if profile.shared_layout is None:
        return None, []
    channel = channels.get(profile.buses[0].name)
    if channel is None:
        return None, []
    scores = [
        score_layout(layout, databases(profile, layout), capture.block, channel)
        for layout in profile.layouts
    ]
    decided = decide_layout(scores)
    if decided is None:
        return None, [
            f"{profile.name}: layout unknown: the recording fits none of the layouts known well "
            "enough, so only the signals that all of them share are decoded"
        ]
    return decided, []


def _missing_buses(profile: Profile, channels: tuple[tuple[str, Channel], ...]) -> Iterator[str]:
    found = {name for name, _ in channels}
    wanted = {entry.bus for layout in profile.layouts for entry in layout.signals}
    for bus in profile.buses:
        # Of a bus on which the car only answers, nothing is missed where another is there.
        if bus.name in wanted - found and (bus.frames or not found):
            yield f"no frame of this car's {bus.name} was seen (tap: {bus.tap})"


def _not_identified(name: str, ranked: list[Candidate]) -> str:
    near = [f"{c.vehicle} ({c.confidence:.2f})" for c in ranked if c.confidence > 0][:3]
    hint = "nearest are " + ", ".join(near) if near else "no known car's frames are in it"
    return (
        f"{plain_text(name)}: the car is not identified; {hint}. "
        "Name it with --vehicle (see `evdiag vehicles list`)"
    )
