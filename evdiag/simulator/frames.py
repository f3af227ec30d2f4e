"""What the virtual car sends by itself: its messages at their periods, and when they change."""

from __future__ import annotations

import random
from collections.abc import Iterator

from evdiag.inputs import Frame
from evdiag.signals.watch import Watch
from evdiag.simulator.car import VirtualCar, car_of
from evdiag.simulator.payloads import Payload
from evdiag.simulator.story import Story
from evdiag.vehicles.library import databases
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.profile import ExpectedFrame, Profile

CHANNEL = "can0"
EVENT_GAP_NS = 8_000_000
"""The least distance between a cyclic frame and the extra one that a change causes (i3: 8 ms)."""

LOST_SHARE = 0.004
JITTER_NS = 900_000
STEP_NS = 10_000_000

_OTHER_PERIOD_MS = 1000
"""Of what is sent on events only, or at a period that nobody knows: whoever listens later sees it,
too."""

_UNKNOWN_LENGTH = 8

_BACKGROUND = ((0x0C8, 8, 40), (0x12A, 8, 100), (0x1F3, 6, 100), (0x2B1, 8, 200), (0x41C, 8, 500))
"""Ids of modules that have nothing to do with the port: (id, length, period in ms)."""


class Broadcast:
    """All that one car sends by itself, on one channel.

    Due times are multiples of the period from a fixed beginning, so nothing drifts; a cycle that
    was slept through is left out, never made up for.
    """

    def __init__(self, profile: Profile, car: VirtualCar, noise: random.Random) -> None:
        self._car = car
        self._noise = noise
        layout = profile.layouts[0]
        loaded = databases(profile, layout)
        watch = watch_of(profile, layout, loaded, {bus.name: CHANNEL for bus in profile.buses})
        messages = {message.key: message for db in loaded for message in db.messages}
        self._senders = []
        for frame in _frames(profile):
            signals = [w for w in watch.signals if w.polled is None and w.key == frame.key]
            length = _UNKNOWN_LENGTH if frame.length is None else frame.length
            reports_lock = any(watched.name == "port.lock" for watched in signals)
            self._senders.append(
                _Sender(frame, Payload(length, signals, messages.get(frame.key)), reports_lock)
            )
        for sender in self._senders:
            sender.due_ns = noise.randrange(50) * 1_000_000
        self._background = _Background(noise, {frame.id for frame in _frames(profile)})

    @property
    def ids(self) -> frozenset[int]:
        """The keys of everything this car sends by itself."""
        own = (sender.frame.key for sender in self._senders)
        return frozenset((*own, *self._background.ids))

    @property
    def next_ns(self) -> int | None:
        """When the next cyclic frame is due; None where nothing is ever sent."""
        due = (sender.due_ns for sender in self._senders)
        return min([*due, *self._background.dues], default=None)

    def frames(self, now_ns: int) -> list[Frame]:
        """Return what is due by now, the time counted from the car's beginning."""
        out = list(self._background.frames(now_ns))
        for sender in self._senders:
            if self._car.lock_module_dead and sender.reports_lock:
                continue
            if sender.is_due(now_ns, self._car):
                payload = sender.payload.data(self._car.values, self._car.before, self._noise)
                sender.payload.turn_page()
                out.append(Frame(now_ns, CHANNEL, sender.frame.id, sender.frame.extended, payload))
        return out


class _Sender:
    """One message, and when it was and will be sent."""

    def __init__(self, frame: ExpectedFrame, payload: Payload, reports_lock: bool) -> None:
        self.frame = frame
        self.payload = payload
        self.reports_lock = reports_lock
        self.due_ns = 0
        self._sent_ns = 0
        self._said: bytes | None = None

    def is_due(self, now_ns: int, car: VirtualCar) -> bool:
        """Tell whether it is sent now, and remember that it was."""
        steady = self.payload.data(car.values, car.before)
        cyclic = now_ns >= self.due_ns
        changed = (
            self.frame.sends != "cyclic"
            and self._said is not None
            and steady != self._said
            and now_ns - self._sent_ns >= EVENT_GAP_NS
        )
        if cyclic:
            self.due_ns = next_due(self.due_ns, self._period_ns, now_ns)
        if cyclic or changed or self._said is None:
            self._said = steady
            self._sent_ns = now_ns
        return cyclic or changed

    @property
    def _period_ns(self) -> int:
        return (self.frame.period_ms or _OTHER_PERIOD_MS) * 1_000_000


