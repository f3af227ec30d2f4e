"""What is written of a case and its car, put right.

A case stays with its car, and a car with its VIN: other books know them so, and recordings are
filed by them.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.cases import (
    CarWords,
    change,
    checked_plate,
    checked_vin,
    may_be,
    vehicle_of,
    vehicles_called,
)
from evdiag.casebook.learning import said_by_a_person
from evdiag.casebook.model import Case, Session, Vehicle
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

NOTHING: Final = ""
"""Said in place of what is to be taken away."""


def edit_case(
    case: Case, now_ns: int, *, complaint: str | None, verdict: str | None, reopen: bool
) -> None:
    """Put right what is written of a case; None leaves it, `NOTHING` takes it away."""
    said: dict[str, Any] = {}
    if complaint is not None:
        said["complaint"] = complaint or None
    if verdict is not None:
        said["verdict"] = verdict or None
    if reopen:
        said["closed_ns"] = None
    change(case, said, now_ns)


def edit_car(transaction: Transaction, case: Case, car: CarWords, now_ns: int) -> None:
    """Put right what is written of a case's car, in all of its cases.

    None leaves it, `NOTHING` takes it away.

    Raises:
        BadInputError: VIN or plate has not the form of one or is another car's, the car has a VIN
            already, or its recordings are of another model.
    """
    vehicle = vehicle_of(transaction, case)
    said: dict[str, Any] = {}
    if car.vin is not None:
        said["vin"] = _vin(transaction, vehicle, car.vin)
    if car.plate is not None:
        said["plate"] = _plate(transaction, vehicle, car) if car.plate else None
    if car.profile is not None:
        said["profile"] = _profile(transaction, vehicle, car.profile) if car.profile else None
    if car.inlet is not None:
        said["inlet"] = car.inlet or None
    if car.customer is not None:
        said["customer"] = car.customer or None
    change(vehicle, said, now_ns)
    said_by_a_person(transaction, vehicle, said)


def _vin(transaction: Transaction, vehicle: Vehicle, text: str) -> str | None:
    vin = checked_vin(text) if text else None
    if vehicle.vin is not None and vin != vehicle.vin:
        raise BadInputError(
            f"this car is known as {vehicle.vin}, and a VIN does not change: open a case for the "
            "other car, add the recordings to it, and forget this case"
        )
    if vin is not None and any(
        each.id != vehicle.id for each in vehicles_called(transaction, vin=vin)
    ):
        raise BadInputError(
            f"another car in the book has the VIN {vin}: open a case for that one, add the "
            "recordings to it, and forget this case"
        )
    return vin


def _plate(transaction: Transaction, vehicle: Vehicle, car: CarWords) -> str:
    plate = checked_plate(car.plate or "")
    profile = car.profile or vehicle.profile
    for other in vehicles_called(transaction, plate=plate):
        # A plate that was on a car of another profile is on this one by now.
        if other.id != vehicle.id and may_be(other, profile):
            raise BadInputError(
                f"another car in the book has the plate {plain_text(plate)}: open a case for that "
                "one, add the recordings to it, and forget this case"
            )
    return plate


def _profile(transaction: Transaction, vehicle: Vehicle, profile: str) -> str:
    of_car = select(Session.profile).where(Session.vehicle_id == vehicle.id)
    read_as = set(transaction.scalars(of_car)) - {None, profile}
    if read_as:
        models = " and ".join(sorted(plain_text(str(each)) for each in read_as))
        raise BadInputError(f"recordings of this car are of {models}: it is no {profile}")
    return profile
