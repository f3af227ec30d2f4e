"""What a screen needs of a virtual car: what can be done to it, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class VirtualCar(Protocol):
    """A car that obeys keys; `evdiag.simulator.running.RunningCar` is one."""

    def acts(self) -> Sequence[tuple[str, str, str]]:
        """Return what can be done now: id, words and key of each act."""

    def do(self, act: str) -> None:
        """Have an act happen, by its id."""
