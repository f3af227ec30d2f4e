"""A server of screens in a thread of the test, and a browser that looks at it."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest

from evdiag.serving.order import Order
from evdiag.serving.server import ScreenServer, serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (Debian's package chromium)"
)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WITHIN_S = 60.0

_CONTROLS = re.compile(r"\x1b\[[0-9;?$<>=]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>78]")


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def served(order: Order, token: str | None = None) -> Iterator[ScreenServer]:
    """Serve on this machine until the test has ended."""
    server = ScreenServer(order, "127.0.0.1", free_port(), token, say=lambda _: None)
    began = threading.Event()
    ends: list[Callable[[], object]] = []

    async def until_the_end() -> None:
        task = asyncio.create_task(serve(server, began.set))
        ends.append(partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel))
        with suppress(asyncio.CancelledError):
            await task

    thread = threading.Thread(target=lambda: asyncio.run(until_the_end()), daemon=True)
    thread.start()
    try:
        assert began.wait(WITHIN_S)
        yield server
    finally:
        with suppress(RuntimeError):  # it has ended by itself, which the test has seen
            for end in ends:
                end()
        thread.join(WITHIN_S)
    assert not thread.is_alive()


class Looking:
    """A page in Chromium that shows a screen, and what the screen has written there so far."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._written = bytearray()
        page.on("websocket", lambda socket: socket.on("framereceived", self._take))

    def _take(self, said: bytes | str) -> None:
        if isinstance(said, bytes):
            self._written += said

    @property
    def text(self) -> str:
        """All that was drawn since `press`, one thing after the other."""
        return _CONTROLS.sub("", self._written.decode("utf-8", "replace"))

    def until(self, text: str) -> None:
        """Wait until something has been drawn."""
        end_s = time.monotonic() + WITHIN_S
        while text not in self.text:
            assert time.monotonic() < end_s, f"{text!r} was not drawn:\n{self.text[-2000:]}"
            self.page.wait_for_timeout(50)

    def press(self, key: str) -> None:
        """Press a key; what was drawn before is forgotten."""
        self._written.clear()
        self.page.keyboard.press(key)


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium, with nothing kept from before."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield chromium
        finally:
            chromium.close()


def address(server: ScreenServer, path: str = "/") -> str:
    """Return where a browser on this machine finds it."""
    return f"http://127.0.0.1:{server.port}{path}"
