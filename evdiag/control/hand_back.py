"""Returning authority to the car: every step tried, nothing moved, and what the car said to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evdiag.control.conversation import ANSWER_WITHIN_NS, Question
from evdiag.control.cyclic import CyclicFrames
from evdiag.control.exchange import Done, Exchange, NotSent, Result, SaidNo
from evdiag.control.negative import said
from evdiag.vehicles.command import Ask, Command, Send, Step

TRIES: Final = 3
AGAIN_AFTER_NS: Final = 300_000_000
AT_MOST_NS: Final = 12_000_000_000
"""A unit that is still busy with what was asked before may say so for some seconds."""
_KEPT_NS: Final = AT_MOST_NS // 2
"""At most so much of it is kept for the steps that are still to come."""

_IN_DEFAULT_SESSION: Final = b"\x50\x01"
_OVER_ALREADY: Final = frozenset((0x7E, 0x7F))
"""Not in the session that is active: the session is over, and with it every command."""


NOTHING_SENT: Final = "nothing of the command was sent, so there is nothing to hand back"
"""The unit may have been asked who it is all the same: those frames are in the recording."""


def taken_back_alone(command: Command) -> str:
    """Say what the car does where nobody can hand back to it."""
    return f"the car takes it back by itself within {command.alone_after_s:g} s"


class HandBack:
    """Goes through the steps that hand back, one after the other; none is left out for another.

    `confirmed` is true where the car heard all of it, as far as it can tell.
    """

    def __init__(
        self,
        command: Command,
        steps: Sequence[Step],
        frames: CyclicFrames,
        exchange: Exchange | None,
        now_ns: int,
    ) -> None:
        self._command = command
        self._steps = list(steps)
        self._frames = frames
        self._exchange = exchange
        self._ends_ns = now_ns + AT_MOST_NS
        self._tries = 0
        self._tried = False
        self._next_ns = now_ns
        self._sending = ""
        self._unheard: list[str] = []
        self._asked: set[str] = set()
        self._nothing_to_do = not steps

    @property
    def confirmed(self) -> bool:
        """Tell whether the car heard everything."""
        return not self._unheard

    @property
    def text(self) -> str:
        """How it went, in words."""
        if self._nothing_to_do:
            return NOTHING_SENT
        if self.confirmed:
            return "authority is back with the car"
        return f"not confirmed ({'; '.join(self._unheard)}): {taken_back_alone(self._command)}"

    def due(self, now_ns: int) -> bool:
        """Let time pass; return whether all is done."""
        refusal = self._frames.due(now_ns, f"{self._command.text}: hand back")
        if refusal is not None:
            self._sending = ""
            self._again_or_leave(refusal.text, now_ns)
        while self._steps:
            if now_ns > (self._latest_ns if self._tried else self._ends_ns):
                self._frames.cease_all()
                if self._exchange is not None:
                    self._exchange.stop()
                self._leave("it took too long")
            elif not self._has_left(self._steps[0], now_ns):
                return False
        return True

    @property
    def _latest_ns(self) -> int:
        """Until when a step that was tried is waited for: those after it need their turn."""
        return self._ends_ns - min(_KEPT_NS, sum(map(self._needs_ns, self._steps[1:])))

    def _needs_ns(self, step: Step) -> int:
        match step.doing:
            case Ask():
                return ANSWER_WITHIN_NS
            case Send(name, times):
                return times * self._command.frame(name).every_ms * 1_000_000
        return 0

    def answered(self, result: Result, now_ns: int) -> None:
        """Take the answer to what was asked."""
        if not self._steps or not isinstance(self._steps[0].doing, Ask):
            return
        match result:
            case Done(data):
                if data[:2] == _IN_DEFAULT_SESSION:
                    # Leaving the session returns whatever was controlled in it (ISO 14229-1, 2F).
                    self._unheard = [each for each in self._unheard if each not in self._asked]
                self._next_step()
            case SaidNo(code) if code in _OVER_ALREADY:
                self._next_step()
            case SaidNo(code):
                self._again_or_leave(said(code), now_ns)
            case NotSent(reasons):
                self._again_or_leave("; ".join(reasons), now_ns)
            case _:
                self._again_or_leave("no answer", now_ns)

    def _has_left(self, step: Step, now_ns: int) -> bool:
        """Do the step; return whether it is behind us."""
        match step.doing:
            case Ask(name):
                if self._exchange is None or self._exchange.waiting or now_ns < self._next_ns:
                    return False
                self._tried = True
                question = Question(
                    self._command.request(name).data, f"{self._command.text}: hand back"
                )
                refused = self._exchange.ask(question, now_ns)
                if refused is not None:
                    self.answered(refused, now_ns)
                return False
            case Send(name, times):
                if now_ns < self._next_ns:
                    return False
                if self._sending != name:
                    self._sending, self._tried = name, True
                    self._frames.begin(self._command.frame(name), now_ns, times)
                    return False
                if self._frames.is_going(name):
                    return False
        self._next_step()
        return True

    def _again_or_leave(self, why: str, now_ns: int) -> None:
        self._tries += 1
        self._next_ns = now_ns + AGAIN_AFTER_NS
        if self._tries >= TRIES:
            self._leave(why)

    def _leave(self, why: str) -> None:
        """Go on without this step: the car did not hear it, as far as is known."""
        doing = self._steps[0].doing
        name = doing.request if isinstance(doing, Ask) else getattr(doing, "frame", "")
        self._unheard.append(f"{name}: {why}")
        self._asked.add(self._unheard[-1])
        self._next_step()

    def _next_step(self) -> None:
        if self._steps:
            self._steps.pop(0)
        self._tries = 0
        self._tried = False
        self._sending = ""
