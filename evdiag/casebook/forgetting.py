"""Deleting all that the book knows of a customer, a car or a case, so that it stays deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Error

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook import postgresql, sqlite
from evdiag.casebook.cases import case_of, vehicles_called
from evdiag.casebook.learning import taught_by, unlearn
from evdiag.casebook.migrating import copies_before
from evdiag.casebook.model import (
    Case,
    ForgottenNumber,
    Photo,
    Recording,
    Session,
    Vehicle,
    unknown_cars_key,
)
from evdiag.casebook.opening import Book
from evdiag.errors import BadInputError
from evdiag.packaged import is_shipped
from evdiag.plain import plain_text


@dataclass(frozen=True, slots=True)
class Wish:
    """Who or what is to be forgotten: one of these."""

    vin: str | None = None
    plate: str | None = None
    customer: str | None = None
    case: int | None = None


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file that the book names and no other case does, with its hash."""

    path: str
    sha256: str
    is_photo: bool


@dataclass(frozen=True, slots=True)
class Going:
    """What goes. The files stay where they are, unless somebody deletes them."""

    vehicles: tuple[str, ...]
    cases: tuple[str, ...]
    sessions: tuple[str, ...]
    recordings: tuple[str, ...]
    files: tuple[OnDisk, ...]
    names: tuple[str, ...]


def what_goes(book: Book, wish: Wish) -> Going:
    """Return what the wish amounts to.

    Raises:
        BadInputError: the book knows nothing of that.
    """
    with book.reading() as transaction:
        return _going(transaction, wish)


def forget(book: Book, wish: Wish, now_ns: int) -> Going:
    """Delete it; return what went. `tidy` makes sure that it cannot be found in the file.

    A VIN or model that only its recordings said goes with it, also of a car that stays.

    Raises:
        BadInputError: the book knows nothing of that.
    """
    with book.writing() as transaction:
        going = _going(transaction, wish)
        _remember_numbers(transaction, going.cases)
        taught = taught_by(transaction, going.sessions)
        staying = _staying(transaction, going)
        transaction.execute(delete(Vehicle).where(Vehicle.id.in_(going.vehicles)))
        transaction.execute(delete(Case).where(Case.id.in_(going.cases)))
        transaction.execute(delete(Session).where(Session.id.in_(going.sessions)))
        transaction.execute(delete(Recording).where(Recording.sha256.in_(going.recordings)))
        for vehicle in staying:
            unlearn(transaction, vehicle, taught, now_ns)
    return going


def tidy(book: Book) -> bool:
    """Make the file anew without what was deleted; False while another evdiag holds it open.

    Copies that were made before a book was brought up to date go, too: they know what it knew.

    Raises:
        BadInputError: the file cannot be written anew.
    """
    path = book.place.path
    if path is None:
        postgresql.vacuum(book.engine)
        return True
    for copy in copies_before(path):
        copy.unlink(missing_ok=True)
    book.close()
    try:
        return sqlite.shrink(path)
    except Error as error:
        raise BadInputError(
            f"traces are left in the case book {book.label}, which cannot be written anew: {error}"
        ) from None


def _staying(transaction: Transaction, going: Going) -> list[Vehicle]:
    """Return the cars of whose cases some go and that stay themselves."""
    cars = select(Case.vehicle_id).where(Case.id.in_(going.cases))
    wanted = Vehicle.id.in_(cars) & Vehicle.id.not_in(going.vehicles)
    return list(transaction.scalars(select(Vehicle).where(wanted)))


def _remember_numbers(transaction: Transaction, cases: Sequence[str]) -> None:
    """Keep the numbers of cases that go, and nothing else of them."""
    known = set(transaction.scalars(select(ForgottenNumber.number)))
    numbers = set(transaction.scalars(select(Case.number).where(Case.id.in_(cases))))
    transaction.add_all(ForgottenNumber(number=number) for number in sorted(numbers - known))
    transaction.flush()


