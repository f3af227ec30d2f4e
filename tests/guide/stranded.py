"""A stranded driver, a virtual car and the guide between them: each acts on what the other did.

Nothing is scripted ahead: the guide says what to do, the driver does it to the car, the car's
frames go into the session, and what the session shows decides what the guide says next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from evdiag.guide.engine import START
from evdiag.guide.record import GuideView, StepRecord
from evdiag.guide.walk import DONE, UNDERSTOOD
from evdiag.guide_files import book
from evdiag.inputs import Answer, Input, Tick
from evdiag.session import Session
from evdiag.simulator.frames import CHANNEL
from evdiag.simulator.story import Story
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.profile import Profile

Doing: TypeAlias = str | float
"""An act of the car, seconds to wait, ``guide:ORDER``, or ``say:ANSWER``."""

PULLING = ("pull", 1.5)

HABITUAL: dict[str, tuple[Doing, ...]] = {
    "end-the-session": ("stop_charging", 3.0),
    "pull-now": PULLING,
    "held-on-purpose": ("mode while_charging", 1.0, *PULLING),
    "unlock-lock-unlock": ("fob_unlock", 2.0, "fob_lock", 2.0, "fob_unlock", 2.0, *PULLING),
    "unlock-and-pull": ("fob_unlock", 1.2, *PULLING),
    "drivers-door": ("door", 1.2, *PULLING),
    "walk-away": ("fob_lock", 30.0, "fob_unlock", 1.2, *PULLING),
    "push-and-pull": ("push_in", 0.5, "fob_lock", 3.0, "fob_unlock", 1.5, *PULLING),
    "handle-button": ("press_button", 0.5, *PULLING),
    "wake-the-car": ("wake", 2.0, "fob_unlock", 1.2, *PULLING),
    "support-supply": ("charge_battery", 20.0, "fob_unlock", 1.2, *PULLING),
    "thaw": ("thaw", 60.0, "fob_unlock", 1.2, *PULLING),
    "isolate-supply": ("mains_lost", 3.0, "say:isolated"),
    "manual-release": ("manual_release", 2.0, *PULLING),
    "type2-latch": PULLING,
    "plug-in": ("plug_in", 3.0),
    "await-lock": (4.0,),
    "unlock-again": ("fob_unlock", 2.0),
    "pull-out": PULLING,
    "mains-wait": (2.0,),
    "wait-for-voltage": (4.0,),
}
"""What a sensible driver does when told to."""

SAID: dict[str, str] = {
    "danger": "no",
    "which-end": "car",
    "whose-cable": "own_cable",
    "kind-of-charging": "ac",
    "where": "home",
    "plug-in-sight": "still_in",
    "right-order": "still_in_charge_point",
    "mains-lost": "no",
    "car-side-free": "car_end_out",
    "leave-the-cable": "stay",
}
"""What a driver answers where the step asks for more than whether the plug came out."""


class Stranded:
    """One driver beside one car, which begins as `story` tells it."""

    def __init__(
        self,
        story: Story,
        *,
        does: Mapping[str, Sequence[Doing]] | None = None,
        says: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
        profile: Profile | None = None,
    ) -> None:
        self.does = {**HABITUAL, **(does or {})}
        self.says = {**SAID, **(says or {})}
        self.now_ns = 0
        self.inputs: list[Input] = []
        self.shown: list[GuideView] = []
        wired = library().profile(story.vehicle)
        self._car = WireCar(wired, story)
        self.car = self._car.car
        self.session = new_session(profile or wired, without)
        self.wait(story.seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass for everybody."""
        until_ns = self.now_ns + round(seconds * 1e9)
        while self.now_ns < until_ns:
            self.now_ns = min(self.now_ns + 20_000_000, until_ns)
            for frame in self._car.advance(self.now_ns):
                self._feed(frame._replace(time_ns=frame.time_ns // 1000 * 1000))
            self._feed(Tick(self.now_ns))

    @property
    def view(self) -> GuideView:
        """What the guide shows."""
        return self.session.guide()

    def say(self, answer: str, step: str | None = None) -> None:
        """Say something to the guide."""
        at = step if step is not None else self.view.step.id  # type: ignore[union-attr]
        self._feed(Answer(self.now_ns, at, answer))

    def be_guided(self, procedure: str = "triage", *, at_most: int = 80) -> str:
        """Follow the guide from its first question to its end; return the id of the ending."""
        self.say(START, procedure)
        for _ in range(at_most):
            view = self.view
            self.shown.append(view)
            if view.phase == "ended":
                assert view.step is not None
                return view.step.id
            self._follow(view)
        raise AssertionError(f"no end after {at_most} steps: {[v.step.id for v in self.shown]}")  # type: ignore[union-attr]

    def _follow(self, view: GuideView) -> None:
        assert view.step is not None
        step = view.step.id
        if view.phase == "warnings":
            self.say(UNDERSTOOD)
            return
        before = len(view.history)
        for doing in self.does.get(step, ()):
            self._do(doing)
            now = self.view
            if len(now.history) != before or now.step is not view.step:
                return
        if self.view.phase in ("doing", "second_look"):
            self.say(self._answer(view))

    def _do(self, doing: Doing) -> None:
        if isinstance(doing, float):
            self.wait(doing)
        elif doing.startswith("say:"):
            self.say(doing.removeprefix("say:"))
        else:
            self.car.do(doing)
            self.wait(0.02)

    def _answer(self, view: GuideView) -> str:
        assert view.step is not None
        choices = [choice.id for choice in view.step.answers]
        if not choices:
            return DONE
        if view.step.id in self.says:
            return self.says[view.step.id]
        if "came_out" in choices:
            return "still_stuck" if self.car.state.plugged else "came_out"
        if "ended" in choices:
            return "cannot_end" if self.car.charging.active else "ended"
        if "still_stuck_there" in choices:
            return "still_stuck_there"
        return choices[0]

    def _feed(self, item: Input) -> None:
        self.inputs.append(item)
        list(self.session.feed(item))

    # What tests ask.

    @property
    def history(self) -> dict[str, StepRecord]:
        """The last record of each step."""
        return {record.step: record for record in self.view.history}

    @property
    def offered(self) -> set[str]:
        """Every step that was really shown."""
        return {view.step.id for view in self.shown if view.step is not None}


def new_session(profile: Profile, without: Sequence[str] = ()) -> Session:
    """Return a session on the virtual car's bus, some of its signals taken away."""
    layout = profile.layout(None)
    kept = tuple(signal for signal in layout.signals if signal.name not in without)
    layout = layout._replace(signals=kept)
    channels = {bus.name: CHANNEL for bus in profile.buses}
    watch = watch_of(profile, layout, databases(profile, layout), channels)
    return Session(profile, watch, book=book())
