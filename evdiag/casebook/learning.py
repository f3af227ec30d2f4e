"""What the book knows of a car because a recording said it, and nobody else.

It goes when the last recording that says it is taken out: one may have been filed by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.model import Learnt, Session, Vehicle, key_of

_FACTS: Final = ("vin", "profile")


def learn(
    transaction: Transaction, vehicle: Vehicle, vin: str | None, profile: str | None, now_ns: int
) -> dict[str, str]:
    """Write down what a recording says of a car and the book did not know.

    Return what the book knows from recordings alone, this one among them.
    """
    known_by_recordings = _learnt(transaction, vehicle)
    taught = {}
    for name, value in (("vin", vin), ("profile", profile)):
        if value is None or getattr(vehicle, name) not in (None, value):
            continue
        if getattr(vehicle, name) is None or name in known_by_recordings:
            taught[name] = value
    _write(vehicle, taught, now_ns)
    return taught


def said_by_a_person(transaction: Transaction, vehicle: Vehicle, names: Iterable[str]) -> None:
    """Know from now on that a person said it, too: no recording takes it along."""
    of_car = select(Session.id).where(Session.vehicle_id == vehicle.id)
    nothing = {name: None for name in names if name in _FACTS}
    if nothing:
        transaction.execute(
            update(Learnt).where(Learnt.session_id.in_(of_car)).values(nothing),
            execution_options={"synchronize_session": False},
        )


def taught_by(transaction: Transaction, sessions: Iterable[str]) -> set[str]:
    """Return what is known from these sessions, perhaps from others as well."""
    return _facts_in(transaction, Learnt.session_id.in_(list(sessions)))


def unlearn(transaction: Transaction, vehicle: Vehicle, names: set[str], now_ns: int) -> list[str]:
    """Forget what no recording says any more; return in words what went."""
    gone = sorted(names - _learnt(transaction, vehicle), reverse=True)
    was = {name: getattr(vehicle, name) for name in gone}
    _write(vehicle, dict.fromkeys(gone), now_ns)
    transaction.flush()
    if was.get("vin") is not None:
        _move_scanned(transaction, vehicle, was["vin"], now_ns)
    words = {"vin": "VIN", "profile": "model"}
    return [f"{words[name]} {value}, which only that said" for name, value in was.items()]


def _move_scanned(transaction: Transaction, vehicle: Vehicle, vin: str, now_ns: int) -> None:
    """Give what scans filed here because of a VIN to a car of its own."""
    scanned = list(
        transaction.scalars(
            select(Session).where(Session.vehicle_id == vehicle.id, Session.case_id.is_(None))
        )
    )
    if not scanned:
        return
    key = key_of("vehicle", vin)
    car = Vehicle(id=key, vin=vin, profile=scanned[0].profile, changed_ns=now_ns)
    transaction.add(car)
    transaction.flush()
    for session in scanned:
        session.vehicle_id = car.id


def _write(vehicle: Vehicle, facts: Mapping[str, str | None], now_ns: int) -> None:
    for name, value in facts.items():
        if getattr(vehicle, name) != value:
            setattr(vehicle, name, value)
            vehicle.changed_ns = now_ns


def _learnt(transaction: Transaction, vehicle: Vehicle) -> set[str]:
    of_car = select(Session.id).where(Session.vehicle_id == vehicle.id)
    return _facts_in(transaction, Learnt.session_id.in_(of_car))


def _facts_in(transaction: Transaction, wanted: Any) -> set[str]:
    rows = transaction.execute(select(Learnt.vin, Learnt.profile).where(wanted)).all()
    return {name for row in rows for name in _FACTS if getattr(row, name) is not None}
