"""What a profile may have a car told, and everything that it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.signals.checksums import checksum
from evdiag.vehicles.checking import check_profile
from evdiag.vehicles.command import Pause, Proof, Request, Send, Step, Wait
from evdiag.vehicles.command_frames import rings
from evdiag.vehicles.command_rules import refusals
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.request_forms import NEVER, is_group, wrong_clearing, wrong_request
from evdiag.vehicles.schema import read_profile
from tests.vehicles.commands import FRAMES, GOOD, HEAD, UDS

REFERENCE = library().profile("reference")


def test_good_commands_are_read_whole() -> None:
    uds, frames = read_profile("my.toml", GOOD, from_user=True).commands
    assert (uds.text, frames.text) == ("unlock by uds", "unlock by frames")
    assert uds.unit is not None
    assert uds.unit.text == "0x7E6"
    assert [request.data.hex() for request in uds.requests] == [
        "1003", "2fe0100300", "2fe01000", "1001", "3e80",
    ]  # fmt: skip
    assert [request.moves for request in uds.requests].count("unlock") == 1
    assert uds.gives_back == {"give-back", "default"}
    assert frames.gives_back == {"none"}
    assert uds.buses == ("OBD",)
    assert frames.buses == ("vehicle",)
    assert uds.steps[2].tries == 2
    assert uds.steps[2].again_from == "drive"


UDS_SLIPS = [
    ('"10 03"', '"10 02"', "0x10 with other than the default or extended session"),
    ('"10 03"', '"11 01"', "0x11 (a reset of the control unit) is never sent"),
    ('"10 03"', '"27 01"', "0x27 (security access) is never sent"),
    ('"10 03"', '"28 03 01"', "0x28 (communication control) is never sent"),
    ('"10 03"', '"34 00 44"', "0x34 (a download) is never sent"),
    ('"10 03"', '"3D 14 00"', "0x3D (writing memory) is never sent"),
    ('"10 03"', '"85 02"', "0x85 (switching trouble codes off) is never sent"),
    ('"10 03"', '"14 FF FF FF"', "0x14 (clearing trouble codes) is never sent"),
    ('"10 03"', '"21 01"', "0x21 is none that a command asks for"),
    ('"10 03"', '"3E 01"', "0x3E with other than 00 or 80"),
    ('"10 03"', '"22 F1 90 F1 91"', "0x22 with anything but one identifier"),
    ('"10 03"', '"31 04 02 03"', "0x31 with other than start, stop or results"),
    ('"10 03"', '"1003"', 'must be bytes like "2F E0 10 03"'),
    ("2F E0 10 03 00", "2F E0 10 02", "0x2F with other than 03 (adjust) or 00"),
    ("2F E0 10 03 00", "2F E0 10 03 00 01 02 03", "longer than the 7 bytes of a single frame"),
    ("2F E0 10 03 00", "2F E0 11 03 00", "nothing takes back 'open' (2F E0 11 00 …)"),
    ("2F E0 10 03 00", "31 01 02 03", "nothing takes back 'open' (31 02 02 03 …)"),
    ("2F E0 10 03 00", "2E E0 10 00", "a write that moves something cannot be taken back"),
    ("2F E0 10 00", "2F E0 10 00 01", "returns control and says a state as well"),
    (', moves = "unlock"', "", 'none says moves = "unlock"'),
    ("requests = [", 'requests = [\n  { id = "more", bytes = "2F E0 12 03", every_ms = 200 },',
     "more: drives something, so it must say what it moves"),
    ("requests = [", 'requests = [\n  { id = "more", bytes = "2F E0 12 03 01", every_ms = 200 },',
     "more: drives something, so it must say what it moves"),
    ("requests = [", 'requests = [\n  { id = "more", bytes = "31 01 02 03 01", every_ms = 200 },',
     "more: drives something, so it must say what it moves"),
    ('moves = "unlock"', 'moves = "relock"', "unlock does not relock anything"),
    ('moves = "unlock"', 'moves = "open"', "'open' is not known"),
    ("every_ms = 1000", "every_ms = 20", "every_ms must be 50 or more"),
    ('[{ request = "give-back" }, { request = "default" }]', "[]", "nothing takes back 'extended'"),
    ('{ request = "give-back" }, ', "", "nothing takes back 'open'"),
    ('{ request = "give-back" }', '{ request = "open" }', "giving back moves nothing"),
    ('{ request = "give-back" }', "{ pause_s = 1 }", "it waits for and begins nothing"),
    ('{ request = "extended" }', '{ request = "wide" }', "the request 'wide' is not listed"),
    ('{ request = "extended" }', '{ send = "wide" }', "the frame 'wide' is not listed"),
    ('{ request = "extended" }', '{ ask = "extended" }', "a step does one of: request, send"),
    ('{ request = "extended" }', '{ request = "open", stop = "x" }', "a step does one of"),
    ('id = "drive"', 'id = "other"', "names 'drive', which is no step before it"),
    ("tries = 2", "tries = 9", "tried 5 times at most"),
    ("tries = 2, ", "", "tries and again_from go together"),
    ("0x7E6", "0x7DF", "asks all control units at once"),
    ("0x7E6", "0x123", "0x123 is no id for diagnostics"),
    ("unit = {", "unite = {", "key 'unite': is not known"),
    ('"present"\nsteps', '"open"\nsteps', "must name a request of service 0x3E"),
    ("longest_s = 20", "longest_s = 90", "must be 60 s or less"),
    ("on_s = 0.6", "on_s = 1e8", "key 'on_s': unlock by uds: must be 60 s or less"),
    ("alone_after_s = 5", "alone_after_s = 50",
     "unlock by uds: must be 10 s or less: a car that holds on for more than 10 s is not"),
    ('"port.lock", is = ["unlocked"] }\nw', '"port.plug", is = ["connected"] }\nw',
     "unlock is proven by port.lock"),
    ('is = ["unlocked"] }\nw', 'is = ["locked"] }\nw', "unlock is proven by port.lock unlocked"),
    ('is = ["unlocked"] }\nw', 'is = ["unlocked", "moving"] }\nw', "proven by port.lock unlocked"),
    ('evidence = "community"', 'evidence = "verified"', "of your own cannot say 'verified'"),
    ('way = "uds"', 'way = "by hand"', "must be lower-case letters"),
    ('id = "default"', 'id = "present"', "'present' is there twice"),
    ("unit = {", "#", "nobody is named whom to ask"),
    ("{ wait =", "{ pause_s = 70 }, { wait =", "waits for more than 60 s"),
    ("within_s = 3 }", "within_s = 70 }", "waits for more than 60 s"),
    ("{ wait =", '{ request = "open", id = "drive" }, { wait =', "'drive' is there twice"),
    ('is = ["unlocked"] }\nw', "is = [] }\nw", "key 'is': is missing"),
    ("0x7EE }", "0x123 }", "0x123 is no id for diagnostics"),
    ("{ wait =", "{ pause_s = 1 }, " * 100 + "{ wait =", "steps': unlock by uds: there are 10"),
]  # fmt: skip

FRAME_SLIPS = [
    ("can_id = 0x4E8", "can_id = 0x7E8", "0x7E8 is an id for diagnostics"),
    ("can_id = 0x4E8", "can_id = 0x4E0", "the car itself sends 0x4E0"),
    ("can_id = 0x4E8", "can_id = 0x9E8", "does not fit: 29-bit ids need extended"),
    ("can_id = 0x4E8", "can_id = 0x18DA00F1, extended = true", "is an id for diagnostics"),
    ("every_ms = 10", "every_ms = 1", "every_ms must be 5 or more"),
    ('hand_back = [{ stop = "go" }, ', "hand_back = [", "the cyclic frame 'go' is not stopped"),
    ('{ send = "none", times = 3 }', '{ stop = "none" }', "no frame on 0x4E8 takes back 'go'"),
    ("times = 3", "times = 1000", "sent 100 times at most"),
    ('"none", bus = "vehicle", can_id = 0x4E8, length = 8, every_ms = 10',
     '"none", bus = "vehicle", can_id = 0x4E8, length = 8, every_ms = 301',
     "none: is sent in hand_back: every_ms must be 300 or less"),
    ('{ send = "none", times = 3 }',
     ", ".join(['{ send = "none", times = 100 }'] * 6), "sends for more than 5 s"),
    ("length = 8", "length = 0", "must be 1 or more"),
    ('"FF F0 FF FF FF FF FF 00"', '"FF F0 FF FF FF FF FF 00 FF"', "has 9 bytes"),
    ('id = "none"', 'id = "go"', "'go' is there twice"),
    ("length = 8", "length = 7", "has 8 bytes, and `length` says 7"),
    ('kind = "crc8-j1850"', 'kind = "crc9"', "'crc9' is not known"),
]  # fmt: skip

CHECKED_SLIPS = [
    ('message = "TOOL_Port"', 'message = "Tool_Port"', "did you mean 'TOOL_Port'?"),
    ("Tool_Request = 1 }", "Tool_Reqest = 1 }", "has no 'Tool_Reqest'; did you mean"),
    ("Tool_Request = 1 }", "Tool_Request = 300 }", "300 does not fit the 8 bits"),
    ("can_id = 0x4E8", "can_id = 0x4E9", "has another id or length in the DBC"),
    ("FF F0 FF FF FF FF FF 00", "FF F0 FF FF FF FF F0 00", "must leave free exactly the bits"),
    ("FF F0 FF FF FF FF FF 00", "FF FF FF FF FF FF FF 00", "must leave free exactly the bits"),
    ('data = "01 00', 'data = "02 00', "`data` must be 01 00 00 00 00 00 00 57"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), UDS_SLIPS)
def test_what_no_request_may_be(old: str, new: str, sentence: str) -> None:
    text = HEAD + UDS.replace(old, new, 1)
    assert text != HEAD + UDS
    with pytest.raises(BadInputError) as caught:
        read_profile("my.toml", text, from_user=True)
    assert sentence in str(caught.value)
    assert "table [commands 1" in str(caught.value)


@pytest.mark.parametrize(("old", "new", "sentence"), FRAME_SLIPS)
def test_what_no_frame_may_be(old: str, new: str, sentence: str) -> None:
    text = HEAD + FRAMES.replace(old, new)
    assert text != HEAD + FRAMES
    with pytest.raises(BadInputError) as caught:
        read_profile("my.toml", text, from_user=True)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("old", "new", "sentence"), CHECKED_SLIPS)
def test_what_does_not_fit_the_dbc(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(HEAD + FRAMES.replace(old, new))
    with pytest.raises(BadInputError) as caught:
        check_profile(path)
    assert sentence in str(caught.value)


def test_what_a_command_waits_for_must_be_something_the_car_says(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    needs = 'needs = [{ signal = "port.pilot", is = ["A"] }]\nrequests = ['
    path.write_text(HEAD + UDS.replace("requests = [", needs))
    with pytest.raises(BadInputError, match=r"waits for port\.pilot, which this profile maps"):
        check_profile(path)
    seen = 'needs = [{ signal = "vehicle.gear", is = ["P"] }]\nrequests = ['
    path.write_text(HEAD + UDS.replace("requests = [", seen))
    assert check_profile(path).commands[0].needs == (Proof("vehicle.gear", ("P",)),)


def test_what_the_reader_cannot_write_is_refused_all_the_same() -> None:
    """Commands that were made past the reader: the rules look at what they are."""
    uds, frames = read_profile("my.toml", GOOD).commands
    told = {
        "is missing": uds._replace(steps=()),
        "there is a unit and nothing to ask it": frames._replace(unit=uds.unit),
        "longer than 8 bytes": frames._replace(
            frames=tuple(each._replace(length=12) for each in frames.frames)
        ),
        "longer than the 6 bytes": uds._replace(
            unit=uds.unit._replace(target_address=1, tester_address=2),  # type: ignore[union-attr]
            requests=(*uds.requests, Request("more", bytes.fromhex("2E010203040506"), 100)),
        ),
        "is empty": uds._replace(requests=(*uds.requests, Request("more", b"", 100))),
    }
    for sentence, command in told.items():
        found = [why for _, why in refusals(command, ())]
        assert any(sentence in why for why in found), (sentence, found)
    assert list(refusals(uds, ())) == []
    assert any("proven by" in why for _, why in refusals(uds._replace(proof=None), ()))


def test_two_ways_of_one_name_need_two_names() -> None:
    with pytest.raises(BadInputError, match="there is a way 'uds' to unlock already"):
        read_profile("my.toml", HEAD + UDS + UDS)


def test_a_vin_that_is_to_fit_needs_a_pattern() -> None:
    asks = HEAD + UDS.replace("requests = [", "vin_from_unit = true\nrequests = [", 1)
    assert read_profile("my.toml", asks).commands[0].vin_from_unit
    text = asks.replace('vin_pattern = "EVD1AG0REFERENCE[0-9]"\n', "")
    with pytest.raises(BadInputError, match=r"\[identity\], key 'vin_pattern': is missing"):
        read_profile("my.toml", text)


@given(st.binary(max_size=8))
def test_only_known_forms_of_known_services_are_ever_right(data: bytes) -> None:
    if wrong_request(data):
        return
    assert data[0] in (0x10, 0x22, 0x2E, 0x2F, 0x31, 0x3E)
    assert data[0] not in NEVER
    assert data[:2] not in (b"\x10\x02", b"\x10\x82")


def test_every_service_and_sub_function() -> None:
    """The programming session, and whatever is not known to be harmless, in any form."""
    right = set()
    for service in range(256):
        for sub in range(256):
            for tail in (b"", b"\x90", b"\x10\x03\x00", b"\x01\x00", b"\x01\x02\x03"):
                data = bytes((service, sub)) + tail
                if not wrong_request(data):
                    right.add(data[:2] if service in (0x10, 0x31, 0x3E) else data[:1])
    assert right == {
        b"\x10\x01", b"\x10\x03", b"\x22", b"\x2e", b"\x2f", b"\x31\x01", b"\x31\x02",
        b"\x31\x03", b"\x3e\x00", b"\x3e\x80",
    }  # fmt: skip


def test_only_single_codes_are_cleared() -> None:
    assert not wrong_clearing(b"\x14\x0d\x96\x24")
    assert not wrong_clearing(b"\x10\x03")
    assert is_group(0xFFFFFF)
    for group in (b"\xff\xff\xff", b"\xff\xff\x33", b"\x00\x00\x00", b"\x40\x00\x00"):
        assert "a group of trouble codes" in wrong_clearing(b"\x14" + group)
    assert "anything but one" in wrong_clearing(b"\x14\x0d\x96\x24\x01")
    assert "anything but one" in wrong_clearing(b"\x14")
    assert "only sessions" in wrong_clearing(b"\x2f\xe0\x10\x03\x00")
    assert "other than the default" in wrong_clearing(b"\x10\x02")
    assert wrong_clearing(b"")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("crc8-j1850", 0x4B), ("crc8-autosar", 0xDF), ("xor8", 0x31), ("sum8", 0xDD)],
)
def test_checksums_by_their_check_values(kind: str, value: int) -> None:
    """Of ``123456789``, as the catalogue of CRC algorithms gives them."""
    assert checksum(kind, b"123456789") == value


def test_a_ring_counts_and_checks_every_frame() -> None:
    command = REFERENCE.ways("unlock")[0]
    loaded = databases(REFERENCE, REFERENCE.layouts[0])
    made = rings(command, [message for db in loaded for message in db.messages], "reference")
    assert len(made["open"]) == 16
    for count, data in enumerate(made["open"]):
        assert data[0] == 1
        assert data[1] == count
        assert data[7] == checksum("crc8-j1850", data[:7])
        assert command.frame("open").allows(data)
        assert not command.frame("none").allows(data)


@given(st.sampled_from(["port.lock"]), st.floats(allow_nan=False) | st.text(max_size=5))
def test_a_proof_of_a_word_is_never_met_by_a_number(signal: str, value: float | str) -> None:
    proof = Proof(signal, ("unlocked",))
    assert proof.holds(value) == (value == "unlocked")


def test_a_proof_of_a_number_holds_between_its_limits() -> None:
    proof = Proof("port.inlet_voltage", below=60, above=10)
    assert [proof.holds(volt) for volt in (5, 10, 30, 60, 70)] == [False, False, True, False, False]
    assert proof.text == "port.inlet_voltage below 60 and above 10"
    assert not Proof("port.inlet_voltage").holds(30)
    assert not proof.holds("stale")


def test_the_limits_themselves_are_allowed() -> None:
    """What is exactly at a limit is still read: nobody has to guess on which side it lies."""
    uds, frames = read_profile("my.toml", GOOD).commands
    slow = tuple(each._replace(every_ms=max(each.every_ms, 50)) for each in uds.requests)
    at_limits = (
        uds._replace(longest_s=60.0, alone_after_s=10.0, on_s=60.0),
        uds._replace(requests=tuple(_slowest_back(each) for each in slow)),
        uds._replace(steps=(*uds.steps[:2], uds.steps[2]._replace(tries=5))),
        uds._replace(steps=(*uds.steps, Step(Pause(60.0)), Step(Wait(Proof("port.lock"), 60.0)))),
        frames._replace(frames=tuple(each._replace(every_ms=5) for each in frames.frames)),
        frames._replace(hand_back=(frames.hand_back[0], Step(Send("none", 100)))),
        frames._replace(frames=(frames.frames[0], frames.frames[1]._replace(every_ms=300))),
        frames._replace(hand_back=(frames.hand_back[0], *[Step(Send("none", 100))] * 5)),
    )
    for command in at_limits:
        assert list(refusals(command, ())) == []


def _slowest_back(request: Request) -> Request:
    return request._replace(every_ms=300) if request.data[:1] in (b"\x2f", b"\x10") else request


@pytest.mark.parametrize(
    ("data", "right"),
    [
        ("22 EF FF", True), ("22 EF FF 00", False), ("22 EF", False),
        ("2F EF FF 03", True), ("2F F0 00 03", False),
        ("2E EF FF 01", True), ("2E F0 00 01", False), ("2E EF FF", False),
        ("31 01 01 FF", False), ("31 01 02 00", True), ("31 01 DF FF", True),
        ("31 01 E0 00", False), ("31 01 02", False), ("31 04 02 00", False),
    ],
)  # fmt: skip
def test_forms_to_the_byte(data: str, right: bool) -> None:
    assert (wrong_request(bytes.fromhex(data)) == "") == right


def test_the_first_functional_group_is_a_group() -> None:
    assert is_group(0xFFFF00)
    assert not is_group(0xFFFEFF)
