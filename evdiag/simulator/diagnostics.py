"""The virtual car's control units on the bus: those that its profile polls or commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from evdiag.inputs import Channel, Frame, FrameKey, frame_key
from evdiag.signals.watch import WatchedSignal
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.commanded import controllables_of, units_of
from evdiag.simulator.control_unit import ControlUnit
from evdiag.simulator.io_control import REFERENCE_ACTUATORS, Controllable
from evdiag.simulator.payloads import Payload
from evdiag.simulator.transport import IsoTpEnd
from evdiag.simulator.trouble_codes import (
    BODY_CODES,
    INLET_CODES,
    LOCK_CODES,
    CodeMemory,
    TroubleCode,
)
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import databases
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.profile import Poll, Profile
from evdiag.vehicles.vin_pattern import example_vin

FUNCTIONAL_11_BIT: Final = 0x7DF
FUNCTIONAL_29_BIT: Final = frame_key(0x18DB33F1, True)
"""All units at once (ISO 15765-4)."""

_OBD_UNITS: Final = range(0x7E0, 0x7E8)
_NORMAL_FIXED: Final = 0x18DA

VINS: Final[Mapping[str, str]] = {
    "reference": "EVD1AG0REFERENCE1",
    "bmw-i3": "WBY1Z2100EV000000",
    "vw-eup": "WVWZZZAAZEV000000",
}
"""Numbers of the right form that no car bears: the serial number is 0."""

_OTHER_VIN: Final = "EVD1AG0V1RTUAL000"


class Diagnostics:
    """Takes frames that ask, gives frames that answer."""

    def __init__(
        self,
        profile: Profile,
        car: VirtualCar,
        channel: Channel,
        *,
        busy_every: int | None = None,
        secured: bool = False,
    ) -> None:
        self._car = car
        self._out: list[Frame] = []
        end = partial(IsoTpEnd, channel=channel, leave=self._out.append)
        self._units = [
            _UnitOnBus(profile, ecu, car, end(ecu), busy_every=busy_every, secured=secured)
            for ecu in units_of(profile)
        ]

    @property
    def units(self) -> tuple[ControlUnit, ...]:
        """The control units, in the profile's order."""
        return tuple(unit.unit for unit in self._units)

    def unit(self, request_id: int) -> ControlUnit:
        """Return the control unit that is asked under an id."""
        return next(each.unit for each in self._units if each.ecu.request_id == request_id)

    @property
    def answers(self) -> frozenset[FrameKey]:
        """The keys of the frames in which the units answer."""
        return frozenset(unit.ecu.response_key for unit in self._units)

    @property
    def next_s(self) -> float | None:
        """When a unit has something to say; None where nobody has."""
        waiting = [at_s for unit in self._units if (at_s := unit.unit.next_s) is not None]
        return min(waiting, default=None)

    @property
    def busy(self) -> bool:
        """True in the middle of a request or response of several frames."""
        return any(unit.end.busy for unit in self._units)

    def is_request(self, frame: Frame) -> bool:
        """Tell whether a frame asks one of the units, or lets it go on."""
        return any(unit.is_asked(frame) or unit.functional_in(frame) for unit in self._units)

    def heard(self, frame: Frame, now_s: float) -> None:
        """Take a frame; whoever asks wakes the car."""
        if not self.is_request(frame):
            return
        self._car.state.wake()
        for unit in self._units:
            unit.heard(frame, now_s)

    def frames(self, now_s: float) -> list[Frame]:
        """Return the frames of answers that are due by now."""
        for unit in self._units:
            unit.pass_time(now_s)
        out = self._out[:]
        self._out.clear()
        return out


