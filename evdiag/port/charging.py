"""Is a charging session alive? Read from pilot, current, voltage, contactors and the car's word."""

from __future__ import annotations

from typing import Literal

from evdiag.port.readings import Readings, ReadingsNow, TimelineRow
from evdiag.vocabulary import Value

SAFE_INLET_VOLTAGE = 60.0
"""Volt DC: from here up the inlet is not touched (ISO 6469-3 and ISO 17409, class A)."""

IDLE_CURRENT = 1.0
"""Ampere: less than this counts as no charging current; a limit of our own."""

_CHARGING_PILOT = ("C1", "C2", "D1", "D2")


class Charging:
    """Follows one charging session through the readings.

    It ends when the car stops asking for power (pilot leaves C or D). A session that failed before
    the car ever asked ends when the inlet's voltage has fallen.
    """

    def __init__(self) -> None:
        self.was_alive = False
        self._live_unasked = False
        self._dc_seen = False
        self._ac_seen = False

    def row(self, row: TimelineRow, readings: Readings) -> bool:
        """Take one change; return True when it ended a session (AC or DC) that was alive."""
        self._dc_seen = self._dc_seen or dc_signs(readings)
        self._ac_seen = self._ac_seen or _ac_signs(readings)
        alive = asks_for_power(readings)
        if alive is not None and alive != self.was_alive:
            self.was_alive = alive
            if row.observed:
                return False
            # The fall of the voltage that follows is part of this end, not another one.
            self._live_unasked = False
            return not alive
        if self.was_alive or row.signal != "port.inlet_voltage":
            return False
        if _is_live(row.new) and not row.observed and not _is_live(row.old):
            self._live_unasked = True
        elif self._live_unasked and not _is_live(row.new):
            self._live_unasked = False
            return True
        return False

    def forget(self) -> None:
        """Know nothing: the plug left, or a new epoch."""
        self.was_alive = False
        self._live_unasked = False
        self._dc_seen = False
        self._ac_seen = False

    def kind(self, readings: Readings) -> Literal["ac", "dc"]:
        """Say which kind the session is or was; the car's own word comes first."""
        said = readings["charge.type"]
        if said.known in ("ac", "dc"):
            return "dc" if said.known == "dc" else "ac"
        return "dc" if self._dc_seen else "ac"

    def kind_seen(self, readings: Readings) -> Literal["ac", "dc"] | None:
        """Say the same where anything tells it; None where nothing does."""
        if self._ac_seen or self._dc_seen or readings["charge.type"].known in ("ac", "dc"):
            return self.kind(readings)
        return None


def asks_for_power(readings: Readings | ReadingsNow) -> bool | None:
    """Say whether the car asks for power: pilot C or D, else the car's own word; None unknown."""
    pilot = readings["port.pilot"]
    if pilot.usable:
        return pilot.value in _CHARGING_PILOT
    active = readings["charge.active"]
    return active.value == "yes" if active.usable else None


def live_reasons(readings: Readings) -> list[str]:
    """List, in words, everything that says that the session is alive right now."""
    reasons = []
    pilot = readings["port.pilot"]
    if pilot.usable and pilot.value in _CHARGING_PILOT:
        reasons.append(f"pilot {pilot.value}")
    if readings["charge.active"].value == "yes":
        reasons.append("the car says it is charging")
    if readings["charge.discharge"].value == "yes":
        reasons.append("the car feeds a load through the port")
    current = readings["port.inlet_current"]
    if current.usable and abs(float(current.value)) >= IDLE_CURRENT:
        reasons.append(f"inlet current {float(current.value):.1f} A")
    if inlet_is_live(readings):
        reasons.append(f"inlet voltage {float(readings['port.inlet_voltage'].value):.0f} V")
    if readings["port.dc_contactors"].value in ("closed", "welded"):
        reasons.append(f"DC contactors {readings['port.dc_contactors'].value}")
    return reasons


def inlet_is_live(readings: Readings) -> bool:
    """True while a fresh reading shows 60 V or more at the inlet."""
    return _is_live(readings["port.inlet_voltage"].value)


def _is_live(voltage: Value | None) -> bool:
    return isinstance(voltage, (int, float)) and voltage >= SAFE_INLET_VOLTAGE


def dc_signs(readings: Readings) -> bool:
    """True if anything but the car's own word says that this is DC charging."""
    if readings["charge.type"].value == "ac":
        return False
    return (
        _duty_within(readings, 3, 7)
        or inlet_is_live(readings)
        or readings["port.dc_contactors"].value == "closed"
    )


def _ac_signs(readings: Readings) -> bool:
    """True if the pilot offers a current, as only AC has it (IEC 61851-1: 8 to 97 %)."""
    return readings["charge.type"].value != "dc" and _duty_within(readings, 8, 97)


def _duty_within(readings: Readings, least: float, most: float) -> bool:
    duty = readings["port.pilot_duty"]
    return duty.usable and least <= float(duty.value) <= most
