"""Frames to signal events, one frame at a time: what a live bus needs.

`evdiag.signals.columns` does the same for a whole recording at once; a property test holds
the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.inputs import BusEvent, BusEventKind, Channel, Frame, FrameKey, Input, frame_key
from evdiag.signals.changes import same_raw
from evdiag.signals.events import (
    CLOCK_JUMP_NS,
    SILENCE_NS,
    BusAwake,
    BusSilent,
    Changed,
    EpochBegan,
    Expired,
    Refused,
    SignalEvent,
)
from evdiag.signals.replies import Replies
from evdiag.signals.watch import Watch

_NEVER = 1 << 63


class SignalTracker:
    """Decodes watched frames and notices silence.

    Stream time is the running maximum of all stamps. A deadline fires when stream time is
    strictly past it, before the input that got it there; several fire in the order of their
    deadlines.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._by_frame = watch.by_frame()
        self._replies = Replies(watch)
        self._diagnostic = self._replies.frames
        self._channels = {chan: place for place, chan in enumerate(watch.broadcast_channels)}
        self.stream_ns: int | None = None
        self._forget()

    def _forget(self) -> None:
        count = len(self._watch.signals)
        self._raw: list[int | float | None] = [None] * count
        self._deadline = [_NEVER] * count
        self._seen: list[int | None] = [None] * count
        self._silence_deadline = dict.fromkeys(self._channels, _NEVER)
        self._asleep: set[Channel] = set()
        self._earliest = _NEVER
        self._replies.forget()

    def frame(self, frame: Frame) -> Iterator[SignalEvent]:
        """Yield what one frame changes."""
        yield from self.time(frame.time_ns)
        if frame.error:
            return
        place = (frame.channel, frame_key(frame.id, frame.extended))
        if place in self._diagnostic:
            yield from self._reply(frame)
        elif frame.channel in self._channels:
            yield from self._broadcast(frame, place)

    def _broadcast(self, frame: Frame, place: tuple[Channel, FrameKey]) -> Iterator[SignalEvent]:
        carried = self._by_frame.get(place, ())
        if frame.direction == "tx" and not carried:
            return  # The computer that recorded sent it: that is not the car being heard.
        channel, stream_ns = frame.channel, self.stream_ns or 0
        if channel in self._asleep:
            self._wake(channel, stream_ns)
            yield BusAwake(stream_ns, channel)
        self._silence_deadline[channel] = stream_ns + SILENCE_NS
        self._earliest = min(self._earliest, stream_ns + SILENCE_NS)
        if frame.remote:
            return
        for index in carried:
            yield from self._signal(index, frame.time_ns, frame.data)

    def _reply(self, frame: Frame) -> Iterator[SignalEvent]:
        reply = self._replies.frame(frame, self.stream_ns or 0)
        if isinstance(reply, Refused):
            yield reply
        elif reply is not None:
            for index in reply.signals:
                yield from self._signal(index, frame.time_ns, reply.data)

    def tick(self, time_ns: int) -> Iterator[SignalEvent]:
        """Yield what the passing of time without a frame changes; it never runs backwards."""
        if self.stream_ns is None or time_ns > self.stream_ns:
            yield from self.time(time_ns)

    def seen_ns(self) -> list[int | None]:
        """Return for each watched signal how far time had come when a frame last carried it."""
        return self._seen[:]

    def other(self, item: Input) -> Iterator[SignalEvent]:
        """Yield what an input that is no frame changes: time passes to it.

        A bus that is lost tells nothing any more: what was seen on it is stale at once.
        """
        yield from self.tick(item.time_ns)
        if isinstance(item, BusEvent) and item.kind is BusEventKind.LOST:
            for index, watched in enumerate(self._watch.signals):
                if watched.channel == item.channel and self._raw[index] is not None:
                    self._raw[index] = None
                    self._deadline[index] = _NEVER
                    yield Expired(self.stream_ns or 0, index)

    def time(self, time_ns: int) -> Iterator[SignalEvent]:
        """Yield what the passing of time alone changes."""
        if self.stream_ns is None:
            self.stream_ns = time_ns
        elif time_ns < self.stream_ns - CLOCK_JUMP_NS:
            self.stream_ns = time_ns
            self._forget()
            yield EpochBegan(time_ns)
        elif time_ns > self.stream_ns:
            self.stream_ns = time_ns
            if time_ns > self._earliest:
                yield from self._expire(time_ns)

    def _signal(self, index: int, time_ns: int, data: bytes) -> Iterator[SignalEvent]:
        watched = self._watch.signals[index]
        raw = watched.signal.raw(data)
        if raw is None:
            return
        self._seen[index] = self.stream_ns
        if watched.stale_after_ns is not None:
            deadline = (self.stream_ns or 0) + watched.stale_after_ns
            self._deadline[index] = deadline
            self._earliest = min(self._earliest, deadline)
        before = self._raw[index]
        if not same_raw(raw, before):
            self._raw[index] = raw
            yield Changed(time_ns, index, raw, watched.value(raw))

    def _suspended(self, index: int) -> bool:
        """Tell whether sleep puts off a signal's deadline; an answer that is due never sleeps."""
        watched = self._watch.signals[index]
        return watched.polled is None and watched.channel in self._asleep

    def _expire(self, time_ns: int) -> Iterator[SignalEvent]:
        signals = self._watch.signals
        due = [(d, index) for index, d in enumerate(self._deadline) if d < time_ns]
        due += [
            (self._silence_deadline[channel], len(signals) + place)
            for channel, place in self._channels.items()
            if self._silence_deadline[channel] < time_ns
        ]
        for deadline, index in sorted(due):
            if index >= len(signals):
                channel = self._watch.broadcast_channels[index - len(signals)]
                self._silence_deadline[channel] = _NEVER
                self._asleep.add(channel)
                yield BusSilent(deadline, channel)
            elif not self._suspended(index):
                self._deadline[index] = _NEVER
                self._raw[index] = None
                yield Expired(deadline, index)
        self._earliest = min(
            [
                *self._silence_deadline.values(),
                *(
                    deadline
                    for index, deadline in enumerate(self._deadline)
                    if not self._suspended(index)
                ),
            ],
            default=_NEVER,
        )

    def _wake(self, channel: Channel, stream_ns: int) -> None:
        self._asleep.discard(channel)
        for index, watched in enumerate(self._watch.signals):
            if watched.channel != channel or watched.polled is not None:
                continue
            self._raw[index] = None
            if self._deadline[index] != _NEVER and watched.stale_after_ns is not None:
                self._deadline[index] = stream_ns + watched.stale_after_ns
                self._earliest = min(self._earliest, self._deadline[index])
