"""Commands carried out on a virtual car, and every way in which they end."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from evdiag.control.clearing import clear_command
from evdiag.control.errand import CommandErrand
from evdiag.control.policy import Level
from evdiag.errors import BadInputError
from evdiag.inputs import TransmitDecision
from evdiag.vehicles.command import Command
from evdiag.vehicles.library import library
from tests.control.commanded_car import PLUGGED_IN, CommandedCar

REFERENCE = library().profile("reference")
KIA = library().profile("kia-soul-ev")
PORT = 0x7E6

UNLOCK_FRAMES, UNLOCK_UDS = REFERENCE.ways("unlock")
RELOCK_FRAMES, RELOCK_UDS = REFERENCE.ways("relock")
CYCLE_UDS = REFERENCE.ways("cycle")[1]

both = pytest.mark.parametrize("command", [UNLOCK_FRAMES, UNLOCK_UDS], ids=lambda c: c.way)


def assert_let_go(stage: CommandedCar) -> None:
    """Nothing of a tool is left: within half a second nothing more comes, and the car has all."""
    stage.wait(0.2)
    before = len(stage.sent)
    stage.wait(0.5)
    assert len(stage.sent) == before
    assert stage.wire.authority.reasons == ()
    assert stage.gate.level is Level.ASK


def logged_end(folder: Path) -> tuple[str, str]:
    """How the audit log says that the command ended."""
    last = json.loads((folder / "audit.jsonl").read_text().splitlines()[-1])
    assert last["level"] in ("ASK", "ACT")
    return last["decision"], last["result"]


@pytest.mark.parametrize(
    "command", [*REFERENCE.commands, *KIA.commands], ids=lambda c: f"{c.name} {c.way}"
)
def test_every_command_is_confirmed_by_the_bus_and_handed_back(
    command: Command, tmp_path: Path
) -> None:
    kia = command in KIA.commands
    acts = PLUGGED_IN if "port.lock" in str(command.proof) else ()
    stage = CommandedCar(tmp_path, *acts, vehicle="kia-soul-ev" if kia else "reference")
    if command.name == "relock":
        stage.run(UNLOCK_FRAMES)
        stage.wait(6.0)
    errand = stage.begin(command, frozenset({"need vehicle.gear"}))
    assert stage.until(lambda: errand.outcome is not None)
    outcome = errand.outcome
    assert outcome is not None
    assert (outcome.kind, outcome.returned) == ("done", True), outcome
    assert outcome.moved
    steps = errand.view(stage.now_ns).steps
    assert {step.state for step in steps} <= {"done", "passed over"}
    assert_let_go(stage)


@both
def test_an_unlock_of_evdiag_is_an_attempt_like_any_other(command: Command, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.run(command)
    stage.car.do("pull")
    stage.wait(3.0)
    (attempt,) = stage.session.attempts
    assert attempt.outcome == "released"
    assert [request.source for request in attempt.requests] == ["evdiag"]
    told = [item for item in stage.journal if isinstance(item, TransmitDecision)]
    moved = [item for item in told if item.intent == "unlock"]
    assert len(moved) == 1
    assert "speed: 0 km/h" in moved[0].reasons
    decision, result = logged_end(tmp_path)
    assert decision == "stood down"
    assert result.startswith(f"unlock by {command.way}: done: reported: ")


@both
def test_what_is_so_already_is_not_done_again(command: Command, tmp_path: Path) -> None:
    """An open lock is not driven: its motor has a life, too."""
    stage = CommandedCar(tmp_path, "plug_in", 1.0)
    assert stage.session.readings["port.lock"].value == "unlocked"
    outcome = stage.run(command)
    assert outcome.kind == "done"
    assert "it was so already" in outcome.text
    assert (outcome.moved, outcome.returned) == (False, True)
    assert not [f for f in stage.sent if f.id == 0x4E8 or f.data[1] in (0x10, 0x2F)]
    assert not stage.session.attempts
    assert_let_go(stage)
    assert logged_end(tmp_path) == ("done", outcome.text)


@both
def test_a_dead_motor_is_commanded_and_not_confirmed(command: Command, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN, "break lock_motor")
    outcome = stage.run(command, 60.0)
    assert outcome.kind in ("commanded_not_confirmed", "said_no")
    assert outcome.moved
    assert outcome.returned
    assert "push it in" in outcome.next("unlock") or "names" in outcome.next("unlock")
    assert_let_go(stage)


def test_a_retry_waits_for_the_actuators_rest(tmp_path: Path) -> None:
    """A movement of 0.6 s, then a pause of 8 times as long."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.refuse("2F E0 10 03", 0x22, once=True)
    command = UNLOCK_UDS
    assert stage.run(command).kind == "said_no"
    began = [frame.time_ns for frame in stage.sent if frame.data[1:3] == b"\x2f\xe0"]
    assert stage.run(command).kind == "done"
    moves = [frame.time_ns for frame in stage.sent if frame.data[1:5] == b"\x2f\xe0\x10\x03"]
    assert len(moves) == 2
    assert moves[1] - moves[0] >= (1 + 8) * 0.6e9
    assert began[0] == moves[0]


