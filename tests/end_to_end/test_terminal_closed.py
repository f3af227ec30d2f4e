"""A terminal that goes away in the middle of a command: the car has its authority back."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evdiag.simulator.running import RunningCar
from tests.bus.scripted import until
from tests.live.stories import multicast_works, own_multicast
from tests.simulator.running import car_on_a_bus

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pty"),
    pytest.mark.skipif(not multicast_works(), reason="no multicast on this machine's loopback"),
]

PATIENCE_S = 60.0
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Window:
    """A terminal with evdiag in it, which hangs up when the window is closed."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._screen, other = pty.openpty()
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "evdiag", *arguments],
            env={
                **os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30",
                **environment,
            },
            preexec_fn=lambda: os.login_tty(other),
        )  # fmt: skip
        os.close(other)

    def press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def until(self, pattern: bytes) -> re.Match[bytes]:
        """Read until the window has shown something; control sequences apart."""
        end_s = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, _CONTROL.sub(b"", self.seen))) is None:
            assert time.monotonic() < end_s, self.seen[-2000:]
            if select.select([self._screen], [], [], 0.2)[0]:
                self.seen += os.read(self._screen, 65536)
        return found

    def close(self) -> None:
        os.close(self._screen)


def authority(car: RunningCar) -> tuple[str, ...]:
    return car.touch(lambda wire: wire.authority.reasons)


@pytest.mark.parametrize("how", ["the window is closed", "SIGTERM"])
def test_a_screen_that_goes_away_hands_back(how: str, tmp_path: Path) -> None:
    with car_on_a_bus(own_multicast()) as (car, bus):
        car.do("mode while_charging")
        car.do("plug_in")
        window = Window(
            "connect", "-i", bus.interface, "-c", bus.channel, "--vehicle", "reference",
            "-o", str(tmp_path), CAN_CONFIG=json.dumps(bus.options), EVDIAG_STATE=str(tmp_path),
        )  # fmt: skip
        window.until(rb"LISTEN verified")
        window.until(rb"PLUG")
        window.press("C")
        window.until(rb"cycle +by uds")
        window.press("\x1b[B" * 5 + "\r")
        word = window.until(rb"type +(\w+ simulated) +and Enter")[1]
        window.press(word.decode() + "\r")
        until(lambda: "commands the lock" in str(authority(car)), PATIENCE_S)
        if how == "SIGTERM":
            window.process.send_signal(signal.SIGTERM)
        else:
            window.close()
        until(lambda: authority(car) == (), PATIENCE_S)
        # Sooner than the session would have ended by itself: it was handed back.
        until(lambda: any("commands the lock again" in one.what for one in car.look().happened))
        if how == "SIGTERM":
            # Nobody reads what the screen says in leaving: it must end all the same.
            window.close()
        window.process.wait(PATIENCE_S)
