"""A virtual car, a session that hears it, a gate and one command between them; time is told.

Every part is the real one but thread, bus and clock: so each fault can be tried in each step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evdiag.commanding import command_rings
from evdiag.control.acting import Facts
from evdiag.control.audit import AuditLog
from evdiag.control.errand import CommandErrand, Wish
from evdiag.control.gate import TransmitGate
from evdiag.control.interlocks import BusFacts, CommandFacts
from evdiag.control.module_check import ModuleSays
from evdiag.control.outcome import Outcome
from evdiag.control.permits import Permit, Refusal
from evdiag.control.policy import AskPolicy, Level
from evdiag.control.rest_log import RestLog
from evdiag.errors import BusError
from evdiag.inputs import Frame, Input, Tick, TransmitDecision
from evdiag.session import Session
from evdiag.simulator.frames import CHANNEL
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.command import Command
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of

STEP_NS = 1_000_000
WALL_NS = 1_700_000_000_000_000_000
PLUGGED_IN = ("plug_in", 4.0)


class CommandedCar:
    """One car that is parked, or did `acts` (numbers are seconds), and what evdiag does to it."""

    def __init__(
        self,
        folder: Path,
        *acts: str | float,
        vehicle: str = "reference",
        secured: bool = False,
        audit: AuditLog | None = None,
    ) -> None:
        self.profile = library().profile(vehicle)
        self.wire = WireCar(self.profile, secured=secured)
        self.car = self.wire.car
        self.now_ns = 0
        self.sent: list[Frame] = []
        self.verdicts: list[tuple[Frame, Permit | Refusal]] = []
        self.journal: list[Input] = []
        self.bus_fault: str | None = None
        self.lag_ns = 0
        self.other_tester = ""
        self.closed = 0
        self.line: Callable[[list[Frame]], list[Frame]] = lambda frames: frames
        channels = {bus.name: CHANNEL for bus in self.profile.buses}
        layout = self.profile.layouts[0]
        watch = watch_of(self.profile, layout, databases(self.profile, layout), channels)
        self.channels = channels
        self.session = Session(self.profile, watch)
        self.rest_log = RestLog(folder / "actuators.json")
        self.gate = TransmitGate(
            AskPolicy.of(self.profile, channels),
            lambda: {CHANNEL: self},
            self._journalled,
            audit or AuditLog(folder / "audit.jsonl"),
            lambda: WALL_NS + self.now_ns,
            lambda: self.now_ns,
        )
        self.errand: CommandErrand | None = None
        self._to_car: list[Frame] = []
        self.wait(0.5)
        for act in acts:
            if isinstance(act, str):
                self.car.do(act)
            else:
                self.wait(act)

    # -- what the gate needs ---------------------------------------------------------------------

    def transmit(self, frame: Frame) -> None:
        if self.bus_fault is not None:
            raise BusError(self.bus_fault)
        self.sent.append(frame)
        self._to_car.append(frame)

    def close(self) -> None:
        self.closed += 1

    def _journalled(self, items: Sequence[Input]) -> None:
        self.journal += items
        for item in items:
            if isinstance(item, TransmitDecision):
                self._feed(item)

    # -- a command -------------------------------------------------------------------------------

    def begin(
        self, command: Command, confirmed: frozenset[str] = frozenset(), vin: str | None = None
    ) -> CommandErrand:
        """Arm ASK and begin a command."""

        def take_facts(module: ModuleSays) -> Facts:
            readings = self.session.readings.now()
            if command.unit is None and command.proof is not None:
                module = ModuleSays(readings[command.proof.signal].usable, "heard")
            bus = BusFacts("", module.answers, self.other_tester, module.text)
            facts = CommandFacts(readings, self.session.stream_ns or 0, bus, confirmed)
            return Facts(facts, readings, self.lag_ns)

        self.gate.ask()
        pattern = self.profile.vin_pattern if command.vin_from_unit else ""
        wish = Wish(
            command,
            self.channels,
            command_rings(command, self.profile),
            "a test",
            command.actuator,
            pattern if vin is None else vin,
        )
        self.errand = CommandErrand(
            wish,
            self.gate,
            take_facts,
            self.rest_log,
            lambda: True,
            self.now_ns,
            lambda: WALL_NS + self.now_ns,
        )
        return self.errand

    def run(self, command: Command, seconds: float = 40.0) -> Outcome:
        """Carry a command out to its end."""
        errand = self.begin(command)
        self.until(lambda: errand.outcome is not None, seconds)
        assert errand.outcome is not None
        return errand.outcome

    # -- time ------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self.until(lambda: False, seconds)

    def until(self, holds: Callable[[], bool], at_most_s: float = 40.0) -> bool:
        """Let time pass until something holds; return whether it does."""
        ends_ns = self.now_ns + round(at_most_s * 1e9)
        while not holds() and self.now_ns < ends_ns:
            self._turn()
        return holds()

    def _turn(self) -> None:
        self.now_ns += STEP_NS if self._is_near else 10 * STEP_NS
        out, self._to_car = self._to_car, []
        heard = self.wire.advance(self.now_ns)
        self.wire.heard(out, self.now_ns)
        heard += self.wire.advance(self.now_ns)
        for frame in self.line(heard):
            received = frame._replace(time_ns=WALL_NS + self.now_ns, direction="rx")
            self._feed(received)
            if self.gate.level is not Level.LISTEN:
                self.gate.heard(received)
                if self.errand is not None:
                    self.errand.heard(received, self.now_ns)
        self._feed(Tick(WALL_NS + self.now_ns))
        if self.errand is not None:
            self.errand.due(self.now_ns)

    @property
    def _is_near(self) -> bool:
        """Fine steps only where frames come every few milliseconds."""
        return self.errand is not None and self.errand.next_ns is not None

    def _feed(self, item: Input) -> None:
        for _ in self.session.feed(item):
            pass
