"""Bad archives end in one sentence, and nothing wrong is ever given back."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording
from evdiag.recordings.parquet.facts import FACTS_KEY, HASH_KEY
from tests.recordings.parquet.through import archived, facts_of, restored

SOURCE = shipped_folder("recordings") / "frozen.log"


def _with_facts(table: pa.Table, said: str) -> pa.Table:
    """Have a table say of its source what is said here."""
    sha256 = hashlib.sha256(said.encode()).hexdigest()
    return table.replace_schema_metadata({FACTS_KEY: said, HASH_KEY: sha256})


def _read(path: Path) -> None:
    for _ in open_recording(path).blocks():
        pass


def test_somebody_elses_parquet_file_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "theirs.parquet"
    pq.write_table(pa.table({"id": [1], "time_ns": [2]}), path)
    with pytest.raises(
        BadInputError, match=r"theirs.parquet is not a .* none that `evdiag archive`"
    ):
        _read(path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('{"archive_version": 2}', "newer version"),
        ('{"archive_version": 1}', "damaged"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"archive_version": "1"}', "damaged"),
    ],
)
def test_what_it_says_of_its_source_has_to_be_ours(said: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    pq.write_table(_with_facts(pa.table({"row": pa.array([], pa.int64())}), said), path)
    with pytest.raises(BadInputError, match=why):
        _read(path)


def test_a_file_that_is_cut_off_is_said_to_be(tmp_path: Path) -> None:
    whole = archived(SOURCE, tmp_path).read_bytes()
    path = tmp_path / "cut.parquet"
    for size in (4, 5, 12, 1000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(BadInputError, match=r"cut\.parquet cannot be read: it is damaged"):
            _read(path)


def test_a_changed_byte_is_never_given_back(tmp_path: Path) -> None:
    """Pages have checksums, text and frames have hashes: whatever changes, something notices."""
    whole = archived(SOURCE, tmp_path).read_bytes()
    path = tmp_path / "bad.parquet"
    for place in range(8, len(whole) - 12, len(whole) // 150):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            given = restored(path)
        except BadInputError:
            continue
        assert given == [(SOURCE.name, SOURCE.read_bytes())], place


def test_rows_that_are_gone_are_noticed(tmp_path: Path) -> None:
    archive = archived(SOURCE, tmp_path)
    table = pq.read_table(archive)
    facts = facts_of(archive).text()
    path = tmp_path / "shorter.parquet"
    pq.write_table(_with_facts(table.slice(0, len(table) - 1), facts), path)
    with pytest.raises(BadInputError, match="damaged"):
        _read(path)


@pytest.mark.parametrize("name", ["../outside.log", "/tmp/outside.log", "..", "", "a/b"])
def test_an_archive_writes_into_its_folder_only(name: str, tmp_path: Path) -> None:
    archive = archived(SOURCE, tmp_path)
    table = pq.read_table(archive)
    facts = facts_of(archive).text().replace(f'[["{SOURCE.name}"', f'[["{name}"')
    path = tmp_path / "outward.parquet"
    pq.write_table(_with_facts(table, facts), path)
    with pytest.raises(BadInputError, match="names no file"):
        restored(path)


def test_what_it_says_of_its_source_is_hashed(tmp_path: Path) -> None:
    archive = archived(SOURCE, tmp_path)
    table = pq.read_table(archive)
    metadata = facts_of(archive).metadata()
    path = tmp_path / "odd.parquet"
    metadata[FACTS_KEY] = metadata[FACTS_KEY].replace('"unit": "s"', '"unit": "h"')
    pq.write_table(table.replace_schema_metadata(metadata), path)
    with pytest.raises(BadInputError, match="what it says of its source is damaged"):
        _read(path)


def test_a_table_without_a_column_is_damaged(tmp_path: Path) -> None:
    archive = archived(SOURCE, tmp_path)
    path = tmp_path / "odd.parquet"
    facts = facts_of(archive).text()
    pq.write_table(_with_facts(pq.read_table(archive).drop_columns(["flags"]), facts), path)
    with pytest.raises(BadInputError, match="damaged"):
        _read(path)


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archived(SOURCE, tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(BadInputError, match=r"pip install 'evdiag\[archive\]'"):
        open_recording(archive)
