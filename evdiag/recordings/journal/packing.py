"""Compresses finished parts, in a thread of its own; whatever interrupts it, a part stays whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from queue import SimpleQueue

from evdiag.plain import plain_text
from evdiag.recordings.journal.names import PACKED

_UNFINISHED = ".unfinished"


def pack(path: Path) -> Path:
    """Compress a file with zstd and remove the plain one; a whole copy is there at any moment.

    Raises:
        OSError: that failed; the plain file is still there.
    """
    import zstandard

    target = path.with_name(path.name + PACKED)
    unfinished = path.with_name(target.name + _UNFINISHED)
    try:
        with path.open("rb") as plain, unfinished.open("wb") as packed:
            zstandard.ZstdCompressor(write_checksum=True).copy_stream(plain, packed)
            packed.flush()
            os.fsync(packed.fileno())
        unfinished.replace(target)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    path.unlink()
    return target


class Packer:
    """Packs the files it is given, one after the other. `problems` say what could not be packed."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._paths: SimpleQueue[Path | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def pack(self, *paths: Path) -> None:
        """Pack these files soon."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal-pack", daemon=True)
            self._thread.start()
        for path in paths:
            self._paths.put(path)

    def finish(self) -> None:
        """Wait until everything is packed."""
        if self._thread is not None:
            self._paths.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (path := self._paths.get()) is not None:
            try:
                pack(path)
            except OSError as error:
                self.problems.append(
                    f"{plain_text(str(path))} stays uncompressed: {error.strerror or error}"
                )
