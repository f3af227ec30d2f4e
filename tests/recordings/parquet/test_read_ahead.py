"""What is read ahead of an archive is there in time, and gone when nobody will ask for it."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording
from evdiag.recordings.parquet.read_ahead import ReadAhead
from tests.recordings.parquet.through import archived

PATIENCE_S = 60


class _Table:
    """Stands for the columns of a row group."""


class _Groups:
    """An archive that says which row groups were read, and whether somebody still holds them."""

    def __init__(self) -> None:
        self.read: list[tuple[int, str]] = []
        self._tables: dict[tuple[int, str], weakref.ref[_Table]] = {}
        self._arrived = threading.Condition()

    def opened(self) -> Callable[[int, list[str]], Any]:
        return self._one

    def _one(self, group: int, columns: list[str]) -> _Table:
        table = _Table()
        with self._arrived:
            self.read.append((group, columns[0]))
            self._tables[group, columns[0]] = weakref.ref(table)
            self._arrived.notify_all()
        return table

    def wait_for(self, group: int, column: str) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: (group, column) in self._tables, PATIENCE_S)

    def is_held(self, group: int, column: str) -> bool:
        gc.collect()
        return self._tables[group, column]() is not None


def test_what_was_read_in_vain_is_let_go() -> None:
    groups = _Groups()
    ahead = ReadAhead(groups.opened)
    try:
        ahead.read(0, ["data"], 1)
        assert isinstance(ahead.read(0, ["id"], 1), _Table)
        ahead.read(1, ["id"], 2)
        groups.wait_for(1, "data")
        groups.wait_for(2, "id")
        ahead.forget(1)
        ahead.read(2, ["data"], None)
    finally:
        ahead.close()
    assert groups.read.count((1, "id")) == 1, "what was read ahead is not read again"
    assert not groups.is_held(1, "data")
    assert groups.is_held(2, "id"), "this one would still be asked for"


def test_an_archive_by_a_name_that_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"f\xff")
    folder.mkdir()
    odd = shutil.copy(shipped_folder("recordings") / "frozen.log", folder)
    archive = archived(Path(odd), folder)
    named = archive.rename(folder / os.fsdecode(b"\xfe.parquet"))
    found = sum(len(block) for block in open_recording(named).blocks())
    assert found == sum(1 for _ in open_recording(odd).frames())
