"""evdiag hears everything on a real SocketCAN, and nobody ever hears evdiag."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from evdiag.bus import socketcan
from evdiag.bus.opening import open_source, open_to_transmit
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.errors import BusError
from evdiag.inputs import Frame
from evdiag.recordings import open_recording
from tests.socketcan.conftest import ip, set_mode
from tests.socketcan.strangers import (
    candump,
    cangen,
    cansend,
    evdiag,
    wait_for_recording,
)

BURST = 20_000


def heard(source: Source, count: int, timeout_s: float = 60.0) -> list[Frame]:
    frames: list[Frame] = []
    ends = time.monotonic() + timeout_s
    while len(frames) < count and time.monotonic() < ends:
        frames += source.receive(0.5)
    return frames


def test_a_burst_of_cangen_is_heard_whole_and_in_order() -> None:
    source = open_source(BusSettings("socketcan", "vcan0"))
    cangen("vcan0", "-g", "0", "-n", str(BURST), "-I", "i", "-D", "i", "-L", "8").wait()
    frames = heard(source, BURST)
    assert len(frames) == BURST
    assert source.losses().total == 0
    numbers = [int.from_bytes(frame.data, "little") for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + BURST))
    source.close()


def test_a_small_buffer_drops_and_the_kernels_count_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socketcan, "WANTED_BUFFER_BYTES", 64 * 1024)
    source = open_source(BusSettings("socketcan", "vcan0"))
    cangen("vcan0", "-g", "0", "-n", str(BURST)).wait()
    frames = heard(source, BURST, timeout_s=5.0)
    assert len(frames) < BURST
    assert len(frames) + source.losses().total == BURST
    source.close()


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("3B4#0102FF", (0x3B4, False, b"\x01\x02\xff", False, False, False, 0)),
        ("18DAF1DA#", (0x18DAF1DA, True, b"", False, False, False, 0)),
        ("123#R5", (0x123, False, b"", False, True, False, 5)),
        ("7FF##1" + "AB" * 48, (0x7FF, False, b"\xab" * 48, True, False, False, 0)),
        ("20000004#0030000000000000", (4, False, b"\0\x30" + bytes(6), False, False, True, 0)),
    ],
)
def test_every_kind_of_frame_arrives_as_it_was(sent: str, seen: tuple[object, ...]) -> None:
    source = open_source(BusSettings("socketcan", "vcan0", fd=True))
    cansend("vcan0", sent)
    (frame,) = heard(source, 1)
    assert (
        frame.id,
        frame.extended,
        frame.data,
        frame.fd,
        frame.remote,
        frame.error,
        frame.requested_length,
    ) == seen
    assert abs(frame.time_ns / 1e9 - time.time()) < 60
    source.close()


def test_listen_only_is_read_back_from_the_kernel(silent_can0: str) -> None:
    source = open_source(BusSettings("socketcan", silent_can0))
    assert source.silence.state == "verified"
    source.close()
    set_mode("can0", "listen-only off")
    source = open_source(BusSettings("socketcan", "can0"))
    assert source.silence.state == "not possible"
    assert "listen-only on" in source.silence.why
    source.close()


def test_a_silent_interface_cannot_be_opened_to_ask(silent_can0: str) -> None:
    with pytest.raises(BusError, match="listen-only mode, so nothing can be asked"):
        open_to_transmit(BusSettings("socketcan", silent_can0))


def test_what_is_not_there_or_down_is_said_with_what_is() -> None:
    with pytest.raises(BusError, match=r"no CAN interface can9: there is can0, can1, vcan0"):
        open_source(BusSettings("socketcan", "can9"))
    ip("link", "set", "vcan1", "down")
    with pytest.raises(BusError, match=r"vcan1 is down: `sudo ip link set vcan1 up`"):
        open_source(BusSettings("socketcan", "vcan1"))
    ip("link", "set", "vcan1", "up")


def test_nobody_hears_a_recording_evdiag(tmp_path: Path, silent_can0: str) -> None:
    with candump("can1", tmp_path) as seen, candump("can0", tmp_path) as beside:
        process = evdiag("record", "-i", "socketcan", "-c", "can0", "-o", str(tmp_path / "rec"))
        recording = wait_for_recording(tmp_path / "rec")
        cangen("can1", "-g", "5", "-n", "500", "-I", "i", "-e").wait()
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "listen-only verified" in said
    recorded = list(open_recording(str(recording)).frames())
    # The emulated card overruns now and then on a busy machine, for candump beside us as well.
    assert len(recorded) == len(beside.read_text().splitlines()) > 400
    # candump sees cangen's frames, sent on the same interface, and not one more.
    assert len(seen.read_text().splitlines()) == 500


def test_adapters_and_doctor_know_the_machine() -> None:
    listed = subprocess.run(
        ["evdiag", "adapters", "--format", "jsonl"], capture_output=True, text=True, check=True
    ).stdout
    assert '"channel": "can0"' in listed
    assert "evdiag connect -i socketcan -c vcan0" in listed
    ip("link", "set", "can1", "down")
    found = subprocess.run(["evdiag", "doctor"], capture_output=True, text=True, check=False)
    set_mode("can1", "listen-only off")
    assert found.returncode == 1
    assert "can1: the interface is down" in found.stdout
    assert "ip link set can1 up type can bitrate 500000 listen-only on" in found.stdout


def test_doctor_calls_error_frames_without_data_a_wrong_bit_rate() -> None:
    process = evdiag("doctor", "-i", "socketcan", "-c", "vcan1", "--listen", "12")
    ends = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < ends:
        cansend("vcan1", "20000088#0000000000000000")
        time.sleep(0.2)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "bit rate" in said
