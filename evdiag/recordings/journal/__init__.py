"""The journal: every input of a live run in the order in which it was consumed, on disk.

Frames are candump text (``<name>.log``), everything else is JSON, a row a line, in a file beside
it (``<name>.jsonl``). Each row says how many frames of its part stand before it, so the two read
back as the one sequence they were.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evdiag.recordings.journal.black_box import BlackBox
    from evdiag.recordings.journal.header import Header, tool_versions
    from evdiag.recordings.journal.state import JournalState
    from evdiag.recordings.journal.words import CarFiles, Vin
    from evdiag.recordings.journal.writer import Journal

__all__ = ["BlackBox", "CarFiles", "Header", "Journal", "JournalState", "Vin", "tool_versions"]

_MODULES = {
    "BlackBox": "black_box",
    "CarFiles": "words",
    "Header": "header",
    "Journal": "writer",
    "JournalState": "state",
    "Vin": "words",
    "tool_versions": "header",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for; who only looks whether a file is a journal needs no writer."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
