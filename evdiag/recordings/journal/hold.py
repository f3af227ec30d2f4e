"""What is not on disk yet, up to a stated limit; what is beyond it is counted and said. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from evdiag.inputs import BusEvent, BusEventKind, Channel, Frame, Input, Tick
from evdiag.recordings.journal.words import Entry


class Hold:
    """Entries in their order.

    Beyond `limit` frames the oldest frames go, so that what is kept is one piece that reaches to
    now; what people, the bus and the gate said is always kept. Where frames went, an event with
    their number stands.

    Ticks that change nothing are left out: of ticks in a row only the furthest counts, and none
    before a frame that comes no earlier.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.frames = 0
        self.lost = 0
        self._entries: deque[Entry] = deque()
        self._tick: Tick | None = None
        self._gap: dict[Channel, BusEvent] = {}
        self._from_gap: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries) + (self._tick is not None)

    def add(self, items: Iterable[Input]) -> None:
        """Put inputs at the end."""
        entries = self._entries
        tick = self._tick
        frames = 0
        for item in items:
            if type(item) is Frame:
                frames += 1
                if tick is not None:
                    if item.time_ns < tick.time_ns:
                        entries.append(tick)
                    tick = None
            elif type(item) is Tick:
                if tick is None or item.time_ns > tick.time_ns:
                    tick = item
                continue
            elif tick is not None:
                entries.append(tick)
                tick = None
            entries.append(item)
        self._tick = tick
        self.frames += frames
        if self.frames > self.limit:
            self._shorten()

    def say(self, entry: Entry) -> None:
        """Put a word of the recorder's own at the end."""
        self.let_tick_out()
        self._entries.append(entry)

    def let_tick_out(self) -> None:
        """Let the tick that waits for what comes after it be written now."""
        if self._tick is not None:
            self._entries.append(self._tick)
            self._tick = None

    @property
    def has_entries(self) -> bool:
        """True while there is something to write, but for a tick that waits."""
        return bool(self._entries or self._gap)

    def entries(self) -> Iterator[Entry]:
        """Look at what is to be written, oldest first; the waiting tick apart."""
        if self._gap:
            self._entries.extendleft(
                reversed([*self._gap.values(), *self._from_gap]),
            )
            self._gap, self._from_gap = {}, []
        return iter(self._entries)

    def take(self, count: int) -> list[Entry]:
        """Take the oldest entries out: they are written."""
        taken = [self._entries.popleft() for _ in range(count)]
        self.frames -= sum(type(entry) is Frame for entry in taken)
        return taken

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Put entries that were taken out last in front again: they were not written after all."""
        self.entries()
        self._entries.extendleft(reversed(entries))
        self.frames += sum(type(entry) is Frame for entry in entries)
        if self.frames > self.limit:
            self._shorten()

    def lose(self, frames: Iterable[Frame]) -> None:
        """Count frames that are gone, just before the oldest entry."""
        for frame in frames:
            self._count(frame)

    def lose_all(self) -> None:
        """Count everything as gone."""
        self.lost += self.frames
        self._entries.clear()
        self.frames = 0

    def _shorten(self) -> None:
        while self.frames > self.limit:
            entry = self._entries.popleft()
            if type(entry) is Frame:
                self.frames -= 1
                self._count(entry)
            else:
                self._from_gap.append(entry)

    def _count(self, frame: Frame) -> None:
        self.lost += 1
        known = self._gap.get(frame.channel)
        self._gap[frame.channel] = BusEvent(
            frame.time_ns if known is None else known.time_ns,
            BusEventKind.FRAMES_LOST,
            frame.channel,
            1 if known is None else known.count + 1,
            "the disk took none, and the memory for waiting frames was full",
        )
