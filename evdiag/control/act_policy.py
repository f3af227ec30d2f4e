"""Which frames of one command may leave: decided from its profile and from facts only. Pure.

Refused unless every condition holds; each one that does not is named. What returns authority to
the car needs no condition but to be listed: letting go is always allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from evdiag.control.interlocks import Interlock, not_green
from evdiag.control.permits import PERMIT_LIVES_NS, AskState, Permit, Place, Refusal
from evdiag.control.policy import REQUEST_LENGTH, single_frame
from evdiag.control.rest import Movement
from evdiag.errors import BadInputError
from evdiag.inputs import Channel, Frame, FrameKey, frame_key
from evdiag.vehicles.command import Command, CommandFrame, Request
from evdiag.vehicles.command_frames import Rings
from evdiag.vehicles.request_forms import wrong_clearing, wrong_request

ARMED_FOR_S = 60.0


@dataclass(frozen=True, slots=True)
class Moment:
    """All that is looked at beside the frame itself.

    Times in ns: `now_ns` on a clock that never jumps, `wall_ns` on the wall's. `facts_age_ns` is
    how old the readings behind `conditions` are; `armed_until_ns` is when the arming runs out;
    `began_ns` when the command's first frame left, None before it. `dropped` says in words why the
    arming was dropped, empty while it was not. `movement` is the actuator's last.
    """

    now_ns: int
    wall_ns: int
    facts_age_ns: int
    conditions: tuple[Interlock, ...]
    armed_until_ns: int
    began_ns: int | None = None
    dropped: str = ""
    movement: Movement | None = None


class ActPolicy:
    """What one command may send on the channels of one connection.

    `rings` are its frames, byte for byte: what is not among them does not leave, even where the
    profile's mask would let it.
    """

    def __init__(self, command: Command, channels: Mapping[str, Channel], rings: Rings) -> None:
        """List what may leave, and nothing else.

        Raises:
            BadInputError: the command is never offered, one of its requests is never sent, or a
                bus that it sends on is not connected.
        """
        if not command.offered:
            raise BadInputError(f"{command.text}: nobody has seen it work, so it is never offered")
        missing = [bus for bus in command.buses if bus not in channels]
        if missing:
            raise BadInputError(f"{command.text}: the bus {missing[0]!r} is not connected")
        self.command = command
        self._back = command.gives_back
        self._made = {identifier: frozenset(ring) for identifier, ring in rings.items()}
        self._frames: dict[tuple[Channel, FrameKey], list[CommandFrame]] = {}
        for frame in command.frames:
            self._frames.setdefault((channels[frame.bus], frame.key), []).append(frame)
        self._requests: dict[bytes, Request] = {}
        self._unit_place: tuple[Channel, FrameKey] | None = None
        if command.unit is not None:
            self._unit_place = (channels[command.unit.bus], command.unit.request_key)
            self._list_requests()

    def lists(self, frame: Frame) -> CommandFrame | Request | Refusal | None:
        """Return what a frame is in this command; None for one that is nothing of it.

        A refusal where it goes to a place of this command and is not listed there.
        """
        place = (frame.channel, frame_key(frame.id, frame.extended))
        if place in self._frames:
            wrong = tuple(_wrong_shape(frame, None))
            if wrong:
                return Refusal(wrong)
            for listed in self._frames[place]:
                if listed.allows(frame.data) and frame.data in self._made[listed.id]:
                    return listed
            return Refusal((f"{frame.data.hex(' ').upper()}: no data that this command lists",))
        if place == self._unit_place:
            return self._request_in(frame)
        return None

    def gives_back(self, listed: CommandFrame | Request) -> bool:
        """Tell whether something listed returns authority to the car."""
        return listed.id in self._back

    def let_go(
        self, frame: Frame, listed: CommandFrame | Request, now_ns: int, state: AskState
    ) -> Permit | Refusal:
        """Permit what returns authority; nothing can forbid it but its own rate."""
        permit = self._permit(frame, listed, now_ns, 0, ())
        return state.in_time(replace(permit, gives_back=True, moves=None), now_ns)

    def decide(
        self, frame: Frame, listed: CommandFrame | Request, moment: Moment, state: AskState
    ) -> Permit | Refusal:
        """Decide about a frame that is listed, now."""
        reasons = tuple(self._against(listed, moment))
        if reasons:
            return Refusal(reasons)
        facts = tuple(f"{each.id}: {each.reading}" for each in moment.conditions)
        permit = self._permit(frame, listed, moment.now_ns, moment.facts_age_ns, facts)
        return state.in_time(permit, moment.now_ns)

    def _permit(
        self,
        frame: Frame,
        listed: CommandFrame | Request,
        now_ns: int,
        age_ns: int,
        facts: tuple[str, ...],
    ) -> Permit:
        unit, place = self.command.unit, self._unit_place
        awaits: tuple[Place, ...] = ()
        if isinstance(listed, Request) and unit is not None and place is not None:
            awaits = ((place[0], unit.response_key, unit.tester_address),)
        return Permit(
            what=f"{self.command.text}: {listed.id}",
            rate=(frame.channel, listed.id),
            every_ns=listed.every_ms * 1_000_000,
            awaits=awaits,
            decided_ns=now_ns,
            until_ns=now_ns + PERMIT_LIVES_NS - age_ns,
            facts=facts,
            moves=listed.moves,
        )

    def _list_requests(self) -> None:
        for request in self.command.requests:
            clears = self.command.name == "dtc-clear"
            wrong = wrong_clearing(request.data) if clears else wrong_request(request.data)
            if wrong:
                # The profile was refused for it already; data is never trusted twice.
                raise BadInputError(f"{self.command.text}, {request.id}: {wrong}")
            self._requests[request.data] = request

    def _request_in(self, frame: Frame) -> Request | Refusal | None:
        unit = self.command.unit
        assert unit is not None
        wrong = tuple(_wrong_shape(frame, REQUEST_LENGTH))
        if wrong:
            return Refusal(wrong)
        if unit.target_address is not None and frame.data[0] != unit.target_address:
            return None
        content = single_frame(frame.data if unit.target_address is None else frame.data[1:])
        return None if isinstance(content, Refusal) else self._requests.get(content)

    def _against(self, listed: CommandFrame | Request, moment: Moment) -> Iterator[str]:
        if moment.dropped:
            yield f"no longer armed: {moment.dropped}"
        if moment.now_ns >= moment.armed_until_ns:
            yield f"no longer armed: {ARMED_FOR_S:g} s have passed"
        if not 0 <= moment.facts_age_ns < PERMIT_LIVES_NS:
            yield f"the readings are {moment.facts_age_ns / 1e6:.0f} ms old"
        if not moment.conditions:
            yield "no condition was looked at"
        yield from (condition.text for condition in not_green(moment.conditions))
        longest_ns = round(self.command.longest_s * 1e9)
        if moment.began_ns is not None and moment.now_ns - moment.began_ns > longest_ns:
            yield f"it has taken longer than {self.command.longest_s:g} s"
        if listed.moves and moment.movement is not None:
            goes_on = moment.movement.goes_on(listed.id, moment.wall_ns)
            left_ns = 0 if goes_on else moment.movement.left_ns(moment.wall_ns)
            if left_ns:
                yield f"the actuator must rest for {left_ns / 1e9:.1f} s more"


def _wrong_shape(frame: Frame, length: int | None) -> Iterator[str]:
    if frame.remote:
        yield "a remote frame"
    if frame.error:
        yield "an error frame"
    if frame.fd or frame.bitrate_switch:
        yield "a CAN FD frame"
    if length is not None and len(frame.data) != length:
        yield f"{len(frame.data)} bytes long, not {length}"
