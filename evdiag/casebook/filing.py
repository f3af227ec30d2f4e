"""From what a recording showed to the case book: once a case, however often it is filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.cases import case_of, vehicle_of, vehicles_called, well_formed_vin
from evdiag.casebook.learning import learn
from evdiag.casebook.model import (
    Attempt,
    Base,
    Case,
    Finding,
    Kind,
    Learnt,
    Locking,
    Recording,
    Session,
    Step,
    Vehicle,
    key_of,
    unknown_cars_key,
)
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.scan.rows import ForBook, RecordingRow, Scanned


@dataclass(frozen=True, slots=True)
class Filed:
    """What came of filing a recording; not `is_new` where it was in the case already.

    `elsewhere` are the numbers of cases of other cars that it is in: of one of them it is not.
    """

    is_new: bool
    attempts: int = 0
    faults: int = 0
    elsewhere: tuple[int, ...] = ()


def contents_in(transaction: Transaction, case: Case) -> frozenset[str]:
    """Return the hashes of the recordings that are in a case, and whose car was told."""
    told = (Session.case_id == case.id, Session.profile.is_not(None))
    return frozenset(transaction.scalars(select(Session.recording).where(*told)))


def file_in_case(
    transaction: Transaction,
    number: int,
    scanned: Scanned,
    kind: Kind,
    now_ns: int,
    *,
    anew: bool = False,
) -> Filed:
    """File what a recording showed into a case.

    One that is there, of a car that could not be told, makes room once it can be; with `anew`
    what is there makes room.

    Raises:
        BadInputError: there is no such case, or it is about another car than the recording.
    """
    case = case_of(transaction, number)
    vehicle = vehicle_of(transaction, case)
    key = key_of("session", case.id, scanned.content or "")
    known = transaction.get(Session, key)
    if scanned.recording is None:
        return Filed(is_new=False)
    is_told = known is not None and known.profile is not None
    if known is not None and not anew and (is_told or scanned.recording.vehicle is None):
        return Filed(is_new=False)
    _refuse_other_car(transaction, number, vehicle, scanned)
    taught = learn(transaction, vehicle, _vin_in(scanned), scanned.recording.vehicle, now_ns)
    if known is not None:
        transaction.delete(known)
        transaction.flush()
    case.changed_ns = now_ns
    filed = _file(transaction, key, vehicle, case, scanned, kind, now_ns)
    if taught:
        transaction.add(Learnt(session_id=key, **taught))
        transaction.flush()
    return replace(filed, elsewhere=_elsewhere(transaction, vehicle, scanned.recording))


def file_without_case(
    transaction: Transaction, scanned: Scanned, now_ns: int, *, anew: bool = False
) -> Filed:
    """File what a recording showed under its car: by the VIN in it, else by its profile alone.

    One whose car cannot be told is not filed: there is nothing to file it under. With `anew` what
    is known of it makes room.
    """
    recording = scanned.recording
    if recording is None or recording.vehicle is None:
        return Filed(is_new=False)
    vehicle = _vehicle_of(transaction, scanned, recording.vehicle, now_ns)
    key = key_of("session", vehicle.id, recording.recording)
    known = transaction.get(Session, key)
    if known is not None and not anew:
        return Filed(is_new=False)
    if known is not None:
        transaction.delete(known)
        transaction.flush()
    return _file(transaction, key, vehicle, None, scanned, "file", now_ns)


def _vehicle_of(transaction: Transaction, scanned: Scanned, profile: str, now_ns: int) -> Vehicle:
    vin = _vin_in(scanned)
    key = unknown_cars_key(profile) if vin is None else key_of("vehicle", vin)
    known = vehicles_called(transaction, vin=vin) if vin is not None else []
    vehicle = known[0] if known else transaction.get(Vehicle, key)
    if vehicle is None:
        vehicle = Vehicle(id=key, vin=vin, profile=profile, changed_ns=now_ns)
        transaction.add(vehicle)
        transaction.flush()
    return vehicle


def _elsewhere(
    transaction: Transaction, vehicle: Vehicle, recording: RecordingRow
) -> tuple[int, ...]:
    of_others = (Session.recording == recording.recording, Session.vehicle_id != vehicle.id)
    found = select(Case.number).join(Session, Session.case_id == Case.id).where(*of_others)
    return tuple(transaction.scalars(found.order_by(Case.number)))


def _refuse_other_car(
    transaction: Transaction, number: int, vehicle: Vehicle, scanned: Scanned
) -> None:
    recording, vin = scanned.recording, _vin_in(scanned)
    assert recording is not None
    label = plain_text(scanned.path)
    if None not in (vehicle.profile, recording.vehicle) and vehicle.profile != recording.vehicle:
        theirs = plain_text(str(vehicle.profile))
        raise BadInputError(
            f"{label} is of {recording.vehicle}, and case {number} is about a {theirs}: "
            f"open another case for it, or add --vehicle {theirs} if that is what it is"
        )
    if vin is None or vin == vehicle.vin:
        return
    others = [each for each in vehicles_called(transaction, vin=vin) if each is not vehicle]
    if vehicle.vin is not None or others:
        raise BadInputError(
            f"{label} is of the car with the VIN {vin}, and case {number} is "
            "about another one: open a case for that car"
        )


def _vin_in(scanned: Scanned) -> str | None:
    # A recording can be written by hand.
    return None if scanned.for_book is None else well_formed_vin(scanned.for_book.vin)


def _file(
    transaction: Transaction,
    key: str,
    vehicle: Vehicle,
    case: Case | None,
    scanned: Scanned,
    kind: Kind,
    now_ns: int,
) -> Filed:
    recording, extra = scanned.recording, scanned.for_book or ForBook()
    assert recording is not None
    _keep(transaction, recording, scanned.path)
    transaction.add(
        Session(
            id=key,
            vehicle_id=vehicle.id,
            case_id=None if case is None else case.id,
            recording=recording.recording,
            kind=kind,
            filed_ns=now_ns,
            profile=recording.vehicle,
            profile_sha256=extra.profile_sha256,
            evdiag=recording.evdiag,
            reason=recording.reason,
            warnings=list(recording.warnings),
        )
    )
    transaction.flush()
    transaction.add_all(_shown(key, case, scanned, extra))
    transaction.flush()
    return Filed(True, recording.attempts, recording.faults)


def _keep(transaction: Transaction, row: RecordingRow, path: str) -> None:
    """Keep a recording; where it is known, it lies where it was found last, and was read last."""
    known = transaction.get(Recording, row.recording)
    if known is not None:
        known.path = path
        known.first_ns, known.last_ns, known.dated = row.first_ns, row.last_ns, row.dated
        known.vehicle = row.vehicle or known.vehicle
        return
    transaction.add(
        Recording(
            sha256=row.recording,
            path=path,
            bytes=row.bytes,
            format=row.format,
            first_ns=row.first_ns,
            last_ns=row.last_ns,
            dated=row.dated,
            vehicle=row.vehicle,
        )
    )
    transaction.flush()


def _shown(key: str, case: Case | None, scanned: Scanned, extra: ForBook) -> Sequence[Base]:
    attempts = [
        Attempt(session_id=key, **_columns(row), **asdict(around))
        for row, around in zip(scanned.attempts, extra.circumstances, strict=True)
    ]
    findings = [
        Finding(session_id=key, rank=rank, **_columns(row))
        for rank, row in enumerate(scanned.findings, start=1)
    ]
    lockings = [
        Locking(session_id=key, number=number, **asdict(row))
        for number, row in enumerate(extra.lockings, start=1)
    ]
    steps = [
        Step(
            id=key_of("step", key, str(number)),
            case_id=None if case is None else case.id,
            session_id=key,
            source="guide",
            **asdict(row),
        )
        for number, row in enumerate(extra.steps, start=1)
    ]
    return [*attempts, *findings, *lockings, *steps]


def _columns(row: Any) -> dict[str, Any]:
    """Return a row of a scan as columns: which recording and car it is of is known here."""
    columns = {name: getattr(row, name) for name in row.__slots__}
    del columns["recording"], columns["vehicle"]
    return columns
