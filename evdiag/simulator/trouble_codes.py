"""Trouble codes of a virtual control unit: they appear when parts break and stay until cleared.

Names of SAE J2012; a code that begins with U1 is this virtual car's own. A lock that stalls under
a load sets none, as in real cars (docs/vehicles/bmw-i3.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from evdiag.simulator.car import VirtualCar
from evdiag.simulator.state import WEAK_BELOW_V

FAILED, FAILED_THIS_CYCLE, PENDING, CONFIRMED = 0x01, 0x02, 0x04, 0x08
AVAILABLE: Final = FAILED | FAILED_THIS_CYCLE | PENDING | CONFIRMED
"""The status bits that these control units know."""

ALL_CODES: Final = 0xFFFFFF


@dataclass(frozen=True, slots=True)
class TroubleCode:
    """One code by its name, and when it fails."""

    name: str
    meaning: str
    fails: Callable[[VirtualCar], bool]

    @property
    def number(self) -> int:
        """The three bytes by which it travels; the failure type, the last one, is 0."""
        letter = "PCBU".index(self.name[0])
        return (letter << 14 | int(self.name[1:], 16)) << 8


def _never(car: VirtualCar) -> bool:
    return False


LOCK_CODES: Final = (
    TroubleCode(
        "P0D96",
        "coupler unlock control circuit low",
        lambda car: not car.state.works("lock_motor") and car.lock.failed_to_move,
    ),
    TroubleCode("P0D97", "coupler unlock control circuit high", _never),
    TroubleCode(
        "P0D9E",
        "coupler lock position sensor circuit",
        lambda car: not car.state.works("position_sensor"),
    ),
    TroubleCode("P0DA1", "coupler lock position sensor circuit high", _never),
    TroubleCode("P0CD1", "charging door A unlock control circuit", _never),
)
"""Of the unit that moves the lock."""

INLET_CODES: Final = (
    TroubleCode(
        "P0D56", "proximity detection circuit", lambda car: not car.state.works("proximity")
    ),
    TroubleCode(
        "U1E02", "no frames of the lock's module", lambda car: not car.state.works("lock_module")
    ),
)
"""Of the unit that charges."""

BODY_CODES: Final = (
    TroubleCode("P0562", "system voltage low", lambda car: car.state.supply_v < WEAK_BELOW_V),
)


@dataclass
class _Entry:
    code: TroubleCode
    status: int = 0
    occurrences: int = 0


class CodeMemory:
    """The trouble codes that one control unit can have, and those that it has."""

    def __init__(self, codes: Iterable[TroubleCode]) -> None:
        self._entries = {code.number: _Entry(code) for code in codes}

    def update(self, car: VirtualCar) -> None:
        """Look at the car: what fails now is remembered, what does not any more has failed."""
        for entry in self._entries.values():
            if not entry.code.fails(car):
                entry.status &= ~FAILED
            elif not entry.status & FAILED:
                entry.status |= AVAILABLE
                entry.occurrences = min(entry.occurrences + 1, 0xFF)

    def supported(self) -> bytes:
        """Return every code that can be, each with its status."""
        return b"".join(map(_record, self._entries.values()))

    def with_status(self, mask: int) -> list[bytes]:
        """Return the codes that have a status bit of the mask."""
        return [_record(entry) for entry in self._entries.values() if entry.status & mask]

    def occurrences(self, number: int) -> tuple[bytes, int] | None:
        """Return a code with its status, and how often it came; None for one that cannot be."""
        entry = self._entries.get(number)
        return None if entry is None else (_record(entry), entry.occurrences)

    def clear(self, group: int) -> bool:
        """Forget all codes, or one; False where there is no such code or group."""
        if group != ALL_CODES and group not in self._entries:
            return False
        for entry in self._of(group):
            entry.status = entry.occurrences = 0
        return True

    def _of(self, group: int) -> Iterator[_Entry]:
        return (e for number, e in self._entries.items() if group in (ALL_CODES, number))


def _record(entry: _Entry) -> bytes:
    return entry.code.number.to_bytes(3, "big") + bytes((entry.status,))
