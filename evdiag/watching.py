"""A live bus as a screen has it that may do more than listen: levels ASK and ACT joined to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evdiag.ask_switch import AskSwitch
from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.bus_watch import BusWatch
from evdiag.command_switch import CommandSwitch
from evdiag.commanding import Commanding
from evdiag.connecting import RecordingPlan
from evdiag.listening import ListeningBus

KEPT_S = 60.0
"""What a recording has in it from before it was started."""


class WatchedBus(ListeningBus):
    """Live buses that are recorded when a person wants it, and can be asked and commanded.

    Recordings go into `folder`.
    """

    def __init__(
        self,
        buses: Sequence[BusSettings],
        vehicle: str | None,
        folder: Path,
        *,
        open_bus: Callable[[BusSettings], Source] = open_source,
    ) -> None:
        """Nothing is opened yet.

        Raises:
            BadInputError: no profile is called `vehicle`.
        """
        watch = BusWatch()
        plan = RecordingPlan(folder, black_box_s=KEPT_S, on_demand=True)
        super().__init__(buses, vehicle, plan, hooks=[watch.take], open_bus=open_bus)
        self.folder = folder
        self.ask = AskSwitch(self.live)
        self.commands = CommandSwitch(Commanding(self.live, watch), self.ask)

    def stop(self) -> None:
        """Hand back what a command has taken, stop asking, close the buses, write what is left."""
        self.commands.close()
        self.ask.close()
        super().stop()
