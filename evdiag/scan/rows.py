"""What a scan finds out, as plain values: small, sent between processes, written down. Pure data.

The columns are those of the commands `info`, `attempts` and `diagnose`. In all of them `recording`
is the SHA-256 of the recording's content (`evdiag.scan.content`), and times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Plain: TypeAlias = dict[str, Any]

Kind: TypeAlias = Literal["bad", "skipped"]
"""``bad``: a recording, or so it should be, that could not be read. ``skipped``: met in a folder
and plainly none."""


@dataclass(frozen=True, slots=True)
class Left:
    """What was not scanned, and why."""

    path: str
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One recording.

    `bytes` are those of its content, decompressed. `vehicle` is None where the car could not be
    told; then `reason` says why there are no attempts and no findings. `attempts` counts them,
    `faults` the findings that are certain or likely. `dated` is false where stamps are no dates.
    """

    recording: str
    bytes: int
    format: str
    frames: int
    duration_s: float | None
    channels: tuple[str, ...]
    ids: int
    error_frames: int
    remote_frames: int
    lost_frames: int
    time_anomalies: int
    skipped_lines: int
    first_ns: int | None
    last_ns: int | None
    dated: bool
    gaps: int
    longest_gap_s: float | None
    anomalies: tuple[Plain, ...]
    vehicle: str | None
    confidence: float | None
    layout: str | None
    attempts: int
    faults: int
    warnings: tuple[str, ...]
    reason: str | None
    evdiag: str


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt to get the plug out, as `evdiag attempts` prints it."""

    recording: str
    vehicle: str
    number: int
    opened_ns: int
    offset_s: float
    request: str | None
    outcome: str | None
    released_after_s: float | None
    pulled_after_s: float | None
    relocked_after_s: float | None
    evidence: tuple[Plain, ...]
    requests: tuple[Plain, ...]
    bounces: int
    relock_cause: str | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding, as `evdiag diagnose` prints it; `fault` is None where nothing was found."""

    recording: str
    vehicle: str
    fault: str | None
    confidence: str | None
    summary: str
    evidence: tuple[Plain, ...]
    next: tuple[str, ...]
    missing: tuple[str, ...]
    number: str | None
    title: str | None
    names: tuple[Plain, ...]
    against: tuple[Plain, ...]
    ending: str | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What surrounded an attempt: volt, °C, kind of charging; None where the car does not tell."""

    lowest_supply: float | None
    ambient_temperature: float | None
    charger: str | None


@dataclass(frozen=True, slots=True)
class LockingRow:
    """One time the lock was told to close (`evdiag.port.locking`)."""

    time_ns: int
    locked_after_s: float | None
    lowest_supply: float | None
    ambient_temperature: float | None
    charger: str | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that the guide came to: its mark, what it was, and what became of it."""

    time_ns: int
    mark: str
    text: str
    result: str


@dataclass(frozen=True, slots=True)
class ForBook:
    """What the case book keeps of a recording besides; the tables of a scan have nothing of it.

    `circumstances` are those of the attempts, in their order. `vin` is what the car said in it.
    """

    vin: str | None = None
    profile_sha256: str | None = None
    circumstances: tuple[Circumstances, ...] = ()
    lockings: tuple[LockingRow, ...] = ()
    steps: tuple[StepRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Scanned:
    """What became of one place where a recording lies.

    Either `left` says why it was not scanned, or `content` is the recording's SHA-256. Then
    `recording` is None where that content was known already. `for_book` is there where the task
    was for the case book.
    """

    path: str
    bytes: int
    content: str | None = None
    recording: RecordingRow | None = None
    attempts: tuple[AttemptRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    left: Left | None = None
    for_book: ForBook | None = None
