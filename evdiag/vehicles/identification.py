"""Which car is it? Decided from ids, lengths and periods together, never from one id. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from evdiag.inputs import Channel, FrameKey
from evdiag.vehicles.profile import Bus, ExpectedFrame, Profile

CONFIDENT = 0.5
"""From here up a car counts as identified, if it leads the next one by `LEAD`."""

LEAD = 0.15

_FEWEST_MATCHES = 3
_PERIOD_TOLERANCE = 0.35
_PERIODS_IN_RECORDING = 3
_STEPS_TO_TRUST = 2


class SeenId(NamedTuple):
    """One id on one channel: how many frames, which data lengths, the median period."""

    frames: int
    lengths: frozenset[int]
    period_ns: int | None


Seen = Mapping[tuple[Channel, FrameKey], SeenId]


class BusMatch(NamedTuple):
    """How well one of a car's buses fits one channel."""

    bus: str
    channel: Channel
    matched: int
    expected: int
    seen: int

    @property
    def confidence(self) -> float:
        """0 to 1.

        Either most of what the car sends is there, or most of what is there is the car's: a
        recording of one module alone holds few ids. Few matches weigh little either way.
        """
        if self.matched < _FEWEST_MATCHES:
            return 0.0
        share = max(self.matched / self.expected, self.matched / max(self.seen, 1))
        return self.matched / (self.matched + 1) * min(1.0, share)


class Candidate(NamedTuple):
    """One car and how well it fits."""

    vehicle: str
    confidence: float
    matched_ids: int
    expected_ids: int
    channels: tuple[tuple[str, Channel], ...]


def candidates(
    profiles: Iterable[Profile], seen: Seen, duration_ns: int | None, *, clock_is_time: bool
) -> list[Candidate]:
    """Rank all cars, best first; those without any match come last with confidence 0."""
    found = [_candidate(profile, seen, duration_ns, clock_is_time) for profile in profiles]
    return sorted(found, key=lambda candidate: (-candidate.confidence, candidate.vehicle))


def decide(ranked: list[Candidate]) -> Candidate | None:
    """Return the car, or None where a guess would be needed."""
    if not ranked or ranked[0].confidence < CONFIDENT:
        return None
    if len(ranked) > 1 and ranked[0].confidence - ranked[1].confidence < LEAD:
        return None
    return ranked[0]


def locate_buses(
    profile: Profile, seen: Seen, duration_ns: int | None, *, clock_is_time: bool
) -> tuple[tuple[str, Channel], ...]:
    """Pair each of the car's buses with the channel that fits it best, for a car already named.

    A bus of which no expected id was seen is left out; one channel serves one bus. A bus on which
    the car only answers may share the channel of another: it is there that its answers are seen.
    """
    matches = [
        match
        for bus in profile.buses
        for match in _matches(bus, seen, duration_ns, clock_is_time)
        if match.matched or _any_id(bus, seen, match.channel)
    ]
    matches.sort(key=lambda match: (-match.matched, -match.confidence))
    paired = dict(_pair(matches))
    for bus in profile.buses:
        channel = _answering_channel(profile, bus, seen)
        if bus.name not in paired and channel is not None:
            paired[bus.name] = channel
    return tuple(paired.items())


def with_polled_buses(
    profile: Profile, located: tuple[tuple[str, Channel], ...], channels: Sequence[Channel]
) -> tuple[tuple[str, Channel], ...]:
    """Add the buses on which nothing is heard before somebody asks, for a live car already named.

    They are at the OBD port, so where one channel is connected it is that one; where several are
    and none was heard to answer, nothing is assumed.
    """
    paired = dict(located)
    for bus in profile.buses:
        if bus.name not in paired and not bus.frames and bus.at_obd and len(channels) == 1:
            paired[bus.name] = channels[0]
    return tuple(paired.items())


def with_vin(profiles: Iterable[Profile], vin: str) -> list[Profile]:
    """Return the cars whose VIN pattern fits; those without one fit none."""
    return [
        profile
        for profile in profiles
        if profile.vin_pattern and re.fullmatch(profile.vin_pattern, vin)
    ]


def _answering_channel(profile: Profile, bus: Bus, seen: Seen) -> Channel | None:
    """Return the channel on which most answers of the bus's control units were seen."""
    answers: dict[Channel, int] = {}
    keys = {ecu.response_key for ecu in profile.ecus(bus.name)}
    for (channel, key), id_ in seen.items():
        if key in keys:
            answers[channel] = answers.get(channel, 0) + id_.frames
    return max(answers, key=lambda channel: answers[channel], default=None)


def _candidate(
    profile: Profile, seen: Seen, duration_ns: int | None, clock_is_time: bool
) -> Candidate:
    matches = [
        match
        for bus in profile.buses
        for match in _matches(bus, seen, duration_ns, clock_is_time)
        if match.confidence > 0
    ]
    matches.sort(key=lambda match: -match.confidence)
    paired = _pair(matches)
    used = [match for match in matches if (match.bus, match.channel) in paired]
    return Candidate(
        vehicle=profile.id,
        confidence=round(max((match.confidence for match in used), default=0.0), 3),
        matched_ids=sum(match.matched for match in used),
        expected_ids=sum(len(bus.frames) for bus in profile.buses),
        channels=paired,
    )


def _pair(matches: list[BusMatch]) -> tuple[tuple[str, Channel], ...]:
    by_bus: dict[str, Channel] = {}
    for match in matches:
        if match.bus not in by_bus and match.channel not in by_bus.values():
            by_bus[match.bus] = match.channel
    return tuple(by_bus.items())


def _matches(
    bus: Bus, seen: Seen, duration_ns: int | None, clock_is_time: bool
) -> Iterable[BusMatch]:
    ids_of: dict[Channel, int] = {}
    for channel, _ in seen:
        ids_of[channel] = ids_of.get(channel, 0) + 1
    for channel, count in ids_of.items():
        due = [frame for frame in bus.frames if _is_due(frame, duration_ns, clock_is_time)]
        matched = [
            frame
            for frame in bus.frames
            if _fits(frame, seen.get((channel, frame.key)), clock_is_time)
        ]
        yield BusMatch(bus.name, channel, len(matched), max(len(due), len(matched), 1), count)


def _any_id(bus: Bus, seen: Seen, channel: Channel) -> bool:
    return any((channel, frame.key) in seen for frame in bus.frames)


def _is_due(frame: ExpectedFrame, duration_ns: int | None, clock_is_time: bool) -> bool:
    """Say whether a recording of this length should hold the frame."""
    if frame.period_ms is None or duration_ns is None or not clock_is_time:
        return True
    return frame.period_ms * 1_000_000 * _PERIODS_IN_RECORDING <= duration_ns


def _fits(frame: ExpectedFrame, seen: SeenId | None, clock_is_time: bool) -> bool:
    if seen is None or (frame.length is not None and frame.length not in seen.lengths):
        return False
    periodic = frame.sends == "cyclic" and frame.period_ms is not None
    if not periodic or not clock_is_time or seen.period_ns is None:
        return True
    if seen.frames <= _STEPS_TO_TRUST or frame.period_ms is None:
        return True
    expected_ns = frame.period_ms * 1_000_000
    return abs(seen.period_ns - expected_ns) <= _PERIOD_TOLERANCE * expected_ns
