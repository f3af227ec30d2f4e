"""Which signals of a database look like a charge port, by the words in their names and comments.

A guess for people to check, never an input to a diagnosis.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evdiag.databases.layout import MessageLayout, SignalLayout

LIKELY = 3
"""The score from which a signal is worth a look."""

# What alone points at a charge port weighs 3; what needs company weighs less.
_WEIGHTS = {
    "chargeport": 3, "inlet": 3, "plug": 3, "pilot": 3, "proximity": 3, "evse": 2, "pwm": 1,
    "flap": 3, "stecker": 3, "ladeklappe": 3, "ladedose": 3, "ladestecker": 3, "coupler": 3,
    "lock": 2, "latch": 2, "cable": 2, "socket": 2, "verriegelung": 2, "handle": 2,
    "charge": 1, "charger": 1, "charging": 1, "chg": 1, "chrg": 1, "laden": 1, "cp": 1, "pp": 1,
    "ccs": 1, "ac": 1, "dc": 1, "port": 1, "door": 1, "connector": 1, "connected": 1, "button": 1,
    "motor": 1, "actuator": 1,
}  # fmt: skip
_SAME = {
    "locked": "lock", "unlock": "lock", "unlocked": "lock", "locking": "lock", "lck": "lock",
    "plugged": "plug", "unplug": "plug", "unplugged": "plug", "prox": "proximity",
    "proxy": "proximity", "latched": "latch", "connect": "connected", "doors": "door",
    "charged": "charge", "lid": "flap", "cover": "flap",
}  # fmt: skip
# A lock, a door or a flap of these is not the charge port's.
_ELSEWHERE = {
    "seat", "belt", "window", "trunk", "tailgate", "liftgate", "hood", "park", "parking",
    "steering", "wheel", "differential", "driver", "passenger", "glovebox", "child", "rear",
    "spark", "glow", "front", "abs", "torque", "converter", "clutch", "pressure", "air", "vent",
}  # fmt: skip
_PARTS = {"lock", "latch", "plug", "cable", "flap", "door", "proximity", "pilot", "inlet"}
_OF_THE_PORT = {"charge", "charging", "chargeport", "chg", "chrg", "cp", "port", "ccs"}
_TOGETHER = 3
"""What a part of the port and the port itself in one name add."""
_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]")


class Candidate(NamedTuple):
    """A signal that may be about the charge port."""

    message: str
    signal: str
    score: int


def port_candidates(messages: Iterable[MessageLayout]) -> list[Candidate]:
    """Return the signals that look like a charge port, the likeliest first."""
    found = [
        Candidate(message.name, signal.name, score)
        for message in messages
        for signal in message.signals
        if (score := port_score(signal)) >= LIKELY
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def port_score(signal: SignalLayout) -> int:
    """Return how much a signal's name and comment speak of a charge port; `LIKELY` is a lot.

    The name counts in full, the comment only adds what the name does not say.
    """
    name, comment = words_of(signal.name), words_of(signal.comment)
    if name & _ELSEWHERE and not name & {"charge", "charging", "chargeport", "inlet"}:
        return 0
    in_name = sum(_WEIGHTS.get(word, 0) for word in name)
    in_comment = sum(_WEIGHTS.get(word, 0) for word in comment - name)
    if name & _PARTS and name & _OF_THE_PORT:
        in_name += _TOGETHER
    return in_name + min(in_comment, 1) if in_name else in_comment // 2


def words_of(text: str) -> set[str]:
    """Return the words of a name or a comment, each in one form: `lock` for `unlocked`, too."""
    words = [word.lower() for word in _WORD.findall(text)]
    joined = {first + second for first, second in pairwise(words)}
    return {_SAME.get(word, word) for word in (*words, *joined)}
