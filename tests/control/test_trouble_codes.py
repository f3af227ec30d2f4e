"""Reading trouble codes from control units that are played by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evdiag.control.conversation import Conversation, Question
from evdiag.control.negative import said
from evdiag.control.permits import AskState, Permit, Refusal
from evdiag.control.policy import Level
from evdiag.control.trouble_codes import TroubleCodeReading
from evdiag.inputs import Frame
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import library
from tests.control.policies import SECOND, answer, channels_of, policy_of

REFERENCE = library().profile("reference")
PORT, CHARGER, BODY = REFERENCE.ecus()


class Run:
    """Reads the codes of the reference car; every frame passes the real policy."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.sent: list[Frame] = []
        self._policy = policy_of(REFERENCE)
        self._state = AskState()
        channels = channels_of(REFERENCE)
        self.reading = TroubleCodeReading(REFERENCE, channels, self._leave, self._policy)

    def _leave(self, frame: Frame, why: str) -> Permit | Refusal:
        frame = frame._replace(time_ns=self.now_ns)
        verdict = self._policy.decide(frame, Level.ASK, self._state)
        assert isinstance(verdict, Permit), verdict
        self._state.sent(verdict, self.now_ns)
        self.sent.append(frame)
        return verdict

    def wait(self, seconds: float) -> list[bytes]:
        self.now_ns += int(seconds * SECOND)
        before = len(self.sent)
        self.reading.due(self.now_ns)
        return [frame.data for frame in self.sent[before:]]

    def hear(self, ecu: Ecu, payload: bytes) -> None:
        frame = answer(ecu, bytes((len(payload),)) + payload, self.now_ns)
        self._state.heard(frame, self.now_ns)
        self.reading.heard(frame, self.now_ns)


def none(run: Run, *ecus: Ecu) -> None:
    """Let units answer that they have no codes."""
    for ecu in ecus:
        run.wait(0.01)
        run.hear(ecu, bytes.fromhex("59 02 FF"))


def test_each_unit_is_asked_in_turn() -> None:
    run = Run()
    none(run, PORT, CHARGER, BODY)
    assert run.wait(0.01) == []
    assert not run.reading.running
    assert [(unit.codes, unit.problem) for unit in run.reading.units] == [([], "")] * 3
    assert run.sent[0].data == bytes.fromhex("03 19 02 FF CC CC CC CC")


def test_a_code_is_asked_for_its_snapshot_and_extended_data() -> None:
    run = Run()
    run.wait(0.01)
    run.hear(PORT, bytes.fromhex("59 02 0F 0D 96 00"))
    assert run.reading.units[0].problem.startswith("an answer that cannot be read")


def test_records_are_kept_as_they_are() -> None:
    run = Run()
    run.wait(0.01)
    run.hear(PORT, bytes.fromhex("59 02 0F 0D 96 00 0F"))
    assert run.wait(0.01) == [bytes.fromhex("06 19 04 0D 96 00 FF CC")]
    run.hear(PORT, bytes.fromhex("7F 19 12"))
    assert run.wait(0.01) == [bytes.fromhex("06 19 06 0D 96 00 FF CC")]
    run.hear(PORT, bytes.fromhex("59 06 0D 96 00 0F 01"))
    (found,) = run.reading.units[0].codes
    assert (found.code, found.status, found.snapshot, found.extended) == (
        0x0D9600, 0x0F, b"", b"\x01",
    )  # fmt: skip
    assert run.reading.units[0].problem == ""


def test_a_unit_that_is_silent_or_refuses_is_named_and_the_next_is_asked() -> None:
    run = Run()
    run.wait(0.01)
    for _ in range(2):
        assert run.wait(1.1) == [bytes.fromhex("03 19 02 FF CC CC CC CC")]
        assert run.reading.units[0].problem == ""
    run.wait(1.1)
    assert run.reading.units[0].problem == "it does not answer"
    run.hear(CHARGER, bytes.fromhex("7F 19 33"))
    assert "securityAccess" in run.reading.units[1].problem.replace(" ", "") or (
        "0x33" in run.reading.units[1].problem
    )
    none(run, BODY)
    run.wait(0.01)
    assert not run.reading.running


def test_a_question_whose_answer_was_lost_is_asked_again() -> None:
    run = Run()
    run.wait(0.01)
    run.wait(1.1)
    run.hear(PORT, bytes.fromhex("59 02 FF"))
    assert run.reading.units[0].problem == ""


def test_pending_is_waited_for_and_busy_asked_again() -> None:
    run = Run()
    run.wait(0.01)
    run.hear(PORT, bytes.fromhex("7F 19 78"))
    assert run.wait(3.0) == []
    run.hear(PORT, bytes.fromhex("7F 19 21"))
    assert run.wait(0.1) == []
    assert run.wait(1.1) == [bytes.fromhex("03 19 02 FF CC CC CC CC")]
    run.hear(PORT, bytes.fromhex("59 02 FF"))
    assert run.reading.units[0].problem == ""


