"""How long the lock takes to close: each time it was told to, or a plug went in. Pure.

A car that says when the lock is told to close, or that somebody asks for it, is timed from there.
Where it says neither, a plug that goes in is what the lock answers. Some cars lock then, others
once they charge: such a lock that stays open counts only where the owner's setting is to lock
always. Nothing is timed across a sleep, a stale signal or a clock that breaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from evdiag.port.attempt import NANOSECONDS, Charger
from evdiag.port.charging import Charging
from evdiag.port.readings import Readings, TimelineRow
from evdiag.port.settling import Movement, Settled
from evdiag.signals.events import BusSilent, EpochBegan, SignalEvent
from evdiag.signals.watch import Watch
from evdiag.vehicles.profile import LockBehaviour

LOCKS_WITHIN_NS: Final = 10 * NANOSECONDS
"""A lock that is not closed by then has not answered; a limit of our own."""

_TOLD_BY: Final = {"port.lock_command": "lock", "port.lock_request": "active"}
_CALLED_OFF_BY: Final = {
    "port.lock_command": "unlock",
    "port.unlock_request": "active",
    "port.plug": "disconnected",
}


@dataclass(frozen=True, slots=True)
class Locking:
    """One time. `locked_after_s` is None where the lock did not report closed in time.

    The circumstances are volt, °C and the kind of charging; None where the car does not tell.
    """

    time_ns: int
    locked_after_s: float | None
    lowest_supply: float | None = None
    ambient_temperature: float | None = None
    charger: Charger | None = None


def lockings(
    events: Iterable[SignalEvent],
    watch: Watch,
    rules: LockBehaviour,
    end_ns: int | None,
    *,
    clock_is_time: bool = True,
) -> tuple[Locking, ...]:
    """Return every locking of a whole recording, in order of time."""
    if not clock_is_time or watch.channel_of("port.lock") is None:
        return ()
    tracker = LockingTracker(rules, watch)
    for event in events:
        tracker.apply(event)
    tracker.finish(end_ns)
    return tuple(tracker.lockings)


class LockingTracker:
    """Follows one lock, event by event. What charges is known of a locking once the plug left."""

    def __init__(self, rules: LockBehaviour, watch: Watch) -> None:
        self.lockings: list[Locking] = []
        self._readings = Readings(watch)
        self._is_told = bool(self._readings.offered.intersection(_TOLD_BY))
        self._lock_channel = watch.channel_of("port.lock")
        self._lock = Settled(rules.settling_ms * 1_000_000)
        self._charging = Charging()
        self._began_ns: int | None = None
        self._lowest_supply: float | None = None
        self._plug_came = 0

    def apply(self, event: SignalEvent) -> None:
        """Take one event."""
        if isinstance(event, EpochBegan):
            self._forget()
        else:
            self.advance(event.time_ns)
        if isinstance(event, BusSilent) and event.channel == self._lock_channel:
            self._began_ns = None
        row = self._readings.apply(event)
        if row is not None:
            self._row(row)

    def advance(self, stream_ns: int) -> None:
        """Let time pass: a closed lock settles, one that did not close in time did not answer."""
        deadline_ns = self._lock.deadline
        if deadline_ns is not None and deadline_ns < stream_ns:
            self._moved(self._lock.settle())
        if self._began_ns is None or self._lock.pending == "locked":
            return
        if self._began_ns + LOCKS_WITHIN_NS < stream_ns:
            if self._is_told or self._readings["charge.lock_mode"].value == "always":
                self._add(None)
            self._began_ns = None

    def finish(self, end_ns: int | None) -> None:
        """Let the source end."""
        if end_ns is not None:
            self.advance(end_ns)
        self._plug_left()

    def _row(self, row: TimelineRow) -> None:
        self._charging.row(row, self._readings)
        if row.signal == "port.lock":
            self._moved(self._lock.take(row.time_ns, row.new))
        elif _CALLED_OFF_BY.get(row.signal) == row.new:
            self._began_ns = None
        if row.signal == "port.plug" and row.new == "disconnected":
            self._plug_left()
        if self._begins(row):
            self._began_ns = row.time_ns
            self._lowest_supply = None
        if self._began_ns is not None:
            self._note_supply()

    def _begins(self, row: TimelineRow) -> bool:
        if row.observed or self._began_ns is not None:
            return False
        wanted = _TOLD_BY if self._is_told else {"port.plug": "connected"}
        open_now = self._lock.value not in (None, "locked") and self._lock.pending != "locked"
        return wanted.get(row.signal) == row.new and open_now

    def _moved(self, movement: Movement | None) -> None:
        if movement is None or self._began_ns is None:
            return
        if movement.old is None or movement.new is None:
            # It could not be seen meanwhile: when it closed, nobody knows.
            self._began_ns = None
        elif movement.new == "locked":
            after_ns = movement.time_ns - self._began_ns
            if 0 <= after_ns <= LOCKS_WITHIN_NS:
                self._add(after_ns / NANOSECONDS)
            self._began_ns = None

    def _add(self, after_s: float | None) -> None:
        assert self._began_ns is not None
        ambient = self._readings["vehicle.ambient_temperature"]
        self.lockings.append(
            Locking(
                self._began_ns,
                after_s,
                self._lowest_supply,
                float(ambient.value) if ambient.usable else None,
            )
        )

    def _note_supply(self) -> None:
        supply = self._readings["vehicle.supply_voltage"]
        if supply.usable:
            volt = float(supply.value)
            self._lowest_supply = min(volt, self._lowest_supply or volt)

    def _plug_left(self) -> None:
        charger = self._charging.kind_seen(self._readings)
        ended = self.lockings[self._plug_came :]
        self.lockings[self._plug_came :] = [replace(each, charger=charger) for each in ended]
        self._plug_came = len(self.lockings)
        self._charging.forget()

    def _forget(self) -> None:
        self._plug_left()
        self._began_ns = None
        self._lock.forget()
