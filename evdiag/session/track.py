"""What the screens look at: frames and history up to a place. Pure.

A recording being played (`evdiag.session.playback`) is a track, and so is what is kept of a live
bus (`evdiag.session.live_track`): the views know no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Channel, Frame, FrameKey, key_text
from evdiag.port.attempt import Attempt
from evdiag.port.readings import TimelineRow
from evdiag.session.traffic import BusTraffic
from evdiag.signals.compiled import CompiledSignal, Raw


class SeenKind(NamedTuple):
    """One id on one channel; error and remote frames count as kinds of their own."""

    channel: Channel
    key: FrameKey
    error: bool
    remote: bool

    @property
    def id(self) -> str:
        """The id as it is written everywhere; an error frame has none."""
        if self.error:
            return "ERROR"
        return key_text(self.key)


class Latest(NamedTuple):
    """The newest frame of a kind.

    `frames` of it came so far, `every_s` apart (None where that is not known). `changed`
    says of each byte whether it differs from the kind's frame before.
    """

    row: int
    frame: Frame
    frames: int
    every_s: float | None
    changed: Sequence[bool]


class SeenChange(NamedTuple):
    """A timeline row, and where on the axis of elapsed time it lies."""

    at_s: float
    change: TimelineRow


class FrameKinds(Protocol):
    """The frames of a track by kind; kinds are numbered, in no order that means anything.

    Rows are frames, counted from the first of all. What is asked for at a `position` knows the
    frames before it alone.
    """

    @property
    def kinds(self) -> Sequence[SeenKind]:
        """Every kind, by its number."""

    @property
    def has_special(self) -> bool:
        """True where any frame is more than plain received data."""

    def kind_of(self, row: int) -> SeenKind:
        """Return what a frame is."""

    def gap_s(self, row: int) -> float | None:
        """Return the seconds since the kind's frame before; None for its first."""

    def changed_bytes(self, row: int) -> Sequence[bool]:
        """Say of each byte of a frame whether it differs from the kind's frame before."""

    def latest(self, kind: int, position: int) -> Latest:
        """Return the newest frame of a kind that was seen."""

    def kinds_seen(self, position: int) -> list[int]:
        """Return the kinds that were seen, sorted by channel and id."""

    def rows(self, wanted: Collection[int], only_changed: bool, position: int) -> NDArray[np.intp]:
        """Return the frames of these kinds that are at hand, or those whose bytes changed."""


class Track(Protocol):
    """Frames and history up to `position`; seconds are those of its own axis of elapsed time.

    `clock_is_time` is false where the stamps tell no time: ages then mean nothing.
    """

    @property
    def clock_is_time(self) -> bool:
        """Whether the stamps tell time."""

    @property
    def position(self) -> int:
        """How many frames there were."""

    @property
    def elapsed_s(self) -> float:
        """Seconds from the first input to now."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel."""

    @property
    def kinds(self) -> FrameKinds:
        """The frames by kind."""

    def frame(self, row: int) -> Frame:
        """Return a frame that is at hand."""

    def elapsed_at(self, row: int) -> float:
        """Return when a frame that is at hand came."""

    def age_s(self, row: int) -> float:
        """Return how long ago that was."""

    def clock_ns(self, elapsed_s: float) -> int | None:
        """Return the wall clock at a place; None where places are told by elapsed time alone."""

    def last_seen_s(self, watched: int) -> float | None:
        """Return how many seconds ago the last frame carried a watched signal; None never."""

    def last_raw(self, kind: SeenKind, signal: CompiledSignal) -> tuple[Raw, float] | None:
        """Return the newest raw value of a signal and its age in seconds; None if never seen."""

    def changes_so_far(self, last_s: float) -> Sequence[SeenChange]:
        """Return the timeline rows of the last seconds."""

    def recent(self, signal: str, last_s: float) -> Sequence[SeenChange]:
        """Return what draws one signal over the last seconds; the first may be older than that."""

    def silences(self, last_s: float) -> Sequence[tuple[float, float]]:
        """Return from when to when the lock's bus slept, as far as that reaches in."""

    def attempts_at(self, attempts: Sequence[Attempt]) -> Sequence[float]:
        """Return when each of the attempts so far opened."""

    def traffic(self) -> BusTraffic:
        """Return the bus's last second."""

    def rates(self, seconds: int) -> Sequence[int]:
        """Return the frames of each of the last seconds, the oldest first."""
