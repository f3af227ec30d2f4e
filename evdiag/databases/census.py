"""Statements and what cantools made of them, joined: everything is loaded or listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evdiag.databases.database import (
    DUPLICATE,
    LENGTH,
    LOST,
    MULTIPLEXING,
    NO_MESSAGE,
    REPAIRED,
    Database,
    Problem,
)
from evdiag.databases.doubts import LONGEST_FRAME, signal_doubts, unique_names
from evdiag.databases.foreign import (
    LONGEST_CLASSIC,
    message_from_cantools,
    signal_from_cantools,
)
from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.databases.multiplexing import IN_EVERY_FRAME, Place, places
from evdiag.databases.reading import Reading, signals_of
from evdiag.databases.rendering import is_float
from evdiag.databases.signal_statement import (
    EXTENDED_BIT,
    INDEPENDENT,
    MessageStatement,
    SignalStatement,
    is_finite,
)
from evdiag.inputs import FrameKey, frame_key, id_text
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evdiag.databases.source import Source


@dataclass
class Census:
    """What is loaded, what is listed, and how many statements there were."""

    messages: list[MessageLayout] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    message_statements: int = 0
    signal_statements: int = 0
    _first_of_id: dict[FrameKey, MessageLayout] = field(default_factory=dict)

    def say(
        self, kind: str, line: int, message: str, signal: str, problem: str, consequence: str
    ) -> None:
        """List a problem."""
        self.problems.append(
            Problem(kind, "", line, message, signal, plain_text(problem), plain_text(consequence))
        )

    def say_shared_id(self, line: int, message: str, key: FrameKey) -> None:
        """List a message whose id another one had before it."""
        other = self._first_of_id.get(key)
        if other is not None:
            self.say(
                DUPLICATE,
                line,
                message,
                "",
                f"message {other.name} has the id {id_text(other.id, other.extended)} too",
                "frames with this id are decoded as both",
            )

    def keep(self, message: MessageLayout) -> None:
        """Put a message to those that are loaded."""
        self.messages.append(message)
        self._first_of_id.setdefault(message.key, message)

    def database(self, file: str, sha256: str) -> Database:
        """Return the database of what was found in `file`."""
        return Database(
            file,
            sha256,
            tuple(self.messages),
            tuple(problem._replace(file=file) for problem in self.problems),
            self.message_statements,
            self.signal_statements,
        )


def take_census(source: Source, reading: Reading) -> Census:
    """Join a source and its reading; problems come in the order of the file's lines."""
    census = Census(problems=list(source.problems))
    if reading.refusal:
        census.say(
            REPAIRED,
            reading.refusal_line,
            "",
            "",
            f"cantools refuses the file as it is{_headless(source)}: {reading.refusal}",
            "loaded from its single statements",
        )
    for signal in source.orphans:
        _lose(census, "", signal, "it stands before any message")
    for place, statement in enumerate(source.messages):
        _MessageCensus(statement, source, census).take(
            reading.messages.get(place), reading.refused.get(place, ""), not reading.refusal
        )
    census.messages += map(message_from_cantools, reading.extra)
    census.message_statements = len(source.messages) + len(reading.extra)
    census.signal_statements = (
        len(source.orphans)
        + sum(len(message.signals) for message in source.messages)
        + sum(len(message.signals) for message in reading.extra)
    )
    census.problems.sort(key=lambda problem: problem.line)
    return census


def _headless(source: Source) -> str:
    return "" if source.keywords & {"BS_", "BU_"} else " (it has neither BS_ nor BU_)"


def _lose(census: Census, message: str, signal: SignalStatement, why: str) -> None:
    census.say(LOST, signal.line, message, signal.name, why, "not loaded")


def _is_usable(theirs: Any) -> bool:
    """Tell whether cantools made a signal that can be decoded of a statement we cannot use."""
    if theirs is None or theirs.start < 0:
        return False
    return is_finite(theirs.conversion.scale) and is_finite(theirs.conversion.offset)


