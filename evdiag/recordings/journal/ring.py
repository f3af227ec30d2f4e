"""The inputs of the last minutes, in memory. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain

from evdiag.inputs import Frame, Input

_PIECE_NS = 1_000_000_000
_LONGEST_STEP_NS = 5_000_000_000
"""A larger step of the stamps is a clock that was set, not time that went by."""

_CLOCK_JUMP_NS = 1_000_000_000


class Ring:
    """Keeps `window_ns` of inputs, by their own stamps, and at most `most_frames` of them.

    `now_ns` is how much time the stamps have covered: it never runs back.
    """

    def __init__(self, window_ns: int, most_frames: int) -> None:
        self._window_ns = window_ns
        self._most_frames = most_frames
        self.now_ns = 0
        self.frames = 0
        self._high_ns: int | None = None
        self._pieces: deque[tuple[int, list[Input], int]] = deque()
        self._piece: list[Input] = []
        self._piece_frames = 0
        self._piece_began_ns = 0

    def add(self, items: Sequence[Input]) -> None:
        """Take inputs in their order."""
        most_in_piece = max(1, self._most_frames // 20)
        for item in items:
            self._let_time_pass(item.time_ns)
            self._piece.append(item)
            if type(item) is Frame:
                self._piece_frames += 1
                self.frames += 1
            is_long = self.now_ns - self._piece_began_ns >= _PIECE_NS
            if is_long or self._piece_frames >= most_in_piece:
                self._begin_piece()
                self._forget()

    def items(self) -> Iterator[Input]:
        """Yield what is kept, oldest first."""
        return chain(*(items for _, items, _ in self._pieces), self._piece)

    def _let_time_pass(self, time_ns: int) -> None:
        if self._high_ns is None or time_ns < self._high_ns - _CLOCK_JUMP_NS:
            self._high_ns = time_ns
        elif time_ns > self._high_ns:
            self.now_ns += min(time_ns - self._high_ns, _LONGEST_STEP_NS)
            self._high_ns = time_ns

    def _begin_piece(self) -> None:
        self._pieces.append((self.now_ns, self._piece, self._piece_frames))
        self._piece, self._piece_frames = [], 0
        self._piece_began_ns = self.now_ns

    def _forget(self) -> None:
        oldest_ns = self.now_ns - self._window_ns
        while self._pieces and (self._pieces[0][0] < oldest_ns or self.frames > self._most_frames):
            self.frames -= self._pieces.popleft()[2]
