"""A command from the wish to its end: is the unit there, does all hold, then armed and carried out.

No thread, no clock, no bus: driven by the asker with time and frames, through the gate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from evdiag.control.act_policy import ActPolicy
from evdiag.control.acting import Acting, Facts
from evdiag.control.command_run import CommandRun, StepView
from evdiag.control.conversation import Conversation
from evdiag.control.cyclic import CyclicFrames
from evdiag.control.gate import TransmitGate
from evdiag.control.hand_back import NOTHING_SENT
from evdiag.control.interlocks import Interlock, all_green, interlocks, not_green
from evdiag.control.module_check import ModuleCheck, ModuleSays
from evdiag.control.outcome import Outcome
from evdiag.control.rest_log import RestLog
from evdiag.errors import BadInputError, RefusedError
from evdiag.inputs import Channel, Frame
from evdiag.vehicles.command import Command
from evdiag.vehicles.command_frames import Rings

LOOKS_FOR_NS: Final = 6_000_000_000
"""So long may what is not yet fresh, steady or rested take to become so."""

Stage: TypeAlias = Literal["looking", "running", "letting go", "ended"]
_NeverKind: TypeAlias = Literal["done", "refused", "no_answer", "not_sent", "bus_lost", "aborted"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: one command, who consented to it and how, in words.

    `rings` are its frames, `vin_pattern` what the commanded unit's VIN must look like (empty where
    that is not asked), `actuator` under which name its rest is kept.
    """

    command: Command
    channels: Mapping[str, Channel]
    rings: Rings
    consent: str
    actuator: str
    vin_pattern: str = ""


@dataclass(frozen=True, slots=True)
class ErrandView:
    """A command as it stands, for a screen: taken whole at one moment."""

    command: Command
    stage: Stage
    conditions: tuple[Interlock, ...]
    steps: tuple[StepView, ...]
    armed_s: float | None
    outcome: Outcome | None