class _MessageCensus:
    """The census of one message."""

    def __init__(self, statement: MessageStatement, source: Source, census: Census) -> None:
        self._statement = statement
        self._source = source
        self._census = census

    def take(self, theirs: Any, refused: str, whole: bool) -> None:
        """Load the message from cantools' object (`theirs`, may be None), or list it."""
        statement = self._statement
        if statement.name == INDEPENDENT:
            self._say(NO_MESSAGE, "signals that belong to no message", "none of it is needed")
            for signal in statement.signals:
                self._say_of(NO_MESSAGE, signal, "it belongs to no message", "no frame carries it")
            return
        if statement.problem:
            self._say(LOST, statement.problem, "not loaded, nor are its signals")
            for signal in statement.signals:
                _lose(self._census, statement.name, signal, "its message is not loaded")
            return
        if statement.flaw:
            self._say(REPAIRED, statement.flaw, "loaded as if it was right")
        if refused:
            self._say(REPAIRED, f"cantools cannot read it: {refused}", "read by evdiag itself")
        if statement.length > LONGEST_FRAME:
            self._say(
                LENGTH,
                f"it is {statement.length} bytes long, and no CAN frame is longer than 64",
                "all of it is decoded from diagnostic answers, of a frame what fits",
            )
        key = frame_key(statement.dbc_id & ~EXTENDED_BIT, bool(statement.dbc_id & EXTENDED_BIT))
        self._census.say_shared_id(statement.line, statement.name, key)
        self._census.keep(self._message(theirs, whole))

    def _message(self, theirs: Any, whole: bool) -> MessageLayout:
        statement, source = self._statement, self._source
        twins = signals_of(theirs, statement, whole) if theirs is not None else {}
        spots = places(statement.signals, source.pages.get(statement.dbc_id, {}))
        loaded: list[tuple[SignalStatement, SignalLayout]] = []
        for place, (signal, spot) in enumerate(zip(statement.signals, spots, strict=True)):
            twin = twins.get(place)
            if signal.problem and not _is_usable(twin):
                _lose(self._census, statement.name, signal, signal.problem)
                continue
            layout = self._signal(signal, twin)
            self._say_about(signal, spot, layout)
            loaded.append((signal, layout._replace(conditions=spot.conditions)))
        signals = self._checked(self._with_switches(loaded))
        period = source.cycle_times.get(statement.dbc_id, source.cycle_time_default)
        senders = (statement.sender,) if statement.sender not in ("", "Vector__XXX") else ()
        return MessageLayout(
            source.long_names.get((statement.dbc_id, ""), statement.name),
            statement.dbc_id & ~EXTENDED_BIT,
            bool(statement.dbc_id & EXTENDED_BIT),
            statement.length,
            tuple(signals),
            statement.length > LONGEST_CLASSIC or (theirs is not None and bool(theirs.is_fd)),
            period or None,
            tuple(theirs.senders) if whole and theirs is not None else senders,
            source.comments.get((statement.dbc_id, ""), ""),
        )

    def _signal(self, signal: SignalStatement, theirs: Any) -> SignalLayout:
        """Return the layout as cantools read it, or else as the statement says."""
        key = self._statement.dbc_id, signal.name
        name = self._source.long_names.get(key, signal.name)
        if theirs is not None:
            layout = signal_from_cantools(theirs)
            return layout._replace(name=name, is_switch=signal.is_switch)
        return SignalLayout(
            name,
            signal.start,
            signal.length,
            signal.little_endian,
            signal.signed,
            is_float(signal, key[0], self._source),
            signal.scale,
            signal.offset,
            signal.minimum,
            signal.maximum,
            signal.unit,
            tuple(self._source.values.get(key, {}).items()),
            signal.is_switch,
            comment=self._source.comments.get(key, ""),
        )

    def _with_switches(
        self, loaded: Iterable[tuple[SignalStatement, SignalLayout]]
    ) -> list[tuple[SignalStatement, SignalLayout]]:
        """Name the switches of conditions as their layouts are named; without one, nothing holds.

        A signal whose switch is not loaded would be decoded at random.
        """
        loaded = list(loaded)
        names: dict[str, str] = {}
        for signal, layout in loaded:
            names.setdefault(signal.name, layout.name)
        kept = []
        for signal, layout in loaded:
            missing = [c.switch for c in layout.conditions if c.switch not in names]
            if missing:
                why = f"its multiplexer switch {missing[0]} is not loaded"
                _lose(self._census, self._statement.name, signal, why)
                continue
            conditions = tuple(c._replace(switch=names[c.switch]) for c in layout.conditions)
            kept.append((signal, layout._replace(conditions=conditions)))
        return kept

    def _checked(self, loaded: list[tuple[SignalStatement, SignalLayout]]) -> list[SignalLayout]:
        """List what is odd about the signals, and give each its own name."""
        statements = [signal for signal, _ in loaded]
        signals, doubts = unique_names([layout for _, layout in loaded])
        for doubt in doubts:
            self._say_of(doubt.kind, statements[doubt.place], doubt.problem, doubt.consequence)
        dropped = {doubt.place for doubt in doubts if doubt.consequence == "loaded once"}
        left = [signal for place, signal in enumerate(statements) if place not in dropped]
        for doubt in signal_doubts(signals, self._statement.length):
            self._say_of(doubt.kind, left[doubt.place], doubt.problem, doubt.consequence)
        return signals

    def _say_about(self, signal: SignalStatement, spot: Place, layout: SignalLayout) -> None:
        if signal.flaw:
            self._say_of(REPAIRED, signal, signal.flaw, "loaded as if it was right")
        if spot.doubt:
            self._say_of(MULTIPLEXING, signal, spot.doubt, IN_EVERY_FRAME)
        key = self._statement.dbc_id, signal.name
        if key in self._source.float_signals and not layout.is_float:
            problem = f"it is said to be a float, and is {signal.length} bits long"
            self._say_of(LENGTH, signal, problem, "decoded as a whole number")

    def _say(self, kind: str, problem: str, consequence: str) -> None:
        statement = self._statement
        self._census.say(kind, statement.line, statement.name, "", problem, consequence)

    def _say_of(self, kind: str, signal: SignalStatement, problem: str, consequence: str) -> None:
        name = self._statement.name
        self._census.say(kind, signal.line, name, signal.name, problem, consequence)
