"""The virtual car's charging: pilot, current, and what the end of a session takes."""

from __future__ import annotations

from functools import partial
from typing import Literal

from evdiag.simulator.habits import Habits
from evdiag.simulator.lock import PortLock
from evdiag.simulator.state import CarState

LOCKS_AFTER_PLUG_S = 2.6
DC_WELD_CHECK_S = 3.0
"""From the inlet below 60 V to the lock opening, as a BMW i3 did at three
stations (damienmaguire/BMW-i3-CCS)."""

DC_VOLTS = 362.0
AC_DUTY, DC_DUTY = 26.5, 5.0
"""Of the control pilot, in percent: 16 A, and digital communication (IEC 61851-1)."""


class Charging:
    """One charge port and the charge point at the other end of the cable."""

    def __init__(self, state: CarState, habits: Habits, lock: PortLock) -> None:
        self._state = state
        self._habits = habits
        self._lock = lock
        self._session = 0
        self.unlock_wanted = False
        self.has_mains = True
        self._resumes: Literal["ac"] | None = None

    @property
    def active(self) -> bool:
        """True while the car charges."""
        return self._state.values["charge.active"] == "yes"

    def plugged_in(self) -> None:
        """The plug is in: the pilot follows, then the lock."""
        self._state.after(0.2, self._show_pilot)
        if self._state.values["charge.lock_mode"] == "always":
            self._state.after(LOCKS_AFTER_PLUG_S, self._lock.close)

    def start(self, kind: Literal["ac", "dc"]) -> None:
        """Begin to charge."""
        state = self._state
        if self.active or state.values["port.plug"] != "connected" or not self.has_mains:
            state.note("charging does not start")
            return
        self._session += 1
        if kind == "dc" or state.values["charge.lock_mode"] != "never":
            # DC never flows through a plug that is not locked, whatever the owner chose.
            self._lock.close()
        state.set("charge.type", kind)
        state.set("charge.active", "yes")
        state.set("port.pilot", "C2")
        if kind == "dc":
            state.set("port.pilot_duty", DC_DUTY)
            state.set("port.inlet_voltage", DC_VOLTS)
            state.set("port.dc_contactors", "closed")
        self._ramp_current(84.0 if kind == "dc" else 16.0)

    def end(self) -> None:
        """End the session, whoever asked for it."""
        if not self.active:
            return
        state, kind = self._state, str(self._state.values["charge.type"])
        state.set("charge.active", "no")
        state.set("port.pilot", "B2")
        state.set("port.inlet_current", 0.0)
        if kind == "dc":
            self._let_voltage_fall()
        if self.unlock_wanted or self._opens_after(kind):
            opens_s = 0.8 + DC_WELD_CHECK_S if kind == "dc" else 0.4
            state.after(opens_s, lambda: self._lock.open(kind))

    def unplugged(self) -> None:
        """The plug leaves: whatever still flowed stops."""
        self.end()
        self._resumes = None
        self._state.set("port.pilot", "A")

    def lose_mains(self) -> None:
        """The charge point loses its mains: no pilot, no current."""
        was = str(self._state.values["charge.type"]) if self.active else ""
        self.has_mains = False
        self.end()
        self._resumes = "ac" if was == "ac" else None
        self._show_pilot()

    def regain_mains(self) -> None:
        """The charge point has mains again; an AC session that broke off goes on."""
        self.has_mains = True
        self._show_pilot()
        if self._resumes is not None and not self.unlock_wanted:
            self._state.after(2.0, partial(self.start, self._resumes))
        self._resumes = None

    def _opens_after(self, kind: str) -> bool:
        only_while = self._state.values["charge.lock_mode"] == "while_charging"
        return kind in self._habits.opens_at_session_end or only_while

    def _show_pilot(self) -> None:
        if self._state.plugged:
            self._state.set("port.pilot", "B2" if self.has_mains else "E")
            self._state.set("port.pilot_duty", AC_DUTY if self.has_mains else 0.0)

    def _let_voltage_fall(self) -> None:
        session = self._session
        self._state.later(0.3, "port.dc_contactors", "open")
        for step in range(12):
            volts = DC_VOLTS * 0.62 ** (step + 1)
            self._state.after(0.4 + step * 0.1, partial(self._inlet_at, volts, session))
        self._state.after(1.7, partial(self._inlet_at, 0.0, session))

    def _inlet_at(self, volts: float, session: int) -> None:
        if session == self._session:
            self._state.set("port.inlet_voltage", volts)

    def _ramp_current(self, amperes: float) -> None:
        for step in range(1, 6):
            current = amperes * step / 5
            self._state.after(step * 0.4, partial(self._flow, current, self._session))

    def _flow(self, amperes: float, session: int) -> None:
        if self.active and session == self._session:
            self._state.set("port.inlet_current", amperes)
