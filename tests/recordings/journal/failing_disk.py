"""A disk that fails as it is told, on a real folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any


class Disk:
    """Says for each thing that is done to it whether it works; `opener` and `fsync` go through it.

    `verdicts` yields None (it works), an error number, or a negative number: that many bytes are
    written and the next write fails. When they are used up everything works.
    """

    def __init__(self, verdicts: Iterator[int | None]) -> None:
        self._verdicts = verdicts
        self.heals = False

    def verdict(self) -> int | None:
        """Return what happens next."""
        return None if self.heals else next(self._verdicts, None)

    def opener(self, path: Path) -> FileIO:
        """Create a file."""
        self.check()
        return _File(path, self)

    def fsync(self, descriptor: int) -> None:
        """Sync a file."""
        self.check()
        os.fsync(descriptor)

    def check(self) -> None:
        """Raise what is to be raised now."""
        verdict = self.verdict()
        if verdict is not None:
            number = errno.EIO if verdict < 0 else verdict
            raise OSError(number, os.strerror(number))


class _File(FileIO):
    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(path, "xb")
        self._disk = disk
        self._fails_next = False

    def write(self, data: Any) -> int:
        if self._fails_next:
            self._fails_next = False
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        verdict = self._disk.verdict()
        if verdict is not None and verdict >= 0:
            raise OSError(verdict, os.strerror(verdict))
        if verdict is not None and -verdict < len(data):
            self._fails_next = True
            return super().write(bytes(data)[:-verdict])
        return super().write(data)

    def truncate(self, size: int | None = None) -> int:
        # A full disk lets a file be cut.
        if self._disk.verdict() not in (None, errno.ENOSPC):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().truncate(size)


class Clock:
    """Time as the test tells it."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s
