"""A live bus as a screen has it: what is heard, decoded and shown, and where that is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.connecting import (
    RecordingPlan,
    connected,
    decider,
    start_recording,
    stop_recording,
)
from evdiag.databases import Database
from evdiag.diagnosis import Card
from evdiag.guide.page import Page, page
from evdiag.guide.texts import Texts
from evdiag.live.follower import Hook
from evdiag.live.live import LiveState
from evdiag.session.following import Decision, Following
from evdiag.session.live_window import LivePull, LiveWindow
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.profile import Profile


class ListeningBus:
    """One or more live buses, for as long as a screen shows them; nothing here can send.

    `named` is the car that a person named, None where it is to be recognised. It is recorded as
    `plan` says; without one it is not. Any thread may ask; only one, the screen's, gives orders.
    """

    def __init__(
        self,
        buses: Sequence[BusSettings],
        vehicle: str | None,
        plan: RecordingPlan | None = None,
        *,
        hooks: Sequence[Hook] = (),
        open_bus: Callable[[BusSettings], Source] = open_source,
    ) -> None:
        """Nothing is opened yet.

        Raises:
            BadInputError: no profile is called `vehicle`.
        """
        self._window = LiveWindow()
        self.named = _profile(vehicle)
        self.live = connected(
            buses, vehicle, plan, hooks=[self._window.take, *hooks], open_bus=open_bus
        )
        self._pulled = self._window.pull(self.live.following)

    def start(self, *, record: bool = False) -> None:
        """Open the buses and begin to listen; to record, too, where that is wanted.

        Raises:
            BusError: a bus cannot be opened.
        """
        self.live.start()
        if record:
            self.start_recording()

    def stop(self) -> None:
        """Close the buses, and write what is left."""
        self.live.stop()

    def pull(self) -> LivePull:
        """Return what there is to show; once the decoder has stopped, what there was before."""
        self._pulled = self.live.follower.look_safely(self._window.pull) or self._pulled
        return self._pulled

    @property
    def state(self) -> LiveState:
        """Counters and conditions."""
        return self.live.state

    @property
    def behind(self) -> int:
        """How many inputs wait to be followed."""
        return self.live.follower.behind

    def card(self) -> Card | None:
        """Return the last release laid over a known-good one; None where there was none."""

        def laid_over(following: Following) -> Card | None:
            return None if following.session is None else following.session.card()

        return self.live.follower.look_safely(laid_over)

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows; None while it is idle."""

        def shown(following: Following) -> Page | None:
            view, scene = following.guide()
            return page(view, scene, texts, self.live.sequence.now_ns)

        return self.live.follower.look(shown)

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide."""
        self.live.answer(step, answer)

    def mark(self, text: str) -> None:
        """Put the person's mark at what was heard last."""
        self.live.mark(text)

    def start_recording(self) -> None:
        """Write down the last minute and all that comes."""
        start_recording(self.live, "a person started it")

    def stop_recording(self) -> None:
        """Close the recording."""
        stop_recording(self.live)

    def vehicles(self) -> Sequence[tuple[str, str]]:
        """Return id and name of every car that is known."""
        return [(profile.id, profile.name) for profile in library().profiles.values()]

    def name_vehicle(self, vehicle: str | None) -> None:
        """Have it be this car, or be recognised anew.

        Raises:
            BadInputError: no profile is called `vehicle`.
        """
        decide = decider(vehicle)
        self.named = _profile(vehicle)
        self.live.follower.look(lambda following: following.start_over(decide))

    def databases(self, decision: Decision) -> Sequence[Database]:
        """Return the databases of the car that was decided."""
        layout = decision.profile.layout(decision.identified.layout)
        return databases(decision.profile, layout)


def _profile(vehicle: str | None) -> Profile | None:
    return None if vehicle is None else library().profile(vehicle)
