"""Row groups read in a thread of its own, so that the next one is there when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

ReadGroup: TypeAlias = "Callable[[int, list[str]], pa.Table]"
"""Reads columns of a row group by its number."""


class ReadAhead:
    """Reads what is asked for, and the same of the next row group while that is being used.

    Only its thread touches the file.
    """

    def __init__(self, read: ReadGroup) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, "archive-read-ahead")
        self._begun: dict[tuple[int, tuple[str, ...]], Future[pa.Table]] = {}

    def read(self, group: int, columns: list[str], following: int | None) -> pa.Table:
        """Return columns of a row group, and begin to read those of the one that follows."""
        names = tuple(columns)
        found = self._begun.pop((group, names), None)
        table = found or self._thread.submit(self._read, group, columns)
        if following is not None and (following, names) not in self._begun:
            ahead = self._thread.submit(self._read, following, columns)
            self._begun[following, names] = ahead
        return table.result()

    def close(self) -> None:
        """End the thread; what was begun in vain is forgotten."""
        self._thread.shutdown(cancel_futures=True)
