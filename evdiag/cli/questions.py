"""Asking while a command records: says that it transmits, what it may cost, and how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.ask_switch import AskSwitch
from evdiag.vehicles.library import library

if TYPE_CHECKING:
    from evdiag.cli.sayings import Sayings
    from evdiag.control.asker import AskStatus
    from evdiag.live.live import Live


class Questions:
    """Level ASK for as long as a command records."""

    def __init__(self, live: Live, vehicle: str, say: Sayings) -> None:
        """Work out what would be asked; nothing is opened yet.

        Raises:
            BadInputError: there is nothing to ask of this car, or it is not known where.
        """
        self._switch = AskSwitch(live)
        self._profile = library().profile(vehicle)
        self._plan = self._switch.plan(self._profile)
        self._say = say
        self._failure = ""
        self._status: AskStatus | None = None

    def begin(self) -> None:
        """Ask from now on."""
        plan = self._plan
        for warning in plan.warnings:
            self._say(f"mind: {warning.text} ({warning.evidence})")
        self._say(
            f"ASK: evdiag transmits {plan.per_second:.1f} questions a second to "
            f"{', '.join(plan.units)}, until this recording ends"
        )
        self._switch.begin(self._profile)

    def look(self) -> None:
        """Say once if asking has ended by itself, and keep what is known of the answers."""
        seen = self._switch.look()
        if seen.status is not None:
            self._status = seen.status
        if seen.failure and seen.failure != self._failure:
            self._failure = seen.failure
            self._say(f"LISTEN: {seen.failure}; nothing is transmitted any more")

    @property
    def answered(self) -> bool:
        """Tell whether every control unit that is asked has answered."""
        self.look()
        return self._status is not None and all(poll.answers for poll in self._status.polls)

    def end(self) -> bool:
        """Stop asking and say how it went; return whether anything was answered."""
        self.look()
        self._switch.close()
        if not self._failure:
            self._say("LISTEN: nothing is transmitted any more")
        if self._status is None:
            return False
        for poll in self._status.polls:
            why = poll.stopped or poll.refused or poll.not_sent
            if not why and not poll.answers:
                why = f"{poll.time_outs:,} times without an answer"
            self._say(f"{poll.name}: {poll.answers:,} answers" + (f"; {why}" if why else ""))
        if self._status.vin:
            self._say(f"VIN {self._status.vin}")
        return any(poll.answers for poll in self._status.polls)
