"""The flap over the virtual car's port, and the little motor that opens it."""

from __future__ import annotations

from typing import Final

from evdiag.simulator.state import CarState

FLAP_TRAVEL_S: Final = 1.0


class Flap:
    """The flap; a person opens and closes it by hand, a tool has it opened.

    `sticks` is for tests: the flap, told to open, stays where it is.
    """

    def __init__(self, state: CarState) -> None:
        self._state = state
        self.sticks = False

    def drive_open(self) -> None:
        """Have the motor open it; that takes `FLAP_TRAVEL_S`."""
        self._state.wake()
        if self._state.values["port.flap"] != "closed":
            return
        if self.sticks:
            self._state.note("the flap is told to open and stays closed")
            return
        self._state.set("port.flap", "moving")
        self._state.after(FLAP_TRAVEL_S, self._arrive)

    def _arrive(self) -> None:
        # A hand may have been there before it.
        if self._state.values["port.flap"] == "moving":
            self._state.set("port.flap", "open")
            self._state.note("the flap opens")
