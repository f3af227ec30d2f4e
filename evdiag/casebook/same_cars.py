"""Which cars of another book are cars of this one.

A car is the same by its VIN, else by its key, else by a case that is in both books. A book may have
learnt since which VIN a car has: then two cars of this book can turn out to be one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.model import Case, Session, Vehicle, key_of

_Row: TypeAlias = dict[str, Any]

_WORDS: Final = ("vin", "plate", "profile", "inlet", "customer", "note")


def cars_of(
    transaction: Transaction, theirs: Sequence[_Row], cases: Sequence[_Row]
) -> dict[str, str]:
    """Return the key in this book of each car of the other; `cases` are the other's.

    Cars of this book of which the other one knows that they are one become one.
    """
    ours = {vehicle.id: vehicle for vehicle in transaction.scalars(select(Vehicle))}
    _correct(transaction, ours, theirs)
    by_vin = {vehicle.vin: key for key, vehicle in ours.items() if vehicle.vin is not None}
    by_case = _by_case(transaction, cases)
    found = {row["id"]: by_vin[row["vin"]] for row in theirs if row["vin"] in by_vin}
    taken = set(found.values())
    for row in theirs:
        key: str = row["id"]
        vin: str | None = row["vin"]
        if key in found:
            if found[key] != key and key in ours and ours[key].vin is None:
                _make_one(transaction, ours[key], ours[found[key]])
        elif key in ours:
            found[key] = key
            if vin is not None and key in taken and ours[key].vin not in (None, vin):
                # Under its key stands a car that is another one by its VIN.
                found[key] = key_of("vehicle", vin)
        else:
            found[key] = by_case.get(key, key) if vin is None else key
    return found


def as_one(rows: Sequence[_Row]) -> list[_Row]:
    """Return each car once: what was changed later wins, and what it does not say is kept."""
    cars: dict[str, _Row] = {}
    for row in sorted(rows, key=lambda row: (row["changed_ns"], row["id"])):
        before = cars.get(row["id"], {})
        cars[row["id"]] = row | {
            name: before.get(name) for name in _WORDS if before and row[name] is None
        }
    return list(cars.values())


def _correct(transaction: Transaction, ours: Mapping[str, Vehicle], theirs: Sequence[_Row]) -> None:
    """Take over VINs that were put right, before anything is known by the wrong ones."""
    vins = {vehicle.vin for vehicle in ours.values()}
    for row in theirs:
        vehicle = ours.get(row["id"])
        if vehicle is None or vehicle.vin is None or row["vin"] in (None, *vins):
            continue
        if row["changed_ns"] > vehicle.changed_ns:
            vehicle.vin = row["vin"]
    transaction.flush()


def _by_case(transaction: Transaction, cases: Sequence[_Row]) -> dict[str, str]:
    """Return in whose name this book has the cases of each car of the other one."""
    ours = cars_of_cases(transaction)
    return {row["vehicle_id"]: ours[row["id"]] for row in cases if row["id"] in ours}


def cars_of_cases(transaction: Transaction) -> dict[str, str]:
    """Return the key of the car of each case."""
    return {row.id: row.vehicle_id for row in transaction.execute(select(Case.id, Case.vehicle_id))}


def _make_one(transaction: Transaction, car: Vehicle, same: Vehicle) -> None:
    """Give all that stands under a car to the one that it turned out to be."""
    for table in (Case, Session):
        transaction.execute(
            update(table).where(table.vehicle_id == car.id).values(vehicle_id=same.id)
        )
    for name in _WORDS:
        if getattr(same, name) is None:
            setattr(same, name, getattr(car, name))
    transaction.delete(car)
    transaction.flush()
