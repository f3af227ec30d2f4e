"""A screen does not outlive the server that started it, however that came to its end.

A server that was killed tells nobody, and a terminal in a browser has no line to be cut: the screen
would listen on, and hold the adapter, with nobody to look.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Final

_LOOKS_EVERY_S: Final = 1.0
_ENDS_WITHIN_S: Final = 5.0


def end_with_the_server() -> None:
    """Have this process end soon after the one that started it."""
    # On Windows a process keeps the number of its parent, whether or not there still is one.
    if sys.platform == "win32":
        return
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOKS_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ENDS_WITHIN_S)
    os._exit(1)