def test_a_clock_that_is_set_forward_shortens_no_rest(tmp_path: Path) -> None:
    """A laptop that finds the network in the middle of a command."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(CYCLE_UDS)
    stage.until(lambda: any(frame.data[1:5] == b"\x2f\xe0\x10\x03" for frame in stage.sent))
    acting = errand._acting
    assert acting is not None
    wall_ns = acting._wall_ns
    acting._wall_ns = lambda: wall_ns() + 3_600_000_000_000
    assert stage.until(lambda: errand.outcome is not None)
    moved = [f.time_ns for f in stage.sent if f.data[1:5] == b"\x2f\xe0\x10\x03"]
    rested = [then - before for before, then in pairwise(moved)]
    assert len(rested) == 2
    assert all(each >= 9 * CYCLE_UDS.on_s * 1e9 for each in rested), rested


@pytest.mark.parametrize("code", [0x33, 0x34, 0x35, 0x36, 0x37])
def test_a_car_that_wants_to_know_who_asks_is_for_the_makers_tool(
    code: int, tmp_path: Path
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.refuse("2F E0 10 03", code)
    outcome = stage.run(UNLOCK_UDS)
    assert outcome.kind == "makers_tool"
    assert "the maker's own tool" in outcome.next("unlock")
    assert not any(frame.data[1] in (0x27, 0x29) for frame in stage.sent)
    assert_let_go(stage)


def test_a_secured_unit_is_for_the_makers_tool(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN, secured=True)
    assert stage.run(UNLOCK_UDS).kind == "makers_tool"
    assert_let_go(stage)


REQUESTS = ["10 03", "2F E0 10 03", "2F E0 10 00", "10 01"]


@pytest.mark.parametrize("beginning", REQUESTS)
@pytest.mark.parametrize("code", [0x10, 0x22, 0x31, 0x7F])
def test_a_negative_answer_in_every_step(beginning: str, code: int, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.refuse(beginning, code)
    outcome = stage.run(UNLOCK_UDS)
    handing_back = beginning in REQUESTS[2:]
    assert outcome.kind == ("done" if handing_back else "said_no")
    if not handing_back:
        assert f"0x{code:02X}" in outcome.text
    if beginning == "10 01":
        # 0x7F says that the session is over already: that is as good as a yes.
        assert outcome.returned == (code == 0x7F)
        assert outcome.returned or "takes it back by itself within 5 s" in outcome.returning
        stage.wait(6.0)
    else:
        assert outcome.returned
    assert_let_go(stage)


@pytest.mark.parametrize("beginning", REQUESTS)
def test_an_answer_that_is_pending_for_ten_seconds(beginning: str, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.keep_pending(beginning, 10.0)
    outcome = stage.run(UNLOCK_UDS, 90.0)
    assert outcome.kind == "done"
    stage.wait(6.0)
    assert_let_go(stage)


@pytest.mark.parametrize("at", range(6))
def test_a_unit_that_resets_in_the_middle(at: int, tmp_path: Path) -> None:
    """After each frame that was sent: the outcome may differ, the authority is back."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(CYCLE_UDS)
    first = len(stage.sent)
    stage.until(lambda: len(stage.sent) > first + at + 3 or errand.outcome is not None)
    stage.wire.unit(PORT).reset()
    assert stage.until(lambda: errand.outcome is not None, 90.0)
    stage.wait(6.0)
    assert_let_go(stage)


