"""What a guide did and what it shows: the steps that were come to, and the open one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.guide.procedure import Result, Step
from evdiag.guide.safety import SessionState

EndedBy: TypeAlias = Literal[
    "answer", "bus", "time", "ruled_out", "skipped", "repeated", "withdrawn", "not_offered", "end"
]
"""`ruled_out`: what is known says that it cannot help; `skipped`: the person did not want it;
`withdrawn`: it became unsafe while it was open; `not_offered`: it was unsafe from the first."""

NEVER_BEGUN: frozenset[EndedBy] = frozenset({"ruled_out", "not_offered"})

Phase: TypeAlias = Literal["idle", "warnings", "doing", "second_look", "ended", "stopped"]

ExpectationState: TypeAlias = Literal["before", "waiting", "met", "missed", "cannot_tell"]
"""`before`: what it counts from has not come yet; `cannot_tell`: this car does not show it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation as it stands: `at_ns` is when it was met, `due_ns` when its time is up."""

    id: str
    state: ExpectationState
    at_ns: int | None = None
    due_ns: int | None = None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step that was come to and left.

    `because` is the id of a reason, in the words of `evdiag.guide.texts`. `contradicted`: the
    person stood by an answer that the bus denies. `was_read`: there was nothing to do but read.
    """

    step: str
    began_ns: int
    ended_ns: int
    ended_by: EndedBy
    answer: str | None = None
    result: Result | None = None
    because: str = ""
    expected: tuple[Expected, ...] = ()
    contradicted: bool = False
    was_read: bool = False

    @property
    def was_done(self) -> bool:
        """True where the person came to do or answer something."""
        return self.ended_by not in NEVER_BEGUN


@dataclass(frozen=True, slots=True)
class GuideView:
    """A guide as it stands.

    `number` counts the steps that were really done, this one included; `about` is how many there
    are in all if nothing more is ruled out. `warnings` are those of
    the open step that hold for this car. `doubted` is the answer that the bus denies, for the
    phase `second_look`. Times are stream time.
    """

    phase: Phase
    procedure: str = ""
    step: Step | None = None
    number: int = 0
    about: int = 0
    began_ns: int = 0
    expected: tuple[Expected, ...] = ()
    warnings: tuple[str, ...] = ()
    doubted: str = ""
    session: SessionState = "unknown"
    history: tuple[StepRecord, ...] = ()


IDLE = GuideView("idle")