def test_one_that_says_pending_for_ever_is_given_up_once_and_the_next_is_asked() -> None:
    run = Run()
    run.wait(0.01)
    for _ in range(10):
        run.hear(PORT, bytes.fromhex("7F 19 78"))
        run.wait(4.0)
    assert "works on the answer" in run.reading.units[0].problem
    assert [frame.data[:4].hex() for frame in run.sent if frame.id == PORT.request_id] == [
        "031902ff"
    ]
    none(run, CHARGER, BODY)
    assert run.reading.units[1].problem == ""


def test_one_that_begins_its_answer_for_ever_is_not_waited_for() -> None:
    run = Run()
    talk = Conversation(
        PORT, "can0", lambda frame, _: run._policy.decide(frame, Level.ASK, run._state)
    )
    assert talk.ask(Question(bytes.fromhex("19 02 FF"), "read trouble codes"), 0) is None
    for half_s in range(1, 200):
        now_ns = half_s * SECOND // 2
        if talk.timed_out(now_ns):
            break
        talk.heard(answer(PORT, bytes.fromhex("10 40 59 02 FF 0D 96 00"), now_ns), now_ns)
    assert 60 < half_s / 2 < 62


def test_an_answer_about_another_code_is_not_taken_for_this_one() -> None:
    run = Run()
    run.wait(0.01)
    run.hear(PORT, bytes.fromhex("59 02 0F 0D 96 00 0F"))
    run.wait(0.01)
    run.hear(PORT, bytes.fromhex("59 04 0D 56 00 01"))
    assert run.reading.units[0].codes[0].snapshot == b""
    run.hear(PORT, bytes.fromhex("59 04 0D 96 00 0F 77"))
    assert run.reading.units[0].codes[0].snapshot == b"\x77"


def test_records_that_are_never_told_are_not_asked_of_every_code() -> None:
    run = Run()
    run.wait(0.01)
    codes = "".join(f"{number:06X}2F" for number in range(1, 200))
    long = bytes.fromhex("5902FF" + codes)
    frames = [bytes((0x10 | len(long) >> 8, len(long) & 0xFF)) + long[:6]]
    for number, place in enumerate(range(6, len(long), 7), 1):
        frames.append(bytes((0x20 | number & 15,)) + long[place : place + 7])
    for data in frames:
        frame = answer(PORT, data, run.now_ns)
        run._state.heard(frame, run.now_ns)
        run.reading.heard(frame, run.now_ns)
    assert len(run.reading.units[0].codes) == 199
    for _ in range(14):
        run.wait(1.1)
    asked = [frame for frame in run.sent if frame.data[1:3] in (b"\x19\x04", b"\x19\x06")]
    assert len(asked) == 6, "each kind three times of the first code"
    assert run.reading.units[0].problem == ""


def test_given_up_what_was_read_stays() -> None:
    run = Run()
    run.wait(0.01)
    run.hear(PORT, bytes.fromhex("59 02 0F 0D 96 00 0F"))
    run.wait(0.01)
    run.reading.give_up("not read within 60 s")
    assert not run.reading.running
    assert [(len(unit.codes), unit.problem) for unit in run.reading.units] == [
        (1, ""), (0, "not read within 60 s"), (0, "not read within 60 s"),
    ]  # fmt: skip


def test_one_that_is_busy_for_ever_is_given_up() -> None:
    run = Run()
    for _ in range(3):
        run.wait(1.2)
        run.hear(PORT, bytes.fromhex("7F 19 21"))
    assert "0x21" in run.reading.units[0].problem


def test_what_may_leave_only_in_a_moment_is_asked_then() -> None:
    sent: list[int] = []

    def leave(frame: Frame, why: str) -> Permit | Refusal:
        sent.append(frame.id)
        if len(sent) == 1:
            return Refusal(("too soon, by 0.1 s",), early=True)
        permit = policy_of(REFERENCE).decide(frame, Level.ASK, AskState())
        assert isinstance(permit, Permit)
        return permit

    reading = TroubleCodeReading(REFERENCE, channels_of(REFERENCE), leave, policy_of(REFERENCE))
    reading.due(0)
    assert reading.units[0].problem == ""
    reading.due(SECOND // 2)
    assert len(sent) == 1
    reading.due(SECOND)
    assert sent == [PORT.request_id] * 2


def test_every_code_of_a_refusal_has_words() -> None:
    names = {code: said(code).partition(" (0x")[0] for code in range(256)}
    assert not [name for name in names.values() if name.isdigit()]
    assert names[0xF3] == "a code of the maker's own"
    assert names[0xFF] == "a code that ISO 14229-1 lacks"
    assert names[0x31] == "RequestOutOfRange"


def test_stopped_it_asks_nobody() -> None:
    run = Run()
    run.wait(0.01)
    run.reading.stop()
    run.hear(PORT, bytes.fromhex("59 02 FF"))
    assert not run.reading.running


@given(st.lists(st.binary(min_size=1, max_size=7), max_size=12))
def test_no_answer_breaks_it(answers: list[bytes]) -> None:
    run = Run()
    for payload in answers:
        run.wait(0.4)
        for ecu in (PORT, CHARGER, BODY):
            run.hear(ecu, payload)
    for _ in range(60):
        run.wait(1.1)
    assert not run.reading.running
