"""The VIN: what is one, and how it is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.control.permits import AskState, Permit, Refusal
from evdiag.control.policy import AskPolicy, Level
from evdiag.control.vin import VinReading, vin_text
from evdiag.inputs import Frame
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.identification import with_vin
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from tests.control.policies import OBD, SECOND, answer, channels_of, policy_of

VIN = "EVD1AG0REFERENCE1"
REFERENCE = library().profile("reference")
PORT, CHARGER, BODY = REFERENCE.ecus()


@pytest.mark.parametrize(
    "data",
    [VIN.encode(), b"\0\0\0" + VIN.encode(), VIN.encode() + b"\0\0", VIN.encode() + b"\xff  "],
)
def test_a_vin_is_freed_of_what_fills_it_up(data: bytes) -> None:
    assert vin_text(data) == VIN


@pytest.mark.parametrize(
    "text", ["", VIN[:16], VIN + "A", VIN.lower(), *(VIN[:16] + letter for letter in "IOQ-\x1bÄ")]
)
def test_anything_else_is_none(text: str) -> None:
    assert vin_text(text.encode()) is None


@given(st.binary(max_size=40))
def test_no_bytes_become_a_vin_that_is_none(data: bytes) -> None:
    found = vin_text(data)
    assert found is None or (len(found) == 17 and found.isascii() and found.isalnum())


class Run:
    """Reads a VIN from a car that is played by hand."""

    def __init__(self, profile: Profile | None) -> None:
        self.now_ns = 0
        self.sent: list[Frame] = []
        self._policy = AskPolicy.vin_only(OBD) if profile is None else policy_of(profile)
        self._state = AskState()
        channels = {} if profile is None else channels_of(profile)
        self.reading = VinReading(profile, channels, self._leave, self._policy)

    def _leave(self, frame: Frame, why: str) -> Permit | Refusal:
        frame = frame._replace(time_ns=self.now_ns)
        verdict = self._policy.decide(frame, Level.ASK, self._state)
        assert isinstance(verdict, Permit), verdict
        self._state.sent(verdict, self.now_ns)
        self.sent.append(frame)
        return verdict

    def wait(self, seconds: float) -> list[Frame]:
        self.now_ns += int(seconds * SECOND)
        before = len(self.sent)
        self.reading.due(self.now_ns)
        return self.sent[before:]

    def hear(self, ecu: Ecu, *contents: bytes) -> None:
        for content in contents:
            frame = answer(ecu, content, self.now_ns)
            self._state.heard(frame, self.now_ns)
            self.reading.heard(frame, self.now_ns)


def in_frames(payload: bytes, room: int = 8) -> list[bytes]:
    """A payload of one VIN, cut as a control unit does."""
    first, rest = payload[: room - 2], payload[room - 2 :]
    parts = [rest[at : at + room - 1] for at in range(0, len(rest), room - 1)]
    return [
        bytes((0x10, len(payload))) + first,
        *(bytes((0x20 | number,)) + part for number, part in enumerate(parts, 1)),
    ]


def test_a_control_unit_is_asked_by_identifier() -> None:
    run = Run(REFERENCE)
    (asked,) = run.wait(0)
    assert (asked.id, asked.data[:4]) == (PORT.request_id, b"\x03\x22\xf1\x90")
    run.hear(PORT, *in_frames(b"\x62\xf1\x90" + VIN.encode()))
    assert run.reading.vin == VIN
    assert not run.reading.running
    assert run.sent[1].data[0] == 0x30
    assert run.wait(10) == []


def test_the_next_is_asked_where_one_has_none() -> None:
    run = Run(REFERENCE)
    run.wait(0)
    run.hear(PORT, b"\x03\x7f\x22\x78", b"\x03\x7f\x22\x31")
    (asked,) = run.wait(0.1)
    assert (asked.id, asked.data[:5]) == (CHARGER.request_id, b"\x26\x03\x22\xf1\x90")
    run.hear(CHARGER, *in_frames(b"\x62\xf1\x90" + b"no number plate..", room=7))
    (asked,) = run.wait(0.1)
    assert (asked.id, asked.extended) == (BODY.request_id, True)
    (asked,) = run.wait(1.1)
    assert (asked.id, asked.data[:3]) == (0x7DF, b"\x02\x09\x02")
    assert run.wait(1.1) == []
    assert (run.reading.vin, run.reading.running) == (None, False)


def test_without_a_profile_all_units_are_asked_at_once() -> None:
    run = Run(None)
    (asked,) = run.wait(0)
    assert asked == Frame(0, OBD, 0x7DF, False, b"\x02\x09\x02".ljust(8, b"\xcc"))
    engine, other = Ecu("", 0x7E0, 0x7E8), Ecu("", 0x7E3, 0x7EB)
    one = in_frames(b"\x49\x02\x01" + VIN.encode())
    run.hear(other, b"\x03\x7f\x09\x12")
    run.hear(engine, one[0])
    assert [frame.id for frame in run.sent] == [0x7DF, 0x7E0]
    run.hear(engine, *one[1:])
    assert run.reading.vin == VIN
    assert not run.reading.running


def test_nobody_answers() -> None:
    run = Run(None)
    run.wait(0)
    assert run.reading.running
    assert run.wait(1.1) == []
    assert not run.reading.running


def test_a_refused_question_does_not_hang() -> None:
    reading = VinReading(
        REFERENCE,
        channels_of(REFERENCE),
        lambda frame, why: Refusal(("no",)),
        policy_of(REFERENCE),
    )
    reading.due(0)
    assert not reading.running


def test_a_vin_names_the_cars_whose_pattern_fits() -> None:
    profiles = library().profiles.values()
    assert [profile.id for profile in with_vin(profiles, VIN)] == ["reference"]
    assert [profile.id for profile in with_vin(profiles, "WVWZZZAUZFW000001")] == ["vw-egolf"]
    assert with_vin(profiles, "WVWZZZAAZFD000001") == []
