"""Clearing one trouble code: read before, cleared, read after, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evdiag.cli.carrying_out import carry_out, how_it_ended
from evdiag.cli.command_record import EXIT_CODE, command_record, command_words
from evdiag.cli.consent import check_consent
from evdiag.cli.hearing import go_on
from evdiag.cli.known_car import KnownCar, known_car
from evdiag.cli.trouble_code_changes import changes
from evdiag.cli.trouble_code_rows import code_records, code_words
from evdiag.cli.trouble_codes_read import read_codes
from evdiag.control.clearing import clear_command
from evdiag.errors import BadInputError, BusError
from evdiag.plain import plain_text
from evdiag.vehicles.library import library
from evdiag.vehicles.trouble_codes import read_code, sae_text

if TYPE_CHECKING:
    from evdiag.bus.settings import BusSettings
    from evdiag.control.trouble_codes import UnitCodes
    from evdiag.vehicles.ecu import Ecu
    from evdiag.vehicles.profile import Profile


@dataclass(frozen=True, slots=True)
class Cleared:
    """How it ended, and what became of every code."""

    record: dict[str, Any]
    words: str
    changes: Sequence[dict[str, Any]]
    exit_code: int


class Clearing:
    """One code of one control unit of one car, as typed."""

    def __init__(self, vehicle: str, unit: str, code: str) -> None:
        """Read what was typed.

        Raises:
            BadInputError: there is no such car or unit, or it is no single trouble code.
        """
        self._profile = library().profile(vehicle)
        self._unit = _unit(self._profile, unit)
        self._typed = code
        self._code = _code(code)
        self._command = clear_command(self._unit, self._code)

    def check_consent(self, given: str | None) -> None:
        """Go on where the clearing of this very code was consented to.

        Raises:
            RefusedError: it was not.
        """
        meaning = (
            f"{self._unit.text} is to forget {sae_text(self._code)} and its snapshot for good, and "
            "its cause is mended or written down"
        )
        check_consent(given, self._word, meaning)

    def carry_out(self, buses: Sequence[BusSettings], folder: Path, within_s: float) -> Cleared:
        """Read, clear, read again.

        Raises:
            BadInputError: the code is not set, or it cannot be cleared on this bus.
            BusError: the bus cannot be opened, or the unit does not tell its codes.
        """
        with known_car(buses, self._profile.id, folder, within_s) as car:
            before = self._rows(car, car.interruption.look)
            self._check_is_set(before)
            view = carry_out(car, self._command, self._word)
            outcome = how_it_ended(car, view)
            # Whoever ends it waits for nothing more than what had to be handed back.
            after = None if car.interruption.came else self._rows_after(car)
        told = (self._command, car.profile, outcome, view.conditions, view.steps, car.recording)
        became = () if after is None else tuple(changes(before, after))
        words = "\n".join([command_words(*told), *_comparison(became)])
        return Cleared(command_record(*told), words, became, EXIT_CODE[outcome.kind])

    @property
    def _word(self) -> str:
        return f"clear-{self._typed}"

    def _rows_after(self, car: KnownCar) -> list[dict[str, Any]] | None:
        """Return what is set now; how the clearing ended is told even where that cannot be read."""
        try:
            return self._rows(car, go_on)
        except BusError as error:
            car.say(f"what is set now is not known: {error}")
            return None

    def _rows(self, car: KnownCar, look: Callable[[], None]) -> list[dict[str, Any]]:
        units = read_codes(car.live, car.profile, car.say, look)
        _check_told(self._unit, units)
        return [row for unit in units for row in code_records(car.profile, unit)]

    def _check_is_set(self, rows: Sequence[dict[str, Any]]) -> None:
        found = [row for row in rows if row["unit"] == self._unit.text and row["code"]]
        if any(row["code"] == f"{self._code:06X}" for row in found):
            return
        known = ", ".join(row["sae"] for row in found) or "none"
        raise BadInputError(
            f"{self._unit.text} does not have {sae_text(self._code)}: nothing was cleared; its "
            f"codes are: {known}"
        )


def _unit(profile: Profile, typed: str) -> Ecu:
    units = profile.ecus()
    found = next((each for each in units if each.text.lower() == typed.lower()), None)
    if found is None:
        names = ", ".join(dict.fromkeys(each.text for each in units)) or "none"
        raise BadInputError(
            f"{plain_text(typed)} is no control unit of {plain_text(profile.name)}; known are: "
            f"{names}"
        )
    return found


def _code(typed: str) -> int:
    found = read_code(typed)
    number, failure = (None, None) if found is None else found
    if number is None or failure is None:
        raise BadInputError(
            f"{plain_text(typed)} is no whole trouble code: name it as `evdiag dtc read` prints "
            "it, P0D96-24 or 0D9624"
        )
    return number << 8 | failure


def _check_told(unit: Ecu, units: Sequence[UnitCodes]) -> None:
    problem = next((each.problem for each in units if each.ecu == unit), "it was not asked")
    if problem:
        raise BusError(f"{unit.text} did not tell its trouble codes: {problem}")


def _comparison(became: Sequence[dict[str, Any]]) -> Iterator[str]:
    if became:
        yield "Before and after:"
    for row in became:
        yield code_words(row)
