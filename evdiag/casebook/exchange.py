"""The whole book as JSON, and what came out of one book into another.

One object: ``evdiag_casebook`` is the version of the form, every other key a table, one row a line,
in the order of the keys. The same book gives the same bytes. What a book has already stays as it
is, but for cars and cases that were changed later in the other.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from sqlalchemy import JSON, BigInteger, Boolean, Float, Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.cases import LAST_NUMBER, checked_vin, next_number
from evdiag.casebook.columns import DiskPath
from evdiag.casebook.model import Base, Case, ForgottenNumber, Recording, Session, Vehicle
from evdiag.casebook.opening import Book
from evdiag.casebook.same_cars import as_one, cars_of, cars_of_cases
from evdiag.errors import BadInputError
from evdiag.plain import plain_json, plain_text

FORM: Final = 1
_MARK: Final = "evdiag_casebook"

TABLES: Final = tuple(Base.metadata.sorted_tables)
"""What is part of something comes after it."""

_CHANGING: Final = ("vehicle", "case")
_NUMBERED: Final = (Case.__tablename__, ForgottenNumber.__tablename__)
_ROWS_AT_ONCE: Final = 500
_LARGEST: Final = 1 << 63

LISTS_OF_WORDS: Final = ("missing", "next", "says", "warnings")
"""Columns that hold a list of words; every other list is one of objects."""

_Row: TypeAlias = dict[str, Any]


def exported(book: Book) -> Iterator[str]:
    """Yield all of the book as lines of text."""
    with book.reading() as transaction:
        yield f'{{"{_MARK}": {FORM}'
        for table in TABLES:
            yield f',\n"{table.name}": ['
            rows = [_plain(row) for row in transaction.execute(select(table)).mappings()]
            # A database sorts as its country does.
            rows.sort(key=lambda row: _key(table, row))
            yield ",".join(f"\n{plain_json(row)}" for row in rows)
            yield "\n]" if rows else "]"
        yield "\n}\n"


def _plain(row: Mapping[Any, Any]) -> _Row:
    """Return a row without negative zeros, which only some databases keep."""
    return {name: value + 0.0 if isinstance(value, float) else value for name, value in row.items()}


def imported(book: Book, text: str, label: str) -> dict[str, int]:
    """Put what was exported into this book; return how many rows of each table are new or newer.

    Raises:
        BadInputError: it is no export, or something is wrong in it; then nothing is put in.
    """
    tables = _checked(text, plain_text(label))
    try:
        with book.writing() as transaction:
            return _Import(transaction, tables).run()
    except IntegrityError:
        raise BadInputError(
            f"{plain_text(label)}: something in it belongs to what is not in it: it is not whole"
        ) from None


class _Import:
    def __init__(self, transaction: Transaction, tables: Mapping[str, list[_Row]]) -> None:
        self._transaction = transaction
        self._tables = tables
        self._vehicles: dict[str, str] = {}
        self._cars_of_cases: dict[str, str] = {}
        # What a session showed is of one reading: it comes with it, or not at all.
        self._had = frozenset(transaction.scalars(select(Session.id)))
        # Before those of the other book join them.
        self._forgotten = frozenset(transaction.scalars(select(ForgottenNumber.number)))

    def run(self) -> dict[str, int]:
        vehicles, cases = (self._tables[table.__tablename__] for table in (Vehicle, Case))
        self._vehicles = cars_of(self._transaction, vehicles, cases)
        self._cars_of_cases = cars_of_cases(self._transaction)
        counts = {}
        for table in TABLES:
            rows = [self._linked(row) for row in self._tables[table.name]]
            counts[table.name] = self._put(table, rows)
        return counts

    def _linked(self, row: _Row) -> _Row:
        """Return a row with the car of this book; what is in a case is of the case's car."""
        if "vehicle_id" not in row:
            return row
        car = self._vehicles.get(row["vehicle_id"], row["vehicle_id"])
        return row | {"vehicle_id": self._cars_of_cases.get(row.get("case_id") or "", car)}

    def _put(self, table: Table, rows: list[_Row]) -> int:
        if table.name == Vehicle.__tablename__:
            rows = as_one([row | {"id": self._vehicles[row["id"]]} for row in rows])
        had = self._in_book(table)
        new = [row for row in rows if _key(table, row) not in had and not self._is_known(row)]
        if table.name == Case.__tablename__:
            new = list(self._numbered(new))
        for start in range(0, len(new), _ROWS_AT_ONCE):
            self._transaction.execute(insert(table), new[start : start + _ROWS_AT_ONCE])
        newer = 0
        if table.name in _CHANGING:
            newer = sum(self._change(table, row, had) for row in rows if _key(table, row) in had)
        return len(new) + newer

    def _in_book(self, table: Table) -> dict[tuple[Any, ...], int]:
        """Return the keys of a table, with when each was changed where that is known."""
        keys = list(table.primary_key.columns)
        changed = [table.c.changed_ns] if table.name in _CHANGING else []
        rows = self._transaction.execute(select(*keys, *changed))
        return {tuple(row[: len(keys)]): row[-1] if changed else 0 for row in rows}

    def _is_known(self, row: _Row) -> bool:
        return row.get("session_id") in self._had

    def _numbered(self, rows: list[_Row]) -> Iterator[_Row]:
        """Give a number of its own to each case whose number is or was another one's here."""
        taken = set(self._transaction.scalars(select(Case.number))) | self._forgotten
        theirs = [*rows, *self._tables[ForgottenNumber.__tablename__]]
        free = max(next_number(self._transaction), *(row["number"] + 1 for row in theirs), 1)
        for row in sorted(rows, key=lambda row: (row["number"], row["id"])):
            number = row["number"]
            if number in taken:
                number, free = free, free + 1
            taken.add(number)
            yield row | {"number": number}

    def _change(self, table: Table, row: _Row, had: dict[tuple[Any, ...], int]) -> bool:
        kept = {"id", "number", "vehicle_id"}
        if row["changed_ns"] <= had[_key(table, row)]:
            return self._learn_vin(row)
        if table.name == Vehicle.__tablename__ and row["vin"] is None:
            # Who does not know a VIN does not say that there is none.
            kept.add("vin")
        values = {name: value for name, value in row.items() if name not in kept}
        self._transaction.execute(update(table).where(table.c.id == row["id"]).values(values))
        return True

    def _learn_vin(self, row: _Row) -> bool:
        """Take over a VIN that only the other book knows, of a car that was changed here later."""
        if row.get("vin") is None:
            return False
        car = update(Vehicle).where(Vehicle.id == row["id"], Vehicle.vin.is_(None))
        done: Any = self._transaction.execute(car.values(vin=row["vin"]))
        return bool(done.rowcount)


