"""What a control unit means when it says no: negative response codes of ISO 14229-1, for people."""

from __future__ import annotations

from typing import Final

RESPONSE_PENDING: Final = 0x78
BUSY: Final = 0x21

MEANING: Final = {
    0x10: "the car refuses without a reason",
    0x11: "this control unit does not offer that service",
    0x12: "this control unit does not offer that form of the service",
    0x13: "tool and car do not agree about the length of the request",
    0x14: "the answer would be too long",
    0x21: "it is busy: asked again in a moment",
    0x22: "conditions are not right: usually still charging, not in P, or locked",
    0x24: "something had to come first",
    0x25: "a unit behind it does not answer: likely hardware",
    0x26: "a failure keeps it from doing so: likely hardware",
    0x31: "this identifier is not there: another variant, another session, or a wrong profile",
    0x33: "locked by the maker: only the maker's own tool gets further",
    0x34: "it wants to know who asks: only the maker's own tool gets further",
    0x35: "a wrong key",
    0x36: "too many tries",
    0x37: "it wants to be left alone for a while",
    0x78: "it is working on the answer",
    0x7E: "not in the session that is active",
    0x7F: "not in the session that is active",
    0x88: "the car is moving too fast",
    0x90: "the car is not in P",
    0x92: "the supply voltage is too high",
    0x93: "the supply voltage is too low: charge the 12 V battery first",
}

_MAKERS: Final = range(0xF0, 0xFF)
"""Conditions that a maker is free to define (ISO 14229-1, annex A)."""

FINAL: Final = frozenset((0x11, 0x12, 0x13, 0x14, 0x31, 0x33, 0x34, 0x35, 0x36, 0x37, 0x7E, 0x7F))
"""What asking once more cannot change, or must not try: the read is not asked again."""


def said(code: int) -> str:
    """Return a code as words: name, number, meaning."""
    from udsoncan.ResponseCode import ResponseCode

    name = ResponseCode.get_name(code)
    if name is None or name.isdigit():
        # udsoncan gives the number back where it has no name.
        name = "a code of the maker's own" if code in _MAKERS else "a code that ISO 14229-1 lacks"
    meaning = MEANING.get(code)
    return f"{name} (0x{code:02X})" + (f": {meaning}" if meaning else "")
