"""What control units answer, read along on the bus: who asked does not matter.

So a live run, its replay and the batch see the same, and a recording of somebody else's
diagnostic session says as much as one of ours. Services by ISO 14229-1.
"""

from __future__ import annotations

from typing import NamedTuple

from evdiag.inputs import Channel, Frame, FrameKey, frame_key
from evdiag.signals.events import Refused
from evdiag.signals.transport import Reassembly
from evdiag.signals.watch import Conversation, Watch

READ_BY_IDENTIFIER = 0x22
POSITIVE = 0x40
"""Added to the service by an answer that gives what was asked for."""
NEGATIVE = 0x7F
RESPONSE_PENDING = 0x78

_REQUEST_LENGTH = 3


class Reply(NamedTuple):
    """The data of one identifier, and the watched signals that it carries."""

    signals: tuple[int, ...]
    data: bytes


class Replies:
    """Follows the conversations of a watch list."""

    def __init__(self, watch: Watch) -> None:
        self._units: dict[Conversation, _Unit] = {}
        for index, watched in enumerate(watch.signals):
            if watched.polled is not None:
                where = watched.polled.conversation
                unit = self._units.setdefault(where, _Unit(where))
                unit.polls[watched.polled.did] = watched.polled.poll
                carried = unit.signals.get(watched.polled.did, ())
                unit.signals[watched.polled.did] = (*carried, index)
        self._by_frame: dict[tuple[Channel, FrameKey], list[_Unit]] = {}
        for where, unit in self._units.items():
            for key in (where.request, where.response):
                self._by_frame.setdefault((where.channel, key), []).append(unit)

    @property
    def frames(self) -> frozenset[tuple[Channel, FrameKey]]:
        """The frames that carry questions and answers: channel and key."""
        return frozenset(self._by_frame)

    def forget(self) -> None:
        """Begin anew: what was half heard is given up."""
        for unit in self._units.values():
            unit.forget()

    def frame(self, frame: Frame, stream_ns: int) -> Reply | Refused | None:
        """Take one frame; return what it completes."""
        if frame.remote or frame.error:
            return None
        key = frame_key(frame.id, frame.extended)
        for unit in self._by_frame.get((frame.channel, key), ()):
            if key == unit.where.request:
                unit.hear_request(frame.data)
                continue
            payload = unit.answer.frame(frame.data, stream_ns)
            if payload:
                return unit.understood(payload, frame.time_ns)
        return None


class _Unit:
    """One control unit: what it was asked last, and the answer that is on its way."""

    def __init__(self, where: Conversation) -> None:
        self.where = where
        self.answer = Reassembly(where.tester_address)
        self.polls: dict[int, str] = {}
        self.signals: dict[int, tuple[int, ...]] = {}
        self._asked: int | None = None

    def forget(self) -> None:
        self.answer.forget()
        self._asked = None

    def hear_request(self, data: bytes) -> None:
        address = self.where.target_address
        if address is not None:
            if data[:1] != bytes((address,)):
                return
            data = data[1:]
        if data[:2] == bytes((_REQUEST_LENGTH, READ_BY_IDENTIFIER)) and len(data) > _REQUEST_LENGTH:
            self._asked = data[2] << 8 | data[3]

    def understood(self, payload: bytes, time_ns: int) -> Reply | Refused | None:
        if payload[0] == READ_BY_IDENTIFIER + POSITIVE and len(payload) > _REQUEST_LENGTH:
            signals = self.signals.get(payload[1] << 8 | payload[2])
            return Reply(signals, payload[3:]) if signals else None
        if payload[:2] == bytes((NEGATIVE, READ_BY_IDENTIFIER)) and len(payload) > 2:
            poll = self._refused_poll()
            if poll is not None and payload[2] != RESPONSE_PENDING:
                return Refused(time_ns, poll, payload[2])
        return None

    def _refused_poll(self) -> str | None:
        """Name what was refused: a negative answer does not say it, the request before it does."""
        if self._asked is None and len(self.polls) == 1:
            return next(iter(self.polls.values()))
        return None if self._asked is None else self.polls.get(self._asked)
