"""The latest of a live bus for the screens: bounded, and cheap to look at. Pure.

Filled in the follower's thread (`LiveWindow.take` is one of its hooks), looked at by whoever holds
the follower (`LiveWindow.pull`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from evdiag.diagnosis import Finding
from evdiag.inputs import Block, BusEvent, Channel, Frame, Identified, Input, Mark
from evdiag.inputs.block import ERROR
from evdiag.port.attempt import NANOSECONDS
from evdiag.session.following import Decision, Following
from evdiag.session.live_axis import LiveAxis
from evdiag.session.live_history import LiveHistory
from evdiag.session.live_kinds import Folded, LiveKinds
from evdiag.session.live_track import LiveKindsView, LiveTrack, Piece, PiecedFrames
from evdiag.session.session import Session
from evdiag.session.snapshot import Snapshot
from evdiag.session.track import SeenKind
from evdiag.session.troubles import Trouble, Troubles
from evdiag.signals.compiled import CompiledSignal, Raw

KEPT_FRAMES = 50_000
KEPT_EVENTS = 50
KEPT_SECONDS = 60

_FOLD_AT = 4_096
"""Frames that are put into columns at once; a piece grows up to this."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was said beside the frames, and where on the axis that was."""

    at_s: float
    item: BusEvent | Mark


@dataclass(frozen=True)
class LivePull:
    """Everything that a screen shows of a live bus, taken whole at one moment.

    `snapshot` and `decision` are None until the car is known; `findings` are empty then. `told`
    are the latest bus events and marks, oldest first. `forgotten_kinds` counts the ids that there
    was no room for.
    """

    track: LiveTrack
    snapshot: Snapshot | None
    findings: Sequence[Finding]
    decision: Decision | None
    troubles: Sequence[Trouble]
    told: Sequence[Told]
    forgotten_kinds: int


