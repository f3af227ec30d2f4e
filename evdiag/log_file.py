"""Where drivers' own words go: a file, never the screen."""

from __future__ import annotations

import logging
import logging.handlers
from functools import cache
from pathlib import Path

from evdiag.user_files import state_folder

_KEPT_BYTES = 1_000_000
_OF_BUSES = ("evdiag", "can", "isotp", "udsoncan")
"""Whose lesser words are kept, too; other libraries have nothing to say of an adapter."""


def log_path() -> Path:
    """Return the file, whether or not anything was written to it yet."""
    return state_folder() / "evdiag.log"


def has_written() -> bool:
    """Say whether anything was written to the log in this run."""
    handlers = logging.getLogger().handlers
    files = (each for each in handlers if isinstance(each, logging.handlers.RotatingFileHandler))
    return any(each.stream is not None for each in files)


@cache
def start_log() -> None:
    """Send everything that libraries and evdiag log to the file, and nothing to the terminal."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for name in _OF_BUSES:
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        log_path().parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            log_path(), maxBytes=_KEPT_BYTES, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        # Nowhere to write: the sentence on the screen must do.
        handler = logging.NullHandler()
    handler.setFormatter(
        logging.Formatter(
            "%(asctime)s %(process)d %(threadName)s %(name)s %(levelname)s: %(message)s"
        )
    )
    root.addHandler(handler)
    logging.captureWarnings(True)
