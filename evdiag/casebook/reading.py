"""The case book read: plain values for screens, reports and commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import case as when
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook import model
from evdiag.casebook.cases import case_of, same_plate
from evdiag.casebook.opening import Book
from evdiag.casebook.values import (
    CaseCard,
    CaseFile,
    CodeCard,
    PartCard,
    PhotoCard,
    RecordingCard,
    SessionCard,
    StepCard,
    VehicleCard,
)
from evdiag.scan.rows import AttemptRow, Circumstances, FindingRow, LockingRow


def cases_in(
    book: Book,
    *,
    with_closed: bool = False,
    customer: str | None = None,
    vehicle: str | None = None,
    search: str | None = None,
) -> list[CaseCard]:
    """Return the cases, the newest first.

    `customer` and `search` are looked for anywhere, however they are written; `vehicle` is the
    profile of a car.
    """
    with book.reading() as transaction:
        found = list(_cards(transaction))
    return [
        card
        for card in found
        if (with_closed or card.is_open)
        and (vehicle is None or card.vehicle.profile == vehicle)
        and _holds(customer, (card.vehicle.customer,))
        and (_holds(search, _texts(card)) or _has_plate(card, search))
    ]


def case_file(book: Book, number: int) -> CaseFile:
    """Return all of a case.

    Raises:
        BadInputError: there is no such case.
    """
    with book.reading() as transaction:
        case = case_of(transaction, number)
        card = next(card for card in _cards(transaction, case.id))
        sessions = tuple(
            session_card(transaction, session, recording)
            for session, recording in transaction.execute(
                select(model.Session, model.Recording)
                .join(model.Recording, model.Session.recording == model.Recording.sha256)
                .where(model.Session.case_id == case.id)
                .order_by(
                    model.Recording.first_ns.asc().nulls_last(),
                    model.Session.filed_ns,
                    model.Session.id,
                )
            )
        )
        return CaseFile(
            card,
            sessions,
            tuple(_steps(transaction, case.id)),
            tuple(_codes(transaction, case.id)),
            tuple(_parts(transaction, case.id)),
            tuple(_photos(transaction, case.id)),
        )


def vehicles_in(book: Book) -> list[VehicleCard]:
    """Return every car of the book, by name."""
    with book.reading() as transaction:
        found = [vehicle_card(each) for each in transaction.scalars(select(model.Vehicle))]
    return sorted(found, key=lambda card: (not card.is_one_car, card.name, card.id))


def vehicle_card(vehicle: model.Vehicle) -> VehicleCard:
    """Return a car as a plain value."""
    return VehicleCard(
        vehicle.id,
        vehicle.vin,
        vehicle.plate,
        vehicle.profile,
        vehicle.inlet,
        vehicle.customer,
        vehicle.note,
        vehicle.id != model.unknown_cars_key(vehicle.profile or ""),
    )


def session_card(
    transaction: Transaction, session: model.Session, recording: model.Recording
) -> SessionCard:
    """Return a session with all that it showed."""
    of_it = {"recording": recording.sha256, "vehicle": session.profile or ""}
    attempts = _of(transaction, model.Attempt, session.id, model.Attempt.number)
    findings = _of(transaction, model.Finding, session.id, model.Finding.rank)
    lockings = _of(transaction, model.Locking, session.id, model.Locking.number)
    return SessionCard(
        session.id,
        session.kind,
        session.filed_ns,
        RecordingCard(**_like(RecordingCard, recording)),
        session.profile,
        session.profile_sha256,
        session.evdiag,
        session.reason,
        tuple(session.warnings),
        tuple(AttemptRow(**_like(AttemptRow, each, of_it)) for each in attempts),
        tuple(Circumstances(**_like(Circumstances, each)) for each in attempts),
        tuple(LockingRow(**_like(LockingRow, each)) for each in lockings),
        tuple(FindingRow(**_like(FindingRow, each, of_it)) for each in findings),
    )


def _cards(transaction: Transaction, only: str | None = None) -> Iterator[CaseCard]:
    counts = _counts(transaction)
    wanted = select(model.Case, model.Vehicle).join(
        model.Vehicle, model.Case.vehicle_id == model.Vehicle.id
    )
    if only is not None:
        wanted = wanted.where(model.Case.id == only)
    for case, vehicle in transaction.execute(wanted.order_by(model.Case.number.desc())):
        yield CaseCard(
            case.number,
            case.id,
            vehicle_card(vehicle),
            case.opened_ns,
            case.closed_ns,
            case.complaint,
            case.verdict,
            case.note,
            *counts.get(case.id, (0, 0, 0)),
        )


def _counts(transaction: Transaction) -> dict[str, tuple[int, int, int]]:
    """Return for each case its sessions, attempts and faults."""
    session, attempt, finding = model.Session, model.Attempt, model.Finding
    is_fault = finding.fault.is_not(None) & finding.confidence.in_(("certain", "likely"))
    attempts = (
        select(attempt.session_id, func.count().label("many")).group_by(attempt.session_id)
    ).subquery()
    faults = (
        select(finding.session_id, func.sum(when((is_fault, 1), else_=0)).label("many")).group_by(
            finding.session_id
        )
    ).subquery()
    rows = transaction.execute(
        select(
            session.case_id,
            func.count(),
            func.coalesce(func.sum(attempts.c.many), 0),
            func.coalesce(func.sum(faults.c.many), 0),
        )
        .join(attempts, attempts.c.session_id == session.id, isouter=True)
        .join(faults, faults.c.session_id == session.id, isouter=True)
        .where(session.case_id.is_not(None))
        .group_by(session.case_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}


def _steps(transaction: Transaction, case: str) -> Iterator[StepCard]:
    step = model.Step
    wanted = select(step).where(step.case_id == case).order_by(step.time_ns, step.id)
    for each in transaction.scalars(wanted):
        yield StepCard(**_like(StepCard, each))


def _codes(transaction: Transaction, case: str) -> Iterator[CodeCard]:
    code = model.TroubleCode
    order = (code.reading.desc(), code.time_ns, code.place, code.id)
    for each in transaction.scalars(select(code).where(code.case_id == case).order_by(*order)):
        yield CodeCard(**{**_like(CodeCard, each), "says": tuple(each.says or ())})


def _parts(transaction: Transaction, case: str) -> Iterator[PartCard]:
    part = model.Part
    wanted = select(part).where(part.case_id == case).order_by(part.fitted_ns, part.id)
    for each in transaction.scalars(wanted):
        yield PartCard(**_like(PartCard, each))


def _photos(transaction: Transaction, case: str) -> Iterator[PhotoCard]:
    photo = model.Photo
    wanted = select(photo).where(photo.case_id == case).order_by(photo.added_ns, photo.id)
    for each in transaction.scalars(wanted):
        yield PhotoCard(**_like(PhotoCard, each))


def _of(transaction: Transaction, table: Any, session: str, order: Any) -> list[Any]:
    wanted = select(table).where(table.session_id == session).order_by(order)
    return list(transaction.scalars(wanted))


def _like(plain: Any, row: Any, besides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a row's columns as the fields of a plain value of the same names."""
    known = besides or {}
    values = {
        name: known[name] if name in known else getattr(row, name) for name in plain.__slots__
    }
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }


def _texts(card: CaseCard) -> Iterable[str | None]:
    car = card.vehicle
    yield from (car.vin, car.plate, car.profile, car.customer, car.note)
    yield from (card.complaint, card.verdict, card.note)


def _has_plate(card: CaseCard, wanted: str | None) -> bool:
    plate, part = same_plate(card.vehicle.plate or ""), same_plate(wanted or "")
    return bool(part) and part in plate


def _holds(wanted: str | None, texts: Iterable[str | None]) -> bool:
    if wanted is None:
        return True
    return any(wanted.casefold() in text.casefold() for text in texts if text is not None)
