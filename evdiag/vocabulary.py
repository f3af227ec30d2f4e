"""The only names the rest of the program knows: one vocabulary for every car.

docs/concepts.md explains them; where COVESA's Vehicle Signal Specification has a name for the
same thing, it stands beside ours. Pure; imports nothing of ours.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias, get_args

Value: TypeAlias = str | float | int
"""A reading: a word of the vocabulary, or a number in the unit that the vocabulary gives."""

UNKNOWN: Final = "unknown"
"""Never seen (or never seen since the clock broke)."""
INVALID: Final = "invalid"
"""The car itself says that it has no value."""
STALE: Final = "stale"
"""The message that carries it stopped coming."""


class Term(NamedTuple):
    """One signal of the vocabulary: its words, or the unit of its number."""

    name: str
    words: tuple[str, ...] = ()
    unit: str = ""
    vss: str = ""

    @property
    def numeric(self) -> bool:
        """True for a number with a unit, false for a word."""
        return not self.words


_YES_NO = ("yes", "no")
_ACTIVE_IDLE = ("active", "idle")
_INLET = "Vehicle.Powertrain.TractionBattery.Charging.ChargingPort.*"

TERMS: Final = (
    Term(
        "port.lock",
        ("locked", "unlocked", "moving", "blocking", "fault"),
        vss=f"{_INLET}.IsChargingCableLocked",
    ),
    Term("port.lock_command", ("lock", "unlock", "idle")),
    Term("port.lock_current", unit="A"),
    Term("port.plug", ("connected", "disconnected"), vss=f"{_INLET}.IsChargingCableConnected"),
    Term("port.latch_button", ("pressed", "released")),
    Term("port.flap", ("open", "closed", "moving", "fault"), vss=f"{_INLET}.IsFlapOpen"),
    Term("port.flap_lock", ("locked", "unlocked")),
    Term("port.pilot", ("A", "B1", "B2", "C1", "C2", "D1", "D2", "E", "F")),
    Term("port.pilot_duty", unit="%"),
    Term("port.dc_contactors", ("open", "closed", "welded")),
    Term("port.lock_fault", ("fault", "ok")),
    Term("port.unlock_request", _ACTIVE_IDLE),
    Term("port.lock_request", _ACTIVE_IDLE),
    Term("port.inlet_voltage", unit="V"),
    Term("port.inlet_current", unit="A"),
    Term("port.temperature", unit="°C"),
    Term("charge.active", _YES_NO, vss="Vehicle.Powertrain.TractionBattery.Charging.IsCharging"),
    Term("charge.discharge", _YES_NO),
    Term("charge.timer", _YES_NO),
    Term("charge.type", ("none", "ac", "dc")),
    Term("charge.lock_mode", ("always", "while_charging", "never")),
    Term("vehicle.lock", ("locked", "unlocked", "driver_door_only")),
    Term(
        "vehicle.lock_source",
        ("fob", "door", "app", "passive", "port_button", "screen", "session_end", "auto"),
    ),
    Term("vehicle.key_heard", _YES_NO),
    Term("vehicle.speed", unit="km/h", vss="Vehicle.Speed"),
    Term("vehicle.gear", ("P", "R", "N", "D")),
    Term("vehicle.ignition", ("off", "acc", "on", "ready")),
    Term("vehicle.supply_voltage", unit="V"),
    Term("vehicle.ambient_temperature", unit="°C", vss="Vehicle.Exterior.AirTemperature"),
)
"""Every signal, in the order in which screens and tables show them."""

TERM: Final = {term.name: term for term in TERMS}

CommandName: TypeAlias = Literal["unlock", "relock", "cycle", "open-flap"]
Purpose: TypeAlias = CommandName | Literal["dtc-clear"]
"""What somebody may want to do to a car: a command, or clearing one trouble code."""

COMMANDS: Final[tuple[CommandName, ...]] = get_args(CommandName)
"""What evdiag may ever be told to do to a charge port."""

EVIDENCE_LEVELS: Final = ("verified", "documented", "community", "unproven", "simulated")
"""How well a fact about a car is known, best first; `simulated` is our reference car only."""
