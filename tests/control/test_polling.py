"""The scheduler on a clock of ours: periods, time-outs, back-off, refusals, several units."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from evdiag.control.conversation import ANSWER_WITHIN_NS, PENDING_AT_MOST_NS, PENDING_WITHIN_NS
from evdiag.control.permits import AskState, Permit, Refusal
from evdiag.control.policy import Level
from evdiag.control.polling import LONGEST_DELAY_NS, Polling, PollStatus
from evdiag.inputs import Frame
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from tests.control.policies import SECOND, answer, channels_of, policy_of

REFERENCE = library().profile("reference")
PORT, CHARGER, BODY = REFERENCE.ecus()
MS = 1_000_000


def only(*names: str) -> Profile:
    return replace(REFERENCE, polls=tuple(p for p in REFERENCE.polls if p.name in names))


class Run:
    """A polling machine, its clock, and what left.

    The policy decides too: it must find nothing wrong with what is asked. Flow control it may
    refuse: a unit that begins an answer twice, or one that is far too long, is not let go on.
    """

    def __init__(self, profile: Profile = REFERENCE) -> None:
        self.now_ns = 5_000 * SECOND
        self.sent: list[Frame] = []
        self.refusal: Refusal | None = None
        self._policy, self._state = policy_of(profile), AskState()
        self.polling = Polling(profile, channels_of(profile), self._leave)

    def _leave(self, frame: Frame, why: str) -> Permit | Refusal:
        assert why
        if self.refusal is not None:
            return self.refusal
        frame = frame._replace(time_ns=self.now_ns)
        verdict = self._policy.decide(frame, Level.ASK, self._state)
        if isinstance(verdict, Refusal):
            assert "flow control" in verdict.text, verdict
            return verdict
        self._state.sent(verdict, self.now_ns)
        self.sent.append(frame)
        return verdict

    def at(self, seconds: float) -> list[Frame]:
        """Let time pass to a moment counted from the start; return what left then."""
        self.now_ns = 5_000 * SECOND + int(seconds * SECOND)
        before = len(self.sent)
        self.polling.due(self.now_ns)
        return self.sent[before:]

    def hear(self, ecu: Ecu, *contents: bytes) -> None:
        for content in contents:
            frame = answer(ecu, content, self.now_ns)
            self._state.heard(frame, self.now_ns)
            self.polling.heard(frame, self.now_ns)

    def status(self, name: str) -> PollStatus:
        return next(s for s in self.polling.status(self.now_ns) if s.name == name)


def asked(frames: list[Frame]) -> list[tuple[int, int]]:
    """The identifiers that frames ask for, each with the id of its unit."""
    found = []
    for frame in frames:
        data = frame.data[1:] if frame.id == CHARGER.request_id else frame.data
        assert data[:2] == b"\x03\x22"
        found.append((frame.id, data[2] << 8 | data[3]))
    return found


def positive(did: int, *data: int) -> bytes:
    return bytes((3 + len(data), 0x62, did >> 8, did & 0xFF, *data))


def test_each_unit_is_asked_one_thing_at_a_time() -> None:
    run = Run()
    assert asked(run.at(0)) == [
        (PORT.request_id, 0xE001), (CHARGER.request_id, 0xE101), (BODY.request_id, 0xE201),
    ]  # fmt: skip
    assert run.at(0.9) == []
    run.hear(CHARGER, positive(0xE101, 1, 2))
    assert asked(run.at(0.95)) == [(CHARGER.request_id, 0xE102)]


def test_a_poll_keeps_its_period() -> None:
    run = Run(only("port_lock"))
    moments = []
    for step in range(100):
        if run.at(step * 0.02):
            moments.append(step * 20)
            run.hear(PORT, positive(0xE001, 1))
    assert moments == [0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800]
    assert run.status("port_lock").answers == 10
    assert run.status("port_lock").asked_again_in_s is None


def test_a_long_answer_is_let_go_on_at_once() -> None:
    for name, ecu, did in (
        ("port_lock", PORT, 0xE001),
        ("inlet", CHARGER, 0xE101),
        ("body_lock", BODY, 0xE201),
    ):
        run = Run(only(name))
        run.at(0)
        room = 6 if ecu.target_address is None else 5
        payload = bytes((0x62, did >> 8, did & 0xFF, *range(8)))
        run.hear(ecu, b"\x10\x0b" + payload[:room])
        control = run.sent[-1]
        assert control.id == ecu.request_id
        assert control.data.endswith(
            b"\x30\x00\x00".ljust(8 - (ecu.target_address is not None), b"\xcc")
        )
        run.hear(ecu, b"\x21" + payload[room:])
        assert run.status(name).answers == 1
        assert len(run.sent) == 2


def test_no_answer_is_asked_again_after_a_delay_that_doubles() -> None:
    run = Run(only("port_lock"))
    moments = [step / 10 for step in range(3000) if run.at(step / 10)]
    gaps = [round(b - a, 1) for a, b in pairwise(moments)]
    # The time-out itself takes a second, and time here passes in steps of 0.1 s.
    assert gaps[:5] == [2.1, 3.1, 5.1, 9.1, 17.1]
    assert all(31 < gap < 31.3 for gap in gaps[5:])
    status = run.status("port_lock")
    assert status.time_outs == len(moments)
    assert status.answered_s_ago is None
    assert 0 < (status.asked_again_in_s or 0) <= LONGEST_DELAY_NS / SECOND


def test_an_answer_ends_the_back_off() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    run.at(1.1)
    assert run.at(2.2)
    run.hear(PORT, positive(0xE001, 1))
    assert run.status("port_lock").asked_again_in_s is None
    assert run.at(2.4)


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    run.at(1.1)
    run.hear(PORT, positive(0xE001, 1))
    assert run.status("port_lock").answers == 0


def test_one_silent_unit_holds_up_no_other() -> None:
    run = Run()
    for step in range(1000):
        for frame in run.at(step / 100):
            if frame.id == BODY.request_id:
                run.hear(BODY, positive(asked([frame])[0][1], 1))
    assert run.status("body_lock").answers > 30
    assert run.status("port_lock").answers == 0
    assert run.status("port_lock").time_outs > 1


def test_busy_is_asked_again_later() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    run.hear(PORT, b"\x03\x7f\x22\x21")
    assert "BusyRepeatRequest (0x21): it is busy" in run.status("port_lock").refused
    assert run.at(0.9) == []
    assert run.at(1.0)
    run.hear(PORT, positive(0xE001, 1))
    assert run.status("port_lock").refused == ""


def test_what_will_never_be_answered_is_not_asked_again() -> None:
    for code, words in (
        (0x33, "SecurityAccessDenied (0x33): locked by the maker"),
        (0x11, "ServiceNotSupported (0x11): this control unit"),
        (0x31, "RequestOutOfRange (0x31): this identifier is not there"),
    ):
        run = Run(only("port_lock"))
        run.at(0)
        run.hear(PORT, bytes((3, 0x7F, 0x22, code)))
        assert run.status("port_lock").stopped.startswith(words)
        assert run.status("port_lock").asked_again_in_s is None
        assert [run.at(step) for step in range(1, 200)] == [[]] * 199


def test_a_refused_read_leaves_the_others_of_its_unit() -> None:
    run = Run(only("inlet", "charge_status"))
    run.at(0)
    run.hear(CHARGER, b"\x03\x7f\x22\x31")
    assert asked(run.at(0.1)) == [(CHARGER.request_id, 0xE102)]
    run.hear(CHARGER, positive(0xE102, 1))
    assert asked([f for step in range(40) for f in run.at(0.2 + step / 10)]) == [
        (CHARGER.request_id, 0xE102)
    ] * len(run.sent[2:])


def test_a_unit_that_works_on_it_is_waited_for() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    run.hear(PORT, b"\x03\x7f\x22\x78")
    assert run.at((PENDING_WITHIN_NS - 1) / SECOND) == []
    run.hear(PORT, positive(0xE001, 1))
    assert (run.status("port_lock").answers, run.status("port_lock").time_outs) == (1, 0)


def test_but_not_for_ever() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    for second in range(1, 1 + PENDING_AT_MOST_NS // SECOND):
        run.at(second)
        run.hear(PORT, b"\x03\x7f\x22\x78")
    assert run.status("port_lock").time_outs == 0
    run.at(PENDING_AT_MOST_NS / SECOND + 0.1)
    assert run.status("port_lock").time_outs == 1


def test_each_frame_of_a_long_answer_has_its_time() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    payload = bytes((0x62, 0xE0, 0x01, *range(40)))
    run.hear(PORT, b"\x10\x2b" + payload[:6])
    for number in range(6):
        run.at(0.9 * (number + 1))
        run.hear(PORT, bytes((0x21 + number,)) + payload[6 + 7 * number :][:7])
    assert run.status("port_lock").answers == 1
    run = Run(only("port_lock"))
    run.at(0)
    run.hear(PORT, b"\x10\x2b" + payload[:6])
    run.at(ANSWER_WITHIN_NS / SECOND + 0.1)
    assert run.status("port_lock").time_outs == 1


def test_a_broken_long_answer_is_no_answer() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    payload = bytes((0x62, 0xE0, 0x01, *range(20)))
    run.hear(PORT, b"\x10\x17" + payload[:6], b"\x22" + payload[6:13], b"\x23" + payload[13:20])
    assert run.status("port_lock").answers == 0
    run.at(1.1)
    assert run.status("port_lock").time_outs == 1


def test_what_is_not_the_answer_is_passed_over() -> None:
    run = Run(only("port_lock"))
    run.at(0)
    run.hear(PORT, positive(0xE002, 1), b"\x02\x7e\x00", b"\x03\x7f\x10\x12", b"\x01\x62", b"")
    assert run.status("port_lock").answers == 0
    run.hear(PORT, positive(0xE001, 1))
    assert run.status("port_lock").answers == 1


def test_a_refusal_of_the_gate_is_told_and_backs_off() -> None:
    run = Run(only("port_lock"))
    run.refusal = Refusal(("nothing was sent: the adapter is gone",))
    run.at(0)
    assert run.status("port_lock").not_sent == "nothing was sent: the adapter is gone"
    assert run.status("port_lock").asked_again_in_s == 1.0
    run.refusal = None
    assert run.at(0.9) == []
    assert run.at(1.0)
    assert run.status("port_lock").not_sent == ""


def test_a_bus_that_is_not_connected_is_not_polled() -> None:
    polling = Polling(REFERENCE, {"vehicle": "can0"}, never)
    polling.due(0)
    assert polling.status(0) == ()
    assert polling.idle


def never(frame: Frame, why: str) -> Permit | Refusal:
    raise AssertionError((frame, why))


contents = st.sampled_from(
    [
        positive(0xE001, 1), positive(0xE101, 1), b"\x10\x0b\x62\xe0\x01\x00\x00\x00",
        b"\x21\x00\x00\x00\x00\x00", b"\x03\x7f\x22\x21", b"\x03\x7f\x22\x78", b"\x03\x7f\x22\x31",
        b"\x30\x00\x00", b"\x32\x00\x00", b"\xff" * 7, b"", b"\x00",
        b"\x10\x00\xff\xff\xff\xff\xff",
    ]
)  # fmt: skip
happenings = st.lists(
    st.tuples(st.integers(0, 2000), st.sampled_from([PORT, CHARGER, BODY]), contents), max_size=40
)


@given(happenings)
def test_whatever_a_car_says_the_policy_is_kept(said: list[tuple[int, Ecu, bytes]]) -> None:
    """`Run` fails at the first question that the policy would not let leave."""
    run, now_s = Run(), 0.0
    for step_ms, ecu, content in said:
        now_s += step_ms / 1000
        run.at(now_s)
        run.hear(ecu, content)
