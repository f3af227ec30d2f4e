"""The straight line: an input goes in at the top of `feed`, the truth about the lock comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evdiag.diagnosis import Card, Case, Finding, KnownGood, Memory, findings, lay_over
from evdiag.guide.engine import Guide
from evdiag.guide.procedure import NO_PROCEDURES, Book
from evdiag.guide.record import GuideView
from evdiag.inputs import Answer, BusEvent, BusEventKind, Frame, Input, Mark, TransmitDecision
from evdiag.port.attempt import Attempt
from evdiag.port.attempts import AttemptTracker
from evdiag.port.readings import Readings, TimelineRow
from evdiag.session.snapshot import Snapshot, view
from evdiag.signals.columns import PlacedEvent
from evdiag.signals.events import (
    BusAwake,
    BusSilent,
    Changed,
    EpochBegan,
    Refused,
    SignalEvent,
)
from evdiag.signals.sequence import PlacedStep
from evdiag.signals.tracker import SignalTracker
from evdiag.signals.watch import Watch
from evdiag.vehicles.profile import Profile


class Session:
    """Follows one charge port.

    Frame by frame with `feed`, or, for a recording that was decoded by columns, event by event
    with `apply`; both give the same rows, attempts and findings.

    `clock_is_time` is false where stamps count rows or are all zero: no delay is computed then.
    `lock_channel` is the bus of the lock; its sleep suspends what runs. `refused` holds, for each
    diagnostic read, the last time that a control unit said no. `book` is what it guides by; with
    an empty one it guides nobody.
    """

    def __init__(
        self,
        profile: Profile,
        watch: Watch,
        *,
        clock_is_time: bool = True,
        book: Book = NO_PROCEDURES,
        danger_told: bool = False,
    ) -> None:
        self.profile = profile
        self.watch = watch
        self.readings = Readings(watch)
        self.tracker = SignalTracker(watch)
        self.marks: list[Mark] = []
        self.refused: dict[str, Refused] = {}
        # Whose sleep suspends an attempt: the bus of the lock, else the first that there is.
        self.lock_channel = watch.channel_of("port.lock")
        if self.lock_channel is None and watch.channels:
            self.lock_channel = watch.channels[0]
        self._clock_is_time = clock_is_time
        self._memory = Memory()
        self._guide = Guide(book, danger_told=danger_told)
        self._attempts = AttemptTracker(profile.lock, self.readings, clock_is_time=clock_is_time)
        self._stream_ns: int | None = None
        self._has_ended = False

    def feed(self, item: Input) -> Iterator[TimelineRow]:
        """Take one input; yield the timeline rows it makes."""
        events: Iterable[SignalEvent]
        events = self.tracker.frame(item) if isinstance(item, Frame) else self.tracker.other(item)
        for event in events:
            row = self.apply(event)
            if row is not None:
                yield row
        self.pass_time(self.tracker.stream_ns)
        self._note(item)

    def replay(self, step: PlacedStep) -> list[TimelineRow]:
        """Take one step of a recording that was decoded, as `feed` does; return the rows it makes.

        An input that is no frame comes with the events that time made on the way to it.
        """
        if isinstance(step, PlacedEvent):
            row = self.apply(step.event)
            return [] if row is None else [row]
        rows = [row for event in step.events if (row := self.apply(event)) is not None]
        self.pass_time(step.stream_ns)
        self._note(step.item)
        return rows

    def _note(self, item: Input) -> None:
        """Take what a person, the bus or the gate says; time has passed to it already."""
        if isinstance(item, Answer | TransmitDecision):
            self._memory.told(item)
        match item:
            case Mark():
                self.marks.append(item)
            case Answer():
                self._guide.answer(item, self)
            case BusEvent(time_ns, BusEventKind.LOST | BusEventKind.BUS_OFF):
                self._attempts.broken(time_ns, "the bus was lost", new_epoch=False)
            case TransmitDecision(time_ns, "unlock", True):
                self._attempts.asked(time_ns, "evdiag", "evdiag")
            case TransmitDecision(time_ns, "unlock", False, reasons):
                self._attempts.refused(time_ns, "evdiag", "; ".join(reasons))
            case TransmitDecision(time_ns, "relock", True):
                self._attempts.lock_asked(time_ns)

    def apply(self, event: SignalEvent) -> TimelineRow | None:
        """Take one signal event; return the timeline row it makes."""
        new_epoch = isinstance(event, EpochBegan)
        if new_epoch:
            why = "the clock jumped back: what follows may be another capture"
            last_ns = event.time_ns if self._stream_ns is None else self._stream_ns
            self._attempts.broken(last_ns, why, new_epoch=True)
            self._memory.epoch_began(len(self.attempts))
            self._stream_ns = event.time_ns
        else:
            self.pass_time(event.time_ns)
        if isinstance(event, Refused):
            self.refused[event.poll] = event
        row = self.readings.apply(event)
        if isinstance(event, BusSilent) and event.channel == self.lock_channel:
            self._attempts.slept(event.time_ns)
            self._memory.fell_silent(event.time_ns)
        elif isinstance(event, BusAwake) and event.channel == self.lock_channel:
            self._attempts.woke(event.time_ns)
        if row is not None:
            self._memory.row(row)
            self._attempts.row(row)
            self._guide.row(row, self)
        elif isinstance(event, Changed):
            self._attempts.confirmed(self.watch.signals[event.watched].name)
        elif new_epoch:
            self._guide.clock_broke(event.time_ns, self)
        else:
            self._guide.look(event.time_ns, self)
        return row

    def pass_time(self, stream_ns: int | None) -> None:
        """Let stream time go on to `stream_ns`, firing what is due before it."""
        if stream_ns is not None and (self._stream_ns is None or stream_ns > self._stream_ns):
            self._stream_ns = stream_ns
            self._attempts.advance(stream_ns)
            if self._guide.is_open:
                self._guide.advance(stream_ns, self)

    def finish(self, stream_ns: int | None = None) -> None:
        """The source has ended, at `stream_ns` where that is later than the last event."""
        self.pass_time(stream_ns)
        self._has_ended = True
        if self._stream_ns is not None:
            self._attempts.finish(self._stream_ns)

    @property
    def stream_ns(self) -> int | None:
        """How far time has come; None before the first input."""
        return self._stream_ns

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt so far; the last one may still run (its outcome is None)."""
        return self._attempts.attempts

    @property
    def has_ended(self) -> bool:
        """True once the source has ended: nothing more is heard of this car."""
        return self._has_ended

    @property
    def lock_fitted(self) -> bool:
        """False for a car whose inlet has no lock."""
        return self._attempts.lock_fitted

    def findings(self) -> list[Finding]:
        """What is wrong, as far as the bus shows it; best supported first."""
        return findings(self.case)

    def card(self, number: int | None = None, good: KnownGood | None = None) -> Card | None:
        """Lay an attempt over a known-good release (`evdiag.diagnosis.card.lay_over`)."""
        return lay_over(self.case, number, good)

    @property
    def case(self) -> Case:
        """All that the diagnosis looks at, as it stands."""
        return Case(
            self.profile,
            self.readings,
            self.attempts,
            self._memory,
            self._stream_ns or 0,
            lock_fitted=self.lock_fitted,
            clock_is_time=self._clock_is_time,
        )

    @property
    def commands(self) -> frozenset[str]:
        """The commands that evdiag has for this car; the gate decides when one may be given."""
        return frozenset(each.name for each in self.profile.commands if each.offered)

    def answer(self, said: Answer) -> None:
        """Take what a person says to the guide where no more inputs come."""
        self._note(said)

    def guide(self) -> GuideView:
        """Return how the guide stands."""
        return self._guide.view(self)

    @property
    def danger_told(self) -> bool:
        """A person has told the guide of a danger, and not since that there is none."""
        return self._guide.danger_told

    def snapshot(self) -> Snapshot:
        """Return everything a screen or a report shows, as it stands now."""
        return view(
            self.profile,
            self.readings,
            self.attempts,
            self._stream_ns,
            lock_fitted=self.lock_fitted,
            danger_told=self.danger_told,
        )
