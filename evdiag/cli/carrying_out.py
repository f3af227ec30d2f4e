"""Carrying out a command from the command line: begun, told on stderr as it goes, let go."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from evdiag.cli.conditions import condition_line, failing
from evdiag.cli.hearing import LOOK_S
from evdiag.errors import BusError

if TYPE_CHECKING:
    from evdiag.cli.known_car import KnownCar
    from evdiag.cli.sayings import Sayings
    from evdiag.control.errand import ErrandView
    from evdiag.control.outcome import Outcome
    from evdiag.vehicles.command import Command

_MORE_S: Final = 60.0
"""More than opening, looking at the conditions and handing back take beside the steps."""

_PATIENT_S: Final = 1.5
"""A condition that does not hold yet is not worth a line before."""


def carry_out(car: KnownCar, command: Command, word: str) -> ErrandView:
    """Give a command and return how it ended, with everything handed back.

    `word` is what somebody typed to consent to it.

    Raises:
        BadInputError: it cannot be given on this bus, or the audit log cannot be written.
        BusError: an adapter cannot be opened for sending, or nobody carries it out any more.
    """
    commanding, say = car.commanding, car.say
    told = _Told(say)
    say(f"ASK: evdiag transmits: it looks whether {command.text} may be given")
    commanding.begin_soon(command, car.profile, f"--consent {word}")
    ends_s = time.monotonic() + command.longest_s + _MORE_S
    look = commanding.look()
    while look.state in ("opening", "under way") and time.monotonic() < ends_s:
        if car.interruption.came:
            # Each time: what is still being opened may not have heard of it.
            commanding.abort("interrupted")
        if look.view is not None:
            told.tell(look.view)
        time.sleep(LOOK_S)
        look = commanding.look()
    if look.error is not None:
        raise look.error
    view = commanding.end() if look.view is None or look.view.outcome is None else look.view
    if view is None or view.outcome is None:
        raise BusError(
            f"{command.text} did not come to its end; the car takes its authority back by itself "
            f"within {command.alone_after_s:g} s"
        )
    told.tell(view)
    say("LISTEN: nothing is transmitted any more")
    return view


def how_it_ended(car: KnownCar, view: ErrandView) -> Outcome:
    """Return the outcome; a car of which nothing at all was heard did not answer."""
    assert view.outcome is not None
    if view.outcome.kind != "refused" or car.live.sequence.frames:
        return view.outcome
    unit = view.command.unit
    asked = "" if unit is None else f", also not when {unit.text} was asked"
    return replace(view.outcome, kind="no_answer", text=f"nothing was heard{asked}")


class _Told:
    """Says what is new of a command."""

    def __init__(self, say: Sayings) -> None:
        self._say = say
        self._began_s = time.monotonic()
        self._stage = ""
        self._missing: list[str] = []
        self._states: dict[int, str] = {}

    def tell(self, view: ErrandView) -> None:
        """Say what has changed since the last time."""
        if view.stage == "looking" and time.monotonic() - self._began_s > _PATIENT_S:
            self._conditions(view)
        if view.stage != self._stage:
            self._stage = view.stage
            self._stage_began(view)
        self._steps_went_on(view)

    def _conditions(self, view: ErrandView) -> None:
        missing = failing(view.conditions)
        names = [one.id for one in missing]
        if names != self._missing:
            self._missing = names
            for one in missing:
                self._say(f"not yet: {one.what}: {one.reading}")

    def _stage_began(self, view: ErrandView) -> None:
        if view.stage == "running":
            self._say("all conditions hold:")
            for one in view.conditions:
                self._say(condition_line(one))
            self._say(f"ACT: evdiag transmits: {view.command.text}, {view.command.summary}")
        elif view.stage == "letting go":
            self._say("letting go: authority is handed back to the car")

    def _steps_went_on(self, view: ErrandView) -> None:
        for number, step in enumerate(view.steps, start=1):
            if step.state not in (self._states.get(number), "to come"):
                note = f" ({step.note})" if step.note else ""
                steps = len(view.steps)
                self._say(f"step {number} of {steps}: {step.text}: {step.state}{note}")
            self._states[number] = step.state
