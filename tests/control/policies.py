"""Policies of the shipped cars, and requests as evdiag sends them, for tests."""

from __future__ import annotations

from evdiag.control.policy import AskPolicy
from evdiag.inputs import Frame
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile

SECOND = 1_000_000_000
OBD, OTHER = "can0", "can1"

PROFILES = [profile for _, profile in sorted(library().profiles.items())]
POLLED = [profile for profile in PROFILES if profile.polls]


def channels_of(profile: Profile) -> dict[str, str]:
    """Put the buses at the OBD port on one channel and the others on another."""
    return {bus.name: OBD if bus.at_obd else OTHER for bus in profile.buses}


def policy_of(profile: Profile) -> AskPolicy:
    return AskPolicy.of(profile, channels_of(profile))


def request(ecu: Ecu, payload: bytes, time_ns: int = 0, channel: str = OBD) -> Frame:
    """Ask one control unit in a single frame of 8 bytes."""
    prefix = b"" if ecu.target_address is None else bytes((ecu.target_address,))
    data = (prefix + bytes((len(payload),)) + payload).ljust(8, b"\xcc")
    return Frame(time_ns, channel, ecu.request_id, ecu.extended_ids, data)


def flow_control(ecu: Ecu, time_ns: int = 0) -> Frame:
    """Let one control unit go on."""
    prefix = b"" if ecu.target_address is None else bytes((ecu.target_address,))
    data = (prefix + b"\x30\x00\x00").ljust(8, b"\xcc")
    return Frame(time_ns, OBD, ecu.request_id, ecu.extended_ids, data)


def answer(ecu: Ecu, content: bytes, time_ns: int = 0) -> Frame:
    """One frame of an answer, whatever kind its content says."""
    prefix = b"" if ecu.tester_address is None else bytes((ecu.tester_address,))
    data = (prefix + content).ljust(8, b"\xcc")[:8]
    return Frame(time_ns, OBD, ecu.response_id, ecu.extended_ids, data, direction="rx")


def read(did: int) -> bytes:
    return bytes((0x22, did >> 8, did & 0xFF))
