"""A recorder killed at random moments under load: at most the last second is missing."""

import random
import signal
import time
from pathlib import Path

from evdiag.recordings import open_recording
from tests.socketcan.strangers import cangen, evdiag, wait_for_recording

KILLS = 6


def test_a_recorder_killed_under_load_leaves_readable_recordings(tmp_path: Path) -> None:
    noise = random.Random(3)
    traffic = cangen("vcan0", "-g", "1", "-I", "i", "-D", "i", "-L", "8", "-i")
    try:
        for number in range(KILLS):
            folder = tmp_path / str(number)
            process = evdiag("record", "-i", "socketcan", "-c", "vcan0", "-o", str(folder))
            wait_for_recording(folder)
            time.sleep(2.0 + noise.random())
            killed_s = time.time()
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            check(wait_for_recording(folder), killed_s)
    finally:
        traffic.kill()
        traffic.wait()


def check(recording: Path, killed_s: float) -> None:
    frames = list(open_recording(str(recording)).frames())
    assert killed_s - frames[-1].time_ns / 1e9 < 1.0
    numbers = [int.from_bytes(frame.data, "little") for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