class LiveWindow:
    """Keeps the last frames as columns, the latest changes, and counts over the whole run."""

    def __init__(self, kept_frames: int = KEPT_FRAMES) -> None:
        self._kept_frames = kept_frames
        self._axis = LiveAxis()
        self._kinds = LiveKinds()
        self._pieces: deque[Piece] = deque()
        self._fresh: list[Frame] = []
        self._tick_ns: int | None = None
        self._folded = 0
        self._totals: dict[Channel, int] = {}
        self._error_frames = 0
        self._per_second: deque[tuple[int, int]] = deque(maxlen=KEPT_SECONDS + 1)
        self._session: Session | None = None
        self._rows_taken = 0
        self._history = LiveHistory()
        self._troubles = Troubles()
        self._told: deque[Told] = deque(maxlen=KEPT_EVENTS)
        self._remembered: dict[tuple[SeenKind, CompiledSignal], tuple[Raw, int]] = {}

    def take(self, following: Following, items: Sequence[Input]) -> None:
        """Take what was just followed."""
        for item in items:
            if type(item) is Frame:
                self._fresh.append(item)
            else:
                self._other(item)
        if len(self._fresh) >= _FOLD_AT:
            self._fold()
        if following.rows_made != self._rows_taken or following.session is not self._session:
            self._fold()
            self._take_rows(following)
        if self._session is not None:
            since_ns = self._session.readings.asleep_since_ns
            since_s = None if since_ns is None else self._place_s(since_ns)
            self._history.sleeps(since_s, self._now_s)

    def pull(self, following: Following) -> LivePull:
        """Return how it stands; nobody may take meanwhile."""
        self._fold()
        session = following.session
        track = self._track(following)
        return LivePull(
            track=track,
            snapshot=None if session is None else session.snapshot(),
            findings=() if session is None else tuple(session.findings()),
            decision=following.decision,
            troubles=self._troubles.now(track.now_ns),
            told=tuple(self._told),
            forgotten_kinds=self._kinds.forgotten,
        )

    # -- taking ------------------------------------------------------------------------------

    def _other(self, item: Input) -> None:
        if isinstance(item, Identified):
            return  # Its stamp is that of the first frame, whenever the car was recognised.
        if isinstance(item, BusEvent | Mark):
            self._fold()
            self._axis.pass_to(item.time_ns)
            self._told.append(Told(self._now_s, item))
            if isinstance(item, BusEvent):
                self._troubles.take(item, self._axis.now_ns)
        elif self._fresh:
            self._tick_ns = item.time_ns
        else:
            self._axis.pass_to(item.time_ns)

    def _take_rows(self, following: Following) -> None:
        if following.session is not self._session:
            self._session = following.session
            self._history = LiveHistory()
            self._rows_taken = 0
        fresh = min(following.rows_made - self._rows_taken, len(following.changes))
        self._rows_taken = following.rows_made
        for placed in reversed(list(islice(reversed(following.changes), fresh))):
            self._history.add(self._place_s(placed.change.time_ns), placed.change)

    def _fold(self) -> None:
        """Put the fresh frames into columns."""
        if not self._fresh:
            return
        block = Block.from_frames(self._fresh)
        self._fresh = []
        place_ns = self._axis.advance(block.time_ns)
        if self._tick_ns is not None:
            self._axis.pass_to(self._tick_ns)
            self._tick_ns = None
        folded = self._kinds.fold(block, place_ns, self._folded)
        self._append(Piece(self._folded, block, place_ns, folded))
        self._folded += len(block)
        self._count(block, place_ns)
        renumbered = self._kinds.forget_some()
        if renumbered is not None:
            self._pieces = deque(_renumbered(piece, renumbered) for piece in self._pieces)
        while self._pieces and self._pieces[0].end <= self._folded - self._kept_frames:
            self._pieces.popleft()

    def _append(self, piece: Piece) -> None:
        last = self._pieces[-1] if self._pieces else None
        if last is not None and len(last.block) + len(piece.block) <= _FOLD_AT:
            self._pieces[-1] = _joined(last, piece)
        else:
            self._pieces.append(piece)

    def _count(self, block: Block, place_ns: NDArray[np.int64]) -> None:
        for number, name in enumerate(block.channels):
            count = int(np.count_nonzero(block.channel == number))
            self._totals[name] = self._totals.get(name, 0) + count
        self._error_frames += int(np.count_nonzero(block.flags & ERROR))
        seconds, counts = np.unique(place_ns // NANOSECONDS, return_counts=True)
        for second, count in zip(seconds.tolist(), counts.tolist(), strict=True):
            if self._per_second and self._per_second[-1][0] == second:
                count += self._per_second.pop()[1]
            self._per_second.append((second, count))

    # -- looking -----------------------------------------------------------------------------

    @property
    def _now_s(self) -> float:
        return self._axis.now_ns / NANOSECONDS

    def _place_s(self, stamp_ns: int) -> float:
        return min(self._axis.place(stamp_ns) / NANOSECONDS, self._now_s)

    def _track(self, following: Following) -> LiveTrack:
        session = following.session
        frames = PiecedFrames(tuple(self._pieces), self._folded)
        now_ns = self._axis.now_ns
        return LiveTrack(
            frames=frames,
            kinds=LiveKindsView(self._kinds.state(), frames),
            history=self._history.seen(self._now_s),
            now_ns=now_ns,
            stamp_ns=self._axis.stamp(now_ns),
            stream_ns=None if session is None else session.stream_ns,
            seen_ns=() if session is None else session.tracker.seen_ns(),
            totals=dict(self._totals),
            bitrates=_bitrates(following.decision),
            error_frames=self._error_frames,
            per_second=self._seconds(now_ns // NANOSECONDS),
            remembered=self._remembered,
        )

    def _seconds(self, now: int) -> Sequence[int]:
        """Return the frames of each second up to the last whole one, empty seconds included."""
        counted = dict(self._per_second)
        return [counted.get(second, 0) for second in range(max(0, now - KEPT_SECONDS), now)]


def _bitrates(decision: Decision | None) -> dict[Channel, int]:
    if decision is None:
        return {}
    return {
        channel: decision.profile.bus(name).bitrate
        for name, channel in decision.identified.channels
    }


def _renumbered(piece: Piece, numbers: NDArray[np.int32]) -> Piece:
    return piece._replace(folded=piece.folded._replace(kinds=numbers[piece.folded.kinds]))


def _joined(one: Piece, other: Piece) -> Piece:
    block = Block.concatenate([one.block, other.block])
    width = block.data.shape[1] // 8
    masks = [
        np.pad(piece.folded.masks, ((0, 0), (0, width - piece.folded.masks.shape[1])))
        for piece in (one, other)
    ]
    folded = Folded(
        np.concatenate([one.folded.kinds, other.folded.kinds]),
        np.concatenate([one.folded.changed, other.folded.changed]),
        np.concatenate(masks),
        np.concatenate([one.folded.gap_ns, other.folded.gap_ns]),
    )
    return Piece(one.first, block, np.concatenate([one.place_ns, other.place_ns]), folded)
