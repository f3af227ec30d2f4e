"""The latest changes and silences of a live session, placed on the axis. Pure.

Lists only grow at their end, and are replaced when they have grown too long: who holds one, with
its length at that moment, sees the past as it was then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from evdiag.port.readings import TimelineRow
from evdiag.session.track import SeenChange

KEPT_CHANGES = 10_000
"""Of each signal, and of all of them together."""

KEPT_SILENCES = 1_000

_Entry = TypeVar("_Entry")


class Seen(NamedTuple):
    """A list that may grow, and how long it was."""

    changes: Sequence[SeenChange]
    size: int

    def since(self, at_s: float, *, and_before: bool = False) -> Sequence[SeenChange]:
        """Return the changes since a place, with the one before it where that is wanted."""
        first = self.size
        while first and self.changes[first - 1].at_s >= at_s:
            first -= 1
        return self.changes[max(0, first - and_before) : self.size]


class SeenHistory(NamedTuple):
    """The history as it stood; `silences` are from and to, in seconds on the axis."""

    latest: Seen
    by_signal: Mapping[str, Seen]
    silences: Sequence[tuple[float, float]]


NOTHING_SEEN = SeenHistory(Seen((), 0), {}, ())


class LiveHistory:
    """Collects what a session says; `now_s` and `at_s` are places on the axis."""

    def __init__(self) -> None:
        self._latest: list[SeenChange] = []
        self._by_signal: dict[str, list[SeenChange]] = {}
        self._silences: list[tuple[float, float]] = []
        self._asleep_from_s: float | None = None

    def add(self, at_s: float, change: TimelineRow) -> None:
        """Take a timeline row."""
        seen = SeenChange(at_s, change)
        self._latest = _appended(self._latest, seen, KEPT_CHANGES)
        of_signal = self._by_signal.get(change.signal, [])
        self._by_signal[change.signal] = _appended(of_signal, seen, KEPT_CHANGES)

    def sleeps(self, since_s: float | None, now_s: float) -> None:
        """Take note since when the lock's bus sleeps, None while it does not."""
        if since_s is None and self._asleep_from_s is not None:
            slept = (self._asleep_from_s, now_s)
            self._silences = _appended(self._silences, slept, KEPT_SILENCES)
        self._asleep_from_s = since_s

    def seen(self, now_s: float) -> SeenHistory:
        """Return the history as it stands."""
        open_end = [] if self._asleep_from_s is None else [(self._asleep_from_s, now_s)]
        return SeenHistory(
            Seen(self._latest, len(self._latest)),
            {name: Seen(changes, len(changes)) for name, changes in self._by_signal.items()},
            [*self._silences, *open_end],
        )


def _appended(entries: list[_Entry], entry: _Entry, kept: int) -> list[_Entry]:
    """Return the list with an entry at its end: the same list, or a new one of its newer half."""
    if len(entries) >= 2 * kept:
        entries = entries[-kept:]
    entries.append(entry)
    return entries
