"""The port screen: is the lock open, and may I pull?"""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal

from evdiag.tui.actions import shown_key
from evdiag.tui.big_word import Size
from evdiag.tui.lines import LinePane
from evdiag.tui.moment import Moment
from evdiag.tui.port_lines import (
    advice_lines,
    attempt_lines,
    band_lines,
    change_lines,
    facts_lines,
)
from evdiag.tui.strip import ROWS, WINDOWS_S, strip_lines
from evdiag.tui.themed_app import ThemedApp
from evdiag.tui.view import HelpText, View

_HELP = HelpText(
    "The port",
    (
        "The big word is what the car reports of its lock: LOCKED, OPEN, MOVING, PIN OUT or FAULT. "
        "UNKNOWN: never seen. STALE: its module fell silent. INVALID: the car says it does not "
        "know. ASLEEP: the whole bus is silent. NO LOCK: this inlet has none.",
        "Each reading stands with its age. ● is yes, ○ is no, ? is unknown, … is stale, ! is "
        "invalid, – is not offered by this car.",
        "The strip shows the last minutes: ▔ locked, in or open; ▁ open lock, out or closed; ┃ a "
        "change, ╋ several in one column; · the bus slept; ▲ somebody asked.",
        "An attempt begins when somebody asks for the lock to open, and ends when the plug leaves, "
        "the lock closes again, or nothing comes of it.",
    ),
)


class PortView(View):
    """The lock in big, the readings, the advice, the strip, the attempt."""

    NAME = "port"
    ABOUT = _HELP

    # Not scoped: the breakpoint classes stand on the screen.
    SCOPED_CSS = False
    DEFAULT_CSS = """
    PortView #band { height: 5; background: $surface; }
    PortView #facts { height: 3; background: $panel; }
    PortView #advice { height: 2; }
    PortView #strip { height: 7; background: $surface; }
    PortView #below { height: 1fr; }
    PortView #attempt { width: 1fr; height: 1fr; }
    PortView #changes { display: none; }
    .-wide PortView #changes { display: block; width: 46; height: 1fr; background: $surface; }
    .-narrow PortView #band { height: 4; }
    .-narrow PortView #facts { height: 4; }
    .-narrow PortView #strip { height: 5; }
    .-wide.-tall PortView #band { height: 8; padding: 1 1 0 1; }
    .-wide.-tall PortView #facts { height: 5; padding: 1 0; }
    .-wide.-tall PortView #advice { height: 4; padding: 1 0; }
    .-wide.-tall PortView #strip { height: 9; padding: 1 0; }
    PortView LinePane:focus { background-tint: $accent 12%; }
    """
    _PARTS: ClassVar = ("band", "facts", "advice", "strip", "attempt", "changes")

    def __init__(self) -> None:
        super().__init__()
        self.window_s = WINDOWS_S[1]

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield LinePane(id="band", focusable=True)
        yield LinePane(id="facts")
        yield LinePane(id="advice")
        yield LinePane(id="strip", focusable=True)
        with Horizontal(id="below"):
            yield LinePane(id="attempt", focusable=True)
            yield LinePane(id="changes")

    def draw(self, moment: Moment) -> None:
        """Draw a moment."""
        band, facts, advice, strip, attempt, changes = (
            self.query_one(f"#{name}", LinePane) for name in self._PARTS
        )
        size = band.size
        band.put(band_lines(moment, _letters(size.width, size.height), size.width, size.height))
        facts.put(facts_lines(moment, facts.size.width))
        hint = "" if moment.live is None else self._guide_hint()
        height = max(1, advice.size.height)
        advice.put(advice_lines(moment, advice.size.width, height, hint))
        rows = min(len(ROWS), max(0, strip.size.height - 1))
        strip.put(strip_lines(moment, strip.size.width, rows, self.window_s))
        attempt.put(attempt_lines(moment, attempt.size.width, attempt.size.height))
        if changes.display:
            changes.put(change_lines(moment, changes.size.width, changes.size.height))

    def _guide_hint(self) -> str:
        bound = cast(ThemedApp, self.app).config.keys["guide_me"]
        return f"[{shown_key(bound[0])}] guide me" if bound else ""

    def act_window(self) -> None:
        """Show more of the past, or the least again."""
        place = WINDOWS_S.index(self.window_s)
        self.window_s = WINDOWS_S[(place + 1) % len(WINDOWS_S)]

    def text_to_copy(self) -> str:
        """Copy everything but the block letters."""
        parts = (self.query_one(f"#{name}", LinePane).text for name in self._PARTS[1:])
        return "\n".join(parts)


def _letters(width: int, height: int) -> Size:
    """Return the largest letters in which every word fits."""
    if width >= 108 and height >= 6:
        return "large"
    return "medium" if width >= 76 and height >= 5 else "small"
