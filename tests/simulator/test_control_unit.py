"""The control units say what ISO 14229-1 lets them say, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.simulator.security import DELAY_S, key_of
from evdiag.simulator.uds import UNSAID_WHEN_FUNCTIONAL, Nrc
from tests.simulator.bench import BODY, CHARGER, PORT, Bench

VIN = b"EVD1AG0REFERENCE1".hex(" ").upper()


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("10 01", "50 01 00 32 01 F4"),
        ("10 03", "50 03 00 32 01 F4"),
        ("10 02", "7F 10 22"),
        ("10 04", "7F 10 12"),
        ("10", "7F 10 13"),
        ("10 03 00", "7F 10 13"),
        ("3E 00", "7E 00"),
        ("3E 01", "7F 3E 12"),
        ("3E", "7F 3E 13"),
        ("22 F1 90", f"62 F1 90 {VIN}"),
        ("22 F1 86", "62 F1 86 01"),
        ("22 E0 01", "62 E0 01 00 00 00 00 00 00 00 00"),
        ("22 E0 01 F1 86", "62 E0 01 00 00 00 00 00 00 00 00 F1 86 01"),
        ("22 12 34 F1 86", "62 F1 86 01"),
        ("22 12 34", "7F 22 31"),
        ("22 F1", "7F 22 13"),
        ("22", "7F 22 13"),
        ("22" + " F1 86" * 17, "7F 22 13"),
        ("19 02 FF", "59 02 0F"),
        ("19 01 FF", "59 01 0F 01 00 00"),
        ("19 0A", "59 0A 0F 0D 96 00 00 0D 97 00 00 0D 9E 00 00 0D A1 00 00 0C D1 00 00"),
        ("19 06 0D 96 00 FF", "59 06 0D 96 00 00"),
        ("19 06 0D 96 00 05", "7F 19 31"),
        ("19 06 12 34 56 FF", "7F 19 31"),
        ("19 03", "7F 19 12"),
        ("19 02", "7F 19 13"),
        ("19", "7F 19 13"),
        ("14 FF FF FF", "7F 14 7F"),
        ("27 01", "7F 27 7F"),
        ("2F E0 10 00", "7F 2F 7F"),
        ("11 01", "7F 11 11"),
        ("31 01 00 00", "7F 31 11"),
        ("09 02", f"49 02 01 {VIN}"),
        ("09 00", "49 00 40 40 00 00"),
        ("09 0A", "49 0A 01 " + b"PORT".ljust(20, b"\0").hex(" ").upper()),
    ],
)
def test_answers_in_the_default_session(request_: str, response: str) -> None:
    assert Bench().ask(request_) == [response]


@pytest.mark.parametrize("request_", ["3E 80", "10 83", "09 55", "09", "7E 00", "62 F1 90", "FF"])
def test_what_nobody_answers(request_: str) -> None:
    assert Bench().ask(request_) == []


def test_a_session_asked_for_without_an_answer_begins_all_the_same() -> None:
    bench = Bench()
    bench.ask("10 83")
    assert bench.ask("22 F1 86") == ["62 F1 86 03"]


def test_without_a_request_for_five_seconds_the_session_ends() -> None:
    bench = Bench()
    bench.ask("10 03")
    for _ in range(3):
        bench.wait(4.0)
        assert bench.ask("3E 80") == []
    assert bench.ask("22 F1 86") == ["62 F1 86 03"]
    bench.wait(5.1)
    assert bench.ask("22 F1 86") == ["62 F1 86 01"]


@pytest.mark.parametrize("request_", ["11 01", "19 77", "22 12 34", "27 01", "14 FF FF FF"])
def test_what_is_not_supported_is_not_said_to_all(request_: str) -> None:
    alone, together = Bench().ask(request_), Bench().ask(request_, functional=True)
    assert Nrc(bytes.fromhex(alone[0])[2]) in UNSAID_WHEN_FUNCTIONAL
    assert together == []


def test_a_wrong_length_is_said_to_all() -> None:
    assert Bench().ask("22 F1", functional=True) == ["7F 22 13"]


def test_every_nth_request_finds_it_busy_where_that_is_wanted() -> None:
    bench = Bench(busy=3)
    said = [bench.ask("22 F1 86")[0] for _ in range(6)]
    assert said == ["62 F1 86 01", "62 F1 86 01", "7F 22 21"] * 2
    assert bench.ask("3E 00") == ["7E 00"]


def test_an_answer_that_is_due_when_something_else_is_asked_is_given() -> None:
    unit = Bench().unit
    unit.request(b"\x3e\x00", 0.0)
    unit.request(b"\x22\xf1\x86", 0.02)
    assert [said.hex() for said in unit.due(0.05)] == ["7e00", "62f18601"]


# -- trouble codes -----------------------------------------------------------------------------


def test_a_broken_motor_leaves_a_code_that_stays_until_it_is_cleared() -> None:
    bench = Bench()
    bench.do("plug_in", 4.0, "break lock_motor")
    assert bench.ask("19 02 FF") == ["59 02 0F"]
    bench.do("fob_unlock", 1.0)
    assert bench.ask("19 02 FF") == ["59 02 0F 0D 96 00 0F"]
    assert bench.ask("19 01 08") == ["59 01 0F 01 00 01"]
    assert bench.ask("19 06 0D 96 00 01") == ["59 06 0D 96 00 0F 01 01"]
    bench.do("mend lock_motor", 0.1)
    assert bench.ask("19 02 01") == ["59 02 0F"]
    assert bench.ask("19 02 08") == ["59 02 0F 0D 96 00 0E"]
    bench.ask("10 03")
    assert bench.ask("14 12 34 56") == ["7F 14 31"]
    assert bench.ask("14 FF") == ["7F 14 13"]
    assert bench.ask("14 FF FF FF") == ["54"]
    assert bench.ask("19 02 FF") == ["59 02 0F"]


def test_what_is_still_broken_comes_back() -> None:
    bench = Bench()
    bench.do("break position_sensor", 0.1)
    bench.ask("10 03")
    bench.ask("14 FF FF FF")
    assert bench.ask("19 02 09") == ["59 02 0F 0D 9E 00 0F"]


def test_codes_are_not_cleared_while_it_charges() -> None:
    bench = Bench()
    bench.do("plug_in", 3.0, "start_ac", 1.0)
    bench.ask("10 03")
    assert bench.ask("14 FF FF FF") == ["7F 14 22"]


@pytest.mark.parametrize(
    ("unit", "act", "code"),
    [
        (PORT, "break position_sensor", "0D 9E 00"),
        (CHARGER, "break proximity", "0D 56 00"),
        (CHARGER, "break lock_module", "DE 02 00"),
        (BODY, "low_battery", "05 62 00"),
    ],
)
def test_the_unit_that_sees_the_fault_has_the_code(unit: int, act: str, code: str) -> None:
    bench = Bench(unit)
    bench.do(act, 0.1)
    assert bench.ask("19 02 01") == [f"59 02 0F {code} 0F"]


def test_a_lock_that_stalls_under_its_load_leaves_no_code() -> None:
    bench = Bench()
    bench.do("plug_in", 4.0, "hang_cable", "fob_unlock", 2.0)
    assert bench.car.values["port.lock"] == "locked"
    assert bench.ask("19 02 FF") == ["59 02 0F"]


# -- security access ---------------------------------------------------------------------------


def test_the_key_opens_and_then_the_seed_is_zero() -> None:
    bench = Bench()
    bench.unlock_security()
    assert bench.ask("27 01") == ["67 01 00 00 00 00"]
    bench.ask("10 03")
    assert bench.ask("27 01") != ["67 01 00 00 00 00"]


def test_wrong_keys_are_counted_and_cost_time() -> None:
    bench = Bench()
    bench.ask("10 03")
    assert bench.ask("27 02 00 00 00 00") == ["7F 27 24"]
    for code in ("35", "35", "36"):
        bench.ask("27 01")
        assert bench.ask("27 02 00 00 00 00") == [f"7F 27 {code}"]
    assert bench.ask("27 01") == ["7F 27 37"]
    for _ in range(int(DELAY_S / 2)):
        bench.wait(2.0)
        bench.ask("3E 80")
    (seed,) = bench.ask("27 01")
    assert bench.ask("27 02" + key_of(bytes.fromhex(seed)[2:]).hex()) == ["67 02"]


def test_a_new_seed_needs_a_new_key() -> None:
    bench = Bench()
    bench.ask("10 03")
    (first,) = bench.ask("27 01")
    bench.ask("27 01")
    assert bench.ask("27 02" + key_of(bytes.fromhex(first)[2:]).hex()) == ["7F 27 35"]
    assert bench.ask("27 03") == ["7F 27 12"]
    assert bench.ask("27 02 00") == ["7F 27 13"]


# -- anything ------------------------------------------------------------------------------------


REQUESTS = st.one_of(
    st.binary(max_size=24),
    st.builds(
        lambda service, rest: bytes((service,)) + rest,
        st.sampled_from((0x09, 0x10, 0x14, 0x19, 0x22, 0x27, 0x2F, 0x3E)),
        st.binary(max_size=8),
    ),
    st.sampled_from(
        [bytes.fromhex(text) for text in ("1003", "2701", "2fe0100300", "2fe0100301", "2fe01002")]
    ),
)


@given(
    st.integers(0, 2),
    st.lists(
        st.tuples(REQUESTS, st.booleans(), st.sampled_from((0.0, 0.05, 0.6, 6.0))), max_size=8
    ),
)
def test_any_bytes_get_a_valid_answer_or_none(
    unit: int, requests: list[tuple[bytes, bool, float]]
) -> None:
    bench = Bench(unit)
    bench.do("plug_in", 3.0)
    for payload, functional, wait_s in requests:
        bench.unit.request(payload, bench.now_s, functional=functional)
        for response in bench.wait(wait_s):
            check_form(response)
    for response in bench.wait(1.0):
        check_form(response)


def check_form(response: bytes) -> None:
    if response[0] == 0x7F:
        assert len(response) == 3
        Nrc(response[2])
    else:
        assert response[0] & 0x40
        assert response[0] - 0x40 in (0x09, 0x10, 0x14, 0x19, 0x22, 0x27, 0x2F, 0x3E)
