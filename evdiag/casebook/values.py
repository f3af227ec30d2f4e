"""What the case book says, as plain values: for screens, reports and programs. Pure data.

Times are nanoseconds since 1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evdiag.scan.rows import AttemptRow, Circumstances, FindingRow, LockingRow


@dataclass(frozen=True, slots=True)
class VehicleCard:
    """A car. `is_one_car` is false where recordings stand together whose car has no name."""

    id: str
    vin: str | None
    plate: str | None
    profile: str | None
    inlet: str | None
    customer: str | None
    note: str | None
    is_one_car: bool = True

    @property
    def name(self) -> str:
        """How the car is called: by its plate, else its VIN, else as well as can be."""
        if not self.is_one_car:
            return f"{self.profile or 'unknown'} cars without a name"
        return self.plate or self.vin or f"a {self.profile or 'car'} without a name"


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case in a list. `faults` counts findings that are certain or likely."""

    number: int
    id: str
    vehicle: VehicleCard
    opened_ns: int
    closed_ns: int | None
    complaint: str | None
    verdict: str | None
    note: str | None
    sessions: int = 0
    attempts: int = 0
    faults: int = 0

    @property
    def is_open(self) -> bool:
        """True until it is closed."""
        return self.closed_ns is None


@dataclass(frozen=True, slots=True)
class RecordingCard:
    """A recording, and where it lay when it was filed."""

    sha256: str
    path: str
    bytes: int
    format: str
    first_ns: int | None
    last_ns: int | None
    dated: bool


@dataclass(frozen=True, slots=True)
class SessionCard:
    """What a recording showed. `circumstances` are those of the attempts, in their order."""

    id: str
    kind: str
    filed_ns: int
    recording: RecordingCard
    profile: str | None
    profile_sha256: str | None
    evdiag: str
    reason: str | None
    warnings: tuple[str, ...]
    attempts: tuple[AttemptRow, ...] = ()
    circumstances: tuple[Circumstances, ...] = ()
    lockings: tuple[LockingRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class StepCard:
    """Something that was tried, by the guide or by a person (`source`)."""

    time_ns: int
    source: str
    mark: str
    text: str
    result: str | None


@dataclass(frozen=True, slots=True)
class CodeCard:
    """A trouble code as a unit told it; `reading` is ``before`` or ``after`` the work."""

    reading: str
    time_ns: int
    unit: str | None
    code: str | None
    sae: str | None
    status: str | None
    says: tuple[str, ...]
    meaning: str | None
    evidence: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class PartCard:
    """A part that was fitted."""

    fitted_ns: int
    name: str
    number: str | None


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """A picture, where it lay when it was added."""

    path: str
    sha256: str
    added_ns: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All of a case."""

    case: CaseCard
    sessions: tuple[SessionCard, ...] = ()
    steps: tuple[StepCard, ...] = ()
    codes: tuple[CodeCard, ...] = ()
    parts: tuple[PartCard, ...] = ()
    photos: tuple[PhotoCard, ...] = field(default=())
