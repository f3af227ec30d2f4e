"""A command to the car as a screen gives it: asking makes room for it, and goes on after it."""

from __future__ import annotations

from evdiag.ask_switch import AskSwitch
from evdiag.commanding import Commanding
from evdiag.control.errand import ErrandView
from evdiag.control.interlocks import Interlock
from evdiag.errors import RefusedError
from evdiag.levels import CommandLook
from evdiag.vehicles.command import Command
from evdiag.vehicles.profile import Profile


class CommandSwitch:
    """Gives commands on one live bus, one at a time; level ASK rests meanwhile.

    `cut_short` is how the command ended that was under way when the screen was left; None where
    none was.
    """

    def __init__(self, commanding: Commanding, ask: AskSwitch) -> None:
        self._commanding = commanding
        self._ask = ask
        self._asked: Profile | None = None
        self._is_left = False
        self.cut_short: ErrandView | None = None

    def conditions(
        self, command: Command, profile: Profile, confirmed: frozenset[str]
    ) -> tuple[Interlock, ...]:
        """Return what a command would need, as it stands; nothing is sent."""
        return self._commanding.conditions(command, profile, confirmed)

    def begin(
        self, command: Command, profile: Profile, consent: str, confirmed: frozenset[str]
    ) -> None:
        """End asking, and begin; `look` says what comes of it.

        Raises:
            RefusedError: the bus is just being opened to ask, or a command is under way.
        """
        if self.is_under_way:
            raise RefusedError("another command is under way: wait for its end, or abort it")
        asking = self._ask.look().state
        if asking == "opening":
            raise RefusedError("the bus is just being opened to ask: try again in a moment")
        self._asked = profile if asking == "asking" else None
        self._ask.rest()
        self._commanding.begin_soon(command, profile, consent, confirmed)

    @property
    def is_under_way(self) -> bool:
        """True from the beginning of a command until the car has its authority back."""
        return self._commanding.look().state in ("opening", "under way")

    @property
    def asks_afterwards(self) -> bool:
        """True while asking waits for the end of a command."""
        return self._asked is not None

    def look(self) -> CommandLook:
        """Return how it stands; asking that made room for a command begins again after it."""
        look = self._commanding.look()
        if self._asked is not None and look.state in ("off", "ended"):
            profile, self._asked = self._asked, None
            self._ask.begin(profile)
        return look

    def abort(self, why: str) -> None:
        """Abort what is under way: the car gets its authority back."""
        self._commanding.abort(why)

    def leave(self) -> None:
        """Abort, because the screen is being left."""
        if self.is_under_way:
            self._is_left = True
            self.abort("the screen was left")

    def close(self) -> None:
        """Abort, wait until the car has its authority back; nothing more is sent then."""
        self.leave()
        self._asked = None
        ended = self._commanding.end("the screen was left")
        self.cut_short = ended if self._is_left else None
