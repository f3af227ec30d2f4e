"""The policy refuses whatever it is not sure of: tried over every id, length, service and car."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.control.permits import AskState, Permit, Refusal
from evdiag.control.policy import DENIED, VIN_DID, AskPolicy, Level
from evdiag.inputs import Frame
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from tests.control.policies import (
    OBD,
    OTHER,
    POLLED,
    PROFILES,
    SECOND,
    answer,
    channels_of,
    flow_control,
    policy_of,
    read,
    request,
)

REFERENCE = library().profile("reference")
PORT, CHARGER, BODY = REFERENCE.ecus()
FUNCTIONAL_VIN = Frame(0, OBD, 0x7DF, False, b"\x02\x09\x02".ljust(8, b"\xcc"))

named = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
polled = pytest.mark.parametrize("profile", POLLED, ids=lambda profile: profile.id)


def decide(policy: AskPolicy, frame: Frame, state: AskState | None = None) -> Permit | Refusal:
    return policy.decide(frame, Level.ASK, state or AskState())


def reason(verdict: Permit | Refusal) -> str:
    assert isinstance(verdict, Refusal)
    assert verdict.reasons
    return verdict.text


def requests_of(profile: Profile) -> Iterator[Frame]:
    """All that may be read by identifier."""
    for ecu in profile.ecus():
        dids = {poll.did for poll in profile.polls if poll.ecu == ecu} | {VIN_DID}
        yield from (request(ecu, read(did)) for did in sorted(dids))


@named
def test_listen_permits_nothing(profile: Profile) -> None:
    for frame in (*requests_of(profile), FUNCTIONAL_VIN):
        verdict = policy_of(profile).decide(frame, Level.LISTEN, AskState())
        assert reason(verdict) == "level LISTEN: nothing is sent"


@polled
def test_ask_permits_what_the_profile_reads(profile: Profile) -> None:
    for frame in requests_of(profile):
        assert isinstance(decide(policy_of(profile), frame), Permit)


PAYLOADS = [
    b"\x03\x22\xf1\x90".ljust(8, b"\xcc"),
    b"\x14\x03\x22\xde\xf0".ljust(8, b"\xcc"),
    b"\x26\x03\x22\xe1\x01".ljust(8, b"\xcc"),
    b"\x02\x09\x02".ljust(8, b"\xcc"),
    b"\x30\x00\x00".ljust(8, b"\xcc"),
    b"\x02\x3e\x80".ljust(8, b"\xcc"),
    b"\x02\x10\x03".ljust(8, b"\xcc"),
]


@named
def test_every_11_bit_id_and_length_on_every_channel(profile: Profile) -> None:
    """What is permitted goes to a unit of the profile, or asks all of them for mode 09."""
    policy, found = policy_of(profile), set()
    known = {ecu.request_id for ecu in profile.ecus() if not ecu.extended_ids}
    at_obd = OBD in channels_of(profile).values()
    for identifier in range(1 << 11):
        for channel in (OBD, OTHER, 0):
            for payload in PAYLOADS:
                for length in range(9):
                    frame = Frame(0, channel, identifier, False, payload[:length])
                    if isinstance(decide(policy, frame), Permit):
                        found.add((channel, identifier, length))
                        assert payload[0] != 0x30
    assert found == {
        *((OBD, identifier, 8) for identifier in known),
        *([(OBD, 0x7DF, 8)] if at_obd else []),
    }


@settings(max_examples=300)
@given(
    identifier=st.integers(0, (1 << 29) - 1)
    | st.sampled_from([BODY.request_id, BODY.response_id, 0x18DB33F1, 0x7DF, 0x7E6]),
    payload=st.sampled_from(PAYLOADS),
    length=st.integers(0, 8),
)
def test_sampled_29_bit_ids(identifier: int, payload: bytes, length: int) -> None:
    for profile in PROFILES:
        verdict = decide(policy_of(profile), Frame(0, OBD, identifier, True, payload[:length]))
        if isinstance(verdict, Permit):
            assert profile.id == "reference"
            assert (identifier, length) == (BODY.request_id, 8)


@polled
def test_every_service_in_every_length(profile: Profile) -> None:
    policy = policy_of(profile)
    for ecu in profile.ecus():
        longest = 7 if ecu.target_address is None else 6
        did = next(poll.did for poll in profile.polls if poll.ecu == ecu)
        for service in range(256):
            for length in range(1, longest + 1):
                for body in (read(did)[1:], b"\x01\xff", b"\x80", b"\x02", b"\x00"):
                    payload = (bytes((service,)) + body.ljust(7, b"\x00"))[:length]
                    verdict = decide(policy, request(ecu, payload))
                    if isinstance(verdict, Permit):
                        assert service in (0x22, 0x19, 0x3E, 0x09)
                    if service in DENIED:
                        assert "never sent at level ASK" in reason(verdict)


@pytest.mark.parametrize(
    "service",
    [0x10, 0x11, 0x14, 0x27, 0x28, 0x2E, 0x2F, 0x31, 0x34, 0x35, 0x36, 0x37, 0x3D, 0x85],
)
def test_what_no_profile_can_allow_is_named(service: int) -> None:
    verdict = decide(policy_of(REFERENCE), request(PORT, bytes((service, 0x01))))
    assert reason(verdict).startswith(f"service 0x{service:02X} (")


@polled
def test_every_identifier(profile: Profile) -> None:
    policy = policy_of(profile)
    for ecu in profile.ecus():
        permitted = {
            did
            for did in range(0x10000)
            if isinstance(decide(policy, request(ecu, read(did))), Permit)
        }
        assert permitted == {
            *(poll.did for poll in profile.polls if poll.ecu == ecu),
            VIN_DID,
        }


@named
def test_no_car_permits_what_another_reads(profile: Profile) -> None:
    policy, own = policy_of(profile), set(requests_of(profile))
    for other in POLLED:
        for frame in requests_of(other):
            if frame not in own:
                assert isinstance(decide(policy, frame), Refusal), (other.id, frame)


@named
def test_no_car_permits_what_any_car_sends_by_itself(profile: Profile) -> None:
    for other in PROFILES:
        for bus in other.buses:
            for sent in bus.frames:
                frame = Frame(0, OBD, sent.id, sent.extended, PAYLOADS[0])
                assert isinstance(decide(policy_of(profile), frame), Refusal)


WRONG = [
    (lambda f: f._replace(remote=True, data=b""), "a remote frame"),
    (lambda f: f._replace(error=True), "an error frame"),
    (lambda f: f._replace(fd=True), "a CAN FD frame"),
    (lambda f: f._replace(bitrate_switch=True), "a CAN FD frame"),
    (lambda f: f._replace(channel=OTHER), "no control unit of this car is asked there"),
    (lambda f: f._replace(extended=True), "is no id on which diagnostics are asked"),
    (lambda f: f._replace(data=f.data[:7]), "7 bytes long, not 8"),
    (lambda f: f._replace(data=f.data + b"\xcc"), "9 bytes long, not 8"),
    (lambda f: f._replace(data=b"\x10\x09" + f.data[2:]), "of more than one frame"),
    (lambda f: f._replace(data=b"\x21" + f.data[1:]), "of more than one frame"),
    (lambda f: f._replace(data=b"\x00\x03" + f.data[1:7]), "a single frame that says it holds 0"),
    (lambda f: f._replace(data=b"\x08" + f.data[1:]), "a single frame that says it holds 8"),
    (lambda f: f._replace(data=f.data[:7] + b"\x00"), "bytes after the request"),
    (lambda f: f._replace(data=b"\x05\x22\xe0\x01\xf1\x90\xcc\xcc"), "but one identifier"),
    (lambda f: f._replace(data=b"\x02\x22\xe0".ljust(8, b"\xcc")), "but one identifier"),
    (lambda f: f._replace(data=b"\x02\x19\x81".ljust(8, b"\xcc")), "no plain read"),
    (lambda f: f._replace(data=b"\x01\x19".ljust(8, b"\xcc")), "no plain read"),
    (lambda f: f._replace(data=b"\x02\x3e\x01".ljust(8, b"\xcc")), "service 0x3E with other"),
    (lambda f: f._replace(data=b"\x03\x09\x02\x01".ljust(8, b"\xcc")), "mode 09 with anything"),
    (lambda f: f._replace(data=b"\x02\x09\x03".ljust(8, b"\xcc")), "mode 09 with anything"),
    (lambda f: f._replace(data=b"\x02\x21\x01".ljust(8, b"\xcc")), "none that level ASK sends"),
    (lambda f: f._replace(data=b"\x40" + f.data[1:]), "of more than one frame"),
]


@pytest.mark.parametrize(("spoil", "why"), WRONG, ids=[why[:40] for _, why in WRONG])
def test_a_refusal_says_what_is_wrong(spoil, why: str) -> None:  # type: ignore[no-untyped-def]
    frame = request(PORT, read(0xE001))
    assert isinstance(decide(policy_of(REFERENCE), frame), Permit)
    assert why in reason(decide(policy_of(REFERENCE), spoil(frame)))


def test_plain_reads_of_trouble_codes_are_permitted() -> None:
    for payload in (b"\x19\x02\xff", b"\x19\x01\x0f", b"\x19\x0a", b"\x19\x06\x80\x55\x03\xff"):
        assert isinstance(decide(policy_of(REFERENCE), request(PORT, payload)), Permit)


def test_extended_addressing_needs_the_address() -> None:
    frame = request(CHARGER, read(0xE101))
    other = frame._replace(data=b"\x27" + frame.data[1:])
    assert reason(decide(policy_of(REFERENCE), other)) == (
        "no control unit of this car has the address 0x27"
    )


def test_fd_frames_leave_on_fd_buses_alone() -> None:
    buses = tuple(bus._replace(data_bitrate=2_000_000) for bus in REFERENCE.buses)
    frame = request(PORT, read(0xE001))._replace(fd=True)
    assert isinstance(decide(policy_of(replace(REFERENCE, buses=buses)), frame), Permit)
    assert isinstance(decide(policy_of(REFERENCE), frame), Refusal)


@pytest.mark.parametrize(
    ("request_id", "extended"),
    [(0x333, False), (0x25D, False), (0x4E0, False), (0x18DB33F1, True), (0x0CF00400, True)],
)
def test_a_profile_cannot_make_any_id_a_diagnostic_one(request_id: int, extended: bool) -> None:
    """A person's own profile names what it likes: the code does not."""
    ecu = Ecu("OBD", request_id, 0x7EE, extended)
    polls = tuple(poll._replace(ecu=ecu) for poll in REFERENCE.polls[:1])
    policy = policy_of(replace(REFERENCE, polls=polls))
    assert isinstance(decide(policy, request(ecu, read(0xE001))), Refusal)


