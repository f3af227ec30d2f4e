"""The countdown to the moment at which the car locks the plug again."""

from __future__ import annotations

import pytest

from evdiag.port.attempt import Attempt
from evdiag.port.relock import OVERDUE_S, relock_left_s
from evdiag.vehicles.library import library

REFERENCE = library().profile("reference")
OPENED_NS = 1_000 * 10**9


def left_after(seconds: float) -> float | None:
    """Return what is left so long after the lock opened."""
    running = Attempt(
        number=1, opened_ns=OPENED_NS, requests=(), outcome=None, released_ns=OPENED_NS,
        pulled_ns=None, relocked_ns=None, relock_cause=None, closed_ns=None, bounces=0, evidence=(),
    )  # fmt: skip
    return relock_left_s(REFERENCE, (running,), OPENED_NS + round(seconds * 1e9))


def test_it_counts_down_and_then_waits_a_little() -> None:
    assert REFERENCE.relock is not None
    shortest_s, longest_s = min(REFERENCE.relock.seconds), max(REFERENCE.relock.seconds)
    assert left_after(shortest_s / 4) == pytest.approx(shortest_s * 3 / 4)
    assert left_after(shortest_s) == 0
    assert left_after(longest_s + OVERDUE_S) == 0


def test_a_lock_that_stays_open_keeps_no_time_that_is_known() -> None:
    assert REFERENCE.relock is not None
    assert left_after(max(REFERENCE.relock.seconds) + OVERDUE_S + 0.1) is None
