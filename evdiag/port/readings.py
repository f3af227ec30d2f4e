"""What is known of each signal of the vocabulary right now, and every change of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from evdiag.inputs import Channel
from evdiag.signals.events import BusAwake, BusSilent, Changed, EpochBegan, Expired, SignalEvent
from evdiag.signals.watch import Watch
from evdiag.vocabulary import INVALID, STALE, UNKNOWN, Value

SHORT_SILENCE_NS = 5_000_000_000
"""A bus that is silent no longer than this had a gap: what runs goes on. A longer one is sleep."""


class TimelineRow(NamedTuple):
    """One change of one vocabulary signal.

    `old` is None at first sight. `new` is ``stale`` (then `raw` is None and `time_ns` is the
    deadline that passed), ``invalid``, a word or a number. `watched` is the index of the signal
    in its watch list. `observed` marks a value whose change nobody saw: the first sight, or the
    first after ``invalid``, ``stale`` or a long sleep. It is a state, never a movement.
    """

    time_ns: int
    signal: str
    old: Value | None
    new: Value
    watched: int
    raw: int | float | None
    observed: bool = False


class Reading(NamedTuple):
    """One signal as it stands.

    `value` is what may be relied on now (or ``unknown``, ``invalid``, ``stale``); `known` is the
    last real value and `known_since_ns` when it was first reported, both kept through silence.
    """

    value: Value = UNKNOWN
    since_ns: int = 0
    raw: int | float | None = None
    known: Value | None = None
    known_since_ns: int | None = None

    @property
    def usable(self) -> bool:
        """True while the value is fresh and the car does not call it invalid."""
        return self.value not in (UNKNOWN, INVALID, STALE)


@dataclass(frozen=True, slots=True)
class ReadingsNow:
    """Every reading as it stood at one moment; otherwise as `Readings`."""

    by_name: Mapping[str, Reading]
    offered: frozenset[str]
    asleep_since_ns: int | None

    def __getitem__(self, name: str) -> Reading:
        return self.by_name.get(name, _NEVER_SEEN)


class Readings:
    """Folds signal events into readings."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._by_name: dict[str, Reading] = {}
        self._asleep_since: dict[Channel, int] = {}
        self._slept_long: set[str] = set()
        self._not_heard_since: dict[str, int] = {}
        self._heard_again_ns: dict[str, int] = {}
        self.epoch = 0

    def __getitem__(self, name: str) -> Reading:
        return self._by_name.get(name, _NEVER_SEEN)

    @property
    def offered(self) -> frozenset[str]:
        """The signals that this car has on the buses of this source."""
        return frozenset(watched.name for watched in self._watch.signals)

    def now(self) -> ReadingsNow:
        """Return everything as it stands: it can be read while this goes on changing.

        What a bus said before it fell silent is stale here, also once it has woken: nothing is
        decided from it until it is said again. Only an event may stand: it is never repeated.
        After a long sleep a value has been so since it was heard again.
        """
        by_name = dict(self._by_name)
        for name, again_ns in self._heard_again_ns.items():
            by_name[name] = by_name[name]._replace(since_ns=max(by_name[name].since_ns, again_ns))
        for watched in self._watch.signals:
            asleep_ns = self._asleep_since.get(watched.channel) if watched.polled is None else None
            silent_ns = self._not_heard_since.get(watched.name, asleep_ns)
            before = by_name.get(watched.name)
            if silent_ns is not None and before is not None and before.value != STALE:
                since_ns = max(before.since_ns, silent_ns)
                by_name[watched.name] = before._replace(value=STALE, since_ns=since_ns)
        return ReadingsNow(by_name, self.offered, self.asleep_since_ns)

    def is_polled(self, name: str) -> bool:
        """Tell whether a signal comes only when somebody asks: stale is nobody's failure then."""
        return self._watch.is_polled(name)

    @property
    def asleep_since_ns(self) -> int | None:
        """Since when the bus that carries the lock sleeps; without a lock, since when all do.

        None for a lock that is read by asking: nothing is told by silence between answers.
        """
        if self.is_polled("port.lock"):
            return None
        lock_channel = self._watch.channel_of("port.lock")
        if lock_channel is not None:
            return self._asleep_since.get(lock_channel)
        if not self._asleep_since or len(self._asleep_since) < len(self._watch.broadcast_channels):
            return None
        return max(self._asleep_since.values())

    @property
    def is_said_again(self) -> bool:
        """False from a bus's silence until it has said again, or left out, what it said before."""
        return not self._not_heard_since

    def apply(self, event: SignalEvent) -> TimelineRow | None:
        """Take one event; return the timeline row it makes, if it changes what can be read."""
        match event:
            case Changed(time_ns, index, raw, value):
                return self._changed(time_ns, index, raw, value)
            case Expired(time_ns, index):
                return self._expired(time_ns, index)
            case BusSilent(time_ns, channel):
                self._asleep_since[channel] = time_ns
                for watched in self._watch.signals:
                    if (
                        watched.channel == channel
                        and watched.polled is None
                        and watched.stale_after_ns is not None
                        and self[watched.name].usable
                    ):
                        self._not_heard_since.setdefault(watched.name, time_ns)
            case BusAwake(time_ns, channel):
                since_ns = self._asleep_since.pop(channel, time_ns)
                if time_ns - since_ns > SHORT_SILENCE_NS:
                    self._slept_long.update(
                        watched.name
                        for watched in self._watch.signals
                        if watched.channel == channel
                    )
            case EpochBegan():
                self._by_name.clear()
                self._asleep_since.clear()
                self._slept_long.clear()
                self._not_heard_since.clear()
                self._heard_again_ns.clear()
                self.epoch += 1
        return None

    def _changed(
        self, time_ns: int, index: int, raw: int | float, value: Value
    ) -> TimelineRow | None:
        name = self._watch.signals[index].name
        before = self[name]
        slept = name in self._slept_long
        self._slept_long.discard(name)
        self._not_heard_since.pop(name, None)
        if slept:
            self._heard_again_ns[name] = time_ns
        if value == before.value:
            self._by_name[name] = before._replace(raw=raw)
            return None
        known, since = (before.known, before.known_since_ns)
        if value != INVALID and value != known:
            known, since = value, time_ns
        self._by_name[name] = Reading(value, time_ns, raw, known, since)
        old = None if before.value == UNKNOWN else before.value
        observed = slept or old in (None, INVALID, STALE)
        return TimelineRow(time_ns, name, old, value, index, raw, observed)

    def _expired(self, time_ns: int, index: int) -> TimelineRow:
        name = self._watch.signals[index].name
        before = self[name]
        self._not_heard_since.pop(name, None)
        self._by_name[name] = before._replace(value=STALE, since_ns=time_ns, raw=None)
        return TimelineRow(time_ns, name, before.value, STALE, index, None)


_NEVER_SEEN = Reading()
