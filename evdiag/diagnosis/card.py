"""One card: a release laid over a known-good one of the same car, and which part it speaks for.

Pure data for the command line, the screens and the report. `lay_over` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from evdiag.diagnosis.card_rows import Normal, Row, rows_of
from evdiag.diagnosis.case import Case
from evdiag.diagnosis.parts import PartVerdict, judge_parts
from evdiag.diagnosis.release import Release, known_good, release_of
from evdiag.port.attempt import Attempt

BasisKind: TypeAlias = Literal["recording", "profile", "same_recording", "none"]


class KnownGood(NamedTuple):
    """A release that went as it should, and where it was recorded."""

    release: Release
    recording: str


@dataclass(frozen=True, slots=True)
class Card:
    """One attempt, laid over what is normal.

    `basis` says what it is laid over: a `recording` of the same car, the `profile`'s own numbers,
    a healthy attempt of the `same_recording`, or `none` of them; `basis_words` in words.
    """

    vehicle: str
    release: Release
    basis: BasisKind
    basis_words: str
    rows: tuple[Row, ...]
    parts: tuple[PartVerdict, ...]

    @property
    def attempt(self) -> Attempt:
        """The attempt that the card is about."""
        return self.release.attempt

    @property
    def suspects(self) -> tuple[PartVerdict, ...]:
        """The parts that the evidence speaks for."""
        return tuple(part for part in self.parts if part.verdict == "suspected")


def lay_over(case: Case, number: int | None = None, good: KnownGood | None = None) -> Card | None:
    """Lay an attempt over a known-good release; None where there is no attempt.

    `number` counts attempts from 1; None takes the last that did not end as it should, else the
    last. Without `good` the profile's numbers are the measure, and without those a healthy
    attempt of the same recording.
    """
    attempt = _chosen(case, number)
    if attempt is None or not case.lock_fitted:
        return None
    release = release_of(case, attempt)
    kind, words, normal = _basis(case, attempt, good)
    return Card(
        case.profile.name,
        release,
        kind,
        words,
        rows_of(release, normal),
        judge_parts(case, release),
    )


def _chosen(case: Case, number: int | None) -> Attempt | None:
    if number is not None:
        return next((a for a in case.attempts if a.number == number), None)
    wrong = [a for a in case.attempts if a.outcome not in ("released", "cancelled")]
    return next(reversed(wrong or case.attempts), None)


def _basis(case: Case, this: Attempt, good: KnownGood | None) -> tuple[BasisKind, str, Normal]:
    lock = case.profile.lock
    within_s = lock.releases_within_s if lock.evidence else None
    if good is not None:
        attempt = good.release.attempt
        words = f"attempt {attempt.number} of {good.recording}, in which the plug came out"
        return "recording", words, Normal(good.release, None)
    healthy = known_good(case)
    if healthy is not None and healthy.attempt.number == this.number:
        healthy = None
    if within_s is not None:
        words = f"what is normal for this car ({lock.evidence}: {lock.source})"
        return "profile", words, Normal(healthy, within_s)
    if healthy is not None:
        words = f"attempt {healthy.attempt.number} of the same recording, in which it came out"
        return "same_recording", words, Normal(healthy, None)
    return "none", "no known-good release: only what holds for every car", Normal(None, None)