def next_due(due_ns: int, period_ns: int, now_ns: int) -> int:
    """Return the first multiple of the period after `now_ns`, counted from `due_ns`."""
    return due_ns + period_ns * (1 + (now_ns - due_ns) // period_ns)


def frames_of(story: Story, profile: Profile, *, start_ns: int = 0) -> Iterator[Frame]:
    """Yield the frames of a story on a bus as dirty as a real one, stamps from `start_ns`.

    Stamps are in whole microseconds. Works for any profile whose signals can say what the story
    needs. The same story and seed always give the same frames.
    """
    car = car_of(story)
    noise = random.Random(story.seed)
    broadcast = Broadcast(profile, car, noise)
    for now_ns in range(0, int(story.seconds * 1e9), STEP_NS):
        car.advance(now_ns / 1e9)
        if not car.state.asleep:
            yield from _on_the_bus(broadcast.frames(now_ns), noise, start_ns)


def story_watch(profile: Profile) -> Watch:
    """Return what a recording made by `frames_of` offers."""
    layout = profile.layouts[0]
    channels = {bus.name: CHANNEL for bus in profile.buses}
    return watch_of(profile, layout, databases(profile, layout), channels)


def _frames(profile: Profile) -> list[ExpectedFrame]:
    """Return what the car sends by itself, each id once, in the order of the ids."""
    by_key = {frame.key: frame for bus in profile.buses for frame in bus.frames}
    return [by_key[key] for key in sorted(by_key)]


def _on_the_bus(out: list[Frame], noise: random.Random, start_ns: int) -> Iterator[Frame]:
    """Give the frames of one step their places on the wire; now and then the logger loses one."""
    offset_ns = 0
    for frame in out:
        offset_ns += 240_000 + noise.randrange(JITTER_NS // 1000) * 1000 // max(len(out), 1)
        if noise.random() >= LOST_SHARE:
            time_ns = start_ns + frame.time_ns + offset_ns
            yield frame._replace(time_ns=time_ns // 1000 * 1000)


class _Background:
    """Other modules: counters, slow random walks, a checksum-like last byte."""

    def __init__(self, noise: random.Random, taken: set[int]) -> None:
        self._noise = noise
        self._modules = [module for module in _BACKGROUND if module[0] not in taken]
        self._due = {identifier: 0 for identifier, _, _ in self._modules}
        self._walk = {identifier: noise.randrange(256) for identifier, _, _ in self._modules}
        self._counter = 0

    @property
    def ids(self) -> list[int]:
        return [identifier for identifier, _, _ in self._modules]

    @property
    def dues(self) -> list[int]:
        return list(self._due.values())

    def frames(self, now_ns: int) -> Iterator[Frame]:
        """Yield the frames that are due now."""
        for identifier, length, period_ms in self._modules:
            due_ns = self._due[identifier]
            if now_ns < due_ns:
                continue
            self._due[identifier] = next_due(due_ns, period_ms * 1_000_000, now_ns)
            self._counter = (self._counter + 1) % 16
            self._walk[identifier] = (self._walk[identifier] + self._noise.randrange(5) - 2) % 256
            body = bytes((self._counter, self._walk[identifier], *(0,) * (length - 3)))
            checksum = (sum(body) ^ identifier) & 0xFF
            yield Frame(now_ns, CHANNEL, identifier, False, bytes((*body, checksum)))
