"""The gate: decided, journalled, logged, then sent; and nothing at all below level ASK."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from evdiag.control.audit import FILE_NAME, AuditLog
from evdiag.control.gate import TransmitGate
from evdiag.control.permits import Permit, Refusal
from evdiag.control.policy import Level
from evdiag.errors import BadInputError, BusError
from evdiag.inputs import Frame, Input, TransmitDecision
from evdiag.vehicles.library import library
from tests.control.policies import OBD, SECOND, answer, flow_control, policy_of, read, request

REFERENCE = library().profile("reference")
PORT = REFERENCE.ecus()[0]


class Sent(NamedTuple):
    frame: Frame


class Stage:
    """A gate with everything around it, and one list of what happened in which order."""

    def __init__(self, path: Path) -> None:
        self.happened: list[Input | Sent] = []
        self.now_ns = 1_000 * SECOND
        self.fault: str | None = None
        self.opened = self.closed = 0
        self.log = path / FILE_NAME
        self.gate = TransmitGate(
            policy_of(REFERENCE), self.arm, self.journal, AuditLog(self.log), lambda: self.now_ns
        )

    def arm(self) -> dict[str | int, Stage]:
        self.opened += 1
        return {OBD: self}

    def journal(self, items: Sequence[Input]) -> None:
        self.happened += items

    def transmit(self, frame: Frame) -> None:
        if self.fault is not None:
            raise BusError(self.fault)
        self.happened.append(Sent(frame))

    def close(self) -> None:
        self.closed += 1

    def later(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND)

    def ask(self, did: int = 0xE001) -> Permit | Refusal:
        return self.gate.transmit(request(PORT, read(did)), "poll port_lock")

    @property
    def sent(self) -> list[Frame]:
        return [entry.frame for entry in self.happened if isinstance(entry, Sent)]

    @property
    def logged(self) -> list[dict[str, object]]:
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_below_ask_nothing_leaves_and_nothing_is_open(stage: Stage) -> None:
    verdict = stage.ask()
    assert verdict == Refusal(("level LISTEN: nothing is sent",))
    assert stage.gate.level is Level.LISTEN
    assert not stage.sent
    assert not stage.opened


def test_journal_and_log_come_before_the_frame(stage: Stage) -> None:
    stage.gate.ask()
    assert isinstance(stage.ask(), Permit)
    decision, journalled, left = stage.happened
    (sent,) = stage.sent
    assert left == Sent(sent)
    assert decision == TransmitDecision(
        stage.now_ns, "poll port_lock", True, ("read 0xE001 (port_lock) of 0x7E6",)
    )
    assert journalled == sent
    assert sent.direction == "tx"
    assert sent.time_ns == stage.now_ns
    armed, entry = stage.logged
    assert armed["decision"] == "armed"
    assert {key: entry[key] for key in ("level", "why", "decision", "id", "data", "channel")} == {
        "level": "ASK",
        "why": "poll port_lock",
        "decision": "permitted",
        "id": "0x7E6",
        "data": "03 22 E0 01 CC CC CC CC",
        "channel": OBD,
    }
    assert entry["who"]


@pytest.mark.parametrize("stamp_ns", [10**21, -(10**21), 2**80])
def test_what_leaves_at_a_time_that_is_no_date_is_logged_all_the_same(
    stamp_ns: int, stage: Stage
) -> None:
    stage.now_ns = stamp_ns
    stage.gate.ask()
    assert isinstance(stage.ask(), Permit)
    assert [(entry["time"], entry["time_ns"]) for entry in stage.logged] == [(None, stamp_ns)] * 2


def test_the_log_is_written_when_the_frame_leaves(stage: Stage) -> None:
    seen = []
    stage.transmit = lambda _: seen.append(len(stage.logged))  # type: ignore[method-assign]
    stage.gate.ask()
    stage.ask()
    assert seen == [2]


def test_a_permit_is_told_once_a_kind_and_every_frame_is_journalled(stage: Stage) -> None:
    stage.gate.ask()
    for _ in range(5):
        assert isinstance(stage.ask(), Permit)
        stage.later(1)
    assert len([e for e in stage.happened if isinstance(e, TransmitDecision)]) == 1
    assert len([e for e in stage.happened if isinstance(e, Frame)]) == 5
    assert len(stage.sent) == 5
    assert len([entry for entry in stage.logged if entry["decision"] == "permitted"]) == 5


def test_every_refusal_is_told(stage: Stage) -> None:
    stage.gate.ask()
    stage.ask()
    assert isinstance(stage.ask(), Refusal)
    assert isinstance(stage.ask(0xE002), Refusal)
    refused = [e for e in stage.happened if isinstance(e, TransmitDecision) and not e.permitted]
    assert ["too soon" in refused[0].reasons[0], "0xE002" in refused[1].reasons[0]] == [True, True]
    assert len(stage.sent) == 1
    assert [entry["decision"] for entry in stage.logged][2:] == ["refused", "refused"]


def test_flow_control_only_after_an_answer_was_heard(stage: Stage) -> None:
    stage.gate.ask()
    stage.ask()
    assert isinstance(stage.gate.transmit(flow_control(PORT), "poll"), Refusal)
    stage.gate.heard(answer(PORT, b"\x10\x0b\x62"))
    assert isinstance(stage.gate.transmit(flow_control(PORT), "poll"), Permit)
    assert isinstance(stage.gate.transmit(flow_control(PORT), "poll"), Refusal)


def test_what_the_adapter_does_not_take_is_told(stage: Stage) -> None:
    stage.gate.ask()
    stage.fault = "nothing was sent: the adapter is gone"
    assert stage.ask() == Refusal((stage.fault,))
    assert isinstance(stage.happened[-1], TransmitDecision)
    assert stage.happened[-1].reasons == (stage.fault,)
    assert stage.logged[-1]["decision"] == "not sent"
    assert stage.logged[-1]["result"] == stage.fault


def test_leaving_drops_what_can_send(stage: Stage) -> None:
    stage.gate.ask()
    stage.ask()
    stage.gate.leave()
    stage.later(10)
    assert isinstance(stage.ask(), Refusal)
    assert (stage.opened, stage.closed, len(stage.sent)) == (1, 1, 1)
    assert stage.logged[-2]["decision"] == "left"
    stage.gate.ask()
    assert isinstance(stage.ask(), Permit)
    assert stage.opened == 2


def test_an_answer_to_what_was_asked_before_leaving_is_not_let_go_on(stage: Stage) -> None:
    stage.gate.ask()
    stage.ask()
    stage.gate.leave()
    stage.gate.ask()
    stage.gate.heard(answer(PORT, b"\x10\x0b\x62"))
    assert isinstance(stage.gate.transmit(flow_control(PORT), "poll"), Refusal)


def test_an_answer_that_began_before_leaving_is_not_let_go_on(stage: Stage) -> None:
    stage.gate.ask()
    stage.ask()
    stage.gate.heard(answer(PORT, b"\x10\x0b\x62"))
    stage.gate.leave()
    stage.gate.ask()
    verdict = stage.gate.transmit(flow_control(PORT), "poll")
    assert "not in the middle of an answer" in getattr(verdict, "text", "")


def test_leaving_and_coming_back_is_no_way_to_ask_faster(stage: Stage) -> None:
    stage.gate.ask()
    stage.ask()
    stage.gate.leave()
    stage.gate.ask()
    assert "too soon" in getattr(stage.ask(), "text", "")


def test_a_channel_without_a_transmitter_is_refused(stage: Stage) -> None:
    stage.arm = dict  # type: ignore[method-assign, assignment]
    gate = TransmitGate(
        policy_of(REFERENCE), dict, stage.journal, AuditLog(stage.log), lambda: stage.now_ns
    )
    gate.ask()
    verdict = gate.transmit(request(PORT, read(0xE001)), "poll")
    assert verdict == Refusal((f"nothing is open to send on {OBD}",))


def test_without_a_log_nothing_is_armed_and_nothing_sent(stage: Stage) -> None:
    stage.log.mkdir()
    with pytest.raises(BadInputError, match="cannot be written"):
        stage.gate.ask()
    assert stage.gate.level is Level.LISTEN
    assert not stage.opened
    stage.log.rmdir()
    stage.gate.ask()
    stage.log.unlink()
    stage.log.mkdir()
    verdict = stage.ask()
    assert isinstance(verdict, Refusal)
    assert "nothing is sent without this log" in verdict.text
    assert not stage.sent
    assert stage.happened == [
        TransmitDecision(stage.now_ns, "poll port_lock", False, verdict.reasons)
    ]
    stage.gate.leave()
    assert stage.gate.level is Level.LISTEN


def test_a_disk_that_takes_half_a_line_of_the_log_lets_nothing_leave(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.gate.ask()
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, line: write(handle, line[: len(line) // 2]))
        verdict = stage.ask()
    assert isinstance(verdict, Refusal)
    assert "No space left" in verdict.text
    assert not stage.sent
    assert isinstance(stage.ask(), Permit)
    torn = stage.log.read_text(encoding="utf-8").splitlines()
    assert json.loads(torn[-1])["decision"] == "permitted"
    assert len(torn) == 3


def test_an_adapter_that_cannot_be_opened_leaves_nothing_armed(stage: Stage) -> None:
    def no_adapter() -> dict[str | int, Stage]:
        raise BusError("can0 cannot be opened")

    gate = TransmitGate(
        policy_of(REFERENCE), no_adapter, stage.journal, AuditLog(stage.log), lambda: stage.now_ns
    )
    with pytest.raises(BusError, match="cannot be opened"):
        gate.ask()
    assert gate.level is Level.LISTEN


def test_the_log_is_only_ever_appended_to_and_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "deep" / FILE_NAME
    for number in range(3):
        AuditLog(path).note(number * SECOND, "ASK", "why\n\x1b[31m", "armed", "", None)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["time_ns"] for line in lines] == [0, SECOND, 2 * SECOND]
    assert json.loads(lines[0])["time"] == "1970-01-01T00:00:00+00:00"
    assert "\x1b" not in "".join(lines)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_log_lies_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_STATE", str(tmp_path / "state"))
    assert AuditLog().path == tmp_path / "state" / FILE_NAME
