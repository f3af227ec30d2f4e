"""What live screens need of a bus (`evdiag.listening`, `evdiag.watching`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from evdiag.control.interlocks import Interlock
    from evdiag.databases import Database
    from evdiag.diagnosis import Card
    from evdiag.guide.page import Page
    from evdiag.guide.texts import Texts
    from evdiag.levels import AskLook, AskPlan, CommandLook
    from evdiag.live.live import LiveState
    from evdiag.session.following import Decision
    from evdiag.session.live_window import LivePull
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile


class AskControl(Protocol):
    """Level ASK: off until a person begins it, off again at once."""

    def plan(self, profile: Profile) -> AskPlan:
        """Return what asking would do.

        Raises:
            BadInputError: there is nothing to ask.
        """

    def begin(self, profile: Profile) -> None:
        """Ask from now on; returns at once."""

    def end(self) -> None:
        """Stop; when this returns nothing more is sent."""

    def look(self) -> AskLook:
        """Return how it stands."""


class CommandControl(Protocol):
    """Level ACT: one command, begun with a typed word, over in seconds."""

    @property
    def asks_afterwards(self) -> bool:
        """True while asking waits for the end of a command."""

    def conditions(
        self, command: Command, profile: Profile, confirmed: frozenset[str]
    ) -> tuple[Interlock, ...]:
        """Return what a command would need, as it stands; nothing is sent."""

    def begin(
        self, command: Command, profile: Profile, consent: str, confirmed: frozenset[str]
    ) -> None:
        """Begin; returns at once, `look` says what comes of it.

        Raises:
            RefusedError: the bus is not free.
        """

    def look(self) -> CommandLook:
        """Return how it stands."""

    def abort(self, why: str) -> None:
        """Abort what is under way: the car gets its authority back."""

    def leave(self) -> None:
        """Abort, because the screen is being left."""


class ListenedBus(Protocol):
    """A live bus that is listened to already."""

    named: Profile | None

    @property
    def state(self) -> LiveState:
        """Counters and conditions."""

    @property
    def behind(self) -> int:
        """How many inputs wait to be followed."""

    def pull(self) -> LivePull:
        """Return what there is to show."""

    def card(self) -> Card | None:
        """Return the last release laid over a known-good one; None where there was none."""

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows now; None while nobody is guided."""

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide; it is in the recording, too."""

    def vehicles(self) -> Sequence[tuple[str, str]]:
        """Return id and name of every car that is known."""

    def name_vehicle(self, vehicle: str | None) -> None:
        """Have it be this car, or be recognised anew."""

    def databases(self, decision: Decision) -> Sequence[Database]:
        """Return the databases of the car that was decided."""


class LiveBus(ListenedBus, Protocol):
    """The same, and what a person may do there: record, mark, ask, command."""

    @property
    def ask(self) -> AskControl:
        """Level ASK."""

    @property
    def commands(self) -> CommandControl:
        """Level ACT."""

    def mark(self, text: str) -> None:
        """Put the person's mark at what was heard last."""

    def start_recording(self) -> None:
        """Write down the last minute and all that comes."""

    def stop_recording(self) -> None:
        """Close the recording."""
