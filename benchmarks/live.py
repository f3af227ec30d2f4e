"""How many frames a second evdiag takes from a bus without losing one.

    python3 benchmarks/live.py [SECONDS] [FRAMES_PER_SECOND]

A second process sends numbered frames, of the reference car and others, over udp_multicast on
loopback. evdiag listens, records and follows, and a screen's worth of snapshots is taken ten times
a second. Prints what was sent, received, recorded and followed, the processor time of the
listening process, and the same for python-can's own Logger in the same run.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

CHANNEL = "239.74.163.99"
PORT = 43_219
"""A port of its own: Linux does not keep the groups of one port apart."""

IDS = (0x0C8, 0x12A, 0x1F3, 0x2B1, 0x41C, 0x3B4, 0x18DAF1)
STORY = "relock-before-pull"
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
    from evdiag.recordings import open_recording

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
        on_disk = list(open_recording(str(state.recorder.files[0])).frames())
        numbered = [f for place, f in enumerate(on_disk) if place % CAR_EVERY]
        whole = len(on_disk) == total and [
            int.from_bytes(frame.data, "big") for frame in numbered
        ] == [number for number in range(total) if number % CAR_EVERY]
        return (
            f"evdiag: sent {total:,} in {took:.1f} s, received {state.received:,}, recorded "
            f"{state.recorder.frames:,}, followed {state.followed:,}, read back whole and in "
            f"order: {'yes' if whole else 'NO'}; {used / took * 100:.0f} % of a core; {snapshots} "
            f"snapshots, the slowest {slowest * 1000:.0f} ms; memory {memory:+,} KiB since a "
            "quarter of the run"
        )


def the_screen_takes(seconds: float, rate: int) -> str:
    """Measure evdiag with its live screen, recording, each of the views in sight for a part."""
    return asyncio.run(_with_screen(seconds, rate))


async def _with_screen(seconds: float, rate: int) -> str:
    from evdiag.bus.settings import BusSettings
    from evdiag.tui.config import TuiConfig
    from evdiag.tui.live_app import LiveApp
    from evdiag.tui.views_app import VIEWS
    from evdiag.watching import WatchedBus

    ticks: list[float] = []

    class Timed(LiveApp):
        def tick(self) -> None:
            super().tick()
            ticks.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        settings = BusSettings("udp_multicast", CHANNEL, options={"port": PORT})
        bus = WatchedBus([settings], "reference", Path(folder))
        bus.start(record=True)
        process, sent = run_sender(seconds, rate)
        by_view = []
        async with Timed(bus, config=TuiConfig()).run_test(size=(120, 40)) as pilot:
            ticks.clear()
            whole_cpu_s, began = cpu_s(), time.perf_counter()
            for view in VIEWS:
                await pilot.app.act(f"view_{view}")  # type: ignore[attr-defined]
                before, since = cpu_s(), time.perf_counter()
                await asyncio.sleep(seconds / len(VIEWS))
                share = (cpu_s() - before) / (time.perf_counter() - since)
                by_view.append(f"{view} {share * 100:.0f} %")
            used, took = cpu_s() - whole_cpu_s, time.perf_counter() - began
            await asyncio.to_thread(process.join)
            await asyncio.sleep(0.5)
            shown = pilot.app.facts.shown  # type: ignore[attr-defined]
        bus.stop()
        state = bus.state
        assert state.recorder is not None
        total = sent.value  # type: ignore[attr-defined]
        longest = max((later - earlier for earlier, later in pairwise(ticks)), default=0.0)
        return (
            f"with the screen: sent {total:,}, received {state.received:,}, recorded "
            f"{state.recorder.frames:,}, shown {shown:,}; {used / took * 100:.0f} % of a core "
            f"({', '.join(by_view)}); {len(ticks) / took:.1f} pictures/s, the longest wait "
            f"{longest * 1000:.0f} ms"
        )


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
    run_s = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    frames_per_s = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    print(evdiag_takes(run_s, frames_per_s))
    print(the_screen_takes(run_s, frames_per_s))
    print(python_can_takes(min(run_s, 10.0), frames_per_s))
