"""What a session says of a whole recording, placed at the frames at which it became known."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evdiag.port.attempt import Attempt
from evdiag.port.readings import TimelineRow
from evdiag.session.session import Session
from evdiag.signals.events import BusAwake, BusSilent
from evdiag.signals.sequence import PlacedStep, end_ns, events_of
from evdiag.signals.timebase import Timebase
from evdiag.vocabulary import TERM


class PlacedRow(NamedTuple):
    """A timeline row and the frame (counted from 0) at which it became known."""

    row: int
    change: TimelineRow


class History:
    """Every change, attempt and silence of a recording.

    `step_rows` are the frames at which a word changed (or a signal came, went or became invalid):
    the places worth stepping to, numbers that flicker left out. `attempt_rows` are the frames at
    which the attempts open. `silences` are the frames at which the lock's bus was noticed to be
    silent and the frames that woke it (the number of frames where none did).
    """

    def __init__(
        self,
        steps: Sequence[PlacedStep],
        session: Session,
        timebase: Timebase,
        *,
        clock_is_time: bool = True,
    ) -> None:
        self.changes: list[PlacedRow] = []
        self.silences: list[tuple[int, int]] = []
        self._by_signal: dict[str, list[PlacedRow]] = {}
        known_at: list[int] = []
        frames = len(timebase.stream_ns)
        for step in steps:
            row = min(step.row, max(frames - 1, 0))
            for change in session.replay(step):
                self._add(PlacedRow(row, change))
            for event in events_of(step):
                if isinstance(event, BusSilent) and event.channel == session.lock_channel:
                    self.silences.append((row, frames))
                elif isinstance(event, BusAwake) and event.channel == session.lock_channel:
                    self.silences[-1] = (self.silences[-1][0], row)
            known_at += [row] * (len(session.attempts) - len(known_at))
        session.finish(end_ns(steps, timebase))
        self.attempts: tuple[Attempt, ...] = session.attempts
        known_at += [frames - 1] * (len(self.attempts) - len(known_at))
        self.attempt_rows = known_at
        if clock_is_time:
            self.attempt_rows = [
                _row_of(timebase, attempt.opened_ns, known)
                for attempt, known in zip(self.attempts, known_at, strict=True)
            ]
        self.change_rows = [placed.row for placed in self.changes]
        self.step_rows = [placed.row for placed in self.changes if _is_step(placed.change)]

    def before(self, row: int) -> Sequence[PlacedRow]:
        """Return the changes known before a frame is consumed."""
        return self.changes[: bisect_left(self.change_rows, row)]

    def between(self, signal: str, first: int, end: int) -> Sequence[PlacedRow]:
        """Return what is needed to draw one signal from frame `first` to before frame `end`.

        The first one is the value that held at `first` (if there was one), so it may be older.
        """
        changes = self._by_signal.get(signal, [])
        stop = bisect_left(changes, end, key=_row)
        start = max(0, bisect_right(changes, first, hi=stop, key=_row) - 1)
        return changes[start:stop]

    def _add(self, placed: PlacedRow) -> None:
        self.changes.append(placed)
        self._by_signal.setdefault(placed.change.signal, []).append(placed)


def _row(placed: PlacedRow) -> int:
    return placed.row


def _is_step(change: TimelineRow) -> bool:
    numbers = isinstance(change.new, (int, float)) and isinstance(change.old, (int, float))
    return not (TERM[change.signal].numeric and numbers)


def _row_of(timebase: Timebase, time_ns: int, known_at: int) -> int:
    """Return the first frame at or after `time_ns` in the epoch that `known_at` belongs to."""
    first, _ = next(epoch for epoch in reversed(timebase.epochs()) if epoch[0] <= known_at)
    stream = timebase.stream_ns[first : known_at + 1]
    return first + min(int(np.searchsorted(stream, time_ns)), len(stream) - 1)
