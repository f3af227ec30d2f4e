"""The commands of a profile, from TOML; what no command may be is refused by `command_rules`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, cast, get_args

from evdiag.vehicles.command import (
    Ask,
    Cease,
    Checksum,
    ChecksumKind,
    Command,
    CommandFrame,
    Doing,
    Motion,
    Pause,
    Proof,
    Repeat,
    Request,
    Send,
    Step,
    Wait,
)
from evdiag.vehicles.command_rules import refusals
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.poll_schema import KnownBuses, read_can_id, read_ecu
from evdiag.vehicles.toml_table import MOST_RAW, TomlTable
from evdiag.vocabulary import COMMANDS, TERM, CommandName

CHECKSUMS: Final[tuple[ChecksumKind, ...]] = get_args(ChecksumKind)
MOTIONS: Final[tuple[Motion, ...]] = get_args(Motion)

_BYTES = re.compile(r"[0-9A-Fa-f]{2}( [0-9A-Fa-f]{2})*")
_DOINGS: Final = ("request", "send", "cyclic", "stop", "wait", "pause_s")


def read_commands(
    top: TomlTable, buses: KnownBuses, evidence: Callable[[TomlTable], str]
) -> tuple[Command, ...]:
    """Read the list of `commands`.

    Raises:
        BadInputError: with file, table, key and what is wrong; also for a command that evdiag
            never carries out, whatever a profile says.
    """
    commands: dict[tuple[str, str], Command] = {}
    for table in top.tables("commands"):
        command = _command(table, buses, evidence)
        if commands.setdefault((command.name, command.way), command) is not command:
            raise table.wrong("way", f"there is a way {command.way!r} to {command.name} already")
    return tuple(commands.values())


def _command(table: TomlTable, buses: KnownBuses, evidence: Callable[[TomlTable], str]) -> Command:
    unit = _unit(table, buses)
    command = Command(
        name=cast("CommandName", table.word("name", COMMANDS)),
        way=table.name("way"),
        summary=table.text("summary"),
        proof=_proof(table.table("success")),
        within_s=table.number("within_s"),
        longest_s=table.number("longest_s"),
        actuator=table.name("actuator"),
        on_s=table.number("on_s"),
        alone_after_s=table.number("alone_after_s"),
        evidence=evidence(table),
        source=table.text("source"),
        steps=tuple(_step(each) for each in table.tables("steps")),
        hand_back=tuple(_step(each) for each in table.tables("hand_back")),
        requests=tuple(_request(each) for each in table.tables("requests")),
        frames=tuple(_frame(each, buses) for each in table.tables("frames")),
        needs=tuple(_proof(each) for each in table.tables("needs")),
        unit=unit,
        vin_from_unit=table.flag("vin_from_unit", False),
        keep_alive=table.name("keep_alive", ""),
    )
    table.close()
    for key, why in refusals(command, buses.sent_on):
        raise table.wrong(key, f"{command.text}: {why}")
    return command


def _unit(table: TomlTable, buses: KnownBuses) -> Ecu | None:
    if "unit" not in table:
        return None
    unit = table.table("unit")
    ecu = read_ecu(unit, buses)
    unit.close()
    return ecu


def _request(table: TomlTable) -> Request:
    request = Request(
        id=table.name("id"),
        data=_bytes(table, "bytes"),
        every_ms=table.integer("every_ms", least=1),
        moves=_motion(table),
    )
    table.close()
    return request


def _frame(table: TomlTable, buses: KnownBuses) -> CommandFrame:
    extended = table.flag("extended", False)
    can_id = read_can_id(table, "can_id", extended)
    length = table.integer("length", least=1)
    frame = CommandFrame(
        id=table.name("id"),
        bus=table.word("bus", buses.names, buses.first),
        can_id=can_id,
        extended=extended,
        length=length,
        data=_bytes(table, "data", length),
        mask=_bytes(table, "mask", length),
        every_ms=table.integer("every_ms", least=1),
        message=table.text("message"),
        signals=_raw_values(table.table("signals")),
        counter=table.text("counter", ""),
        checksum=_checksum(table),
        moves=_motion(table),
    )
    table.close()
    return frame


def _motion(table: TomlTable) -> Motion | None:
    return cast("Motion", table.word("moves", MOTIONS)) if "moves" in table else None


def _raw_values(table: TomlTable) -> tuple[tuple[str, int], ...]:
    return tuple((name, table.integer(name, least=0, most=MOST_RAW)) for name in table.names())


def _checksum(table: TomlTable) -> Checksum | None:
    if "checksum" not in table:
        return None
    inner = table.table("checksum")
    checksum = Checksum(
        signal=inner.text("signal"),
        kind=cast("ChecksumKind", inner.word("kind", CHECKSUMS)),
        prefix=_bytes(inner, "prefix") if "prefix" in inner else bytes.fromhex(""),
    )
    inner.close()
    return checksum


def _proof(table: TomlTable) -> Proof:
    signal = table.word("signal", TERM)
    if TERM[signal].numeric:
        below = table.number("below") if "below" in table else None
        above = table.number("above") if "above" in table else None
        if below is None and above is None:
            raise table.wrong("below", f"is missing: {signal} is a number")
        proof = Proof(signal, below=below, above=above)
    else:
        proof = Proof(signal, table.words("is", TERM[signal].words))
        if not proof.words:
            raise table.wrong("is", "is missing")
    table.close()
    return proof


def _step(table: TomlTable) -> Step:
    named = [key for key in _DOINGS if key in table]
    if len(named) != 1:
        raise table.wrong(
            named[1] if named else "request", f"a step does one of: {', '.join(_DOINGS)}"
        )
    step = Step(
        doing=_doing(table, named[0]),
        id=table.name("id", ""),
        tries=table.integer("tries", 1, least=1),
        again_from=table.name("again_from", ""),
        goes_on=table.word("if_not", ("end", "go_on"), "end") == "go_on",
    )
    table.close()
    return step


def _doing(table: TomlTable, kind: str) -> Doing:
    match kind:
        case "request":
            return Ask(table.name(kind))
        case "send":
            return Send(table.name(kind), table.integer("times", 1, least=1))
        case "cyclic":
            return Repeat(table.name(kind))
        case "stop":
            return Cease(table.name(kind))
        case "wait":
            inner = table.table(kind)
            within_s = inner.number("within_s")
            return Wait(_proof(inner), within_s)
    return Pause(table.number(kind))


def _bytes(table: TomlTable, key: str, length: int | None = None) -> bytes:
    text = table.text(key)
    if not _BYTES.fullmatch(text):
        raise table.wrong(key, 'must be bytes like "2F E0 10 03"')
    data = bytes.fromhex(text)
    if length is not None and len(data) != length:
        raise table.wrong(key, f"has {len(data)} bytes, and `length` says {length}")
    return data
