"""How levels ASK and ACT stand on a live bus, as a screen sees them. Plain values; nothing sends.

Apart from what does send, so that a screen that only looks has none of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from evdiag.control.asker import AskStatus
    from evdiag.control.errand import ErrandView
    from evdiag.errors import EvdiagError
    from evdiag.vehicles.profile import Fact

AskState: TypeAlias = Literal["off", "opening", "asking"]
CommandState: TypeAlias = Literal["off", "opening", "under way", "ended"]


@dataclass(frozen=True, slots=True)
class AskPlan:
    """What asking would do: `per_second` questions to `units`; how well known they are.

    `silent` names the channels whose listen-only is verified now: asking ends that.
    """

    vehicle: str
    per_second: float
    units: tuple[str, ...]
    evidence: tuple[str, ...]
    warnings: tuple[Fact, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskLook:
    """How asking stands; `failure` says in words why it did not begin or has ended."""

    state: AskState = "off"
    status: AskStatus | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class CommandLook:
    """How a command stands; `error` is why it could not be begun, `failure` its words."""

    state: CommandState = "off"
    view: ErrandView | None = None
    failure: str = ""
    error: EvdiagError | None = None
