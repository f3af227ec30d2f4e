"""What was decided about a frame, and what of the past decides about the next. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

from evdiag.inputs import Channel, Frame, FrameKey, frame_key
from evdiag.vehicles.command import Motion

Place: TypeAlias = tuple[Channel, FrameKey, int | None]
"""Where a control unit answers: channel, id, and the first byte of every frame where it has one."""

ANSWER_GOES_ON_NS = 1_000_000_000
"""How long after its first frame a control unit waits for flow control (N_Bs, ISO 15765-2)."""

PERMIT_LIVES_NS = 200_000_000
"""From the facts that a permit was decided from to the frame that leaves on it."""

_PENDING = (0x7F, 0x78)


@dataclass(frozen=True, slots=True)
class Permit:
    """The frame may leave, now and once.

    `what` says in words what it is. `rate` names what may leave every `every_ns` at most (None is
    not limited). `awaits` are the places at which an answer is expected; `continues` is the place
    whose answer a flow control lets go on. `decided_ns` and `until_ns` are when it was given and
    when it runs out, on a clock that never jumps; None for what is only asked. `facts` are the
    readings it was decided from. `moves` says what the frame drives an actuator to do,
    `gives_back` that it returns authority to the car.
    """

    what: str
    rate: Hashable | None
    every_ns: int
    awaits: tuple[Place, ...]
    continues: Place | None = None
    decided_ns: int | None = None
    until_ns: int | None = None
    facts: tuple[str, ...] = ()
    moves: Motion | None = None
    gives_back: bool = False

    def has_run_out(self, now_ns: int) -> bool:
        """Tell whether the facts behind it are too old by now; letting go never is."""
        return self.until_ns is not None and not self.gives_back and now_ns >= self.until_ns


@dataclass(frozen=True, slots=True)
class Refusal:
    """The frame may not leave; each reason is a condition that does not hold, in words.

    `late` tells that it was permitted and did not leave all the same: the permit ran out first.
    `early` tells that the same is permitted in a moment.
    """

    reasons: tuple[str, ...]
    late: bool = False
    early: bool = False

    @property
    def text(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


class AskState:
    """What was asked and who is answering: changed by what leaves and by what is heard."""

    def __init__(self) -> None:
        self._awaited: set[Place] = set()
        self._answering_since: dict[Place, int] = {}
        self._sent: dict[Hashable, tuple[int, int]] = {}

    def in_time(self, permit: Permit, time_ns: int) -> Permit | Refusal:
        """Return the permit, or a refusal where the same was asked too short a time ago.

        On average no faster than the profile's period; a single gap may be a tenth shorter, for
        nobody's clock ticks evenly.
        """
        last_ns, next_ns = self._sent.get(permit.rate, (time_ns, time_ns))
        early_ns = next_ns - time_ns
        if time_ns < last_ns or early_ns <= permit.every_ns // 10:
            return permit
        reasons = (f"{permit.what}: too soon, by {early_ns / 1e9:.3f} s",)
        return Refusal(reasons, early=True)

    def is_answering(self, place: Place, time_ns: int) -> bool:
        """Tell whether a unit has begun a long answer to us and waits to be let go on."""
        since_ns = self._answering_since.get(place)
        return since_ns is not None and time_ns - since_ns <= ANSWER_GOES_ON_NS

    def sent(self, permit: Permit, time_ns: int) -> None:
        """Remember that a permitted frame is leaving."""
        if permit.continues is not None:
            self._answering_since.pop(permit.continues, None)
        if permit.rate is not None:
            last_ns, next_ns = self._sent.get(permit.rate, (time_ns, time_ns))
            begin_ns = time_ns if time_ns < last_ns else max(next_ns, time_ns)
            self._sent[permit.rate] = (time_ns, begin_ns + permit.every_ns)
        self._awaited.update(permit.awaits)

    def heard(self, frame: Frame, time_ns: int) -> None:
        """Notice answers to what was asked, by the clock that stamps what leaves."""
        if frame.error or frame.remote or frame.direction == "tx":
            return
        key = frame_key(frame.id, frame.extended)
        self._answer((frame.channel, key, None), frame.data, time_ns)
        if frame.data:
            self._answer((frame.channel, key, frame.data[0]), frame.data[1:], time_ns)

    def forget(self) -> None:
        """The level was left: nobody is expected to answer any more. Rates stay in force."""
        self._awaited.clear()
        self._answering_since.clear()

    def _answer(self, place: Place, content: bytes, time_ns: int) -> None:
        if place not in self._awaited or not content:
            return
        kind = content[0] >> 4
        if kind == 1:
            self._answering_since[place] = time_ns
            self._awaited.discard(place)
        elif kind == 0 and (content[1:2] + content[3:4]) != bytes(_PENDING):
            self._awaited.discard(place)
