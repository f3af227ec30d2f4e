"""One finding: a fault that the evidence speaks for, or what is missing to say more. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.port.attempt import Evidence

Confidence: TypeAlias = Literal["certain", "likely", "possible"]

CONFIDENCE: tuple[Confidence, ...] = ("certain", "likely", "possible")
"""Best first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault hypothesis.

    `fault` is None where nothing was found. `next` are guide steps, in words until the guide
    names them. `missing` are vocabulary signals that would have told more.
    """

    fault: str | None
    confidence: Confidence | None
    summary: str
    evidence: tuple[Evidence, ...] = ()
    next: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_fault(self) -> bool:
        """True where the answer to "is something wrong?" is yes (exit code 1)."""
        return self.fault is not None and self.confidence in ("certain", "likely")


def lowered(confidence: Confidence, steps: int) -> Confidence:
    """Return a weaker confidence, `steps` lower; ``possible`` is the weakest."""
    return CONFIDENCE[min(CONFIDENCE.index(confidence) + steps, len(CONFIDENCE) - 1)]
