"""Is the control unit that a command addresses there, and is it this car's? Asked before anything.

Level ASK only: tester present with an answer (0x3E 00), and the VIN (0xF190) where the profile says
that this unit has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from evdiag.control.answers import Positive, read_answer
from evdiag.control.conversation import Conversation, Question
from evdiag.control.exchange import Done, Exchange, NotSent, Result, SaidNo
from evdiag.control.negative import said
from evdiag.control.policy import VIN_DID
from evdiag.control.vin import vin_text
from evdiag.inputs import Frame

PRESENT = Question(b"\x3e\x00", "is the control unit there?")
VIN = Question(bytes((0x22, VIN_DID >> 8, VIN_DID & 0xFF)), "is it the car that is named?")

_AGAIN_AFTER_NS: Final = 1_000_000_000
"""The gate lets the same question out once a second, and counts one that the adapter refused."""

_SILENT_AFTER: Final = 3
"""So many questions without an answer: before, the unit may be waking up, or one was lost."""


@dataclass(frozen=True, slots=True)
class ModuleSays:
    """What is known of a control unit: None while nothing is, and in words.

    `silent` tells one that was asked and said nothing at all, `not_sent` that no question left yet.
    """

    answers: bool | None = None
    text: str = ""
    silent: bool = False
    not_sent: bool = False


class ModuleCheck:
    """Asks one control unit who it is. `vin_pattern` is empty where its VIN is not looked at.

    What is asked moves nothing, so it is repeated as long as time passes here; each time through
    the gate anew. A late answer to one question is one to the next.
    """

    def __init__(self, conversation: Conversation, vin_pattern: str) -> None:
        self._exchange = Exchange(conversation)
        self._vin_pattern = vin_pattern
        self._who = conversation.ecu.text
        self._asking = PRESENT
        self._again_ns = 0
        self._silences = 0
        self.says = ModuleSays()

    @property
    def waiting(self) -> bool:
        """True while an answer is waited for."""
        return self._exchange.waiting

    def due(self, now_ns: int) -> None:
        """Let time pass; ask what is to be asked."""
        if self.says.answers is not None and not self.says.silent:
            return
        result: Result | None
        if self._exchange.waiting:
            result = self._exchange.due(now_ns)
        elif now_ns >= self._again_ns:
            result = self._exchange.ask(self._asking, now_ns)
        else:
            return
        if result is not None:
            self._answered(result, now_ns)

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a received frame."""
        result = self._exchange.heard(frame, now_ns)
        if result is not None:
            self._answered(result, now_ns)

    def _answered(self, result: Result, now_ns: int) -> None:
        match result:
            case Done() if self._asking is PRESENT and self._vin_pattern:
                self._asking, self._silences = VIN, 0
                self.says = ModuleSays(None, f"{self._who} answers, its VIN is not read yet")
            case Done() if self._asking is PRESENT:
                self.says = ModuleSays(True, f"{self._who} answers")
            case Done(data):
                self._compare(data)
            case SaidNo(code):
                self.says = ModuleSays(False, f"{self._who} says no: {said(code)}")
            case NotSent(reasons):
                self._again_ns = now_ns + _AGAIN_AFTER_NS
                if not self._silences:
                    why = f"{self._asked} was not sent: {'; '.join(reasons)}"
                    self.says = ModuleSays(None, why, not_sent=True)
            case _:
                self._silences += 1
                times = f" ({self._silences} times)" if self._silences > 1 else ""
                said_nothing = f"{self._who} does not answer to {self._asked}{times}"
                answers = False if self._silences >= _SILENT_AFTER else None
                self.says = ModuleSays(answers, said_nothing, silent=True)

    @property
    def _asked(self) -> str:
        return self._asking.request.hex(" ").upper()

    def _compare(self, data: bytes) -> None:
        answer = read_answer(data, VIN_DID)
        raw = answer.data if isinstance(answer, Positive) else b""
        vin = vin_text(raw)
        if vin is None:
            given = raw.hex(" ").upper() or "nothing"
            self.says = ModuleSays(False, f"{self._who} has no VIN, but {given}")
        elif re.fullmatch(self._vin_pattern, vin):
            self.says = ModuleSays(True, f"{self._who} answers, VIN {vin}")
        else:
            self.says = ModuleSays(
                False, f"{self._who} has the VIN {vin!r}: another car than named"
            )
