"""``evdiag unlock``, ``relock``, ``cycle`` and ``open-flap``: one command, once, scriptable."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evdiag.cli.bus_options import bus_options, buses_of, recording_option
from evdiag.cli.consent import check_consent, command_meaning, command_word, consent_option
from evdiag.cli.hearing import LOOK_S, within_option
from evdiag.cli.options import format_option, vehicle_option

if TYPE_CHECKING:
    from evdiag.bus.settings import BusSettings
    from evdiag.cli.known_car import KnownCar
    from evdiag.cli.output import Format
    from evdiag.control.command_run import StepView
    from evdiag.control.interlocks import Interlock
    from evdiag.control.outcome import Outcome
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile
    from evdiag.vocabulary import CommandName

HELP: Final[dict[CommandName, str]] = {
    "unlock": "Have the car open the lock of its charge port.",
    "relock": "Have the car close the lock of its charge port.",
    "cycle": "Have the car unlock, lock and unlock its charge port: what people try first.",
    "open-flap": "Have the car open the flap of its charge port.",
}

_MORE_HELP: Final = """

Transmits (level ACT) when --consent says the word for it, and never otherwise. Done is what the bus
reports, not that something was sent. Ends with 1 where that did not come, with 3 where a condition
does not hold, with 4 where the car does not answer. Everything is handed back to the car however
it ends, and all of it is in a recording.
"""

_SETTLES_WITHIN_S: Final = 3.0
"""Slow signals, and a plug that must be steady, need their time before they are red."""

_Given = tuple[dict[str, Any], str, int]
"""How a command ended: its record, its words, its exit code."""


def command_of(name: CommandName) -> click.Command:
    """Return the command line's command of this name."""

    @click.command(name, help=HELP[name] + _MORE_HELP)
    @bus_options
    @vehicle_option
    @click.option("--way", metavar="ID", help="How: see `evdiag vehicles show ID`; else the usual.")
    @consent_option
    @click.option(
        "--dry-run",
        is_flag=True,
        help="Show the conditions and every frame, and send none; with --vehicle and no bus named, "
        "the frames alone.",
    )
    @within_option
    @recording_option
    @format_option
    def command(
        interface: str | None,
        channels: tuple[str, ...],
        bitrate: int | None,
        fd: bool,
        data_bitrate: int | None,
        vehicle: str | None,
        way: str | None,
        consent: str | None,
        dry_run: bool,
        within: float,
        folder: Path,
        form: Format,
        output: Path | None,
        force: bool,
    ) -> int:
        from evdiag.cli.analysis import say_profile_problems
        from evdiag.cli.command_record import COLUMNS
        from evdiag.cli.output import records
        from evdiag.log_file import start_log

        start_log()
        say_profile_problems()
        wish = _Wish(name, way, consent, vehicle)

        def named_buses() -> list[BusSettings]:
            return buses_of(interface, channels, bitrate, fd, data_bitrate)

        with records(form, output, COLUMNS, lambda each: str(each["text"]), force=force) as emit:
            if not dry_run:
                record, words, code = wish.give(named_buses, folder, within)
            elif vehicle is not None and interface is None and not channels:
                record, words, code = wish.rehearse_without_a_bus(vehicle)
            else:
                record, words, code = wish.rehearse(named_buses(), within)
            emit({"text": words} if form == "table" else record)
        return code

    return command


class _Wish:
    """What was typed: one command, and who consents to it."""

    def __init__(
        self, name: CommandName, way: str | None, consent: str | None, vehicle: str | None
    ) -> None:
        self._name = name
        self._way = way
        self._consent = consent
        self._vehicle = vehicle

    def give(
        self, named_buses: Callable[[], list[BusSettings]], folder: Path, within_s: float
    ) -> _Given:
        """Give the command, once, and return how it ended."""
        from evdiag.cli.carrying_out import carry_out, how_it_ended
        from evdiag.cli.command_record import EXIT_CODE, command_record, command_words
        from evdiag.cli.known_car import known_car
        from evdiag.vehicles.library import library

        no_steps: tuple[StepView, ...] = ()
        if self._vehicle is not None:
            # Known before a bus is opened: then none is, for a word that is missing.
            self._check_consent(self._command(library().profile(self._vehicle)))
        with known_car(named_buses(), self._vehicle, folder, within_s) as car:
            command = self._command(car.profile)
            self._check_consent(command)
            if _asks_for_an_eye(car, command):
                conditions = _settled(car, command)
                outcome, steps = _needs_an_eye(conditions), no_steps
            else:
                view = carry_out(car, command, command_word(command))
                conditions, outcome, steps = view.conditions, how_it_ended(car, view), view.steps
        told = (command, car.profile, outcome, conditions, steps, car.recording)
        return command_record(*told), command_words(*told), EXIT_CODE[outcome.kind]

    def rehearse(self, buses: list[BusSettings], within_s: float) -> _Given:
        """Show what it would need on a live bus, and send; that is only listened to."""
        from evdiag.asking import asked_channels
        from evdiag.cli.dry_run import DryRun
        from evdiag.cli.known_car import known_car

        with known_car(buses, self._vehicle, None, within_s) as car:
            command = self._command(car.profile)
            channels = asked_channels(car.live, car.profile, command)
            shown = DryRun(command, car.profile, channels, _settled(car, command))
        return shown.record(), shown.words(), shown.exit_code

    def rehearse_without_a_bus(self, vehicle: str) -> _Given:
        """Show what would be sent to a car that is named."""
        from evdiag.cli.dry_run import DryRun
        from evdiag.vehicles.library import library

        profile = library().profile(vehicle)
        command = self._command(profile)
        shown = DryRun(command, profile, {bus: bus for bus in command.buses}, None)
        return shown.record(), shown.words(), shown.exit_code

    def _command(self, profile: Profile) -> Command:
        from evdiag.commanding import way_of

        return way_of(profile, self._name, self._way)

    def _check_consent(self, command: Command) -> None:
        check_consent(self._consent, command_word(command), command_meaning(command))


def _asks_for_an_eye(car: KnownCar, command: Command) -> bool:
    """Tell whether a condition needs a person; of a car not yet heard that is not known."""
    if car.live.following.session is None:
        return False
    conditions = car.commanding.conditions(command, car.profile)
    return any(one.verdict == "by_eye" for one in conditions)


def _settled(car: KnownCar, command: Command) -> tuple[Interlock, ...]:
    """Return the conditions once they all hold, but for what is not asked, or have had time to."""
    ends_s = time.monotonic() + _SETTLES_WITHIN_S
    while True:
        conditions = car.commanding.conditions(command, car.profile)
        missing = [one for one in conditions if one.verdict == "red" and one.id != "module"]
        if not missing or time.monotonic() >= ends_s:
            return conditions
        car.interruption.look()
        time.sleep(LOOK_S)


def _needs_an_eye(conditions: tuple[Interlock, ...]) -> Outcome:
    """Refuse what a script cannot look at."""
    from evdiag.control.outcome import Outcome

    what = "; ".join(one.what for one in conditions if one.verdict == "by_eye")
    text = f"this car does not say: {what}. Somebody must look: use the screen (`evdiag connect`)"
    return Outcome("refused", text, False, True, "nothing was sent", 0.0)
