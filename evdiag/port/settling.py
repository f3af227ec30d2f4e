"""A value that counts only once it has stayed: chatter is counted, not believed."""

from __future__ import annotations

from typing import NamedTuple

from evdiag.vocabulary import INVALID, STALE, Value


class Movement(NamedTuple):
    """A settled change.

    `old` is None for an observation: the value before was not known, so nothing was seen to move.
    `before_gap` is then the last value known before the gap, None where there is none.
    """

    time_ns: int
    old: Value | None
    new: Value | None
    before_gap: Value | None = None


class Settled:
    """One signal behind a settling time.

    `value` is the last value that stayed for `settling_ns`, None while none is known. A value
    that goes before its time is a bounce. The first value, and the first one after ``invalid``,
    ``stale``, a sleep or a new epoch, is an observation: it settles at once. `last_known` is the
    last value of this epoch, kept through silence. `settling_ns` is None where no clock says how
    long a value stayed: then each one counts at once.
    """

    def __init__(self, settling_ns: int | None) -> None:
        self._settling_ns = settling_ns
        self.value: Value | None = None
        self.bounces = 0
        self._pending: tuple[int, Value | None] | None = None
        self.last_known: Value | None = None
        self._doubted = False

    @property
    def pending(self) -> Value | None:
        """The value that has come and has not settled yet."""
        return None if self._pending is None else self._pending[1]

    @property
    def deadline(self) -> int | None:
        """When the pending value, if there is one, has settled."""
        if self._pending is None or self._settling_ns is None:
            return None
        return self._pending[0] + self._settling_ns

    def take(self, time_ns: int, value: Value) -> Movement | None:
        """Take a raw value; return the movement if it counts at once."""
        believed = None if value in (INVALID, STALE) else value
        observed = self.value is None or self._doubted or value == STALE
        self._doubted = False
        if believed == self.value:
            if self._pending is not None:
                self.bounces += 1
                self._pending = None
            return None
        if observed:
            self._pending = None
            return self._observe(time_ns, believed)
        if self._pending is None or self._pending[1] != believed:
            self._pending = (time_ns, believed)
        return self.settle() if self._settling_ns is None else None

    def settle(self) -> Movement | None:
        """Believe the pending value now: its deadline has passed, or nothing more will come."""
        if self._pending is None:
            return None
        time_ns, value = self._pending
        self._pending = None
        old, self.value = self.value, value
        self.last_known = value if value is not None else self.last_known
        return Movement(time_ns, old, value)

    def doubt(self) -> None:
        """The bus slept: a different value now was not seen to move, the same one is confirmed."""
        self._doubted = True

    def confirm(self) -> None:
        """The value was seen again, unchanged."""
        self._doubted = False

    def forget(self) -> None:
        """Know nothing: a new epoch."""
        self.value = None
        self.last_known = None
        self._pending = None
        self._doubted = False

    def _observe(self, time_ns: int, value: Value | None) -> Movement:
        before, self.value = self.last_known, value
        self.last_known = value if value is not None else self.last_known
        return Movement(time_ns, None, value, before)
