"""What is in the case book: its tables.

Keys are UUIDs, so that what was written into two books can be put into one. Where the same thing
has the same key in every book (`key_of`), it is there once. Times are nanoseconds since 1970, UTC.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias
from uuid import UUID, uuid4, uuid5

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evdiag.casebook.columns import DiskPath, Words

Kind: TypeAlias = Literal["live", "replay", "file"]
Reading: TypeAlias = Literal["before", "after"]
Source: TypeAlias = Literal["guide", "person"]

_OURS: Final = UUID("6e6f4a0e-6d0b-5c0b-9a53-1f0c6b2f6a11")


def new_key() -> str:
    """Return a key that nothing else has."""
    return str(uuid4())


def key_of(*parts: str) -> str:
    """Return the key that the same thing has in every book."""
    return str(uuid5(_OURS, "\n".join(parts)))


def unknown_cars_key(profile: str) -> str:
    """Return the key under which recordings stand whose car is known by its profile alone."""
    return key_of("cars of", profile)


class Base(DeclarativeBase):
    """The tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {str: Words, int: BigInteger}  # noqa: RUF012 - as SQLAlchemy wants it


def _part_of(table: str) -> Any:
    """Return a foreign key: what is part of something goes with it."""
    return ForeignKey(f"{table}.id", ondelete="CASCADE")


class Vehicle(Base):
    """A car. `inlet` is a word of the field: ``type2``, ``ccs2``, ``chademo``, ``nacs``, ..."""

    __tablename__ = "vehicle"

    id: Mapped[str] = mapped_column(primary_key=True)
    vin: Mapped[str | None] = mapped_column(unique=True)
    plate: Mapped[str | None] = mapped_column(index=True)
    profile: Mapped[str | None]
    inlet: Mapped[str | None]
    customer: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str | None]
    changed_ns: Mapped[int]


class Case(Base):
    """A complaint, and what became of it. `number` is for people, and of this book alone."""

    __tablename__ = "case"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    vehicle_id: Mapped[str] = mapped_column(_part_of("vehicle"), index=True)
    opened_ns: Mapped[int]
    closed_ns: Mapped[int | None]
    complaint: Mapped[str | None]
    verdict: Mapped[str | None]
    note: Mapped[str | None]
    changed_ns: Mapped[int]


class ForgottenNumber(Base):
    """The number of a case that was forgotten: it stands on paper, and means no other case."""

    __tablename__ = "forgotten_number"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Recording(Base):
    """A recording by what it holds (`evdiag.scan.content`), and where it lay when it was filed.

    `vehicle` is the profile it was read by, None where the car could not be told. `dated` is false
    where its stamps are no dates.
    """

    __tablename__ = "recording"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(DiskPath)
    bytes: Mapped[int] = mapped_column(index=True)
    format: Mapped[str]
    first_ns: Mapped[int | None]
    last_ns: Mapped[int | None]
    dated: Mapped[bool]
    vehicle: Mapped[str | None]


class Session(Base):
    """A recording in a case, or of a vehicle without one; and who said what it shows."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_vehicle_recording", "vehicle_id", "recording"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    vehicle_id: Mapped[str] = mapped_column(_part_of("vehicle"))
    case_id: Mapped[str | None] = mapped_column(_part_of("case"), index=True)
    recording: Mapped[str] = mapped_column(
        ForeignKey("recording.sha256", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    filed_ns: Mapped[int]
    profile: Mapped[str | None]
    profile_sha256: Mapped[str | None]
    evdiag: Mapped[str]
    reason: Mapped[str | None]
    warnings: Mapped[list[str]] = mapped_column(JSON)


class Learnt(Base):
    """What a session says of its car and no person does; None what somebody says, or it does not.

    Sessions filed by an evdiag that did not know this table have no row here.
    """

    __tablename__ = "learnt"

    session_id: Mapped[str] = mapped_column(_part_of("session"), primary_key=True)
    vin: Mapped[str | None]
    profile: Mapped[str | None]


class Attempt(Base):
    """As `evdiag.scan.rows.AttemptRow`, with volt, °C and the kind of charging at the time."""

    __tablename__ = "attempt"

    session_id: Mapped[str] = mapped_column(_part_of("session"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_ns: Mapped[int]
    offset_s: Mapped[float]
    request: Mapped[str | None]
    outcome: Mapped[str | None]
    released_after_s: Mapped[float | None]
    pulled_after_s: Mapped[float | None]
    relocked_after_s: Mapped[float | None]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    requests: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    bounces: Mapped[int]
    relock_cause: Mapped[str | None]
    lowest_supply: Mapped[float | None]
    ambient_temperature: Mapped[float | None]
    charger: Mapped[str | None]


class Locking(Base):
    """One time the lock was told to close; `locked_after_s` is None where it did not."""

    __tablename__ = "locking"

    session_id: Mapped[str] = mapped_column(_part_of("session"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time_ns: Mapped[int]
    locked_after_s: Mapped[float | None]
    lowest_supply: Mapped[float | None]
    ambient_temperature: Mapped[float | None]
    charger: Mapped[str | None]


class Finding(Base):
    """As `evdiag.scan.rows.FindingRow`; the best supported one has rank 1."""

    __tablename__ = "finding"

    session_id: Mapped[str] = mapped_column(_part_of("session"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fault: Mapped[str | None]
    confidence: Mapped[str | None]
    summary: Mapped[str]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    next: Mapped[list[str]] = mapped_column(JSON)
    missing: Mapped[list[str]] = mapped_column(JSON)
    number: Mapped[str | None]
    title: Mapped[str | None]
    names: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    against: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    ending: Mapped[str | None]


class Step(Base):
    """Something that was tried: a step of the guide in a session, or what a person wrote."""

    __tablename__ = "step"
    # What belongs to nothing could never be forgotten.
    __table_args__ = (
        CheckConstraint("case_id IS NOT NULL OR session_id IS NOT NULL", name="belongs"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str | None] = mapped_column(_part_of("case"), index=True)
    session_id: Mapped[str | None] = mapped_column(_part_of("session"), index=True)
    time_ns: Mapped[int]
    source: Mapped[str]
    mark: Mapped[str]
    text: Mapped[str]
    result: Mapped[str | None]


class TroubleCode(Base):
    """A trouble code before or after the work, as `evdiag dtc read` prints it.

    `code` is None for a unit that had none, or did not tell (`problem`).
    """

    __tablename__ = "trouble_code"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(_part_of("case"), index=True)
    reading: Mapped[str]
    time_ns: Mapped[int]
    place: Mapped[int]
    unit: Mapped[str | None]
    code: Mapped[str | None]
    sae: Mapped[str | None]
    status: Mapped[str | None]
    says: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    meaning: Mapped[str | None]
    evidence: Mapped[str | None]
    source: Mapped[str | None]
    snapshot: Mapped[str | None]
    extended: Mapped[str | None]
    problem: Mapped[str | None]


class Part(Base):
    """A part that was fitted."""

    __tablename__ = "part"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(_part_of("case"), index=True)
    fitted_ns: Mapped[int]
    name: Mapped[str]
    number: Mapped[str | None]


class Photo(Base):
    """A picture, where it lay when it was added, and its hash."""

    __tablename__ = "photo"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(_part_of("case"), index=True)
    path: Mapped[str] = mapped_column(DiskPath)
    sha256: Mapped[str]
    added_ns: Mapped[int]
