"""The inlet as far as it is believed: its lock and its plug, each behind a settling time."""

from __future__ import annotations

from evdiag.port.readings import Readings
from evdiag.port.settling import Movement, Settled
from evdiag.vehicles.profile import LockBehaviour

PLUG_SETTLING_MS = 500
"""A plug that is out for less than this has a proximity contact that flickers: no pull."""


class Inlet:
    """One inlet.

    `denied_pull` is the plug's leaving where the pilot denies it. `ever_locked` is True once the
    lock reported locked, settled or not: then there is one. Where no clock tells time every value
    counts at once.
    """

    def __init__(self, rules: LockBehaviour, readings: Readings, *, clock_is_time: bool) -> None:
        self._rules = rules
        self._readings = readings
        settling_ns = rules.settling_ms * 1_000_000
        plug_settling_ns = max(settling_ns, PLUG_SETTLING_MS * 1_000_000)
        self.lock = Settled(settling_ns if clock_is_time else None)
        self.plug = Settled(plug_settling_ns if clock_is_time else None)
        self.denied_pull: Movement | None = None
        self.ever_locked = False

    @property
    def lock_fitted(self) -> bool:
        """False for a car whose inlet has no lock: its lock bit is shown and never judged."""
        if self.ever_locked:
            return True
        if self._rules.not_fitted_when is not None:
            name, words = self._rules.not_fitted_when
            if self._readings[name].known in words:
                return False
        return self._rules.fitted

    @property
    def is_locked(self) -> bool:
        """True while a lock that there is holds the plug, or would."""
        return self.lock.value == "locked" and self.lock_fitted

    @property
    def holds_a_plug(self) -> bool:
        """True while, as far as is known, a plug is in."""
        if "port.plug" not in self._readings.offered:
            return self.lock.value == "locked"
        if self.plug.value is None:
            # It cannot be read now, but a locked plug does not leave: it is still there.
            held = "locked" in (self.lock.value, self.lock.last_known)
            return self.plug.last_known == "connected" and held
        return self.plug.value == "connected" or self.denied_pull is not None

    @property
    def bounces(self) -> int:
        """How often a contact of this inlet chattered so far."""
        return self.lock.bounces + self.plug.bounces

    def forget(self) -> None:
        """Know nothing: a new epoch."""
        self.lock.forget()
        self.plug.forget()
        self.denied_pull = None
        self.ever_locked = False
