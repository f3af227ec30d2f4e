"""A virtual car as a bus sees it: what it sends by itself, and what it answers. Reads no clock."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from evdiag.inputs import Frame, frame_key
from evdiag.simulator.car import VirtualCar, car_of
from evdiag.simulator.control_unit import ControlUnit
from evdiag.simulator.diagnostics import Diagnostics
from evdiag.simulator.frames import CHANNEL, Broadcast
from evdiag.simulator.habits import habits_of
from evdiag.simulator.story import Story
from evdiag.simulator.tool_port import tool_port_of
from evdiag.simulator.uds import Session
from evdiag.vehicles.library import databases
from evdiag.vehicles.profile import Profile

QUIET_S: Final = 0.1
"""A tool's cyclic frames have ended when none came for so long."""

_SECOND = 1e9


@dataclass(frozen=True, slots=True)
class Authority:
    """Whether everything is as if no tool had ever been there; `reasons` say in words why not."""

    reasons: tuple[str, ...]

    @property
    def returned(self) -> bool:
        """True where the car has all authority, and no tool is active."""
        return not self.reasons


class WireCar:
    """One car on one channel; times are nanoseconds from its beginning.

    With a story its acts are planned, without one the car does what it is told. `behind_gateway`
    lets it send nothing by itself. `busy_every` makes every so many-th request find a unit busy;
    `secured` units move nothing before they were shown a key (service 0x27).
    """

    def __init__(
        self,
        profile: Profile,
        story: Story | None = None,
        *,
        behind_gateway: bool = False,
        busy_every: int | None = None,
        secured: bool = False,
        seed: int = 1,
    ) -> None:
        self.profile = profile
        self.story = story
        self.car = VirtualCar(habits_of(profile)) if story is None else car_of(story)
        noise = random.Random(seed if story is None else story.seed)
        self._broadcast = None if behind_gateway else Broadcast(profile, self.car, noise)
        self._diagnostics = Diagnostics(
            profile, self.car, CHANNEL, busy_every=busy_every, secured=secured
        )
        messages = [m for db in databases(profile, profile.layouts[0]) for m in db.messages]
        self._tool_port = tool_port_of(self.car, messages)
        self._of_tools = {frame.key for command in profile.commands for frame in command.frames}
        if self._tool_port is not None:
            self._of_tools.add(self._tool_port.key)
        self._tool_heard_s: float | None = None
        sent = frozenset() if self._broadcast is None else self._broadcast.ids
        self._own = sent | self._diagnostics.answers

    @property
    def next_ns(self) -> int | None:
        """When there is something to send or to happen; None where nothing is planned."""
        waiting = [self.car.state.next_s, self._diagnostics.next_s]
        if self._tool_port is not None:
            waiting.append(self._tool_port.next_s)
        found = [round(at_s * _SECOND) for at_s in waiting if at_s is not None]
        if self._broadcast is not None and not self.car.state.asleep:
            cyclic_ns = self._broadcast.next_ns
            found += [] if cyclic_ns is None else [cyclic_ns]
        return min(found, default=None)

    def advance(self, now_ns: int) -> list[Frame]:
        """Let time pass; return the frames that the car sends by now."""
        now_s = now_ns / _SECOND
        self.car.advance(now_s)
        if self._tool_port is not None:
            self._tool_port.due(now_s)
        answers = self._diagnostics.frames(now_s)
        if self._broadcast is None or self.car.state.asleep:
            return answers
        return [*self._broadcast.frames(now_ns), *answers]

    def heard(self, frames: Sequence[Frame], now_ns: int) -> None:
        """Take frames of others; those that ask are answered, those that command obeyed."""
        now_s = now_ns / _SECOND
        self.car.advance(now_s)
        for frame in frames:
            self._diagnostics.heard(frame, now_s)
            if self._is_of_tool(frame):
                self._tool_heard_s = now_s
            if self._tool_port is not None:
                self._tool_port.heard(frame, now_s)

    def is_request(self, frame: Frame) -> bool:
        """Tell whether a frame of somebody else asks this car's control units, or commands them."""
        return self._diagnostics.is_request(frame) or self._is_of_tool(frame)

    def unit(self, request_id: int) -> ControlUnit:
        """Return the control unit that is asked under an id: tests break and reset it."""
        return self._diagnostics.unit(request_id)

    @property
    def authority(self) -> Authority:
        """Whether the car has its authority back, as of the moment to which time has come."""
        return Authority(tuple(self._missing()))

    def _missing(self) -> Iterator[str]:
        for unit in self._diagnostics.units:
            if unit.session is not Session.DEFAULT:
                yield f"{unit.name} is in the {unit.session.name.lower()} session"
        for actuator, tool in self.car.state.holders.items():
            yield f"{tool} commands the {actuator}"
        heard_s = self._tool_heard_s
        if heard_s is not None and self.car.now_s - heard_s < QUIET_S:
            ago_ms = (self.car.now_s - heard_s) * 1000
            yield f"a tool's cyclic frame came {ago_ms:.0f} ms ago"

    def _is_of_tool(self, frame: Frame) -> bool:
        key = frame_key(frame.id, frame.extended)
        return key in self._of_tools and not (frame.error or frame.remote)

    def is_mine(self, frame: Frame) -> bool:
        """Tell whether a frame bears an id that this car sends."""
        return frame_key(frame.id, frame.extended) in self._own
