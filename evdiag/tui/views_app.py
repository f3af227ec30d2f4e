"""Seven views behind tabs, between lines that never move: what a replay and a live bus share.

An app draws ten times a second: it asks for the moment that is to be shown and has the view in
sight draw it; nothing is pushed per frame. What keys, footer, palette and help can do is the
registry in `evdiag.tui.actions`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Click
from textual.widgets import Input

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.tui.actions import BY_ID, Deck, actions_for, meant, shown_key, withheld
from evdiag.tui.config import TuiConfig
from evdiag.tui.fixed_lines import Spot, footer_line, spot_at, tab_line
from evdiag.tui.help_screen import HelpScreen, help_lines
from evdiag.tui.lines import Line, LinePane
from evdiag.tui.palette import Palette
from evdiag.tui.themed_app import ThemedApp
from evdiag.tui.view import View

if TYPE_CHECKING:
    from evdiag.guide.page import Page
    from evdiag.guide.texts import Texts
    from evdiag.tui.guide_lines import Sight
    from evdiag.tui.guide_pane import GuidePane
    from evdiag.tui.moment import Moment

PULL_S = 0.08
"""Between two pulls of the screen: ten a second are left when a busy bus makes some come late."""

VIEWS = {
    "port": ("evdiag.tui.port_view", "PortView"),
    "attempts": ("evdiag.tui.attempts_view", "AttemptsView"),
    "trace": ("evdiag.tui.trace_view", "TraceView"),
    "signals": ("evdiag.tui.signals_view", "SignalsView"),
    "bus": ("evdiag.tui.bus_view", "BusView"),
    "guide": ("evdiag.tui.guide_view", "GuideView"),
    "findings": ("evdiag.tui.findings_view", "FindingsView"),
}
"""Module and class of each view; none is needed before the screen has painted."""

FIXED_LINES = ("top", "tabs", "banner", "lock", "bar", "keys")
"""The lines that never move, by their ids, from the top."""

WITHOUT_A_MOMENT = ("quit", "theme")
"""What can be done before there is anything to show."""

_LIST_MOVES = {"up": -1, "down": 1}
ONLY_LOOKS: Final = "this screen only looks: nothing is sent, recorded or kept from here"
_PAGES = {"page_up": -1, "page_down": 1}


class ViewsApp(ThemedApp):
    """The common part; a subclass says which moment is shown and what its own lines say.

    `ready` is false until there is a moment to show.
    """

    COMMANDS = {Palette}  # noqa: RUF012 - declared as it is in the base class
    COMMAND_PALETTE_BINDING = ""
    BINDINGS: ClassVar[list[BindingType]] = []
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (77, "-normal"), (108, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (23, "-medium"), (34, "-tall")]  # noqa: RUF012

    CSS = """
    #top { height: 1; background: $panel; }
    #tabs { height: 1; background: $surface; }
    #banner { display: none; background: $surface; }
    #lock { height: 1; }
    #stage { height: 1fr; }
    #bar { height: 1; background: $surface; }
    #keys { height: 1; background: $panel; }
    ToastRack { margin-bottom: 2; }
    """

    def __init__(self, decks: Collection[Deck], config: TuiConfig | None = None) -> None:
        super().__init__(config)
        self.decks = decks
        self.ready = False
        self.view_name = "port"
        self._will_redraw = False
        self._spots: dict[str, list[Spot]] = {"tabs": [], "keys": []}
        known = [*actions_for(decks), *withheld(decks)]
        keys = [key for action in known for key in self.config.keys[action.id]]
        for key in dict.fromkeys(keys):
            self.bind(key, f"press({key!r})", show=False)

    # -- what a subclass says --------------------------------------------------------------------

    def tick(self) -> None:
        """Ten times a second: let time pass, and draw what came of it."""
        raise NotImplementedError

    def moment(self) -> Moment:
        """Return what is to be shown."""
        raise NotImplementedError

    def top_line(self, moment: Moment, width: int) -> Line:
        """Return where the data comes from."""
        raise NotImplementedError

    def bus_text(self, moment: Moment, *, short: bool) -> Line:
        """Return the bus in a few words."""
        raise NotImplementedError

    def bar(self, moment: Moment, width: int) -> Line:
        """Return the line above the keys."""
        raise NotImplementedError

    def banner(self, moment: Moment, width: int) -> list[Line]:
        """Return what is wrong right now; nothing where nothing is."""
        return []

    def titles(self) -> Mapping[str, str]:
        """Return the footer's words that differ at the moment, by action."""
        return {}

    def transport(self, name: str) -> bool:
        """Do an action that moves what is shown; False where it is none."""
        return False

    def on_bar_clicked(self, cell: int) -> None:
        """Somebody clicked on the line above the keys."""

    def more_offers(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """Return what the palette offers beside the registry: name, words, doing it."""
        return ()

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows now; None while nobody is guided."""
        raise NotImplementedError

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide."""
        raise NotImplementedError

    def begin_guide(self) -> None:
        """Begin to guide the person."""
        raise NotImplementedError

    # -- drawing -----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The lines that never move, and the stage between them."""
        for name in FIXED_LINES[:4]:
            yield LinePane(id=name)
        yield Container(id="stage")
        for name in FIXED_LINES[4:]:
            yield LinePane(id=name)

    async def on_mount(self) -> None:
        """Start to pull."""
        self.set_interval(PULL_S, self.tick)
        if self.ready:
            await self.show_view(self.view_name)

    def redraw(self) -> None:
        """Draw the moment: the fixed lines, and the view in sight."""
        if not self._shown():
            return
        # Needs what reading a recording loads: not before the first paint.
        from evdiag.tui.port_lines import lock_line

        moment, width, keys = self.moment(), self.size.width, self.config.keys
        bus = self.bus_text(moment, short=width < 96)
        tabs, self._spots["tabs"] = tab_line(moment, self.view_name, keys, bus, width)
        footer, self._spots["keys"] = footer_line(
            self.view_name, keys, width, self.decks, self.titles()
        )
        banner = self.banner(moment, width)
        self._pane("banner").styles.height = len(banner)
        self._pane("banner").display = bool(banner)
        self._pane("lock").display = self.view_name != "port"
        for name, lines in (
            ("top", [self.top_line(moment, width)]),
            ("tabs", [tabs]),
            ("banner", banner),
            ("lock", [lock_line(moment, width)]),
            ("bar", [self.bar(moment, width)]),
            ("keys", [footer]),
        ):
            self._pane(name).put(lines)
        self.view.show(moment)

    @property
    def view(self) -> View:
        """The view in sight."""
        return self.screen_stack[0].query_one(f"#{self.view_name}", View)

    def _shown(self) -> bool:
        return self.ready and self._has(*FIXED_LINES, self.view_name)

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

    async def action_press(self, key: str) -> None:
        """Do what a key means in the view in sight, or say that only looking is possible here."""
        action = meant(key, self.view_name, self.decks, self.config.keys)
        if action is not None:
            await self.act(action.id)
        else:
            self.say(ONLY_LOOKS, seconds=6)

    async def act(self, name: str) -> None:
        """Do an action of the registry."""
        if not self.ready:
            if name in WITHOUT_A_MOMENT:
                getattr(self, f"do_{name}")()
            return
        local = self.view.local_action(name)
        if self.transport(name):
            pass
        elif name.startswith("view_"):
            await self.show_view(name.removeprefix("view_"))
        elif local is not None:
            local()
        elif BY_ID[name].views:
            self._say_where(name)
        elif not self._moved_in_list(name):
            done = getattr(self, f"do_{name}")()
            if isawaitable(done):
                await done
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

    # -- the guide ---------------------------------------------------------------------------

    def guide_sight(self) -> Sight:
        """Return what there is to see of the guide right now, whatever else stands still."""
        from evdiag.tui.guide_lines import Sight

        return Sight(self.guide_page(self.guide_texts), self.guide_texts, self.config.keys)

    @cached_property
    def guide_texts(self) -> Texts:
        """The guide's words, in the person's language; in ours where nobody wrote that."""
        from evdiag.guide_files import DEFAULT_LANGUAGE, spoken_language, texts

        try:
            return texts(spoken_language())
        except BadInputError as error:
            self.say(str(error), seconds=6)
            return texts(DEFAULT_LANGUAGE)

    async def on_guide_pane_begun(self) -> None:
        """The person wants to be guided."""
        self.begin_guide()
        self.redraw()

    def on_guide_pane_said(self, said: GuidePane.Said) -> None:
        """The person said something to the guide."""
        self.answer(said.step, said.answer)
        self.redraw()

    # -- what needs no view ------------------------------------------------------------------

    def do_copy(self) -> None:
        """Copy the chosen line, or what is shown."""
        text = self.view.text_to_copy()
        self.copy_to_clipboard(text)
        self.say("copied" if text else "nothing here to copy")

    def do_help(self) -> None:
        """Help for what is in sight."""
        about, view, keys = self.view.ABOUT, self.view_name, self.config.keys
        self.push_screen(HelpScreen(lambda width: help_lines(about, view, keys, self.decks, width)))

    def do_palette(self) -> None:
        """Open the palette."""
        self.action_command_palette()

    def do_theme(self) -> None:
        """Go to the next theme."""
        self.action_theme()
        self.call_after_refresh(self.redraw)

    def use_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = name
        self.call_after_refresh(self.redraw)

    def do_quit(self) -> None:
        """Leave."""
        self.exit()

    def say(self, text: str, *, seconds: float = 2) -> None:
        """Tell the person something in passing; never read as markup."""
        self.notify(plain_text(text), timeout=seconds, markup=False)

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
        if BY_ID[name].group == "Guide":
            return  # Escape and letters are pressed for many reasons.
        tabs = [BY_ID[f"view_{view}"] for view in BY_ID[name].views]
        where = " or ".join(
            " ".join([*map(shown_key, self.config.keys[tab.id][:1]), tab.title]) for tab in tabs
        )
        self.say(f"{BY_ID[name].title}: only in {where}")

    # -- the mouse, which can do nothing that a key cannot ---------------------------------------

    async def on_click(self, event: Click) -> None:
        """Tabs, keys and the bar can be clicked."""
        name = getattr(event.widget, "id", None)
        if name in self._spots:
            action = spot_at(self._spots[name], event.x)
            if action is not None:
                await self.act(action)
        elif name == "bar" and self.ready:
            self.on_bar_clicked(event.x)
            self.redraw()
