"""What ends evdiag where a screen hangs on a terminal that is gone, or that nobody reads.

Textual writes in a thread that dies with its terminal, and then waits for it for ever. What has
been taken from a car must be handed back all the same.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

from evdiag.errors import EvdiagError

GRACE_S: Final = 2.0
"""How long the screen has to leave by itself."""

_LOOK_S: Final = 0.25
_SIGNALS: Final = ("SIGTERM", "SIGHUP")


class LastResort:
    """Watches over one screen: told to end, or without a terminal, it is left within `GRACE_S`.

    `leave` asks the screen to leave, from any thread. Where it does not, `let_go` is called, which
    hands back and closes everything, and the process ends.
    """

    def __init__(self, leave: Callable[[], object], let_go: Callable[[], object]) -> None:
        self._leave = leave
        self._let_go = let_go
        self._told = threading.Event()
        self._is_left = threading.Event()
        self._before: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._watch, name="last resort", daemon=True)

    def __enter__(self) -> LastResort:
        for name in _SIGNALS:
            if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
                # Not by the screen's own loop: that may be what hangs.
                self._before[name] = signal.signal(getattr(signal, name), self._signalled)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_left.set()
        for name, handler in self._before.items():
            signal.signal(getattr(signal, name), handler)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._told.set()

    def _watch(self) -> None:
        while not self._is_left.wait(_LOOK_S):
            if self._told.is_set() or terminal_is_gone():
                break
        else:
            return
        with suppress(Exception):
            self._leave()
        if self._is_left.wait(GRACE_S):
            return
        with suppress(EvdiagError):
            self._let_go()
        os._exit(128 + int(getattr(signal, "SIGHUP", 1)))


def terminal_is_gone() -> bool:
    """Tell whether the terminal on standard output has been hung up."""
    if not hasattr(select, "poll"):
        return False
    try:
        poll = select.poll()
        poll.register(sys.__stdout__.fileno() if sys.__stdout__ else 1, 0)
        gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
        return any(events & gone for _, events in poll.poll(0))
    except (OSError, ValueError):
        return False
