"""How a control unit is reached: its addresses on one bus. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from evdiag.inputs import FrameKey, frame_key, id_text


class Ecu(NamedTuple):
    """A control unit that answers diagnostics, and how it is reached (ISO-TP, ISO 15765-2).

    With normal addressing both addresses are None; with extended addressing `target_address` is
    the first byte of every request and `tester_address` that of every answer. Both ids have 29
    bits where `extended_ids`.
    """

    bus: str
    request_id: int
    response_id: int
    extended_ids: bool = False
    target_address: int | None = None
    tester_address: int | None = None

    @property
    def request_key(self) -> FrameKey:
        """The key of the frames that ask it."""
        return frame_key(self.request_id, self.extended_ids)

    @property
    def response_key(self) -> FrameKey:
        """The key of the frames in which it answers."""
        return frame_key(self.response_id, self.extended_ids)

    @property
    def reaches_many(self) -> bool:
        """True where what asks it asks many control units at once: it names none of them."""
        everybody = is_functional_id(self.request_id, self.extended_ids)
        return everybody or self.target_address in FUNCTIONAL_ADDRESSES

    @property
    def text(self) -> str:
        """How it is reached, in one word: ``0x7E6`` or ``0x6F1/14``."""
        address = "" if self.target_address is None else f"/{self.target_address:02X}"
        return id_text(self.request_id, self.extended_ids) + address


_DIAGNOSTIC_11_BIT: Final = range(0x600, 0x800)
_DIAGNOSTIC_29_BIT: Final = (0x18DA, 0x17FC)
"""Upper halves of 29-bit ids: normal fixed addressing (ISO 15765-4), and the VW group's own."""

_FUNCTIONAL_11_BIT: Final = frozenset((0x700, 0x7DF))
"""0x7DF by ISO 15765-4; 0x700 in the VW group."""
FUNCTIONAL_ADDRESSES: Final = frozenset((0xDF, 0xEF, 0xFE, 0xFF))
"""First bytes of extended addressing that reach many units: BMW's 0xDF and 0xEF, GM's 0xFE."""
_FUNCTIONAL_29_BIT: Final = (0x18DB,)


def is_diagnostic_id(identifier: int, extended: bool) -> bool:
    """Tell whether diagnostics may be asked on an id."""
    if extended:
        return identifier >> 16 in _DIAGNOSTIC_29_BIT
    return identifier in _DIAGNOSTIC_11_BIT


def is_functional_id(identifier: int, extended: bool) -> bool:
    """Tell whether an id asks all control units at once (ISO 15765-4)."""
    if extended and identifier >> 16 in _DIAGNOSTIC_29_BIT:
        # The target of normal fixed addressing; 0xFF is everybody's (SAE J1939-21).
        return identifier >> 16 == 0x18DA and identifier >> 8 & 0xFF == 0xFF
    if extended:
        return identifier >> 16 in _FUNCTIONAL_29_BIT
    return identifier in _FUNCTIONAL_11_BIT
