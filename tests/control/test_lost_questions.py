"""Questions that do not leave, answers that are lost or late: what evdiag then says, and repeats.

A question moves nothing, so it is repeated; what moves an actuator never is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from evdiag.control.audit import AuditLog
from evdiag.control.gate import TOO_LATE
from evdiag.control.outcome import Outcome
from evdiag.control.permits import PERMIT_LIVES_NS
from evdiag.inputs import Frame, TransmitDecision
from evdiag.simulator.frames import CHANNEL
from evdiag.vehicles.library import library
from tests.control.commanded_car import PLUGGED_IN, CommandedCar
from tests.control.policies import read, request

REFERENCE = library().profile("reference")
PORT = REFERENCE.ecus()[0]
UNLOCK_FRAMES, UNLOCK_UDS = REFERENCE.ways("unlock")
PRESENT, PRESENT_ANSWER = b"\x02\x3e\x00", b"\x02\x7e\x00"
VIN_ANSWER = b"\x62\xf1\x90"


class Line:
    """What arrives of the car's answers: the first `loses` of them never, all `late_s` later."""

    def __init__(self, stage: CommandedCar, *, loses: int = 0, late_s: float = 0.0) -> None:
        self._stage = stage
        self._loses = loses
        self._late_ns = round(late_s * 1e9)
        self._under_way: list[tuple[int, Frame]] = []
        stage.line = self.carry

    def carry(self, frames: list[Frame]) -> list[Frame]:
        others = [frame for frame in frames if frame.data[:3] != PRESENT_ANSWER]
        for frame in frames:
            if frame.data[:3] == PRESENT_ANSWER:
                if self._loses:
                    self._loses -= 1
                else:
                    self._under_way.append((self._stage.now_ns + self._late_ns, frame))
        arrived = [frame for at_ns, frame in self._under_way if at_ns <= self._stage.now_ns]
        self._under_way = [each for each in self._under_way if each[0] > self._stage.now_ns]
        return others + arrived


class SlowLog(AuditLog):
    """An audit log on a computer that is too busy: one line takes as long as a permit lives."""

    stage: CommandedCar
    is_slow_for: Callable[[Frame], bool] = staticmethod(lambda _: False)

    def note(self, *args: Any, **kwargs: Any) -> None:
        _, _, _, decision, _, frame, *_ = args
        if decision == "permitted" and self.is_slow_for(frame):
            self.stage.now_ns += PERMIT_LIVES_NS
        super().note(*args, **kwargs)


def busy(folder: Path, is_slow_for: Callable[[Frame], bool]) -> CommandedCar:
    log = SlowLog(folder / "audit.jsonl")
    log.stage = stage = CommandedCar(folder, *PLUGGED_IN, audit=log)
    log.is_slow_for = is_slow_for  # type: ignore[method-assign]
    return stage


def asked(stage: CommandedCar, request: bytes) -> int:
    return sum(frame.data.startswith(request) for frame in stage.sent)


def moved(stage: CommandedCar) -> list[Frame]:
    return [
        frame
        for frame in stage.sent
        if frame.data[1] == 0x2F or (frame.id == 0x4E8 and frame.data[0] == 1)
    ]


def moves(frame: Frame) -> bool:
    return frame.data[1:5] == b"\x2f\xe0\x10\x03" or (frame.id == 0x4E8 and frame.data[0] == 1)


def logged(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]


def ended(stage: CommandedCar) -> Outcome:
    errand = stage.errand
    assert errand is not None
    assert stage.until(lambda: errand.outcome is not None)
    assert errand.outcome is not None
    return errand.outcome


