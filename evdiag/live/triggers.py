"""What makes a black box save, and what makes it stop: attempts, faults, a tired 12 V battery."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evdiag.inputs import Input
from evdiag.session.following import Following

LOW_SUPPLY_V = 11.8
"""At rest a 12 V battery below this is as good as empty (facts, F14)."""

_LOW_FOR_NS = 30_000_000_000
"""A starter, a lock motor and a dip are shorter."""

_LOOK_EVERY_NS = 1_000_000_000


class Triggers:
    """Looks at the port after each batch.

    `save` is called with the reason: an attempt has ended, or a fault is certain or likely that
    was not so before. `stop` is called once, where the car's supply voltage stays low.
    """

    def __init__(self, save: Callable[[str], None], stop: Callable[[str], None]) -> None:
        self._save = save
        self._stop = stop
        self._ended_attempts = 0
        self._faults: set[str] = set()
        self._looked_ns = 0
        self._low_since_ns: int | None = None
        self._stopped = False

    def __call__(self, following: Following, items: Sequence[Input]) -> None:
        """Look, at most once a second of the frames' time."""
        session = following.session
        if session is None or not items:
            return
        ended = sum(attempt.outcome is not None for attempt in session.attempts)
        if ended > self._ended_attempts:
            self._ended_attempts = ended
            last = [a for a in session.attempts if a.outcome is not None][-1]
            self._save(f"attempt {last.number}: {last.outcome}")
        now_ns = items[-1].time_ns
        if abs(now_ns - self._looked_ns) >= _LOOK_EVERY_NS:
            self._looked_ns = now_ns
            self._look_for_faults(following)
            self._look_at_supply(following, now_ns)

    def _look_for_faults(self, following: Following) -> None:
        assert following.session is not None
        found = {
            finding.fault
            for finding in following.session.findings()
            if finding.fault is not None and finding.confidence != "possible"
        }
        for fault in sorted(found - self._faults):
            self._save(f"fault: {fault}")
        self._faults |= found

    def _look_at_supply(self, following: Following, now_ns: int) -> None:
        assert following.session is not None
        supply = following.session.readings["vehicle.supply_voltage"]
        volts = float(supply.value) if supply.usable else LOW_SUPPLY_V
        if volts >= LOW_SUPPLY_V:
            self._low_since_ns = None
        elif self._low_since_ns is None:
            self._low_since_ns = now_ns
        elif now_ns - self._low_since_ns >= _LOW_FOR_NS and not self._stopped:
            self._stopped = True
            self._stop(f"the 12 V battery is at {volts:.1f} V: stopped to spare it")
