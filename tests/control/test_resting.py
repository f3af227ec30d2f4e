"""Asking that makes room for somebody else leaves no unit alone in the middle of an answer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from evdiag.control.asker import Asker
from evdiag.control.audit import AuditLog
from evdiag.control.gate import TransmitGate
from evdiag.inputs import Frame, Input
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import library
from tests.control.policies import SECOND, answer, channels_of, policy_of

REFERENCE = library().profile("reference")
PORT, CHARGER, BODY = REFERENCE.ecus()
PATIENCE_S = 60.0

READ, GO_ON = bytes.fromhex("03 22 E0 01"), bytes.fromhex("30 00 00")
FIRST_FRAME = bytes.fromhex("10 0B 62 E0 01 29 00 C8")
LAST_FRAME = bytes.fromhex("21 00 00 00 00 00")
NOT_KNOWN = bytes.fromhex("03 7F 22 31")


class Unit:
    """A bus on which one unit answers when the test lets it; all others know nothing."""

    def __init__(self, folder: Path) -> None:
        self.now_ns = 10 * SECOND
        self.sent: list[Frame] = []
        self.taken = 0
        self._inbox: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        channels = channels_of(REFERENCE)
        self.gate = TransmitGate(
            policy_of(REFERENCE),
            lambda: dict.fromkeys(channels.values(), self),
            self._recorded,
            AuditLog(folder / "audit.jsonl"),
            lambda: self.now_ns,
            lambda: self.now_ns,
        )
        self.asker = Asker(REFERENCE, channels, self.gate, self, steady_ns=lambda: self.now_ns)

    def transmit(self, frame: Frame) -> None:
        self.sent.append(frame)
        for other in (CHARGER, BODY):
            if frame.id == other.request_id:
                self.say(other, NOT_KNOWN)

    def close(self) -> None:
        """Be a transmitter that is closed."""

    def _recorded(self, items: Sequence[Input]) -> None:
        """Be a recording."""

    def say(self, ecu: Ecu, content: bytes) -> None:
        self._inbox.put(answer(ecu, content, self.now_ns))

    def take(self, timeout_s: float = 0.0) -> list[Input]:
        self.taken += 1
        try:
            return [self._inbox.get(timeout=timeout_s)]
        except queue.Empty:
            return []

    def asked(self, content: bytes) -> int:
        return sum(f.id == PORT.request_id and f.data.startswith(content) for f in self.sent)


def until(condition: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_s, "nothing came of it"
        time.sleep(0.005)


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    made = Unit(tmp_path)
    made.asker.start()
    yield made
    made.asker.leave()


def test_an_answer_under_way_comes_to_its_end_and_nothing_new_is_asked(unit: Unit) -> None:
    until(lambda: unit.asked(READ) == 1)
    resting = threading.Thread(target=unit.asker.rest, args=(PATIENCE_S,))
    resting.start()
    unit.say(PORT, FIRST_FRAME)
    until(lambda: unit.asked(GO_ON) == 1)
    assert resting.is_alive()
    unit.say(PORT, LAST_FRAME)
    resting.join(PATIENCE_S)
    assert not resting.is_alive()
    unit.now_ns += 100 * SECOND
    before, turns = len(unit.sent), unit.taken
    until(lambda: unit.taken > turns + 3)
    assert len(unit.sent) == before


def test_who_does_not_answer_is_not_waited_for_any_longer(unit: Unit) -> None:
    until(lambda: unit.asked(READ) == 1)
    unit.asker.rest(0.05)
    assert unit.asker.is_running
    assert unit.asked(GO_ON) == 0


def test_asking_that_has_ended_is_not_waited_for(unit: Unit) -> None:
    until(lambda: unit.asked(READ) == 1)
    unit.asker.leave()
    unit.asker.rest(1e9)
