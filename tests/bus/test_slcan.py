"""slcan over a real pty: silent, told apart from an ELM327, and survived when it talks rubbish."""

import sys
import time
from pathlib import Path

import pytest

from evdiag.bus import slcan
from evdiag.bus.link import Link
from evdiag.bus.opening import open_source, open_to_transmit
from evdiag.bus.settings import BusSettings
from evdiag.bus.setup_checks import check_serial_ports
from evdiag.bus.slcan import probe
from evdiag.bus.source import GarbledError, Source
from evdiag.errors import BusError
from evdiag.inputs import BusEvent, Frame

if sys.platform == "win32":
    pytest.skip("ptys", allow_module_level=True)

from tests.bus.lawicel import Adapter
from tests.bus.scripted import Collected, until


def opened(adapter: Adapter, bitrate: int | None = 500_000) -> Source:
    return open_source(BusSettings("slcan", adapter.port, bitrate))


def frames_from(source: Source, count: int) -> list[Frame]:
    frames: list[Frame] = []
    ends = time.monotonic() + 20
    while len(frames) < count and time.monotonic() < ends:
        frames += source.receive(0.1)
    return frames


def test_is_opened_in_listen_only_mode_and_never_otherwise() -> None:
    with Adapter() as adapter:
        source = opened(adapter)
        adapter.wait_until(lambda: adapter.mode == "listen")
        assert adapter.rate == "6"
        assert b"O" not in adapter.log
        assert source.silence.state == "requested"
        assert "acknowledged" in source.silence.why
        source.close()
        assert not adapter.sent


@pytest.mark.parametrize("timestamps", [False, True])
def test_reads_standard_extended_and_remote_frames(timestamps: bool) -> None:
    with Adapter(timestamps=timestamps) as adapter:
        source = opened(adapter)
        adapter.wait_until(lambda: adapter.mode == "listen")
        for row in (b"t3B42AABB", b"T18DAF1DA30102FF", b"r1238", b"R0000012300"[:10], b"t0000"):
            adapter.hears(row)
        frames = frames_from(source, 5)
        seen = [(f.id, f.extended, f.remote, f.data, f.requested_length) for f in frames]
        assert seen == [
            (0x3B4, False, False, b"\xaa\xbb", 0),
            (0x18DAF1DA, True, False, b"\x01\x02\xff", 0),
            (0x123, False, True, b"", 8),
            (0x123, True, True, b"", 0),
            (0, False, False, b"", 0),
        ]
        assert all(f.direction == "rx" and f.time_ns % 1000 == 0 for f in frames)
        source.close()


def test_an_adapter_that_refuses_listen_only_is_said_to_take_part() -> None:
    with Adapter("no_listen_only") as adapter:
        source = opened(adapter)
        assert source.silence.state == "not possible"
        adapter.wait_until(lambda: adapter.mode == "open")
        source.close()


def test_an_adapter_that_answers_nothing_is_only_requested() -> None:
    with Adapter("mute") as adapter:
        source = opened(adapter)
        adapter.wait_until(lambda: adapter.mode == "listen")
        assert source.silence.state == "requested"
        assert "acknowledges no command" in source.silence.why
        adapter.hears(b"t1230")
        assert frames_from(source, 1)[0].id == 0x123
        source.close()


def test_an_elm327_is_recognised_and_told_what_to_use_instead() -> None:
    with Adapter("elm327") as adapter:
        with pytest.raises(BusError, match=r"ELM327.*raw.*CANable"):
            opened(adapter)
        assert probe(adapter.port).version == "ELM327 v1.5"
        assert not {b"L", b"O"} & set(adapter.log)


def test_probing_tells_the_version_and_leaves_the_channel_closed() -> None:
    with Adapter() as adapter:
        found = probe(adapter.port, 250_000)
        assert (found.kind, found.version, found.listen_only) == ("slcan", "V1013", True)
        adapter.wait_until(lambda: adapter.mode == "closed")
        assert adapter.rate == "5"


