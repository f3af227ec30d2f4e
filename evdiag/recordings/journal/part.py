"""The two files of one part of a journal, and how far they are whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TypeAlias

Opener: TypeAlias = Callable[[Path], FileIO]
"""Creates a file that must not be there yet, for writing without a buffer; raises OSError."""

create: Opener = partial(FileIO, mode="xb")


class Part:
    """Two files that only ever grow by whole lines.

    `frames` and `notes` count what was added: frames, and everything else. `is_torn` says that a
    failed writing could not be taken back: then nothing more may be added.
    """

    def __init__(self, log: Path, rows: Path, first_row: bytes, opener: Opener = create) -> None:
        """Create both files and write the first row.

        Raises:
            OSError: that failed (FileExistsError: the name is taken); no file is left behind.
        """
        self.log, self.rows = log, rows
        self.frames = self.notes = 0
        self.size = 0
        self.is_torn = False
        self._log = opener(log)
        try:
            self._rows = opener(rows)
        except OSError:
            self._log.close()
            log.unlink(missing_ok=True)
            raise
        self._whole = (0, 0)
        try:
            self.append(b"", first_row)
        except OSError:
            self.close()
            self.remove()
            raise

    def append(self, log: bytes, rows: bytes, *, frames: int = 0, notes: int = 0) -> None:
        """Add whole lines: the frames first, so that no row points past the frames there are.

        Raises:
            OSError: they could not all be written; then none of them are there, or `is_torn`.
        """
        log_size, rows_size = self._whole
        try:
            _write(self._log, log)
            _write(self._rows, rows)
        except OSError:
            self._take_back()
            raise
        self._whole = (log_size + len(log), rows_size + len(rows))
        self.frames += frames
        self.notes += notes
        self.size = sum(self._whole)

    @property
    def is_begun(self) -> bool:
        """True once anything but the first rows is in it."""
        return bool(self.frames or self.notes)

    def is_there(self) -> bool:
        """Tell whether the names still lead to these files."""
        try:
            return all(
                os.path.samestat(os.stat(path), os.fstat(file.fileno()))
                for path, file in ((self.log, self._log), (self.rows, self._rows))
            )
        except OSError:
            return False

    def duplicates(self) -> tuple[int, ...]:
        """Return descriptors of their own for both files; whoever asks closes them."""
        return tuple(os.dup(file.fileno()) for file in (self._log, self._rows))

    def close(self) -> None:
        """Close both files, whatever the disk says to that."""
        for file in (self._log, self._rows):
            with suppress(OSError):
                file.close()

    def remove(self) -> None:
        """Remove both files, if the disk lets us."""
        for path in (self.log, self.rows):
            with suppress(OSError):
                path.unlink()

    def _take_back(self) -> None:
        try:
            for file, size in zip((self._rows, self._log), reversed(self._whole), strict=True):
                file.truncate(size)
                file.seek(size)
        except OSError:
            self.is_torn = True


def _write(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]
