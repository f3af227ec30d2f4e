"""A reference car on udp_multicast or virtual, as fast as a test wants it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from evdiag.bus.opening import open_source, open_to_transmit
from evdiag.bus.settings import BusSettings
from evdiag.bus.transmitter import Transmitter
from evdiag.errors import BusError
from evdiag.inputs import Frame
from evdiag.packaged import shipped_recording
from evdiag.recordings import open_recording


def story_frames(name: str) -> list[Frame]:
    """Return the frames of a shipped scenario."""
    return list(open_recording(str(shipped_recording(name))).frames())


@contextmanager
def car_on(settings: BusSettings) -> Iterator[Transmitter]:
    """Open the other end of a bus."""
    source, transmitter = open_to_transmit(settings)
    try:
        yield transmitter
    finally:
        transmitter.close()
        source.close()


def play(transmitter: Transmitter, frames: list[Frame], speed: float) -> None:
    """Put frames on the bus at a multiple of their own pace."""
    began = time.monotonic()
    for frame in frames:
        due_s = (frame.time_ns - frames[0].time_ns) / 1e9 / speed
        while (left_s := due_s - (time.monotonic() - began)) > 0:
            time.sleep(left_s)
        transmitter.transmit(frame)


def own_multicast() -> BusSettings:
    """Return a bus that no other test is on: Linux tells groups of one port apart badly."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    return BusSettings("udp_multicast", "239.74.163.2", options={"port": port})


def multicast_works() -> bool:
    """Say whether this machine's loopback carries multicast."""
    try:
        source = open_source(BusSettings("udp_multicast", "239.74.163.77"))
    except BusError:
        return False
    source.close()
    return True
