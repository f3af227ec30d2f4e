"""How a recording stands, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evdiag.recordings.journal.names import split_stem, stem_in


@dataclass(frozen=True, slots=True)
class JournalState:
    """What has been written, what waits, and what is wrong.

    `files` are the parts' candump files. `frames` are on disk (given to the operating system),
    `held` wait in memory for a disk that does not take them, `lost` are gone. `alarm` says in words
    what is wrong now and what to do, None where nothing is. `notes` are what went wrong and is
    over, or costs no frame. `started_ns` is wall clock. `saved` counts a black box's recordings.
    `writing_since_ns` is since when (wall clock) what comes is written, or is meant to be; None
    while a black box only keeps it in memory.
    """

    started_ns: int
    files: tuple[Path, ...] = ()
    frames: int = 0
    held: int = 0
    lost: int = 0
    alarm: str | None = None
    notes: tuple[str, ...] = ()
    saved: int = 0
    closed: bool = False
    writing_since_ns: int | None = None

    @property
    def begun(self) -> list[Path]:
        """The first file of each recording."""
        return [file for file in self.files if split_stem(stem_in(file) or "")[1] == 1]

    @property
    def ended(self) -> list[Path]:
        """The first file of each recording to which nothing comes any more."""
        return self.begun if self.writing_since_ns is None or self.closed else self.begun[:-1]
