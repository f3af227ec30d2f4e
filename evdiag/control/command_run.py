"""One command, carried out step by step, and always handed back. No thread, no clock, no bus.

Driven by time and by received frames; what leaves goes through the gate, which decides about each
frame for itself. Success is what the bus reports, never that something was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from evdiag.control.conversation import Conversation, Question, Send
from evdiag.control.cyclic import CyclicFrames
from evdiag.control.exchange import Done, Exchange, NotSent, Result, SaidNo, Silent
from evdiag.control.hand_back import HandBack, taken_back_alone
from evdiag.control.interlocks import Interlock, not_green
from evdiag.control.keep_alive import KeepAlive
from evdiag.control.outcome import Outcome, OutcomeKind, of_code
from evdiag.control.permits import Refusal
from evdiag.inputs import Frame
from evdiag.port.readings import ReadingsNow
from evdiag.vehicles.command import (
    Ask,
    Cease,
    Command,
    Pause,
    Proof,
    Repeat,
    Step,
    Wait,
)
from evdiag.vehicles.command import (
    Send as SendTimes,
)

LOOKS_NS: Final = 50_000_000
"""How often the conditions are looked at while nothing is sent."""

StepState: TypeAlias = Literal["to come", "now", "done", "failed", "passed over"]
RunPhase: TypeAlias = Literal["running", "letting go", "ended"]


class Guarded(Protocol):
    """What watches over a run: `evdiag.control.acting.Acting`, or a test."""

    @property
    def dropped(self) -> str: ...

    @property
    def has_begun(self) -> bool: ...

    def rest_s(self, now_ns: int) -> float: ...

    def drop(self, why: str) -> None: ...

    def conditions(self) -> tuple[Interlock, ...]: ...

    def readings(self) -> ReadingsNow: ...


@dataclass(frozen=True, slots=True)
class StepView:
    """One step, for a screen: what it does, how it stands, and what is to say of it."""

    text: str
    state: StepState
    note: str = ""


class CommandRun:
    """Carries out one command from its making until `outcome` says how it ended.

    `unit_is_free` tells whether nobody else waits for an answer of the commanded unit.
    """

    def __init__(
        self,
        command: Command,
        frames: CyclicFrames,
        send: Send,
        guard: Guarded,
        conversation: Conversation | None,
        unit_is_free: Callable[[], bool],
        now_ns: int,
    ) -> None:
        self.command = command
        self._frames = frames
        self._guard = guard
        self._unit_is_free = unit_is_free
        self._exchange = None if conversation is None else Exchange(conversation)
        self._keep_alive = KeepAlive(command, conversation, send)
        self._hand_back: HandBack | None = None
        self._began_ns = now_ns
        self._next_look_ns = now_ns
        self._at = 0
        self._step_ns: int | None = None
        self._tried: dict[int, int] = {}
        self._states: list[StepState] = ["to come"] * len(command.steps)
        self._notes = [""] * len(command.steps)
        self._sent_before = 0
        self._may_ask_ns: dict[str, int] = {}
        self._moved_ns: int | None = None
        self._asked_to_move = False
        self._ending: tuple[OutcomeKind, str] | None = None
        self.outcome: Outcome | None = None

    @property
    def phase(self) -> RunPhase:
        """How far it has come."""
        if self.outcome is not None:
            return "ended"
        return "running" if self._hand_back is None else "letting go"

    @property
    def needs_unit(self) -> bool:
        """True while the commanded unit should be asked nothing else."""
        return self._exchange is not None and (
            self._exchange.waiting or self._hand_back is not None
        )

    @property
    def next_ns(self) -> int | None:
        """When the next frame is due; None where none is."""
        return self._frames.next_ns

    def steps(self) -> tuple[StepView, ...]:
        """Return every step as it stands."""
        return tuple(
            StepView(step_text(self.command, step), state, note)
            for step, state, note in zip(self.command.steps, self._states, self._notes, strict=True)
        )

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a received frame."""
        if self._exchange is None or self.outcome is not None:
            return
        result = self._exchange.heard(frame, now_ns)
        if result is not None:
            self._answered(result, now_ns)

    def due(self, now_ns: int) -> None:
        """Let time pass: send what is due, look at the conditions, go on where a step is done."""
        if self.outcome is not None:
            return
        if self._hand_back is not None:
            self._give_back(now_ns)
            return
        refusal = self._frames.due(now_ns, self.command.text)
        if refusal is not None:
            self._let_go(self._stopped_by(refusal), refusal.text, now_ns)
            return
        if self._exchange is not None:
            result = self._exchange.due(now_ns)
            if result is not None:
                self._answered(result, now_ns)
        # First what the bus reports: a command that has worked may well change its own conditions.
        if self.phase == "running":
            self._go_on(now_ns)
        if self.phase == "running" and now_ns >= self._next_look_ns:
            self._next_look_ns = now_ns + LOOKS_NS
            self._look(now_ns)

    def abort(self, why: str, now_ns: int) -> None:
        """Stop what is being done and hand back; does nothing where that has begun."""
        if self.phase == "running":
            self._let_go("aborted", why, now_ns)

    def lost(self, why: str, now_ns: int) -> None:
        """The bus is gone: nothing can be handed back, and the car must do so by itself."""
        if self.outcome is not None:
            return
        self._frames.cease_all()
        kind, text = self._ending or ("bus_lost", why)
        returning = f"could not be handed back ({why}): {taken_back_alone(self.command)}"
        self._end(kind, text, now_ns, returned=not self._anything_left, returning=returning)

    # -- the steps -------------------------------------------------------------------------------

    def _go_on(self, now_ns: int) -> None:
        """Do what can be done now, step after step."""
        while self._hand_back is None and self._at < len(self.command.steps):
            step = self.command.steps[self._at]
            if self._step_ns is None:
                if not self._begin(step, now_ns):
                    return
            elif not self._is_done(step, now_ns):
                return
        if self._hand_back is None:
            self._confirm(now_ns)

    def _begin(self, step: Step, now_ns: int) -> bool:
        """Begin a step; return whether it could be begun."""
        doing = step.doing
        self._states[self._at] = "now"
        moves = self._moves(step)
        rest_s = self._guard.rest_s(now_ns) if moves else 0.0
        if rest_s > 0:
            self._notes[self._at] = f"the actuator rests, {rest_s:.1f} s more"
            return False
        if isinstance(doing, Ask):
            if not self._unit_is_free() or now_ns < self._may_ask_ns.get(doing.request, now_ns):
                return False
            if not self._ask(doing, now_ns):
                return False
            self._asked_to_move |= moves
        self._notes[self._at] = ""
        self._step_ns = now_ns
        self._sent_before = self._frames.sent
        if moves:
            self._moved_ns = now_ns
        match doing:
            case SendTimes(name, times):
                self._frames.begin(self.command.frame(name), now_ns, times)
            case Repeat(name):
                self._frames.begin(self.command.frame(name), now_ns)
            case Cease(name):
                self._frames.cease(name)
        return True

    def _is_done(self, step: Step, now_ns: int) -> bool:
        """Look whether the step that runs is done, or has failed; go on if so."""
        assert self._step_ns is not None
        waited_s = (now_ns - self._step_ns) / 1e9
        match step.doing:
            case Ask():
                return False
            case SendTimes(name) if self._frames.is_going(name):
                return False
            case Repeat() if self._frames.sent == self._sent_before:
                return False
            case Pause(seconds) if waited_s < seconds:
                return False
            case Wait(proof, within_s) if not self._holds(proof):
                if waited_s <= within_s:
                    return False
                self._failed("commanded_not_confirmed", f"not reported: {proof.text}", now_ns)
                return True
        self._done(now_ns)
        return True

    def _done(self, now_ns: int) -> None:
        took_s = (now_ns - (self._step_ns or now_ns)) / 1e9
        self._states[self._at] = "done"
        self._notes[self._at] = f"after {took_s:.2f} s" if took_s >= 0.01 else ""
        self._at += 1
        self._step_ns = None

    def _failed(self, kind: OutcomeKind, text: str, now_ns: int) -> None:
        step = self.command.steps[self._at]
        self._states[self._at] = "failed"
        self._notes[self._at] = text
        self._tried[self._at] = self._tried.get(self._at, 1) + 1
        self._step_ns = None
        if step.again_from and self._tried[self._at] <= step.tries:
            again = next(
                place for place, each in enumerate(self.command.steps) if each.id == step.again_from
            )
            for place in range(again, self._at):
                self._states[place] = "to come"
            self._at = again
        elif step.goes_on:
            self._states[self._at] = "passed over"
            self._at += 1
        else:
            self._let_go(kind, text, now_ns)

    def _confirm(self, now_ns: int) -> None:
        """Every step is done; it is over when the bus reports what was wanted, or has not."""
        proof = self.command.proof
        if proof is None:
            self._let_go("done", "the control unit says that it is done", now_ns)
        elif self._holds(proof):
            self._let_go("done", f"reported: {proof.text}", now_ns)
        elif now_ns - (self._moved_ns or self._began_ns) > self.command.within_s * 1e9:
            text = f"commanded, not confirmed: {proof.text} was not reported"
            self._let_go("commanded_not_confirmed", text, now_ns)

    # -- what is asked ---------------------------------------------------------------------------

    def _ask(self, doing: Ask, now_ns: int) -> bool:
        assert self._exchange is not None
        request = self.command.request(doing.request)
        self._may_ask_ns[request.id] = now_ns + request.every_ms * 1_000_000
        question = Question(request.data, request.moves or self.command.text)
        refused = self._exchange.ask(question, now_ns, once=request.moves is not None)
        if refused is None:
            self._keep_alive.asked(now_ns)
            return True
        self._let_go(self._stopped_by(refused), "; ".join(refused.reasons), now_ns)
        return False

    def _answered(self, result: Result, now_ns: int) -> None:
        if self._hand_back is not None:
            self._hand_back.answered(result, now_ns)
            return
        match result:
            case Done():
                self._done(now_ns)
            case SaidNo(code):
                kind, text = of_code(code)
                if kind == "makers_tool":
                    self._states[self._at] = "failed"
                    self._let_go(kind, text, now_ns)
                else:
                    self._failed(kind, text, now_ns)
            case Silent(waited_s):
                asked = step_text(self.command, self.command.steps[self._at])
                self._failed("no_answer", f"{asked}: no answer for {waited_s:.1f} s", now_ns)
            case NotSent(reasons):
                self._let_go(self._stopped_by(result), "; ".join(reasons), now_ns)

    # -- the end ---------------------------------------------------------------------------------

    @property
    def _anything_left(self) -> bool:
        return self._guard.has_begun

    def _look(self, now_ns: int) -> None:
        """Let go where a condition does not hold any more, or where it takes too long."""
        red = not_green(self._guard.conditions())
        if red:
            self._guard.drop("; ".join(one.text for one in red))
        if self._guard.dropped and self._has_worked:
            # What it did may well change its own conditions: an open flap covers nothing.
            for place in range(self._at, len(self._states)):
                self._states[place] = "passed over"
            self._confirm(now_ns)
        elif self._guard.dropped:
            self._let_go(self._stopped, self._guard.dropped, now_ns)
        elif now_ns - self._began_ns > self.command.longest_s * 1e9:
            self._let_go("failed", f"not done within {self.command.longest_s:g} s", now_ns)
        else:
            self._keep_alive.due(now_ns)

    @property
    def _has_worked(self) -> bool:
        """True where the bus reports what was wanted, and nothing is to be moved any more."""
        proof, still = self.command.proof, self.command.steps[self._at + 1 :]
        moved = self._moved_ns is not None and not any(self._moves(step) for step in still)
        return moved and proof is not None and self._holds(proof)

    @property
    def _stopped(self) -> OutcomeKind:
        return "dropped" if self._anything_left else "refused"

    def _stopped_by(self, refused: Refusal | NotSent) -> OutcomeKind:
        """Name what kept a frame back: a condition, or that it was late. None is tried again."""
        return "not_sent" if refused.late else self._stopped

    def _let_go(self, kind: OutcomeKind, text: str, now_ns: int) -> None:
        """Begin to hand back: whatever comes, this is how a run ends."""
        self._ending = (kind, text)
        if self._at < len(self._states) and self._states[self._at] == "now":
            self._states[self._at] = "failed"
            self._notes[self._at] = self._notes[self._at] or text
        if self._exchange is not None:
            self._exchange.stop()
        self._frames.cease_all()
        steps = self.command.hand_back if self._anything_left else ()
        self._hand_back = HandBack(self.command, steps, self._frames, self._exchange, now_ns)
        self._give_back(now_ns)

    def _give_back(self, now_ns: int) -> None:
        assert self._hand_back is not None
        if self._exchange is not None:
            result = self._exchange.due(now_ns)
            if result is not None:
                self._hand_back.answered(result, now_ns)
        if not self._hand_back.due(now_ns):
            return
        kind, text = self._ending or ("failed", "")
        self._end(
            kind, text, now_ns, returned=self._hand_back.confirmed, returning=self._hand_back.text
        )

    def _end(
        self, kind: OutcomeKind, text: str, now_ns: int, *, returned: bool, returning: str
    ) -> None:
        moved = self._asked_to_move or self._frames.moved
        took_s = (now_ns - self._began_ns) / 1e9
        self.outcome = Outcome(kind, text, moved, returned, returning, took_s)

    def _holds(self, proof: Proof) -> bool:
        reading = self._guard.readings()[proof.signal]
        return reading.usable and proof.holds(reading.value)

    def _moves(self, step: Step) -> bool:
        match step.doing:
            case Ask(name):
                return self.command.request(name).moves is not None
            case SendTimes(name) | Repeat(name):
                return self.command.frame(name).moves is not None
        return False


def step_text(command: Command, step: Step) -> str:
    """Return what a step does, in words."""
    match step.doing:
        case Ask(name):
            return f"ask {name} ({command.request(name).data.hex(' ').upper()})"
        case SendTimes(name, times):
            return f"send {name} {times} times" if times > 1 else f"send {name}"
        case Repeat(name):
            return f"send {name} every {command.frame(name).every_ms} ms"
        case Cease(name):
            return f"stop {name}"
        case Wait(proof, within_s):
            return f"wait for {proof.text}, up to {within_s:g} s"
        case Pause(seconds):
            return f"wait {seconds:g} s"
