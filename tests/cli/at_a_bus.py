"""evdiag as a process of its own beside a virtual car on a real bus."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from evdiag.bus.settings import BusSettings


def evdiag_at(bus: BusSettings, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command at a bus to its end."""
    return subprocess.run(
        [sys.executable, "-m", "evdiag", *words, "-i", bus.interface, "-c", bus.channel],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={**os.environ, "CAN_CONFIG": json.dumps(bus.options)},
    )
