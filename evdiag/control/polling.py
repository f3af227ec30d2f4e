"""When each diagnostic read is asked, and what came of it. No thread, no clock, no bus.

Driven by time and by received frames; what is due leaves through the function that it is given.
What an answer means for the port is not decided here: the core reads the same frames by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evdiag.control.answers import Negative, Positive, read_answer, read_request
from evdiag.control.conversation import Conversation, Question, Send
from evdiag.control.negative import FINAL, RESPONSE_PENDING, said
from evdiag.inputs import Channel, Frame, frame_key
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.profile import Poll, Profile

FIRST_DELAY_NS = 1_000_000_000
LONGEST_DELAY_NS = 30_000_000_000
"""A read that fails is asked again after a delay that doubles each time, up to this."""

_SECOND = 1e9


@dataclass(frozen=True, slots=True)
class PollStatus:
    """How one read fares; ages and delays in seconds, at the moment this was made.

    `refused` is the last time that the control unit said no, in words, `stopped` why it is not
    asked any more (both empty where it is not so), `not_sent` why the last request did not leave.
    """

    name: str
    where: str
    evidence: str
    asked_s_ago: float | None
    answered_s_ago: float | None
    answers: int
    time_outs: int
    refused: str
    not_sent: str
    asked_again_in_s: float | None
    stopped: str


class Polling:
    """Asks a car's polls, each control unit one thing at a time, several units at once."""

    def __init__(
        self,
        profile: Profile,
        channels: Mapping[str, Channel],
        send: Send,
        fd_channels: frozenset[Channel] = frozenset(),
    ) -> None:
        self._units: list[_Unit] = []
        for ecu in profile.ecus():
            if ecu.bus in channels:
                channel = channels[ecu.bus]
                conversation = Conversation(ecu, channel, send, fd=channel in fd_channels)
                reads = [_Read(poll) for poll in profile.polls if poll.ecu == ecu]
                self._units.append(_Unit(conversation, reads))

    @property
    def idle(self) -> bool:
        """True while no answer is waited for."""
        return all(unit.reading is None for unit in self._units)

    def is_free(self, ecu: Ecu) -> bool:
        """Tell whether no answer of this control unit is waited for."""
        return all(unit.reading is None for unit in self._units if unit.conversation.ecu == ecu)

    def due(self, now_ns: int, not_asked: Ecu | None = None) -> None:
        """Let time pass: give up on answers that are overdue, ask what is due.

        Nothing new is asked of the unit `not_asked`, which somebody else needs now.
        """
        for unit in self._units:
            unit.due(now_ns, may_ask=unit.conversation.ecu != not_asked)

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a received frame; flow control leaves at once where a long answer begins."""
        place = (frame.channel, frame_key(frame.id, frame.extended))
        for unit in self._units:
            if unit.conversation.answers == place:
                unit.heard(frame, now_ns)

    def stop(self) -> None:
        """Wait for no answer; what is due is asked when time passes again."""
        for unit in self._units:
            unit.stop()

    def status(self, now_ns: int) -> tuple[PollStatus, ...]:
        """Return how each read fares."""
        return tuple(
            read.status(unit.conversation.ecu.text, now_ns)
            for unit in self._units
            for read in unit.reads
        )


class _Read:
    """One poll and its history."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self.period_ns = poll.period_ms * 1_000_000
        self.next_ns = 0
        self.asked_ns: int | None = None
        self.answered_ns: int | None = None
        self.answers = self.time_outs = self.failures = 0
        self.refused = self.not_sent = self.stopped = ""

    def asked(self, now_ns: int) -> None:
        self.asked_ns = now_ns
        self.next_ns = now_ns + self.period_ns
        self.not_sent = ""

    def answered(self, now_ns: int) -> None:
        self.answered_ns = now_ns
        self.answers += 1
        self.failures = 0
        self.refused = ""

    def failed(self, now_ns: int) -> None:
        delay_ns = max(self.period_ns, FIRST_DELAY_NS) << min(self.failures, 10)
        self.failures += 1
        self.next_ns = now_ns + min(delay_ns, max(LONGEST_DELAY_NS, self.period_ns))

    def said_no(self, code: int, now_ns: int) -> None:
        self.refused = said(code)
        if code in FINAL:
            self.stopped = self.refused
        self.failed(now_ns)

    def status(self, where: str, now_ns: int) -> PollStatus:
        again_s = None
        if self.failures and not self.stopped:
            again_s = max(0.0, (self.next_ns - now_ns) / _SECOND)
        return PollStatus(
            name=self.poll.name,
            where=f"0x{self.poll.did:04X} of {where}",
            evidence=self.poll.evidence,
            asked_s_ago=_ago(self.asked_ns, now_ns),
            answered_s_ago=_ago(self.answered_ns, now_ns),
            answers=self.answers,
            time_outs=self.time_outs,
            refused=self.refused,
            not_sent=self.not_sent,
            asked_again_in_s=again_s,
            stopped=self.stopped,
        )


class _Unit:
    """One control unit, its reads, and the one that is asked now."""

    def __init__(self, conversation: Conversation, reads: list[_Read]) -> None:
        self.conversation = conversation
        self.reads = reads
        self.reading: _Read | None = None

    def due(self, now_ns: int, *, may_ask: bool = True) -> None:
        if self.reading is not None and self.conversation.timed_out(now_ns):
            self.reading.time_outs += 1
            self.reading.failed(now_ns)
            self.reading = None
        if self.reading is None and may_ask:
            waiting = [read for read in self.reads if not read.stopped]
            first = min(waiting, key=lambda read: read.next_ns, default=None)
            if first is not None and first.next_ns <= now_ns:
                self._ask(first, now_ns)

    def heard(self, frame: Frame, now_ns: int) -> None:
        if self.reading is None:
            return
        answer = self.conversation.heard(frame, now_ns)
        if answer is None:
            return
        read = self.reading
        match read_answer(answer, read.poll.did):
            case Negative(code) if code == RESPONSE_PENDING:
                self.conversation.wait_longer(now_ns)
            case Negative(code):
                self.stop()
                read.said_no(code, now_ns)
            case Positive():
                self.stop()
                read.answered(now_ns)

    def stop(self) -> None:
        self.conversation.stop()
        self.reading = None

    def _ask(self, read: _Read, now_ns: int) -> None:
        read.asked(now_ns)
        question = Question(read_request(read.poll.did), f"poll {read.poll.name}")
        refusal = self.conversation.ask(question, now_ns)
        if refusal is None:
            self.reading = read
        else:
            read.not_sent = refusal.text
            read.failed(now_ns)


def _ago(then_ns: int | None, now_ns: int) -> float | None:
    return None if then_ns is None else (now_ns - then_ns) / _SECOND
