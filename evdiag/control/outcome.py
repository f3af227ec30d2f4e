"""What came of a command, in words that a technician can act on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from evdiag.control.negative import said

OutcomeKind: TypeAlias = Literal[
    "done",
    "commanded_not_confirmed",
    "said_no",
    "makers_tool",
    "no_answer",
    "not_sent",
    "refused",
    "dropped",
    "bus_lost",
    "aborted",
    "failed",
]

MAKERS_TOOL: Final = frozenset((0x33, 0x34, 0x35, 0x36, 0x37))
"""Negative responses of a unit that wants to know who asks: evdiag never tries to get past it."""

NEXT: Final[dict[OutcomeKind, str]] = {
    "done": "pull the plug now: many cars lock it again after some seconds",
    "commanded_not_confirmed": "take the load off the plug (push it in), then try once more; "
    "after that `evdiag guide`: the lock or its sensor does not follow",
    "said_no": "see to what the car names, then try again; `evdiag guide` leads on",
    "makers_tool": "only the maker's own tool, with its account, gets further here",
    "no_answer": "wake the car (open a door, ignition on) and look at `evdiag doctor`",
    "not_sent": "see what held it up: a computer that is too busy (close other programs), or the "
    "adapter (`evdiag doctor`); then begin again",
    "refused": "nothing was moved: see to each condition that is named",
    "dropped": "a condition failed on the way: see to it, then begin again",
    "bus_lost": "look at adapter and cable (`evdiag doctor`), then begin again",
    "aborted": "begin again when you are ready",
    "failed": "see what the step says; `evdiag guide` leads on",
}
_NEXT_DONE: Final = {
    "relock": "the plug is held again",
    "open-flap": "the flap is open",
    "dtc-clear": "use the port once more, then read the codes again: what comes back is there",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended.

    `text` says what happened. `moved` tells whether anything was told to move. `returned` is true
    where the car confirmed that it has its authority back or never gave it away; where it is false
    `returning` says what is known instead.
    """

    kind: OutcomeKind
    text: str
    moved: bool
    returned: bool
    returning: str
    took_s: float

    @property
    def logged(self) -> str:
        """What the audit log says of it."""
        return f"{self.kind}: {self.text}; {self.returning}"

    def next(self, command: str) -> str:
        """Say what to do now."""
        if self.kind == "done":
            return _NEXT_DONE.get(command, NEXT["done"])
        return NEXT[self.kind]


def of_code(code: int) -> tuple[OutcomeKind, str]:
    """Return what a negative response makes of a command, and its words."""
    return ("makers_tool" if code in MAKERS_TOOL else "said_no", f"the car says no: {said(code)}")
