"""Bad archives end in one sentence, and nothing wrong is ever given back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording
from evdiag.recordings.parquet import facts
from evdiag.recordings.parquet.columns import MOST_TEXT
from evdiag.recordings.parquet.facts import FACTS_KEY, HASH_KEY
from evdiag.recordings.parquet.packed import MOST_UNPACKED, Unpacking, packed
from tests.recordings.parquet.through import archived, facts_of, restored

SOURCE = shipped_folder("recordings") / "frozen.log"
CANDUMP = "".join(f"(1760000000.{n:06d}) can{n % 2} 10{n % 3}#AB{n % 7:02X}\n" for n in range(20))
GVRET = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n" + "".join(
    f"{n * 1000},0000010F,false,Rx,{n % 2},1,0A\n" for n in range(20)
)
ODD = ("x", -1, 1 << 31, float("inf"), None, [], {}, "\ud800", True)


def _with_facts(table: pa.Table, said: str) -> pa.Table:
    """Have a table say of its source what is said here."""
    sha256 = hashlib.sha256(said.encode()).hexdigest()
    return table.replace_schema_metadata({FACTS_KEY: said, HASH_KEY: sha256})


def _read(path: Path) -> None:
    for _ in open_recording(path).blocks():
        pass


def _small(folder: Path, text: str = CANDUMP) -> Path:
    """Archive a recording of a few lines."""
    source = folder / "small.log"
    source.write_text(text)
    return archived(source, folder)


def _rewritten(archive: Path, said: Any, groups: list[pa.Table] | None = None) -> Path:
    """Write an archive anew that says what is said here, with the right hash of it."""
    path = archive.with_name("forged.parquet")
    file = pq.ParquetFile(archive)
    groups = groups or [file.read_row_group(n) for n in range(file.num_row_groups)]
    text = json.dumps(said)
    with pq.ParquetWriter(path, groups[0].schema.remove_metadata()) as writer:
        for group in groups:
            writer.write_table(group)
        writer.add_key_value_metadata(
            {FACTS_KEY: text, HASH_KEY: hashlib.sha256(text.encode()).hexdigest()}
        )
    return path


def _said(archive: Path) -> Any:
    return json.loads(facts_of(archive).text())


def _put(said: Any, place: str, value: Any) -> Any:
    """Put a value into what an archive says, at a place such as ``source.wrap.0``."""
    *parents, last = [int(key) if key.isdecimal() else key for key in place.split(".")]
    inner = said
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return said


def _leaves(said: Any, place: tuple[str, ...] = ()) -> list[str]:
    if isinstance(said, dict) and said:
        return [leaf for key in said for leaf in _leaves(said[key], (*place, key))]
    if isinstance(said, list) and said:
        return [leaf for n, each in enumerate(said) for leaf in _leaves(each, (*place, str(n)))]
    return [".".join(place)]


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


def test_no_single_byte_makes_it_stumble(tmp_path: Path) -> None:
    """Most of a small archive is its footer, which has no checksum: a name need not be UTF-8."""
    whole = _small(tmp_path).read_bytes()
    path = tmp_path / "bad.parquet"
    refused = 0
    for place in range(0, len(whole), 11):
        path.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        try:
            _read(path)
        except BadInputError as error:
            assert str(error).isprintable()
            refused += 1
    assert refused > 200


def test_a_column_whose_name_is_no_text_is_damage(tmp_path: Path) -> None:
    """Which of the places where the name stands is looked at is up to pyarrow: one is."""
    archive = _small(tmp_path)
    whole = archive.read_bytes()
    path = tmp_path / "bad.parquet"
    refused = 0
    for found in re.finditer(b"time_ns", whole):
        path.write_bytes(whole[: found.start()] + b"\xff" + whole[found.start() + 1 :])
        try:
            restored(path)
        except BadInputError as error:
            assert "damaged" in str(error)
            refused += 1
    assert refused


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("archive_version", True),
        ("source.name", "\ud800"),
        ("source.name", "a\0b"),
        ("source.format", "\x1b[2J"),
        ("source.unit", "h"),
        ("source.wrap", [1 << 62, 1]),
        ("source.wrap", [0, 0]),
        ("source.sha256", "x"),
        ("source.is_text", 1),
        ("frames", "20"),
        ("channels", "\ud800"),
        ("channels", ["\ud800", "can1"]),
        ("channels", ["can0", "can0"]),
        ("groups.0.0", "x"),
        ("groups.0.0", -1),
        ("groups.0.1", 0),
        ("disorder.0", -1),
        ("disorder.0", None),
        ("form", {"a": 1}),
        ("form", ["x"]),
        ("form.form", "none"),
        ("form.whole", ["x"]),
        ("form.whole", 1 << 31),
        ("form.fraction", 1 << 31),
        ("form.fraction", 10),
        ("form.fraction", True),
        ("form.upper_id", 1),
        ("form.end", 1),
        ("form.end", "\ud800"),
        ("files", "x"),
        ("files.0.0", "\ud800"),
        ("files.0.1", -1),
        ("files.0.2", None),
        ("files.0.3", 1),
        ("readings.skipped_lines", "x"),
        ("readings.skipped", [["x", "y"]]),
        ("readings.skipped", [[1, 2]]),
        ("readings.anomalies", [["none", 1, 1, "line"]]),
        ("readings.anomalies", [["lost_frames", 1, "x", "line"]]),
        ("readings.anomalies", [["lost_frames", 1, 1, "\x1b"]]),
        ("readings.has_clock", None),
        ("tail", "x"),
        ("events", "eJyrVsrOzEtRslLKSy1XqgUAKKkEvA=="),
        ("impossible", [-1]),
    ],
)
def test_forged_facts_are_damage(place: str, value: Any, tmp_path: Path) -> None:
    archive = _small(tmp_path)
    path = _rewritten(archive, _put(_said(archive), place, value))
    for use in (_read, restored):
        with pytest.raises(BadInputError, match="damaged"):
            use(path)


def _small_that_unpacks_to(size: int) -> str:
    stream = zlib.compressobj(9)
    parts = [stream.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return base64.b64encode(b"".join([*parts, stream.flush()])).decode()


@pytest.mark.parametrize("place", ["tail", "events", "files.0.3", "files.1.3"])
def test_a_small_part_never_fills_the_memory(place: str, tmp_path: Path) -> None:
    archive = _small(tmp_path)
    said = _said(archive)
    said["files"] *= 2
    bomb = _small_that_unpacks_to(MOST_UNPACKED + (8 << 20))
    path = _rewritten(archive, _put(said, place, bomb))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(BadInputError, match="what it says of its source is damaged"):
            _read(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * MOST_UNPACKED + (16 << 20)
    finally:
        tracemalloc.stop()


def test_parts_share_the_room_that_there_is() -> None:
    unpacking = Unpacking(10)
    assert unpacking.bytes_of(packed(b"123456")) == b"123456"
    with pytest.raises(ValueError, match="room"):
        unpacking.bytes_of(packed(b"12345"))
    assert unpacking.bytes_of(packed(b"1234")) == b"1234"
    with pytest.raises(ValueError, match="cut off"):
        Unpacking().bytes_of(base64.b64encode(zlib.compress(b"1234")[:-3]).decode())


@pytest.mark.parametrize("use_dictionary", [True, False])
@pytest.mark.parametrize("column", ["data", "source_text"])
def test_a_small_table_never_fills_the_memory(
    column: str, use_dictionary: bool, tmp_path: Path
) -> None:
    archive = _small(tmp_path)
    table = pq.ParquetFile(archive).read_row_group(0)
    long = bytes(MOST_TEXT // len(table) + 1) if use_dictionary else bytes(64 << 20)
    texts = pa.array([long] * len(table), pa.binary())
    table = table.set_column(table.schema.get_field_index(column), table.field(column), texts)
    said = _said(archive)
    said["groups"] = [[0, len(table)]]
    said["frames"] = len(table)
    path = tmp_path / "forged.parquet"
    forged = _with_facts(table, json.dumps(said))
    pq.write_table(forged, path, compression="zstd", use_dictionary=use_dictionary)
    assert path.stat().st_size < 4 << 20
    with pytest.raises(BadInputError, match="its table is not the one that was written"):
        _read(path)


def test_more_beside_the_frames_than_is_read_back_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "MOST_UNPACKED", 10)
    with pytest.raises(BadInputError, match="most of it is no frames"):
        _small(tmp_path, CANDUMP + "no frame at all\n")


@pytest.mark.parametrize("text", [CANDUMP, GVRET], ids=["candump", "gvret"])
def test_no_forged_leaf_makes_it_stumble(text: str, tmp_path: Path) -> None:
    archive = _small(tmp_path, text)
    for place in _leaves(_said(archive)):
        for value in ODD:
            path = _rewritten(archive, _put(_said(archive), place, value))
            try:
                _read(path)
                restored(path)
            except BadInputError as error:
                assert str(error).isprintable()


def test_a_journal_without_a_file_is_damaged(tmp_path: Path) -> None:
    archive = _small(tmp_path)
    said = _put(_put(_said(archive), "files", []), "source.is_journal", True)
    with pytest.raises(BadInputError, match="damaged"):
        _read(_rewritten(archive, said))


def test_two_files_of_one_name_are_not_written(tmp_path: Path) -> None:
    archive = _small(tmp_path)
    said = _said(archive)
    said["files"] *= 2
    with pytest.raises(BadInputError, match="names no file"):
        restored(_rewritten(archive, said))


def test_a_reason_is_shown_without_what_a_terminal_acts_on(tmp_path: Path) -> None:
    archive = _small(tmp_path)
    said = _put(_said(archive), "readings.skipped", [[1, "\x1b[2J"]])
    assert facts_of(_rewritten(archive, said)).readings.skipped == ((1, "␛[2J"),)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("data", b"x" * 65, "has not the bytes"),
        ("data", b"x" * 64, "has not the bytes"),
        ("data", b"", "has not the bytes"),
        ("length", 65, "longer than frames are"),
        ("flags", 255, "received and sent"),
        ("time_ns", -(1 << 63), "no time"),
        ("row", -1, "rows are"),
        ("row", (1 << 63) - 1, "rows are"),
        ("id", None, "rows are missing"),
    ],
)
def test_a_row_that_is_no_frame_is_damage(
    column: str, value: Any, why: str, tmp_path: Path
) -> None:
    archive = _small(tmp_path)
    file = pq.ParquetFile(archive)
    groups = [file.read_row_group(n) for n in range(file.num_row_groups)]
    number = groups[0].column_names.index(column)
    kind = groups[0].schema.field(column).type
    forged = [
        group.set_column(
            number,
            pa.field(column, kind),
            pa.array([value, *group.column(column).to_pylist()[1:]], kind),
        )
        for group in groups
    ]
    path = _rewritten(archive, _said(archive), forged)
    for use in (_read, restored):
        with pytest.raises(BadInputError, match=f"damaged or cut off .*{why}"):
            use(path)


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
