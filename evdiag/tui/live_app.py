"""The live screen: a bus that is listened to, and a hand in what is recorded, asked and commanded.

Nothing a key does here can transmit, but for a word that is typed (`do_ask`, `do_command`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.events import Event, Key

from evdiag.errors import EvdiagError
from evdiag.plain import plain_text
from evdiag.tui.actions import LIVE, LIVE_WITH_CAR, shown_key
from evdiag.tui.case_desk import CaseBook, CaseDesk, SeenCar
from evdiag.tui.config import TuiConfig
from evdiag.tui.control_desk import ControlDesk
from evdiag.tui.dialogs import ask_note_of
from evdiag.tui.guide_start import GuideStart
from evdiag.tui.lines import Line
from evdiag.tui.listening_app import ListeningApp
from evdiag.tui.live_bus import LiveBus
from evdiag.tui.live_dialogs import AskDialog, Leaving
from evdiag.tui.live_top import counter_line, duration_text
from evdiag.tui.moment import Moment
from evdiag.tui.themed_app import INTERRUPT
from evdiag.tui.virtual_car import VirtualCar
from evdiag.tui.words import counted

if TYPE_CHECKING:
    from evdiag.levels import AskLook, CommandLook
    from evdiag.vehicles.profile import Profile

ABORTS_ANYWAY = ("X",)
"""What aborts a command where the person has bound no key to that."""


class LiveApp(ListeningApp):
    """Shows a live bus on the whole terminal; records, asks and commands when the person wants it.

    `car` is a virtual one that the person can do things to. With `guide` the person is guided from
    the first moment on. `case` is the case of the `book` that recordings go into, until the person
    chooses another one; a virtual car is in no book.
    """

    _bus: LiveBus

    def __init__(
        self,
        bus: LiveBus,
        *,
        car: VirtualCar | None = None,
        guide: GuideStart | None = None,
        book: CaseBook | None = None,
        case: int | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
        config: TuiConfig | None = None,
    ) -> None:
        decks = LIVE if car is None else LIVE_WITH_CAR
        super().__init__(bus, decks=decks, wall_ns=wall_ns, config=config)
        self._virtual_car = car
        self.cases = CaseDesk(self, book, case)
        self._vin: str | None = None
        self._notes = 0
        self._said_failure = ""
        self._guide_start = guide
        if guide is not None:
            self.guide_texts = guide.texts
            self.view_name = "guide"
        self._loop_of_screen: asyncio.AbstractEventLoop | None = None

    async def on_mount(self) -> None:
        """Begin to guide, where that is wanted from the first moment on."""
        self._loop_of_screen = asyncio.get_running_loop()
        if self._guide_start is not None:
            self.begin_guide_at(self._guide_start)

    def leave_soon(self) -> None:
        """Leave in good order; may be called from any thread."""
        if self._loop_of_screen is not None:
            self._loop_of_screen.call_soon_threadsafe(self.exit)

    @cached_property
    def _stops(self) -> tuple[str, ...]:
        return (*(self.config.keys["abort"] or ABORTS_ANYWAY), INTERRUPT)

    @cached_property
    def _desk(self) -> ControlDesk:
        return ControlDesk(self, self._bus.commands, shown_key(self._stops[0]))

    # -- looking -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Look, and draw what there is."""
        self._desk.tick()
        super().tick()
        self._say_failure()
        self.cases.tick()
        self._look_for_the_case()

    def asking(self) -> AskLook:
        """Return how level ASK stands."""
        return self._bus.ask.look()

    def commanding(self) -> CommandLook:
        """Return how level ACT stands."""
        return self._desk.look

    def banner(self, moment: Moment, width: int) -> list[Line]:
        """Return that a command is under way, and what is wrong right now."""
        acting, wrong = self._desk.banner(width), super().banner(moment, width)
        return wrong if acting is None else [acting, *wrong]

    def bar(self, moment: Moment, width: int) -> Line:
        """Return the counters, and the case that recordings go into."""
        return counter_line(self.facts, width, self.cases.number)

    def titles(self) -> Mapping[str, str]:
        """Return what the keys do that switch something."""
        found = dict(super().titles())
        if self._is_recording:
            found["record"] = "stop rec"
        if self.facts.ask.state != "off":
            found["ask"] = "stop ask"
        return found

    # -- guide, marks, recorder --------------------------------------------------------------

    def begin_guide_at(self, start: GuideStart) -> None:
        """Guide the person from a step on; what is done is recorded from here on."""
        if not self._is_recording:
            self._bus.start_recording()
            self.say("recording: what the guide does goes into it", seconds=4)
        super().begin_guide_at(start)

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

        self.push_screen(ask_note_of(name), note)

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
            if self._desk.refuses("stopping the recording"):
                return
            if self.facts.ask.state != "off":
                self.say("what is asked is recorded: A stops asking first", seconds=4)
                return
            self._bus.stop_recording()
            files = self.facts.state.recorder.files if self.facts.state.recorder else ()
            self.say(f"recording closed: {files[-1].name}" if files else "recording closed")
        else:
            self._bus.start_recording()
            self.say("recording begins, with the last 60 s in it")

    # -- the case book -----------------------------------------------------------------------

    def do_case(self) -> None:
        """Have the person choose the case that recordings go into, and record."""
        profile = self._profile_to_ask()
        known = ("", None) if profile is None else (profile.name, profile.id)
        self.cases.ask(SeenCar(known[1], known[0], self._vin), self._take_case)

    def _take_case(self, number: int | None) -> None:
        self.cases.number = number
        if number is None:
            self.say("no case: recordings go into none any more", seconds=4)
        elif self._is_recording:
            self.say(f"case {number}: the recording goes into it once it is closed", seconds=4)
        else:
            self._bus.start_recording()
            self.say(f"case {number}: recording begins, with the last 60 s in it", seconds=4)
        self.redraw()

    def _look_for_the_case(self) -> None:
        status, recorder = self.facts.ask.status, self.facts.state.recorder
        if status is not None and status.vin:
            self._vin = status.vin
        if recorder is not None:
            self.cases.file_new(recorder.ended)

    # -- car and asking ----------------------------------------------------------------------

    def do_vehicle(self) -> None:
        """Have the person say which car it is; not while a command is under way."""
        if not self._desk.refuses("another car"):
            super().do_vehicle()

    def name_vehicle(self, vehicle: str | None) -> None:
        """Have it be another car: this one is not asked any more."""
        self._bus.ask.end()
        self._vin = None
        super().name_vehicle(vehicle)

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
        pressed = event.key if isinstance(event, Key) and not event.is_forwarded else ""
        if pressed in self._stops and self._desk.is_under_way:
            self._desk.abort(shown_key(pressed))
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
        elif self.cases.number is not None:
            said = f"{said} It goes into case {self.cases.number}."

        def leave(agreed: bool | None) -> None:
            if agreed:
                self.exit()

        self.push_screen(Leaving(f"{said} Stop and leave?"), leave)

    async def action_quit(self) -> None:
        """Ctrl-C and Textual's own key to leave ask, too; who presses Ctrl-C twice means it."""
        if isinstance(self.screen, Leaving):
            self.exit()
        else:
            self.do_quit()