@pytest.mark.parametrize(
    "garbage", [b"tXYZ2\r", b"t12\r", b"\xff\xfe\x80\r", b"T1\r", b"t1239\r" * 3, b"\a\a\a"]
)
def test_garbage_is_met_and_survived(garbage: bytes) -> None:
    with Adapter() as adapter:
        source = opened(adapter)
        adapter.wait_until(lambda: adapter.mode == "listen")
        adapter.raw(garbage)
        met = 0
        frames: list[Frame] = []
        ends = time.monotonic() + 20
        while not any(f.id == 0x7AB for f in frames) and time.monotonic() < ends:
            adapter.hears(b"t7AB11F")
            try:
                frames += source.receive(0.1)
            except GarbledError:
                met += 1
        assert frames[-1].id == 0x7AB
        assert frames[-1].data == b"\x1f"
        assert met < 20
        source.close()


def test_an_unplugged_adapter_is_a_lost_bus() -> None:
    with Adapter() as adapter:
        source = opened(adapter)
        adapter.wait_until(lambda: adapter.mode == "listen")
        adapter.unplug()
        ends = time.monotonic() + 10
        with pytest.raises(BusError):
            while time.monotonic() < ends:
                source.receive(0.1)
        source.close()


def test_a_bit_rate_is_needed_and_must_be_one_of_slcan() -> None:
    with Adapter() as adapter:
        with pytest.raises(BusError, match="add -b 500000"):
            opened(adapter, None)
        with pytest.raises(BusError, match=r"no bit rate 33333: it has 10000"):
            opened(adapter, 33_333)


def test_a_port_that_is_in_use_is_left_alone_and_said() -> None:
    with Adapter() as adapter:
        first = opened(adapter)
        adapter.wait_until(lambda: adapter.mode == "listen")
        adapter.wait_until(lambda: adapter.log.count(b"L") == 3)
        said = list(adapter.log)
        with pytest.raises(BusError, match=rf"{adapter.port} is in use by another program"):
            opened(adapter)
        (check,) = [c for c in check_serial_ports([adapter.port]) if c.about == adapter.port]
        assert (check.status, check.finding) == ("fault", "in use by another program")
        assert adapter.log == said, "not a byte was sent"
        first.close()
        second = opened(adapter)
        second.close()


def test_a_port_opened_to_ask_is_locked_too() -> None:
    with Adapter() as adapter:
        source, _ = open_to_transmit(BusSettings("slcan", adapter.port, 500_000))
        with pytest.raises(BusError, match="is in use by another program"):
            opened(adapter)
        source.close()


def test_a_terminal_that_fails_while_it_is_asked_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import termios

    def fail(*_: object) -> None:
        raise termios.error(5, "Input/output error")

    monkeypatch.setattr(slcan, "_ask", fail)
    with Adapter() as adapter:
        with pytest.raises(BusError, match=r"cannot be opened: .*Input/output error"):
            opened(adapter)
        (check,) = [c for c in check_serial_ports([adapter.port]) if c.about == adapter.port]
        assert check.status == "fault"
        assert "Input/output error" in check.finding


def test_a_missing_port_is_one_sentence() -> None:
    with pytest.raises(BusError, match="there is no serial port /dev/ttyNOPE9: there is"):
        open_source(BusSettings("slcan", "/dev/ttyNOPE9", 500_000))


def test_an_adapter_pulled_out_and_plugged_in_again_goes_on(tmp_path: Path) -> None:
    port = tmp_path / "ttyACM0"
    got = Collected()
    with Adapter() as first:
        port.symlink_to(first.port)
        link = Link(BusSettings("slcan", str(port), 500_000), got, open_source)
        link.start()
        first.wait_until(lambda: first.log.count(b"L") == 3)
        first.hears(b"t12311A")
        until(lambda: any(isinstance(item, Frame) for item in got.items))
        first.unplug()
        port.unlink()
    until(lambda: "lost" in [i.kind.value for i in got.items if isinstance(i, BusEvent)])
    assert link.state.condition == "lost"
    with Adapter() as second:
        port.symlink_to(second.port)
        second.wait_until(lambda: second.log.count(b"L") == 3, 40)
        second.hears(b"t12312B")
        until(lambda: [i.data for i in got.items if isinstance(i, Frame)] == [b"\x1a", b"\x2b"])
        link.stop()
        assert not first.sent + second.sent
