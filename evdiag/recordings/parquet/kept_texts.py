"""The source's own bytes, which no line form writes, on their way to the rows they belong to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_USUAL_PART: Final = 1 << 16
_ENTRY: Final = np.dtype([("row", "<i8"), ("start", "<i8"), ("size", "<i8")])


class KeptTexts:
    """Waits on disk: texts in the order of their rows, found again by the row."""

    def __init__(self, folder: Path) -> None:
        """Make the two files in `folder`.

        Raises:
            OSError: the disk does not take them.
        """
        self.count = 0
        self._size = 0
        self._paths = (folder / "texts", folder / "places")
        self._files: list[BinaryIO] = [cast("BinaryIO", path.open("wb")) for path in self._paths]
        self._places: NDArray[np.void] | None = None

    def add(self, row: int, text: bytes) -> None:
        """Keep a text; rows only rise."""
        texts, places = self._files
        texts.write(text)
        places.write(np.array((row, self._size, len(text)), _ENTRY).tobytes())
        self._size += len(text)
        self.count += 1

    def finish(self) -> None:
        """Nothing more is kept."""
        for file in self._files:
            file.close()
        texts, places = self._paths
        if self.count:
            self._places = np.memmap(places, _ENTRY, "r")
        self._files = [cast("BinaryIO", texts.open("rb"))]

    def close(self) -> None:
        """Let go of the files."""
        self._places = None
        for file in self._files:
            file.close()

    def of(self, rows: NDArray[np.int64]) -> list[bytes | None] | None:
        """Return the text of each row, None where it has none; None where no row has any."""
        if self._places is None:
            return None
        at = np.searchsorted(self._places["row"], rows)
        at[at == len(self._places)] = 0
        found = np.flatnonzero(self._places["row"][at] == rows)
        if not len(found):
            return None
        texts: list[bytes | None] = [None] * len(rows)
        (file,) = self._files
        for place, entry in zip(found.tolist(), self._places[at[found]].tolist(), strict=True):
            _, start, size = entry
            file.seek(start)
            texts[place] = file.read(size)
        return texts


class WholeText:
    """A whole source dealt out evenly to its rows, in large parts, where no line form fits it."""

    def __init__(self, file: BinaryIO, size: int, rows: int) -> None:
        """Deal out the first `size` bytes of `file` to so many rows (at least one)."""
        self._file = file
        self._size = size
        self._step = max(1, rows * _USUAL_PART // max(1, size))
        self._part = max(1, -(-size // -(-rows // self._step)))

    def of(self, rows: NDArray[np.int64]) -> list[bytes | None] | None:
        """Return the part of each row, None where it has none; None where no row has any."""
        found = np.flatnonzero(rows % self._step == 0)
        if not len(found):
            return None
        texts: list[bytes | None] = [None] * len(rows)
        for place in found.tolist():
            start = int(rows[place]) // self._step * self._part
            self._file.seek(min(start, self._size))
            texts[place] = self._file.read(max(0, min(self._part, self._size - start)))
        return texts
