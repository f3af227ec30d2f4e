"""What is read ahead of an archive is there in time, and gone when nobody will ask for it."""

from __future__ import annotations

import gc
import os
import shutil
import weakref
from pathlib import Path
from typing import Any

from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording
from evdiag.recordings.parquet.read_ahead import ReadAhead
from tests.recordings.parquet.through import archived


class _Table:
    """Stands for the columns of a row group."""


def test_what_is_read_in_vain_is_let_go() -> None:
    alive: dict[tuple[int, str], weakref.ref[_Table]] = {}
    read: list[tuple[int, str]] = []

    def reading() -> Any:
        def one(group: int, columns: list[str]) -> _Table:
            read.append((group, columns[0]))
            table = _Table()
            alive[group, columns[0]] = weakref.ref(table)
            return table

        return one

    ahead = ReadAhead(reading)
    try:
        ahead.read(0, ["data"], 1)
        assert isinstance(ahead.read(0, ["id"], 1), _Table)
        ahead.read(1, ["id"], 2)
        ahead.forget(1)
        ahead.read(2, ["data"], None)
    finally:
        ahead.close()
    gc.collect()
    assert read.count((1, "id")) == 1
    assert alive[1, "data"]() is None
    assert alive[2, "id"]() is not None, "this one would still be asked for"


def test_an_archive_by_a_name_that_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"f\xff")
    folder.mkdir()
    odd = shutil.copy(shipped_folder("recordings") / "frozen.log", folder)
    archive = archived(Path(odd), folder)
    named = archive.rename(folder / os.fsdecode(b"\xfe.parquet"))
    found = sum(len(block) for block in open_recording(named).blocks())
    assert found == sum(1 for _ in open_recording(odd).frames())
