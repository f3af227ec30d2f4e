"""What a person begins and ends: a case, and the car it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.learning import said_by_a_person
from evdiag.casebook.model import Case, ForgottenNumber, Vehicle, new_key
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
"""ISO 3779: 17 signs, without the letters that look like 1 and 0."""

LAST_NUMBER: Final = (1 << 31) - 1
"""No case has a larger one; what databases hold is larger still."""

_BETWEEN: Final = re.compile(r"[\s\-·.]+")


@dataclass(frozen=True, slots=True)
class CarWords:
    """What a person says of a car; None where nothing is said of it."""

    vin: str | None = None
    plate: str | None = None
    profile: str | None = None
    inlet: str | None = None
    customer: str | None = None


def checked_vin(text: str) -> str:
    """Return a VIN in capitals.

    Raises:
        BadInputError: it has not the form of one.
    """
    vin = well_formed_vin(text)
    if vin is None:
        raise BadInputError(
            f"{plain_text(text)} is no VIN: it has 17 letters and digits, and never I, O or Q; "
            "leave it out where it is not known"
        )
    return vin


def well_formed_vin(text: str | None) -> str | None:
    """Return a VIN in capitals; None for what has not the form of one."""
    vin = (text or "").strip().upper()
    return vin if _VIN.fullmatch(vin) else None


def checked_plate(text: str) -> str:
    """Return a number plate as it was written.

    Raises:
        BadInputError: it is a stroke that stands for none: cars without a plate would be one.
    """
    if any(sign.isalnum() for sign in text):
        return text
    raise BadInputError(
        f"{plain_text(text)} is no number plate: leave it out where it is not known"
    )


def same_plate(plate: str) -> str:
    """Return a number plate as it is compared: however it is written."""
    return _BETWEEN.sub("", plate).casefold()


def new_case(transaction: Transaction, car: CarWords, complaint: str | None, now_ns: int) -> Case:
    """Open a case for a car that is known by its VIN or plate, or is new to the book.

    Raises:
        BadInputError: the VIN has not the form of one, or it cannot be told which car is meant.
    """
    vehicle = _vehicle_for(transaction, car, now_ns)
    case = Case(
        id=new_key(),
        number=next_number(transaction),
        vehicle_id=vehicle.id,
        opened_ns=now_ns,
        complaint=complaint,
        changed_ns=now_ns,
    )
    transaction.add(case)
    transaction.flush()
    return case


def next_number(transaction: Transaction) -> int:
    """Return the number of the next case: one that no case has or had."""
    columns = (Case.number, ForgottenNumber.number)
    return max(transaction.scalar(select(func.max(column))) or 0 for column in columns) + 1


def case_of(transaction: Transaction, number: int) -> Case:
    """Return a case by its number.

    Raises:
        BadInputError: there is none.
    """
    case = None
    if number <= LAST_NUMBER:
        case = transaction.scalar(select(Case).where(Case.number == number))
    if case is None:
        raise BadInputError(f"there is no case {number}: `evdiag cases list --all` lists them")
    return case


def vehicle_of(transaction: Transaction, case: Case) -> Vehicle:
    """Return the car of a case."""
    return transaction.scalars(select(Vehicle).where(Vehicle.id == case.vehicle_id)).one()


def vehicles_called(
    transaction: Transaction, vin: str | None = None, plate: str | None = None
) -> list[Vehicle]:
    """Return the cars of a VIN, or of a plate however it is written."""
    if vin is not None:
        return list(transaction.scalars(select(Vehicle).where(Vehicle.vin == vin.strip().upper())))
    wanted = same_plate(plate or "")
    named = transaction.scalars(select(Vehicle).where(Vehicle.plate.is_not(None)))
    return [vehicle for vehicle in named if same_plate(vehicle.plate or "") == wanted]


def close_case(case: Case, verdict: str | None, now_ns: int) -> None:
    """Close a case; one that is closed already keeps its date.

    Raises:
        BadInputError: it is closed already, with another verdict.
    """
    if case.closed_ns and case.verdict and verdict not in (None, case.verdict):
        raise BadInputError(
            f"case {case.number} is closed already, its verdict is {plain_text(case.verdict)!r}: "
            f"change it with `evdiag cases edit {case.number} --verdict`"
        )
    case.verdict = verdict or case.verdict
    case.closed_ns = case.closed_ns or now_ns
    case.changed_ns = now_ns


def change(row: Case | Vehicle, said: Mapping[str, Any], now_ns: int) -> None:
    """Write what is new; of two books the one that was changed later wins."""
    new = {name: value for name, value in said.items() if getattr(row, name) != value}
    for name, value in new.items():
        setattr(row, name, value)
    if new:
        row.changed_ns = now_ns


def may_be(vehicle: Vehicle, profile: str | None) -> bool:
    """Tell whether a car may be of a profile, as far as both are known."""
    return None in (profile, vehicle.profile) or profile == vehicle.profile


def add_note(case: Case, note: str, now_ns: int) -> None:
    """Add a line to what is written about a case."""
    case.note = note if case.note is None else f"{case.note}\n{note}"
    case.changed_ns = now_ns


def _vehicle_for(transaction: Transaction, car: CarWords, now_ns: int) -> Vehicle:
    vin = None if car.vin is None else checked_vin(car.vin)
    plate = None if car.plate is None else checked_plate(car.plate)
    vehicle = _known(transaction, vin, plate, car.profile)
    if vehicle is None:
        vehicle = Vehicle(id=new_key(), changed_ns=now_ns)
        transaction.add(vehicle)
    said = asdict(car) | {"vin": vin, "plate": plate}
    said = {name: value for name, value in said.items() if value is not None}
    change(vehicle, said, now_ns)
    transaction.flush()
    said_by_a_person(transaction, vehicle, said)
    return vehicle


def _known(
    transaction: Transaction, vin: str | None, plate: str | None, profile: str | None
) -> Vehicle | None:
    """Return the car that is meant; a plate goes from car to car, a VIN does not.

    A plate that was on a car of another profile is on another car by now.
    """
    if vin is not None:
        found = vehicles_called(transaction, vin=vin)
        if found:
            return found[0]
    if plate is None:
        return None
    found = [
        each
        for each in vehicles_called(transaction, plate=plate)
        if (vin is None or each.vin is None) and may_be(each, profile)
    ]
    if len(found) > 1:
        raise BadInputError(
            f"{len(found)} cars in the book have the plate {plain_text(plate)}: say which with "
            "--vin"
        )
    return found[0] if found else None
