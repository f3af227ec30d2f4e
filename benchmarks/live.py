"""How many frames a second evdiag takes from a bus without losing one.

    python3 benchmarks/live.py [--screen] [SECONDS] [FRAMES_PER_SECOND]

A second process sends numbered frames, of the reference car and others, over udp_multicast on
loopback. evdiag listens, records and follows, and a screen's worth of snapshots is taken ten times
a second. Prints what was sent, received, recorded and followed, the processor time of the
listening process, the same for `evdiag connect` on a terminal of its own, and for python-can's own
Logger in the same run. With --screen only the one on a terminal is measured.
"""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import pty
import resource
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from itertools import pairwise
from pathlib import Path

CHANNEL = "239.74.163.99"
PORT = 43_219
"""A port of its own: Linux does not keep the groups of one port apart."""

IDS = (0x0C8, 0x12A, 0x1F3, 0x2B1, 0x41C, 0x3B4, 0x18DAF1)
STORY = "relock-before-pull"
VIEW_KEYS = (
    ("port", "1"), ("attempts", "2"), ("trace", "3"), ("signals", "4"), ("bus", "5"),
    ("findings", "f"),
)  # fmt: skip
CAR_EVERY = 8
"""One frame in so many is the reference car's; the others bear their number."""


def send(seconds: float, rate: int, sent: multiprocessing.Value) -> None:  # type: ignore[valid-type]
    """Send at an even pace, in bursts of a few milliseconds as a real adapter delivers them."""
    import can

    from evdiag.packaged import shipped_recording
    from evdiag.recordings import open_recording

    story = list(open_recording(str(shipped_recording(STORY))).frames())
    with can.Bus(interface="udp_multicast", channel=CHANNEL, port=PORT) as bus:
        began, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - began) < seconds:
            while count < passed * rate:
                identifier, data = IDS[count % len(IDS)], count.to_bytes(8, "big")
                if count % CAR_EVERY == 0:
                    frame = story[count // CAR_EVERY % len(story)]
                    identifier, data = frame.id, frame.data
                bus.send(
                    can.Message(
                        arbitration_id=identifier,
                        is_extended_id=identifier == 0x18DAF1,
                        data=data,
                    )
                )
                count += 1
            time.sleep(0.002)
        sent.value = count


def run_sender(seconds: float, rate: int) -> tuple[multiprocessing.Process, object]:
    """Start the sending process."""
    sent = multiprocessing.Value("Q", 0)
    process = multiprocessing.Process(target=send, args=(seconds, rate, sent))
    process.start()
    return process, sent


def evdiag_takes(seconds: float, rate: int) -> str:
    """Measure evdiag."""
    from evdiag.bus.settings import BusSettings
    from evdiag.connecting import RecordingPlan, connected

    with tempfile.TemporaryDirectory() as folder:
        live = connected(
            [BusSettings("udp_multicast", CHANNEL, options={"port": PORT})],
            "reference",
            RecordingPlan(Path(folder)),
        )
        live.start()
        process, sent = run_sender(seconds, rate)
        before, began, snapshots, slowest = cpu_s(), time.perf_counter(), 0, 0.0
        memory_before = None
        while process.is_alive():
            time.sleep(0.1)
            asked = time.perf_counter()
            live.follower.look(lambda f: f.session.snapshot() if f.session else None)
            slowest = max(slowest, time.perf_counter() - asked)
            snapshots += 1
            if memory_before is None and time.perf_counter() - began > seconds / 4:
                memory_before = memory_kib()
        used, took = cpu_s() - before, time.perf_counter() - began
        memory = memory_kib() - (memory_before or 0)
        time.sleep(0.5)
        live.stop()
        state = live.state
        assert state.recorder is not None
        total = sent.value  # type: ignore[attr-defined]
        whole = is_whole(state.recorder.files[0], total)
        return (
            f"evdiag: sent {total:,} in {took:.1f} s, received {state.received:,}, recorded "
            f"{state.recorder.frames:,}, followed {state.followed:,}, read back whole and in "
            f"order: {'yes' if whole else 'NO'}; {used / took * 100:.0f} % of a core; {snapshots} "
            f"snapshots, the slowest {slowest * 1000:.0f} ms; memory {memory:+,} KiB since a "
            "quarter of the run"
        )


def is_whole(recording: Path, total: int) -> bool:
    """Say whether a recording holds every frame that was sent, in order."""
    from evdiag.recordings import open_recording

    on_disk = list(open_recording(str(recording)).frames())
    numbered = [frame for place, frame in enumerate(on_disk) if place % CAR_EVERY]
    return len(on_disk) == total and [int.from_bytes(frame.data, "big") for frame in numbered] == [
        number for number in range(total) if number % CAR_EVERY
    ]


def the_screen_takes(seconds: float, rate: int) -> str:
    """Measure `evdiag connect` as a process on a terminal, each view in sight for a part."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        terminal.watch_until(b"REC", 60.0)
        process, sent = run_sender(seconds, rate)
        time.sleep(0.5)
        pictures, began, before = len(terminal.pictures), time.perf_counter(), terminal.cpu_s()
        by_view = []
        for name, key in VIEW_KEYS:
            terminal.press(key)
            since_s, since_cpu_s = time.perf_counter(), terminal.cpu_s()
            terminal.watch((seconds - 1) / len(VIEW_KEYS))
            share = (terminal.cpu_s() - since_cpu_s) / (time.perf_counter() - since_s)
            by_view.append(f"{name} {share * 100:.0f} %")
        used, took = terminal.cpu_s() - before, time.perf_counter() - began
        drawn = terminal.pictures[pictures:]
        while process.is_alive():
            terminal.watch(0.1)
        terminal.watch(1.0)
        terminal.press("qy")
        terminal.watch_until(None, 60.0)
        total = sent.value  # type: ignore[attr-defined]
        (recorded,) = Path(folder).glob("*.log")
        longest = max((later - earlier for earlier, later in pairwise(drawn)), default=0.0)
        return (
            f"with the screen: sent {total:,}, read back whole and in order: "
            f"{'yes' if is_whole(recorded, total) else 'NO'}; {used / took * 100:.0f} % of a core "
            f"({', '.join(by_view)}); {len(drawn) / took:.1f} pictures/s, the longest wait "
            f"{longest * 1000:.0f} ms"
        )


class Terminal:
    """`evdiag connect` on a pseudo-terminal of 120 by 40; `pictures` are when it drew."""

    def __init__(self, folder: Path) -> None:
        self._screen, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "evdiag", "connect", "-i", "udp_multicast", "-c", CHANNEL),
                *("--vehicle", "reference", "--record", "-o", str(folder)),
            ],
            stdin=other,
            stdout=other,
            stderr=other,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "CAN_CONFIG": json.dumps({"port": PORT}),
                "EVDIAG_STATE": str(folder / "state"),
            },
        )
        os.close(other)
        self.pictures: list[float] = []
        self._is_open = True

    def press(self, keys: str) -> None:
        """Type, one key at a time."""
        for key in keys:
            os.write(self._screen, key.encode())
            self.watch(0.3)

    def watch(self, seconds: float) -> bytes:
        """Take in what is drawn; return it."""
        ends_s, seen = time.perf_counter() + seconds, b""
        while self._is_open and (left_s := ends_s - time.perf_counter()) > 0:
            if select.select([self._screen], [], [], left_s)[0]:
                try:
                    drawn = os.read(self._screen, 1_000_000)
                except OSError:
                    self._is_open = False
                    break
                # The line of the counters is drawn anew whenever a frame has come.
                if b"received" in drawn:
                    self.pictures.append(time.perf_counter())
                seen += drawn
        return seen

    def watch_until(self, text: bytes | None, patience_s: float) -> None:
        """Take in what is drawn until this was, or until the process ends."""
        ends_s, seen = time.perf_counter() + patience_s, b""
        while self._is_open and time.perf_counter() < ends_s:
            seen += self.watch(0.2)
            if text is not None and text in seen:
                return
        if text is not None:
            raise SystemExit(f"never shown: {text!r} in {seen[-2000:]!r}")
        self._process.wait(patience_s)

    def cpu_s(self) -> float:
        """Return the processor time of the whole process."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def python_can_takes(seconds: float, rate: int) -> str:
    """Measure python-can's Notifier and candump Logger, recording only."""
    import can

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "peer.log"
        with can.Bus(interface="udp_multicast", channel=CHANNEL, port=PORT) as bus:
            logger = can.Logger(str(path))
            notifier = can.Notifier(bus, [logger])
            process, sent = run_sender(seconds, rate)
            before, began = cpu_s(), time.perf_counter()
            process.join()
            used, took = cpu_s() - before, time.perf_counter() - began
            time.sleep(0.5)
            notifier.stop()
            logger.stop()
        lines = sum(1 for _ in path.open())
        total = sent.value  # type: ignore[attr-defined]
        return (
            f"python-can Logger: sent {total:,}, recorded {lines:,}; {used / took * 100:.0f} % of "
            "a core"
        )


def cpu_s() -> float:
    """Return the processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory_kib() -> int:
    """Return what this process holds now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


if __name__ == "__main__":
    numbers = [word for word in sys.argv[1:] if word != "--screen"]
    run_s = float(numbers[0]) if numbers else 60.0
    frames_per_s = int(numbers[1]) if len(numbers) > 1 else 20_000
    if "--screen" not in sys.argv:
        print(evdiag_takes(run_s, frames_per_s))
    print(the_screen_takes(run_s, frames_per_s))
    if "--screen" not in sys.argv:
        print(python_can_takes(min(run_s, 10.0), frames_per_s))
