"""Following a live bus: what came in, which car it is, what its port did. Reads no clock.

The car is decided once, from the first frames; until then all inputs are kept, and the session is
fed them from the first one on. So a replay of the journal knows no less than the live run did.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from evdiag.guide.engine import Guide
from evdiag.guide.procedure import NO_PROCEDURES, Book
from evdiag.guide.record import GuideView
from evdiag.guide.scene import NoBus, Scene
from evdiag.inputs import Answer, Frame, Identified, Input
from evdiag.port.readings import TimelineRow
from evdiag.session.history import PlacedRow
from evdiag.session.session import Session
from evdiag.signals.watch import Watch
from evdiag.vehicles.profile import Profile

KEPT_UNDECIDED = 300_000
"""Inputs kept until the car is known: more than a minute of a full 500 kbit/s bus."""

KEPT_FOR_ANOTHER_CAR = 60_000
"""Inputs kept once the car is known, in case a person says that it is another one."""

KEPT_CHANGES = 50_000

_TRY_AT_NS = tuple(int(s * 1e9) for s in (0.5, 1, 1.5, 2, 3, 5, 8, 12, 20, 30))
_THEN_EVERY_NS = 30_000_000_000


@dataclass(frozen=True)
class Decision:
    """Which car it is, and what of it is watched on this bus.

    `databases` are the names and hashes of its DBC files. `notes` are for the person.
    """

    identified: Identified
    profile: Profile
    watch: Watch
    databases: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


_NO_BUS = NoBus()

Decide: TypeAlias = Callable[[Sequence[Frame], bool], Decision | None]
"""From all frames so far; the flag says that no more will be waited for."""


class Following:
    """Follows one port.

    `on_decided` hears of the car once, in the same call of `take`; `on_row` of every timeline row.
    `frames` counts the frames taken; `changes` are the latest timeline rows, each with the number
    of the frame at which it became known; `rows_made` counts all rows of this session.
    """

    def __init__(
        self,
        decide: Decide,
        on_decided: Callable[[Identified], None] = lambda _: None,
        on_row: Callable[[TimelineRow], None] = lambda _: None,
        book: Book = NO_PROCEDURES,
    ) -> None:
        self._decide = decide
        self._book = book
        self._on_decided = on_decided
        self._on_row = on_row
        self.frames = 0
        self.changes: deque[PlacedRow] = deque(maxlen=KEPT_CHANGES)
        self.rows_made = 0
        self.session: Session | None = None
        self.decision: Decision | None = None
        self._kept: deque[Input] = deque()
        self._recent: deque[Input] = deque(maxlen=KEPT_FOR_ANOTHER_CAR)
        self._forgotten_frames = 0
        self._first_ns: int | None = None
        self._tries = 0
        self._next_try_ns = 0
        self._unwatched = Guide(book)

    def take(self, items: Iterable[Input]) -> None:
        """Take inputs in their order."""
        for item in items:
            if self.session is not None:
                self._recent.append(item)
                self._feed(self.session, item)
            else:
                self._keep(item)
                if item.time_ns >= self._next_try_ns and self._first_ns is not None:
                    self._try_to_decide(item.time_ns)

    def guide(self) -> tuple[GuideView, Scene]:
        """Return how the guide stands, and what it looks at.

        Until the car is known it goes by the answers alone; then they are heard once more, with
        all that the bus showed.
        """
        if self.session is not None:
            return self.session.guide(), self.session
        return self._unwatched.view(_NO_BUS), _NO_BUS

    def decide_now(self) -> bool:
        """Decide with what there is; False where that is still not enough."""
        if self.session is None:
            self._decided(self._decide(self.undecided_frames(), True))
        return self.session is not None

    def start_over(self, decide: Decide) -> None:
        """Decide anew which car it is, and follow that one: from the oldest input still kept on.

        What was found out about the car so far is forgotten with it, but for a danger that a person
        has told: whichever car it is, somebody stands beside it.
        """
        danger_told = (self.session or self._unwatched).danger_told
        self._decide = decide
        if self.session is not None:
            self._kept = self._recent_whole()
            self._forgotten_frames = self.frames - sum(type(item) is Frame for item in self._kept)
        self._recent = deque(maxlen=KEPT_FOR_ANOTHER_CAR)
        self.session = self.decision = None
        self.changes.clear()
        self.rows_made = 0
        self._first_ns = self._kept[-1].time_ns if self._kept else None
        self._unwatched = Guide(self._book, danger_told=danger_told)
        self._tries = self._next_try_ns = 0

    def _recent_whole(self) -> deque[Input]:
        """Return the inputs after a frame whose number is known: nothing is missing after it."""
        recent = self._recent
        if len(recent) == recent.maxlen:
            while recent and not isinstance(recent.popleft(), Frame):
                pass
        return deque(recent)

    def _keep(self, item: Input) -> None:
        if isinstance(item, Answer):
            self._unwatched.answer(item, _NO_BUS)
        if isinstance(item, Frame) and self._first_ns is None:
            self._first_ns = item.time_ns
            self._next_try_ns = item.time_ns + _TRY_AT_NS[0]
        self._kept.append(item)
        self.frames += isinstance(item, Frame)
        if len(self._kept) > KEPT_UNDECIDED:
            self._forgotten_frames += isinstance(self._kept.popleft(), Frame)

    def _try_to_decide(self, now_ns: int) -> None:
        first_ns = self._first_ns or 0
        last_try = self._tries >= len(_TRY_AT_NS) - 1
        self._tries += 1
        self._next_try_ns = (
            now_ns + _THEN_EVERY_NS if last_try else first_ns + _TRY_AT_NS[self._tries]
        )
        self._decided(self._decide(self.undecided_frames(), last_try))

    def undecided_frames(self) -> list[Frame]:
        """Return the frames that are kept while it is not known which car it is."""
        return [item for item in self._kept if isinstance(item, Frame)]

    def _decided(self, decision: Decision | None) -> None:
        if decision is None:
            return
        identified = decision.identified._replace(from_frame=self._forgotten_frames)
        self.decision = replace(decision, identified=identified)
        self.session = Session(
            decision.profile,
            decision.watch,
            book=self._book,
            danger_told=self._unwatched.danger_told,
        )
        self.frames = self._forgotten_frames
        self._on_decided(identified)
        kept, self._kept = self._kept, deque()
        self._recent.extend(kept)
        for item in kept:
            self._feed(self.session, item)

    def _feed(self, session: Session, item: Input) -> None:
        for row in session.feed(item):
            self.changes.append(PlacedRow(self.frames, row))
            self.rows_made += 1
            self._on_row(row)
        if isinstance(item, Frame):
            self.frames += 1
