"""A virtual car on a bench: its control units asked byte by byte, time as the test tells it."""

from __future__ import annotations

from evdiag.simulator.car import VirtualCar
from evdiag.simulator.control_unit import ControlUnit
from evdiag.simulator.diagnostics import Diagnostics
from evdiag.simulator.habits import habits_of
from evdiag.simulator.security import key_of
from evdiag.vehicles.library import library

PORT, CHARGER, BODY = 0, 1, 2


class Bench:
    """One car and one of its control units."""

    def __init__(
        self,
        unit: int = PORT,
        *,
        vehicle: str = "reference",
        busy: int | None = None,
        secured: bool = False,
    ):
        profile = library().profile(vehicle)
        self.car = VirtualCar(habits_of(profile))
        self.units = Diagnostics(profile, self.car, "can0", busy_every=busy, secured=secured).units
        self.unit: ControlUnit = self.units[unit]
        self.now_s = 0.0

    def wait(self, seconds: float) -> list[bytes]:
        """Let time pass; return what the unit says meanwhile."""
        said = []
        ends_s = self.now_s + seconds
        while self.now_s < ends_s:
            self.now_s = min(self.now_s + 0.01, ends_s)
            self.car.advance(self.now_s)
            said += self.unit.due(self.now_s)
        return said

    def ask(self, request: str, *, functional: bool = False, seconds: float = 0.05) -> list[str]:
        """Ask; return what is said within the time that an answer may take."""
        self.unit.request(bytes.fromhex(request), self.now_s, functional=functional)
        return [response.hex(" ").upper() for response in self.wait(seconds)]

    def do(self, *acts: str | float) -> None:
        """Do acts, waiting where a number stands."""
        for act in acts:
            if isinstance(act, str):
                self.car.do(act)
            else:
                self.wait(act)

    def unlock_security(self) -> None:
        """Open the extended session and show the key."""
        assert self.ask("10 03")[0].startswith("50 03")
        (seed,) = self.ask("27 01")
        key = key_of(bytes.fromhex(seed)[2:])
        assert self.ask("27 02" + key.hex()) == ["67 02"]
