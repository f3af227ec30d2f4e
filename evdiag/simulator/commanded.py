"""What the commands of a profile tell of its control units: which requests move what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evdiag.simulator.authority import Movement
from evdiag.simulator.io_control import Control, Controllable
from evdiag.simulator.uds import Service
from evdiag.vehicles.command import Motion
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.profile import Profile

_MOVEMENTS: Final[Mapping[Motion, Movement]] = {
    "unlock": "unlock",
    "relock": "lock",
    "open-flap": "open_flap",
}


def units_of(profile: Profile) -> tuple[Ecu, ...]:
    """Return the control units that are polled or commanded, each once."""
    commanded = (command.unit for command in profile.commands if command.unit is not None)
    return tuple(dict.fromkeys([*profile.ecus(), *commanded]))


def controllables_of(profile: Profile, unit: Ecu) -> dict[int, Controllable]:
    """Return the identifiers by which commands move something on this unit (service 0x2F)."""
    found: dict[int, dict[bytes, Movement]] = {}
    for command in profile.commands:
        if command.unit != unit:
            continue
        for request in command.requests:
            if request.moves is not None and _adjusts(request.data):
                did, states = int.from_bytes(request.data[1:3], "big"), request.data[4:]
                found.setdefault(did, {})[states] = _MOVEMENTS[request.moves]
    return {did: Controllable(movements) for did, movements in found.items()}


def _adjusts(data: bytes) -> bool:
    return len(data) >= 4 and data[0] == Service.IO_CONTROL and data[3] == Control.ADJUST
