"""From a profile's TOML to a `Profile`, or to one sentence that says what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from evdiag.vehicles.poll_schema import KnownBuses, read_can_id, read_polls
from evdiag.vehicles.profile import (
    ALL_COMMANDS,
    HABITS,
    Bus,
    CommandNotKnown,
    ExpectedFrame,
    Fact,
    Habit,
    HabitKind,
    Layout,
    LayoutRule,
    LockBehaviour,
    ManualRelease,
    Poll,
    Profile,
    RelockTimer,
    Sends,
    SignalMap,
)
from evdiag.vehicles.toml_table import LEAST_RAW, MOST_RAW, Loads, TomlTable
from evdiag.vehicles.trouble_codes import TroubleCodeName, read_code
from evdiag.vehicles.vin_pattern import wrong_pattern
from evdiag.vocabulary import COMMANDS, EVIDENCE_LEVELS, INVALID, TERM

if TYPE_CHECKING:
    from evdiag.vehicles.command import Command

_Read = TypeVar("_Read")

SCHEMA = 1
"""The version of the profile format; a profile names the one it is written for."""

LONGEST = 64
"""Bytes of data in a frame, CAN FD included."""

_SENDS = ("cyclic", "cyclic_and_event", "event")
_USER_LEVELS = ("community", "unproven", "simulated")


def read_profile(
    file: str, text: str, *, from_user: bool = False, loads: Loads | None = None
) -> Profile:
    """Read one profile; `loads` parses its TOML (`TomlTable.parse`).

    A user's own profile cannot claim more than `community` for a fact.

    Raises:
        BadInputError: with file, table, key and, for a misspelt word, the nearest one.
    """
    top = TomlTable.parse(file, text, loads)
    if top.integer("schema") != SCHEMA:
        raise top.wrong("schema", f"this evdiag reads profiles of schema {SCHEMA}")
    identifier = top.name("id")
    reader = _Reader(_USER_LEVELS if from_user else EVIDENCE_LEVELS)
    identity = top.table("identity")
    buses = _distinct(top.tables("buses"), reader.bus, "name", lambda bus: bus.name, "another bus")
    if not buses:
        raise top.wrong("buses", "is missing: name at least one bus")
    reader.known_buses = known_buses = KnownBuses(buses)
    polls = read_polls(top, known_buses, reader.evidence)
    reader.polls = {poll.message: poll for poll in polls}
    diagnostics = top.table("diagnostics")
    layouts, shared = reader.layouts(top)
    profile = Profile(
        id=identifier,
        make=identity.text("make"),
        model=identity.text("model"),
        years=identity.text("years", ""),
        markets=identity.texts("markets"),
        vin_pattern=_pattern(identity, "vin_pattern"),
        buses=buses,
        layouts=layouts,
        shared_layout=shared,
        lock=reader.lock(top.table("lock")),
        relock=reader.relock(top),
        lock_modes=reader.facts(top, "lock_modes"),
        manual_release=tuple(reader.manual_release(t) for t in top.tables("manual_release")),
        hints=reader.facts(top, "hints"),
        polls=polls,
        commands=_commands(top, known_buses, reader.evidence),
        sources=top.texts("sources"),
        diagnostic_warnings=reader.facts(diagnostics, "warnings"),
        habits=tuple(reader.habit(table) for table in top.tables("habits")),
        trouble_codes=tuple(reader.trouble_code(table) for table in top.tables("trouble_codes")),
        commands_not_known=tuple(reader.commands_not_known(top)),
        file=file,
        file_sha256=hashlib.sha256(text.encode()).hexdigest(),
        from_user=from_user,
    )
    for command in profile.commands:
        if command.vin_from_unit and not profile.vin_pattern:
            raise identity.wrong("vin_pattern", f"is missing: {command.text} has vin_from_unit")
    identity.close()
    diagnostics.close()
    top.close()
    return profile


def _commands(
    top: TomlTable, buses: KnownBuses, evidence: Callable[[TomlTable], str]
) -> tuple[Command, ...]:
    if "commands" not in top:
        return ()
    # Few cars have any, and to load what reads them lasts as long as to read the rest.
    from evdiag.vehicles.command_schema import read_commands

    return read_commands(top, buses, evidence)


def _distinct(
    tables: Iterable[TomlTable],
    read: Callable[[TomlTable], _Read],
    key: str,
    named: Callable[[_Read], Hashable],
    other: str,
) -> tuple[_Read, ...]:
    """Read tables one by one; no two of them may be `named` the same, as their `key` says."""
    found: dict[Hashable, _Read] = {}
    for table in tables:
        one = read(table)
        if found.setdefault(named(one), one) is not one:
            raise table.wrong(key, f"is that of {other} as well")
    return tuple(found.values())


class _Reader:
    """Reads the tables of one profile; holds what their checks need to know of each other."""

    def __init__(self, evidence_levels: tuple[str, ...]) -> None:
        self._levels = evidence_levels
        self.known_buses = KnownBuses(())
        self.polls: dict[str, Poll] = {}

    def evidence(self, table: TomlTable) -> str:
        level = table.text("evidence")
        if level in EVIDENCE_LEVELS and level not in self._levels:
            known = ", ".join(self._levels)
            raise table.wrong(
                "evidence", f"a profile of your own cannot say {level!r}; it can say: {known}"
            )
        return table.checked("evidence", level, self._levels)

    def bus(self, table: TomlTable) -> Bus:
        bus = Bus(
            name=table.text("name"),
            bitrate=table.integer("bitrate", least=1),
            tap=table.text("tap"),
            at_obd=table.flag("at_obd"),
            # Each counts when the car is recognised.
            frames=_distinct(
                table.tables("frames"),
                self._expected_frame,
                "id",
                lambda frame: frame.key,
                "another frame of this bus",
            ),
            data_bitrate=table.integer("data_bitrate", 0, least=1) or None,
        )
        table.close()
        return bus

    def _expected_frame(self, table: TomlTable) -> ExpectedFrame:
        sends = cast("Sends", table.word("sends", _SENDS, "cyclic"))
        period_ms = table.integer("period_ms", 0, least=1) or None
        if period_ms is None and sends != "event":
            raise table.wrong("period_ms", 'is missing: only frames with sends = "event" have none')
        extended = table.flag("extended", False)
        frame = ExpectedFrame(
            id=read_can_id(table, "id", extended),
            extended=extended,
            length=_integer_or_none(table, "length", LONGEST, least=0),
            period_ms=period_ms,
            sends=sends,
        )
        table.close()
        return frame

    def layouts(self, top: TomlTable) -> tuple[tuple[Layout, ...], Layout | None]:
        """Read either one layout (top-level `dbc` and `signals`) or the list of `layouts`."""
        common_dbc = top.texts("dbc")
        common = tuple(self._signals(top.table("signals")))
        named = _distinct(
            top.tables("layouts"),
            lambda table: self._layout(table, common),
            "id",
            lambda layout: layout.id,
            "another layout",
        )
        shared = Layout("", "what every layout shares", common_dbc, common)
        if not named:
            return (shared,), None
        return named, shared

    def _layout(self, table: TomlTable, common: tuple[SignalMap, ...]) -> Layout:
        own = tuple(self._signals(table.table("signals")))
        names = {signal.name for signal in own}
        layout = Layout(
            id=table.text("id"),
            name=table.text("name"),
            dbc=table.texts("dbc"),
            signals=(*own, *(signal for signal in common if signal.name not in names)),
            rules=tuple(self._rule(rule) for rule in table.tables("rules")),
        )
        table.close()
        return layout

    def _rule(self, table: TomlTable) -> LayoutRule:
        when = table.table("when")
        rule = LayoutRule(
            when=tuple((name, when.integers(name)) for name in when.names()),
            then=table.text("then"),
            one_of=table.integers("one_of"),
            weight=table.number("weight", 1.0),
        )
        table.close()
        return rule

    def _signals(self, table: TomlTable) -> Iterator[SignalMap]:
        for name in table.names():
            table.checked(name, name, TERM)
            buses: set[str] = set()
            for entry in table.one_or_more(name):
                signal = self._signal_map(name, entry)
                if signal.bus in buses:
                    raise table.wrong(name, f"is read twice from bus {signal.bus!r}")
                buses.add(signal.bus)
                yield signal

    def _signal_map(self, name: str, table: TomlTable) -> SignalMap:
        message, _, signal = table.text("from").partition(".")
        if not signal:
            raise table.wrong("from", 'must be "Message.Signal" of the DBC')
        allowed = (*TERM[name].words, INVALID)
        words = table.word_by_integer("values", allowed)
        if TERM[name].numeric and words:
            raise table.wrong("values", f"{name} is a number and takes its scale from the DBC")
        if not TERM[name].numeric and not words:
            raise table.wrong("values", "is missing: which raw value means which word")
        poll = self.polls.get(message)
        entry = SignalMap(
            name=name,
            bus=self._bus_of(table, poll),
            message=message,
            signal=signal,
            words=words,
            otherwise=table.word("otherwise", allowed, INVALID),
            invalid=table.integers("invalid"),
            invalid_from=_integer_or_none(table, "invalid_from", MOST_RAW),
            evidence=self.evidence(table),
            source=table.text("source"),
            page_period_ms=table.integer("page_period_ms", 0, least=1) or None,
            poll="" if poll is None else poll.name,
        )
        table.close()
        return entry

    def _bus_of(self, table: TomlTable, poll: Poll | None) -> str:
        if poll is None:
            return table.word("bus", self.known_buses.names, self.known_buses.first)
        if table.word("bus", self.known_buses.names, poll.ecu.bus) != poll.ecu.bus:
            raise table.wrong("bus", f"its poll {poll.name!r} asks on bus {poll.ecu.bus!r}")
        return poll.ecu.bus

    def lock(self, table: TomlTable) -> LockBehaviour:
        normal = LockBehaviour()
        condition = table.table("not_fitted_when")
        not_fitted: tuple[str, tuple[str, ...]] | None = None
        if "signal" in condition:
            signal = condition.word("signal", TERM)
            not_fitted = (signal, condition.words("is", TERM[signal].words))
        condition.close()
        lock = LockBehaviour(
            fitted=table.flag("fitted", normal.fitted),
            releases_within_s=table.number("releases_within_s", normal.releases_within_s),
            settling_ms=table.integer("settling_ms", normal.settling_ms, least=0),
            left_open_after_s=table.number("left_open_after_s", normal.left_open_after_s),
            opens_at_session_end=table.words("opens_at_session_end", ("ac", "dc")),
            latch_button_requests=table.flag("latch_button_requests", False),
            not_fitted_when=not_fitted,
            evidence=self.evidence(table) if table.names() else "",
            source=table.text("source") if table.names() else "",
        )
        table.close()
        return lock

    def relock(self, top: TomlTable) -> RelockTimer | None:
        table = top.table("relock")
        if not table.names():
            return None
        anchor = table.word("anchor", ("lock_open", "fob", "door_unlock"))
        timer = RelockTimer(
            anchor=cast('Literal["lock_open", "fob", "door_unlock"]', anchor),
            seconds=table.numbers("seconds"),
            evidence=self.evidence(table),
            source=table.text("source"),
        )
        if not timer.seconds:
            raise table.wrong("seconds", "needs at least one number")
        table.close()
        return timer

    def facts(self, top: TomlTable, key: str) -> tuple[Fact, ...]:
        return tuple(self._fact(table) for table in top.tables(key))

    def _fact(self, table: TomlTable) -> Fact:
        fact = Fact(table.text("text"), self.evidence(table), table.text("source"))
        table.close()
        return fact

    def commands_not_known(self, top: TomlTable) -> Iterator[CommandNotKnown]:
        seen: set[str] = set()
        for table in top.tables("commands_not_known"):
            name = table.word("name", (*COMMANDS, ALL_COMMANDS))
            if name in seen:
                raise table.wrong("name", f"of {name!r} it is said already why it is not known")
            seen.add(name)
            yield CommandNotKnown(
                name, table.text("text"), self.evidence(table), table.text("source")
            )
            table.close()

    def habit(self, table: TomlTable) -> Habit:
        habit = Habit(
            kind=cast("HabitKind", table.word("kind", HABITS)),
            seconds=table.number("seconds") if "seconds" in table else None,
            evidence=self.evidence(table),
            source=table.text("source"),
        )
        table.close()
        return habit

    def trouble_code(self, table: TomlTable) -> TroubleCodeName:
        code = read_code(table.text("code"))
        if code is None:
            raise table.wrong("code", 'must be like "P0D96", "P0D56-24" or "805503"')
        name = TroubleCodeName(
            *code, table.text("meaning"), self.evidence(table), table.text("source")
        )
        table.close()
        return name

    def manual_release(self, table: TomlTable) -> ManualRelease:
        release = ManualRelease(
            where=table.text("where"),
            how=table.text("how"),
            tools=table.texts("tools"),
            warnings=table.texts("warnings"),
            evidence=self.evidence(table),
            source=table.text("source"),
        )
        table.close()
        return release


def _integer_or_none(
    table: TomlTable, key: str, most: int, *, least: int = LEAST_RAW
) -> int | None:
    return table.integer(key, least=least, most=most) if key in table else None


def _pattern(table: TomlTable, key: str) -> str:
    pattern = table.text(key, "")
    wrong = wrong_pattern(pattern) if pattern else ""
    if wrong:
        raise table.wrong(key, wrong)
    return pattern
