"""Which diagnostic requests a command may ask, and how each is taken back. Pure.

Services and their forms by ISO 14229-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CLEAR = 0x14
SESSION, READ, WRITE, IO_CONTROL, ROUTINE, PRESENT = 0x10, 0x22, 0x2E, 0x2F, 0x31, 0x3E

DEFAULT_SESSION, EXTENDED_SESSION = 0x01, 0x03
RETURN_CONTROL, ADJUST = 0x00, 0x03
START_ROUTINE, STOP_ROUTINE, ROUTINE_RESULTS = 0x01, 0x02, 0x03

NEVER: Final[Mapping[int, str]] = {
    0x04: "clearing trouble codes",
    0x08: "control of on-board systems",
    0x11: "a reset of the control unit",
    0x14: "clearing trouble codes",
    0x23: "reading memory",
    0x27: "security access",
    0x28: "communication control",
    0x29: "authentication",
    0x2C: "defining identifiers",
    0x34: "a download",
    0x35: "an upload",
    0x36: "a transfer of data",
    0x37: "the end of a transfer",
    0x38: "a transfer of files",
    0x3D: "writing memory",
    0x83: "access to the timing",
    0x84: "secured transmission",
    0x85: "switching trouble codes off",
    0x86: "a response on event",
    0x87: "link control",
}
"""Services that no command ever asks for; what is not named here nor below is refused as well."""


_ROUTINES: Final = range(0x0200, 0xE000)
"""Routines that a maker is free to define (ISO 14229-1, annex F). Above lie emission tests, the
firing of airbags (0xE200 and on) and erasing (0xFF00)."""
_OWN_DATA_BELOW: Final = 0xF000
"""From here on identifiers are the standard's: VIN, airbags and the like (ISO 14229-1, annex C)."""

_GROUPS: Final = frozenset((0x000000, 0x100000, 0x400000, 0x800000, 0xC00000))
"""No code, and the groups powertrain, chassis, body and network (ISO 14229-1, annex D)."""
_FIRST_FUNCTIONAL: Final = 0xFFFF00
"""From here on numbers name functional groups, 0xFFFFFF all codes (ISO 14229-1, annex D)."""


def wrong_request(data: bytes) -> str:
    """Say why no command may ask this; empty where it may.

    Only forms that are known to be harmless in themselves: two sessions, plain reads, writes,
    adjusting and returning an output, starting and stopping a routine, tester present.
    """
    if not data:
        return "is empty"
    service, rest = data[0], data[1:]
    if service in NEVER:
        return f"service 0x{service:02X} ({NEVER[service]}) is never sent"
    if service == SESSION:
        right = rest in (_one(DEFAULT_SESSION), _one(EXTENDED_SESSION))
        return "" if right else "service 0x10 with other than the default or extended session"
    if service == PRESENT:
        return "" if rest in (_one(0x00), _one(0x80)) else "service 0x3E with other than 00 or 80"
    if service == READ:
        return "" if len(rest) == 2 else "service 0x22 with anything but one identifier"
    if service == WRITE:
        if _number(rest[:2]) >= _OWN_DATA_BELOW:
            return f"service 0x2E with 0x{_number(rest[:2]):04X}, which no command writes"
        return "" if len(rest) > 2 else "service 0x2E without an identifier and data"
    if service == IO_CONTROL:
        return _wrong_control(rest)
    if service == ROUTINE:
        kinds = (START_ROUTINE, STOP_ROUTINE, ROUTINE_RESULTS)
        if len(rest) < 3 or rest[0] not in kinds:
            return "service 0x31 with other than start, stop or results"
        routine = _number(rest[1:3])
        return "" if routine in _ROUTINES else f"service 0x31 with 0x{routine:04X}, no maker's own"
    return f"service 0x{service:02X} is none that a command asks for"


def wrong_clearing(data: bytes) -> str:
    """Say why this may not be asked to clear one trouble code; empty where it may.

    One code at a time: groups (the four of ISO 14229-1, annex D, and all of them) are never asked
    for.
    """
    if data[:1] != _one(CLEAR):
        sessions = data[:1] in (_one(SESSION), _one(PRESENT))
        return wrong_request(data) if sessions else "only sessions belong to clearing a code"
    if len(data) != 4:
        return "service 0x14 with anything but one trouble code"
    return "a group of trouble codes, not one" if is_group(_number(data[1:])) else ""


def is_group(code: int) -> bool:
    """Tell whether a number of three bytes names more than one trouble code."""
    return code in _GROUPS or code >= _FIRST_FUNCTIONAL


def counterpart(data: bytes) -> bytes | None:
    """Return how the request that takes back another one begins; None where nothing is taken."""
    match data[0]:
        case 0x10 if data[1] == EXTENDED_SESSION:
            return _bytes(SESSION, DEFAULT_SESSION)
        case 0x2F if data[3] == ADJUST:
            return data[:3] + _one(RETURN_CONTROL)
        case 0x31 if data[1] == START_ROUTINE:
            return _bytes(ROUTINE, STOP_ROUTINE) + data[2:4]
        case 0x2E:
            return data[:3]
    return None


def takes_back(data: bytes) -> bool:
    """Tell whether a request is one of those by which something is handed back."""
    match data[0]:
        case 0x10:
            return data[1] == DEFAULT_SESSION
        case 0x2F:
            return data[3] == RETURN_CONTROL
        case 0x31:
            return data[1] == STOP_ROUTINE
    return data[0] == WRITE


def drives(data: bytes) -> bool:
    """Tell whether a request drives something."""
    return (data[0], data[3:4]) == (IO_CONTROL, _one(ADJUST)) or (
        data[:2] == _bytes(ROUTINE, START_ROUTINE)
    )


def _wrong_control(rest: bytes) -> str:
    if len(rest) < 3 or rest[2] not in (RETURN_CONTROL, ADJUST):
        return "service 0x2F with other than 03 (adjust) or 00 (return control)"
    if rest[2] == RETURN_CONTROL and len(rest) > 3:
        return "service 0x2F that returns control and says a state as well"
    if _number(rest[:2]) >= _OWN_DATA_BELOW:
        return f"service 0x2F with 0x{_number(rest[:2]):04X}, which no command controls"
    return ""


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _one(byte: int) -> bytes:
    return byte.to_bytes(1, "big")


def _bytes(*values: int) -> bytes:
    return _one(values[0]) + _one(values[1])
