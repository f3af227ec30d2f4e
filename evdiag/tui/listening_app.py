"""A live bus on the screen: what is heard, followed and decoded elsewhere.

The screen only looks, ten times a second. Freezing it, or closing it, stops nothing but itself.
This one has no key that records, asks or commands; `evdiag.tui.live_app` adds those.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from evdiag.errors import EvdiagError
from evdiag.levels import AskLook, CommandLook
from evdiag.plain import plain_text
from evdiag.session.snapshot import nothing_known
from evdiag.tui.actions import LIVE_SEEN, Deck
from evdiag.tui.choice import Choice, Entry
from evdiag.tui.config import TuiConfig
from evdiag.tui.guide_start import GuideStart
from evdiag.tui.lines import Line
from evdiag.tui.live_bus import ListenedBus
from evdiag.tui.live_facts import LiveFacts
from evdiag.tui.live_top import banner_lines, bus_text, counter_line, top_line
from evdiag.tui.moment import Car, Moment
from evdiag.tui.views_app import ViewsApp

if TYPE_CHECKING:
    from evdiag.guide.page import Page
    from evdiag.guide.texts import Texts
    from evdiag.session.following import Decision
    from evdiag.session.live_window import LivePull

_ANY_CAR = ""
_ROOMY = 23

_BANNER_ROWS, _BANNER_ROWS_WITH_ROOM = 3, 4
"""Lines of trouble at most, on a terminal of fewer lines than `_ROOMY` and on any other."""


class ListeningApp(ViewsApp):
    """Shows a live bus on the whole terminal.

    `bus` is listened to already, and goes on when the app has ended. `wall_ns` tells the time of
    day.
    """

    def __init__(
        self,
        bus: ListenedBus,
        *,
        decks: Collection[Deck] = LIVE_SEEN,
        wall_ns: Callable[[], int] = time.time_ns,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(decks, config)
        self._bus = bus
        self._wall_ns = wall_ns
        self._decided: tuple[Decision, Car] | None = None
        self._held: Moment | None = None
        self._now = self._pull()
        self.ready = True

    # -- looking -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Look, and draw what there is."""
        self._now = self._pull()
        self.redraw()

    @property
    def facts(self) -> LiveFacts:
        """What is so right now, also while the screen is frozen."""
        assert self._now.live is not None
        return self._now.live

    def _pull(self) -> Moment:
        pull = self._bus.pull()
        snapshot = pull.snapshot or nothing_known(pull.track.stream_ns)
        return Moment(
            pull.track,
            snapshot,
            lambda: pull.findings,
            self._bus.card,
            self.guide_sight,
            self._car_of(pull.decision),
            live=self._facts_of(pull),
        )

    def asking(self) -> AskLook:
        """Return how level ASK stands."""
        return AskLook()

    def commanding(self) -> CommandLook:
        """Return how level ACT stands."""
        return CommandLook()

    def _facts_of(self, pull: LivePull) -> LiveFacts:
        named, state = self._bus.named, self._bus.state
        return LiveFacts(
            state=state,
            ask=self.asking(),
            command=self.commanding(),
            troubles=pull.troubles,
            told=pull.told,
            shown=max(0, pull.track.position - state.sent),
            behind=self._bus.behind,
            named="" if named is None else plain_text(named.name),
            can_ask=named is not None and bool(named.polls),
            now_ns=self._wall_ns(),
            forgotten_kinds=pull.forgotten_kinds,
        )

    def _car_of(self, decision: Decision | None) -> Car | None:
        if decision is None:
            return None
        if self._decided is None or self._decided[0] is not decision:
            car = Car(
                decision.profile,
                decision.identified,
                decision.watch,
                partial(self._bus.databases, decision),
                decision.notes,
            )
            self._decided = (decision, car)
        return self._decided[1]

    # -- drawing -----------------------------------------------------------------------------

    def moment(self) -> Moment:
        """Return now, or the moment at which the screen was frozen."""
        return self._held or self._now

    def top_line(self, moment: Moment, width: int) -> Line:
        """Return vehicle, bus, level, recording and time of day."""
        return top_line(self._now, self.facts, width)

    def bus_text(self, moment: Moment, *, short: bool) -> Line:
        """Return rate, load and errors."""
        return bus_text(self._now, self.facts, short=short)

    def bar(self, moment: Moment, width: int) -> Line:
        """Return the counters."""
        return counter_line(self.facts, width)

    def banner(self, moment: Moment, width: int) -> list[Line]:
        """Return what is wrong right now."""
        rows = _BANNER_ROWS if self.size.height < _ROOMY else _BANNER_ROWS_WITH_ROOM
        return banner_lines(self._now, self.facts, self._held, width, rows)

    def titles(self) -> Mapping[str, str]:
        """Return what the keys do that switch something."""
        return {} if self._held is None else {"hold": "go on"}

    # -- acting ------------------------------------------------------------------------------

    def do_hold(self) -> None:
        """Freeze the screen, or go on with now."""
        if self._held is not None:
            self._held = None
            return
        self._held = replace(self._now, frozen=True)
        # Laid over now: later the bus would have gone on.
        _ = self._held.card

    # -- the guide ---------------------------------------------------------------------------

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows now."""
        return self._bus.guide_page(texts)

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide."""
        self._bus.answer(step, answer)

    async def do_guide_me(self) -> None:
        """Go to the guide; begin it where nobody is guided yet."""
        was_there = self.view_name == "guide"
        await self.show_view("guide")
        page = self.guide_page(self.guide_texts)
        if page is None or (was_there and page.phase == "ended"):
            self.begin_guide()

    def begin_guide(self) -> None:
        """Begin with the first question."""
        self.begin_guide_at(GuideStart(self.guide_texts))

    def begin_guide_at(self, start: GuideStart) -> None:
        """Guide the person from a step on, with what was answered before it."""
        from evdiag.guiding import begin

        begin(self._bus, start.place, list(start.earlier))

    # -- the car -----------------------------------------------------------------------------

    def do_vehicle(self) -> None:
        """Have the person say which car it is."""
        cars = [
            Entry(identifier, plain_text(name), plain_text(identifier))
            for identifier, name in self._bus.vehicles()
        ]
        entries = [Entry(_ANY_CAR, "recognise it", "by its frames"), *cars]
        chosen = "" if self._now.car is None else self._now.car.profile.id

        def name(vehicle: str | None) -> None:
            if vehicle is not None:
                self.name_vehicle(vehicle or None)

        self.push_screen(Choice("Which car is it?", entries, chosen=chosen), name)

    def name_vehicle(self, vehicle: str | None) -> None:
        """Have it be this car, or be recognised anew."""
        try:
            self._bus.name_vehicle(vehicle)
        except EvdiagError as error:
            self.say(str(error), seconds=6)
        self._held = None
