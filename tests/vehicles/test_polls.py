"""Polled cars: what a profile says of its diagnostic reads, and what comes out of answers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from time import process_time

import pytest

from evdiag.errors import BadInputError
from evdiag.inputs import Frame, frame_key
from evdiag.signals.events import Changed
from evdiag.signals.tracker import SignalTracker
from evdiag.vehicles.checking import check_profile
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.identification import (
    Seen,
    SeenId,
    candidates,
    decide,
    locate_buses,
    with_polled_buses,
)
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.schema import read_profile
from evdiag.vocabulary import TERM, Value
from tests.signals.test_transport import messages

SECOND = 1_000_000_000

GOOD = """
schema = 1
id = "my-car"
dbc = ["reference.dbc", "reference-diagnostics.dbc"]
sources = ["a page"]

[identity]
make = "Make"
model = "Model"

[[buses]]
name = "vehicle"
bitrate = 500000
tap = "behind the gateway"
at_obd = false
frames = [{ id = 0x4E0, length = 8, period_ms = 100 }]

[[buses]]
name = "OBD"
bitrate = 500000
tap = "OBD"
at_obd = true

[[polls]]
name = "lock"
bus = "OBD"
request_id = 0x6F1
response_id = 0x614
target_address = 0x14
tester_address = 0xF1
did = 0xE001
period_ms = 500
message = "READ_Port_Lock"
evidence = "community"
source = "a page"

[[polls]]
name = "inlet"
bus = "OBD"
request_id = 0x18DA40F1
response_id = 0x18DAF140
extended_ids = true
service = 0x22
did = 0xE101
period_ms = 1000
message = "READ_Inlet"
evidence = "community"
source = "a page"

[[diagnostics.warnings]]
text = "The alarm may sound."
evidence = "community"
source = "a page"

[[signals."port.lock"]]
from = "PORT_Lock.Lock_State"
values = { 0 = "unlocked", 1 = "locked" }
evidence = "community"
source = "a page"

[[signals."port.lock"]]
from = "READ_Port_Lock.Lock_State"
values = { 0 = "unlocked", 1 = "locked" }
evidence = "unproven"
source = "a page"

