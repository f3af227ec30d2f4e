"""What a screen shows, taken whole at one moment: screens pull it, nothing is pushed at them."""

from __future__ import annotations

from dataclasses import dataclass

from evdiag.port.attempt import Attempt
from evdiag.port.charging import live_reasons
from evdiag.port.plug import out_is_denied
from evdiag.port.readings import Reading, Readings
from evdiag.port.relock import relock_left_s
from evdiag.vehicles.profile import Profile
from evdiag.vocabulary import TERMS


@dataclass(frozen=True, slots=True)
class SignalView:
    """One signal of the vocabulary as it stands; `offered` is false where the car has none."""

    name: str
    unit: str
    offered: bool
    reading: Reading


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The port at one moment of stream time.

    `relock_left_s` counts down to the shortest time after which this car is known to lock again;
    None where no countdown runs. `live_because` lists what says that the session is alive.
    `plug_out_denied`: the plug is said to be out, and the pilot still shows it in.
    `danger_told`: a person has told the guide of a danger.
    """

    stream_ns: int | None
    vehicle: str
    signals: tuple[SignalView, ...]
    attempts: tuple[Attempt, ...]
    asleep_since_ns: int | None
    epoch: int
    lock_fitted: bool
    live_because: tuple[str, ...]
    relock_left_s: float | None
    plug_out_denied: bool = False
    danger_told: bool = False

    def signal(self, name: str) -> SignalView:
        """Return one signal."""
        return next(signal for signal in self.signals if signal.name == name)

    @property
    def current(self) -> Attempt | None:
        """The running attempt."""
        if self.attempts and self.attempts[-1].outcome is None:
            return self.attempts[-1]
        return None


def nothing_known(stream_ns: int | None) -> Snapshot:
    """Return what is so before it is known which car it is: it may offer anything."""
    return Snapshot(
        stream_ns=stream_ns,
        vehicle="",
        signals=tuple(SignalView(term.name, term.unit, True, Reading()) for term in TERMS),
        attempts=(),
        asleep_since_ns=None,
        epoch=0,
        lock_fitted=True,
        live_because=(),
        relock_left_s=None,
    )


def view(
    profile: Profile,
    readings: Readings,
    attempts: tuple[Attempt, ...],
    stream_ns: int | None,
    *,
    lock_fitted: bool,
    danger_told: bool,
) -> Snapshot:
    """Take a snapshot."""
    return Snapshot(
        stream_ns=stream_ns,
        vehicle=profile.name,
        signals=tuple(
            SignalView(term.name, term.unit, term.name in readings.offered, readings[term.name])
            for term in TERMS
        ),
        attempts=attempts,
        asleep_since_ns=readings.asleep_since_ns,
        epoch=readings.epoch,
        lock_fitted=lock_fitted,
        live_because=tuple(live_reasons(readings)),
        relock_left_s=relock_left_s(profile, attempts, stream_ns),
        plug_out_denied=out_is_denied(readings),
        danger_told=danger_told,
    )
