"""The gate at level ACT: what is written down before, what runs out, what lets go all the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from evdiag.commanding import command_rings
from evdiag.control.act_policy import ActPolicy
from evdiag.control.acting import AHEAD_NS, Acting, Facts
from evdiag.control.audit import AuditLog
from evdiag.control.gate import TOO_LATE, TransmitGate
from evdiag.control.interlocks import BusFacts, CommandFacts
from evdiag.control.permits import Permit, Refusal
from evdiag.control.policy import AskPolicy, Level
from evdiag.control.rest import Movement
from evdiag.control.rest_log import RestLog
from evdiag.errors import BadInputError, BusError, RefusedError
from evdiag.inputs import Frame, Input, TransmitDecision
from evdiag.port.readings import Reading, ReadingsNow
from evdiag.vehicles.command import Command, Proof
from evdiag.vehicles.library import library
from tests.control.policies import read, request
from tests.control.test_acting_machine import BUS, CHANNELS, SAFE, SECOND

REFERENCE = library().profile("reference")
PORT = REFERENCE.ecus()[0]
FRAMES, UDS = REFERENCE.ways("unlock")
RINGS = command_rings(FRAMES, REFERENCE)

EXTENDED = request(PORT, b"\x10\x03", channel=BUS)
OPEN = request(PORT, b"\x2f\xe0\x10\x03\x00", channel=BUS)
GIVE_BACK = request(PORT, b"\x2f\xe0\x10\x00", channel=BUS)


def cyclic(count: int, name: str = "open") -> Frame:
    return Frame(0, BUS, 0x4E8, False, RINGS[name][count % 16])


class Stage:
    """A gate that is armed for one command, all conditions green until a test says otherwise."""

    def __init__(self, folder: Path, command: Command = UDS) -> None:
        self.now_ns = 1_000 * SECOND
        self.values = dict(SAFE)
        self.facts_taken = 0
        self.journal: list[Input] = []
        self.sent: list[Frame] = []
        self.log = AuditLog(folder / "audit.jsonl")
        self.rest_log = RestLog(folder / "actuators.json")
        self.gate = TransmitGate(
            AskPolicy.of(REFERENCE, CHANNELS),
            lambda: {BUS: self},
            self.journalled,
            self.log,
            lambda: self.now_ns,
            lambda: self.now_ns,
        )
        self.gate.ask()
        self.acting = self.armed(command)
        self.gate.act(self.acting)

    def armed(self, command: Command) -> Acting:
        rings = command_rings(command, REFERENCE)
        return Acting(
            ActPolicy(command, CHANNELS, rings),
            self.facts,
            self.rest_log,
            "lock",
            "typed: brass simulated",
            now_ns=self.now_ns,
            wall_ns=lambda: self.now_ns,
        )

    def facts(self) -> Facts:
        self.facts_taken += 1
        readings = {name: Reading(value, 1) for name, value in self.values.items()}
        now = ReadingsNow(readings, frozenset(SAFE), None)
        return Facts(CommandFacts(now, self.now_ns, BusFacts("", True)), now, 0)

    def journalled(self, items: Sequence[Input]) -> None:
        self.journal += items

    def transmit(self, frame: Frame) -> None:
        self.sent.append(frame)

    def close(self) -> None:
        """Be a transmitter that is closed."""

    def logged(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.path.read_text().splitlines()]


def test_a_command_is_armed_from_ask_only(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with pytest.raises(RefusedError, match="from level ASK, not ACT"):
        stage.gate.act(stage.armed(FRAMES))
    stage.gate.leave()
    with pytest.raises(RefusedError, match="from level ASK, not LISTEN"):
        stage.gate.act(stage.acting)
    assert isinstance(stage.gate.transmit(EXTENDED, "x"), Refusal)


def test_who_consented_and_the_facts_are_in_the_log_before_the_frame(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    permit = stage.gate.transmit(OPEN, "unlock")
    assert isinstance(permit, Permit)
    assert permit.moves == "unlock"
    armed, moved = [line for line in stage.logged() if line["decision"] in ("armed", "permitted")][
        -2:
    ]
    assert (armed["why"], armed["result"]) == ("level ACT", "typed: brass simulated")
    assert moved["level"] == "ACT"
    assert moved["data"] == "05 2F E0 10 03 00 CC CC"
    facts = moved["facts"]
    assert isinstance(facts, list)
    assert "voltage: 5 V" in facts
    decision, frame = stage.journal
    assert isinstance(decision, TransmitDecision)
    assert (decision.intent, decision.permitted) == ("unlock", True)
    assert decision.reasons[0] == "unlock by uds: open"
    assert "gear: P" in decision.reasons
    assert frame == stage.sent[0]


def test_facts_are_taken_anew_for_every_frame_but_not_to_let_go(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for frame in (EXTENDED, OPEN):
        assert isinstance(stage.gate.transmit(frame, "x"), Permit)
    assert stage.facts_taken == 2
    stage.values["vehicle.speed"] = 3.0
    stage.now_ns += SECOND
    refusal = stage.gate.transmit(EXTENDED, "x")
    assert isinstance(refusal, Refusal)
    assert refusal.reasons == ("the car stands still: 3 km/h",)
    assert stage.acting.dropped == "the car stands still: 3 km/h"
    stage.values["vehicle.speed"] = 0.0
    again = stage.gate.transmit(EXTENDED, "x")
    assert isinstance(again, Refusal)
    assert "no longer armed: the car stands still" in again.text
    taken = stage.facts_taken
    assert isinstance(stage.gate.transmit(GIVE_BACK, "x"), Permit)
    assert stage.facts_taken == taken


def test_the_log_tells_the_whole_story(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.gate.transmit(OPEN, "unlock")
    stage.gate.transmit(cyclic(0), "a slip")
    stage.gate.stand_down("done")
    stage.gate.leave()
    told = [(e["level"], e["why"], e["decision"], e["result"]) for e in stage.logged()]
    assert told == [
        ("LISTEN", "level ASK", "armed", ""),
        ("ASK", "level ACT", "armed", "typed: brass simulated"),
        ("ACT", "unlock", "permitted", "about to be sent"),
        ("ACT", "a slip", "refused", "0x4E8 is no id on which diagnostics are asked"),
        ("ACT", "level ASK", "stood down", "done"),
        ("ASK", "level LISTEN", "left", ""),
    ]
    refused = stage.journal[-1]
    assert refused == TransmitDecision(
        stage.now_ns, "a slip", False, ("0x4E8 is no id on which diagnostics are asked",)
    )
    assert isinstance(stage.gate.transmit(OPEN, "unlock"), Refusal)


def test_what_the_adapter_does_not_take_is_told_with_its_reason(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    def fail(frame: Frame) -> None:
        raise BusError("no buffer space")

    stage.transmit = fail  # type: ignore[method-assign]
    assert stage.gate.transmit(EXTENDED, "begin") == Refusal(("no buffer space",))
    assert stage.journal[-1] == TransmitDecision(stage.now_ns, "begin", False, ("no buffer space",))
    assert [e["decision"] for e in stage.logged()][-2:] == ["permitted", "not sent"]


def test_a_command_takes_no_longer_than_its_longest(tmp_path: Path) -> None:
    """Counted from its first frame."""
    stage = Stage(tmp_path)
    stage.now_ns += 15 * SECOND
    assert isinstance(stage.gate.transmit(EXTENDED, "x"), Permit)
    stage.now_ns += 20 * SECOND
    assert isinstance(stage.gate.transmit(EXTENDED, "x"), Permit)
    stage.now_ns += SECOND
    refusal = stage.gate.transmit(EXTENDED, "x")
    assert isinstance(refusal, Refusal)
    assert refusal.text == "it has taken longer than 20 s"
    assert isinstance(stage.gate.transmit(GIVE_BACK, "x"), Permit)


def test_it_is_the_commands_own_conditions_that_count(tmp_path: Path) -> None:
    """Relocking needs a plug, and a profile may need more."""
    relock = REFERENCE.ways("relock")[1]
    stage = Stage(tmp_path, relock)
    stage.values["port.plug"] = "disconnected"
    refusal = stage.gate.transmit(EXTENDED, "x")
    assert isinstance(refusal, Refusal)
    assert refusal.text == "plug in, and steady for 2 s: disconnected"
    stage.gate.leave()
    needy = UDS._replace(needs=(Proof("vehicle.gear", ("N",)),))
    other = Stage(tmp_path, needy)
    refusal = other.gate.transmit(EXTENDED, "x")
    assert isinstance(refusal, Refusal)
    assert refusal.text == "this car's own: vehicle.gear N: P"
    assert [one.id for one in other.acting.conditions()][-1] == "need vehicle.gear"
    assert other.acting.readings()["vehicle.gear"].value == "P"


def test_the_first_reason_for_dropping_stays(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.acting.dropped == ""
    stage.acting.drop("one")
    stage.acting.drop("two")
    assert stage.acting.dropped == "one"


def test_a_permit_runs_out_while_it_is_written_down(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    note = stage.log.note

    def slow(*args: object, **kwargs: object) -> None:
        stage.now_ns += 200_000_000
        note(*args, **kwargs)  # type: ignore[arg-type]

    stage.log.note = slow  # type: ignore[method-assign]
    refusal = stage.gate.transmit(EXTENDED, "x")
    assert isinstance(refusal, Refusal)
    assert refusal.text == TOO_LATE
    assert not stage.sent
    assert not [item for item in stage.journal if isinstance(item, Frame)]
    assert isinstance(stage.gate.transmit(GIVE_BACK, "x"), Permit)
    assert len(stage.sent) == 1


def test_without_a_log_nothing_leaves_but_what_lets_go(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    def full(*args: object, **kwargs: object) -> None:
        raise BadInputError("no space left")

    stage.log.note = full  # type: ignore[method-assign]
    refusal = stage.gate.transmit(OPEN, "unlock")
    assert refusal == Refusal(("no space left",))
    assert not stage.sent
    assert isinstance(stage.gate.transmit(GIVE_BACK, "x"), Permit)
    assert [frame.data for frame in stage.sent] == [GIVE_BACK.data]
    stage.gate.stand_down("done")
    assert stage.gate.level is Level.ASK
    stage.gate.leave()
    assert stage.gate.level is Level.LISTEN


def test_without_a_note_of_the_movement_nothing_moves(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.rest_log.path.mkdir()
    refusal = stage.gate.transmit(OPEN, "unlock")
    assert isinstance(refusal, Refusal)
    assert "actuators.json" in refusal.text
    assert not stage.sent


def test_a_note_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    log = RestLog(tmp_path / "actuators.json")
    log.path.symlink_to(tmp_path / "a disk that is gone" / "actuators.json")
    with pytest.raises(BadInputError, match="cannot be written"):
        log.note("lock", Movement("x", 0, 1, 0))


def test_standing_down_ends_it_and_reading_goes_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert isinstance(stage.gate.transmit(request(PORT, read(0xE001), channel=BUS), "poll"), Permit)
    stage.gate.ask()
    assert stage.gate.level is Level.ACT
    stage.gate.stand_down("done")
    stage.gate.stand_down("done")
    assert stage.gate.level is Level.ASK
    refusal = stage.gate.transmit(OPEN, "unlock")
    assert isinstance(refusal, Refusal)
    assert "never sent at level ASK" in refusal.text
    stage.now_ns += SECOND
    assert isinstance(stage.gate.transmit(request(PORT, read(0xE001), channel=BUS), "poll"), Permit)
    assert [line["decision"] for line in stage.logged()].count("stood down") == 1


def test_data_that_is_not_listed_is_refused_where_commands_go(tmp_path: Path) -> None:
    stage = Stage(tmp_path, FRAMES)
    wrong = Frame(0, BUS, 0x4E8, False, bytes(8))
    refusal = stage.gate.transmit(wrong, "unlock")
    assert isinstance(refusal, Refusal)
    assert "no data that this command lists" in refusal.text
    assert not stage.acting.dropped


def test_a_movement_is_one_while_its_frames_go_on(tmp_path: Path) -> None:
    """Written down when it begins, and ahead of itself when it takes longer than usual."""
    stage = Stage(tmp_path, FRAMES)
    began_ns = stage.now_ns
    for count in range(100):
        verdict = stage.gate.transmit(cyclic(count), "unlock")
        assert isinstance(verdict, Permit)
        stage.now_ns += 10_000_000
    last_ns = stage.now_ns - 10_000_000
    written = stage.rest_log.last("lock")
    assert written is not None
    assert written.began_ns == began_ns
    assert last_ns <= written.ended_ns <= last_ns + AHEAD_NS
    told = [item for item in stage.journal if isinstance(item, TransmitDecision)]
    assert len(told) == 1, "one movement, told once"
    assert stage.acting.rest_s(stage.now_ns) == pytest.approx(8 * 0.99, abs=0.02)
    stage.now_ns += SECOND
    refusal = stage.gate.transmit(cyclic(0), "unlock")
    assert isinstance(refusal, Refusal)
    assert "the actuator must rest for" in refusal.text
    stage.now_ns += 8 * SECOND
    assert isinstance(stage.gate.transmit(cyclic(1), "unlock"), Permit)
    told = [item for item in stage.journal if isinstance(item, TransmitDecision) and item.permitted]
    assert len(told) == 2


def test_the_rest_outlives_a_restart(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert isinstance(stage.gate.transmit(OPEN, "unlock"), Permit)
    stage.rest_log.release()
    again = Stage(tmp_path)
    again.now_ns = stage.now_ns + 5 * SECOND
    assert again.acting.rest_s(again.now_ns) == pytest.approx(0.6 + 8 * 0.6 - 5)
    refusal = again.gate.transmit(OPEN, "unlock")
    assert isinstance(refusal, Refusal)
    assert refusal.text == "the actuator must rest for 0.4 s more"


def test_a_note_of_movements_that_cannot_be_read_arms_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.gate.stand_down("done")
    for broken in ("{", "[]", '{"lock": [1, 2]}', '{"lock": ["x", "y", 1, 2]}'):
        stage.rest_log.path.write_text(broken)
        with pytest.raises(BadInputError, match="nobody knows when an actuator moved last"):
            stage.gate.act(stage.armed(UDS))
        assert stage.gate.level is Level.ASK
    # Nothing was armed, and so nothing is held.
    RestLog(stage.rest_log.path).hold()
    with pytest.raises(BadInputError, match="nobody knows"):
        stage.rest_log.note("lock", Movement("x", 0, 1, 0))


def test_two_evdiag_never_move_something_at_once(tmp_path: Path) -> None:
    """A process that has died holds nothing any more."""
    path = tmp_path / "actuators.json"
    holds = (
        "import sys, time; from pathlib import Path; from evdiag.control.rest_log import RestLog; "
        "log = RestLog(Path(sys.argv[1])); log.hold(); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(path)], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(RefusedError, match="another evdiag on this computer"):
            Stage(tmp_path)
        other.kill()
    stage = Stage(tmp_path)
    assert isinstance(stage.gate.transmit(OPEN, "unlock"), Permit)
    with pytest.raises(RefusedError, match="another evdiag on this computer"):
        Stage(tmp_path)
    stage.gate.leave()
    again = Stage(tmp_path)
    assert again.acting.rest_s(again.now_ns) > 0


def test_what_another_evdiag_moved_meanwhile_counts(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.gate.stand_down("done")
    acting = stage.armed(UDS)
    RestLog(stage.rest_log.path).note("lock", Movement("x", stage.now_ns, stage.now_ns + SECOND, 0))
    stage.gate.act(acting)
    refusal = stage.gate.transmit(OPEN, "unlock")
    assert isinstance(refusal, Refusal)
    assert "the actuator must rest" in refusal.text


def test_where_nothing_can_be_held_nothing_is_armed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.gate.stand_down("done")
    lock = tmp_path / "actuators.json.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(BadInputError, match=r"cannot be locked.*nothing is moved without it"):
        stage.gate.act(stage.armed(UDS))
    assert stage.gate.level is Level.ASK


def test_arming_that_cannot_be_logged_holds_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.gate.stand_down("done")
    stage.log.path.unlink()
    stage.log.path.mkdir()
    with pytest.raises(BadInputError, match=r"audit\.jsonl"):
        stage.gate.act(stage.armed(UDS))
    RestLog(stage.rest_log.path).hold()


def test_a_movement_that_nothing_is_known_of_needs_no_rest(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.acting.rest_s(stage.now_ns) == 0.0
    assert stage.rest_log.last("lock") is None
    stage.rest_log.note("flap", Movement("x", 5, 6, 5))
    assert stage.rest_log.last("lock") is None
    assert stage.rest_log.last("flap") == Movement("x", 5, 6, 5)


def test_a_clock_that_was_set_back_makes_nobody_wait_for_ever() -> None:
    movement = Movement.begun("open", 0.6, 1_000 * SECOND)
    whole_ns = round((1 + 8) * 0.6 * SECOND)
    assert movement.left_ns(0) == whole_ns
    assert movement.left_ns(1_000 * SECOND) == whole_ns
    assert movement.left_ns(1_000 * SECOND + whole_ns) == 0
    assert not movement.goes_on("open", 999 * SECOND)
    assert movement.goes_on("open", 1_000 * SECOND + 300_000_000)
    assert not movement.goes_on("open", 1_000 * SECOND + 300_000_001)
    assert not movement.goes_on("close", 1_000 * SECOND)
