"""The command line as a process: ``python -m evdiag``, and the script ``evdiag``."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from contextlib import suppress

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python looks for cycles after 700 new objects (2,000 from 3.13 on): a hundred times before a
command has begun, and there are none to speak of."""


def main() -> None:
    """Run a command, and end."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    # NumPy's OpenBLAS starts a thread for each further core, and each is busy for 0.1 s doing
    # nothing: here nothing multiplies matrices that are worth one.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _end_like_ctrl_c("SIGTERM", "SIGHUP")
    try:
        from evdiag.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        # It came while all that is needed was still loaded.
        _end(130)
    except SystemExit as end:
        if threading.active_count() == 1:
            _end(end.code if isinstance(end.code, int) else 0)
        raise


def _end_like_ctrl_c(*names: str) -> None:
    """Have these signals end a command as Ctrl-C does: what it has not finished is taken back.

    What whoever started this process has switched off (`nohup`) stays so, and processes that a
    command begins end at once, as they would without this.
    """
    numbers = [
        number
        for name in names
        if (number := getattr(signal, name, None)) is not None
        and signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in numbers:
        signal.signal(number, signal.default_int_handler)

    def forget() -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


def _end(code: int) -> None:
    """End as Python does, but for taking every module apart, which lasts as long as many a command.

    What was registered to be done at the end is done, and everything is written.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
