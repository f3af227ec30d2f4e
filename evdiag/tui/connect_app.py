"""The connect screen: which adapter, how fast, which car; it is opened, or it is said why not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from evdiag.errors import BadInputError, EvdiagError
from evdiag.plain import plain_text
from evdiag.tui.choice import Choice, Entry
from evdiag.tui.config import TuiConfig
from evdiag.tui.dialogs import Question
from evdiag.tui.help_screen import HelpScreen, text_lines
from evdiag.tui.lines import Drawing, Line, LineList, LinePane, cut, wrap
from evdiag.tui.places import (
    BITRATES,
    RATE_HELP,
    Place,
    detail_lines,
    found_words,
    place_line,
    places,
)
from evdiag.tui.themed_app import ThemedApp
from evdiag.tui.view import HelpText

if TYPE_CHECKING:
    from evdiag.bus.adapters import Adapter
    from evdiag.bus.settings import BusSettings
    from evdiag.recent import RecentBus
    from evdiag.watching import WatchedBus

PULL_S = 0.1
_OTHER_RATE = "other"
_CLOSES_WITHIN_S = 5.0

_HELP = HelpText(
    "Connect to a car",
    (
        "The list shows what is plugged in, what was used last first. ● is ready; ○ is not, and "
        "the lines below say why and what to do. r looks again.",
        RATE_HELP,
        "Listen-only verified: the adapter is silent, and that was read back. Requested: it was "
        "told to be silent and cannot be asked. Not possible: it takes part in the bus, and "
        "acknowledges frames, though evdiag sends none.",
        "Enter opens the adapter and listens. The car is recognised by its frames, or named with "
        "v. Nothing is sent, and nothing is recorded before you say so.",
        "At the interfaces that need no hardware, several programs can be on one bus: try it with "
        "`evdiag simulate -i udp_multicast -c 239.74.163.2` in another terminal.",
    ),
)


class PlaceList(LineList):
    """One line a place."""

    def __init__(self) -> None:
        super().__init__(id="places")
        self.places: Sequence[Place] = ()

    def line(self, index: int, width: int) -> Line:
        """Write one place."""
        return cut(place_line(self.places[index], width), width)


class ConnectApp(ThemedApp):
    """Has the person choose; `connected` is the bus that was opened, None where none was.

    `find` looks for adapters, `connect` opens one; both are called in threads of their own. What
    `connect` raises is shown, with the path of the log. `vehicles` returns id and name of every
    car. With `at_once` the bus of the last time is opened unasked; what came of that is shown.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; background: $panel; }
    #places { height: 1fr; }
    #detail { height: 6; background: $surface; padding: 0 1; }
    #said { height: 4; padding: 0 1; }
    #keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "connect", "connect"),
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("r", "look", "look again"),
        Binding("b", "bitrate", "bit rate"),
        Binding("v", "vehicle", "car"),
        Binding("question_mark,f1", "help", "help"),
        Binding("T", "theme", "theme"),
        Binding("q", "leave", "leave"),
        Binding("escape", "go_back", "back"),
    ]
    _KEYS = (
        ("Enter", "connect"),
        ("b", "bit rate"),
        ("v", "car"),
        ("r", "look"),
        ("?", "help"),
        ("q", "leave"),
    )

    def __init__(
        self,
        find: Callable[[], Sequence[Adapter]],
        recent: Sequence[RecentBus],
        connect: Callable[[BusSettings, str | None], WatchedBus],
        vehicles: Callable[[], Sequence[tuple[str, str]]],
        *,
        log: str = "",
        vehicle: str | None = None,
        at_once: bool = False,
        clock: Callable[[], float] = time.monotonic,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(config)
        self.connected: WatchedBus | None = None
        self.went_back = False
        self._find = find
        self._recent = recent
        self._connect = connect
        self._vehicles = vehicles
        self._log_path = log
        self._vehicle = vehicle
        self._vehicle_said = vehicle is not None
        self._at_once = at_once and bool(recent)
        self._clock = clock
        self._found: Sequence[Adapter] | None = None
        self._looking = False
        self._fresh: Sequence[Adapter] | None = None
        self._opening: tuple[Place, float] | None = None
        self._failure: EvdiagError | None = None
        self._opened: WatchedBus | None = None
        self._opener: threading.Thread | None = None
        self._lock = threading.Lock()
        self._left = False
        self._named: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Head, list, what the chosen one can do, what is said, keys."""
        yield LinePane(id="head")
        yield PlaceList()
        yield LinePane(id="detail")
        yield LinePane(id="said")
        yield LinePane(id="keys")

    def on_mount(self) -> None:
        """Look for adapters, or open the last one, once the screen has painted."""
        self._show(places((), self._recent))
        self.set_focus(self._list)
        self.set_interval(PULL_S, self.tick)
        self.call_after_refresh(self.action_connect if self._at_once else self.action_look)

    # -- drawing -----------------------------------------------------------------------------

    def tick(self) -> None:
        """See what the threads have found."""
        fresh, self._fresh = self._fresh, None
        if fresh is not None:
            self._looking, self._found = False, fresh
            self._show(places(fresh, self._recent))
        if self._opened is not None and not self._left:
            self.connected = self._opened
            self.exit()
        elif self._failure is not None:
            self._opening = None
            if self._found is None:
                self.action_look()
        self.draw()

    def draw(self) -> None:
        """Draw."""
        if not self._has("keys"):
            return
        width = self.size.width
        found = "" if self._found is None else found_words(self._found)
        found = "looking …" if self._looking else found
        self._pane("head").put(
            [[(" evdiag  ", "quiet"), ("Connect to a car", "title"), (f"  {found}", "quiet")]]
        )
        place = self._chosen
        detail = self._pane("detail")
        vehicle = self._car_name(place)
        detail.put([] if place is None else detail_lines(place, vehicle, detail.size.width))
        self._pane("said").put([(row, tone)] for row, tone in self._said(width - 2))
        keys = [
            piece for key, what in self._KEYS for piece in ((f" {key}", "key"), (f" {what} ", ""))
        ]
        self._pane("keys").put([cut(keys, width)])

    def on_drawing_resized(self, event: Drawing.Resized) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def on_line_list_moved(self) -> None:
        """Say what the chosen one can do."""
        self.draw()

    def _said(self, width: int) -> list[tuple[str, str]]:
        if self._opening is not None:
            place, began_s = self._opening
            passed = f"{self._clock() - began_s:.0f} s"
            return [(f"opening {place.settings.name} … {passed}", "busy")]
        if self._failure is not None:
            path = plain_text(self._log_path)
            log = f" (what the driver said is in {path})" if path else ""
            return [(row, "bad") for row in wrap(f"{self._failure}{log}", width)]
        return [(row, "quiet") for row in wrap(RATE_HELP, width)]

    def _car_name(self, place: Place | None) -> str:
        vehicle = None if place is None else self._vehicle_at(place)
        if vehicle is None:
            return "by its frames"
        return self._named.get(vehicle, plain_text(vehicle))

    def _vehicle_at(self, place: Place) -> str | None:
        """Return the car that the person names, else the one named there the last time."""
        return self._vehicle if self._vehicle_said else place.vehicle

    def _show(self, listed: Sequence[Place]) -> None:
        """Show these places, with the cursor where it was."""
        chosen = self._chosen
        pane = self._list
        pane.places = listed
        pane.resize_to(len(listed))
        if chosen is not None:
            at = (chosen.settings.interface, chosen.settings.channel)
            same = [
                number
                for number, place in enumerate(listed)
                if (place.settings.interface, place.settings.channel) == at
            ]
            pane.place(same[0] if same else 0)

    @property
    def _list(self) -> PlaceList:
        return self.screen_stack[0].query_one(PlaceList)

    @property
    def _chosen(self) -> Place | None:
        listed = self._list
        return listed.places[listed.cursor] if listed.places else None

    # -- acting ------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Choose another place."""
        self._failure = None
        self._list.move(by)

    def action_look(self) -> None:
        """Look for adapters, in a thread of its own."""
        if not self._looking:
            self._looking = True
            threading.Thread(target=self._look, name="adapters", daemon=True).start()

    def _look(self) -> None:
        self._fresh = self._find()

    def action_bitrate(self) -> None:
        """Have the person choose a bit rate."""
        place = self._chosen
        if place is None:
            return
        if place.settings.bitrate is None:
            self.notify("this one has its bit rate already", timeout=4, markup=False)
            return
        rates = [Entry(str(rate), f"{rate / 1000:g} kbit/s", words) for rate, words in BITRATES]
        rates.append(Entry(_OTHER_RATE, "another", "type it"))

        def take(answer: str | None) -> None:
            if answer == _OTHER_RATE:
                self.push_screen(
                    Question("Bit rate, in bit/s or as 500k", "500k", read_bitrate), self._use_rate
                )
            elif answer is not None:
                self._use_rate(int(answer))

        question = "How fast is the bus? (500k at most OBD ports)"
        self.push_screen(Choice(question, rates, chosen=str(place.settings.bitrate)), take)

    def _use_rate(self, rate: int | None) -> None:
        listed = self._list
        if rate is not None and listed.places:
            changed = list(listed.places)
            changed[listed.cursor] = changed[listed.cursor].at(rate)
            listed.places = changed
            listed.refresh()
            self.draw()

    def action_vehicle(self) -> None:
        """Have the person name the car."""
        self._named = {identifier: plain_text(name) for identifier, name in self._vehicles()}
        cars = [Entry(each, name, each) for each, name in self._named.items()]
        entries = [Entry("", "recognise it", "by its frames"), *cars]

        def take(vehicle: str | None) -> None:
            if vehicle is not None:
                self._vehicle, self._vehicle_said = vehicle or None, True
                self.draw()

        self.push_screen(Choice("Which car is it?", entries, chosen=self._vehicle or ""), take)

    def action_connect(self) -> None:
        """Open the chosen place, in a thread of its own."""
        place = self._chosen
        if place is None or self._opening is not None:
            return
        self._failure = None
        self._opening = (place, self._clock())
        wanted = (place.settings, self._vehicle_at(place))
        self._opener = threading.Thread(target=self._open, args=wanted, name="connect", daemon=True)
        self._opener.start()
        self.draw()

    def _open(self, settings: BusSettings, vehicle: str | None) -> None:
        try:
            bus = self._connect(settings, vehicle)
        except EvdiagError as error:
            self._failure = error
            return
        with self._lock:
            if not self._left:
                self._opened = bus
                return
        bus.stop()

    def action_help(self) -> None:
        """Help for this screen."""
        self.push_screen(HelpScreen(lambda width: text_lines(_HELP, width)))

    def action_leave(self) -> None:
        """Leave."""
        with self._lock:
            self._left = True
        self.connected = None
        self.exit()

    def action_go_back(self) -> None:
        """Leave for the screen before, where there is one."""
        self.went_back = True
        self.action_leave()

    def let_go(self) -> None:
        """Close what was still being opened when the screen was left, once it is gone."""
        with self._lock:
            self._left = True
            opened, self._opened = self._opened, None
        if opened is not None and opened is not self.connected:
            opened.stop()
        if self._opener is not None:
            self._opener.join(timeout=_CLOSES_WITHIN_S)


def read_bitrate(text: str) -> int:
    """Read a typed bit rate: ``500k``, ``1M`` or ``500000``.

    Raises:
        BadInputError: it is none.
    """
    typed = text.strip().lower()
    factor = {"k": 1_000, "m": 1_000_000}.get(typed[-1:], 1)
    try:
        rate = round(float(typed.rstrip("km")) * factor)
    except ValueError:
        rate = 0
    if not 1_000 <= rate <= 8_000_000:
        raise BadInputError(f"{plain_text(text)!r} is no bit rate: write 500k, 1M or 33333")
    return rate
