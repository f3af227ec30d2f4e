"""What is said of a history: a plain sentence with the numbers that it stands on. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["worse", "better", "neutral"]

Kind: TypeAlias = Literal[
    "failure_rate",
    "failures_change",
    "release_time",
    "release_drift",
    "release_step",
    "lock_time",
    "lock_drift",
    "lock_step",
    "lock_failures_change",
    "retries",
    "release_in_the_cold",
    "release_at_low_supply",
    "release_by_charger",
    "failures_in_the_cold",
    "failures_at_low_supply",
    "failures_by_charger",
    "repair",
    "model_release_time",
    "model_failure_rate",
]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing said.

    `n` counts the attempts behind it, a number a group. `interval` (95 %) belongs to the number
    that `interval_of` names. `p` is the family-wise error of having said it: corrected for
    everything that was asked of this car, None for what only describes. `weight` tells how large
    it is: the logarithm of a ratio, so that cars can be ordered.
    """

    kind: Kind
    text: str
    severity: Severity = "neutral"
    n: tuple[int, ...] = ()
    numbers: Mapping[str, float | str] = field(default_factory=dict)
    interval: tuple[float, float] | None = None
    interval_of: str = ""
    p: float | None = None
    weight: float = 0.0

    @property
    def claims(self) -> bool:
        """True where it says that something changed or differs, false where it only describes."""
        return self.p is not None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that waits for all questions to be asked: `p` is that of this question alone.

    `sentence` is None where the difference is too small to matter, whatever its `p`; it counts
    among the questions all the same.
    """

    p: float
    sentence: Sentence | None