def test_a_profile_cannot_poll_all_units_at_once() -> None:
    ecu = Ecu("OBD", 0x7DF, 0x7E8)
    polls = tuple(poll._replace(ecu=ecu) for poll in REFERENCE.polls[:1])
    verdict = decide(policy_of(replace(REFERENCE, polls=polls)), request(ecu, read(0xE001)))
    assert reason(verdict) == "all control units at once are asked for mode 09 only"


@pytest.mark.parametrize(
    "ecu",
    [
        Ecu("OBD", 0x700, 0x77E),
        Ecu("OBD", 0x18DAFFF1, 0x18DAF110, True),
        Ecu("OBD", 0x6F1, 0x612, False, 0xDF, 0xF1),
        Ecu("OBD", 0x6F1, 0x612, False, 0xEF, 0xF1),
    ],
)
def test_nor_where_a_makers_own_way_reaches_many(ecu: Ecu) -> None:
    polls = tuple(poll._replace(ecu=ecu) for poll in REFERENCE.polls[:1])
    policy = policy_of(replace(REFERENCE, polls=polls))
    for payload in (read(0xE001), read(0xF190), b"\x3e\x00", b"\x19\x02\xff"):
        assert isinstance(decide(policy, request(ecu, payload)), Refusal)


def test_a_profile_cannot_poll_on_an_id_that_the_car_sends_by_itself() -> None:
    bus = REFERENCE.buses[0]
    taken = bus._replace(frames=(bus.frames[0]._replace(id=PORT.request_id), *bus.frames[1:]))
    profile = replace(REFERENCE, buses=(taken, *REFERENCE.buses[1:]))
    assert isinstance(decide(policy_of(profile), request(PORT, read(0xE001))), Refusal)


