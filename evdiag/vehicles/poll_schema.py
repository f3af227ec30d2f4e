"""The diagnostic reads of a profile: how each control unit is reached, and what it is asked.

What may be sent at all is decided by `evdiag.control.policy`; that an address can be one of a
control unit is checked here too, so that a slip of the pen is told before anything is armed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evdiag.inputs import FrameKey
from evdiag.vehicles.ecu import Ecu, is_diagnostic_id
from evdiag.vehicles.profile import Bus, Poll
from evdiag.vehicles.toml_table import MOST_RAW, TomlTable, quoted

READ_BY_IDENTIFIER = 0x22

FASTEST_MS = 100
"""A gateway has more to do than to answer us."""

_DBC_MARK = 1 << 31
"""A DBC marks 29-bit ids so; a profile says `extended = true`."""


class KnownBuses:
    """The buses of a profile by name, and who sends which id by itself."""

    def __init__(self, buses: Sequence[Bus]) -> None:
        self.names = {bus.name: bus for bus in buses}
        self.first = next(iter(self.names), "")
        self.sent_on = {frame.key: bus.name for bus in reversed(buses) for frame in bus.frames}


def read_polls(
    top: TomlTable, buses: KnownBuses, evidence: Callable[[TomlTable], str]
) -> tuple[Poll, ...]:
    """Read the list of `polls`.

    Raises:
        BadInputError: with file, table, key and, for a misspelt word, the nearest one.
    """
    polls: list[Poll] = []
    before = _Before()
    for table in top.tables("polls"):
        poll = _poll(table, buses, evidence)
        before.check_alone(table, poll)
        polls.append(poll)
    return tuple(polls)


def _poll(table: TomlTable, buses: KnownBuses, evidence: Callable[[TomlTable], str]) -> Poll:
    service = table.integer("service", READ_BY_IDENTIFIER)
    if service != READ_BY_IDENTIFIER:
        raise table.wrong(
            "service", f"only 0x22 (read by identifier) is polled, not {service:#04x}"
        )
    poll = Poll(
        name=table.text("name"),
        ecu=read_ecu(table, buses),
        service=service,
        did=_within(table, "did", 0xFFFF),
        period_ms=table.integer("period_ms", least=FASTEST_MS),
        message=table.text("message"),
        evidence=evidence(table),
        source=table.text("source"),
    )
    table.close()
    if poll.ecu.reaches_many:
        raise table.wrong(
            "request_id", f"{poll.ecu.text} asks many control units at once; a poll asks one"
        )
    if not is_diagnostic_id(poll.ecu.request_id, poll.ecu.extended_ids):
        raise table.wrong(
            "request_id", f"{poll.ecu.text} is no id on which diagnostics are asked: it is refused"
        )
    return poll


def read_ecu(table: TomlTable, buses: KnownBuses) -> Ecu:
    """Read how a control unit is reached.

    Raises:
        BadInputError: with file, table and key.
    """
    extended_ids = table.flag("extended_ids", False)
    largest = (1 << 29 if extended_ids else 1 << 11) - 1
    ecu = Ecu(
        bus=table.word("bus", buses.names, buses.first),
        request_id=_within(table, "request_id", largest),
        response_id=_within(table, "response_id", largest),
        extended_ids=extended_ids,
        target_address=_address(table, "target_address"),
        tester_address=_address(table, "tester_address"),
    )
    if (ecu.target_address is None) != (ecu.tester_address is None):
        raise table.wrong("target_address", "extended addressing needs tester_address beside it")
    if ecu.request_id == ecu.response_id:
        raise table.wrong("response_id", "must not be the id that asks")
    for key, frame in (("request_id", ecu.request_key), ("response_id", ecu.response_key)):
        if frame in buses.sent_on:
            raise table.wrong(key, f"is an id that the car sends on {quoted(buses.sent_on[frame])}")
    return ecu


def read_can_id(table: TomlTable, key: str, extended: bool) -> int:
    """Read the id of a frame.

    Raises:
        BadInputError: it has too many bits.
    """
    value = table.integer(key, most=MOST_RAW)
    if value in range(1 << 29 if extended else 1 << 11):
        return value
    if not extended:
        raise table.wrong(key, "does not fit: 29-bit ids need extended = true")
    marked = value in range(_DBC_MARK, _DBC_MARK + (1 << 29))
    hint = f"; without the mark of a DBC it is 0x{value - _DBC_MARK:X}" if marked else ""
    raise table.wrong(key, f"does not fit: it has more than 29 bits{hint}")


def _address(table: TomlTable, key: str) -> int | None:
    return _within(table, key, 0xFF) if key in table else None


def _within(table: TomlTable, key: str, largest: int) -> int:
    value = table.integer(key, least=0, most=MOST_RAW)
    if value > largest:
        raise table.wrong(key, f"must be 0x{largest:X} or less, not 0x{value:X}")
    return value


class _Before:
    """The polls that were read already, by what no two of them share."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._messages: dict[str, Poll] = {}
        self._reads: dict[tuple[Ecu, int], Poll] = {}
        self._answers: dict[tuple[str, FrameKey, int | None], Poll] = {}

    def check_alone(self, table: TomlTable, poll: Poll) -> None:
        ecu = poll.ecu
        if poll.name in self._names:
            raise table.wrong("name", f"there is a poll {quoted(poll.name)} already")
        self._names.add(poll.name)
        other = self._messages.setdefault(poll.message, poll)
        if other is not poll:
            raise table.wrong("message", f"is read by poll {quoted(other.name)} already")
        other = self._reads.setdefault((ecu, poll.did), poll)
        if other is not poll:
            raise table.wrong("did", f"is read by poll {quoted(other.name)} already")
        answer = (ecu.bus, ecu.response_key, ecu.tester_address)
        other = self._answers.setdefault(answer, poll)
        if other.ecu != ecu:
            raise table.wrong("response_id", f"is that of poll {quoted(other.name)} as well")
