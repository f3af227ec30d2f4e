"""Books with something in them, made without reading any recording."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sqlalchemy import JSON, BigInteger, Boolean, Float, Table, delete, insert

from evdiag.casebook.columns import DiskPath
from evdiag.casebook.exchange import LISTS_OF_WORDS, TABLES
from evdiag.casebook.model import ForgottenNumber, Recording, Vehicle
from evdiag.casebook.opening import Book
from evdiag.scan.rows import AttemptRow, Circumstances, ForBook, LockingRow, RecordingRow, Scanned

START_NS = 1_760_000_000 * 10**9

Rows = dict[str, list[dict[str, Any]]]


def scanned(
    number: int = 0,
    *,
    vin: str | None = None,
    vehicle: str | None = "reference",
    dated: bool = True,
    outcome: str = "released",
    path: str | None = None,
) -> Scanned:
    """Return what a scan says of a made-up recording with one attempt and one locking."""
    content = f"{number:064x}"
    first_ns = START_NS + number % 1000 * 86_400 * 10**9
    recording = RecordingRow(
        recording=content, bytes=100 + number, format="candump", frames=10, duration_s=1.0,
        channels=("can0",), ids=1, error_frames=0, remote_frames=0, lost_frames=0,
        time_anomalies=0, skipped_lines=0, first_ns=first_ns, last_ns=first_ns + 10**9,
        dated=dated, gaps=0, longest_gap_s=None, anomalies=(), vehicle=vehicle, confidence=1.0,
        layout=None, attempts=1, faults=0, warnings=(), reason=None, evdiag="0",
    )  # fmt: skip
    attempt = AttemptRow(
        recording=content, vehicle=vehicle or "", number=1, opened_ns=first_ns, offset_s=0.0,
        request="fob", outcome=outcome, released_after_s=1.25, pulled_after_s=None,
        relocked_after_s=None, evidence=({"time_ns": first_ns, "offset_s": 0.0, "text": "opens"},),
        requests=({"time_ns": first_ns, "source": "fob"},), bounces=0, relock_cause=None,
    )  # fmt: skip
    return Scanned(
        path or f"/somewhere/drive-{number}.log",
        100 + number,
        content,
        recording,
        (attempt,),
        (),
        for_book=ForBook(
            vin,
            "ab" * 32,
            (Circumstances(12.1, -5.0, "ac"),),
            (LockingRow(first_ns - 10**9, 0.4, 12.0, -5.0, "ac"),),
        ),
    )


def fill(book: Book, rows: Rows) -> None:
    """Put rows into a book."""
    with book.writing() as transaction:
        for table in TABLES:
            if rows.get(table.name):
                transaction.execute(insert(table), rows[table.name])


def empty(book: Book) -> None:
    """Take everything out of a book."""
    with book.writing() as transaction:
        transaction.execute(delete(Vehicle))
        transaction.execute(delete(Recording))
        transaction.execute(delete(ForgottenNumber))


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_WHOLE = st.integers(-(1 << 63), (1 << 63) - 1)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
_PATH = st.one_of(
    _TEXT.map(lambda text: f"/{text}"), st.just("/no \udc80 utf-8"), st.just('"C:\\odd"')
)
_WORDS = st.lists(st.text(max_size=8))
_OBJECTS = st.lists(st.dictionaries(st.text(max_size=4), _WHOLE | st.text(max_size=8)))


def _value(column: Any) -> st.SearchStrategy[Any]:
    if isinstance(column.type, JSON):
        made: st.SearchStrategy[Any] = _WORDS if column.name in LISTS_OF_WORDS else _OBJECTS
    elif isinstance(column.type, DiskPath):
        made = _PATH
    else:
        kinds: list[tuple[type, st.SearchStrategy[Any]]] = [
            (BigInteger, _WHOLE),
            (Float, _NUMBER),
            (Boolean, st.booleans()),
        ]
        made = next((made for kind, made in kinds if isinstance(column.type, kind)), _TEXT)
    return st.none() | made if column.nullable else made


def _key(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


@st.composite
def books(draw: st.DrawFn) -> Rows:
    """Draw the rows of a small book; whatever belongs to something belongs to what is there."""
    rows: Rows = {}
    for table in TABLES:
        many = draw(st.integers(0, 3))
        made = []
        for index in range(many):
            row = {column.name: draw(_value(column)) for column in table.columns}
            for column in table.columns:
                for key in column.foreign_keys:
                    known = [each[key.column.name] for each in rows[key.column.table.name]]
                    if not known and not column.nullable:
                        row = {}
                        break
                    if row:
                        choice = st.sampled_from(known) if known else st.none()
                        row[column.name] = draw(choice)
            if not row or row.get("case_id", "") is row.get("session_id", "") is None:
                continue
            for column in table.primary_key.columns:
                if not column.foreign_keys:
                    text = not isinstance(column.type, BigInteger)
                    row[column.name] = f"{table.name}-{index}" if text else index
            row |= {"vin": None} if "vin" in row else {}
            if any(_key(table, row) == _key(table, each) for each in made):
                continue
            numbers = {"case": index + 1, "forgotten_number": index + 11}
            row |= {"number": numbers[table.name]} if table.name in numbers else {}
            made.append(row)
        rows[table.name] = made
    return rows