def test_mode_09_of_all_units_only_at_the_obd_port() -> None:
    assert isinstance(decide(policy_of(REFERENCE), FUNCTIONAL_VIN), Permit)
    golf = library().profile("vw-egolf")
    assert "not at the OBD port" in reason(decide(policy_of(golf), FUNCTIONAL_VIN))
    assert isinstance(decide(AskPolicy.vin_only(OBD), FUNCTIONAL_VIN), Permit)
    everything = [*requests_of(REFERENCE), request(PORT, b"\x3e\x00")]
    assert all(isinstance(decide(AskPolicy.vin_only(OBD), f), Refusal) for f in everything)


# -- flow control -----------------------------------------------------------------------------


@pytest.mark.parametrize("ecu", [PORT, CHARGER, BODY], ids=lambda ecu: ecu.text)
def test_flow_control_goes_to_whoever_is_answering_us_and_once(ecu: Ecu) -> None:
    policy, state = policy_of(REFERENCE), AskState()
    did = next(poll.did for poll in REFERENCE.polls if poll.ecu == ecu)
    assert "not in the middle" in reason(decide(policy, flow_control(ecu), state))
    state.heard(answer(ecu, b"\x10\x0b\x62"), 0)
    assert isinstance(decide(policy, flow_control(ecu), state), Refusal)

    permit = decide(policy, request(ecu, read(did)), state)
    assert isinstance(permit, Permit)
    state.sent(permit, 0)
    assert isinstance(decide(policy, flow_control(ecu), state), Refusal)
    state.heard(answer(ecu, b"\x10\x0b\x62"), 1_000_000)
    for other in {PORT, CHARGER, BODY} - {ecu}:
        assert isinstance(decide(policy, flow_control(other), state), Refusal)
    go_on = decide(policy, flow_control(ecu, 2_000_000), state)
    assert isinstance(go_on, Permit)
    state.sent(go_on, 2_000_000)
    assert isinstance(decide(policy, flow_control(ecu, 3_000_000), state), Refusal)