[signals."port.pilot_duty"]
from = "READ_Inlet.Pilot_Duty"
evidence = "community"
source = "a page"
"""


def test_a_good_one_is_read() -> None:
    profile = read_profile("my.toml", GOOD)
    lock, inlet = profile.polls
    assert lock.ecu == Ecu("OBD", 0x6F1, 0x614, False, 0x14, 0xF1)
    assert lock.ecu.text == "0x6F1/14"
    assert inlet.ecu.response_key == frame_key(0x18DAF140, True)
    assert [(s.name, s.bus, s.poll) for s in profile.layouts[0].signals] == [
        ("port.lock", "vehicle", ""),
        ("port.lock", "OBD", "lock"),
        ("port.pilot_duty", "OBD", "inlet"),
    ]
    assert [warning.text for warning in profile.diagnostic_warnings] == ["The alarm may sound."]


POLL = 'name = "lock"\nbus = "OBD"'
WRONG = [
    ("did = 0xE001", "did = 0x1E001", "[polls 1], key 'did': must be 0xFFFF or less, not 0x1E001"),
    ("did = 0xE001", "did = -1", "key 'did': must be 0 or more, not -1"),
    ("did = 0xE001\n", "", "[polls 1], key 'did': is missing"),
    ("did = 0xE001", "dit = 0xE001", "[polls 1], key 'did': is missing"),
    ('bus = "OBD"\nrequest_id = 0x6F1', 'bus = "ODB"\nrequest_id = 0x6F1', "did you mean 'OBD'?"),
    ("request_id = 0x6F1", "request_id = 0x800", "'request_id': must be 0x7FF or less, not 0x800"),
    (
        "request_id = 0x6F1",
        "request_id = 0x333",
        "0x333/14 is no id on which diagnostics are asked",
    ),
    ("request_id = 0x6F1", "request_id = 0x700", "0x700/14 asks many control units at once"),
    ("target_address = 0x14", "target_address = 0xDF", "0x6F1/DF asks many control units at once"),
    ("request_id = 0x18DA40F1", "request_id = 0x18DB33F1", "asks many control units at once"),
    ("response_id = 0x614", "response_id = 0x6F1", "'response_id': must not be the id that asks"),
    ("request_id = 0x6F1", "request_id = 0x4E0", "is an id that the car sends on 'vehicle'"),
    ("response_id = 0x614", "response_id = 0x4E0", "is an id that the car sends on 'vehicle'"),
    ("tester_address = 0xF1\n", "", "extended addressing needs tester_address beside it"),
    ("tester_address = 0xF1", "tester_address = 0x1F1", "must be 0xFF or less, not 0x1F1"),
    ("period_ms = 500", "period_ms = 50", "'period_ms': must be 100 or more, not 50"),
    ("service = 0x22", "service = 0x2E", "only 0x22 (read by identifier) is polled, not 0x2e"),
    ('name = "inlet"', 'name = "lock"', "there is a poll 'lock' already"),
    ('message = "READ_Inlet"', 'message = "READ_Port_Lock"', "is read by poll 'lock' already"),
    ("extended_ids = true", 'extended_ids = "yes"', "'extended_ids': must be true or false"),
    (
        "request_id = 0x18DA40F1\nresponse_id = 0x18DAF140\nextended_ids = true",
        "request_id = 0x6F2\nresponse_id = 0x614\ntarget_address = 0x15\ntester_address = 0xF1",
        "[polls 2], key 'response_id': is that of poll 'lock' as well",
    ),
    (
        'from = "READ_Port_Lock.Lock_State"',
        'from = "READ_Port_Lock.Lock_State"\nbus = "vehicle"',
        "key 'bus': its poll 'lock' asks on bus 'OBD'",
    ),
    (
        'from = "READ_Port_Lock.Lock_State"',
        'from = "PORT_Inlet.Pilot_State"',
        "[signals], key 'port.lock': is read twice from bus 'vehicle'",
    ),
    ("[[diagnostics.warnings]]", "[[diagnostics.warning]]", "did you mean 'warnings'?"),
    ('text = "The alarm may sound."', 'txt = "x"', "[diagnostics.warnings 1], key 'text'"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), WRONG, ids=[w[2][-44:] for w in WRONG])
def test_a_wrong_one_says_what_and_where(old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInputError) as caught:
        read_profile("my.toml", GOOD.replace(old, new, 1))
    assert str(caught.value).startswith("my.toml: table [")
    assert sentence in str(caught.value)


def test_check_looks_for_the_message_of_every_poll(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(GOOD.replace('message = "READ_Inlet"', 'message = "READ_Inlett"'))
    with pytest.raises(BadInputError, match=r"no message 'READ_Inlett'; did you mean 'READ_Inlet'"):
        check_profile(path)
    path.write_text(GOOD)
    assert check_profile(path).id == "my-car"


@pytest.mark.parametrize(
    ("buses", "expected"),
    [
        ({"vehicle"}, {"port.lock": None}),
        ({"OBD"}, {"port.lock": "lock", "port.pilot_duty": "inlet"}),
        ({"vehicle", "OBD"}, {"port.lock": None, "port.pilot_duty": "inlet"}),
        (set(), {}),
    ],
)
def test_a_signal_is_offered_once_and_broadcast_wins(
    buses: set[str], expected: dict[str, str | None]
) -> None:
    profile = read_profile("my.toml", GOOD)
    layout = profile.layouts[0]
    channels = {bus: f"can-{bus}" for bus in buses}
    watch = watch_of(profile, layout, databases(profile, layout), channels)
    assert {w.name: w.polled.poll if w.polled else None for w in watch.signals} == expected
    assert len(watch.signals) == len(expected)
    assert set(watch.broadcast_channels) == {"can-vehicle"} & set(channels.values())
    for watched in watch.signals:
        if watched.polled:
            period_ms = profile.poll(watched.polled.poll).period_ms
            assert watched.stale_after_ns == max(5 * period_ms, 1000) * 1_000_000


# -- the shipped cars -------------------------------------------------------------------------


def read_answer(vehicle: str, poll_name: str, data: str) -> dict[str, Value]:
    """Decode the data of one identifier, given as hex, into the vocabulary."""
    profile = library().profile(vehicle)
    layout, poll = profile.layouts[0], profile.poll(poll_name)
    watch = watch_of(profile, layout, databases(profile, layout), {poll.ecu.bus: "can0"})
    prefix = b"" if poll.ecu.tester_address is None else bytes((poll.ecu.tester_address,))
    payload = bytes((0x62, poll.did >> 8, poll.did & 0xFF)) + bytes.fromhex(data)
    tracker = SignalTracker(watch)
    return {
        watch.signals[event.watched].name: event.value
        for content in messages(payload, 8, prefix)
        for event in tracker.frame(
            Frame(0, "can0", poll.ecu.response_id, poll.ecu.extended_ids, content)
        )
        if isinstance(event, Changed)
    }


FACTS = [
    # OVMS vehicle_bmwi3, job table of the LIM: DEF0 told, then sensed (facts 1.2, T11).
    ("bmw-i3", "plug_lock", "01 01", {"port.lock_command": "lock", "port.lock": "locked"}),
    ("bmw-i3", "plug_lock", "00 01", {"port.lock_command": "unlock", "port.lock": "locked"}),
    ("bmw-i3", "plug_lock", "00 00", {"port.lock_command": "unlock", "port.lock": "unlocked"}),
    ("bmw-i3", "plug_lock", "00 02", {"port.lock_command": "unlock", "port.lock": "fault"}),
    ("bmw-i3", "plug_lock", "00 03", {"port.lock_command": "unlock", "port.lock": "invalid"}),
    # DEF1: lock, then position 0 open, 1 closed; two bytes, not one number (T11).
    ("bmw-i3", "flap", "01 01", {"port.flap_lock": "locked", "port.flap": "closed"}),
    ("bmw-i3", "flap", "00 00", {"port.flap_lock": "unlocked", "port.flap": "open"}),
    ("bmw-i3", "flap", "03 FF", {"port.flap_lock": "invalid", "port.flap": "invalid"}),
    # DEF5: 0 none, 1 in, 2 in and release button pressed, 3 invalid; then ampere.
    ("bmw-i3", "proximity", "00 00", {"port.plug": "disconnected"}),
    ("bmw-i3", "proximity", "01 0D", {"port.plug": "connected"}),
    ("bmw-i3", "proximity", "02 0D", {"port.plug": "connected"}),
    ("bmw-i3", "proximity", "03 FF", {"port.plug": "invalid"}),
    # DEF6: active, duty in %, ampere, ready, frequency, level.
    ("bmw-i3", "pilot", "01 05 00 01 03 E8 3C", {"port.pilot_duty": 5}),
    ("bmw-i3", "pilot", "00 FF 00 00 00 00 78", {"port.pilot_duty": "invalid"}),
    # OVMS vehicle_vweup, 1DDA: bit 0 plugged, bit 1 locked; bytes 3-4 (number / 10 - 55) the AC
    # socket: 0x02EE = 750 is 20 degrees.
    ("vw-eup", "charge_socket", "03 00 02 EE 02 26",
     {"port.lock": "locked", "port.plug": "connected", "port.temperature": 20.0}),
    ("vw-eup", "charge_socket", "01 00 02 26 02 26",
     {"port.lock": "unlocked", "port.plug": "connected", "port.temperature": 0.0}),
    ("vw-eup", "charge_socket", "00", {"port.lock": "unlocked", "port.plug": "disconnected"}),
    # The reference car answers bit for bit what it broadcasts.
    ("reference", "vehicle_status", "00 00 18 7D 2D 00 00 00",
     {"vehicle.speed": 0.0, "vehicle.gear": "P", "vehicle.ignition": "ready",
      "vehicle.supply_voltage": 12.5, "vehicle.ambient_temperature": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("vehicle", "poll", "data", "expected"), FACTS)
def test_a_fact_is_read_from_its_bytes(
    vehicle: str, poll: str, data: str, expected: dict[str, Value]
) -> None:
    assert read_answer(vehicle, poll, data) == pytest.approx(expected)


def test_the_reference_car_answers_what_it_broadcasts() -> None:
    profile = library().profile("reference")
    signals = profile.layouts[0].signals
    asked = {entry.name: entry for entry in signals if entry.poll}
    spoken = {entry.name: entry for entry in signals if not entry.poll}
    assert set(asked) == set(spoken) == set(TERM)
    layouts = {
        f"{message.name}.{signal.name}": signal._replace(comment="")
        for database in databases(profile, profile.layouts[0])
        for message in database.messages
        for signal in message.signals
    }
    for name, entry in asked.items():
        other = spoken[name]
        assert (entry.words, entry.invalid) == (other.words, other.invalid)
        assert (
            layouts[f"{entry.message}.{entry.signal}"] == layouts[f"{other.message}.{other.signal}"]
        )
    kinds = {(ecu.extended_ids, ecu.target_address is not None) for ecu in profile.ecus()}
    assert kinds == {(False, False), (False, True), (True, False)}


def test_no_fact_of_a_real_cars_diagnostics_claims_to_be_verified() -> None:
    for profile in library().profiles.values():
        levels = {poll.evidence for poll in profile.polls}
        levels |= {s.evidence for layout in profile.layouts for s in layout.signals if s.poll}
        assert levels <= ({"simulated"} if profile.id == "reference" else {"community"})


# -- which car, which channel ------------------------------------------------------------------

I3, EUP = library().profile("bmw-i3"), library().profile("vw-eup")


def heard(channel: str, *keys: int) -> Seen:
    return {(channel, key): SeenId(50, frozenset({8}), None) for key in keys}


def test_answers_alone_claim_no_car() -> None:
    found = heard("can0", 0x7CF, 0x765, 0x614, 0x6F1, 0x7EE)
    ranked = candidates(library().profiles.values(), found, 60 * SECOND, clock_is_time=True)
    assert decide(ranked) is None
    assert all(candidate.confidence == 0 for candidate in ranked)


def test_of_a_named_car_answers_tell_the_channel() -> None:
    found = heard("can0", 0x123) | heard("can1", 0x7CF)
    assert locate_buses(EUP, found, None, clock_is_time=True) == (("OBD", "can1"),)
    assert locate_buses(EUP, heard("can0", 0x123), None, clock_is_time=True) == ()


def test_answers_may_share_the_channel_of_a_broadcast() -> None:
    sent = {
        ("can0", frame.key): SeenId(500, frozenset({frame.length or 8}), None)
        for frame in I3.buses[0].frames
    }
    found = sent | heard("can0", 0x614)
    assert dict(locate_buses(I3, found, None, clock_is_time=True)) == {
        "PT-CAN": "can0",
        "OBD": "can0",
    }
    assert dict(locate_buses(I3, sent, None, clock_is_time=True)) == {"PT-CAN": "can0"}


def test_before_anybody_asked_one_channel_is_the_obd_port() -> None:
    assert with_polled_buses(EUP, (), ["can0"]) == (("OBD", "can0"),)
    assert with_polled_buses(EUP, (), ["can0", "can1"]) == ()
    assert with_polled_buses(EUP, (("OBD", "can1"),), ["can0"]) == (("OBD", "can1"),)
    golf = library().profile("vw-egolf")
    assert with_polled_buses(golf, (), ["can0"]) == ()


def test_the_data_of_an_identifier_may_be_longer_than_any_frame(tmp_path: Path) -> None:
    text = (
        'VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: X\n\nBO_ 2669812737 READ_Long: 70 X\n'
        ' SG_ First : 0|8@1+ (1,0) [0|0] "" X\n SG_ Last : 552|8@1+ (0.5,0) [0|0] "" X\n'
    )
    (tmp_path / "long.dbc").write_text(text)
    profile_text = GOOD.replace(
        '"reference-diagnostics.dbc"]', '"reference-diagnostics.dbc", "long.dbc"]'
    )
    profile_text = profile_text.replace('message = "READ_Inlet"', 'message = "READ_Long"')
    profile_text = profile_text.replace("READ_Inlet.Pilot_Duty", "READ_Long.Last")
    path = tmp_path / "my.toml"
    path.write_text(profile_text)
    profile = check_profile(path)
    layout, inlet = profile.layouts[0], profile.poll("inlet").ecu
    watch = watch_of(profile, layout, databases(profile, layout), {"OBD": "can0"})
    tracker = SignalTracker(watch)
    found = [
        event
        for content in messages(b"\x62\xe1\x01" + bytes(69) + b"\x64", 8, b"")
        for event in tracker.frame(Frame(0, "can0", inlet.response_id, True, content))
    ]
    assert [event.value for event in found if isinstance(event, Changed)] == [50.0]


def test_thousands_of_reads_and_buses_are_checked_in_a_moment() -> None:
    one, values = tomllib.loads(GOOD), tomllib.loads(GOOD)
    del values["signals"]
    frames = [{"id": number, "extended": True, "period_ms": 100} for number in range(4000)]
    values["buses"] += [
        {**one["buses"][0], "name": f"b{number}", "frames": frames[number : number + 1]}
        for number in range(4000)
    ]
    values["polls"] = [
        {**one["polls"][0], "name": f"p{number}", "did": number, "message": f"M{number}"}
        for number in range(4000)
    ]
    began = process_time()
    profile = read_profile("my.toml", GOOD, loads=lambda _: values)
    assert len(profile.polls) == 4000
    assert process_time() - began < 2, "each held against each takes a quarter of a minute"
