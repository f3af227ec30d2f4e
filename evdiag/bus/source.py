"""One opened bus, to listen to. There is no way to send through a source."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.bus.can_frames import frame_of
from evdiag.bus.listen_only import Silence
from evdiag.errors import BusError
from evdiag.inputs import Channel, Frame
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from can import BusABC

BATCH = 512
"""Frames that one call of `receive` returns at most: a busy bus must not hold its reader."""

_OWN_CLOCK_S = 5.0
"""An adapter whose stamps are further from the wall clock than this counts from its own origin."""

_ECHO_S = 1.0
_ECHOES = 512
"""A virtual car sends this many frames on end at most, after it woke up late."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Frames lost before evdiag could read them, counted from the opening; buffer in bytes.

    `socket` did not fit into the receive buffer, `adapter` were lost in hardware or driver.
    None is not known for this adapter.
    """

    socket: int | None = None
    adapter: int | None = None
    buffer_bytes: int | None = None

    @property
    def total(self) -> int:
        """All that are known."""
        return (self.socket or 0) + (self.adapter or 0)


class GarbledError(Exception):
    """The driver met something that is no frame; the bus is still there."""


class Source:
    """Frames of one bus, stamped with the wall clock in whole microseconds.

    `silence` says whether the adapter is silent on the wire. `losses` is asked for what was lost.
    """

    def __init__(
        self,
        bus: BusABC,
        channel: Channel,
        silence: Silence,
        *,
        read_losses: Callable[[], Losses] | None = None,
        check: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bus = bus
        self.channel = channel
        self.silence = silence
        self._read_losses = read_losses
        self._check = check
        self._clock = clock
        self._shift_us: int | None = None
        self._unsaid: GarbledError | None = None
        self._echoes: deque[tuple[Frame, float]] = deque(maxlen=_ECHOES)

    def receive(self, timeout_s: float) -> list[Frame]:
        """Wait up to `timeout_s` for a frame; return it and what else is already there.

        Raises:
            BusError: the bus or the adapter is gone.
            GarbledError: something came that is no frame.
        """
        if self._unsaid is not None:
            unsaid, self._unsaid = self._unsaid, None
            raise unsaid
        frames: list[Frame] = []
        wait = timeout_s
        while len(frames) < BATCH:
            frame = self._next(wait, frames)
            if frame is None:
                break
            frames.append(frame)
            wait = 0.0
        return frames if not self._echoes else self._without_echoes(frames)

    def check(self) -> None:
        """Look at what tells a missing adapter where silence alone does not.

        Raises:
            BusError: the interface is down or gone.
        """
        if self._check is not None:
            self._check()

    def losses(self) -> Losses:
        """Return what was lost since the opening, as far as the adapter tells."""
        return Losses() if self._read_losses is None else self._read_losses()

    def expect_echo(self, frame: Frame) -> None:
        """Know a frame again that this machine transmits on a bus that plays everything back."""
        self._echoes.append((frame, time.monotonic() + _ECHO_S))

    def close(self) -> None:
        """Close the bus; an adapter that is gone cannot object."""
        try:
            self._bus.shutdown()
        except Exception:  # noqa: BLE001 - drivers raise anything when their device is gone
            return

    def _next(self, wait_s: float, already: list[Frame]) -> Frame | None:
        from can import CanError

        try:
            message = self._bus.recv(wait_s)
            if message is None:
                return None
            if self._shift_us is None:
                self._shift_us = self._clock_shift_us(message.timestamp)
            return frame_of(message, self.channel, self._shift_us)
        except (CanError, OSError) as error:
            if isinstance(error.__cause__, ValueError):
                self._stumble(error.__cause__, already)
                return None
            if already:
                # What was read is handed on first; the next call meets the fault again.
                return None
            # Where the interface itself tells what became of it, that says more.
            self.check()
            raise BusError(_in_words(error)) from None
        except Exception as error:  # noqa: BLE001 - a driver's parser may raise anything
            self._stumble(error, already)
            return None

    def _stumble(self, error: BaseException, already: list[Frame]) -> None:
        """Raise what a driver could not read, or keep it for the next call to raise."""
        self._forget_garbage()
        garbled = GarbledError(f"{type(error).__name__}: {plain_text(str(error))}"[:200])
        if not already:
            raise garbled from None
        self._unsaid = garbled

    def _clock_shift_us(self, stamp_s: float) -> int:
        now_s = self._clock()
        return round((now_s - stamp_s) * 1e6) if abs(now_s - stamp_s) > _OWN_CLOCK_S else 0

    def _forget_garbage(self) -> None:
        """Let a serial driver drop the line that it stumbles over, which it would keep for ever."""
        flush = getattr(self._bus, "flush", None)
        if flush is not None:
            try:
                flush()
            except Exception:  # noqa: BLE001 - the next read tells whether the adapter is gone
                return

    def _without_echoes(self, frames: list[Frame]) -> list[Frame]:
        """Drop what came back of our own; the gate has put it into the recording already."""
        return [frame for frame in frames if not self._is_echo(frame)]

    def _is_echo(self, frame: Frame) -> bool:
        now_s = time.monotonic()
        for entry in self._echoes:
            sent, until_s = entry
            same = (sent.id, sent.extended, sent.data) == (frame.id, frame.extended, frame.data)
            if same and now_s < until_s:
                self._echoes.remove(entry)
                return True
        return False


def _in_words(error: Exception) -> str:
    """Return a driver's error as a clause, without its class."""
    text = plain_text(str(error)).strip()
    return text or type(error).__name__
