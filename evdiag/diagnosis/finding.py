"""One finding: a fault that the evidence speaks for, or what is missing to say more. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.diagnosis.catalogue import CATALOGUE, Fault
from evdiag.port.attempt import Evidence

Confidence: TypeAlias = Literal["certain", "likely", "possible"]

CONFIDENCE: tuple[Confidence, ...] = ("certain", "likely", "possible")
"""Best first."""

Ending: TypeAlias = Literal["held_on_purpose", "mains_lost"]
"""Why a plug may stay locked without any fault."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault hypothesis.

    `fault` is an id of the catalogue; None where nothing was found, or where nothing is broken
    and the lock is shut all the same: then `ending` names why. `evidence` speaks for it and
    `against` against it. `next` are ids of guide steps, best first. `missing` are vocabulary
    signals that would have told more.
    """

    fault: str | None
    confidence: Confidence | None
    summary: str
    evidence: tuple[Evidence, ...] = ()
    next: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    against: tuple[Evidence, ...] = ()
    ending: Ending | None = None

    @property
    def entry(self) -> Fault | None:
        """What the catalogue says of the fault; None where there is none."""
        return None if self.fault is None else CATALOGUE[self.fault]

    @property
    def is_fault(self) -> bool:
        """True where the answer to "is something wrong?" is yes (exit code 1)."""
        return self.fault is not None and self.confidence in ("certain", "likely")


def lowered(confidence: Confidence, steps: int) -> Confidence:
    """Return a weaker confidence, `steps` lower; ``possible`` is the weakest."""
    return CONFIDENCE[min(CONFIDENCE.index(confidence) + steps, len(CONFIDENCE) - 1)]
