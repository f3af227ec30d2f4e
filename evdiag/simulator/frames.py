"""A story's frames: the car's messages at their periods, on a bus as dirty as a real one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from evdiag.inputs import Frame
from evdiag.signals.watch import Watch
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.encoding import put, raw_of
from evdiag.simulator.story import Story
from evdiag.vehicles.profile import ExpectedFrame, Profile
from evdiag.vocabulary import Value

CHANNEL = "can0"
EVENT_GAP_NS = 8_000_000
"""The least distance between a cyclic frame and the extra one that a change causes (i3: 8 ms)."""

LOST_SHARE = 0.004
JITTER_NS = 900_000
_STEP_NS = 10_000_000

_NOISE = {
    "port.inlet_voltage": 0.4,
    "port.inlet_current": 0.15,
    "vehicle.supply_voltage": 0.05,
}

_BACKGROUND = ((0x0C8, 8, 40), (0x12A, 8, 100), (0x1F3, 6, 100), (0x2B1, 8, 200), (0x41C, 8, 500))
"""Ids of modules that have nothing to do with the port: (id, length, period in ms)."""


class _Sender(NamedTuple):
    frame: ExpectedFrame
    signals: tuple[int, ...]


def frames_of(
    story: Story,
    profile: Profile,
    watch: Watch,
    *,
    start_ns: int = 0,
    truth: VirtualCar | None = None,
) -> Iterator[Frame]:
    """Yield the frames of a story, stamps from `start_ns`, in whole microseconds.

    Works for any profile whose signals can say what the story needs; a value that the car has no
    word for is left as it was.
    """
    car = truth or VirtualCar(story)
    noise = random.Random(story.seed)
    values: dict[str, Value] = {}
    changes = iter(car.values_over_time)
    change = next(changes, None)
    senders = _senders(profile, watch)
    due = {sender.frame.key: noise.randrange(50) * 1_000_000 for sender in senders}
    last_sent: dict[int, int] = {}
    last_data: dict[int, bytes] = {}
    background = _Background(noise)
    for now_ns in range(0, int(story.seconds * 1e9), _STEP_NS):
        while change is not None and change[0] * 1e9 <= now_ns:
            values[change[1]] = change[2]
            change = next(changes, None)
        out = list(background.frames(now_ns))
        for sender in senders:
            key = sender.frame.key
            if _is_dead(car, watch, sender, now_ns):
                continue
            steady = _payload(watch, sender, values, None)
            cyclic = now_ns >= due[key]
            event = (
                sender.frame.sends != "cyclic"
                and steady != last_data.get(key)
                and key in last_data
                and now_ns - last_sent.get(key, 0) >= EVENT_GAP_NS
            )
            if not cyclic and not event:
                continue
            if cyclic:
                due[key] += (sender.frame.period_ms or 1000) * 1_000_000
            last_data[key] = steady
            last_sent[key] = now_ns
            payload = _payload(watch, sender, values, noise)
            out.append(_frame(now_ns, sender.frame, payload))
        yield from _on_the_bus(out, noise, start_ns)


def _senders(profile: Profile, watch: Watch) -> list[_Sender]:
    by_key: dict[int, list[int]] = {}
    for index, watched in enumerate(watch.signals):
        if watched.polled is None:
            by_key.setdefault(watched.key, []).append(index)
    frames = {frame.key: frame for bus in profile.buses for frame in bus.frames}
    return [_Sender(frames[key], tuple(indices)) for key, indices in sorted(by_key.items())]


def _payload(
    watch: Watch, sender: _Sender, values: dict[str, Value], noise: random.Random | None
) -> bytes:
    data = bytearray(8 if sender.frame.length is None else sender.frame.length)
    for index in sender.signals:
        watched = watch.signals[index]
        value = values.get(watched.name)
        if value is None:
            continue
        if noise is not None and watched.name in _NOISE and float(value) > 0:
            value = max(0.0, float(value) + (noise.random() * 2 - 1) * _NOISE[watched.name])
        try:
            put(data, watched.signal.layout, raw_of(watched, value))
        except ValueError:
            # This car has no word for it: its signal stays silent about it, as the real one does.
            continue
    return bytes(data)


def _is_dead(car: VirtualCar, watch: Watch, sender: _Sender, now_ns: int) -> bool:
    if car.module_dead_from_s is None or now_ns < car.module_dead_from_s * 1e9:
        return False
    return any(watch.signals[index].name == "port.lock" for index in sender.signals)


def _frame(now_ns: int, expected: ExpectedFrame, data: bytes) -> Frame:
    return Frame(now_ns, CHANNEL, expected.id, expected.extended, data)


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

    def __init__(self, noise: random.Random) -> None:
        self._noise = noise
        self._due = {identifier: 0 for identifier, _, _ in _BACKGROUND}
        self._walk = {identifier: noise.randrange(256) for identifier, _, _ in _BACKGROUND}
        self._counter = 0

    def frames(self, now_ns: int) -> Iterator[Frame]:
        """Yield the frames that are due now."""
        for identifier, length, period_ms in _BACKGROUND:
            if now_ns < self._due[identifier]:
                continue
            self._due[identifier] += period_ms * 1_000_000
            self._counter = (self._counter + 1) % 16
            self._walk[identifier] = (self._walk[identifier] + self._noise.randrange(5) - 2) % 256
            body = bytes((self._counter, self._walk[identifier], *(0,) * (length - 3)))
            checksum = (sum(body) ^ identifier) & 0xFF
            yield Frame(now_ns, CHANNEL, identifier, False, bytes((*body, checksum)))
