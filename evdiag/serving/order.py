"""What a served screen shows, as it is handed to the process that shows it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from evdiag.bus.settings import BusSettings

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit


@dataclass(frozen=True, slots=True)
class Order:
    """Show a recording, or `buses`, or the case book where neither is named.

    `vehicle` is the car that was named.
    """

    recording: str | None = None
    buses: tuple[BusSettings, ...] = ()
    vehicle: str | None = None
    time_unit: TimeUnit | None = None

    def command(self) -> list[str]:
        """Return the command that shows it."""
        return [sys.executable, "-m", "evdiag.serving.screen", json.dumps(asdict(self))]

    @staticmethod
    def read(text: str) -> Order:
        """Return the order that `command` wrote."""
        order = json.loads(text)
        buses = tuple(BusSettings(**settings) for settings in order.pop("buses"))
        return Order(**order, buses=buses)

    @property
    def title(self) -> str:
        """What is shown, in a few words."""
        if self.recording is not None:
            return self.recording
        return " + ".join(settings.name for settings in self.buses) or "the case book"
