"""What is written of a case and its car, put right."""

from __future__ import annotations

from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.cases import (
    CarWords,
    checked_plate,
    checked_vin,
    vehicle_for,
    vehicle_of,
    vehicles_called,
)
from evdiag.casebook.model import Case, Session, Vehicle
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

NOTHING: Final = ""
"""Said in place of what is to be taken away."""


def edit_case(
    case: Case, now_ns: int, *, complaint: str | None, verdict: str | None, reopen: bool
) -> None:
    """Put right what is written of a case; None leaves it, `NOTHING` takes it away."""
    if complaint is not None:
        case.complaint = complaint or None
    if verdict is not None:
        case.verdict = verdict or None
    if reopen:
        case.closed_ns = None
    case.changed_ns = now_ns


def edit_car(transaction: Transaction, case: Case, car: CarWords, now_ns: int) -> None:
    """Put right what is written of a case's car, in all of its cases.

    None leaves it, `NOTHING` takes it away.

    Raises:
        BadInputError: VIN or plate has not the form of one, or another car has that VIN.
    """
    vehicle = vehicle_of(transaction, case)
    if car.vin:
        vin = checked_vin(car.vin)
        if any(each.id != vehicle.id for each in vehicles_called(transaction, vin=vin)):
            raise BadInputError(
                f"another car in the book has the VIN {vin}: if case {case.number} is about that "
                "one, add --other-car"
            )
        vehicle.vin = vin
    elif car.vin == NOTHING:
        vehicle.vin = None
    if car.plate is not None:
        vehicle.plate = checked_plate(car.plate) if car.plate else None
    if car.profile is not None:
        vehicle.profile = car.profile or None
    if car.inlet is not None:
        vehicle.inlet = car.inlet or None
    if car.customer is not None:
        vehicle.customer = car.customer or None
    vehicle.changed_ns = now_ns


def move_to_other_car(transaction: Transaction, case: Case, car: CarWords, now_ns: int) -> None:
    """Put a case with its recordings under another car: one the book knows, or a new one.

    A car of which nothing is left then goes.

    Raises:
        BadInputError: it is under that car already, its recordings are of another model, or it
            cannot be told which car is meant.
    """
    before = vehicle_of(transaction, case)
    after = vehicle_for(transaction, car, now_ns)
    if after.id == before.id:
        raise BadInputError(f"case {case.number} is about that car already")
    of_case = Session.case_id == case.id
    read_as = set(transaction.scalars(select(Session.profile).where(of_case))) - {None}
    if after.profile is not None and read_as - {after.profile}:
        models = " and ".join(sorted(plain_text(str(profile)) for profile in read_as))
        raise BadInputError(
            f"the recordings of case {case.number} are of {models}, and that car is a "
            f"{plain_text(after.profile)}"
        )
    if after.profile is None and len(read_as) == 1:
        (after.profile,) = read_as
    case.vehicle_id, case.changed_ns = after.id, now_ns
    transaction.execute(update(Session).where(of_case).values(vehicle_id=after.id))
    transaction.flush()
    if not _has_anything(transaction, before):
        transaction.delete(before)


def _has_anything(transaction: Transaction, vehicle: Vehicle) -> bool:
    cases, sessions = Case.vehicle_id == vehicle.id, Session.vehicle_id == vehicle.id
    return bool(transaction.scalar(select(exists().where(cases) | exists().where(sessions))))
