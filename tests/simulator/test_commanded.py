"""Every command of every profile does on its virtual car what its name says, and gives it back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evdiag.inputs import Frame
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.command import (
    Ask,
    Cease,
    Command,
    CommandFrame,
    Pause,
    Proof,
    Repeat,
    Send,
    Step,
    Wait,
)
from evdiag.vehicles.command_frames import rings
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.profile import Profile

COMMANDS = [
    pytest.param(profile, command, id=f"{profile.id}: {command.text}")
    for profile in library().profiles.values()
    for command in profile.commands
]
LONGEST_S = 3.0


class Tool:
    """Does the steps of one command on a car; time passes in steps of 10 ms."""

    def __init__(self, profile: Profile, command: Command) -> None:
        self.car = WireCar(profile, behind_gateway=True)
        self.command = command
        self.now_ns = 0
        self.cyclic: dict[str, CommandFrame] = {}
        self.counter = 0
        messages = [m for db in databases(profile, profile.layouts[0]) for m in db.messages]
        self.rings = rings(command, messages, profile.file)

    def wait(self, seconds: float) -> list[Frame]:
        said = []
        for _ in range(round(seconds * 100)):
            self.now_ns += 10_000_000
            for frame in self.cyclic.values():
                self._send(frame)
            said += self.car.advance(self.now_ns)
        return said

    def do(self, steps: Sequence[Step]) -> None:
        for step in steps:
            match step.doing:
                case Ask(name):
                    self._ask(self.command.request(name).data)
                case Repeat(name):
                    self.cyclic[name] = self.command.frame(name)
                case Cease(name):
                    self.cyclic.pop(name, None)
                case Send(name, times):
                    for _ in range(times):
                        self._send(self.command.frame(name))
                        self.wait(0.01)
                case Wait(proof, within_s):
                    self.await_proof(proof, within_s)
                case Pause(seconds):
                    self.wait(seconds)

    def await_proof(self, proof: Proof, within_s: float) -> None:
        ends_ns = self.now_ns + within_s * 1e9
        while not proof.holds(self.car.car.values[proof.signal]):
            assert self.now_ns < ends_ns, f"{proof.text} is not reported"
            self.wait(0.01)

    def _ask(self, request: bytes) -> None:
        unit = self.command.unit
        assert unit is not None
        data = bytes((len(request), *request)).ljust(8, b"\xcc")
        asked = Frame(0, "can0", unit.request_id, unit.extended_ids, data)
        self.car.heard([asked], self.now_ns)
        answers = [frame.data for frame in self.wait(LONGEST_S) if frame.id == unit.response_id]
        silent = request == b"\x3e\x80"
        assert silent or answers[-1][1] == request[0] | 0x40, request.hex()

    def _send(self, frame: CommandFrame) -> None:
        ring = self.rings[frame.id]
        sent = Frame(0, "can0", frame.can_id, frame.extended, ring[self.counter % len(ring)])
        self.counter += 1
        self.car.heard([sent], self.now_ns)


@pytest.mark.parametrize(("profile", "command"), COMMANDS)
def test_a_command_does_what_it_says_and_leaves_nothing(profile: Profile, command: Command) -> None:
    tool = Tool(profile, command)
    if command.name != "open-flap":
        tool.car.car.do("mode never" if command.name == "relock" else "mode always")
        tool.car.car.do("plug_in")
        tool.wait(4.0)
    assert not command.proof.holds(tool.car.car.values[command.proof.signal])
    tool.do(command.steps)
    tool.await_proof(command.proof, command.within_s)
    assert not tool.car.authority.returned
    tool.do(command.hand_back)
    assert not tool.car.car.state.holders
    tool.wait(0.15)
    assert tool.car.authority.returned, tool.car.authority.reasons


@pytest.mark.parametrize(("profile", "command"), COMMANDS)
def test_a_tool_that_dies_in_the_middle_leaves_nothing_either(
    profile: Profile, command: Command
) -> None:
    tool = Tool(profile, command)
    if command.name != "open-flap":
        tool.car.car.do("mode never" if command.name == "relock" else "mode always")
        tool.car.car.do("plug_in")
        tool.wait(4.0)
    tool.do(command.steps)
    tool.cyclic.clear()
    tool.wait(command.alone_after_s + 0.1)
    assert tool.car.authority.returned, tool.car.authority.reasons
