"""Is the plug in the inlet? The contact says so, and the pilot may deny it. Pure."""

from __future__ import annotations

from typing import Final

from evdiag.port.readings import Readings

CONNECTED_PILOT: Final = ("B1", "B2", "C1", "C2", "D1", "D2")
"""The states of the pilot in which a vehicle is connected (IEC 61851-1, annex A)."""


def out_is_denied(readings: Readings) -> bool:
    """Tell whether the plug is said to be out while the pilot still shows it in.

    For a moment that is so whenever a plug leaves: the two are reported one after the other.
    """
    plug, pilot = readings["port.plug"], readings["port.pilot"]
    if not plug.usable or plug.value != "disconnected" or readings.is_polled("port.pilot"):
        return False
    return pilot.usable and pilot.value in CONNECTED_PILOT