def _going(transaction: Transaction, wish: Wish) -> Going:
    vehicles, cases = _meant(transaction, wish)
    keys = [vehicle.id for vehicle in vehicles]
    if wish.case is None:
        cases = list(transaction.scalars(select(Case).where(Case.vehicle_id.in_(keys))))
    case_keys = [case.id for case in cases]
    in_a_case = Session.case_id.is_not(None) & Session.case_id.in_(case_keys)
    of_them = Session.vehicle_id.in_(keys) | in_a_case
    own = set(transaction.scalars(select(Session.id).where(of_them)))
    contents = select(Session.recording).where(of_them)
    found = transaction.execute(
        select(Session.id, Session.recording, Session.vehicle_id).where(
            Session.recording.in_(contents)
        )
    ).all()
    # A recording whose car a scan could not name is this car's all the same.
    nameless = _nameless(transaction)
    sessions = [row for row in found if row.id in own or row.vehicle_id in nameless]
    going = {row.id for row in sessions}
    kept = {row.recording for row in found if row.id not in going}
    recordings = tuple(sorted({row.recording for row in sessions} - kept))
    return Going(
        tuple(keys),
        tuple(case_keys),
        tuple(row.id for row in sessions),
        recordings,
        tuple(_files(transaction, recordings, case_keys)),
        tuple(_names(vehicles, cases)),
    )


def _nameless(transaction: Transaction) -> set[str]:
    """Return the keys under which recordings stand whose car is known by its profile alone."""
    cars = transaction.execute(select(Vehicle.id, Vehicle.profile))
    return {car.id for car in cars if car.id == unknown_cars_key(car.profile or "")}


def _meant(transaction: Transaction, wish: Wish) -> tuple[list[Vehicle], list[Case]]:
    """Return the cars that go whole, and the case that is meant."""
    if wish.case is not None:
        case = case_of(transaction, wish.case)
        others = transaction.scalar(
            select(func.count()).where(Case.vehicle_id == case.vehicle_id, Case.id != case.id)
        )
        caseless = transaction.scalar(
            select(func.count()).where(
                Session.vehicle_id == case.vehicle_id, Session.case_id.is_(None)
            )
        )
        wanted = select(Vehicle).where(Vehicle.id == case.vehicle_id)
        # A car that nothing else is known of goes with its last case.
        return ([] if others or caseless else list(transaction.scalars(wanted))), [case]
    if wish.customer is not None:
        name = wish.customer.strip().casefold()
        known = transaction.scalars(select(Vehicle).where(Vehicle.customer.is_not(None)))
        found = [each for each in known if (each.customer or "").strip().casefold() == name]
        said = f"no customer is called {plain_text(wish.customer)}"
    else:
        found = vehicles_called(transaction, wish.vin, wish.plate)
        said = f"no car has the {'VIN' if wish.vin else 'plate'} " + plain_text(
            wish.vin or wish.plate or ""
        )
    if not found:
        raise BadInputError(f"{said} in the case book")
    return found, []


def _files(
    transaction: Transaction, recordings: Sequence[str], cases: Sequence[str]
) -> Iterator[OnDisk]:
    gone = select(Recording).where(Recording.sha256.in_(recordings)).order_by(Recording.path)
    for recording in transaction.scalars(gone):
        if is_shipped(Path(recording.path)):
            continue
        yield OnDisk(recording.path, recording.sha256, is_photo=False)
    kept = set(transaction.scalars(select(Photo.sha256).where(Photo.case_id.not_in(cases))))
    photos = select(Photo.path, Photo.sha256).where(Photo.case_id.in_(cases)).distinct()
    for path, sha256 in sorted(tuple(row) for row in transaction.execute(photos)):
        if sha256 not in kept:
            yield OnDisk(path, sha256, is_photo=True)


def _names(vehicles: Sequence[Vehicle], cases: Sequence[Case]) -> Iterator[str]:
    for vehicle in vehicles:
        known = (vehicle.plate, vehicle.vin, vehicle.profile, vehicle.customer)
        yield "car " + (", ".join(text for text in known if text) or "without a name")
    for case in sorted(cases, key=lambda case: case.number):
        yield f"case {case.number}: {case.complaint or 'no complaint'}"