@pytest.mark.parametrize("at", range(6))
def test_a_unit_that_falls_silent_in_the_middle(at: int, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(CYCLE_UDS)
    first = len(stage.sent)
    stage.until(lambda: len(stage.sent) > first + at + 3 or errand.outcome is not None)
    stage.wire.unit(PORT).faults.mute = True
    assert stage.until(lambda: errand.outcome is not None, 90.0)
    outcome = errand.outcome
    assert outcome is not None
    assert outcome.kind == "no_answer"
    assert not outcome.returned
    stage.wait(6.0)
    assert_let_go(stage)


def is_at(stage: CommandedCar, errand: CommandErrand, step: int) -> bool:
    """Tell whether so many steps are done and one is under way, or it has ended."""
    states = [each.state for each in errand.view(stage.now_ns).steps]
    return errand.outcome is not None or (states.count("done") >= step and "now" in states)


REDS = ("roll", "charge", "tester", "pull", "old readings")


def turn_red(stage: CommandedCar, how: str) -> None:
    match how:
        case "roll":
            stage.car.values["vehicle.speed"] = 1.0
        case "charge":
            stage.car.values["charge.active"] = "yes"
        case "tester":
            stage.other_tester = "0x7DF on can0: 02 01 0C"
        case "pull":
            stage.car.values["port.plug"] = "disconnected"
        case "old readings":
            stage.lag_ns = 250_000_000


@pytest.mark.parametrize("how", REDS)
@pytest.mark.parametrize("way", [0, 1], ids=["frames", "uds"])
@pytest.mark.parametrize("step", range(4))
def test_a_red_condition_in_every_step_ends_it_and_hands_back(
    how: str, way: int, step: int, tmp_path: Path
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(REFERENCE.ways("cycle")[way])
    stage.until(lambda: is_at(stage, errand, step))
    assert errand.outcome is None
    moved = sum(1 for item in stage.journal if getattr(item, "intent", "") in ("unlock", "relock"))
    turn_red(stage, how)
    assert stage.until(lambda: errand.outcome is not None, 60.0)
    outcome = errand.outcome
    assert outcome is not None
    # The car may see it before it tells: then it says no by itself.
    assert outcome.kind in ("dropped", "refused", "said_no"), outcome
    assert outcome.returned
    again = sum(1 for item in stage.journal if getattr(item, "intent", "") in ("unlock", "relock"))
    assert again <= moved + 1
    assert_let_go(stage)


@pytest.mark.parametrize("way", [0, 1], ids=["frames", "uds"])
@pytest.mark.parametrize("step", range(6))
def test_an_abort_in_every_step_hands_back(way: int, step: int, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(REFERENCE.ways("cycle")[way])
    stage.until(lambda: is_at(stage, errand, step))
    assert errand.outcome is None
    errand.abort("a key was pressed", stage.now_ns)
    assert stage.until(lambda: errand.outcome is not None, 20.0)
    assert errand.outcome is not None
    assert errand.outcome.kind == "aborted"
    assert errand.outcome.returned
    assert_let_go(stage)


@pytest.mark.parametrize("way", [0, 1], ids=["frames", "uds"])
def test_an_adapter_that_is_lost_leaves_it_to_the_car(way: int, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(REFERENCE.ways("unlock")[way])
    stage.until(lambda: is_at(stage, errand, 0))
    stage.until(lambda: len(stage.sent) > 4)
    stage.bus_fault = "the adapter is gone"
    errand.lost("bus lost", stage.now_ns)
    stage.gate.leave()
    assert errand.outcome is not None
    assert errand.outcome.kind == "bus_lost"
    assert not errand.outcome.returned
    assert "takes it back by itself within" in errand.outcome.returning
    stage.wait(6.0)
    assert stage.wire.authority.reasons == ()


def test_a_bus_that_takes_no_frame_ends_it(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(UNLOCK_FRAMES)
    stage.until(lambda: len(stage.sent) > 3)
    stage.bus_fault = "no buffer space"
    assert stage.until(lambda: errand.outcome is not None, 20.0)
    assert errand.outcome is not None
    assert errand.outcome.kind == "dropped"
    assert "no buffer space" in errand.outcome.text
    assert not errand.outcome.returned
    stage.wait(1.0)
    assert stage.wire.authority.reasons == ()


@both
def test_while_it_charges_every_reason_is_named_and_nothing_moves(
    command: Command, tmp_path: Path
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN, "start_dc", 12.0)
    outcome = stage.run(command)
    assert outcome.kind == "refused"
    for reason in ("not charging", "no charging current", "inlet below 60 V", "DC contactors open"):
        assert reason in outcome.text
    assert logged_end(tmp_path) == ("refused", outcome.text)
    told = stage.journal[-1]
    assert isinstance(told, TransmitDecision)
    assert (told.intent, told.permitted) == ("unlock", False)
    assert "; ".join(told.reasons) == outcome.text
    assert len(told.reasons) >= 4
    assert not outcome.moved
    assert not [f for f in stage.sent if f.data[1] in (0x10, 0x2F) or f.id == 0x4E8]
    assert_let_go(stage)


def test_a_unit_that_does_not_answer_is_never_commanded(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.mute = True
    outcome = stage.run(UNLOCK_UDS)
    assert outcome.kind == "no_answer"
    assert "0x7E6 does not answer" in outcome.text
    assert not [frame for frame in stage.sent if frame.data[1] in (0x10, 0x2F)]
    # It was asked, and the recording says so: the outcome speaks of the command alone.
    assert stage.sent
    assert outcome.returning.startswith("nothing of the command was sent")


def test_a_unit_that_wakes_up_late_is_asked_again(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.mute = True
    errand = stage.begin(UNLOCK_UDS)
    stage.wait(1.5)
    assert errand.outcome is None
    stage.wire.unit(PORT).faults.mend()
    assert stage.until(lambda: errand.outcome is not None)
    assert errand.outcome is not None
    assert errand.outcome.kind == "done"


def test_a_unit_of_another_car_is_never_commanded(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN, vehicle="reference")
    errand = stage.begin(UNLOCK_UDS, vin="WBA.*")
    stage.until(lambda: errand.outcome is not None)
    assert errand.outcome is not None
    assert errand.outcome.kind == "refused"
    assert "another car than" in errand.outcome.text
    assert not [frame for frame in stage.sent if frame.data[1] in (0x10, 0x2F)]


def test_one_code_is_cleared_by_the_same_way(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN, "break lock_motor", "fob_unlock", 3.0)
    unit = REFERENCE.ecus()[0]
    codes = stage.wire.unit(PORT)._codes.with_status(0xFF)
    code = int.from_bytes(codes[0][:3], "big")
    stage.car.broken_before = stage.car.state.broken.clear()  # type: ignore[attr-defined]
    outcome = stage.run(clear_command(unit, code))
    assert outcome.kind == "done", outcome
    assert not outcome.moved
    assert codes[0] not in stage.wire.unit(PORT)._codes.with_status(0xFF)
    assert_let_go(stage)


def test_groups_of_codes_are_never_cleared() -> None:
    for code in (0xFFFFFF, 0xFFFF33, 0, 0x400000, 1 << 24, -1):
        with pytest.raises(BadInputError, match="no single trouble code"):
            clear_command(REFERENCE.ecus()[0], code)
