"""The screen of `evdiag simulate`: the virtual car, what it does, and a key for every act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Key

from evdiag.errors import EvdiagError
from evdiag.plain import plain_text
from evdiag.tui.config import TuiConfig
from evdiag.tui.lines import Line, LinePane, fit, length, spread
from evdiag.tui.themed_app import ThemedApp
from evdiag.tui.virtual_car import VirtualCar
from evdiag.tui.words import at_text, value_text
from evdiag.vocabulary import TERMS, Value

if TYPE_CHECKING:
    from evdiag.simulator.real_time import Look

PULL_S = 0.1
_COLUMN = 38
_VALUE = 15
_QUIT_KEYS = ("q", "ctrl+q")

_LOCK_TONES = {"locked": "held", "unlocked": "free", "moving": "busy", "fault": "bad"}


class SimulatedCar(VirtualCar, Protocol):
    """A virtual car that can also be looked at."""

    failure: EvdiagError | None

    def look(self) -> Look:
        """Return the car as it stands."""


class SimulateApp(ThemedApp):
    """Shows a virtual car that runs on a bus, and passes keys on to it.

    `title` says in words which car and which bus. `ends_s` is when the simulation ends by itself.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    CSS = """
    #top { height: 1; background: $panel; }
    #state { height: 1fr; }
    #happened { height: 4; background: $surface; }
    #keys { height: auto; background: $panel; }
    """

    def __init__(
        self,
        car: SimulatedCar,
        title: str,
        *,
        ends_s: float | None = None,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(config)
        self._car = car
        self._title = plain_text(title)
        self._ends_s = ends_s

    def compose(self) -> ComposeResult:
        """The car's state, what happened, the keys."""
        yield LinePane(id="top")
        yield LinePane(id="state")
        yield LinePane(id="happened")
        yield LinePane(id="keys")

    def on_mount(self) -> None:
        """Start to pull."""
        self.set_interval(PULL_S, self.draw)
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw the car as it stands."""
        if not self._has("top", "state", "happened", "keys"):
            return
        look = self._car.look()
        over = self._ends_s is not None and look.now_s >= self._ends_s
        if self._car.failure is not None or over:
            self.exit()
            return
        width = self.size.width
        keys = list(key_lines(self._car.acts(), width))
        self._pane("top").put([top_line(self._title, look, width)])
        self._pane("state").put(state_lines(look.values, width, self._pane("state").size.height))
        self._pane("happened").put(happened_lines(look, self._pane("happened").size.height))
        pane = self._pane("keys")
        pane.styles.height = len(keys)
        pane.put(keys)

    def on_key(self, event: Key) -> None:
        """Do the act of a key, or leave."""
        if event.key in _QUIT_KEYS:
            self.exit()
            return
        for act, _, key in self._car.acts():
            if key == event.key:
                self._car.do(act)
                return


def top_line(title: str, look: Look, width: int) -> Line:
    """Say which car it is, how long it runs, and what it sent and heard."""
    bus = "the bus sleeps" if look.asleep else f"sent {look.sent:,}  heard {look.heard:,}"
    left = [(" virtual car ", "title"), (title, "strong")]
    return spread(left, [(f"{bus}  {at_text(look.now_s)} ", "quiet")], width)


def state_lines(values: Mapping[str, Value], width: int, rows: int) -> Iterator[Line]:
    """Lay the vocabulary out in as many columns as the width has room for."""
    cells = [_cell(term.name, values[term.name]) for term in TERMS if term.name in values]
    columns = max(1, width // _COLUMN)
    height = max(rows, 1)
    shown = cells[: columns * height]
    per_column = -(-len(shown) // columns)
    for row in range(per_column):
        yield [piece for cell in shown[row::per_column] for piece in cell]


def happened_lines(look: Look, rows: int) -> Iterator[Line]:
    """Show the latest of what happened, the newest at the bottom."""
    for happening in look.happened[-max(rows, 1) :]:
        yield [(f" {at_text(happening.at_s):>8}  ", "quiet"), (happening.what, "")]


def key_lines(acts: Sequence[tuple[str, str, str]], width: int) -> Iterator[Line]:
    """Name every act that is offered with its key, as many on a line as fit."""
    line: list[tuple[str, str]] = []
    for act, _, key in (*acts, ("quit", "", "q")):
        piece = [(f" {key} ", "key"), (f"{act.replace('_', ' ')} ", "")]
        if length([*line, *piece]) > width:
            yield line
            line = []
        line += piece
    yield line


def _cell(name: str, value: Value) -> Line:
    tone = _LOCK_TONES.get(str(value), "strong") if name == "port.lock" else "strong"
    text = fit(value_text(name, value), _VALUE)
    return [(fit(f" {name}", _COLUMN - _VALUE), "quiet"), (text, tone)]
