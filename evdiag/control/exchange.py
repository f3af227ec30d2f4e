"""One diagnostic request of a command and its answer: pending, busy and silence dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from evdiag.control.conversation import Conversation, Question
from evdiag.control.negative import BUSY, RESPONSE_PENDING
from evdiag.inputs import Frame, frame_key

ASKED_AGAIN_AFTER_NS: Final = 500_000_000
MOST_BUSY: Final = 6
"""How often a unit may say that it is busy before that is its answer."""

_ECHOED: Final = {0x10: 1, 0x22: 2, 0x2E: 2, 0x2F: 3, 0x31: 3, 0x14: 0}
"""How many bytes of a request its positive answer repeats (ISO 14229-1)."""


@dataclass(frozen=True, slots=True)
class Done:
    """The unit answered positively; `data` is all of the answer."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SaidNo:
    """The unit answered with this negative response code."""

    code: int


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer came, or none to this."""

    waited_s: float


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request did not leave; `late` where it was permitted, and the permit ran out first."""

    reasons: tuple[str, ...]
    late: bool = False


Result: TypeAlias = Done | SaidNo | Silent | NotSent


class Exchange:
    """Asks one control unit one thing at a time; time and frames are given to it."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._question: Question | None = None
        self._again_ns: int | None = None
        self._asked_ns = 0
        self._busy = 0

    @property
    def waiting(self) -> bool:
        """True while an answer is waited for."""
        return self._question is not None

    def ask(self, question: Question, now_ns: int, *, once: bool = False) -> NotSent | None:
        """Ask; return why it could not be, or None. `once` takes busy for an answer."""
        self._busy = MOST_BUSY if once else 0
        self._asked_ns = now_ns
        return self._ask(question, now_ns)

    def heard(self, frame: Frame, now_ns: int) -> Result | None:
        """Take a received frame; return the result that it makes."""
        question = self._question
        place = (frame.channel, frame_key(frame.id, frame.extended))
        if question is None or place != self._conversation.answers:
            return None
        answer = self._conversation.heard(frame, now_ns)
        if answer is None:
            return None
        result = read_result(answer, question.request)
        if isinstance(result, SaidNo) and result.code == RESPONSE_PENDING:
            self._conversation.wait_longer(now_ns)
            return None
        if isinstance(result, SaidNo) and result.code == BUSY and self._busy < MOST_BUSY:
            self._busy += 1
            self._again_ns = now_ns + ASKED_AGAIN_AFTER_NS
            self._conversation.stop()
            return None
        if result is not None:
            self.stop()
        return result

    def due(self, now_ns: int) -> Result | None:
        """Let time pass; return the result that it makes."""
        question = self._question
        if question is None:
            return None
        if self._again_ns is not None:
            if now_ns < self._again_ns:
                return None
            self._again_ns = None
            return self._ask(question, now_ns)
        if self._conversation.timed_out(now_ns):
            self.stop()
            return Silent((now_ns - self._asked_ns) / 1e9)
        return None

    def stop(self) -> None:
        """Wait for nothing."""
        self._question = None
        self._again_ns = None
        self._conversation.stop()

    def _ask(self, question: Question, now_ns: int) -> NotSent | None:
        refusal = self._conversation.ask(question, now_ns)
        if refusal is not None:
            self.stop()
            return NotSent(refusal.reasons, refusal.late)
        self._question = question
        return None


def read_result(answer: bytes, request: bytes) -> Done | SaidNo | None:
    """Return what an answer says to a request; None where it answers something else."""
    from udsoncan.Response import Response

    response = Response.from_payload(answer)
    if not response.valid or response.service is None or response.code is None:
        return None
    if response.service.request_id() != request[0]:
        return None
    if not response.positive:
        return SaidNo(response.code)
    repeated = _ECHOED.get(request[0], 1)
    return Done(answer) if answer[1 : 1 + repeated] == request[1 : 1 + repeated] else None
