"""The only place that joins source, session and screen.

A recording goes: read once into columns → stamps checked against the car's cycle times → car and
layout decided, once → signals by columns → session. Every command and the replay screen start
from the `Analysis` made here, so none of them decides differently than another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from evdiag.databases import Database
from evdiag.errors import BadInputError
from evdiag.inputs import Block, BusEvent, Channel, Frame, FrameKey, Identified
from evdiag.plain import plain_text
from evdiag.port.readings import TimelineRow
from evdiag.recordings import ReadReport, Recording, open_recording
from evdiag.recordings.stamps import TimeUnit
from evdiag.recordings.time_unit import corrected_unit, guess_time_factor
from evdiag.session import Session
from evdiag.session.playback import Playback
from evdiag.signals.columns import PlacedEvent, signal_events
from evdiag.signals.events import Changed
from evdiag.signals.timebase import Timebase
from evdiag.signals.watch import Watch
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

Progress = Callable[[Iterable[Block]], Iterable[Block]]
EachPass = Callable[[Iterator[Frame | BusEvent]], Iterator[Frame | BusEvent]]


@dataclass(frozen=True)
class Capture:
    """A recording read into columns, with what reading it brought to light."""

    name: str
    report: ReadReport
    block: Block
    warnings: tuple[str, ...]

    @property
    def clock_is_time(self) -> bool:
        """False where stamps count rows, are all zero or are missing."""
        return self.report.has_clock

    @property
    def seen(self) -> Seen:
        """What identification looks at."""
        return {
            key: SeenId(seen.frames, frozenset(seen.lengths), seen.period_ns)
            for key, seen in self.report.ids.items()
        }


@dataclass(frozen=True)
class Analysis:
    """A capture of a known car: the signal events of the whole recording, ready for a session.

    `databases` are those of the layout that was decided.
    """

    capture: Capture
    profile: Profile
    databases: tuple[Database, ...]
    identified: Identified
    watch: Watch
    events: list[PlacedEvent]
    warnings: tuple[str, ...]

    def session(self) -> Session:
        """Return a fresh session for this car."""
        return Session(self.profile, self.watch, clock_is_time=self.capture.clock_is_time)

    def run(self) -> tuple[Session, list[TimelineRow]]:
        """Play the whole recording through a session; return it with every timeline row."""
        session = self.session()
        rows = [row for placed in self.events if (row := session.apply(placed.event)) is not None]
        session.finish(self.end_ns)
        return session, rows

    def playback(self) -> Playback:
        """Return the recording ready to be played, at its beginning."""
        return Playback(
            self.capture.block,
            self.events,
            self.session,
            clock_is_time=self.capture.clock_is_time,
            bitrates={
                channel: self.profile.bus(name).bitrate
                for name, channel in self.identified.channels
            },
        )

    @property
    def start_ns(self) -> int:
        """The stamp of the first frame in file order; offsets count from it."""
        return self.capture.report.first_ns or 0

    @property
    def end_ns(self) -> int | None:
        """Stream time at the end of the recording: the latest stamp of the last epoch."""
        stream = Timebase.of(self.capture.block.time_ns).stream_ns
        return int(stream[-1]) if len(stream) else None


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
    capture = _read(recording, progress)
    better = _in_better_unit(recording)
    return capture if better is None else _read(better, progress)


def open_checked(
    name: str, time_unit: TimeUnit | None = None, progress: EachPass | None = None
) -> Recording:
    """Open a recording for reading frame by frame, in the unit that its stamps are in.

    Decides as `read_capture` does, by a pass of its own where there is something to decide.
    Every pass over the recording goes through `progress`.

    Raises:
        BadInputError: it cannot be read.
    """
    recording = open_recording(name, time_unit=time_unit)
    recording.progress = progress
    if time_unit is not None or recording.written_unit is None:
        return recording
    recording.read_through()
    return _in_better_unit(recording) or recording


def analyse(capture: Capture, vehicle: str | None = None) -> Analysis:
    """Decide car and layout, and decode what the car offers.

    Raises:
        BadInputError: the car is not known or cannot be told from the frames.
    """
    duration_ns = capture.report.duration_ns
    if vehicle is None:
        ranked = rank(capture)
        best = decide(ranked)
        if best is None:
            raise BadInputError(_not_identified(capture.name, ranked))
        profile = library().profile(best.vehicle)
        confidence = best.confidence
    else:
        profile, confidence = library().profile(vehicle), 1.0
    channels = locate_buses(profile, capture.seen, duration_ns, clock_is_time=capture.clock_is_time)
    warnings = list(_missing_buses(profile, channels))
    layout_id, said = _layout(profile, capture, dict(channels))
    warnings += said
    layout = profile.layout(layout_id)
    loaded = databases(profile, layout)
    watch = watch_of(profile, layout, loaded, dict(channels))
    identified = Identified(
        capture.report.first_ns or 0, profile.id, layout_id, channels, confidence
    )
    events = signal_events(capture.block, watch)
    if channels and not any(isinstance(placed.event, Changed) for placed in events):
        warnings.append(
            f"none of the frames that carry the charge-port signals of {profile.name} is in the "
            "recording: the module may be silent, or the recording be of another bus"
        )
    return Analysis(capture, profile, loaded, identified, watch, events, tuple(warnings))


def rank(capture: Capture) -> list[Candidate]:
    """Rank every known car by how well the recording fits it, best first."""
    return candidates(
        library().profiles.values(),
        capture.seen,
        capture.report.duration_ns,
        clock_is_time=capture.clock_is_time,
    )


def _read(recording: Recording, progress: Progress) -> Capture:
    block = Block.concatenate(list(progress(recording.blocks())))
    report = recording.report
    return Capture(recording.name, report, block, tuple(report.warnings()))


def _in_better_unit(recording: Recording) -> Recording | None:
    """Return a recording, once read, in another unit; None where its own or the person's stands."""
    if recording.time_unit is not None:
        return None
    unit = _better_unit(recording.report, recording.written_unit)
    return None if unit is None else recording.in_unit(unit)


def _better_unit(report: ReadReport, written_in: TimeUnit | None) -> TimeUnit | None:
    """Return the unit that the cycle times of known ids show, None where it is the written one."""
    if written_in is None or not report.has_clock:
        return None
    observed = report.periods_ns()
    factors = {guess_time_factor(observed, _cycles(p)) for p in library().profiles.values()}
    factors.discard(None)
    if len(factors) != 1:
        # No known car, or one that says the unit is right: leave the stamps as they are.
        return None
    factor = factors.pop()
    unit = None if factor is None else corrected_unit(written_in, factor)
    return None if unit == written_in else unit


def _cycles(profile: Profile) -> dict[FrameKey, int]:
    return {
        frame.key: frame.period_ms
        for bus in profile.buses
        for frame in bus.frames
        if frame.period_ms is not None and frame.sends != "event"
    }


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
        if bus.name in wanted and bus.name not in found:
            yield f"no frame of this car's {bus.name} is in the recording (tap: {bus.tap})"


def _not_identified(name: str, ranked: list[Candidate]) -> str:
    near = [f"{c.vehicle} ({c.confidence:.2f})" for c in ranked if c.confidence > 0][:3]
    hint = "nearest are " + ", ".join(near) if near else "no known car's frames are in it"
    return (
        f"{plain_text(name)}: the car is not identified; {hint}. "
        "Name it with --vehicle (see `evdiag vehicles list`)"
    )
