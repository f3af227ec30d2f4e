"""What the live screen needs of a bus; `evdiag.watching.WatchedBus` is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from evdiag.ask_switch import AskLook, AskPlan
    from evdiag.databases import Database
    from evdiag.diagnosis import Card
    from evdiag.guide.page import Page
    from evdiag.guide.texts import Texts
    from evdiag.live.live import LiveState
    from evdiag.session.following import Decision
    from evdiag.session.live_window import LivePull
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


class LiveBus(Protocol):
    """A live bus that is listened to already."""

    named: Profile | None

    @property
    def ask(self) -> AskControl:
        """Level ASK."""

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

    def mark(self, text: str) -> None:
        """Put the person's mark at what was heard last."""

    def start_recording(self) -> None:
        """Write down the last minute and all that comes."""

    def stop_recording(self) -> None:
        """Close the recording."""

    def vehicles(self) -> Sequence[tuple[str, str]]:
        """Return id and name of every car that is known."""

    def name_vehicle(self, vehicle: str | None) -> None:
        """Have it be this car, or be recognised anew."""

    def databases(self, decision: Decision) -> Sequence[Database]:
        """Return the databases of the car that was decided."""
