"""Begins and ends the parts of one recording: their names, what each says first and last."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from evdiag.inputs import Identified
from evdiag.recordings.journal.header import Header
from evdiag.recordings.journal.names import LOG, ROWS, is_taken, part_stem, stem_of
from evdiag.recordings.journal.packing import Packer
from evdiag.recordings.journal.part import Opener, Part
from evdiag.recordings.journal.rows import row_text
from evdiag.recordings.journal.words import CarFiles, End, Vin


class Parts:
    """The parts of one recording in one folder. `files` are the candump files, in order."""

    def __init__(
        self, folder: Path, header: Header, label: str, opener: Opener, packer: Packer | None
    ) -> None:
        self.folder = folder
        self.files: list[Path] = []
        self.identified: Identified | None = None
        self._header = header
        self._wanted = stem_of(header.wall_ns, label)
        self._stem = self._wanted
        self._opener = opener
        self._packer = packer

    @property
    def first(self) -> Path:
        """The candump file of the first part."""
        return self.folder / f"{self._stem}{LOG}"

    def know(self, word: CarFiles | Vin) -> None:
        """Let the headers of later parts say what became known."""
        self._header = self._header.knowing(word)

    def begin(self, frames: int, notes: int) -> Part:
        """Begin a part; the ones before it hold so many frames and other entries.

        Raises:
            OSError: that failed; nothing was left behind.
        """
        number = self._free_number()
        header = replace(self._header, part=number, first_frame=frames, first_row=notes)
        first_rows = header.row()
        if self.identified is not None:
            from_frame = max(0, self.identified.from_frame - frames)
            first_rows += row_text(
                self.identified._replace(from_frame=from_frame), 0, repeated=True
            )
        stem = part_stem(self._stem, number)
        part = Part(
            self.folder / f"{stem}{LOG}",
            self.folder / f"{stem}{ROWS}",
            first_rows.encode(),
            self._opener,
        )
        self._header = replace(self._header, part=number + 1)
        self.files.append(part.log)
        return part

    def end(self, part: Part, sync: Callable[[Part], None], *, continues: bool) -> None:
        """Close a part for good.

        Raises:
            OSError: the disk does not have all of it.
        """
        end = End(time.time_ns() // 1000 * 1000, part.frames, continues)
        with suppress(OSError):
            # A part that filled its disk to the last byte stays without its closing row.
            part.append(b"", row_text(end, part.frames).encode())
        try:
            sync(part)
        except OSError:
            # A disk says this once: what it may have dropped has to be written again.
            part.is_torn = True
            raise
        part.close()
        if self._packer is not None:
            self._packer.pack(part.log, part.rows)

    def _free_number(self) -> int:
        number = self._header.part
        if number == 1:
            again = 1
            while is_taken(self.folder, self._stem):
                again += 1
                self._stem = f"{self._wanted}-{again}"
        while is_taken(self.folder, part_stem(self._stem, number)):
            number += 1
        return number