@pytest.mark.parametrize(
    "content",
    [b"\x31\x00\x00", b"\x32\x00\x00", b"\x30\x01\x00", b"\x30\x00\x7f", b"\x30\x00\x00\x00"],
)
def test_no_other_flow_control(content: bytes) -> None:
    policy, state = policy_of(REFERENCE), answering()
    frame = flow_control(PORT)._replace(data=content.ljust(8, b"\xcc"))
    assert "flow control other than" in reason(decide(policy, frame, state))


def test_flow_control_is_not_for_an_answer_of_long_ago() -> None:
    policy, state = policy_of(REFERENCE), answering()
    assert isinstance(decide(policy, flow_control(PORT, SECOND), state), Permit)
    assert isinstance(decide(policy, flow_control(PORT, SECOND + 1), state), Refusal)


def test_a_finished_answer_needs_no_flow_control() -> None:
    policy, state = policy_of(REFERENCE), AskState()
    permit = decide(policy, request(PORT, read(0xE001)), state)
    assert isinstance(permit, Permit)
    state.sent(permit, 0)
    state.heard(answer(PORT, b"\x03\x7f\x22\x78"), 0)
    state.heard(answer(PORT, b"\x05\x62\xe0\x01\x00\x00"), 0)
    state.heard(answer(PORT, b"\x10\x0b\x62"), 0)
    assert isinstance(decide(policy, flow_control(PORT), state), Refusal)


