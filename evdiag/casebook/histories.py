"""What the book knows of cars over time, for `evdiag.recurrence`. Only what has a date counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar, cast, get_args

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.model import Attempt, Case, Locking, Part, Recording, Session, Vehicle
from evdiag.casebook.opening import Book
from evdiag.casebook.reading import vehicle_card
from evdiag.port.attempt import Charger, Outcome
from evdiag.recurrence.history import Circumstances, History, Repair, Unlocking
from evdiag.recurrence.history import Locking as LockingTime

_Row = TypeVar("_Row", Attempt, Locking)

ONE_MOMENT_NS: Final = 10_000_000
"""Formats round their stamps, to milliseconds where they are coarse; no lock is as quick."""

_OUTCOMES: Final = frozenset(get_args(Outcome))
"""A book may have been written by another evdiag, with words that this one does not have."""


def histories(
    book: Book, *, vehicle: str | None = None, profile: str | None = None
) -> list[History]:
    """Return the history of each car, by name: of one (`vehicle` is its key), of those of one
    profile, or of all.

    Recordings whose car has no name are nobody's history. A recording counts once a car, in
    however many cases it is.
    """
    with book.reading() as transaction:
        wanted = select(Vehicle)
        if vehicle is not None:
            wanted = wanted.where(Vehicle.id == vehicle)
        if profile is not None:
            wanted = wanted.where(Vehicle.profile == profile)
        cards = [vehicle_card(each) for each in transaction.scalars(wanted)]
        named = sorted((card for card in cards if card.is_one_car), key=lambda c: (c.name, c.id))
        return [
            History(
                card.name,
                card.profile or "unknown",
                *_times(transaction, card.id),
                tuple(_repairs(transaction, card.id)),
            )
            for card in named
        ]


def _times(
    transaction: Transaction, vehicle: str
) -> tuple[tuple[Unlocking, ...], tuple[LockingTime, ...]]:
    sessions = _sessions(transaction, vehicle)
    attempts = [
        attempt
        for attempt in transaction.scalars(_of(Attempt, vehicle))
        if attempt.session_id in sessions and attempt.outcome in _OUTCOMES
    ]
    # What was cut off in one recording may be whole in another.
    attempts.sort(key=lambda each: (each.outcome == "inconclusive", sessions[each.session_id]))
    lockings = [
        each for each in transaction.scalars(_of(Locking, vehicle)) if each.session_id in sessions
    ]
    lockings.sort(key=lambda each: (each.locked_after_s is None, sessions[each.session_id]))
    return (
        tuple(
            Unlocking(
                attempt.opened_ns,
                sessions[attempt.session_id],
                cast(Outcome, attempt.outcome),
                attempt.released_after_s,
                _around(attempt),
            )
            for attempt in _once(attempts, lambda each: each.opened_ns)
        ),
        tuple(
            LockingTime(
                locking.time_ns,
                sessions[locking.session_id],
                locking.locked_after_s,
                _around(locking),
            )
            for locking in _once(lockings, lambda each: each.time_ns)
        ),
    )


def _once(rows: Iterable[_Row], time_ns: Callable[[_Row], int]) -> list[_Row]:
    """Return what happened, in order of time: once, in however many recordings it is.

    A recording that went on after it was filed, one with a further mark, and one in another format
    hold the same again. Of what is at one time in two recordings the one that comes first in `rows`
    is kept.
    """
    kept: dict[int, list[_Row]] = {}
    for row in rows:
        slot = time_ns(row) // ONE_MOMENT_NS
        near = (each for n in (slot - 1, slot, slot + 1) for each in kept.get(n, ()))
        if not any(
            each.session_id != row.session_id and abs(time_ns(each) - time_ns(row)) < ONE_MOMENT_NS
            for each in near
        ):
            kept.setdefault(slot, []).append(row)
    return sorted((row for each in kept.values() for row in each), key=time_ns)


def _of(table: type[Any], vehicle: str) -> Select[Any]:
    return (
        select(table)
        .join(Session, table.session_id == Session.id)
        .where(Session.vehicle_id == vehicle)
    )


def _sessions(transaction: Transaction, vehicle: str) -> dict[str, str]:
    """Return the sessions that count, with the recording of each."""
    rows = transaction.execute(
        select(Session.recording, Session.id)
        .join(Recording, Session.recording == Recording.sha256)
        .where(Session.vehicle_id == vehicle, Recording.dated.is_(True))
        .order_by(Session.filed_ns.desc(), Session.id.desc())
    )
    # What was filed first comes last, and stays.
    first = {row.recording: row.id for row in rows}
    return {key: recording for recording, key in first.items()}


def _around(row: Attempt | Locking) -> Circumstances:
    charger = cast("Charger | None", row.charger if row.charger in ("ac", "dc") else None)
    return Circumstances(row.ambient_temperature, row.lowest_supply, charger)


def _repairs(transaction: Transaction, vehicle: str) -> Iterator[Repair]:
    """Yield the parts that were fitted, and the verdict of each case that was closed without."""
    cases = transaction.scalars(select(Case).where(Case.vehicle_id == vehicle)).all()
    repairs = []
    for case in cases:
        parts = transaction.scalars(select(Part).where(Part.case_id == case.id)).all()
        repairs += [Repair(part.fitted_ns, part.name) for part in parts]
        if not parts and case.closed_ns is not None and case.verdict is not None:
            repairs.append(Repair(case.closed_ns, case.verdict))
    yield from sorted(repairs, key=lambda repair: (repair.time_ns, repair.text))
