"""A virtual car as a bus sees it: what it sends by itself, and what it answers. Reads no clock."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evdiag.inputs import Frame, frame_key
from evdiag.simulator.car import VirtualCar, car_of
from evdiag.simulator.diagnostics import Diagnostics
from evdiag.simulator.frames import CHANNEL, Broadcast
from evdiag.simulator.habits import habits_of
from evdiag.simulator.story import Story
from evdiag.vehicles.profile import Profile

_SECOND = 1e9


class WireCar:
    """One car on one channel; times are nanoseconds from its beginning.

    With a story its acts are planned, without one the car does what it is told. `behind_gateway`
    lets it send nothing by itself. `busy_every` makes every so many-th request find a unit busy.
    """

    def __init__(
        self,
        profile: Profile,
        story: Story | None = None,
        *,
        behind_gateway: bool = False,
        busy_every: int | None = None,
        seed: int = 1,
    ) -> None:
        self.profile = profile
        self.story = story
        self.car = VirtualCar(habits_of(profile)) if story is None else car_of(story)
        noise = random.Random(seed if story is None else story.seed)
        self._broadcast = None if behind_gateway else Broadcast(profile, self.car, noise)
        self._diagnostics = Diagnostics(profile, self.car, CHANNEL, busy_every=busy_every)
        sent = frozenset() if self._broadcast is None else self._broadcast.ids
        self._own = sent | self._diagnostics.answers

    @property
    def next_ns(self) -> int | None:
        """When there is something to send or to happen; None where nothing is planned."""
        waiting = [self.car.state.next_s, self._diagnostics.next_s]
        found = [round(at_s * _SECOND) for at_s in waiting if at_s is not None]
        if self._broadcast is not None and not self.car.state.asleep:
            cyclic_ns = self._broadcast.next_ns
            found += [] if cyclic_ns is None else [cyclic_ns]
        return min(found, default=None)

    def advance(self, now_ns: int) -> list[Frame]:
        """Let time pass; return the frames that the car sends by now."""
        now_s = now_ns / _SECOND
        self.car.advance(now_s)
        answers = self._diagnostics.frames(now_s)
        if self._broadcast is None or self.car.state.asleep:
            return answers
        return [*self._broadcast.frames(now_ns), *answers]

    def heard(self, frames: Sequence[Frame], now_ns: int) -> None:
        """Take frames of others; those that ask are answered."""
        for frame in frames:
            self._diagnostics.heard(frame, now_ns / _SECOND)

    def is_request(self, frame: Frame) -> bool:
        """Tell whether a frame of somebody else asks one of this car's control units."""
        return self._diagnostics.is_request(frame)

    def is_mine(self, frame: Frame) -> bool:
        """Tell whether a frame bears an id that this car sends."""
        return frame_key(frame.id, frame.extended) in self._own