def _key(table: Table, row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


# -- what somebody may have written ----------------------------------------------------------


def _checked(text: str, label: str) -> dict[str, list[_Row]]:
    try:
        whole = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or _MARK not in whole:
        raise BadInputError(f"{label} is no case book: `evdiag cases export` writes one")
    if whole[_MARK] != FORM:
        raise BadInputError(f"{label} was written by a later evdiag than this one: update evdiag")
    tables = {}
    for table in TABLES:
        rows = whole.get(table.name, [])
        if not isinstance(rows, list):
            raise BadInputError(f"{label}: {table.name} is no list of rows")
        tables[table.name] = [
            _checked_row(table, row, f"{label}: {table.name}, row {number}")
            for number, row in enumerate(rows, start=1)
        ]
        keys = [_key(table, row) for row in tables[table.name]]
        if len(keys) != len(set(keys)):
            raise BadInputError(f"{label}: {table.name} has a row twice")
    return tables


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _checked_row(table: Table, row: Any, where: str) -> _Row:
    names = {column.name for column in table.columns}
    if not isinstance(row, dict) or row.keys() != names:
        raise BadInputError(f"{where} has not the columns of one")
    for column in table.columns:
        if not _fits(column, row[column.name]):
            raise BadInputError(f"{where}: {column.name} is none")
    if table.name == Vehicle.__tablename__ and row["vin"] is not None:
        row["vin"] = checked_vin(row["vin"])
    if table.name in _NUMBERED and not 1 <= row["number"] <= LAST_NUMBER:
        raise BadInputError(f"{where}: number is none")
    return row


def _fits(column: Any, value: Any) -> bool:
    if value is None:
        return bool(column.nullable)
    match column.type:
        case JSON():
            kind = str if column.name in LISTS_OF_WORDS else dict
            return isinstance(value, list) and all(isinstance(each, kind) for each in value)
        case Float():
            # A whole number may be larger than any float.
            return type(value) in (float, int) and abs(value) <= sys.float_info.max
        case BigInteger():
            return type(value) is int and -_LARGEST <= value < _LARGEST
        case Boolean():
            return isinstance(value, bool)
        case DiskPath():
            return isinstance(value, str) and "\0" not in value
    return isinstance(value, str)


def recordings_in(counts: Mapping[str, int]) -> tuple[int, int]:
    """Return how many cases and recordings came in, of what `imported` says."""
    return counts[Case.__tablename__], counts[Recording.__tablename__]
