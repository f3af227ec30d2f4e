"""What is kept of a live bus, as it stood at one moment: a track for the screens. Pure.

Nothing in it changes any more, so a screen that holds still keeps what it shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block, Channel, Frame
from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.session.frame_index import combined_keys, kind_called
from evdiag.session.live_history import SeenHistory
from evdiag.session.live_kinds import Folded, KindsState, bits_of, every_s, wanted_numbers
from evdiag.session.track import Latest, SeenChange, SeenKind
from evdiag.session.traffic import BusTraffic, LastSecond
from evdiag.signals.compiled import CompiledSignal, Raw

_LOOKED_THROUGH = 256
"""Frames of an id that are looked through for a signal that not each of them carries."""


class Piece(NamedTuple):
    """Frames that came one behind the other, from row `first` on, and where they lie."""

    first: int
    block: Block
    place_ns: NDArray[np.int64]
    folded: Folded

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.first + len(self.block)


class PiecedFrames:
    """The frames that are kept, from row `first` to before row `end`."""

    def __init__(self, pieces: Sequence[Piece], end: int) -> None:
        self.pieces = pieces
        self.end = end
        self.first = pieces[0].first if pieces else end
        self._firsts = [piece.first for piece in pieces]

    def at(self, row: int) -> tuple[Piece, int]:
        """Return the piece that holds a row, and the row's place in it; the nearest for others."""
        row = min(max(row, self.first), self.end - 1)
        piece = self.pieces[bisect_right(self._firsts, row) - 1]
        return piece, row - piece.first


class LiveKindsView:
    """The kinds as they stood; see `evdiag.session.track.FrameKinds`."""

    def __init__(self, state: KindsState, frames: PiecedFrames) -> None:
        self.kinds = state.kinds
        self.has_special = state.has_special
        self._state = state
        self._frames = frames

    @cached_property
    def numbers(self) -> Mapping[SeenKind, int]:
        """The number of each kind."""
        return {kind: number for number, kind in enumerate(self.kinds)}

    def kind_of(self, row: int) -> SeenKind:
        """Return what a frame is."""
        piece, place = self._frames.at(row)
        number = int(piece.folded.kinds[place])
        if number >= 0:
            return self.kinds[number]
        return kind_called(piece.block.channels, int(combined_keys(piece.block)[place]))

    def gap_s(self, row: int) -> float | None:
        """Return the seconds since the kind's frame before; None for its first."""
        piece, place = self._frames.at(row)
        gap_ns = int(piece.folded.gap_ns[place])
        return None if gap_ns < 0 else gap_ns / NANOSECONDS

    def changed_bytes(self, row: int) -> Sequence[bool]:
        """Say of each byte of a frame whether it differs from the kind's frame before."""
        piece, place = self._frames.at(row)
        return bits_of(piece.folded.masks[place], int(piece.block.length[place]))

    def latest(self, kind: int, position: int) -> Latest:
        """Return the newest frame of a kind, also where it came too long ago to be kept."""
        state = self._state
        frame = state.newest.frame(kind)
        return Latest(
            int(state.row[kind]),
            frame,
            int(state.frames[kind]),
            every_s(float(state.every_ns[kind])),
            bits_of(state.mask[kind], int(state.newest.length[kind])),
        )

    def kinds_seen(self, position: int) -> list[int]:
        """Return the kinds that were seen, sorted by channel and id."""
        return list(self._state.order)

    def rows(self, wanted: Collection[int], only_changed: bool, position: int) -> NDArray[np.intp]:
        """Return the frames of these kinds that are kept, or those whose bytes changed."""
        if len(wanted) == len(self.kinds) and not only_changed:
            return np.arange(self._frames.first, self._frames.end, dtype=np.intp)
        flags = wanted_numbers(wanted, len(self.kinds))
        found = [np.empty(0, np.intp)]
        for piece in self._frames.pieces:
            mask = flags[piece.folded.kinds]
            if only_changed:
                mask &= piece.folded.changed
            found.append(np.flatnonzero(mask) + piece.first)
        return np.concatenate(found)

    def newest_frame(self, number: int) -> tuple[Frame, int]:
        """Return the newest frame of a kind, and where it lies."""
        return self._state.newest.frame(number), int(self._state.place_ns[number])

    def newest_carrying(self, number: int, signal: CompiledSignal) -> tuple[Raw, int] | None:
        """Look through the frames kept for one of a kind that carries a signal: raw and place."""
        looked = 0
        for piece in reversed(self._frames.pieces):
            for place in np.flatnonzero(piece.folded.kinds == number)[::-1]:
                raw = signal.raw(piece.block.frame(int(place)).data)
                if raw is not None:
                    return raw, int(piece.place_ns[place])
                looked += 1
                if looked >= _LOOKED_THROUGH:
                    return None
        return None


