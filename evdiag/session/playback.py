"""Playing a recording: where we are in it, what the session knew there, how fast it goes.

Pure: nobody's clock is read. The screen says how much real time went by, `pass_real_time` moves.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block, Channel, Frame, Mark
from evdiag.inputs.block import ERROR
from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.session.frame_index import FrameIndex
from evdiag.session.history import History, PlacedRow
from evdiag.session.session import Session
from evdiag.session.track import SeenChange, SeenKind
from evdiag.session.traffic import BusTraffic, LastSecond
from evdiag.signals.columns import carrying_rows
from evdiag.signals.compiled import CompiledSignal, Raw
from evdiag.signals.sequence import PlacedInput, PlacedStep, end_ns
from evdiag.signals.timebase import Timebase

SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Times real time; `Playback.speed` may also be None: as fast as possible."""

FASTEST_ROWS = 20_000
"""Rows that one call of `pass_real_time` plays where the speed is as fast as possible."""

_COUNTED_ROW_NS = 1_000_000
"""How long a row is shown where stamps are no time: a recording without a clock still plays."""


@dataclass(frozen=True, slots=True)
class PlaybackMark:
    """The person's mark: at which frame, and the note."""

    row: int
    text: str


class Playback:
    """A recording being played: a track whose position can be moved.

    `position` counts the frames that have been consumed, 0 to `frames`. `speed` is None for as
    fast as possible. `clock_is_time` is false where the stamps tell no time: seconds are then made
    up, a millisecond a frame.
    """

    def __init__(
        self,
        block: Block,
        steps: Sequence[PlacedStep],
        new_session: Callable[[], Session],
        *,
        clock_is_time: bool = True,
        bitrates: Mapping[Channel, int] | None = None,
        timebase: Timebase | None = None,
    ) -> None:
        self.block = block
        self.frames = len(block)
        self.clock_is_time = clock_is_time
        self.position = 0
        self.playing = False
        self.speed: float | None = 1.0
        self.loop: tuple[int, int] | None = None
        self.loop_from: int | None = None
        self.marks = [
            PlaybackMark(max(step.row - 1, 0), step.item.text)
            for step in steps
            if isinstance(step, PlacedInput) and isinstance(step.item, Mark)
        ]
        self._steps = steps
        self._new_session = new_session
        self._bitrates = bitrates or {}
        self._timebase = Timebase.of(block.time_ns) if timebase is None else timebase
        self._shown_ns = self._axis(clock_is_time)
        self._error_rows = np.flatnonzero(block.flags & ERROR)
        self._played_ns = 0
        self.history = History(steps, new_session(), self._timebase, clock_is_time=clock_is_time)
        self._carrying: dict[int, NDArray[np.intp]] = {}
        self._next_step = 0
        self.session = new_session()

    # -- where we are ------------------------------------------------------------------------

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last; gaps where the clock jumped back count 0."""
        return float(self._shown_ns[-1]) / NANOSECONDS if self.frames else 0.0

    @property
    def elapsed_s(self) -> float:
        """Seconds played so far."""
        return self._played_ns / NANOSECONDS

    @property
    def at_end(self) -> bool:
        """True when every frame has been consumed."""
        return self.position >= self.frames

    @property
    def stamp_ns(self) -> int | None:
        """The stamp of the last consumed frame, as the recording gives it."""
        return int(self.block.time_ns[self.position - 1]) if self.position else None

    @property
    def changes(self) -> Sequence[PlacedRow]:
        """Every timeline row of the whole recording."""
        return self.history.changes

    @property
    def all_attempts(self) -> tuple[Attempt, ...]:
        """Every attempt of the whole recording, as it ended."""
        return self.history.attempts

    def elapsed_at(self, row: int) -> float:
        """Return the seconds on the playback's axis at which a frame is consumed."""
        return (
            float(self._shown_ns[min(row, self.frames - 1)]) / NANOSECONDS if self.frames else 0.0
        )

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel of the recording."""
        return self.block.channels

    @cached_property
    def kinds(self) -> FrameIndex:
        """The frames by kind; worked out once it is asked for."""
        return FrameIndex(self.block, self._shown_ns)

    def frame(self, row: int) -> Frame:
        """Return a frame."""
        return self.block.frame(row)

    def clock_ns(self, elapsed_s: float) -> int | None:
        """Return None: a place in a recording is told by the time from its first frame."""
        return None

    def changes_so_far(self, last_s: float | None = None) -> Sequence[SeenChange]:
        """Return the timeline rows up to here, all of them or those of the last seconds."""
        known = self.history.before(self.position)
        if last_s is not None:
            known = known[len(self.history.before(self._row_at(self.elapsed_s - last_s))) :]
        return self._seen(known)

    def recent(self, signal: str, last_s: float) -> Sequence[SeenChange]:
        """Return what draws one signal over the last seconds; the first may be older than that."""
        first = self._row_at(self.elapsed_s - last_s)
        return self._seen(self.history.between(signal, first, self.position))

    def silences(self, last_s: float) -> Sequence[tuple[float, float]]:
        """Return from when to when the lock's bus slept, as far as that reaches in."""
        found = []
        for known, woken in self.history.silences:
            if known >= self.position:
                break
            until_s = self.elapsed_at(woken) if woken < self.position else self.elapsed_s
            if until_s >= self.elapsed_s - last_s:
                found.append((self.elapsed_at(known - 1 if known else 0), until_s))
        return found

    def attempts_at(self, attempts: Sequence[Attempt]) -> Sequence[float]:
        """Return when each of the attempts so far opened."""
        return [self.elapsed_at(row) for row in self.history.attempt_rows[: len(attempts)]]

    def last_seen_s(self, watched: int) -> float | None:
        """Return how many seconds ago the last frame carried a watched signal; None never."""
        rows = self._carrying.get(watched)
        if rows is None:
            rows = carrying_rows(self.block, self.session.watch, watched)
            self._carrying[watched] = rows
        place = int(np.searchsorted(rows, self.position)) - 1
        return None if place < 0 else self.age_s(int(rows[place]))

    def last_raw(self, kind: SeenKind, signal: CompiledSignal) -> tuple[Raw, float] | None:
        """Return the newest raw value of a signal and its age in seconds; None if never seen."""
        row = self.kinds.last_carrying(kind, signal, self.position)
        if row is None:
            return None
        raw = signal.raw(self.block.frame(row).data)
        assert raw is not None
        return raw, self.age_s(row)

    def age_s(self, row: int) -> float:
        """Return how many seconds ago a frame was consumed."""
        return max(0.0, self.elapsed_s - float(self._shown_ns[row]) / NANOSECONDS)

    def traffic(self) -> BusTraffic:
        """Return the bus's last second."""
        second = LastSecond()
        second.add(self.block, slice(self._row_at(self.elapsed_s - 1.0), self.position))
        seen = self.block.channel[: self.position]
        totals = {
            name: int(np.count_nonzero(seen == number))
            for number, name in enumerate(self.block.channels)
        }
        errors = int(np.searchsorted(self._error_rows, self.position))
        return second.traffic(totals, self._bitrates, errors, self.position)

    def rates(self, seconds: int) -> Sequence[int]:
        """Return the frames of each of the last seconds, the oldest first."""
        until_s = self.elapsed_s
        rows = [min(self._row_at(until_s - back), self.position) for back in range(seconds, -1, -1)]
        rows[-1] = self.position
        return [int(rate) for rate in np.diff(rows)]

    # -- moving ------------------------------------------------------------------------------

    def play_or_pause(self) -> None:
        """Play, or pause; at the end, play from the beginning again."""
        if not self.playing and self.at_end:
            self._go_to_row(0)
        self.playing = not self.playing and self.frames > 0

    def pass_real_time(self, seconds: float) -> None:
        """Play on for so much real time, if playing."""
        if not self.playing or (self.at_end and self.loop is None):
            self.playing = self.playing and not self.at_end
            return
        if self.speed is None:
            self._go_to_row(min(self.frames, self.position + FASTEST_ROWS))
        else:
            self._played_ns += int(seconds * self.speed * NANOSECONDS)
            self._consume_until_played()
        if self.loop is not None and self.position >= self.loop[1]:
            self._go_to_row(self.loop[0])
        elif self.at_end:
            self.playing = False

    def seek(self, elapsed_s: float) -> None:
        """Go to a moment, counted in seconds from the first frame."""
        elapsed_s = min(max(elapsed_s, 0.0), self.duration_s)
        played_ns = int(elapsed_s * NANOSECONDS)
        self._go_to_row(int(np.searchsorted(self._shown_ns, played_ns, side="right")))
        self._played_ns = played_ns
        if self.position and not self.at_end:
            self._let_time_pass()

    def step_frames(self, count: int) -> None:
        """Consume `count` more frames, or take them back where it is negative."""
        self._go_to_row(min(max(self.position + count, 0), self.frames))

    def step_change(self, direction: int) -> None:
        """Go just past the next change of a word (+1), or just past the one before this (-1).

        A number that flickers is no place to stop at; one that comes, goes or is invalid is.
        """
        self._step_among(self.history.step_rows, direction)

    def step_attempt(self, direction: int) -> None:
        """Go to where the next attempt opens (+1), or the one before (-1)."""
        self._step_among(self.history.attempt_rows, direction)

    def go_to_attempt(self, number: int) -> None:
        """Go to where an attempt opens; attempts count from 1."""
        if 0 < number <= len(self.history.attempt_rows):
            self._go_to_row(self.history.attempt_rows[number - 1] + 1)

    def step_mark(self, direction: int) -> None:
        """Go to the next mark (+1), or the one before (-1)."""
        self._step_among(sorted(mark.row for mark in self.marks), direction)

    def change_speed(self, direction: int) -> None:
        """Go one step faster (+1) or slower (-1); faster than the fastest is as fast as possible.

        A speed between two steps (the person may have asked for any) goes to the next step.
        """
        if direction > 0:
            place = len(SPEEDS) if self.speed is None else bisect_right(SPEEDS, self.speed)
        else:
            place = len(SPEEDS) if self.speed is None else bisect_left(SPEEDS, self.speed)
            place = max(0, place - 1)
        self.speed = None if place == len(SPEEDS) else SPEEDS[place]

    def mark(self, text: str, row: int | None = None) -> None:
        """Mark this place, or the frame `row`; a recording without frames has no place to mark."""
        if not self.frames:
            return
        self.marks.append(PlaybackMark(max(self.position - 1, 0) if row is None else row, text))

    def set_loop(self, first_row: int | None, end_row: int | None = None) -> None:
        """Loop between two places (the whole recording for 0 and `frames`), or stop looping."""
        self.loop_from = None
        if first_row is None or end_row is None or end_row <= first_row:
            self.loop = None
        else:
            self.loop = (first_row, end_row)

    def press_loop(self) -> None:
        """Set where the loop begins, then where it ends, then loop no more.

        The two places may be given in either order; at one and the same place nothing loops.
        """
        if self.loop is not None:
            self.set_loop(None)
        elif self.loop_from is None:
            self.loop_from = self.position
        else:
            self.set_loop(*sorted((self.loop_from, self.position)))

    # -- inside ------------------------------------------------------------------------------

    def _axis(self, clock_is_time: bool) -> NDArray[np.int64]:
        if not clock_is_time:
            return np.arange(self.frames, dtype=np.int64) * _COUNTED_ROW_NS
        shown = np.zeros(self.frames, np.int64)
        offset = 0
        for first, end in self._timebase.epochs():
            stream = self._timebase.stream_ns[first:end]
            shown[first:end] = stream - stream[0] + offset
            offset = int(shown[end - 1])
        return shown

    def _seen(self, placed: Sequence[PlacedRow]) -> Sequence[SeenChange]:
        return [SeenChange(self.elapsed_at(row), change) for row, change in placed]

    def _row_at(self, elapsed_s: float) -> int:
        return int(np.searchsorted(self._shown_ns, int(elapsed_s * NANOSECONDS)))

    def _step_among(self, rows: Sequence[int], direction: int) -> None:
        here = self.position - 1
        if direction > 0:
            place = bisect_right(rows, here)
            if place < len(rows):
                self._go_to_row(rows[place] + 1)
        else:
            place = bisect_left(rows, here) - 1
            if place >= 0:
                self._go_to_row(rows[place] + 1)

    def _consume_until_played(self) -> None:
        end = int(np.searchsorted(self._shown_ns, self._played_ns, side="right"))
        self._apply_until(end)
        if self.at_end and self.frames:
            self._played_ns = int(self._shown_ns[-1])
        elif self.position:
            self._let_time_pass()

    def _let_time_pass(self) -> None:
        """Between two frames time goes on: the running clock of an attempt shows it.

        Where the stamps tell no time the session hears of no time either.
        """
        if not self.clock_is_time:
            return
        since_ns = self._played_ns - int(self._shown_ns[self.position - 1])
        before_next = int(self._shown_ns[self.position]) - self._played_ns
        if since_ns > 0 and before_next > 0:
            now_ns = int(self._timebase.stream_ns[self.position - 1]) + since_ns
            self._take_inputs_until(now_ns)
            self.session.pass_time(now_ns)

    def _take_inputs_until(self, now_ns: int) -> None:
        """Take what came in between two frames: a mark, a tick, what the bus said of itself."""
        while self._next_step < len(self._steps):
            step = self._steps[self._next_step]
            if not isinstance(step, PlacedInput) or step.row > self.position:
                return
            if step.stream_ns is None or step.stream_ns > now_ns:
                return
            self.session.replay(step)
            self._next_step += 1

    def _go_to_row(self, row: int) -> None:
        begin_ns = int(self._shown_ns[row - 1]) if row else 0
        if row < self.position or begin_ns < self._played_ns:
            # The session knows more than it did there, if only that time had gone on.
            self.session = self._new_session()
            self._next_step = 0
            self.position = 0
        self._apply_until(row)
        self._played_ns = begin_ns

    def _apply_until(self, row: int) -> None:
        # What came after the last frame belongs to the end.
        end = row if row < self.frames else self.frames + 1
        while self._next_step < len(self._steps) and self._steps[self._next_step].row < end:
            self.session.replay(self._steps[self._next_step])
            self._next_step += 1
        self.position = row
        if row and self.at_end:
            self.session.finish(end_ns(self._steps, self._timebase))
        elif row:
            self.session.pass_time(int(self._timebase.stream_ns[row - 1]))
