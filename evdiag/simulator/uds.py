"""Names of ISO 14229-1 that the virtual control units use: services, sessions, negative codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

POSITIVE: Final = 0x40
"""Added to the service by an answer that gives what was asked for."""
NEGATIVE: Final = 0x7F
SUPPRESS: Final = 0x80
"""Bit of a sub-function: no answer is wanted where it would be positive."""


class Service(IntEnum):
    """What can be asked of a virtual control unit."""

    VEHICLE_INFORMATION = 0x09
    SESSION_CONTROL = 0x10
    CLEAR_TROUBLE_CODES = 0x14
    READ_TROUBLE_CODES = 0x19
    READ_DATA = 0x22
    SECURITY_ACCESS = 0x27
    IO_CONTROL = 0x2F
    TESTER_PRESENT = 0x3E


WITH_SUB_FUNCTION: Final = frozenset(
    (
        Service.SESSION_CONTROL,
        Service.READ_TROUBLE_CODES,
        Service.SECURITY_ACCESS,
        Service.TESTER_PRESENT,
    )
)
"""Services whose second byte is a sub-function, `SUPPRESS` among its bits."""


class Session(IntEnum):
    """Diagnostic sessions."""

    DEFAULT = 0x01
    PROGRAMMING = 0x02
    EXTENDED = 0x03


class Nrc(IntEnum):
    """Negative response codes."""

    SERVICE_NOT_SUPPORTED = 0x11
    SUB_FUNCTION_NOT_SUPPORTED = 0x12
    WRONG_LENGTH_OR_FORMAT = 0x13
    BUSY_REPEAT_REQUEST = 0x21
    CONDITIONS_NOT_CORRECT = 0x22
    REQUEST_SEQUENCE_ERROR = 0x24
    FAILURE_PREVENTS_EXECUTION = 0x26
    REQUEST_OUT_OF_RANGE = 0x31
    SECURITY_ACCESS_DENIED = 0x33
    INVALID_KEY = 0x35
    EXCEEDED_NUMBER_OF_ATTEMPTS = 0x36
    REQUIRED_TIME_DELAY_NOT_EXPIRED = 0x37
    RESPONSE_PENDING = 0x78
    SUB_FUNCTION_NOT_SUPPORTED_IN_SESSION = 0x7E
    SERVICE_NOT_SUPPORTED_IN_SESSION = 0x7F
    VEHICLE_SPEED_TOO_HIGH = 0x88
    SHIFTER_NOT_IN_PARK = 0x90
    VOLTAGE_TOO_LOW = 0x93


UNSAID_WHEN_FUNCTIONAL: Final = frozenset(
    (
        Nrc.SERVICE_NOT_SUPPORTED,
        Nrc.SUB_FUNCTION_NOT_SUPPORTED,
        Nrc.REQUEST_OUT_OF_RANGE,
        Nrc.SUB_FUNCTION_NOT_SUPPORTED_IN_SESSION,
        Nrc.SERVICE_NOT_SUPPORTED_IN_SESSION,
    )
)
"""What nobody answers who was asked together with all others (ISO 14229-1, response behaviour)."""


class NegativeError(Exception):
    """A service says no; the control unit makes the negative response of it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:02X}")
        self.code = code


def check(holds: bool, otherwise: Nrc) -> None:
    """Go on where a condition holds.

    Raises:
        NegativeError: it does not.
    """
    if not holds:
        raise NegativeError(otherwise)
