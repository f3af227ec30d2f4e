"""Level ACT refuses whatever is not listed, and whatever is listed without every condition.

Tried over every id and length on every channel, every service and sub-function, and every command
of every car against the frames of all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.commanding import command_rings
from evdiag.control.act_policy import ActPolicy, Moment
from evdiag.control.clearing import clear_command
from evdiag.control.interlocks import Interlock
from evdiag.control.permits import PERMIT_LIVES_NS, AskState, Permit, Refusal
from evdiag.control.rest import Movement
from evdiag.errors import BadInputError
from evdiag.inputs import Channel, Frame
from evdiag.vehicles.command import Command, Request
from evdiag.vehicles.command_frames import Rings
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from evdiag.vehicles.request_forms import NEVER

SECOND = 1_000_000_000
BUS, OTHER = "can0", "can1"
CARS = [profile for _, profile in sorted(library().profiles.items()) if profile.commands]
COMMANDS = [(profile, command) for profile in CARS for command in profile.commands]
GREEN = (Interlock("speed", "the car stands still", "green", "0 km/h"),)
RED = Interlock("voltage", "inlet below 60 V", "red", "350 V")

commanded = pytest.mark.parametrize(
    ("profile", "command"), COMMANDS, ids=[f"{p.id} {c.name} {c.way}" for p, c in COMMANDS]
)


def channels_of(profile: Profile) -> dict[str, Channel]:
    return {bus.name: BUS for bus in profile.buses}


@cache
def rings_of(profile: Profile, command: Command) -> Rings:
    return command_rings(command, profile)


def policy_of(profile: Profile, command: Command) -> ActPolicy:
    return ActPolicy(command, channels_of(profile), rings_of(profile, command))


def moment(**changes: object) -> Moment:
    calm = Moment(
        now_ns=10 * SECOND,
        wall_ns=1_000 * SECOND,
        facts_age_ns=0,
        conditions=GREEN,
        armed_until_ns=60 * SECOND,
    )
    return replace(calm, **changes)  # type: ignore[arg-type]


def ask_frame(command: Command, data: bytes, channel: Channel = BUS) -> Frame:
    assert command.unit is not None
    content = bytes((len(data),)) + data
    if command.unit.target_address is not None:
        content = bytes((command.unit.target_address,)) + content
    padded = content.ljust(8, b"\xcc")
    return Frame(0, channel, command.unit.request_id, command.unit.extended_ids, padded)


def frames_of(profile: Profile, command: Command) -> Iterator[Frame]:
    """Every frame that this command may ever send."""
    for request in command.requests:
        yield ask_frame(command, request.data)
    made = rings_of(profile, command)
    for frame in command.frames:
        for data in made[frame.id]:
            yield Frame(0, BUS, frame.can_id, frame.extended, data)


def verdict(policy: ActPolicy, frame: Frame, at: Moment | None = None) -> Permit | Refusal | None:
    """Decide as `Acting` does."""
    listed = policy.lists(frame)
    if listed is None or isinstance(listed, Refusal):
        return listed
    at = at or moment()
    if policy.gives_back(listed):
        return policy.let_go(frame, listed, at.now_ns, AskState())
    return policy.decide(frame, listed, at, AskState())


@commanded
def test_what_it_lists_it_permits_and_says_for_how_long(profile: Profile, command: Command) -> None:
    policy = policy_of(profile, command)
    for frame in frames_of(profile, command):
        permit = verdict(policy, frame, moment(facts_age_ns=50_000_000))
        assert isinstance(permit, Permit)
        assert permit.decided_ns == 10 * SECOND
        age_ns = 0 if permit.gives_back else 50_000_000
        assert permit.until_ns == 10 * SECOND + PERMIT_LIVES_NS - age_ns
        assert not (permit.gives_back and permit.moves)
        assert permit.has_run_out(permit.until_ns) != permit.gives_back
        assert not permit.has_run_out(permit.until_ns - 1)


def sample_data(profile: Profile, command: Command) -> list[bytes]:
    """Data of every frame of this command, and of its near neighbours."""
    own = [frame.data for frame in frames_of(profile, command)][:8]
    return [*own, bytes(8), b"\x02\x11\x01".ljust(8, b"\xcc"), b"\xff" * 8]


@pytest.mark.parametrize("profile", CARS, ids=lambda profile: profile.id)
def test_every_11_bit_id_and_length_on_every_channel(profile: Profile) -> None:
    for command in profile.commands:
        policy, found = policy_of(profile, command), set()
        samples = sample_data(profile, command)
        for identifier in range(1 << 11):
            for channel in (BUS, OTHER, 0):
                for data in samples:
                    for length in (0, 1, 7, 8):
                        frame = Frame(0, channel, identifier, False, data[:length])
                        if isinstance(verdict(policy, frame), Permit):
                            found.add((channel, identifier, length))
        unit = command.unit
        wanted = {(BUS, frame.can_id, frame.length) for frame in command.frames}
        wanted |= {(BUS, unit.request_id, 8)} if unit is not None else set()
        assert found == wanted


@commanded
def test_the_same_number_with_29_bits_is_another_id(profile: Profile, command: Command) -> None:
    policy = policy_of(profile, command)
    for frame in list(frames_of(profile, command))[:20]:
        assert policy.lists(frame._replace(extended=not frame.extended)) is None


@commanded
def test_an_answer_is_awaited_where_one_is_asked(profile: Profile, command: Command) -> None:
    policy, unit = policy_of(profile, command), command.unit
    for frame in frames_of(profile, command):
        permit = verdict(policy, frame)
        assert isinstance(permit, Permit)
        if unit is None:
            assert permit.awaits == ()
        else:
            assert permit.awaits == ((BUS, unit.response_key, unit.tester_address),)


def test_clearing_one_code_lists_one_code() -> None:
    profile, command = next((p, c) for p, c in COMMANDS if c.unit is not None)
    assert command.unit is not None
    clear = clear_command(command.unit, 0x0D9624)._replace(name="dtc-clear")
    policy = ActPolicy(clear, channels_of(profile), {})
    right = ask_frame(clear, b"\x14\x0d\x96\x24")
    assert isinstance(verdict(policy, right), Permit)
    assert verdict(policy, ask_frame(clear, b"\x14\xff\xff\xff")) is None
    group = clear._replace(requests=(*clear.requests, Request("x", b"\x14\xff\xff\xff", 1000)))
    with pytest.raises(BadInputError, match="x: a group of trouble codes"):
        ActPolicy(group, channels_of(profile), {})
    posing = clear._replace(name="unlock")
    with pytest.raises(BadInputError, match="0x14"):
        ActPolicy(posing, channels_of(profile), {})
    moving = clear._replace(requests=(Request("x", b"\x2f\xe0\x10\x03\x00", 1000, "unlock"),))
    with pytest.raises(BadInputError, match="only sessions belong to clearing"):
        ActPolicy(moving, channels_of(profile), {})


@given(identifier=st.integers(0, (1 << 29) - 1), length=st.integers(0, 8))
def test_sampled_29_bit_ids(identifier: int, length: int) -> None:
    for profile, command in COMMANDS:
        policy = policy_of(profile, command)
        for data in sample_data(profile, command)[:3]:
            frame = Frame(0, BUS, identifier, True, data[:length])
            assert not isinstance(verdict(policy, frame), Permit)


@commanded
def test_every_service_and_sub_function(profile: Profile, command: Command) -> None:
    if command.unit is None:
        return
    policy = policy_of(profile, command)
    listed = {request.data for request in command.requests}
    permitted = set()
    for service in range(256):
        for sub in range(256):
            for tail in {b"", *(data[2:] for data in listed)}:
                data = bytes((service, sub)) + tail
                if isinstance(verdict(policy, ask_frame(command, data)), Permit):
                    permitted.add(data)
    assert permitted == listed
    assert not [data for data in permitted if data[0] in NEVER]


def test_every_car_refuses_what_others_send() -> None:
    for profile, command in COMMANDS:
        policy = policy_of(profile, command)
        own = {(frame.id, frame.extended, frame.data) for frame in frames_of(profile, command)}
        for other, another in COMMANDS:
            for frame in frames_of(other, another):
                if (frame.id, frame.extended, frame.data) not in own:
                    assert not isinstance(verdict(policy, frame), Permit)


@commanded
def test_one_bit_too_many_is_refused(profile: Profile, command: Command) -> None:
    """Every bit of every frame, turned over: what is then let out is another of its frames."""
    policy = policy_of(profile, command)
    own = {(frame.id, frame.data) for frame in frames_of(profile, command)}
    for frame in list(frames_of(profile, command))[:40]:
        for place in range(64):
            turned = (int.from_bytes(frame.data, "big") ^ 1 << place).to_bytes(8, "big")
            if isinstance(verdict(policy, frame._replace(data=turned)), Permit):
                assert (frame.id, turned) in own


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"remote": True}, "a remote frame"),
        ({"error": True}, "an error frame"),
        ({"fd": True}, "a CAN FD frame"),
        ({"bitrate_switch": True}, "a CAN FD frame"),
    ],
)
@commanded
def test_odd_frames_are_refused(
    profile: Profile, command: Command, kind: dict[str, bool], said: str
) -> None:
    policy = policy_of(profile, command)
    for frame in frames_of(profile, command):
        found = verdict(policy, frame._replace(**kind))
        assert isinstance(found, Refusal)
        assert said in found.text


AGAINST = [
    ({"conditions": (*GREEN, RED)}, "inlet below 60 V: 350 V"),
    ({"conditions": ()}, "no condition was looked at"),
    ({"conditions": (replace(RED, verdict="by_eye"),)}, "inlet below 60 V"),
    ({"dropped": "the plug left"}, "no longer armed: the plug left"),
    ({"now_ns": 60 * SECOND}, "no longer armed: 60 s have passed"),
    ({"facts_age_ns": PERMIT_LIVES_NS}, "the readings are 200 ms old"),
    ({"facts_age_ns": -1}, "the readings are -0 ms old"),
    ({"began_ns": 1, "now_ns": 59 * SECOND}, "it has taken longer than"),
]


@pytest.mark.parametrize(("change", "said"), AGAINST)
@commanded
def test_each_condition_alone_refuses_all_but_letting_go(
    profile: Profile, command: Command, change: dict[str, object], said: str
) -> None:
    policy = policy_of(profile, command)
    for frame in frames_of(profile, command):
        listed = policy.lists(frame)
        assert listed is not None
        assert not isinstance(listed, Refusal)
        found = verdict(policy, frame, moment(**change))
        if listed.id in command.gives_back:
            assert isinstance(found, Permit)
        else:
            assert isinstance(found, Refusal)
            assert said in found.text


def test_all_that_fails_is_named() -> None:
    policy = policy_of(*COMMANDS[0])
    frame = next(iter(frames_of(*COMMANDS[0])))
    found = verdict(policy, frame, moment(conditions=(RED, replace(RED, what="x")), dropped="y"))
    assert isinstance(found, Refusal)
    assert len(found.reasons) == 3


@commanded
def test_an_actuator_that_has_not_rested_is_not_driven(profile: Profile, command: Command) -> None:
    policy = policy_of(profile, command)
    last = Movement("something else", 999 * SECOND, 1_000 * SECOND, 1_000 * SECOND)
    for frame in frames_of(profile, command):
        listed = policy.lists(frame)
        assert listed is not None
        assert not isinstance(listed, Refusal)
        early = verdict(policy, frame, moment(movement=last, wall_ns=1_008 * SECOND - 1))
        rested = verdict(policy, frame, moment(movement=last, wall_ns=1_008 * SECOND))
        goes_on = replace(last, what=listed.id)
        same = verdict(policy, frame, moment(movement=goes_on, wall_ns=1_000 * SECOND + 1))
        if listed.moves:
            assert isinstance(early, Refusal)
            assert "the actuator must rest for 0.0 s more" in early.text
        else:
            assert isinstance(early, Permit)
        assert isinstance(rested, Permit)
        assert isinstance(same, Permit)


@commanded
def test_nothing_is_sent_faster_than_listed(profile: Profile, command: Command) -> None:
    policy = policy_of(profile, command)
    for frame in frames_of(profile, command):
        state = AskState()
        listed = policy.lists(frame)
        assert listed is not None
        assert not isinstance(listed, Refusal)
        first = policy.decide(frame, listed, moment(), state)
        assert isinstance(first, Permit)
        state.sent(first, 10 * SECOND)
        period_ns = listed.every_ms * 1_000_000
        soon = policy.decide(frame, listed, moment(now_ns=10 * SECOND + period_ns // 2), state)
        assert isinstance(soon, Refusal)
        assert "too soon" in soon.text
        later = policy.decide(frame, listed, moment(now_ns=10 * SECOND + period_ns), state)
        assert isinstance(later, Permit)


def test_what_is_never_offered_or_not_connected_has_no_policy() -> None:
    profile, command = COMMANDS[0]
    with pytest.raises(BadInputError, match="nobody has seen it work"):
        policy_of(profile, command._replace(evidence="unproven"))
    with pytest.raises(BadInputError, match="is not connected"):
        ActPolicy(command, {}, {})


@pytest.mark.parametrize("data", [b"\x11\x01", b"\x10\x02", b"\x27\x01", b"\x14\xff\xff\xff", b""])
def test_a_profile_is_never_trusted_twice(data: bytes) -> None:
    """Even a command that was made past the reader's rules lists no such request."""
    profile, command = next((p, c) for p, c in COMMANDS if c.unit is not None)
    worse = command._replace(requests=(*command.requests, Request("worse", data, 1000)))
    with pytest.raises(BadInputError, match="worse: "):
        policy_of(profile, worse)


def test_a_unit_with_extended_addresses_hears_only_its_own() -> None:
    profile, command = next((p, c) for p, c in COMMANDS if c.unit is not None)
    assert command.unit is not None
    unit = command.unit._replace(target_address=0x14, tester_address=0xF1)
    addressed = command._replace(unit=unit)
    policy = policy_of(profile, addressed)
    right = ask_frame(addressed, b"\x10\x03")
    assert isinstance(verdict(policy, right), Permit)
    assert policy.lists(right._replace(data=b"\x15" + right.data[1:])) is None
    assert policy.lists(ask_frame(addressed, b"\x22\xf1\x90")) is None
    assert policy.lists(right._replace(data=b"\x14\x30\x00\x00".ljust(8, b"\xcc"))) is None
