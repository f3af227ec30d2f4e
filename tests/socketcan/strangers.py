"""can-utils at the other end: the strangers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cangen(channel: str, *options: str) -> subprocess.Popen[bytes]:
    """Start cangen."""
    return subprocess.Popen(["cangen", channel, *options])


def cansend(channel: str, frame: str) -> None:
    """Send one frame."""
    subprocess.run(["cansend", channel, frame], check=True)


@contextmanager
def candump(channel: str, folder: Path) -> Iterator[Path]:
    """Run candump beside what is tested; yield the file that holds all it saw."""
    seen = folder / f"seen-{channel}.log"
    with seen.open("wb") as stream:
        process = subprocess.Popen(["candump", "-L", channel], stdout=stream)
        time.sleep(0.5)
        try:
            yield seen
        finally:
            time.sleep(0.5)
            process.terminate()
            process.wait(timeout=20)


def evdiag(*words: str) -> subprocess.Popen[str]:
    """Start evdiag."""
    return subprocess.Popen(
        [sys.executable, "-m", "evdiag", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def recordings(folder: Path) -> list[Path]:
    """Return the journals in a folder, oldest first."""
    return sorted(folder.glob("*.log"))


def wait_for_recording(folder: Path, timeout_s: float = 60.0) -> Path:
    """Wait until a recorder has begun."""
    ends = time.monotonic() + timeout_s
    while not (found := recordings(folder)):
        assert time.monotonic() < ends, "no recording appeared"
        time.sleep(0.1)
    return found[0]
