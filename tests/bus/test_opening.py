"""Opening: what python-can offers without hardware, and one helpful sentence for what is wrong."""

import errno
import time
from dataclasses import replace
from pathlib import Path

import pytest
from can import CanInterfaceNotImplementedError

from evdiag.bus import opening, opening_faults, socketcan
from evdiag.bus.link import Link
from evdiag.bus.listen_only import (
    expected_silence,
    joins_when_opened,
    listen_only_options,
    normal_options,
)
from evdiag.bus.opening import open_source, open_to_transmit
from evdiag.bus.settings import BusSettings, settings_of
from evdiag.bus.source import Source
from evdiag.errors import BusError
from evdiag.inputs import BusEvent, Frame
from tests.bus.scripted import Collected, until
from tests.bus.socketcand_server import Server
from tests.live.stories import multicast_works, own_multicast

SENT = (
    Frame(0, "x", 0x3B4, False, b"\x01\x02"),
    Frame(0, "x", 0x18DAF1DA, True, b""),
    Frame(0, "x", 0x123, False, b"", remote=True, requested_length=4),
    Frame(0, "x", 0x7FF, False, bytes(range(48)), fd=True, bitrate_switch=True),
)


def received(source: Source, count: int) -> list[Frame]:
    frames: list[Frame] = []
    ends = time.monotonic() + 20
    while len(frames) < count and time.monotonic() < ends:
        frames += source.receive(0.1)
    return frames


def test_two_groups_are_two_buses() -> None:
    if not multicast_works():
        pytest.skip("no multicast on this machine's loopback")
    bus = own_multicast()
    other = replace(bus, channel="239.74.163.3")
    here, there = open_source(bus), open_source(other)
    source, transmitter = open_to_transmit(bus)
    transmitter.transmit(SENT[0])
    assert received(here, 1)
    assert not there.receive(0.3)
    transmitter.close()
    for each in (here, there, source):
        each.close()


@pytest.mark.parametrize("interface", ["virtual", "udp_multicast"])
def test_what_one_transmits_another_hears_unchanged(interface: str) -> None:
    if interface == "udp_multicast" and not multicast_works():
        pytest.skip("no multicast on this machine's loopback")
    bus = own_multicast() if interface == "udp_multicast" else BusSettings("virtual", "opening")
    settings = replace(bus, fd=True)
    listener = open_source(settings)
    other, transmitter = open_to_transmit(settings)
    assert listener.silence.state == "verified"
    for frame in SENT:
        transmitter.transmit(frame)
    heard = received(listener, len(SENT))
    plain = [frame._replace(time_ns=0, channel="x", direction=None) for frame in heard]
    assert plain == list(SENT)
    assert all(frame.direction == "rx" for frame in heard)
    assert not other.receive(0.2), "its own frames are not heard again"
    transmitter.close()
    with pytest.raises(BusError, match="closed"):
        transmitter.transmit(SENT[0])
    assert not hasattr(listener, "send")
    listener.close()
    other.close()


def test_socketcand_is_listened_to_and_its_end_noticed() -> None:
    server = Server()
    settings = BusSettings("socketcand", "can0", options={"host": "127.0.0.1", "port": server.port})
    source = open_source(settings)
    assert source.silence.state == "not possible"
    server.hears("3B4", "0102ff")
    server.hears("18DAF1DA", "")
    frames = received(source, 2)
    assert [(f.id, f.extended, f.data) for f in frames] == [
        (0x3B4, False, b"\x01\x02\xff"),
        (0x18DAF1DA, True, b""),
    ]
    assert server.said == ["< open can0 >", "< rawmode >"]
    source.close()
    server.drop()


def test_a_socketcand_that_is_killed_is_noticed_and_welcome_back() -> None:
    server = Server()
    settings = settings_of("socketcand", f"can0@127.0.0.1:{server.port}")
    got = Collected()
    link = Link(settings, got, open_source)
    link.start()
    until(lambda: server.in_raw_mode)
    server.hears("123", "01")
    until(lambda: any(isinstance(item, Frame) for item in got.items))
    server.drop()
    kinds = lambda: [i.kind.value for i in got.items if isinstance(i, BusEvent)]  # noqa: E731
    until(lambda: "lost" in kinds())
    again = Server(port=server.port)
    until(lambda: again.in_raw_mode, 40)
    again.hears("456", "02")
    until(lambda: [i.id for i in got.items if isinstance(i, Frame)] == [0x123, 0x456])
    link.stop()
    again.drop()


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("can0", "needs its server"),
        ("can0@127.0.0.1:x", "is no number"),
        ("can0@127.0.0.1:1", "no socketcand at 127.0.0.1:1"),
    ],
)
def test_a_socketcand_that_cannot_be_reached_is_one_sentence(channel: str, words: str) -> None:
    with pytest.raises(BusError, match=words):
        open_source(settings_of("socketcand", channel))


