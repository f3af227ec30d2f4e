"""What a report says of one recording, as data. No I/O, no words of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from evdiag.diagnosis import Card, Finding
from evdiag.guide.page import HistoryLine, Page
from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.vocabulary import Value

FactKind: TypeAlias = Literal["releases_within", "relock", "signals"]


class CarFact(NamedTuple):
    """Something known of the car that the report relies on, with its evidence level and source.

    `value` is seconds, or names of signals with blanks between.
    """

    kind: FactKind
    value: str
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Car:
    """Which car it is, and how sure that is (0 to 1; None where a person said so)."""

    name: str
    vin: str | None
    confidence: float | None
    facts: tuple[CarFact, ...] = ()


class State(NamedTuple):
    """One signal as it stood at the end; `value` is None where the car does not offer it."""

    signal: str
    value: Value | None


class GuideStep(NamedTuple):
    """A step of the guide that was come to, in words, and when it began."""

    began_ns: int
    line: HistoryLine


@dataclass(frozen=True, slots=True)
class Walk:
    """What the guide did. `page` is how it stood at the end, in the language of the report.

    `ending` is what kind of ending it came to, as procedures call it; empty where it did not end.
    """

    page: Page
    steps: tuple[GuideStep, ...]
    ending: str = ""


class Spoken(NamedTuple):
    """A mark: the person's note."""

    time_ns: int
    text: str


class Sent(NamedTuple):
    """Equal frames that were transmitted."""

    channel: str
    id: str
    data: str
    times: int
    first_ns: int
    last_ns: int


class Decided(NamedTuple):
    """Equal decisions of the transmit gate."""

    intent: str
    permitted: bool
    reasons: tuple[str, ...]
    times: int
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Sending:
    """What was transmitted. `told` is false where no frame says whether it was sent or received.

    `by_evdiag`: it is evdiag's own recording, so what is not in it evdiag did not send.
    """

    frames: tuple[Sent, ...]
    decisions: tuple[Decided, ...]
    told: bool
    by_evdiag: bool


class FileHash(NamedTuple):
    """A file and its SHA-256, hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the recording is, and what reading it brought to light.

    `date_ns` is when it began, None where its stamps have no date. `files` is empty for standard
    input. `oddities` are sentences.
    """

    recording: str
    format: str
    date_ns: int | None
    frames: int
    duration_s: float | None
    channels: tuple[tuple[str, int], ...]
    error_frames: int
    lost_frames: int
    skipped_lines: int
    oddities: tuple[str, ...]
    files: tuple[FileHash, ...]
    definitions: tuple[FileHash, ...]
    recorded_with: tuple[tuple[str, str], ...]
    evdiag: str


class Segment(NamedTuple):
    """A word of the vocabulary that held for a while, in seconds from the beginning."""

    from_s: float
    to_s: float
    word: str


class Lane(NamedTuple):
    """One signal over time: segments of a word, or points of a number (`None` is: not known)."""

    signal: str
    segments: tuple[Segment, ...] = ()
    points: tuple[tuple[float, float | None], ...] = ()


class Moment(NamedTuple):
    """Something numbered that lies on the axis, from when to when."""

    number: int
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the picture draws, seconds from the beginning of the recording.

    `epoch` counts from 1 the captures that a broken clock makes of one recording, `epochs` how
    many there are: one picture cannot show more than one.
    """

    from_s: float
    to_s: float
    lanes: tuple[Lane, ...]
    attempts: tuple[Moment, ...] = ()
    steps: tuple[Moment, ...] = ()
    marks: tuple[Moment, ...] = ()
    epoch: int = 1
    epochs: int = 1

    @property
    def rulers(self) -> tuple[str, ...]:
        """The kinds of moments of which it reaches any: ``attempts``, ``steps``, ``marks``."""
        kinds = ("attempts", "steps", "marks")
        return tuple(k for k in kinds if any(m.to_s >= self.from_s for m in getattr(self, k)))

    def between(self, from_s: float, to_s: float) -> Timeline:
        """Return the same, looked at more closely."""
        return replace(self, from_s=max(from_s, self.from_s), to_s=min(to_s, self.to_s))


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    `start_ns` is what offsets count from. Without a bus there is no `car` that was recognised, no
    `card` and no `timeline`. `clock_is_time` is false where the stamps tell no time.
    """

    facts: Facts
    car: Car | None
    start_ns: int
    clock_is_time: bool
    state: tuple[State, ...]
    attempts: tuple[Attempt, ...]
    findings: tuple[Finding, ...]
    card: Card | None
    walk: Walk | None
    marks: tuple[Spoken, ...]
    sending: Sending
    timeline: Timeline | None
    warnings: Sequence[str] = ()

    def offset_s(self, time_ns: int) -> float:
        """Return where a stamp lies, in seconds from the beginning."""
        return (time_ns - self.start_ns) / NANOSECONDS

    @property
    def best(self) -> Finding | None:
        """The finding that is best supported; None without a bus."""
        return self.findings[0] if self.findings else None
