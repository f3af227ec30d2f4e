"""The start screen: what was used last first, one key each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from evdiag.plain import plain_text
from evdiag.tui.config import TuiConfig
from evdiag.tui.lines import Drawing, Line, LineList, LinePane, cut, fit, wrap
from evdiag.tui.open_screen import OpenScreen
from evdiag.tui.places import found_words
from evdiag.tui.themed_app import ThemedApp

if TYPE_CHECKING:
    from pathlib import Path

    from evdiag.bus.adapters import Adapter
    from evdiag.recent import RecentBus

Way: TypeAlias = Literal["guide", "reconnect", "connect", "replay", "open", "workshop", "demo"]

PULL_S = 0.1
_ABOUT = "Reads an electric car's CAN bus and says what the charge port's lock did."


@dataclass(frozen=True, slots=True)
class Start:
    """What the person wants: `way`, and of a replay which recording."""

    way: Way
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the start screen; texts are plain."""

    key: str
    way: Way
    name: str
    words: str


def offers(bus: RecentBus | None, recording: Path | None) -> Iterator[Offer]:
    """Yield what can be begun, what was used last first."""
    if bus is not None:
        car = f", {plain_text(bus.vehicle)}" if bus.vehicle else ""
        yield Offer("r", "reconnect", "Reconnect", f"{bus.settings.name}{car}")
    yield Offer("c", "connect", "Connect …", "choose an adapter, and plug into a car")
    if recording is not None:
        yield Offer("l", "replay", "Last recording", plain_text(recording.name))
    yield Offer("g", "guide", "Guide me", "the cable is stuck: what to do, step by step")
    yield Offer("o", "open", "Open a recording …", "a file, or one of the shipped scenarios")
    yield Offer("b", "workshop", "Case book", "the cars you know: which of them are getting worse")
    yield Offer("d", "demo", "Demo", "a simulated car with a stuck cable; no hardware")


class OfferList(LineList):
    """One line an offer."""

    def __init__(self, listed: Sequence[Offer]) -> None:
        super().__init__(id="offers")
        self.offers = listed

    def line(self, index: int, width: int) -> Line:
        """Write one offer."""
        offer = self.offers[index]
        return cut(
            [(f" {offer.key}  ", "key"), (fit(offer.name, 20), "strong"), (offer.words, "quiet")],
            width,
        )


class StartApp(ThemedApp):
    """Has the person choose what to begin with; `chosen` is None where they left.

    `find` looks for adapters, in a thread of its own. `scenarios` are names of shipped recordings;
    `check` says in words what is wrong with the name of a recording, nothing where it is there.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; background: $panel; }
    #about { height: 3; padding: 1 1 0 1; }
    #offers { height: 1fr; padding: 1 1; }
    #found { height: 1; padding: 0 1; }
    #keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("enter", "take", "begin"),
        Binding("T", "theme", "theme"),
        Binding("q,escape", "leave", "leave"),
        *(Binding(key, f"begin({key!r})", key) for key in "rclgobd"),
    ]

    def __init__(
        self,
        find: Callable[[], Sequence[Adapter]],
        bus: RecentBus | None,
        recording: Path | None,
        scenarios: Callable[[], Sequence[tuple[str, str]]],
        check: Callable[[str], str],
        *,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(config)
        self.chosen: Start | None = None
        self._find = find
        self._offers = list(offers(bus, recording))
        self._recording = recording
        self._scenarios = scenarios
        self._check = check
        self._found: Sequence[Adapter] | None = None

    def compose(self) -> ComposeResult:
        """Head, what it is about, the offers, what was found, keys."""
        yield LinePane(id="head")
        yield LinePane(id="about")
        yield OfferList(self._offers)
        yield LinePane(id="found")
        yield LinePane(id="keys")

    def on_mount(self) -> None:
        """Show the offers; look for adapters once they are seen."""
        listed = self.query_one(OfferList)
        listed.resize_to(len(self._offers))
        self.set_focus(listed)
        self.set_interval(PULL_S, self.draw)
        self.call_after_refresh(self._begin_to_look)

    def _begin_to_look(self) -> None:
        self.draw()
        threading.Thread(target=self._look, name="adapters", daemon=True).start()

    def _look(self) -> None:
        self._found = self._find()

    def draw(self) -> None:
        """Draw."""
        if not self._has("keys"):
            return
        width = self.size.width
        self._pane("head").put([[(" evdiag", "title"), ("  Why is the charging cable stuck?", "")]])
        self._pane("about").put([[(row, "quiet")] for row in wrap(_ABOUT, width - 2)])
        found = "looking for adapters …" if self._found is None else found_words(self._found)
        tone = "odd" if self._found is not None and not self._found else "quiet"
        self._pane("found").put([[(found, tone)]])
        keys = [
            ("↑ ↓", "key"),
            (" choose  ", ""),
            ("Enter", "key"),
            (" begins  ", ""),
            ("q", "key"),
        ]
        self._pane("keys").put([cut([(" ", ""), *keys, (" leaves", "")], width)])

    def on_drawing_resized(self, event: Drawing.Resized) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def action_move(self, by: int) -> None:
        """Choose another offer."""
        self.query_one(OfferList).move(by)

    def action_take(self) -> None:
        """Begin with the chosen offer."""
        self._begin(self._offers[self.query_one(OfferList).cursor])

    def action_begin(self, key: str) -> None:
        """Begin with the offer of a key, where it is offered."""
        for offer in self._offers:
            if offer.key == key:
                self._begin(offer)

    def action_leave(self) -> None:
        """Leave."""
        self.exit()

    def _begin(self, offer: Offer) -> None:
        if offer.way == "open":

            def take(name: str | None) -> None:
                if name:
                    self._choose(Start("replay", name))

            self.push_screen(OpenScreen(self._scenarios(), self._check), take)
        else:
            named = str(self._recording) if offer.way == "replay" else ""
            self._choose(Start(offer.way, named))

    def _choose(self, start: Start) -> None:
        self.chosen = start
        self.exit()
