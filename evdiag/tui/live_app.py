"""The live screen: a bus that is being listened to, recorded and followed elsewhere.

The screen only looks, ten times a second. Freezing it, or closing it, stops nothing but itself; and
nothing a key does here can transmit, but for a word that is typed (`do_ask`, `do_command`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.events import Event, Key

from evdiag.errors import EvdiagError
from evdiag.plain import plain_text
from evdiag.session.snapshot import nothing_known
from evdiag.tui.actions import LIVE, LIVE_WITH_CAR, shown_key
from evdiag.tui.choice import Choice, Entry
from evdiag.tui.config import TuiConfig
from evdiag.tui.control_desk import ControlDesk
from evdiag.tui.dialogs import ask_note
from evdiag.tui.guide_start import GuideStart
from evdiag.tui.lines import Line
from evdiag.tui.live_bus import LiveBus
from evdiag.tui.live_dialogs import AskDialog, Leaving
from evdiag.tui.live_facts import LiveFacts
from evdiag.tui.live_top import banner_lines, bus_text, counter_line, duration_text, top_line
from evdiag.tui.moment import Car, Moment
from evdiag.tui.views_app import ViewsApp
from evdiag.tui.virtual_car import VirtualCar
from evdiag.tui.words import counted

if TYPE_CHECKING:
    from evdiag.guide.page import Page
    from evdiag.guide.texts import Texts
    from evdiag.session.following import Decision
    from evdiag.session.live_window import LivePull
    from evdiag.vehicles.profile import Profile

_ANY_CAR = ""
_ROOMY = 23
ABORTS_ANYWAY = ("X",)
"""What aborts a command where the person has bound no key to that."""

_BANNER_ROWS, _BANNER_ROWS_WITH_ROOM = 3, 4
"""Lines of trouble at most, on a terminal of fewer lines than `_ROOMY` and on any other."""


class LiveApp(ViewsApp):
    """Shows a live bus on the whole terminal.

    `bus` is listened to already, and goes on when the app has ended. `car` is a virtual one that
    the person can do things to. `wall_ns` tells the time of day. With `guide` the person is guided
    from the first moment on.
    """

    def __init__(
        self,
        bus: LiveBus,
        *,
        car: VirtualCar | None = None,
        guide: GuideStart | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(LIVE if car is None else LIVE_WITH_CAR, config)
        self._bus = bus
        self._virtual_car = car
        self._wall_ns = wall_ns
        self._decided: tuple[Decision, Car] | None = None
        self._held: Moment | None = None
        self._notes = 0
        self._said_failure = ""
        self._stops = self.config.keys["abort"] or ABORTS_ANYWAY
        self._desk = ControlDesk(self, bus.commands, shown_key(self._stops[0]))
        self._guide_start = guide
        if guide is not None:
            self.guide_texts = guide.texts
            self.view_name = "guide"
        self._now = self._pull()
        self._loop_of_screen: asyncio.AbstractEventLoop | None = None
        self.ready = True

    async def on_mount(self) -> None:
        """Begin to guide, where that is wanted from the first moment on."""
        self._loop_of_screen = asyncio.get_running_loop()
        if self._guide_start is not None:
            self._begin_guide_at(self._guide_start)

    def leave_soon(self) -> None:
        """Leave in good order; may be called from any thread."""
        if self._loop_of_screen is not None:
            self._loop_of_screen.call_soon_threadsafe(self.exit)

    # -- looking -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Look, and draw what there is."""
        self._desk.tick()
        self._now = self._pull()
        self._say_failure()
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

    def _facts_of(self, pull: LivePull) -> LiveFacts:
        named, state = self._bus.named, self._bus.state
        return LiveFacts(
            state=state,
            ask=self._bus.ask.look(),
            command=self._desk.look,
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
        """Return that a command is under way, and what is wrong right now."""
        rows = _BANNER_ROWS if self.size.height < _ROOMY else _BANNER_ROWS_WITH_ROOM
        acting = self._desk.banner(width)
        wrong = banner_lines(self._now, self.facts, self._held, width, rows)
        return wrong if acting is None else [acting, *wrong]

    def titles(self) -> Mapping[str, str]:
        """Return what the keys do that switch something."""
        found = {}
        if self._held is not None:
            found["hold"] = "go on"
        if self._is_recording:
            found["record"] = "stop rec"
        if self.facts.ask.state != "off":
            found["ask"] = "stop ask"
        return found

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
        """Begin with the first question; what is done is recorded from here on."""
        self._begin_guide_at(GuideStart(self.guide_texts))

    def _begin_guide_at(self, start: GuideStart) -> None:
        from evdiag.guiding import begin

        if not self._is_recording:
            self._bus.start_recording()
            self.say("recording: what the guide does goes into it", seconds=4)
        begin(self._bus, start.place, list(start.earlier))

    # -- marks, recorder, car ----------------------------------------------------------------

    def do_mark(self) -> None:
        """Mark this moment."""
        self._notes += 1
        self._mark(f"mark {self._notes}")

    def do_mark_with_text(self) -> None:
        """Mark this moment, at once, and once more when the note to it has been typed."""
        self._notes += 1
        name = f"mark {self._notes}"
        self._mark(name)

        def note(text: str | None) -> None:
            if text:
                self._mark(f"{name}: {text}")

        self.push_screen(ask_note(), note)

    def _mark(self, text: str) -> None:
        self._bus.mark(text)
        kept = "" if self._is_recording else "; not recording: R writes the last 60 s"
        self.say(f"{text}{kept}")

    @property
    def _is_recording(self) -> bool:
        return self.facts.recording_s is not None

    def do_record(self) -> None:
        """Start to record, or stop."""
        if self._is_recording:
            self._bus.stop_recording()
            files = self.facts.state.recorder.files if self.facts.state.recorder else ()
            self.say(f"recording closed: {files[-1].name}" if files else "recording closed")
        else:
            self._bus.start_recording()
            self.say("recording, with the last 60 s in it")

    def do_vehicle(self) -> None:
        """Have the person say which car it is."""
        if self._desk.refuses("another car"):
            return
        cars = [
            Entry(identifier, plain_text(name), plain_text(identifier))
            for identifier, name in self._bus.vehicles()
        ]
        entries = [Entry(_ANY_CAR, "recognise it", "by its frames"), *cars]
        chosen = "" if self._now.car is None else self._now.car.profile.id

        def name(vehicle: str | None) -> None:
            if vehicle is not None:
                self._name_vehicle(vehicle or None)

        self.push_screen(Choice("Which car is it?", entries, chosen=chosen), name)

    def _name_vehicle(self, vehicle: str | None) -> None:
        self._bus.ask.end()
        try:
            self._bus.name_vehicle(vehicle)
        except EvdiagError as error:
            self.say(str(error), seconds=6)
        self._held = None

    def do_ask(self) -> None:
        """Stop asking; or say what asking does, and begin once the word has been typed."""
        if self._desk.refuses("asking"):
            return
        if self.facts.ask.state != "off":
            self._bus.ask.end()
            self.say("LISTEN: nothing is sent any more")
            return
        profile = self._profile_to_ask()
        if profile is None:
            self.say("which car? v names it: what may be asked differs from car to car", seconds=6)
            return
        try:
            plan = self._bus.ask.plan(profile)
        except EvdiagError as error:
            self.say(str(error), seconds=6)
            return

        def begin(agreed: bool | None) -> None:
            if agreed:
                self._bus.ask.begin(profile)

        self.push_screen(AskDialog(plan), begin)

    def _profile_to_ask(self) -> Profile | None:
        return self._bus.named if self._now.car is None else self._now.car.profile

    # -- commands ----------------------------------------------------------------------------

    def do_command(self) -> None:
        """Show what can be commanded; from a step of the guide the command that it wants."""
        page = self.guide_page(self.guide_texts) if self.view_name == "guide" else None
        wanted = None if page is None else page.command
        self._desk.open(self._profile_to_ask(), self._always_seen, wanted, self.do_guide_me)

    def do_abort(self) -> None:
        """Abort the command that is under way."""
        self._desk.abort()

    async def on_event(self, event: Event) -> None:
        """Have the key that aborts do so before all else that it may mean, in every dialog.

        While there is nothing to abort it is a key like any other.
        """
        stops = isinstance(event, Key) and not event.is_forwarded and event.key in self._stops
        if stops and self._desk.is_under_way:
            self._desk.abort()
        else:
            await super().on_event(event)

    def _always_seen(self, width: int) -> list[Line]:
        # Needs what reading a recording loads: not before the first paint.
        from evdiag.tui.port_lines import lock_line

        return [self.top_line(self._now, width), lock_line(self._now, width)]

    def _say_failure(self) -> None:
        failure = self.facts.ask.failure
        if failure and failure != self._said_failure:
            self.say(f"not asking: {failure}", seconds=10)
        self._said_failure = failure

    def do_car(self) -> None:
        """Offer what can be done at the virtual car."""
        if self._virtual_car is not None:
            from evdiag.tui.car_menu import CarMenu

            self.push_screen(CarMenu(self._virtual_car))

    def more_offers(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """Return what can be done at the virtual car."""
        car = self._virtual_car
        for act, words, key in () if car is None else car.acts():
            assert car is not None
            yield f"At the car: {plain_text(words)}", f"c {key}", partial(car.do, act)

    def do_quit(self) -> None:
        """Leave; while it records, ask first. A command that is under way is aborted at once."""
        self._desk.leave()
        recorder, recording_s = self.facts.state.recorder, self.facts.recording_s
        if recorder is None or recording_s is None:
            self.exit()
            return
        said = f"Recording {duration_text(recording_s)}, {counted(recorder.frames, 'frame')}."
        if self.facts.alarm:
            said = f"Not recording: no disk takes the {counted(recorder.held, 'frame')} in memory."

        def leave(agreed: bool | None) -> None:
            if agreed:
                self.exit()

        self.push_screen(Leaving(f"{said} Stop and leave?"), leave)

    async def action_quit(self) -> None:
        """Textual's own key to leave asks, too."""
        if not isinstance(self.screen, Leaving):
            self.do_quit()
