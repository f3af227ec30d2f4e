"""The frames of a running command: cyclic ones at their period, others so many times. No clock.

The counter goes on from frame to frame of one id, as a control unit's own would: whoever listens
takes a jump for a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evdiag.control.conversation import Send
from evdiag.control.permits import Permit, Refusal
from evdiag.inputs import Channel, Frame, FrameKey
from evdiag.vehicles.command import CommandFrame
from evdiag.vehicles.command_frames import Rings


@dataclass
class _Going:
    """A frame that is being sent: how often still (None: until it is ceased), and when next."""

    frame: CommandFrame
    left: int | None
    next_ns: int


class CyclicFrames:
    """Sends the frames of one command through the gate, whatever is due when time passes.

    A frame that was late puts the next one off by as much: on average nothing is ever sent faster
    than its period.
    """

    def __init__(self, rings: Rings, channels: Mapping[str, Channel], send: Send) -> None:
        self._rings = rings
        self._channels = channels
        self._send = send
        self._going: dict[str, _Going] = {}
        self._counts: dict[tuple[str, FrameKey], int] = {}
        self._last_ns: dict[tuple[str, FrameKey], int] = {}
        self.sent = 0
        self.moved = False
        """True once a frame has left that drives an actuator."""

    def begin(self, frame: CommandFrame, now_ns: int, times: int | None = None) -> None:
        """Send a frame from now on; `times` in all, or until it is ceased."""
        last_ns = self._last_ns.get((frame.bus, frame.key))
        first_ns = now_ns if last_ns is None else max(now_ns, last_ns + _period_ns(frame))
        self._going[frame.id] = _Going(frame, times, first_ns)

    def cease(self, identifier: str) -> None:
        """Send a frame no more."""
        self._going.pop(identifier, None)

    def cease_all(self) -> None:
        """Send nothing more."""
        self._going.clear()

    def is_going(self, identifier: str) -> bool:
        """Tell whether a frame is still being sent."""
        return identifier in self._going

    @property
    def next_ns(self) -> int | None:
        """When the next frame is due; None where none is."""
        return min((going.next_ns for going in self._going.values()), default=None)

    def due(self, now_ns: int, why: str) -> Refusal | None:
        """Send what is due; return why something was not let out, with which all of it ends."""
        for going in list(self._going.values()):
            if now_ns < going.next_ns:
                continue
            verdict = self._leave(going.frame, going.frame.moves or why)
            if isinstance(verdict, Refusal):
                self.cease_all()
                return verdict
            # Counted as the gate counts: from the moment at which it permitted this one.
            left_ns = max(now_ns, verdict.decided_ns or now_ns)
            self._last_ns[going.frame.bus, going.frame.key] = left_ns
            going.next_ns = left_ns + _period_ns(going.frame)
            if going.left is not None:
                going.left -= 1
                if not going.left:
                    self.cease(going.frame.id)
        return None

    def _leave(self, frame: CommandFrame, why: str) -> Permit | Refusal:
        ring = self._rings[frame.id]
        place = (frame.bus, frame.key)
        count = self._counts.get(place, 0)
        data = ring[count % len(ring)]
        channel = self._channels[frame.bus]
        verdict = self._send(Frame(0, channel, frame.can_id, frame.extended, data), why)
        if isinstance(verdict, Refusal):
            return verdict
        self._counts[place] = count + 1
        self.sent += 1
        self.moved |= verdict.moves is not None
        return verdict


def _period_ns(frame: CommandFrame) -> int:
    return frame.every_ms * 1_000_000
