"""``evdiag dtc read``: the trouble codes of the control units that a profile knows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.bus_options import bus_options, buses_of
from evdiag.cli.options import format_option
from evdiag.errors import BusError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evdiag.bus.settings import BusSettings
    from evdiag.cli.output import Format, Record
    from evdiag.control.trouble_codes import UnitCodes
    from evdiag.vehicles.profile import Profile

COLUMNS = (
    "vehicle", "unit", "code", "sae", "status", "says", "meaning", "evidence", "source",
    "snapshot", "extended", "problem",
)  # fmt: skip

_LOOK_S = 0.05
_AT_MOST_S = 60.0


@click.group("dtc")
def command() -> None:
    """Trouble codes (DTC) of the car's control units."""


@command.command("read")
@bus_options
@click.option(
    "--vehicle",
    metavar="ID",
    required=True,
    help="The car's profile: which units are asked differs from car to car.",
)
@format_option
def read(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Read which trouble codes are set, with their snapshots and extended data as raw bytes.

    Transmits (level ASK, service 0x19 in the default session); clears nothing. Ends with 4 where no
    unit answers.
    """
    from evdiag.cli.output import records
    from evdiag.log_file import start_log
    from evdiag.vehicles.library import library

    profile = library().profile(vehicle)
    start_log()
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
    with records(form, output, COLUMNS, _row, force=force) as emit:
        units = _ask(buses, profile)
        for unit in units:
            for entry in _records(profile, unit):
                emit(entry)
    if all(unit.problem for unit in units):
        tried = "; ".join(f"{unit.ecu.text}: {unit.problem}" for unit in units)
        raise BusError(f"no control unit told its trouble codes: {tried}")
    return 0


def _ask(buses: Sequence[BusSettings], profile: Profile) -> Sequence[UnitCodes]:
    from evdiag.asking import Asking
    from evdiag.cli.sayings import Sayings
    from evdiag.connecting import connected

    say = Sayings()
    live = connected(buses, profile.id, None)
    asking = Asking(live, profile, read_vin=False, trouble_codes=True)
    for warning in profile.diagnostic_warnings:
        say(f"mind: {warning.text} ({warning.evidence})")
    live.start()
    try:
        asked = ", ".join(dict.fromkeys(ecu.text for ecu in profile.ecus()))
        say(f"ASK: evdiag transmits: it reads the trouble codes of {asked}")
        asking.begin()
        ends_s = time.monotonic() + _AT_MOST_S
        while (found := asking.trouble_codes()) is None and time.monotonic() < ends_s:
            time.sleep(_LOOK_S)
    finally:
        asking.end()
        live.stop()
        say("LISTEN: nothing is transmitted any more")
    if found is None:
        raise BusError(f"the trouble codes were not read within {_AT_MOST_S:g} s")
    return found


def _records(profile: Profile, unit: UnitCodes) -> Iterator[Record]:
    from evdiag.vehicles.trouble_codes import name_of, sae_text, status_words

    head: dict[str, Any] = dict.fromkeys(COLUMNS)
    head |= {"vehicle": profile.id, "unit": unit.ecu.text, "problem": unit.problem or None}
    if not unit.codes:
        yield head
    for found in unit.codes:
        name = name_of(found.code, profile.trouble_codes)
        yield head | {
            "code": f"{found.code:06X}",
            "sae": sae_text(found.code),
            "status": f"0x{found.status:02X}",
            "says": list(status_words(found.status)),
            "meaning": None if name is None else name.meaning,
            "evidence": None if name is None else name.evidence,
            "source": None if name is None else name.source,
            "snapshot": found.snapshot.hex(" ").upper(),
            "extended": found.extended.hex(" ").upper(),
        }


def _row(entry: Record) -> str:
    """Return one code, or a unit without any, for people."""
    unit = entry["unit"]
    if entry["problem"]:
        return plain_text(f"{unit}: not read: {entry['problem']}")
    if entry["code"] is None:
        return plain_text(f"{unit}: no trouble codes")
    meaning = entry["meaning"] or "not known here"
    level = f" ({entry['evidence']})" if entry["evidence"] else ""
    lines = [
        f"{unit}: {entry['sae']} ({entry['code']})  {meaning}{level}",
        f"    status {entry['status']}: {', '.join(entry['says'])}",
    ]
    lines += [f"    {kind} {entry[kind]}" for kind in ("snapshot", "extended") if entry[kind]]
    return "\n".join(plain_text(line) for line in lines)
