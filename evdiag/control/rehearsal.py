"""What a command would send, made by the code that would send it, and kept instead. Nothing leaves.

No thread, no clock, no bus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evdiag.control.command_run import step_text
from evdiag.control.conversation import Conversation, Question
from evdiag.control.cyclic import CyclicFrames
from evdiag.control.module_check import PRESENT, VIN
from evdiag.control.permits import Permit
from evdiag.inputs import Channel, Frame
from evdiag.vehicles.command import Ask, Command, CommandFrame, Repeat, Send, Step
from evdiag.vehicles.command_frames import Rings

SHOWN: Final = 3
"""How many frames of a cyclic one are shown."""


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """One step: what it does, the frames that it would send, and how they would go on."""

    text: str
    frames: tuple[Frame, ...] = ()
    goes_on: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All that a command would send, in order.

    `before` is what its control unit is asked first, at level ASK; `meanwhile` keeps its session
    up. An answer of several frames is let go on with flow control, which is not shown.
    """

    before: tuple[RehearsedStep, ...]
    steps: tuple[RehearsedStep, ...]
    meanwhile: tuple[RehearsedStep, ...]
    hand_back: tuple[RehearsedStep, ...]


def rehearsal(command: Command, rings: Rings, channels: Mapping[str, Channel]) -> Rehearsal:
    """Return what a command would send on these channels."""
    stage = _Stage(command, rings, channels)
    return Rehearsal(
        before=stage.before(),
        steps=stage.steps(command.steps),
        meanwhile=stage.meanwhile(),
        hand_back=stage.steps(command.hand_back),
    )


class _Stage:
    def __init__(self, command: Command, rings: Rings, channels: Mapping[str, Channel]) -> None:
        self._command = command
        self._channels = channels
        self._kept: list[Frame] = []
        self._cyclic = CyclicFrames(rings, channels, self._keep)
        self._now_ns = 0

    def before(self) -> tuple[RehearsedStep, ...]:
        if self._command.unit is None:
            return ()
        asked = [PRESENT, VIN] if self._command.vin_from_unit else [PRESENT]
        return tuple(RehearsedStep(each.why, self._asked(each.request)) for each in asked)

    def steps(self, steps: Sequence[Step]) -> tuple[RehearsedStep, ...]:
        return tuple(self._step(step) for step in steps)

    def meanwhile(self) -> tuple[RehearsedStep, ...]:
        if not self._command.keep_alive:
            return ()
        request = self._command.request(self._command.keep_alive)
        text = f"every {request.every_ms} ms in which nothing else is asked"
        return (RehearsedStep(text, self._asked(request.data)),)

    def _step(self, step: Step) -> RehearsedStep:
        text = step_text(self._command, step)
        match step.doing:
            case Ask(name):
                return RehearsedStep(text, self._asked(self._command.request(name).data))
            case Send(name, times):
                return RehearsedStep(text, self._sent(self._command.frame(name), times))
            case Repeat(name):
                frame = self._command.frame(name)
                goes_on = f"every {frame.every_ms} ms until stop {name}, or the end"
                return RehearsedStep(text, self._sent(frame, SHOWN), goes_on)
        return RehearsedStep(text)

    def _asked(self, request: bytes) -> tuple[Frame, ...]:
        unit = self._command.unit
        assert unit is not None
        conversation = Conversation(unit, self._channels[unit.bus], self._keep)
        conversation.ask(Question(request, ""), self._now_ns)
        return self._taken()

    def _sent(self, frame: CommandFrame, times: int) -> tuple[Frame, ...]:
        self._cyclic.begin(frame, self._now_ns, times)
        while (next_ns := self._cyclic.next_ns) is not None:
            self._now_ns = next_ns
            self._cyclic.due(next_ns, "")
        return self._taken()

    def _keep(self, frame: Frame, why: str) -> Permit:
        self._kept.append(frame)
        return Permit(why, None, 0, ())

    def _taken(self) -> tuple[Frame, ...]:
        taken, self._kept = tuple(self._kept), []
        return taken
