"""What a profile may say of a VIN: a small part of regular expressions, always fast to match. Pure.

A general regular expression can take for ever to say no, and a car is asked for its VIN while
somebody waits for its lock. What is left is enough for every VIN: they all have 17 characters.
"""

from __future__ import annotations

import math
import re
from itertools import product
from typing import Final

VIN_LENGTH: Final = 17
"""ISO 3779."""

MOST_WAYS: Final = 1000
"""To choose among the alternatives of all groups: so many are tried at worst."""

_ONE = r"(?:[A-Z0-9.]|\[(?:[A-Z0-9](?:-[A-Z0-9])?)+\])(?:\{[0-9]{1,2}\})?"
_GROUP = rf"\((?:\?:)?((?:{_ONE})*(?:\|(?:{_ONE})*)*)\)"
_PIECE: Final = re.compile(rf"{_GROUP}|{_ONE}")
_CHARACTER: Final = re.compile(_ONE)
_REST: Final = ".*"

ALLOWED: Final = (
    "it may hold capital letters, digits, . (any one), [A-C4] (one of these), {3} (so many of it), "
    "(JN1|SJN) and, at its end, .*"
)


def wrong_pattern(pattern: str) -> str:
    """Say why this is no pattern for a VIN; empty where it is one."""
    pieces = _pieces(pattern)
    if pieces is None:
        return f"is not understood: {ALLOWED}"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"is not understood ({error}): {ALLOWED}"
    if math.prod(len(piece) for piece in pieces) > MOST_WAYS:
        return f"has more than {MOST_WAYS} ways to choose among the alternatives of its groups"
    if example_vin(pattern) is None:
        more = (
            ""
            if pattern.endswith(_REST)
            else f"; where the rest may be anything, end it in {_REST}"
        )
        return f"fits no VIN, which has {VIN_LENGTH} characters{more}"
    return ""


def example_vin(pattern: str) -> str | None:
    """Return a number that a pattern without fault fits; None where there is none.

    Of alternatives the first that can be, 0 for what may be anything.
    """
    for choice in product(*(_pieces(pattern) or ())):
        start = "".join(map(_example, choice))
        if len(start) == VIN_LENGTH or (len(start) < VIN_LENGTH and pattern.endswith(_REST)):
            return start.ljust(VIN_LENGTH, "0")
    return None


def _pieces(pattern: str) -> list[list[str]] | None:
    """Return the alternatives of each piece, one after the other; None where one is none."""
    text = pattern.removesuffix(_REST)
    pieces: list[list[str]] = []
    place = 0
    while place < len(text):
        found = _PIECE.match(text, place)
        if found is None:
            return None
        group = found[1]
        pieces.append([found[0]] if group is None else group.split("|"))
        place = found.end()
    return pieces


def _example(text: str) -> str:
    """Return what a run of characters fits."""
    made = ""
    for found in _CHARACTER.finditer(text):
        one, _, times = found[0].rstrip("}").partition("{")
        made += one.lstrip("[")[0].replace(".", "0") * (int(times) if times else 1)
    return made
