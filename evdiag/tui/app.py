"""The replay screen: one recording, played, behind six tabs.

The app owns the playback and a clock that ticks ten times a second. A tick plays on and asks the
view in sight to draw the moment; nothing is pushed per frame. What keys, footer, palette and help
can do is the registry in `evdiag.tui.actions`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Click
from textual.widgets import Input

from evdiag.errors import EvdiagError
from evdiag.plain import plain_text
from evdiag.tui.actions import ACTIONS, BY_ID, shown_key
from evdiag.tui.config import TuiConfig, read_config
from evdiag.tui.dialogs import ask_note, ask_time
from evdiag.tui.fixed_lines import (
    Spot,
    bar_place,
    footer_line,
    playback_bar,
    spot_at,
    tab_line,
    top_line,
)
from evdiag.tui.help_screen import HelpScreen
from evdiag.tui.lines import LinePane
from evdiag.tui.moment import Moment, Played
from evdiag.tui.palette import Palette
from evdiag.tui.themes import THEMES
from evdiag.tui.view import View

if TYPE_CHECKING:
    from evdiag.session.playback import Playback
    from evdiag.wiring import Analysis

PULL_S = 0.1
"""Between two pulls of the screen."""

VIEWS = {
    "port": ("evdiag.tui.port_view", "PortView"),
    "attempts": ("evdiag.tui.attempts_view", "AttemptsView"),
    "trace": ("evdiag.tui.trace_view", "TraceView"),
    "signals": ("evdiag.tui.signals_view", "SignalsView"),
    "bus": ("evdiag.tui.bus_view", "BusView"),
    "findings": ("evdiag.tui.findings_view", "FindingsView"),
}
"""Module and class of each view; none is needed before the screen has painted."""

FIXED_LINES = ("top", "tabs", "lock", "bar", "keys")
"""The lines that never move, by their ids, from the top."""

WHILE_READING = ("quit", "theme")
"""What can be done before the recording has been read."""

_LIST_MOVES = {"up": -1, "down": 1}
_PAGES = {"page_up": -1, "page_down": 1}


class ReplayApp(App[None]):
    """Plays a recording on the whole terminal.

    `analysis` may be a function that reads it: then the screen paints first, and the recording is
    read behind it. What that function raises ends the app and is kept in `failure`.
    """

    COMMANDS = {Palette}  # noqa: RUF012 - declared as it is in the base class
    COMMAND_PALETTE_BINDING = ""
    BINDINGS: ClassVar[list[BindingType]] = []
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (77, "-normal"), (108, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (23, "-medium"), (34, "-tall")]  # noqa: RUF012

    CSS = """
    #top { height: 1; background: $panel; }
    #tabs { height: 1; background: $surface; }
    #lock { height: 1; }
    #stage { height: 1fr; }
    #bar { height: 1; background: $surface; }
    #keys { height: 1; background: $panel; }
    """

    def __init__(
        self,
        analysis: Analysis | Callable[[], Analysis],
        *,
        speed: float = 1.0,
        paused: bool = False,
        clock: Callable[[], float] = time.monotonic,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__()
        self.config = config or read_config()
        self.playback: Playback
        self.played: Played
        self.ready = False
        self.failure: EvdiagError | None = None
        self._speed = speed
        self._paused = paused
        self._read: Analysis | None = None
        self._reader: Callable[[], Analysis] | None = None
        if callable(analysis):
            self._reader = analysis
        else:
            self.begin(analysis)
        self.view_name = "port"
        self._clock = clock
        self._last_s = clock()
        self._will_redraw = False
        self._spots: dict[str, list[Spot]] = {"tabs": [], "keys": []}
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.config.theme
        for action in ACTIONS:
            for key in self.config.keys[action.id]:
                self.bind(key, f"act({action.id!r})", description=action.title, show=False)

    def compose(self) -> ComposeResult:
        """The lines that never move, and the stage between them."""
        yield LinePane(id="top")
        yield LinePane(id="tabs")
        yield LinePane(id="lock")
        yield Container(id="stage")
        yield LinePane(id="bar")
        yield LinePane(id="keys")

    async def on_mount(self) -> None:
        """Start to pull; what is still to be read is read once the screen has painted."""
        self._last_s = self._clock()
        self.set_interval(PULL_S, self.tick)
        if self._reader is not None:
            self.call_after_refresh(self._start_reading, self._reader)
        else:
            await self.show_view("port")

    # -- reading -----------------------------------------------------------------------------

    def begin(self, analysis: Analysis) -> None:
        """Take the recording that has been read."""
        self.playback = analysis.playback()
        self.playback.speed = self._speed
        self.playback.playing = not self._paused and self.playback.frames > 0
        self.played = Played(analysis, self.playback)
        self.ready = True

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
            self.call_next(self.show_view, "port")

    # -- drawing -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Let the time that went by pass in the playback, and draw what came of it."""
        if not self.ready:
            self._look_at_reader()
            return
        now_s = self._clock()
        passed_s, self._last_s = now_s - self._last_s, now_s
        if self.playback.playing:
            self.playback.pass_real_time(passed_s)
            self.redraw()

    def redraw(self) -> None:
        """Draw this moment: the fixed lines, and the view in sight."""
        if not self._shown():
            return
        # Needs what reading a recording loads: not before the first paint.
        from evdiag.tui.port_lines import lock_line

        moment = Moment(self.played, self.playback.session.snapshot())
        width = self.size.width
        keys = self.config.keys
        tabs, self._spots["tabs"] = tab_line(moment, self.view_name, keys, width)
        footer, self._spots["keys"] = footer_line(
            self.view_name, keys, width, playing=self.playback.playing
        )
        lines = {
            "top": top_line(moment, width),
            "tabs": tabs,
            "lock": lock_line(moment, width),
            "bar": playback_bar(moment, width),
            "keys": footer,
        }
        for name, line in lines.items():
            self._pane(name).put([line])
        self._pane("lock").display = self.view_name != "port"
        self.view.show(moment)

    @property
    def view(self) -> View:
        """The view in sight."""
        return self.screen_stack[0].query_one(f"#{self.view_name}", View)

    def _shown(self) -> bool:
        """True while every part is there: a tick may come before all are, or while they go."""
        if not self.ready or not self.screen_stack:
            return False
        screen = self.screen_stack[0]
        return all(screen.query(f"#{name}") for name in (*FIXED_LINES, self.view_name))

    def _pane(self, name: str) -> LinePane:
        return self.screen_stack[0].query_one(f"#{name}", LinePane)

    def on_drawing_resized(self) -> None:
        """Draw for the new sizes, once, when every part has its own."""
        if not self._will_redraw:
            self._will_redraw = True
            self.call_after_refresh(self._redraw_resized)

    def _redraw_resized(self) -> None:
        self._will_redraw = False
        self.redraw()

    def on_line_list_moved(self) -> None:
        """Draw what belongs to the chosen line."""
        self.redraw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Draw what the filter lets through."""
        self.redraw()

    # -- acting ------------------------------------------------------------------------------

    async def action_act(self, name: str) -> None:
        """Do an action of the registry, by its key."""
        await self.act(name)

    async def act(self, name: str) -> None:
        """Do an action of the registry."""
        if not self.ready and name not in WHILE_READING:
            return
        if not self.ready:
            getattr(self, f"do_{name}")()
            return
        from evdiag.tui.transport import TRANSPORT

        local = self.view.local_action(name)
        if name in TRANSPORT:
            TRANSPORT[name](self.playback)
        elif name.startswith("view_"):
            await self.show_view(name.removeprefix("view_"))
        elif local is not None:
            local()
        elif BY_ID[name].views:
            self._say_where(name)
        elif not self._moved_in_list(name):
            getattr(self, f"do_{name}")()
        self.redraw()

    async def show_view(self, name: str) -> None:
        """Bring a view into sight; it is made when it is first asked for."""
        stage = self.screen_stack[0].query_one("#stage", Container)
        if not stage.query(f"#{name}"):
            module, view_class = VIEWS[name]
            made: View = getattr(import_module(module), view_class)()
            await stage.mount(made)
        for view in stage.query(View):
            view.display = name == view.NAME
        self.view_name = name
        self.screen_stack[0].set_focus(self.view.main_list)
        self.redraw()

    def do_go_to(self) -> None:
        """Ask for a time and go there."""

        def go(seconds: float | None) -> None:
            if seconds is not None:
                self.playback.seek(seconds)
                self.redraw()

        self.push_screen(ask_time(), go)

    def do_mark(self) -> None:
        """Mark this place."""
        self.playback.mark(f"mark {len(self.playback.marks) + 1}")

    def do_mark_with_text(self) -> None:
        """Mark this place with a note; the place is where the key was pressed."""
        row = max(self.playback.position - 1, 0)

        def mark(text: str | None) -> None:
            if text:
                self.playback.mark(text, row)
                self.redraw()

        self.push_screen(ask_note(), mark)

    def do_copy(self) -> None:
        """Copy the chosen line, or what is shown."""
        text = self.view.text_to_copy()
        self.copy_to_clipboard(text)
        self.say("copied" if text else "nothing here to copy")

    def do_help(self) -> None:
        """Help for what is in sight."""
        self.push_screen(HelpScreen(self.view.ABOUT, self.view_name, self.config.keys))

    def do_palette(self) -> None:
        """Open the palette."""
        self.action_command_palette()

    def do_theme(self) -> None:
        """Go to the next theme."""
        names = list(THEMES)
        self.use_theme(names[(names.index(self.theme) + 1) % len(names)])

    def use_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = name
        self.call_after_refresh(self.redraw)

    def do_quit(self) -> None:
        """Leave."""
        self.exit()

    def say(self, text: str) -> None:
        """Tell the person something in passing; never read as markup."""
        self.notify(plain_text(text), timeout=2, markup=False)

    def _moved_in_list(self, name: str) -> bool:
        listed = self.view.main_list
        if name not in _LIST_MOVES and name not in _PAGES and name not in ("top", "bottom"):
            return False
        if listed is None:
            return True
        if name in _LIST_MOVES:
            listed.move(_LIST_MOVES[name])
        elif name in _PAGES:
            listed.page(_PAGES[name])
        else:
            listed.move(-listed.count if name == "top" else listed.count)
        return True

    def _say_where(self, name: str) -> None:
        tabs = [BY_ID[f"view_{view}"] for view in BY_ID[name].views]
        where = " or ".join(
            " ".join([*map(shown_key, self.config.keys[tab.id][:1]), tab.title]) for tab in tabs
        )
        self.say(f"{BY_ID[name].title}: only in {where}")

    # -- the mouse, which can do nothing that a key cannot ---------------------------------------

    async def on_click(self, event: Click) -> None:
        """Tabs, keys and the playback bar can be clicked."""
        name = getattr(event.widget, "id", None)
        if name in self._spots:
            action = spot_at(self._spots[name], event.x)
            if action is not None:
                await self.act(action)
        elif name == "bar" and self.ready:
            self.playback.seek(bar_place(event.x, self.size.width, self.playback))
            self.redraw()
