"""Signals that end a command, noticed where it looks: what is under way is never torn off."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Interruption:
    """Whether somebody wants the command to end."""

    def __init__(self) -> None:
        self.came = False

    def look(self) -> None:
        """Go on, unless the command is to end.

        Raises:
            KeyboardInterrupt: it is.
        """
        if self.came:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Take Ctrl-C, the machine's end and a closed terminal for the wish to end.

    A second one changes nothing: what hands authority back to a car is not cut short.
    """
    interruption = Interruption()

    def note(number: int, frame: Any) -> None:
        # Only this: whatever the main thread was in the middle of goes on undisturbed.
        interruption.came = True

    with noticing(note):
        yield interruption


@contextmanager
def noticing(note: Callable[[int, Any], None]) -> Iterator[None]:
    """Have `note` called for each of these signals."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
