"""How a recording stands, for whoever shows it."""

from __future__ import annotations

from collections.abc import Iterator
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
    def is_complete(self) -> bool:
        """True if nothing is lost and nothing waits for a disk that takes nothing."""
        return not self.lost and self.alarm is None

    @property
    def troubles(self) -> Iterator[str]:
        """What went wrong and what is wrong, one sentence each, and what it cost in all."""
        yield from self.notes
        if self.alarm is not None:
            yield self.alarm
        if self.lost:
            yield f"not in the recording: {self.lost:,} frames that could not be written"

    @property
    def begun(self) -> list[Path]:
        """The first file of each recording."""
        return [file for file in self.files if split_stem(stem_in(file) or "")[1] == 1]

    @property
    def ended(self) -> list[Path]:
        """The first file of each recording to which nothing comes any more."""
        return self.begun if self.writing_since_ns is None or self.closed else self.begun[:-1]