# -- answers that are lost or late -----------------------------------------------------------------


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_question_whose_answer_is_lost_is_asked_again(lost: int, tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    Line(stage, loses=lost)
    assert stage.run(UNLOCK_UDS).kind == "done"
    assert asked(stage, PRESENT) == lost + 1
    assert len(moved(stage)) == 2, "moved once, given back once"


def test_each_repeated_question_is_recorded_and_audited_and_no_faster_than_allowed(
    tmp_path: Path,
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    Line(stage, loses=2)
    stage.run(UNLOCK_UDS)
    sent_ns = [frame.time_ns for frame in stage.sent if frame.data.startswith(PRESENT)]
    recorded = [
        item.time_ns
        for item in stage.journal
        if isinstance(item, Frame) and item.data.startswith(PRESENT)
    ]
    audited = [
        line["time_ns"]
        for line in logged(tmp_path)
        if line["decision"] == "permitted" and line["data"].startswith("02 3E 00")
    ]
    assert sent_ns == recorded == audited
    assert len(sent_ns) == 3
    assert all(b - a >= 900_000_000 for a, b in pairwise(sent_ns))


def test_only_a_unit_that_never_answers_is_said_not_to_answer(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    Line(stage, loses=100)
    outcome = stage.run(UNLOCK_UDS)
    assert (outcome.kind, outcome.moved, outcome.returned) == ("no_answer", False, True)
    assert asked(stage, PRESENT) == 6, "once a second; the last is still waited for at the end"
    assert "0x7E6 does not answer to 3E 00 (5 times)" in outcome.text
    assert not moved(stage)


def test_an_answer_that_comes_too_late_is_an_answer_all_the_same(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    Line(stage, late_s=3.2)
    assert stage.run(UNLOCK_UDS).kind == "done"
    assert asked(stage, PRESENT) == 4


def test_a_unit_that_was_left_alone_in_the_middle_of_an_answer_is_asked_until_it_listens(
    tmp_path: Path,
) -> None:
    """It waits a second for flow control that never comes."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.gate.ask()
    stage.gate.transmit(request(PORT, read(0xE001), channel=CHANNEL), "a poll")
    stage.wait(0.05)
    assert stage.run(UNLOCK_UDS).kind == "done"
    assert asked(stage, PRESENT) <= 2


def test_who_answers_one_thing_and_not_the_other_is_told_by_the_other(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    carry = Line(stage, loses=1).carry
    stage.line = lambda frames: [f for f in carry(frames) if VIN_ANSWER not in f.data]
    stage.begin(UNLOCK_UDS, vin="EVD.*")
    outcome = ended(stage)
    assert outcome.kind == "no_answer"
    assert "does not answer to 22 F1 90" in outcome.text
    assert "3E 00" not in outcome.text


# -- questions that do not leave -------------------------------------------------------------------


def test_a_question_that_the_adapter_did_not_take_is_asked_again(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(UNLOCK_UDS)
    stage.bus_fault = "no buffer space"
    stage.wait(1.5)
    (module,) = [one for one in errand.view(stage.now_ns).conditions if one.id == "module"]
    assert module.reading == "3E 00 was not sent: no buffer space"
    stage.bus_fault = None
    assert ended(stage).kind == "done"


def test_a_unit_that_was_never_asked_is_not_said_to_be_silent(tmp_path: Path) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.bus_fault = "no buffer space"
    outcome = stage.run(UNLOCK_UDS)
    assert (outcome.kind, outcome.moved, outcome.returned) == ("not_sent", False, True)
    assert "3E 00 was not sent: " in outcome.text
    assert "does not answer" not in outcome.text
    assert "computer that is too busy" in outcome.next("unlock")


def test_what_was_asked_in_vain_is_not_forgotten_for_a_question_that_did_not_leave(
    tmp_path: Path,
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    Line(stage, loses=100)
    stage.begin(UNLOCK_UDS)
    stage.wait(2.5)
    stage.bus_fault = "no buffer space"
    outcome = ended(stage)
    assert outcome.kind == "no_answer"
    assert "0x7E6 does not answer to 3E 00 (3 times)" in outcome.text


def test_a_question_needs_no_fresh_facts_and_leaves_from_a_busy_computer_too(
    tmp_path: Path,
) -> None:
    stage = busy(tmp_path, lambda frame: frame.data.startswith(PRESENT))
    stage.begin(UNLOCK_UDS)
    assert ended(stage).kind == "done"
    assert asked(stage, PRESENT) == 1


@pytest.mark.parametrize("command", [UNLOCK_FRAMES, UNLOCK_UDS], ids=lambda c: c.way)
def test_what_moves_is_never_repeated_where_its_permit_ran_out(
    command: Any, tmp_path: Path
) -> None:
    stage = busy(tmp_path, moves)
    stage.begin(command)
    outcome = ended(stage)
    assert (outcome.kind, outcome.text) == ("not_sent", TOO_LATE)
    assert not outcome.moved
    assert outcome.returned
    assert not any(moves(frame) for frame in stage.sent)
    refused = [line for line in logged(tmp_path) if line["decision"] == "not sent"]
    assert [line["result"] for line in refused] == [TOO_LATE]
    told = [item for item in stage.journal if isinstance(item, TransmitDecision)]
    assert [item.reasons for item in told if item.intent == "unlock"] == [(TOO_LATE,)]
    stage.wait(1.0)
    assert stage.wire.authority.reasons == ()


def test_a_cyclic_frame_that_is_late_ends_what_has_begun(tmp_path: Path) -> None:
    left = [5]

    def sixth(frame: Frame) -> bool:
        left[0] -= moves(frame)
        return left[0] < 0

    stage = busy(tmp_path, sixth)
    stage.begin(UNLOCK_FRAMES)
    outcome = ended(stage)
    assert (outcome.kind, outcome.moved, outcome.returned) == ("not_sent", True, True)
    assert sum(moves(frame) for frame in stage.sent) == 5