class _UnitOnBus:
    """One control unit, its addresses and its transport."""

    def __init__(
        self,
        profile: Profile,
        ecu: Ecu,
        car: VirtualCar,
        end: IsoTpEnd,
        *,
        busy_every: int | None,
        secured: bool,
    ) -> None:
        polls = [poll for poll in profile.polls if poll.ecu == ecu]
        signals = _polled_signals(profile, polls)
        names = {watched.name for listed in signals.values() for watched in listed}
        self.ecu = ecu
        self.end = end
        self._has_lock = "port.lock" in names
        self._car = car
        self.unit = ControlUnit(
            _name(profile, polls),
            car,
            _identifiers(profile, polls, signals, car),
            CodeMemory(_codes(names, alone=len(units_of(profile)) == 1)),
            vin_of(profile),
            controllables=_controllables(profile, ecu, self._has_lock),
            busy_every=busy_every,
            secured=secured,
            seed=ecu.request_id,
        )

    def is_asked(self, frame: Frame) -> bool:
        """Tell whether a frame is for this unit alone."""
        if frame.remote or frame.error or not frame.data:
            return False
        right_id = frame_key(frame.id, frame.extended) == self.ecu.request_key
        return right_id and self.ecu.target_address in (None, frame.data[0])

    def functional_in(self, frame: Frame) -> bytes:
        """Return what a frame asks all units at once, this one among them; else nothing."""
        if frame.remote or frame.error or frame_key(frame.id, frame.extended) != self._functional:
            return b""
        length = frame.data[0] if frame.data else 0
        # Only single frames: nobody could say to whom a long request may go on.
        return frame.data[1 : 1 + length] if 0 < length < len(frame.data) <= 8 else b""

    def heard(self, frame: Frame, now_s: float) -> None:
        """Take a frame, if it is for this unit."""
        if self._silent:
            self.end.drop()
            return
        functional = self.functional_in(frame)
        if functional:
            self.unit.request(functional, now_s, functional=True)
        elif self.is_asked(frame):
            request = self.end.heard(frame, now_s)
            if request is not None:
                self.unit.request(request, now_s)

    def pass_time(self, now_s: float) -> None:
        """Say what is due."""
        responses = self.unit.due(now_s)
        if self._silent:
            self.end.drop()
            return
        for response in responses:
            self.end.respond(response, now_s)
        self.end.pass_time(now_s)

    @property
    def _silent(self) -> bool:
        return self.unit.silent or (self._has_lock and self._car.lock_module_dead)

    @property
    def _functional(self) -> FrameKey | None:
        """Under which id this unit hears what is asked of all; None where it does not."""
        if self.ecu.target_address is not None:
            return None
        if self.ecu.extended_ids:
            fixed = self.ecu.request_id >> 16 == _NORMAL_FIXED
            return FUNCTIONAL_29_BIT if fixed else None
        return FUNCTIONAL_11_BIT if self.ecu.request_id in _OBD_UNITS else None


def vin_of(profile: Profile) -> str:
    """Return a number that this car could bear: its `vin_pattern` fits."""
    if profile.id in VINS:
        return VINS[profile.id]
    return example_vin(profile.vin_pattern) or _OTHER_VIN


def _controllables(profile: Profile, ecu: Ecu, has_lock: bool) -> dict[int, Controllable]:
    """Return what a unit moves: what the profile commands, and the lock where it reports it."""
    found = controllables_of(profile, ecu)
    if has_lock:
        for did, ours in REFERENCE_ACTUATORS.items():
            theirs = found[did].movements if did in found else {}
            found[did] = replace(ours, movements={**ours.movements, **theirs})
    return found


def _polled_signals(profile: Profile, polls: Iterable[Poll]) -> dict[str, list[WatchedSignal]]:
    """Return the signals that each read carries, whether or not the car broadcasts them, too."""
    layout = profile.layouts[0]
    asked = layout._replace(signals=tuple(entry for entry in layout.signals if entry.poll))
    channels = {bus.name: "" for bus in profile.buses}
    watch = watch_of(profile, asked, databases(profile, layout), channels)
    found: dict[str, list[WatchedSignal]] = {poll.name: [] for poll in polls}
    for watched in watch.signals:
        if watched.polled is not None and watched.polled.poll in found:
            found[watched.polled.poll].append(watched)
    return found


def _identifiers(
    profile: Profile,
    polls: Iterable[Poll],
    signals: Mapping[str, list[WatchedSignal]],
    car: VirtualCar,
) -> dict[int, Callable[[], bytes]]:
    layout = profile.layouts[0]
    messages = {m.name: m for db in databases(profile, layout) for m in db.messages}
    made: dict[int, Callable[[], bytes]] = {}
    for poll in polls:
        message = messages[poll.message]
        payload = Payload(message.length, signals[poll.name], message)
        made[poll.did] = partial(payload.data, car.values, car.before)
    return made


def _codes(names: set[str], *, alone: bool) -> list[TroubleCode]:
    """Return the codes of a unit, by what it tells of; one that is alone has all of them."""
    codes: list[TroubleCode] = []
    if alone or "port.lock" in names:
        codes += LOCK_CODES
    if alone or "port.pilot" in names:
        codes += INLET_CODES
    if alone or "vehicle.lock" in names:
        codes += BODY_CODES
    return codes


def _name(profile: Profile, polls: Iterable[Poll]) -> str:
    """Return the sender of the unit's messages in the DBC, as mode 09 gives a unit's name."""
    layout = profile.layouts[0]
    wanted = {poll.message for poll in polls}
    for database in databases(profile, layout):
        for message in database.messages:
            if message.name in wanted and message.senders:
                return message.senders[0]
    return "UNIT"
