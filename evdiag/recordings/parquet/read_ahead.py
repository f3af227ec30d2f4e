"""Row groups read in threads of their own, so that the next one is there when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

ReadGroup: TypeAlias = "Callable[[int, list[str]], pa.Table]"
"""Reads columns of a row group by its number; not for two threads at once."""


class ReadAhead:
    """Reads what is asked for, and the same of the next row group while that is being used.

    What is asked for together is read by a thread of its own, through what `opened` returns.
    """

    def __init__(self, opened: Callable[[], ReadGroup]) -> None:
        self._opened = opened
        self._lanes: dict[tuple[str, ...], _Lane] = {}

    def begin(self, group: int, columns: list[str]) -> None:
        """Begin to read columns of a row group that will be asked for, most likely."""
        self._lane(columns).begin(group)

    def read(self, group: int, columns: list[str], following: int | None) -> pa.Table:
        """Return columns of a row group, and begin to read those of the one that follows."""
        return self._lane(columns).read(group, following)

    def forget(self, group: int) -> None:
        """Let go of what was read ahead of a row group that nobody will ask for any more."""
        for lane in self._lanes.values():
            lane.forget(group)

    def close(self) -> None:
        """End the threads; what was begun in vain is forgotten."""
        for lane in self._lanes.values():
            lane.close()

    def _lane(self, columns: list[str]) -> _Lane:
        names = tuple(columns)
        if names not in self._lanes:
            self._lanes[names] = _Lane(self._opened(), columns)
        return self._lanes[names]


class _Lane:
    """Reads the same columns of one row group after the other."""

    def __init__(self, read: ReadGroup, columns: list[str]) -> None:
        self._read = read
        self._columns = columns
        self._thread = ThreadPoolExecutor(1, "archive-read-ahead")
        self._begun: dict[int, Future[pa.Table]] = {}

    def begin(self, group: int) -> None:
        if group not in self._begun:
            self._begun[group] = self._submitted(group)

    def read(self, group: int, following: int | None) -> pa.Table:
        found = self._begun.pop(group, None) or self._submitted(group)
        if following is not None:
            self.begin(following)
        return found.result()

    def forget(self, group: int) -> None:
        begun = self._begun.pop(group, None)
        if begun is not None:
            begun.cancel()

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)

    def _submitted(self, group: int) -> Future[pa.Table]:
        return self._thread.submit(self._read, group, self._columns)