@dataclass(frozen=True)
class LiveTrack:
    """Frames and history of a live bus at one moment; see `evdiag.session.track.Track`.

    `remembered` is shared by all moments of a run: the newest raw values of signals that not every
    frame of their id carries, which outlast the frames that are kept. `seen_ns` are the stamps at
    which the watched signals were last carried, `totals` the frames of each channel, `per_second`
    those of the last seconds, the newest last.
    """

    frames: PiecedFrames
    kinds: LiveKindsView
    history: SeenHistory
    now_ns: int
    stamp_ns: int | None
    stream_ns: int | None
    seen_ns: Sequence[int | None]
    totals: Mapping[Channel, int]
    bitrates: Mapping[Channel, int]
    error_frames: int
    per_second: Sequence[int]
    remembered: dict[tuple[SeenKind, CompiledSignal], tuple[Raw, int]] = field(repr=False)
    clock_is_time: bool = True

    @property
    def position(self) -> int:
        """How many frames there were."""
        return self.frames.end

    @property
    def elapsed_s(self) -> float:
        """Seconds from the first input to now."""
        return self.now_ns / NANOSECONDS

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel that a frame came from."""
        return tuple(self.totals)

    def frame(self, row: int) -> Frame:
        """Return a frame that is kept."""
        piece, place = self.frames.at(row)
        return piece.block.frame(place)

    def elapsed_at(self, row: int) -> float:
        """Return when a frame that is kept came."""
        piece, place = self.frames.at(row)
        return float(piece.place_ns[place]) / NANOSECONDS

    def age_s(self, row: int) -> float:
        """Return how long ago that was."""
        return max(0.0, self.elapsed_s - self.elapsed_at(row))

    def clock_ns(self, elapsed_s: float) -> int | None:
        """Return the wall clock at a place, by the newest stamp."""
        if self.stamp_ns is None:
            return None
        return self.stamp_ns - self.now_ns + int(elapsed_s * NANOSECONDS)

    def last_seen_s(self, watched: int) -> float | None:
        """Return how many seconds ago the last frame carried a watched signal; None never."""
        seen_ns = self.seen_ns[watched] if watched < len(self.seen_ns) else None
        if seen_ns is None or self.stream_ns is None:
            return None
        return max(0.0, (self.stream_ns - seen_ns) / NANOSECONDS)

    def last_raw(self, kind: SeenKind, signal: CompiledSignal) -> tuple[Raw, float] | None:
        """Return the newest raw value of a signal and its age in seconds; None if never seen."""
        number = self.kinds.numbers.get(kind)
        if number is None:
            return None
        frame, place_ns = self.kinds.newest_frame(number)
        raw = signal.raw(frame.data)
        found = None if raw is None else (raw, place_ns)
        if found is None:
            found = self.kinds.newest_carrying(number, signal)
            if found is None:
                found = self.remembered.get((kind, signal))
            else:
                self.remembered[kind, signal] = found
        if found is None:
            return None
        return found[0], max(0, self.now_ns - found[1]) / NANOSECONDS

    def changes_so_far(self, last_s: float) -> Sequence[SeenChange]:
        """Return the timeline rows of the last seconds."""
        return self.history.latest.since(self.elapsed_s - last_s)

    def recent(self, signal: str, last_s: float) -> Sequence[SeenChange]:
        """Return what draws one signal over the last seconds; the first may be older than that."""
        seen = self.history.by_signal.get(signal)
        return [] if seen is None else seen.since(self.elapsed_s - last_s, and_before=True)

    def silences(self, last_s: float) -> Sequence[tuple[float, float]]:
        """Return from when to when the lock's bus slept, as far as that reaches in."""
        since_s = self.elapsed_s - last_s
        return [silence for silence in self.history.silences if silence[1] >= since_s]

    def attempts_at(self, attempts: Sequence[Attempt]) -> Sequence[float]:
        """Return when each of the attempts opened, by this epoch's clock.

        One that is ahead of it was seen by a clock that was set back since; when, nobody knows. It
        stands at the beginning: it was not now.
        """
        ago_ns = [(self.stream_ns or 0) - attempt.opened_ns for attempt in attempts]
        return [
            max(0.0, self.elapsed_s - each / NANOSECONDS) if each >= 0 else 0.0 for each in ago_ns
        ]

    def traffic(self) -> BusTraffic:
        """Return the bus's last second, as far as its frames are kept."""
        second = LastSecond()
        since_ns = self.now_ns - NANOSECONDS
        for piece in reversed(self.frames.pieces):
            first = int(np.searchsorted(piece.place_ns, since_ns))
            second.add(piece.block, slice(first, None))
            if first:
                break
        return second.traffic(self.totals, self.bitrates, self.error_frames, self.position)

    def rates(self, seconds: int) -> Sequence[int]:
        """Return the frames of each of the last seconds, the oldest first."""
        known = list(self.per_second[-seconds:])
        return [0] * (seconds - len(known)) + known
