"""Which outcomes say that the lock did what it was asked, and which that it failed.

Success is that the lock opened, whoever then pulled or did not. Failure is that it was asked and
did not open, or that the plug left a lock that reported closed. The rest says nothing of how well
the lock works: it was held on purpose, refused, called back, open already, opened unasked, or the
answer was not seen.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from evdiag.port.attempt import Outcome

Judgement: TypeAlias = Literal["opened", "failed", "neither"]

JUDGED: Final[dict[Outcome, Judgement]] = {
    "released": "opened",
    "relocked": "opened",
    "left_open": "opened",
    "no_response": "failed",
    "stalled": "failed",
    "commanded_not_confirmed": "failed",
    "pulled_while_locked": "failed",
    "refused": "neither",
    "session_active": "neither",
    "already_open": "neither",
    "unexplained_open": "neither",
    "cancelled": "neither",
    "inconclusive": "neither",
}
"""What each outcome of docs/concepts.md says of the lock."""

PLUG_OUT: Final[frozenset[Outcome]] = frozenset({"released", "left_open"})
"""What ends the trying: after a relock it has to be tried again."""