def test_a_unit_that_works_on_it_may_answer_at_length() -> None:
    policy, state = policy_of(REFERENCE), AskState()
    permit = decide(policy, request(PORT, read(0xE001)), state)
    assert isinstance(permit, Permit)
    state.sent(permit, 0)
    state.heard(answer(PORT, b"\x03\x7f\x22\x78"), 0)
    state.heard(answer(PORT, b"\x10\x0b\x62"), 0)
    assert isinstance(decide(policy, flow_control(PORT), state), Permit)


def test_all_units_that_give_their_vin_may_go_on() -> None:
    policy, state = AskPolicy.vin_only(OBD), AskState()
    permit = decide(policy, FUNCTIONAL_VIN, state)
    assert isinstance(permit, Permit)
    state.sent(permit, 0)
    for unit in range(8):
        ecu = Ecu("", 0x7E0 + unit, 0x7E8 + unit)
        assert isinstance(decide(policy, flow_control(ecu), state), Refusal)
        state.heard(answer(ecu, b"\x10\x14\x49\x02\x01"), 0)
        assert isinstance(decide(policy, flow_control(ecu), state), Permit)


def answering() -> AskState:
    state = AskState()
    permit = decide(policy_of(REFERENCE), request(PORT, read(0xE001)), state)
    assert isinstance(permit, Permit)
    state.sent(permit, 0)
    state.heard(answer(PORT, b"\x10\x0b\x62"), 0)
    return state


# -- rate -------------------------------------------------------------------------------------


@polled
@given(steps_ms=st.lists(st.integers(0, 3000), max_size=40))
def test_nothing_is_asked_more_often_than_the_profile_says(
    profile: Profile, steps_ms: list[int]
) -> None:
    policy, state, now_ns = policy_of(profile), AskState(), 0
    poll = profile.polls[0]
    sent = []
    for step_ms in steps_ms:
        now_ns += step_ms * 1_000_000
        verdict = decide(policy, request(poll.ecu, read(poll.did), now_ns), state)
        if isinstance(verdict, Permit):
            state.sent(verdict, now_ns)
            sent.append(now_ns)
        else:
            assert "too soon" in verdict.text
    period_ns = poll.period_ms * 1_000_000
    for number, first in enumerate(sent):
        for count, later in enumerate(sent[number + 1 :], 1):
            assert later - first >= count * period_ns - period_ns // 10


def test_two_reads_of_one_unit_have_each_their_own_rate() -> None:
    policy, state = policy_of(REFERENCE), AskState()
    for did in (0xE101, 0xE102):
        verdict = decide(policy, request(CHARGER, read(did)), state)
        assert isinstance(verdict, Permit)
        state.sent(verdict, 0)
    assert isinstance(decide(policy, request(CHARGER, read(0xE101)), state), Refusal)


def test_a_clock_that_is_set_back_does_not_silence_for_hours() -> None:
    policy, state = policy_of(REFERENCE), AskState()
    for now_ns in (3600 * SECOND, 0):
        verdict = decide(policy, request(PORT, read(0xE001), now_ns), state)
        assert isinstance(verdict, Permit)
        state.sent(verdict, now_ns)
    early = decide(policy, request(PORT, read(0xE001), 1_000_000), state)
    assert isinstance(early, Refusal)
