"""Diagnostic trouble codes (DTC): how they are written, and what those of a charge port mean. Pure.

A code travels as three bytes: two name it (SAE J2012: a letter and four digits), the third is the
type of failure. BMW and others write their own codes as six hex digits.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LETTERS: Final = "PCBU"
_SAE: Final = re.compile(r"([PCBU])([0-3][0-9A-F]{3})(?:-([0-9A-F]{2}))?")
_HEX: Final = re.compile(r"[0-9A-F]{6}")


class TroubleCodeName(NamedTuple):
    """What a code means; `failure_type` is None where the meaning holds for every type."""

    number: int
    failure_type: int | None
    meaning: str
    evidence: str
    source: str

    def names(self, code: int) -> bool:
        """Tell whether this is what a code of three bytes means."""
        if self.failure_type is None:
            return code >> 8 == self.number
        return code == (self.number << 8 | self.failure_type)


def read_code(text: str) -> tuple[int, int | None] | None:
    """Read ``P0D96``, ``P0D56-24`` or ``805503``: two bytes, and the failure type if there is one.

    None where it is none of them.
    """
    sae = _SAE.fullmatch(text.upper())
    if sae is not None:
        letter, digits, failure = sae.groups()
        number = _LETTERS.index(letter) << 14 | int(digits, 16)
        return number, None if failure is None else int(failure, 16)
    if _HEX.fullmatch(text.upper()):
        whole = int(text, 16)
        return whole >> 8, whole & 0xFF
    return None


def sae_text(code: int) -> str:
    """Write three bytes as SAE does: ``P0D96-00``."""
    letter = _LETTERS[code >> 22 & 3]
    return f"{letter}{code >> 8 & 0x3FFF:04X}-{code & 0xFF:02X}"


STATUS_BITS: Final = (
    "test failed",
    "failed this cycle",
    "pending",
    "confirmed",
    "not tested since cleared",
    "failed since cleared",
    "not tested this cycle",
    "warning lamp on",
)
"""Bits 0 to 7 of the status byte, ISO 14229-1 table D.2."""


def status_words(status: int) -> tuple[str, ...]:
    """Return what a status byte says."""
    return tuple(words for bit, words in enumerate(STATUS_BITS) if status >> bit & 1)


def _sae(code: str, meaning: str) -> TroubleCodeName:
    found = read_code(code)
    assert found is not None
    return TroubleCodeName(
        *found, meaning, "community", "SAE J2012 names, as obdguide.com has them"
    )


GENERIC: Final = (
    _sae("P0CD1", "charging door A unlock control circuit"),
    _sae("P0CD2", "charging door A unlock control performance"),
    _sae("P0CD4", "charging door A unlock control circuit high"),
    _sae("P0CF9", "control pilot switch"),
    _sae("P0D01", "control pilot switch"),
    _sae("P0D56", "proximity detection circuit"),
    _sae("P0D89", "coupler status indicator circuit"),
    _sae("P0D96", "coupler unlock control circuit low"),
    _sae("P0D97", "coupler unlock control circuit high"),
    _sae("P0D9E", "coupler lock position sensor circuit"),
    _sae("P0DA1", "coupler lock position sensor circuit high"),
)
"""Codes of a charge port that mean the same on every car."""


def name_of(code: int, known: tuple[TroubleCodeName, ...]) -> TroubleCodeName | None:
    """Return what a code means: the car's own names first; None where nobody says."""
    return next((name for name in (*known, *GENERIC) if name.names(code)), None)
