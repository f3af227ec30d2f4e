"""Every real recording goes into an archive, is read there as it was, and comes out as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evdiag.archive.checking import check_archive
from evdiag.archive.making import make
from evdiag.archive.restoring import restore
from evdiag.errors import BadInputError
from evdiag.recordings import open_recording
from evdiag.recordings.source import Source
from tests.recordings.parquet.through import assert_reads_the_same

CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "/nowhere"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="EVDIAG_CORPUS names no recordings"),
]


def _recordings() -> list[Path]:
    found = []
    for path in sorted(CORPUS.rglob("*")) if CORPUS.is_dir() else ():
        try:
            open_recording(path)
        except BadInputError:
            continue
        found.append(path)
    return found


@pytest.mark.parametrize("path", _recordings(), ids=lambda path: path.name)
def test_every_recording_comes_back(path: Path, tmp_path: Path) -> None:
    archived = make(str(path), tmp_path / "to", keep_source=True)
    assert_reads_the_same(path, archived.path)
    assert check_archive(str(archived.path)).gives_bytes
    back = restore(str(archived.path), tmp_path / "back").paths
    with Source(path).open() as stream:
        assert [file.read_bytes() for file in back] == [stream.read()]
