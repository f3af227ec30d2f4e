"""Arming, facts and faults in any order: never a frame without a permit that was valid then.

What must be so is worked out once more, by other means, at the very moment at which a frame
reaches the transmitter.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evdiag.commanding import command_rings
from evdiag.control.act_policy import ActPolicy
from evdiag.control.acting import Acting, Facts
from evdiag.control.audit import AuditLog
from evdiag.control.gate import TransmitGate
from evdiag.control.interlocks import BusFacts, CommandFacts
from evdiag.control.permits import Permit
from evdiag.control.policy import AskPolicy, Level
from evdiag.control.rest_log import RestLog
from evdiag.errors import BusError, EvdiagError
from evdiag.inputs import Frame
from evdiag.port.readings import Reading, ReadingsNow
from evdiag.vehicles.command import Command, CommandFrame
from evdiag.vehicles.library import library
from evdiag.vocabulary import STALE, UNKNOWN, Value
from tests.control.policies import read, request

REFERENCE = library().profile("reference")
PORT = REFERENCE.ecus()[0]
BUS = "can0"
CHANNELS = {bus.name: BUS for bus in REFERENCE.buses}
COMMANDS = [REFERENCE.ways("relock")[0], REFERENCE.ways("unlock")[1]]
SECOND = 1_000_000_000
WALL = 1_000_000 * SECOND

SAFE: dict[str, Value] = {
    "vehicle.speed": 0.0,
    "vehicle.gear": "P",
    "port.pilot": "B1",
    "charge.active": "no",
    "charge.discharge": "no",
    "port.inlet_current": 0.0,
    "port.inlet_voltage": 5.0,
    "port.dc_contactors": "open",
    "vehicle.supply_voltage": 12.4,
    "port.plug": "connected",
}
UNSAFE: dict[str, list[Value]] = {
    "vehicle.speed": [0.4, STALE],
    "vehicle.gear": ["D", UNKNOWN],
    "port.pilot": ["C2", "D1", STALE],
    "charge.active": ["yes", STALE],
    "charge.discharge": ["yes"],
    "port.inlet_current": [1.0, -3.0],
    "port.inlet_voltage": [60.0, 400.0, STALE],
    "port.dc_contactors": ["welded", "closed"],
    "vehicle.supply_voltage": [11.4],
    "port.plug": ["disconnected", STALE],
}


def frames_of(command: Command) -> list[tuple[str, Frame]]:
    """Every frame of a command with the id of what it is."""
    out = [(each.id, request(PORT, each.data, channel=BUS)) for each in command.requests]
    made = command_rings(command, REFERENCE)
    for frame in command.frames:
        out += [(frame.id, Frame(0, BUS, frame.can_id, False, data)) for data in made[frame.id][:2]]
    return out


ALL_FRAMES = [entry for command in COMMANDS for entry in frames_of(command)]


class Arming(RuleBasedStateMachine):
    """A gate, its world, and an oracle that looks at every frame that leaves."""

    def __init__(self) -> None:
        super().__init__()
        folder = Path(tempfile.mkdtemp())
        self.now_ns = 100 * SECOND
        self.values = dict(SAFE)
        self.age_ns = 0
        self.plug_since_ns = 0
        self.trouble = self.tester = ""
        self.answers: bool | None = True
        self.bus_fault = False
        self.slow_ns = 0
        self.armed: tuple[Command, int] | None = None
        self.acting: Acting | None = None
        self.began_ns: int | None = None
        self.was_red = False
        self.moves: list[tuple[int, str]] = []
        self.sending = ""
        self.left: list[Frame] = []
        self.rest_log = RestLog(folder / "actuators.json")
        self.audit = _SlowLog(self, folder / "audit.jsonl")
        self.gate = TransmitGate(
            AskPolicy.of(REFERENCE, CHANNELS),
            lambda: {BUS: self},
            lambda _: None,
            self.audit,
            lambda: self.now_ns,
            lambda: self.now_ns,
        )

    # -- the world -------------------------------------------------------------------------------

    @rule(name=st.sampled_from(sorted(UNSAFE)), data=st.data())
    def something_changes(self, name: str, data: st.DataObject) -> None:
        self.values[name] = data.draw(st.sampled_from([SAFE[name], SAFE[name], *UNSAFE[name]]))
        if name == "port.plug":
            self.plug_since_ns = self.now_ns

    @rule()
    def all_is_safe_again(self) -> None:
        self.values = dict(SAFE)
        self.age_ns, self.trouble, self.tester, self.answers = 0, "", "", True
        self.plug_since_ns = self.now_ns - 5 * SECOND

    @rule(age_ms=st.sampled_from([0, 0, 0, 100, 199, 200, 5_000]))
    def readings_age(self, age_ms: int) -> None:
        self.age_ns = age_ms * 1_000_000

    @rule(words=st.sampled_from(["", "", "bus off"]))
    def bus_is_in_trouble(self, words: str) -> None:
        self.trouble = words

    @rule(words=st.sampled_from(["", "", "0x7DF on can0: 02 01 0C"]))
    def somebody_else_asks(self, words: str) -> None:
        self.tester = words

    @rule(answers=st.sampled_from([True, True, None, False]))
    def unit_answers(self, answers: bool | None) -> None:
        self.answers = answers

    @rule(ms=st.sampled_from([1, 10, 50, 300, 1_000, 6_000, 61_000]))
    def time_passes(self, ms: int) -> None:
        self.now_ns += ms * 1_000_000

    @rule(ms=st.sampled_from([0, 0, 0, 150, 250]))
    def disk_is_slow(self, ms: int) -> None:
        self.slow_ns = ms * 1_000_000

    @rule(fault=st.sampled_from([False, False, True]))
    def adapter_fails(self, fault: bool) -> None:
        self.bus_fault = fault

    # -- what a person and a program do ----------------------------------------------------------

    @rule()
    def ask(self) -> None:
        self.gate.ask()

    @rule()
    def leave(self) -> None:
        self.gate.leave()
        self.armed = None

    @rule()
    def stand_down(self) -> None:
        self.gate.stand_down("done")
        self.armed = None

    @rule(command=st.sampled_from(COMMANDS))
    def arm(self, command: Command) -> None:
        rings = command_rings(command, REFERENCE)
        acting = Acting(
            ActPolicy(command, CHANNELS, rings),
            self.facts,
            self.rest_log,
            "lock",
            "a test",
            now_ns=self.now_ns,
            wall_ns=lambda: WALL + self.now_ns,
        )
        may = self.gate.level is Level.ASK
        armed_ns = self.now_ns
        try:
            self.gate.act(acting)
        except EvdiagError:
            assert not may
            return
        assert may
        self.armed, self.acting = (command, armed_ns), acting
        self.began_ns, self.was_red = None, False

    @precondition(lambda self: self.armed is not None)
    @rule()
    def drop(self) -> None:
        assert self.acting is not None
        self.acting.drop("somebody looked")
        self.was_red = True

    @rule(entry=st.sampled_from(ALL_FRAMES))
    def try_to_send(self, entry: tuple[str, Frame]) -> None:
        self.sending, frame = entry
        before = len(self.left)
        verdict = self.gate.transmit(frame, "a test")
        assert isinstance(verdict, Permit) == (len(self.left) > before)

    @rule(entry=st.sampled_from(ALL_FRAMES), bit=st.integers(0, 63))
    def try_to_send_something_else(self, entry: tuple[str, Frame], bit: int) -> None:
        self.sending, frame = "", entry[1]
        turned = (int.from_bytes(frame.data, "big") ^ 1 << bit).to_bytes(8, "big")
        known = {(each.id, each.data) for _, each in ALL_FRAMES}
        if (frame.id, turned) not in known:
            self.gate.transmit(frame._replace(data=turned), "a test")

    @rule()
    def try_to_read(self) -> None:
        self.sending = "read"
        self.gate.transmit(request(PORT, read(0xE001), channel=BUS), "a poll")

    # -- what leaves -----------------------------------------------------------------------------

    def transmit(self, frame: Frame) -> None:
        """Be the transmitter, and judge."""
        if self.sending == "read" or frame.data[1:3] in (b"\x3e\x80", b"\x3e\x00"):
            assert self.gate.level is not Level.LISTEN
        else:
            self.judge(frame)
        if self.bus_fault:
            raise BusError("the adapter took nothing")
        self.left.append(frame)

    def judge(self, frame: Frame) -> None:
        assert self.gate.level is Level.ACT
        assert self.armed is not None
        command, armed_ns = self.armed
        assert self.sending in {each.id for each in (*command.requests, *command.frames)}
        if self.sending in command.gives_back:
            return
        assert self.now_ns - armed_ns < 60 * SECOND + 200_000_000
        assert not self.was_red
        assert self.is_safe(command)
        # From the readings to the wire: their age, and how long it took to write this down.
        assert self.age_ns + self.slow_ns < 200_000_000
        decided_ns = self.now_ns - self.slow_ns
        self.began_ns = self.began_ns or decided_ns
        assert decided_ns - self.began_ns <= command.longest_s * SECOND
        listed = next(e for e in (*command.requests, *command.frames) if e.id == self.sending)
        if listed.moves:
            self.judge_movement(listed.id, decided_ns, cyclic=isinstance(listed, CommandFrame))

    def judge_movement(self, what: str, now_ns: int, *, cyclic: bool) -> None:
        if self.moves:
            first_ns = self.moves[0][0]
            last_ns, last = self.moves[-1]
            goes_on = last == what and now_ns - last_ns <= 300_000_000 + self.slow_ns
            if not goes_on:
                on_ns = max(last_ns - first_ns, round(0.6 * SECOND))
                assert now_ns - (first_ns + on_ns) >= 8 * on_ns - 2 * 250_000_000
                self.moves.clear()
        self.moves.append((now_ns, what))

    def is_safe(self, command: Command) -> bool:
        says = self.values
        plug_for_ns = self.now_ns - self.slow_ns - self.plug_since_ns
        steady = says["port.plug"] == "connected" and plug_for_ns >= 2 * SECOND
        return (
            all(says[name] == SAFE[name] for name in says if name != "port.plug")
            and (command.name != "relock" or steady)
            and not self.trouble
            and not self.tester
            and self.answers is True
        )

    def facts(self) -> Facts:
        readings = {
            name: Reading(value, self.plug_since_ns if name == "port.plug" else 1)
            for name, value in self.values.items()
        }
        now = ReadingsNow(readings, frozenset(SAFE), None)
        bus = BusFacts(self.trouble, self.answers, self.tester)
        return Facts(CommandFacts(now, self.now_ns, bus), now, self.age_ns)

    def close(self) -> None:
        """Be a transmitter that is closed."""

    @invariant()
    def below_act_nothing_is_armed(self) -> None:
        if self.gate.level is not Level.ACT:
            assert self.armed is None
        if self.armed is not None and self.acting is not None and self.acting.dropped:
            self.was_red = True


class _SlowLog(AuditLog):
    """A log on a disk that takes its time."""

    def __init__(self, stage: Arming, path: Path) -> None:
        super().__init__(path)
        self._stage = stage

    def note(self, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        decision = cast("str", args[3])
        if decision == "permitted":
            self._stage.now_ns += self._stage.slow_ns


TestArming = Arming.TestCase
TestArming.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
