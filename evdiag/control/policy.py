"""Which frames may leave: decided from the profile, the level and what happened before. Pure.

Refused unless every condition holds. What no profile can allow stands in `DENIED` and in the code
below, not in data. Services by ISO 14229-1 and ISO 15031-5, frames by ISO 15765-2 and -4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from evdiag.control.permits import AskState, Permit, Place, Refusal
from evdiag.inputs import Channel, Frame, FrameKey, frame_key, id_text
from evdiag.vehicles.ecu import Ecu, is_diagnostic_id
from evdiag.vehicles.profile import Profile
from evdiag.vehicles.request_forms import NEVER


class Level(Enum):
    """What evdiag may do to a bus, in the words that are always on the screen."""

    LISTEN = "LISTEN"
    ASK = "ASK"
    ACT = "ACT"


READ_BY_IDENTIFIER: Final = 0x22
READ_TROUBLE_CODES: Final = 0x19
TESTER_PRESENT: Final = 0x3E
VEHICLE_INFORMATION: Final = 0x09

VIN_DID: Final = 0xF190
VIN_PID: Final = 0x02

REQUEST_LENGTH: Final = 8
"""Bytes of every frame that asks; control units pass over shorter ones (ISO 15765-4)."""

PADDING: Final = 0xCC
"""What fills it up (ISO 15765-2)."""

FUNCTIONAL_ID: Final = 0x7DF
OBD_UNITS: Final = range(0x7E0, 0x7E8)
"""Where flow control to a unit goes that answers on the id 8 above (ISO 15765-4)."""

CONTINUE_TO_SEND: Final = bytes((0x30, 0, 0))
"""The one flow control that is sent: all that is left, without a pause."""

DENIED: Final[Mapping[int, str]] = {
    **NEVER,
    0x10: "a change of the session",
    0x2E: "writing data",
    0x2F: "moving an output",
    0x31: "starting a routine",
}
"""Services that ASK never sends, whatever a profile says; what is not named is refused as well."""

_TROUBLE_CODE_READS: Final = {0x01: 3, 0x02: 3, 0x03: 2, 0x04: 6, 0x06: 6, 0x0A: 2}
"""Sub-functions of 0x19 and how long their requests are."""

_INFORMATION_READS: Final = frozenset((0x00, VIN_PID, 0x04, 0x06, 0x0A))
"""What mode 09 is asked for: supported, VIN, calibration id and verification number, unit name."""

_SECOND_NS: Final = 1_000_000_000
_ONCE_IN_NS: Final = _SECOND_NS
"""How often anything may be asked that is no poll."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """One control unit on one channel; `reads` are its identifiers: name and period in ns."""

    channel: Channel
    ecu: Ecu
    polled: bool
    reads: Mapping[int, tuple[str, int]] = field(default_factory=dict)

    @property
    def answers(self) -> Place:
        return (self.channel, self.ecu.response_key, self.ecu.tester_address)


class AskPolicy:
    """What may be asked of one car on the channels of one connection.

    `obd_channels` are those at the OBD port: only there all control units may be asked at once.
    `fd_channels` are those whose bus is CAN FD; nowhere else may an FD frame leave.
    """

    def __init__(
        self, units: Sequence[_Unit], obd: Sequence[Channel], fd_channels: frozenset[Channel]
    ) -> None:
        self._units: dict[tuple[Channel, FrameKey], list[_Unit]] = {}
        for unit in units:
            place = (unit.channel, unit.ecu.request_key)
            self._units.setdefault(place, []).append(unit)
        self.obd_channels = tuple(obd)
        self.fd_channels = fd_channels

    @staticmethod
    def of(profile: Profile, channels: Mapping[str, Channel]) -> AskPolicy:
        """Make the policy of a car: its polls, its VIN, and mode 09 where the OBD port is."""
        units = [
            _Unit(channels[ecu.bus], ecu, True, _reads(profile, ecu))
            for ecu in profile.ecus()
            # The reader has refused such a profile already; data is never trusted twice.
            if ecu.bus in channels and not (_sent_by_the_car(profile, ecu) or ecu.reaches_many)
        ]
        buses = [bus for bus in profile.buses if bus.name in channels]
        obd = tuple(dict.fromkeys(channels[bus.name] for bus in buses if bus.at_obd))
        fd = frozenset(channels[bus.name] for bus in buses if bus.data_bitrate is not None)
        return AskPolicy([*units, *_obd_units(units, obd)], obd, fd)

    @staticmethod
    def vin_only(channel: Channel) -> AskPolicy:
        """Make the policy of an OBD port behind which no car is known yet: mode 09 and no more."""
        return AskPolicy(_obd_units((), (channel,)), (channel,), frozenset())

    def decide(self, frame: Frame, level: Level, state: AskState) -> Permit | Refusal:
        """Decide about one frame, at the time of its stamp."""
        if level is Level.LISTEN:
            return Refusal(("level LISTEN: nothing is sent",))
        wrong = tuple(self._wrong_shape(frame))
        if wrong:
            return Refusal(wrong)
        if frame.id == FUNCTIONAL_ID and not frame.extended:
            return self._functional(frame, state)
        found = self._units.get((frame.channel, frame_key(frame.id, frame.extended)), [])
        if not found:
            who = id_text(frame.id, frame.extended)
            return Refusal(
                (f"{who} on {frame.channel}: no control unit of this car is asked there",)
            )
        for unit in found:
            if unit.ecu.target_address in (None, frame.data[0]):
                return _to_unit(unit, frame, state)
        return Refusal((f"no control unit of this car has the address 0x{frame.data[0]:02X}",))

    def _wrong_shape(self, frame: Frame) -> Iterator[str]:
        if frame.remote:
            yield "a remote frame"
        if frame.error:
            yield "an error frame"
        if (frame.fd or frame.bitrate_switch) and frame.channel not in self.fd_channels:
            yield f"a CAN FD frame, and {frame.channel} is not known to be a CAN FD bus"
        if len(frame.data) != REQUEST_LENGTH:
            yield f"{len(frame.data)} bytes long, not {REQUEST_LENGTH}"
        if not is_diagnostic_id(frame.id, frame.extended):
            yield f"{id_text(frame.id, frame.extended)} is no id on which diagnostics are asked"

    def _functional(self, frame: Frame, state: AskState) -> Permit | Refusal:
        if frame.channel not in self.obd_channels:
            return Refusal((f"{frame.channel} is not at the OBD port: nothing is asked of all",))
        request = single_frame(frame.data)
        if isinstance(request, Refusal):
            return request
        if request[0] != VEHICLE_INFORMATION:
            return Refusal(("all control units at once are asked for mode 09 only",))
        wrong = _wrong_request(request, {})
        if wrong:
            return Refusal((wrong,))
        what = f"read mode 09 {request[1]:02X} of all control units"
        answers = tuple((frame.channel, unit + 8, None) for unit in OBD_UNITS)
        permit = Permit(what, (frame.channel, FUNCTIONAL_ID, request), _ONCE_IN_NS, answers)
        return state.in_time(permit, frame.time_ns)


def _to_unit(unit: _Unit, frame: Frame, state: AskState) -> Permit | Refusal:
    content = frame.data if unit.ecu.target_address is None else frame.data[1:]
    if content[0] >> 4 == CONTINUE_TO_SEND[0] >> 4:
        return _flow_control(unit, content, frame.time_ns, state)
    if not unit.polled:
        who = id_text(frame.id, frame.extended)
        return Refusal((f"{who} on {frame.channel}: no control unit of this car is asked there",))
    request = single_frame(content)
    if isinstance(request, Refusal):
        return request
    wrong = _wrong_request(request, unit.reads)
    if wrong:
        return Refusal((wrong,))
    what, every_ns = _named(request, unit)
    permit = Permit(what, (unit.answers, request), every_ns, (unit.answers,))
    return state.in_time(permit, frame.time_ns)


def _flow_control(unit: _Unit, content: bytes, time_ns: int, state: AskState) -> Permit | Refusal:
    if content != CONTINUE_TO_SEND.ljust(len(content), bytes((PADDING,))):
        return Refusal(("flow control other than 'send all that is left'",))
    if not state.is_answering(unit.answers, time_ns):
        return Refusal(
            (f"flow control to {unit.ecu.text}, which is not in the middle of an answer to us",)
        )
    return Permit(f"flow control to {unit.ecu.text}", None, 0, (), continues=unit.answers)


def single_frame(content: bytes) -> bytes | Refusal:
    """Return what a single frame asks, without its padding; nothing else ever asks."""
    kind, length = content[0] >> 4, content[0] & 0x0F
    if kind:
        return Refusal(("a request of more than one frame",))
    if not 0 < length < len(content):
        return Refusal((f"a single frame that says it holds {length} bytes",))
    if set(content[1 + length :]) - {PADDING}:
        return Refusal((f"bytes after the request that are not 0x{PADDING:02X}",))
    return content[1 : 1 + length]


def _wrong_request(request: bytes, reads: Mapping[int, tuple[str, int]]) -> str:
    """Say what is wrong with a request; empty where ASK may send it."""
    service, length = request[0], len(request)
    if service in DENIED:
        return f"service 0x{service:02X} ({DENIED[service]}) is never sent at level ASK"
    if service == READ_BY_IDENTIFIER:
        if length != 3:
            return "service 0x22 with anything but one identifier"
        did = request[1] << 8 | request[2]
        allowed = did in reads or did == VIN_DID
        return "" if allowed else f"identifier 0x{did:04X} is none that the profile reads there"
    if service == READ_TROUBLE_CODES:
        right = length > 1 and _TROUBLE_CODE_READS.get(request[1]) == length
        return "" if right else "service 0x19 in a form that is no plain read"
    if service == TESTER_PRESENT:
        return "" if request[1:] in (b"\x00", b"\x80") else "service 0x3E with other than 00 or 80"
    if service == VEHICLE_INFORMATION:
        right = length == 2 and request[1] in _INFORMATION_READS
        return "" if right else "mode 09 with anything but one item of information"
    return f"service 0x{service:02X} is none that level ASK sends"


def _named(request: bytes, unit: _Unit) -> tuple[str, int]:
    """Return what a request is in words, and how often it may be sent, in ns."""
    who = unit.ecu.text
    if request[0] != READ_BY_IDENTIFIER:
        return f"read {request.hex(' ').upper()} of {who}", _ONCE_IN_NS
    did = request[1] << 8 | request[2]
    name, every_ns = unit.reads.get(did, ("VIN", _ONCE_IN_NS))
    return f"read 0x{did:04X} ({name}) of {who}", every_ns


def _reads(profile: Profile, ecu: Ecu) -> dict[int, tuple[str, int]]:
    return {
        poll.did: (poll.name, poll.period_ms * 1_000_000)
        for poll in profile.polls
        if poll.ecu == ecu and poll.service == READ_BY_IDENTIFIER
    }


def _obd_units(polled: Sequence[_Unit], obd: Sequence[Channel]) -> list[_Unit]:
    """Return the units that a functional request can make talk, beside those that are polled."""
    known = {(unit.channel, unit.ecu.request_key) for unit in polled}
    return [
        _Unit(channel, Ecu("", unit, unit + 8), False)
        for channel in obd
        for unit in OBD_UNITS
        if (channel, unit) not in known
    ]


def _sent_by_the_car(profile: Profile, ecu: Ecu) -> bool:
    return any(frame.key == ecu.request_key for bus in profile.buses for frame in bus.frames)
