"""Security access of a virtual control unit: seed, key, and what wrong keys cost.

The algorithm keeps nobody out: it is this virtual car's own, written down here and in
docs/simulate.md, so that a tool can be tried on it.
"""

from __future__ import annotations

import random
from typing import Final

from evdiag.simulator.uds import Nrc, check

REQUEST_SEED: Final = 0x01
SEND_KEY: Final = 0x02

WRONG_KEYS: Final = 3
"""So many wrong keys, and the unit wants to be left alone for a while."""

DELAY_S: Final = 10.0

_SECRET: Final = 0x45564449
_ADDED: Final = 0x00C0FFEE
_MASK: Final = 0xFFFFFFFF


def key_of(seed: bytes) -> bytes:
    """Return the key for a seed of four bytes: exclusive or, rotated left by 5, plus a number."""
    number = int.from_bytes(seed, "big") ^ _SECRET
    rotated = (number << 5 | number >> 27) & _MASK
    return ((rotated + _ADDED) & _MASK).to_bytes(4, "big")


class SecurityAccess:
    """Whether the tester has shown the key; `unlocked` until the session ends."""

    def __init__(self, noise: random.Random) -> None:
        self._noise = noise
        self._seed: bytes | None = None
        self._wrong = 0
        self._closed_until_s = 0.0
        self.unlocked = False

    def lock(self) -> None:
        """Want a key again; wrong ones stay counted."""
        self.unlocked = False
        self._seed = None

    def seed(self, now_s: float) -> bytes:
        """Return a seed; zeros where the unit is unlocked already.

        Raises:
            NegativeError: the delay after too many wrong keys is not over.
        """
        check(now_s >= self._closed_until_s, Nrc.REQUIRED_TIME_DELAY_NOT_EXPIRED)
        if self.unlocked:
            return bytes(4)
        self._seed = self._noise.randrange(1, _MASK).to_bytes(4, "big")
        return self._seed

    def try_key(self, key: bytes, now_s: float) -> None:
        """Unlock with a key.

        Raises:
            NegativeError: it is wrong, once too often wrong, or there was no seed before it.
        """
        check(self._seed is not None, Nrc.REQUEST_SEQUENCE_ERROR)
        seed, self._seed = self._seed or b"", None
        if key == key_of(seed):
            self.unlocked = True
            self._wrong = 0
            return
        self._wrong += 1
        if self._wrong >= WRONG_KEYS:
            self._wrong = 0
            self._closed_until_s = now_s + DELAY_S
            check(False, Nrc.EXCEEDED_NUMBER_OF_ATTEMPTS)
        check(False, Nrc.INVALID_KEY)
