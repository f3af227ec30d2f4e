"""Hears whether somebody else asks or commands this car: two tools at once answer for neither.

Pure. Requests go to the ids that the profile knows, to 0x7DF and 0x7E0 to 0x7E7 (ISO 15765-4).
The frames of a command are sent by tools only: by another one where not by us.
"""

from __future__ import annotations

from typing import Final

from evdiag.control.policy import FUNCTIONAL_ID, OBD_UNITS
from evdiag.inputs import Frame, frame_key, id_text
from evdiag.vehicles.profile import Profile

_HEARD_FOR_NS: Final = 10_000_000_000
"""So long after its last request another tester counts as there."""


class OtherTesters:
    """Remembers the last request of somebody else; our own frames are marked as sent."""

    def __init__(self, profile: Profile) -> None:
        own_broadcast = {frame.key for bus in profile.buses for frame in bus.frames}
        asked = {ecu.request_key for ecu in profile.ecus()}
        obd = {frame_key(each, False) for each in (FUNCTIONAL_ID, *OBD_UNITS)}
        told = {frame.key for command in profile.commands for frame in command.frames}
        self._requests = (asked | obd | told) - own_broadcast
        self._last: Frame | None = None
        self._last_ns = 0

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a frame of the bus; its stamp is not looked at."""
        if frame.direction == "tx" or frame.error or frame.remote:
            return
        if frame_key(frame.id, frame.extended) in self._requests:
            self._last, self._last_ns = frame, now_ns

    def at(self, now_ns: int) -> str:
        """Say in words who asks; empty where nobody has for a while, on a clock that only rises."""
        last = self._last
        if last is None or now_ns - self._last_ns > _HEARD_FOR_NS:
            return ""
        who = id_text(last.id, last.extended)
        return f"{who} on {last.channel}: {last.data.hex(' ').upper()}"
