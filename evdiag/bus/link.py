"""Keeps one bus open: reads it in a thread of its own, notices faults, comes back after them.

Time passes only where the reader has nothing left to read: a tick can never overtake a frame that
still waits in a buffer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from evdiag.bus.faults import FaultWatch
from evdiag.bus.listen_only import Silence
from evdiag.bus.opening_faults import in_words
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import GarbledError, Losses, Source
from evdiag.errors import BusError
from evdiag.inputs import BusEvent, BusEventKind, Channel, Frame, Input, Tick
from evdiag.plain import plain_text

RECEIVE_S = 0.05
_CHECK_S = 0.5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 4.0
_GARBLED_IS_LOST = 200
"""So many faults of the driver on end, no frame between them: it will not recover by itself."""

log = logging.getLogger("evdiag.bus")


@dataclass(frozen=True, slots=True)
class LinkState:
    """One link as it stands. `condition` is ``up`` or ``lost``; `words` say more, plain.

    `garbled` counts what the driver could not read. `reconnects` counts how often
    it came back after it was lost.
    """

    channel: Channel
    settings: BusSettings
    condition: str
    words: str
    silence: Silence
    losses: Losses
    garbled: int
    reconnects: int


class Link:
    """One bus, for as long as it is wanted.

    `deliver` is called in the link's thread with inputs in order; it must be quick.
    """

    def __init__(
        self,
        settings: BusSettings,
        deliver: Callable[[Sequence[Input]], None],
        open_bus: Callable[[BusSettings], Source],
        channel: Channel | None = None,
    ) -> None:
        self.settings = settings
        self.channel: Channel = settings.channel if channel is None else channel
        self._deliver = deliver
        self._open_bus = open_bus
        self._stop = threading.Event()
        self._reopen = threading.Event()
        self._wish = threading.Lock()
        self._thread: threading.Thread | None = None
        self._source: Source | None = None
        self._silence = Silence("not possible", "not open")
        self._words = ""
        self._losses = Losses()
        self._garbled = 0
        self._garbled_on_end = 0
        self._reconnects = 0
        self._stamp_ns = 0
        self._stamped_s = 0.0

    def open(self) -> None:
        """Open the bus; nothing is read yet.

        Raises:
            BusError: it cannot be opened.
        """
        self._source = self._open_source(self._open_bus)

    def start(self) -> None:
        """Begin to read, opening the bus first where that was not done.

        Raises:
            BusError: it cannot be opened.
        """
        if self._source is None:
            self.open()
        self._thread = threading.Thread(
            target=self._run, args=(self._source,), name=f"link {self.channel}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the bus; returns when nothing more will be delivered."""
        self._stop.set()
        if self._thread is None and self._source is not None:
            self._source.close()
            self._source = None
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5.0)

    def reopen(self, open_bus: Callable[[BusSettings], Source]) -> None:
        """Close the bus and open it another way: silent for listening, or normal for asking."""
        with self._wish:
            self._open_bus = open_bus
            self._reopen.set()

    @property
    def state(self) -> LinkState:
        """The link as it stands; any thread may ask."""
        up = self._source is not None
        return LinkState(
            self.channel,
            self.settings,
            "up" if up else "lost",
            self._words,
            self._silence,
            self._losses,
            self._garbled,
            self._reconnects,
        )

    # -- the thread ----------------------------------------------------------------------------

    def _run(self, source: Source) -> None:
        try:
            while not self._stop.is_set():
                why = self._read(source)
                self._source = None
                self._words = why
                if self._stop.is_set():
                    break
                lost = not self._reopen.is_set()
                if lost:
                    self._say(BusEventKind.LOST, why)
                again = self._come_back()
                if again is None:
                    break
                self._reconnects += lost
                source = again
            else:
                # Stopped while it was being opened: nobody reads it, so nobody else closes it.
                source.close()
        finally:
            self._source = None

    def _read(self, source: Source) -> str:
        """Read until the bus is gone or not wanted; return why."""
        self._source = source
        self._words = ""
        watch = FaultWatch(self.channel, time.monotonic())
        checked_s = time.monotonic()
        self._say(BusEventKind.UP, f"{self.settings.name}, listen-only {source.silence}")
        try:
            while not (self._stop.is_set() or self._reopen.is_set()):
                frames = self._receive(source)
                now_s = time.monotonic()
                if frames:
                    self._take(frames, watch, now_s)
                else:
                    self._pass_time(watch, now_s)
                if now_s - checked_s >= _CHECK_S:
                    checked_s = now_s
                    source.check()
                    self._losses = source.losses()
                    self._deliver_all(watch.losses(self._losses.total, self._stamp_ns))
            return "closed to be opened another way" if self._reopen.is_set() else "closed"
        except BusError as error:
            return str(error)
        finally:
            source.close()

    def _receive(self, source: Source) -> list[Frame]:
        try:
            frames = source.receive(RECEIVE_S)
        except GarbledError as garbled:
            self._garbled += 1
            self._garbled_on_end += 1
            log.warning("%s: %s", self.channel, garbled)
            if self._garbled_on_end == 1:
                self._say(BusEventKind.DRIVER_ERROR, f"unreadable: {garbled}")
            if self._garbled_on_end >= _GARBLED_IS_LOST:
                raise BusError(f"nothing but unreadable bytes: {garbled}") from None
            return []
        if frames:
            self._garbled_on_end = 0
        return frames

    def _take(self, frames: list[Frame], watch: FaultWatch, now_s: float) -> None:
        self._stamp_ns, self._stamped_s = frames[-1].time_ns, now_s
        self._deliver([*frames, *watch.frames(frames, now_s)])

    def _pass_time(self, watch: FaultWatch, now_s: float) -> None:
        time_ns = self._now_ns(now_s)
        self._deliver([*watch.time(now_s, time_ns), Tick(time_ns)])

    def _come_back(self) -> Source | None:
        """Open the bus again, waiting longer each time; None when it is not wanted any more."""
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set():
            with self._wish:
                # At once: a wish is either seen whole, or begins the next round.
                self._reopen.clear()
                open_bus = self._open_bus
            try:
                source = self._open_source(open_bus)
            except BusError as error:
                self._words = str(error)
                log.info("%s: not back yet: %s", self.channel, error)
                self._wait(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                continue
            return source
        return None

    def _open_source(self, open_bus: Callable[[BusSettings], Source]) -> Source:
        try:
            source = open_bus(self.settings)
        except BusError:
            raise
        except Exception as error:
            # Whatever a driver raises, its thread must live on to try again.
            log.exception("%s could not be opened", self.channel)
            raise BusError(in_words(self.settings, error)) from None
        self._silence = source.silence
        source.channel = self.channel
        return source

    def _wait(self, pause_s: float) -> None:
        """Let time pass while there is no bus: what was seen goes stale, it does not freeze."""
        ends_s = time.monotonic() + pause_s
        while not self._stop.is_set() and (left_s := ends_s - time.monotonic()) > 0:
            self._stop.wait(min(RECEIVE_S, left_s))
            self._deliver([Tick(self._now_ns(time.monotonic()))])

    # -- time and words ------------------------------------------------------------------------

    def _now_ns(self, now_s: float) -> int:
        """Return the time on the frames' own clock: the last stamp, and what went by since."""
        if not self._stamp_ns:
            self._stamp_ns, self._stamped_s = time.time_ns() // 1000 * 1000, now_s
        return self._stamp_ns + int((now_s - self._stamped_s) * 1e6) * 1000

    def _say(self, kind: BusEventKind, words: str) -> None:
        time_ns = self._now_ns(time.monotonic())
        self._deliver([BusEvent(time_ns, kind, self.channel, 0, plain_text(words))])

    def _deliver_all(self, events: Iterable[BusEvent]) -> None:
        said = list(events)
        if said:
            self._deliver(said)
