"""Carrying out a command from the command line: begun, told on stderr as it goes, let go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from evdiag.cli.conditions import condition_line, failing
from evdiag.cli.hearing import LOOK_S
from evdiag.errors import BusError

if TYPE_CHECKING:
    from evdiag.cli.interruption import Interruption
    from evdiag.cli.sayings import Sayings
    from evdiag.commanding import Commanding
    from evdiag.control.errand import ErrandView
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile

_MORE_S: Final = 60.0
"""More than opening, looking at the conditions and handing back take beside the steps."""


def carry_out(
    commanding: Commanding,
    command: Command,
    profile: Profile,
    word: str,
    say: Sayings,
    interruption: Interruption,
) -> ErrandView:
    """Give a command and return how it ended, with everything handed back.

    `word` is what somebody typed to consent to it.

    Raises:
        BadInputError: it cannot be given on this bus, or the audit log cannot be written.
        BusError: an adapter cannot be opened for sending, or nobody carries it out any more.
    """
    told = _Told(say)
    for warning in profile.diagnostic_warnings:
        say(f"mind: {warning.text} ({warning.evidence})")
    commanding.begin_soon(command, profile, f"--consent {word}")
    ends_s = time.monotonic() + command.longest_s + _MORE_S
    look = commanding.look()
    while look.state in ("opening", "under way") and time.monotonic() < ends_s:
        if interruption.came:
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


class _Told:
    """Says what is new of a command."""

    def __init__(self, say: Sayings) -> None:
        self._say = say
        self._stage = ""
        self._missing: list[str] = []
        self._steps: list[tuple[str, str]] = []

    def tell(self, view: ErrandView) -> None:
        """Say what has changed since the last time."""
        if view.stage == "looking":
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
        if view.stage == "looking":
            self._say(f"ASK: evdiag transmits: it looks whether {view.command.text} may be given")
        elif view.stage == "running":
            self._say("all conditions hold:")
            for one in view.conditions:
                self._say(condition_line(one))
            self._say(f"ACT: evdiag transmits: {view.command.text}, {view.command.summary}")
        elif view.stage == "letting go":
            self._say("letting go: authority is handed back to the car")

    def _steps_went_on(self, view: ErrandView) -> None:
        steps = [(step.state, step.text) for step in view.steps]
        for number, step in enumerate(view.steps, start=1):
            known = self._steps[number - 1] if number <= len(self._steps) else ("to come", "")
            if step.state not in (known[0], "to come"):
                note = f" ({step.note})" if step.note else ""
                self._say(f"step {number} of {len(steps)}: {step.text}: {step.state}{note}")
        self._steps = steps
