"""Every signal: the vocabulary first, then what the car's databases know, message by message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from textual.app import ComposeResult
from textual.widgets import Input

from evdiag.inputs import Channel, FrameKey, key_text
from evdiag.plain import plain_text
from evdiag.session.snapshot import SignalView
from evdiag.session.track import SeenKind
from evdiag.signals.compiled import CompiledSignal
from evdiag.tui.decoding import Messages, signal_text
from evdiag.tui.filter_box import FilterBox
from evdiag.tui.lines import Line, LineList, LinePane, fit, fit_right
from evdiag.tui.moment import Moment
from evdiag.tui.view import HelpText, View
from evdiag.tui.words import age_text, value_text
from evdiag.vocabulary import TERMS


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that says what the lines below it belong to."""

    text: str


@dataclass(frozen=True, slots=True)
class VocabularyEntry:
    """A signal of the vocabulary."""

    name: str


@dataclass(frozen=True, slots=True)
class RawEntry:
    """A signal of a message on a channel; `name` is plain."""

    name: str
    channel: Channel
    key: FrameKey
    signal: CompiledSignal


Entry: TypeAlias = Heading | VocabularyEntry | RawEntry


class SignalList(LineList):
    """One line a signal; only the visible ones are decoded."""

    def __init__(self) -> None:
        super().__init__(id="signal-list")
        self.entries: list[Entry] = []
        self.moment: Moment | None = None

    def line(self, index: int, width: int) -> Line:
        """Write one entry."""
        entry = self.entries[index]
        if isinstance(entry, Heading):
            return [(entry.text, "title")]
        assert self.moment is not None
        if isinstance(entry, VocabularyEntry):
            return _vocabulary_line(self.moment, self.moment.snapshot.signal(entry.name), width)
        return self._raw_line(self.moment, entry, width)

    def _raw_line(self, moment: Moment, entry: RawEntry, width: int) -> Line:
        kind = SeenKind(entry.channel, entry.key, False, False)
        found = moment.track.last_raw(kind, entry.signal)
        if found is None:
            return _columns(entry.name, "not seen yet", "quiet", "", "", width)
        raw, age_s = found
        age = age_text(age_s) if moment.has_clock else ""
        value = signal_text(entry.signal, raw)
        return _columns(entry.name, value, "strong", str(raw), age, width)


class SignalsView(View):
    """Head, list, filter."""

    NAME = "signals"
    ABOUT = HelpText(
        "The signals",
        (
            "First the vocabulary: evdiag's own names, the same for every car, with value, raw "
            "value and the age of the newest frame that carries it. Not offered: this car has no "
            "such signal that we know, or its bus is not in the recording.",
            "Then every signal of the car's databases, message by message. / filters by any part "
            "of a name.",
        ),
    )

    DEFAULT_CSS = """
    SignalsView #signal-head, SignalsView #signal-state { height: 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.filter = ""
        self._entries: list[Entry] | None = None
        self._entries_of: Messages | None = None

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        yield LinePane(id="signal-head")
        yield SignalList()
        yield LinePane(id="signal-state")
        yield FilterBox("part of a name")

    @property
    def main_list(self) -> SignalList:
        """The list."""
        return self.query_one(SignalList)

    def draw(self, moment: Moment) -> None:
        """Draw a moment."""
        listed = self.main_list
        listed.moment = moment
        if self._entries is None or moment.messages is not self._entries_of:
            self._entries = entries(moment.messages, self.filter)
            self._entries_of = moment.messages
            listed.entries = self._entries
        listed.resize_to(len(self._entries))
        head, state = (self.query_one(f"#signal-{part}", LinePane) for part in ("head", "state"))
        width = head.size.width
        head.put([[(" ", ""), *_columns("signal", "value", "quiet", "raw", "age", width - 1)]])
        state.put([self._state(moment)])

    def act_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBox).open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        self.filter = event.value.strip().lower()
        self._entries = None

    def text_to_copy(self) -> str:
        """Copy the chosen line."""
        listed = self.main_list
        if not listed.count:
            return ""
        return "".join(text for text, _ in listed.line(listed.cursor, 120)).rstrip()

    def _state(self, moment: Moment) -> Line:
        shown = sum(not isinstance(entry, Heading) for entry in self._entries or ())
        if not shown:
            return [(" No signal has this in its name: / changes the filter.", "empty")]
        if moment.car is None:
            return [(" Which car? What it offers is not known yet.", "quiet")]
        offered = sum(view.offered for view in moment.snapshot.signals)
        text = f" {shown} signals shown · {offered} of {len(TERMS)} of the vocabulary offered"
        filtered = f"  filter: {plain_text(self.filter)}" if self.filter else ""
        return [(text, "quiet"), (filtered, "key")]


def entries(messages: Messages, part: str) -> list[Entry]:
    """Return what the list holds: everything whose name holds `part`."""
    found: list[Entry] = []
    words = [VocabularyEntry(term.name) for term in TERMS if part in term.name]
    if words:
        found += [Heading("Vocabulary"), *words]
    for channel, key in sorted(messages.known(), key=_by_channel_and_id):
        name = messages.name(channel, key)
        signals = [
            RawEntry(plain_text(signal.name), channel, key, signal)
            for message in messages.of(channel, key)
            for signal in message.signals
            if part in f"{name}.{signal.name}".lower()
        ]
        if signals:
            where = f"{name}  {key_text(key)}  channel {plain_text(str(channel))}"
            found += [Heading(where), *signals]
    return found


def _by_channel_and_id(known: tuple[Channel, FrameKey]) -> tuple[str, FrameKey]:
    return str(known[0]), known[1]


def _vocabulary_line(moment: Moment, view: SignalView, width: int) -> Line:
    if not view.offered:
        return _columns(view.name, "not offered", "quiet", "", "", width)
    reading = view.reading
    value = value_text(view.name, reading.value)
    if not reading.usable and reading.known is not None:
        value += f" (was {value_text(view.name, reading.known)})"
    raw = "" if reading.raw is None else str(reading.raw)
    age = moment.age_s(view.name)
    tone = "strong" if reading.usable else "odd"
    return _columns(view.name, value, tone, raw, "" if age is None else age_text(age), width)


def _columns(name: str, value: str, tone: str, raw: str, age: str, width: int) -> Line:
    left = min(34, max(20, width * 2 // 5))
    right = 10 if width < 70 else 14
    middle = max(10, width - left - right - 10)
    return [
        (fit(f" {name}", left), ""),
        (" " + fit(value, middle - 1), tone),
        (fit_right(raw, right), "quiet"),
        (fit_right(age, 9), "quiet"),
    ]