def test_an_unknown_interface_names_the_nearest() -> None:
    with pytest.raises(BusError, match=r"no interface 'soketcan': there is socketcan"):
        settings_of("soketcan", "can0")


def test_a_missing_channel_and_a_missing_interface_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CAN_INTERFACE", raising=False)
    with pytest.raises(BusError, match="no channel is named for virtual: add -c"):
        settings_of("virtual", None)
    with pytest.raises(BusError, match="no interface is named: add -i"):
        settings_of(None, "can0")


def test_python_cans_environment_and_file_are_honoured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".canrc").write_text("[default]\nchannel = from-file\nbitrate = 125000\n")
    monkeypatch.setenv("CAN_INTERFACE", "virtual")
    found = settings_of(None, None)
    assert (found.interface, found.channel, found.bitrate) == ("virtual", "from-file", 125_000)
    assert settings_of(None, "typed", 250_000).bitrate == 250_000


@pytest.mark.parametrize(
    ("file", "environment"),
    [("channel = nowhere\n", ""), ("[default\n", ""), ("", "[]"), ("[default]\na = %(b)s\n", "")],
)
def test_a_torn_configuration_is_one_sentence(
    file: str, environment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".canrc").write_text(file)
    if environment:
        monkeypatch.setenv("CAN_CONFIG", environment)
    with pytest.raises(
        BusError, match=r"python-can's configuration .* cannot be used: "
    ) as failure:
        settings_of("virtual", "x")
    assert "\n" not in str(failure.value)
    assert "␊" not in str(failure.value)


@pytest.mark.parametrize("rate", [0, -5, 5, 10**9])
def test_an_impossible_bit_rate_is_refused(rate: int) -> None:
    with pytest.raises(BusError, match="in bit/s"):
        settings_of("virtual", "x", rate)


def test_an_adapter_that_cannot_be_silent_needs_its_bit_rate_named() -> None:
    with pytest.raises(BusError, match="disturb the bus at a wrong bit rate"):
        open_source(BusSettings("gs_usb", "0"))


def test_a_gs_usb_adapter_is_named_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def bus(**arguments: object) -> None:
        asked.update(arguments)
        raise OSError("no such device")

    monkeypatch.setattr("can.Bus", bus)
    with pytest.raises(BusError, match="no such device"):
        open_source(BusSettings("gs_usb", "1", 500_000))
    assert asked["index"] == 1


def test_a_missing_driver_is_one_sentence() -> None:
    with pytest.raises(BusError) as failure:
        open_source(BusSettings("canalystii", "0", 500_000))
    assert "\n" not in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_socketcan_without_a_kernel_that_has_it() -> None:
    said = opening_faults.in_words(
        BusSettings("socketcan", "can0"), OSError(97, "Address family not supported")
    )
    assert "`sudo modprobe -a can can_raw`" in said


def test_an_interface_that_is_down_is_brought_up_silent() -> None:
    said = opening_faults.in_words(
        BusSettings("socketcan", "can0"), OSError(errno.ENETDOWN, "Network is down")
    )
    assert "`sudo ip link set can0 up type can bitrate 500000 listen-only on`" in said


@pytest.mark.parametrize(
    ("interface", "error", "words"),
    [
        ("gs_usb", CanInterfaceNotImplementedError("No module named 'usb'"), "python-can[gs-usb]"),
        ("kvaser", NameError("name 'canGetNumberOfChannels' is not defined"), "Kvaser's CANlib"),
        ("pcan", OSError("pcanbasic library not found."), "PEAK's PCAN-Basic"),
        ("neovi", ImportError("Please install python-ics"), "python-can[neovi]"),
        ("brand_new", ImportError("x"), "python-can's page"),
    ],
)
def test_what_is_not_installed_is_named(interface: str, error: Exception, words: str) -> None:
    said = opening_faults.in_words(BusSettings(interface, "0"), error)
    assert said.startswith(f"the driver for {interface} is not installed here")
    assert words in said
    assert "canGetNumberOfChannels" not in said


