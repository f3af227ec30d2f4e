"""A live bus whose car is known, for a command that may transmit: silent again whatever comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evdiag.bus_watch import BusWatch
from evdiag.cli.hearing import heard_nothing, wait_until_known
from evdiag.cli.interruption import Interruption, interruptible
from evdiag.cli.sayings import Sayings
from evdiag.commanding import Commanding
from evdiag.connecting import RecordingPlan, connected
from evdiag.vehicles.library import library

if TYPE_CHECKING:
    from evdiag.bus.settings import BusSettings
    from evdiag.live.live import Live
    from evdiag.vehicles.profile import Profile

_SPEAKS_WITHIN_S: Final = 2.0
"""A bus on which nothing is heard for so long lies behind a gateway, or sleeps."""


@dataclass(frozen=True, slots=True)
class KnownCar:
    """A car on a live bus, and what is needed to give it a command."""

    live: Live
    profile: Profile
    commanding: Commanding
    say: Sayings
    interruption: Interruption

    @property
    def recording(self) -> str | None:
        """The file into which it is recorded; None where it is not."""
        recorder = self.live.state.recorder
        return str(recorder.files[0]) if recorder is not None and recorder.files else None


@contextmanager
def known_car(
    buses: Sequence[BusSettings], vehicle: str | None, folder: Path | None, within_s: float
) -> Iterator[KnownCar]:
    """Listen until the car is known; yield it. Recorded into `folder`, if there is one.

    However the block ends, what is under way is handed back and the bus is closed; only then does
    an interruption end the program.

    Raises:
        BadInputError: the car is not known, or nothing can be recorded where that was wanted.
        BusError: a bus cannot be opened, or nothing was heard.
        KeyboardInterrupt: the command was told to end before the car was known.
    """
    watch, say = BusWatch(), Sayings()
    plan = None if folder is None else RecordingPlan(folder)
    live = connected(buses, vehicle, plan, hooks=[watch.take, say.events])
    commanding = Commanding(live, watch)
    with interruptible() as interruption:
        live.start()
        try:
            profile = _profile(live, vehicle, within_s, interruption)
            car = KnownCar(live, profile, commanding, say, interruption)
            if car.recording is not None:
                say.recording(live.state.recorder)
                say.warnings(profile)
            yield car
        finally:
            commanding.end("evdiag is told to end")
            live.stop()
        say.not_recorded(live.state.recorder)


def _profile(
    live: Live, vehicle: str | None, within_s: float, interruption: Interruption
) -> Profile:
    """Return which car it is: as heard, or one that is named and only speaks when it is asked."""
    named = None if vehicle is None else library().profile(vehicle)
    if named is not None and named.polls:
        silent_s = min(within_s, _SPEAKS_WITHIN_S)
        if heard_nothing(live, silent_s, interruption.look):
            return named
    wait_until_known(live, within_s, interruption.look, vehicle=vehicle)
    decision = live.following.decision
    assert decision is not None
    return decision.profile
