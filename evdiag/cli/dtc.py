"""``evdiag dtc``: the trouble codes of the control units that a profile knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.bus_options import bus_options, buses_of, recording_option
from evdiag.cli.consent import consent_option
from evdiag.cli.groups import CommandGroup
from evdiag.cli.hearing import within_option
from evdiag.cli.options import format_option
from evdiag.errors import BusError

if TYPE_CHECKING:
    from evdiag.cli.output import Format

_vehicle = click.option(
    "--vehicle",
    metavar="ID",
    required=True,
    help="The car's profile: which units are asked differs from car to car.",
)


@click.group("dtc", cls=CommandGroup)
def command() -> None:
    """Trouble codes (DTC) of the car's control units."""


@command.command("read")
@bus_options
@_vehicle
@click.option(
    "--before",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.jsonl",
    help="What `dtc read --format jsonl` wrote earlier: say what is gone, still set, new.",
)
@recording_option
@format_option
def read(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str,
    before: Path | None,
    folder: Path,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Read which trouble codes are set, with their snapshots and extended data as raw bytes.

    Transmits (level ASK, service 0x19 in the default session); clears nothing. After 60 s what was
    read by then is shown. Ends with 4 where no unit answers.
    """
    from evdiag.asking import check_units
    from evdiag.cli.output import records
    from evdiag.cli.sayings import Sayings
    from evdiag.cli.trouble_code_changes import CHANGE_COLUMNS, changes, read_before
    from evdiag.cli.trouble_code_rows import COLUMNS, code_records, code_words
    from evdiag.cli.trouble_codes_read import read_codes
    from evdiag.connecting import RecordingPlan, connected
    from evdiag.log_file import start_log
    from evdiag.vehicles.library import library

    profile = library().profile(vehicle)
    check_units(profile)
    earlier = None if before is None else read_before(before, profile.id)
    start_log()
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
    live = connected(buses, profile.id, RecordingPlan(folder))
    say = Sayings()
    columns = COLUMNS if earlier is None else CHANGE_COLUMNS
    inputs = () if before is None else (before,)
    with records(form, output, columns, code_words, force=force, inputs=inputs) as emit:
        live.start()
        try:
            say.recording(live.state.recorder)
            say.warnings(profile)
            units = read_codes(live, profile, say)
        finally:
            live.stop()
            say.not_recorded(live.state.recorder)
        rows = [row for unit in units for row in code_records(profile, unit)]
        for row in rows if earlier is None else changes(earlier, rows):
            emit(row)
    if all(unit.problem for unit in units):
        tried = "; ".join(f"{unit.ecu.text}: {unit.problem}" for unit in units)
        raise BusError(f"no control unit told its trouble codes: {tried}")
    return 0


@command.command("clear")
@bus_options
@_vehicle
@click.option(
    "--unit",
    metavar="0x7E6",
    required=True,
    help="The control unit, as `evdiag dtc read` names it.",
)
@click.argument("code", metavar="CODE")
@consent_option
@within_option
@recording_option
@format_option
def clear(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str,
    unit: str,
    code: str,
    consent: str | None,
    within: float,
    folder: Path,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Have one control unit forget one trouble code: CODE as `evdiag dtc read` prints it.

    Transmits (level ACT, service 0x14) when --consent says the word for this code. Reads before and
    after, and says what is gone, still set, new. There is no way to clear all at once. A code is
    the workshop's evidence: read it, keep it, mend the cause, then clear it.
    """
    from evdiag.cli.clearing import Clearing
    from evdiag.cli.output import records
    from evdiag.cli.trouble_code_changes import CHANGE_COLUMNS
    from evdiag.log_file import start_log

    clearing = Clearing(vehicle, unit, code)
    clearing.check_consent(consent)
    start_log()
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
    with records(form, output, CHANGE_COLUMNS, lambda each: str(each["text"]), force=force) as emit:
        cleared = clearing.carry_out(buses, folder, within)
        if form == "table":
            emit({"text": cleared.words})
        elif form == "jsonl":
            emit(cleared.record)
        if form != "table":
            for row in cleared.changes:
                emit(row)
    return cleared.exit_code
