"""One command while it is armed: its facts, its conditions, and what of the past binds it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from evdiag.control.act_policy import ARMED_FOR_S, ActPolicy, Moment
from evdiag.control.interlocks import CommandFacts, Interlock, interlocks, not_green
from evdiag.control.permits import AskState, Permit, Refusal
from evdiag.control.rest import Movement
from evdiag.control.rest_log import RestLog
from evdiag.errors import BadInputError
from evdiag.inputs import Frame
from evdiag.port.readings import ReadingsNow
from evdiag.vehicles.command import CommandFrame, Request

AHEAD_NS: Final = 500_000_000
"""How far ahead a movement that goes on is written down: not every frame needs the file."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision is made from, taken at one instant.

    `age_ns` is how far what has been followed lies behind what the bus has said.
    """

    of_command: CommandFacts
    readings: ReadingsNow
    age_ns: int


class Acting:
    """The arming of one command, for `ARMED_FOR_S` from its making.

    `take_facts` is called for every frame; `consent` says in words who allowed it, and how. `seen`
    are the conditions as they were looked at last.
    """

    def __init__(
        self,
        policy: ActPolicy,
        take_facts: Callable[[], Facts],
        rest_log: RestLog,
        actuator: str,
        consent: str,
        *,
        now_ns: int,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.policy = policy
        self.consent = consent
        self.until_ns = now_ns + round(ARMED_FOR_S * 1e9)
        self.seen: tuple[Interlock, ...] = ()
        self._take_facts = take_facts
        self._rest_log = rest_log
        self._actuator = actuator
        self._wall_ns = wall_ns
        self._movement: Movement | None = None
        self._began_ns: int | None = None
        self._listed: CommandFrame | Request | None = None
        self._dropped = ""
        self._written_until_ns = 0
        self._moved_at_ns: tuple[int, int] | None = None

    @property
    def dropped(self) -> str:
        """Why the arming was dropped, in words; empty while it was not."""
        return self._dropped

    @property
    def has_begun(self) -> bool:
        """True once a frame was let out: it may have left even where the adapter said no."""
        return self._began_ns is not None

    def rest_s(self, now_ns: int) -> float:
        """Return how long the actuator must still rest before it may be driven anew."""
        movement = self._movement
        return 0.0 if movement is None else movement.left_ns(self._wall_at(now_ns)) / 1e9

    def hold(self) -> None:
        """Keep every other evdiag here from moving anything, and see when the actuator moved last.

        Raises:
            BadInputError: it cannot be held or read.
            RefusedError: another evdiag moves something.
        """
        self._rest_log.hold()
        try:
            self._movement = self._rest_log.last(self._actuator)
        except BadInputError:
            self._rest_log.release()
            raise

    def release(self) -> None:
        """Let others move something."""
        self._rest_log.release()

    def drop(self, why: str) -> None:
        """Let nothing leave any more but what gives back. The first reason stays."""
        self._dropped = self._dropped or why

    def conditions(self) -> tuple[Interlock, ...]:
        """Return every condition as it stands now."""
        return self._conditions(self._take_facts())

    def readings(self) -> ReadingsNow:
        """Return what the bus reports now."""
        return self._take_facts().readings

    def decide(self, frame: Frame, now_ns: int, state: AskState) -> Permit | Refusal | None:
        """Decide about a frame; None for one that is nothing of this command."""
        listed = self.policy.lists(frame)
        if listed is None or isinstance(listed, Refusal):
            return listed
        self._listed = listed
        if self.policy.gives_back(listed) and self.has_begun:
            # Letting go hangs on nothing: not on readings, nor on whoever takes them.
            return self.policy.let_go(frame, listed, now_ns, state)
        facts = self._take_facts()
        moment = Moment(
            now_ns=now_ns,
            wall_ns=self._wall_at(now_ns),
            facts_age_ns=facts.age_ns,
            conditions=self._conditions(facts),
            armed_until_ns=self.until_ns,
            began_ns=self._began_ns,
            dropped=self._dropped,
            movement=self._movement,
        )
        verdict = self.policy.decide(frame, listed, moment, state)
        red = not_green(moment.conditions)
        if red:
            self.drop(red[0].text)
        return verdict

    def note(self, permit: Permit, now_ns: int) -> bool:
        """A frame of this command is about to leave; return whether a movement begins with it.

        Raises:
            BadInputError: it cannot be written down that the actuator moves.
        """
        if permit.until_ns is None or permit.gives_back:
            return False
        if self._began_ns is None:
            self._began_ns = now_ns
        listed = self._listed
        if not permit.moves or listed is None:
            return False
        wall_ns = self._wall_at(now_ns)
        last = self._movement
        if last is not None and last.goes_on(listed.id, wall_ns):
            self._movement = last.continued(wall_ns)
            self._write_down(self._movement)
            return False
        wall_ns = self._wall_ns()
        self._moved_at_ns = wall_ns, now_ns
        movement = Movement.begun(listed.id, self.policy.command.on_s, wall_ns)
        self._written_until_ns = 0
        self._write_down(movement)
        self._movement = movement
        return True

    def _wall_at(self, now_ns: int) -> int:
        """Return the wall's time; set forward since this command moved, it shortens no rest."""
        wall_ns = self._wall_ns()
        if self._moved_at_ns is None:
            return wall_ns
        then_wall_ns, then_ns = self._moved_at_ns
        return min(wall_ns, then_wall_ns + now_ns - then_ns)

    def _write_down(self, movement: Movement) -> None:
        """Keep the file ahead of the movement: should evdiag die now, the pause is long enough."""
        if movement.ended_ns > self._written_until_ns:
            goes_on = movement.latest_ns > movement.began_ns
            until_ns = movement.ended_ns + (AHEAD_NS if goes_on else 0)
            self._rest_log.note(self._actuator, replace(movement, ended_ns=until_ns))
            self._written_until_ns = until_ns

    def _conditions(self, facts: Facts) -> tuple[Interlock, ...]:
        command = self.policy.command
        self.seen = interlocks(command.name, facts.of_command, command.needs)
        return self.seen
