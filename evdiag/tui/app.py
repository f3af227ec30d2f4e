"""The replay screen: one recording, played.

The app owns the playback and a clock: a tick plays on by the real time that went by.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from evdiag.errors import EvdiagError
from evdiag.tui.actions import REPLAY, REPLAY_SEEN
from evdiag.tui.case_desk import CaseBook, CaseDesk, SeenCar
from evdiag.tui.config import TuiConfig
from evdiag.tui.dialogs import ask_note, ask_time
from evdiag.tui.guide_start import GuideStart
from evdiag.tui.lines import Line, LinePane
from evdiag.tui.moment import Car, Moment, Played
from evdiag.tui.replay_lines import bar_place, bus_text, playback_bar, top_line
from evdiag.tui.views_app import ViewsApp

if TYPE_CHECKING:
    from evdiag.guide.page import Page
    from evdiag.guide.texts import Texts
    from evdiag.session import Session
    from evdiag.session.playback import Playback
    from evdiag.tui.guide_lines import Sight
    from evdiag.wiring import Analysis


class ReplayApp(ViewsApp):
    """Plays a recording on the whole terminal.

    `analysis` may be a function that reads it: then the screen paints first, and the recording is
    read behind it. What that function raises ends the app and is kept in `failure`. With `guide`
    it opens at the end of the recording, where the person is guided. A screen that `only_looks`
    keeps no marks, and puts nothing into a case of the `book`.
    """

    def __init__(
        self,
        analysis: Analysis | Callable[[], Analysis],
        *,
        speed: float = 1.0,
        paused: bool = False,
        guide: GuideStart | None = None,
        book: CaseBook | None = None,
        only_looks: bool = False,
        clock: Callable[[], float] = time.monotonic,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(REPLAY_SEEN if only_looks else REPLAY, config)
        self.cases = CaseDesk(self, book)
        self.playback: Playback
        self.played: Played
        self.car: Car
        self.failure: EvdiagError | None = None
        self._speed = speed
        self._paused = paused or guide is not None
        self._guide_start = guide
        self._guided: Session | None = None
        if guide is not None:
            self.guide_texts = guide.texts
            self.view_name = "guide"
        self._read: Analysis | None = None
        self._reader: Callable[[], Analysis] | None = None
        if callable(analysis):
            self._reader = analysis
        else:
            self.begin(analysis)
        self._clock = clock
        self._last_s = clock()
        self._said_unkept = False

    async def on_mount(self) -> None:
        """Start the clock; what is still to be read is read once the screen has painted."""
        self._last_s = self._clock()
        if self._reader is not None:
            self.call_after_refresh(self._start_reading, self._reader)

    # -- reading -----------------------------------------------------------------------------

    def begin(self, analysis: Analysis) -> None:
        """Take the recording that has been read."""
        self.playback = analysis.playback()
        self.playback.speed = self._speed
        self.playback.playing = not self._paused and self.playback.frames > 0
        self.played = Played(analysis, self.playback)
        self.car = Car(
            analysis.profile,
            analysis.identified,
            analysis.watch,
            lambda: analysis.databases,
            analysis.warnings,
        )
        self.ready = True
        if self._guide_start is not None:
            self._begin_at_the_end(self._guide_start)

    def _begin_at_the_end(self, start: GuideStart) -> None:
        self.playback.step_frames(self.playback.frames)
        if self.guide_page(start.texts) is None or start.earlier:
            self._begin_guide_at(start)

    def _start_reading(self, reader: Callable[[], Analysis]) -> None:
        for top in self.screen_stack[0].query("#top").results(LinePane):
            top.put([[(" reading the recording …", "strong")]])
        # A daemon: whoever quits while a long file is read need not wait for its end.
        threading.Thread(target=self._run_reader, args=(reader,), daemon=True).start()

    def _run_reader(self, reader: Callable[[], Analysis]) -> None:
        try:
            self._read = reader()
        except EvdiagError as error:
            self.failure = error

    def _look_at_reader(self) -> None:
        if self.failure is not None:
            self.exit(return_code=self.failure.exit_code)
        elif self._read is not None:
            self.begin(self._read)
            self._last_s = self._clock()
            self.call_next(self.show_view, self.view_name)

    # -- drawing -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Let the time that went by pass in the playback, and draw what came of it."""
        if not self.ready:
            self._look_at_reader()
            return
        self.cases.tick()
        now_s = self._clock()
        passed_s, self._last_s = now_s - self._last_s, now_s
        if self.playback.playing:
            self.playback.pass_real_time(passed_s)
            self.redraw()

    def moment(self) -> Moment:
        """Return where the playback is."""
        session = self.playback.session
        return Moment(
            self.playback,
            session.snapshot(),
            session.findings,
            session.card,
            self.guide_sight,
            self.car,
            self.played,
        )

    def top_line(self, moment: Moment, width: int) -> Line:
        """Return vehicle, recording, position, play state and speed."""
        return top_line(moment, self.played, width)

    def bus_text(self, moment: Moment, *, short: bool) -> Line:
        """Return rate, load, errors, and what reading it met."""
        return bus_text(moment, self.played, short=short)

    def bar(self, moment: Moment, width: int) -> Line:
        """Return the whole recording as one line."""
        return playback_bar(self.playback, width)

    def titles(self) -> Mapping[str, str]:
        """Return what the play key does now."""
        return {"play": "pause"} if self.playback.playing else {}

    # -- acting ------------------------------------------------------------------------------

    # -- the guide ---------------------------------------------------------------------------

    def guide_sight(self) -> Sight:
        """Return how the guide stood, or stands, at this place."""
        from evdiag.tui.guide_lines import Sight

        self._miss_what_was_answered_here()
        texts = self.guide_texts
        page = self.guide_page(texts)
        return Sight(page, texts, self.config.keys, texts.word("idle_replayed"), "guide_begin")

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows at this place."""
        from evdiag.guide.page import page

        session = self.playback.session
        return page(session.guide(), session, texts, session.stream_ns or 0)

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide; it holds as long as the playback does not go back."""
        from evdiag.inputs import Answer

        session = self.playback.session
        self.playback.playing = False
        session.answer(Answer(session.stream_ns or 0, step, answer))
        self._guided = session

    def begin_guide(self) -> None:
        """Begin with the first question, at this place."""
        self._begin_guide_at(GuideStart(self.guide_texts))

    def _begin_guide_at(self, start: GuideStart) -> None:
        from evdiag.guiding import begin

        begin(self, start.place, list(start.earlier))

    def _miss_what_was_answered_here(self) -> None:
        if self._guided is not None and self._guided is not self.playback.session:
            self._guided = None
            self.say("the playback went back: what was answered to the guide is gone", seconds=5)

    # -- moving, marks -----------------------------------------------------------------------

    def transport(self, name: str) -> bool:
        """Move the playback, where the action does that."""
        from evdiag.tui.transport import TRANSPORT

        if name not in TRANSPORT:
            return False
        TRANSPORT[name](self.playback)
        return True

    def on_bar_clicked(self, cell: int) -> None:
        """Go to where somebody clicked."""
        self.playback.seek(bar_place(cell, self.size.width, self.playback))

    def do_go_to(self) -> None:
        """Ask for a time and go there."""

        def go(seconds: float | None) -> None:
            if seconds is not None:
                self.playback.seek(seconds)
                self.redraw()

        self.push_screen(ask_time(), go)

    def do_no_command(self) -> None:
        """Say why there is nothing to command here."""
        text = "a recording commands no car: there is no bus here; `evdiag connect` has one"
        self.say(text, seconds=6)

    def do_case(self) -> None:
        """Have the person choose a case, and put the recording into it."""
        capture, profile = self.played.analysis.capture, self.car.profile

        def take(number: int | None) -> None:
            if number is not None:
                self.say(f"case {number}: putting {self.played.name} into it …", seconds=4)
                self.cases.file(number, capture.name)

        vin = None if capture.journal is None else capture.journal.vin
        self.cases.ask(SeenCar(profile.id, profile.name, vin), take)

    def do_mark(self) -> None:
        """Mark this place."""
        self._mark(f"mark {len(self.playback.marks) + 1}")

    def do_mark_with_text(self) -> None:
        """Mark this place with a note; the place is where the key was pressed."""
        row = max(self.playback.position - 1, 0)

        def mark(text: str | None) -> None:
            if text:
                self._mark(text, row)
                self.redraw()

        self.push_screen(ask_note(), mark)

    def _mark(self, text: str, row: int | None = None) -> None:
        before = len(self.playback.marks)
        self.playback.mark(text, row)
        for made in self.playback.marks[before:]:
            problem = self.played.analysis.keep_mark(made)
            if problem is None:
                self.say(made.text)
            elif not self._said_unkept:
                self._said_unkept = True
                self.say(problem)