class CommandErrand:
    """One wish, from the check of its conditions to the authority handed back.

    `take_facts` gives the readings, and what is known of the bus, as they are now; it is told what
    the commanded unit said.
    """

    def __init__(
        self,
        wish: Wish,
        gate: TransmitGate,
        take_facts: Callable[[ModuleSays], Facts],
        rest_log: RestLog,
        unit_is_free: Callable[[], bool],
        now_ns: int,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Prepare; nothing leaves.

        Raises:
            BadInputError: the command is none that evdiag gives, or not on these buses.
        """
        self.wish = wish
        self._gate = gate
        self._take_facts = take_facts
        self._rest_log = rest_log
        self._unit_is_free = unit_is_free
        self._policy = ActPolicy(wish.command, wish.channels, wish.rings)
        self._wall_ns = wall_ns
        self._began_ns = now_ns
        self._check = self._module_check()
        self._acting: Acting | None = None
        self._run: CommandRun | None = None
        self._conditions: tuple[Interlock, ...] = ()
        self._outcome: Outcome | None = None

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        if self._outcome is not None:
            return "ended"
        if self._run is None:
            return "looking"
        return "letting go" if self._run.phase == "letting go" else "running"

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None before."""
        return self._outcome

    @property
    def needs_unit(self) -> bool:
        """True while the commanded unit should be asked nothing else."""
        if self._run is not None:
            return self._run.needs_unit
        return self._check is not None and self._check.waiting

    @property
    def next_ns(self) -> int | None:
        """When the next frame is due; None where none is."""
        return None if self._run is None else self._run.next_ns

    def view(self, now_ns: int) -> ErrandView:
        """Return it as it stands."""
        armed_s = None
        if self._acting is not None and self._outcome is None:
            armed_s = max(0.0, (self._acting.until_ns - now_ns) / 1e9)
        steps = () if self._run is None else self._run.steps()
        return ErrandView(
            self.wish.command, self.stage, self._conditions, steps, armed_s, self._outcome
        )

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a received frame."""
        if self._run is not None:
            self._run.heard(frame, now_ns)
        elif self._check is not None:
            self._check.heard(frame, now_ns)

    def due(self, now_ns: int) -> None:
        """Let time pass."""
        if self._outcome is not None:
            return
        if self._run is None:
            self._look(now_ns)
            return
        self._run.due(now_ns)
        self._see_end()

    def abort(self, why: str, now_ns: int) -> None:
        """End it: what has begun is handed back."""
        if self._run is not None:
            self._run.abort(why, now_ns)
        elif self._outcome is None:
            self._never("aborted", now_ns, why)

    def lost(self, why: str, now_ns: int) -> None:
        """The bus is gone."""
        if self._run is not None:
            self._run.lost(why, now_ns)
            self._see_end()
        elif self._outcome is None:
            self._never("bus_lost", now_ns, why)

    # -- before anything is armed ----------------------------------------------------------------

    def _module_check(self) -> ModuleCheck | None:
        conversation = self._conversation()
        if conversation is None:
            return None
        return ModuleCheck(conversation, self.wish.vin_pattern)

    def _conversation(self) -> Conversation | None:
        unit = self.wish.command.unit
        if unit is None:
            return None
        return Conversation(unit, self.wish.channels[unit.bus], self._gate.transmit)

    def _module(self) -> ModuleSays:
        return ModuleSays() if self._check is None else self._check.says

    def _look(self, now_ns: int) -> None:
        check = self._check
        if check is not None and (check.waiting or self._unit_is_free()):
            check.due(now_ns)
        facts = self._take_facts(self._module())
        command = self.wish.command
        self._conditions = interlocks(command.name, facts.of_command, command.needs)
        if all_green(self._conditions):
            if self._is_so_already(facts):
                # No actuator is driven for nothing; who doubts the sensor has `cycle`.
                assert command.proof is not None
                self._never("done", now_ns, f"reported: {command.proof.text}; it was so already")
            else:
                self._arm(now_ns)
        elif now_ns - self._began_ns > LOOKS_FOR_NS:
            red = not_green(self._conditions)
            only_module = [one.id for one in red] == ["module"]
            kind = self._without_answer if only_module else "refused"
            self._never(kind, now_ns, *(one.text for one in red))

    @property
    def _without_answer(self) -> _NeverKind:
        """What it is called that nothing but the unit's answer is missing."""
        says = self._module()
        if says.not_sent:
            return "not_sent"
        return "no_answer" if says.silent else "refused"

    def _is_so_already(self, facts: Facts) -> bool:
        """Tell whether the bus reports what is wanted; a cycle is wanted for its way."""
        command = self.wish.command
        if command.name == "cycle" or command.proof is None:
            return False
        reading = facts.readings[command.proof.signal]
        return reading.usable and command.proof.holds(reading.value)

    def _arm(self, now_ns: int) -> None:
        command = self.wish.command
        try:
            acting = Acting(
                self._policy,
                lambda: self._take_facts(self._module()),
                self._rest_log,
                self.wish.actuator,
                self.wish.consent,
                now_ns=now_ns,
                wall_ns=self._wall_ns,
            )
            self._gate.act(acting)
        except (BadInputError, RefusedError) as error:
            self._never("refused", now_ns, str(error))
            return
        self._acting = acting
        send = self._gate.transmit
        self._run = CommandRun(
            command,
            CyclicFrames(self.wish.rings, self.wish.channels, send),
            send,
            acting,
            self._conversation(),
            self._unit_is_free,
            now_ns,
        )

    def _see_end(self) -> None:
        if self._run is None or self._outcome is not None:
            return
        if self._acting is not None:
            # Letting go looks at none any more: what failed stays among them.
            self._conditions = self._acting.seen or self._conditions
        if self._run.outcome is None:
            return
        self._outcome = self._run.outcome
        command = self.wish.command
        self._gate.stand_down(f"{command.name} by {command.way}: {self._outcome.logged}")

    def _never(self, kind: _NeverKind, now_ns: int, *reasons: str) -> None:
        """It ends before it was armed."""
        took_s = (now_ns - self._began_ns) / 1e9
        self._outcome = Outcome(kind, "; ".join(reasons), False, True, NOTHING_SENT, took_s)
        self._gate.never_armed(self.wish.command.name, kind, reasons)
