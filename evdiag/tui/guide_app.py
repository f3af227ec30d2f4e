"""The guide alone on the whole terminal: no bus, the person's answers only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from evdiag.plain import plain_text
from evdiag.tui.actions import BY_ID, shown_key
from evdiag.tui.config import TuiConfig
from evdiag.tui.guide_lines import Sight
from evdiag.tui.guide_pane import GUIDE_HELP, GuidePane
from evdiag.tui.help_screen import HelpScreen, text_lines
from evdiag.tui.lines import Line, LinePane, cut, fit, wrap
from evdiag.tui.themed_app import ThemedApp

if TYPE_CHECKING:
    from evdiag.guide.texts import Texts
    from evdiag.guiding import AnswersOnly

LOOK_S = 0.1
_MOVES = {"page_up": -1, "page_down": 1}
_FOOTER = ("guide_take", "page_down", "theme", "help", "quit")
_KEYS_IN_HELP = 14
_ROWS_OF_TROUBLE = 2

ACTIONS = (
    *(name for name, action in BY_ID.items() if action.views == ("guide",) and not action.deck),
    "guide_me",
    "up",
    "down",
    *_MOVES,
    "copy",
    "help",
    "theme",
    "quit",
)
"""What can be done here; where two have one key, the first means it."""


class GuideApp(ThemedApp):
    """Guides by the answers alone; it has begun already."""

    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (77, "-normal"), (108, "-wide")]  # noqa: RUF012
    CSS = """
    #top { height: 1; background: $panel; }
    #unkept { display: none; }
    #keys { height: 1; background: $panel; }
    .-wide GuidePane { padding: 1 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self, guided: AnswersOnly, texts: Texts, *, config: TuiConfig | None = None
    ) -> None:
        super().__init__(config)
        self._guided = guided
        self._texts = texts
        taken: dict[str, str] = {}
        for name in ACTIONS:
            for key in self.config.keys[name]:
                taken.setdefault(key, name)
        for key, name in taken.items():
            self.bind(key, f"act({name!r})", show=False)

    def compose(self) -> ComposeResult:
        """What this is, what is wrong with the disk, the guide, the keys."""
        yield LinePane(id="top")
        yield LinePane(id="unkept")
        yield GuidePane()
        yield LinePane(id="keys")

    def on_mount(self) -> None:
        """Begin to look: a step may run out of time."""
        self.set_focus(self.pane.rest)
        self.set_interval(LOOK_S, self.redraw)
        self.call_after_refresh(self.redraw)

    @property
    def pane(self) -> GuidePane:
        """The guide."""
        return self.screen_stack[0].query_one(GuidePane)

    def redraw(self) -> None:
        """Draw how the guide stands."""
        if not self._has("top", "unkept", "guide-below", "keys"):
            return
        width = self.size.width
        no_bus = plain_text(self._texts.word("no_bus"))
        self._pane("top").put([cut([(" evdiag", "title"), (f"  {no_bus}", "")], width)])
        trouble, unkept = self._unkept_lines(width), self._pane("unkept")
        unkept.display = bool(trouble)
        unkept.styles.height = len(trouble)
        unkept.put(trouble)
        hints = [piece for name in _FOOTER for piece in self._hint(name)]
        self._pane("keys").put([cut(hints, width)])
        self.pane.show(Sight(self._guided.guide_page(self._texts), self._texts, self.config.keys))

    def _unkept_lines(self, width: int) -> list[Line]:
        if self._guided.unkept is None:
            return []
        text = plain_text(f"{self._texts.word('unkept')} {self._guided.unkept}")
        return [[(f" {row}", "bad")] for row in wrap(text, width - 2)[:_ROWS_OF_TROUBLE]]

    def _hint(self, name: str) -> Line:
        bound = self.config.keys[name]
        return [(f" {shown_key(bound[0])}", "key"), (f" {BY_ID[name].title} ", "")] if bound else []

    def on_drawing_resized(self) -> None:
        """Draw for the new sizes."""
        self.call_after_refresh(self.redraw)

    def on_guide_pane_said(self, said: GuidePane.Said) -> None:
        """Pass on what the person said."""
        self._guided.answer(said.step, said.answer)
        self.redraw()

    def on_guide_pane_begun(self) -> None:
        """Begin anew, after an end."""
        from evdiag.guiding import begin
        from evdiag.tui.guide_start import FIRST_PLACE

        begin(self._guided, FIRST_PLACE, [])
        self.redraw()

    def action_act(self, name: str) -> None:
        """Do what a key means."""
        in_the_guide = self.pane.action_for(name)
        if in_the_guide is not None:
            in_the_guide()
        elif name in _MOVES:
            self.pane.rest.page(_MOVES[name])
        elif name == "guide_me":
            self.pane.begin()
        elif name == "theme":
            self.action_theme()
        elif name == "copy":
            self.copy_to_clipboard(self.pane.text)
        elif name == "help":
            self.push_screen(HelpScreen(lambda width: self._help(width)))
        else:
            self.exit()

    def _help(self, width: int) -> Iterator[Line]:
        yield from text_lines(GUIDE_HELP, width)
        for name in ACTIONS:
            shown = " ".join(map(shown_key, self.config.keys[name])) or "no key"
            yield [(fit(shown, _KEYS_IN_HELP), "key"), (f" {BY_ID[name].help}", "")]
