"""The commands that this car can be given: chosen, looked at, begun with a typed word, followed.

Nothing here sends anything before that word; a key alone never begins a command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from evdiag.errors import EvdiagError
from evdiag.plain import plain_text
from evdiag.tui import control_words
from evdiag.tui.control_lines import (
    condition_rows,
    failure_lines,
    head_line,
    offer_rows,
    outcome_lines,
    profile_lines,
    progress_lines,
    still_open,
    verdict_lines,
)
from evdiag.tui.lines import Line, LinePane, TextList, cut
from evdiag.tui.row_list import RowList

if TYPE_CHECKING:
    from evdiag.control.interlocks import Interlock
    from evdiag.levels import CommandLook
    from evdiag.tui.live_bus import CommandControl
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile
    from evdiag.vocabulary import CommandName

LOOK_S = 0.2

Phase: TypeAlias = Literal["list", "conditions", "under way", "ended", "not begun"]

_KEYS: dict[Phase, tuple[tuple[str, str], ...]] = {
    "list": (("↑ ↓", "choose"), ("Enter", "its conditions"), ("g", "the guide"), ("Esc", "leaves")),
    "conditions": (("↑ ↓", "choose"), ("v", "seen by eye"), ("Esc", "other commands")),
    "under way": (("Esc", "other views; it goes on"),),
    "ended": (("Enter", "all commands"), ("g", "the guide"), ("Esc", "leaves")),
    "not begun": (("Enter", "all commands"), ("g", "the guide"), ("Esc", "leaves")),
}


class ControlScreen(ModalScreen[bool]):
    """Leads from the list of commands to the end of one; answers True where the guide is wanted.

    `fixed` writes the lines that are seen on every screen; `wanted` is a command to begin with.
    """

    DEFAULT_CSS = """
    ControlScreen { background: $background; }
    ControlScreen #control-fixed { height: 2; background: $panel; }
    ControlScreen #control-head { height: 1; }
    ControlScreen TextList { padding: 0 1; }
    ControlScreen #control-verdict { height: 1; padding: 0 1; }
    ControlScreen Input { height: 1; border: none; padding: 0 2; background: $surface; }
    ControlScreen #control-keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", show=False),
        Binding("enter", "take", "choose", show=False),
        Binding("v", "seen", "seen by eye", show=False),
        Binding("g", "guide", "the guide", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
    ]

    def __init__(
        self,
        control: CommandControl,
        profile: Profile,
        fixed: Callable[[int], Sequence[Line]],
        wanted: CommandName | None = None,
    ) -> None:
        super().__init__()
        self._control = control
        self._profile = profile
        self._fixed = fixed
        self._command: Command | None = None
        self._confirmed: set[str] = set()
        self._word = control_words.any_word()
        self._follows = False
        self._is_new = True
        self._note = ""
        ways = () if wanted is None else profile.ways(wanted)
        if ways:
            self._command = ways[0]

    def compose(self) -> ComposeResult:
        """What is always seen, the list or the text, the verdict, the word, the keys."""
        yield LinePane(id="control-fixed")
        yield LinePane(id="control-head")
        yield RowList(id="control-rows")
        yield TextList(id="control-text")
        yield LinePane(id="control-verdict")
        yield Input(id="control-word", compact=True)
        yield LinePane(id="control-keys")

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(Input).display = False
        self._rows.focus()
        self.set_interval(LOOK_S, self.draw)
        # At once, for keys pressed right after another; then with the room that each part has.
        self.draw()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Lay out anew."""
        self.call_after_refresh(self.draw)

    # -- drawing -----------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw how everything stands right now."""
        if not self.is_attached or not self.query("#control-keys"):
            return
        width = self.size.width
        look = self._control.look()
        phase = self._phase(look)
        self._pane("fixed").put(self._fixed(width))
        listed = phase in ("list", "conditions")
        self._rows.display, self._text.display = listed, not listed
        verdict: list[Line] = []
        if phase == "list":
            self._head(f"Commands for {self._profile.name}")
            self._rows.put(offer_rows(self._profile, width - 2))
            verdict = [*profile_lines(self._profile, width - 2), *_said("Nothing is sent here.")]
            self._offer_word(False)
        elif phase == "conditions" and self._command is not None:
            verdict = self._draw_conditions(self._command, width)
        else:
            self._draw_way(phase, look, width)
            self._offer_word(False)
        self._pane("verdict").styles.height = len(verdict)
        self._pane("verdict").display = bool(verdict)
        self._pane("verdict").put(verdict)
        self._pane("keys").put([cut(self._hints(phase), width)])

    def _phase(self, look: CommandLook) -> Phase:
        if look.state in ("opening", "under way"):
            self._follows = True
            return "under way"
        if self._follows and look.state == "ended":
            return "ended"
        if self._follows:
            return "not begun"
        return "list" if self._command is None else "conditions"

    def _draw_conditions(self, command: Command, width: int) -> list[Line]:
        conditions = self._conditions(command)
        self._head(f"{command.text} ({command.evidence})")
        self._rows.put(condition_rows(conditions, command, width - 2))
        open_now = still_open(conditions, command)
        if self._is_new:
            self._is_new = False
            self._rows.choose(next((one.id for one in open_now if one.verdict == "by_eye"), ""))
        self._offer_word(not open_now)
        lines = [*verdict_lines(open_now, self._wanted(command), width - 2)]
        note = plain_text(self._note)
        return [*lines, *([[(note, "bad")]] if note and not open_now else [])]

    def _draw_way(self, phase: Phase, look: CommandLook, width: int) -> None:
        lines: Iterable[Line]
        if phase == "under way":
            lines = progress_lines(look, width - 4)
        elif look.view is not None and phase == "ended":
            lines = outcome_lines(look.view, width - 4)
        else:
            lines = failure_lines(look.failure, width - 4)
        command = self._command if look.view is None else look.view.command
        self._head("" if command is None else f"{command.text} ({command.evidence})")
        self._text.put(lines)

    def _offer_word(self, offered: bool) -> None:
        """Show the line to type in only while every condition holds; what was typed is forgotten.

        Whoever typed it meant the conditions as they stood then.
        """
        line = self.query_one(Input)
        if offered == line.display:
            return
        line.display = offered
        line.value = self._note = ""
        self._word = control_words.any_word()
        (line if offered else self._rows).focus()

    def _hints(self, phase: Phase) -> Line:
        return [
            piece
            for key, words in _KEYS[phase]
            for piece in ((f" {key}", "key"), (f" {words} ", "quiet"))
        ]

    def _head(self, text: str) -> None:
        self._pane("head").put([head_line(text, self.size.width)])

    # -- acting ------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Nothing else is told what is typed here."""
        event.stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Begin, where the word is there and every condition still holds."""
        event.stop()
        command = self._command
        if command is None or still_open(self._conditions(command), command):
            return
        wanted = self._wanted(command)
        if not control_words.is_typed(event.value, wanted):
            self._note = f"Nothing is sent: that is not {wanted}"
            self.draw()
            return
        confirmed = frozenset(self._confirmed)
        consent = control_words.consent_text(wanted, confirmed)
        try:
            self._control.begin(command, self._profile, consent, confirmed)
        except EvdiagError as error:
            self._note = str(error)
        else:
            self._follows = True
        self.draw()

    def action_take(self) -> None:
        """Choose a command, or go back to all of them when one has ended."""
        if not self._is_there:
            return
        phase = self._phase(self._control.look())
        if phase in ("ended", "not begun"):
            self._choose(None)
        elif phase == "list":
            chosen = self._rows.chosen
            self._choose(next((c for c in self._profile.commands if c.text == chosen), None))

    def action_seen(self) -> None:
        """A person has looked at what the chosen line says, or takes that back."""
        command = self._command
        if command is None or self._follows or not self._is_there:
            return
        chosen = self._rows.chosen
        conditions = {one.id: one for one in self._conditions(command)}
        if chosen in self._confirmed:
            self._confirmed.remove(chosen)
        elif chosen in conditions and conditions[chosen].verdict == "by_eye":
            self._confirmed.add(chosen)
            rest = (one.id for one in conditions.values() if one.verdict == "by_eye")
            self._rows.choose(next((each for each in rest if each != chosen), chosen))
        self.draw()

    def action_guide(self) -> None:
        """Leave for the guide."""
        if self._phase(self._control.look()) != "under way":
            self.dismiss(True)

    def action_back(self) -> None:
        """Go back to the list, or leave; a command that is under way goes on."""
        if self._phase(self._control.look()) == "conditions":
            self._choose(None)
        else:
            self.dismiss(False)

    def action_move(self, by: int) -> None:
        """Choose another line, or scroll."""
        if self._is_there:
            self._moving.move(by)

    def action_page(self, direction: int) -> None:
        """Scroll by pages."""
        if self._is_there:
            self._moving.page(direction)

    def _choose(self, command: Command | None) -> None:
        """Look at a command, or at all; what was seen by eye is forgotten."""
        self._command = command if command is not None and command.offered else None
        self._confirmed.clear()
        self._follows = False
        self._is_new = True
        self._offer_word(False)
        self.draw()

    def _conditions(self, command: Command) -> tuple[Interlock, ...]:
        return self._control.conditions(command, self._profile, frozenset(self._confirmed))

    def _wanted(self, command: Command) -> str:
        return control_words.to_type(self._word, command.evidence)

    # -- parts -------------------------------------------------------------------------------

    @property
    def _is_there(self) -> bool:
        """True while the screen has its parts: a key may come before they are, or after."""
        return bool(self.query(RowList))

    @property
    def _rows(self) -> RowList:
        return self.query_one(RowList)

    @property
    def _text(self) -> TextList:
        return self.query_one(TextList)

    @property
    def _moving(self) -> RowList | TextList:
        return self._rows if self._rows.display else self._text

    def _pane(self, name: str) -> LinePane:
        return self.query_one(f"#control-{name}", LinePane)


def _said(text: str) -> list[Line]:
    return [[(text, "quiet")]]
