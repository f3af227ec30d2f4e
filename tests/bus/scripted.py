"""A source that plays a script, and the waiting that tests of threads need."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from evdiag.bus.listen_only import Silence
from evdiag.bus.source import GarbledError, Losses, Source
from evdiag.errors import BusError
from evdiag.inputs import Frame, Input


class ScriptedSource(Source):
    """Each entry is what one call of `receive` does; after the last, silence."""

    def __init__(self, script: Sequence[list[Frame] | Exception]) -> None:
        self.channel = "can0"
        self.silence = Silence("verified", "scripted")
        self.closed = False
        self.lost = 0
        self._script = list(script)

    def receive(self, timeout_s: float) -> list[Frame]:
        if not self._script:
            time.sleep(min(timeout_s, 0.01))
            return []
        entry = self._script.pop(0)
        if isinstance(entry, Exception):
            raise entry
        return entry

    def check(self) -> None:
        return

    def losses(self) -> Losses:
        return Losses(self.lost, 0, 4096)

    def close(self) -> None:
        self.closed = True


class Collected:
    """Takes what a link delivers."""

    def __init__(self) -> None:
        self.items: list[Input] = []
        self._lock = threading.Lock()

    def __call__(self, items: Sequence[Input]) -> None:
        with self._lock:
            self.items.extend(items)


def until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    """Wait for a condition; a test that waits in vain fails."""
    ends = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.005)


__all__ = ["BusError", "Collected", "GarbledError", "ScriptedSource", "until"]
