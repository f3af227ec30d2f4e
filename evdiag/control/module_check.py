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
from evdiag.inputs import Frame
from evdiag.plain import plain_text

PRESENT = Question(b"\x3e\x00", "is the control unit there?")
VIN = Question(bytes((0x22, VIN_DID >> 8, VIN_DID & 0xFF)), "is it the car that is named?")

_AGAIN_AFTER_NS: Final = 250_000_000
_MOST_SILENCES: Final = 3


@dataclass(frozen=True, slots=True)
class ModuleSays:
    """What is known of a control unit: None while nothing is, and in words.

    `silent` tells one that was asked and said nothing at all.
    """

    answers: bool | None = None
    text: str = ""
    silent: bool = False


class ModuleCheck:
    """Asks one control unit who it is. `vin_pattern` is empty where its VIN is not looked at."""

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
        if self.says.answers is not None:
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
                self._asking = VIN
            case Done() if self._asking is PRESENT:
                self.says = ModuleSays(True, f"{self._who} answers")
            case Done(data):
                self._compare(data)
            case SaidNo(code):
                self.says = ModuleSays(False, f"{self._who} says no: {said(code)}")
            case NotSent(reasons):
                # Mostly that the same was asked a moment ago: it is asked again.
                self._again_ns = now_ns + _AGAIN_AFTER_NS
                self.says = ModuleSays(None, f"not asked: {'; '.join(reasons)}")
            case _:
                self._silences += 1
                asked = self._asking.request.hex(" ").upper()
                said_nothing = f"{self._who} does not answer to {asked}"
                # A unit that is just waking up passes over the first thing that it is asked.
                final = False if self._silences >= _MOST_SILENCES else None
                self.says = ModuleSays(final, said_nothing, silent=True)

    def _compare(self, data: bytes) -> None:
        answer = read_answer(data, VIN_DID)
        raw = answer.data if isinstance(answer, Positive) else b""
        vin = plain_text(raw.decode("ascii", "replace").strip("\x00 "))
        if re.fullmatch(self._vin_pattern, vin):
            self.says = ModuleSays(True, f"{self._who} answers, VIN {vin}")
        else:
            self.says = ModuleSays(
                False, f"{self._who} has the VIN {vin!r}: another car than named"
            )
