"""What goes wrong on a link, from the frames and the time between them. Reads no clock.

Error frames are those of Linux `can/error.h`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evdiag.inputs import BusEvent, BusEventKind, Channel, Frame

SILENT_AFTER_S = 1.5
"""Without a frame: reported within the two seconds in which a fault must be noticed."""

_WRONG_RATE_WINDOW_S = 1.5
_WRONG_RATE_ERRORS = 3
"""So many error frames and not one that carries data: the bit rate is wrong, most probably."""

_CONTROLLER, _PROTOCOL, _BUS_OFF, _BUS_ERROR, _RESTARTED = 0x04, 0x08, 0x40, 0x80, 0x100
_TO_PASSIVE, _TO_WARNING, _TO_ACTIVE, _OVERFLOW = 0x30, 0x0C, 0x40, 0x01
_COUNTERS = 0x200


class FaultWatch:
    """Follows one bus; times are seconds of any clock that does not jump."""

    def __init__(self, channel: Channel, now_s: float) -> None:
        self._channel = channel
        self._heard_s = now_s
        self._silent = False
        self._wrong_rate = False
        self._state = ""
        self._errors: list[float] = []
        self._data_s = float("-inf")
        self._lost = 0
        self._counters = ""

    def frames(self, frames: Sequence[Frame], now_s: float) -> Iterator[BusEvent]:
        """Yield what these frames tell, in words."""
        last = frames[-1]
        if self._silent:
            self._silent = False
            yield self._event(last.time_ns, BusEventKind.HEARD, "frames again")
        self._heard_s = now_s
        for frame in frames:
            if not frame.error:
                self._data_s = now_s
            else:
                yield from self._error(frame, now_s)
        if self._wrong_rate and self._data_s == now_s:
            self._wrong_rate = False
            self._errors.clear()
            yield self._event(last.time_ns, BusEventKind.HEARD, "frames with data: the rate fits")

    def time(self, now_s: float, time_ns: int) -> Iterator[BusEvent]:
        """Yield what the passing of time tells."""
        if not self._silent and now_s - self._heard_s > SILENT_AFTER_S:
            self._silent = True
            yield self._event(
                time_ns,
                BusEventKind.SILENT,
                f"no frame for {SILENT_AFTER_S:g} s: the bus sleeps, or nothing is connected",
            )

    def losses(self, total: int, time_ns: int) -> Iterator[BusEvent]:
        """Yield what was lost since the last look; `total` counts from the opening."""
        if total > self._lost:
            count, self._lost = total - self._lost, total
            yield BusEvent(
                time_ns,
                BusEventKind.FRAMES_LOST,
                self._channel,
                count,
                "the kernel or the adapter dropped them before they could be read",
            )

    def _error(self, frame: Frame, now_s: float) -> Iterator[BusEvent]:
        classes, data = frame.id, frame.data.ljust(8, b"\0")
        if classes & _BUS_OFF:
            yield from self._state_is(
                frame,
                BusEventKind.BUS_OFF,
                "the adapter has left the bus after too many errors: no termination, a short, or "
                "a wrong bit rate in normal mode",
            )
        if classes & _RESTARTED:
            yield from self._state_is(frame, BusEventKind.ERROR_ACTIVE, "the adapter restarted")
        if classes & _CONTROLLER and data[1] & _TO_PASSIVE:
            yield from self._state_is(
                frame,
                BusEventKind.ERROR_PASSIVE,
                "many errors on the bus: check bit rate, termination and wiring",
            )
        elif classes & _CONTROLLER and data[1] & _TO_ACTIVE:
            yield from self._state_is(frame, BusEventKind.ERROR_ACTIVE, "few errors again")
        if classes & _COUNTERS or data[6] or data[7]:
            counters = f"tx {data[6]} rx {data[7]}"
            if counters != self._counters:
                self._counters = counters
                yield self._event(frame.time_ns, BusEventKind.ERROR_COUNTERS, counters)
        yield from self._maybe_wrong_rate(frame, now_s)

    def _maybe_wrong_rate(self, frame: Frame, now_s: float) -> Iterator[BusEvent]:
        if not frame.id & (_PROTOCOL | _BUS_ERROR | _CONTROLLER):
            return
        self._errors = [at for at in self._errors if now_s - at <= _WRONG_RATE_WINDOW_S]
        self._errors.append(now_s)
        nothing_read = now_s - self._data_s > _WRONG_RATE_WINDOW_S
        if not self._wrong_rate and nothing_read and len(self._errors) >= _WRONG_RATE_ERRORS:
            self._wrong_rate = True
            yield self._event(
                frame.time_ns,
                BusEventKind.WRONG_BITRATE,
                "only error frames and no data: the bit rate is not this bus's",
            )

    def _state_is(self, frame: Frame, kind: BusEventKind, words: str) -> Iterator[BusEvent]:
        if self._state != kind.value:
            self._state = kind.value
            yield self._event(frame.time_ns, kind, words)

    def _event(self, time_ns: int, kind: BusEventKind, words: str) -> BusEvent:
        return BusEvent(time_ns, kind, self._channel, 0, words)
