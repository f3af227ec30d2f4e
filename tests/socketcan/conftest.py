"""Tests on a real SocketCAN: vcan0, vcan1 and two emulated cards, can0 and can1, on one bus.

`.ci/run` runs them inside the machine that ../shared/socketcan-vm boots; elsewhere they skip.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("SOCKETCAN_VM"):
        return
    reason = (
        "needs SocketCAN with vcan0, vcan1, can0, can1 (../shared/socketcan-vm/run.sh boots one)"
    )
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def silent_can0() -> Iterator[str]:
    """can0 in listen-only mode; in normal mode again afterwards."""
    set_mode("can0", "listen-only on")
    yield "can0"
    set_mode("can0", "listen-only off")


def set_mode(name: str, mode: str) -> None:
    ip("link", "set", name, "down")
    ip("link", "set", name, "up", "type", "can", "bitrate", "500000", *mode.split())


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