def can0(**changed: object) -> socketcan.Interface:
    found = socketcan.Interface(
        "can0", True, False, "can", 500_000, None, "", ("LISTEN-ONLY",), 0, 0, 0
    )
    return replace(found, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "changed", "words"),
    [
        ({"bitrate": 250_000}, {}, "can0 runs at 500000 bit/s, not 250000: `sudo ip link set can0"),
        (
            {"data_bitrate": 2_000_000, "fd": True},
            {"data_bitrate": 5_000_000},
            "runs its data bytes at 5000000 bit/s, not 2000000.*bitrate 500000 dbitrate 2000000 fd",
        ),
    ],
)
def test_a_rate_that_the_interface_does_not_run_at_is_refused(
    typed: dict[str, object],
    changed: dict[str, object],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socketcan, "interface", lambda _: can0(**changed))
    monkeypatch.setattr(socketcan, "is_missing", lambda _: False)
    monkeypatch.setattr(socketcan, "is_up", lambda _: True)
    monkeypatch.setattr(opening, "_open", pytest.fail)
    with pytest.raises(BusError, match=words):
        open_source(BusSettings("socketcan", "can0", **typed))  # type: ignore[arg-type]


def test_a_receive_buffer_that_is_refused_is_asked_for_smaller() -> None:
    class Strict:
        """A socket of a system that refuses more than it gives, instead of giving that."""

        size = 8192

        def __init__(self, most: int) -> None:
            self.most = most

        def setsockopt(self, level: int, option: int, value: int) -> None:
            if value > self.most:
                raise OSError(errno.ENOBUFS, "No buffer space available")
            self.size = value

        def getsockopt(self, level: int, option: int) -> int:
            return self.size

    assert 4_000_000 < socketcan.raise_receive_buffer(Strict(8_000_000)) <= 8_000_000  # type: ignore[arg-type]
    assert socketcan.raise_receive_buffer(Strict(0)) == 8192  # type: ignore[arg-type]


def test_a_name_alone_makes_no_interface_virtual(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "vcan0").mkdir()
    (tmp_path / "slcan0").mkdir()
    monkeypatch.setattr(socketcan, "_VIRTUAL_NET", tmp_path)
    assert socketcan._interface("vcan0", {}).virtual
    assert not socketcan._interface("vcan1", {}).virtual
    assert not socketcan._interface("slcan0", {}).virtual, "a real bus is behind it"


def test_a_channel_name_cannot_act_on_the_terminal() -> None:
    with pytest.raises(BusError) as failure:
        open_source(BusSettings("slcan", "/dev/\x1b[31mred", 500_000))
    assert "\x1b" not in str(failure.value)


@pytest.mark.parametrize(
    ("interface", "option"),
    [("slcan", "listen_only"), ("vector", "listen_only"), ("kvaser", "driver_mode")],
)
def test_silence_is_asked_for_in_each_adapters_own_way(interface: str, option: str) -> None:
    asked, normal = listen_only_options(interface), normal_options(interface)
    assert asked[option] != normal[option]
    assert expected_silence(interface).state == "requested"
    assert not joins_when_opened(interface)


def test_passive_state_is_python_cans_own_type() -> None:
    from can import BusState

    assert listen_only_options("pcan") == {"state": BusState.PASSIVE}
    assert normal_options("pcan") == {"state": BusState.ACTIVE}


def test_an_interface_that_is_not_known_counts_as_one_that_takes_part() -> None:
    assert expected_silence("brand_new").state == "not possible"
    assert joins_when_opened("brand_new")


def test_an_adapter_with_a_clock_of_its_own_is_put_on_the_wall_clock() -> None:
    from can import Message

    class Bus:
        def __init__(self) -> None:
            self.left = [Message(timestamp=12.5, arbitration_id=1), Message(timestamp=13.0)]

        def recv(self, timeout: float) -> Message | None:
            return self.left.pop(0) if self.left else None

    source = Source(Bus(), "a", expected_silence("virtual"), clock=lambda: 1_700_000_000.0)  # type: ignore[arg-type]
    first, second = source.receive(0.1)
    assert first.time_ns == 1_700_000_000 * 10**9
    assert second.time_ns - first.time_ns == 500_000_000
