"""`evdiag decode` by columns writes, byte for byte, what frame by frame would be written."""

from __future__ import annotations

import csv
import gc
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evdiag.decoding
from evdiag.cli import evdiag as program
from evdiag.errors import BadInputError
from evdiag.inputs import Frame
from evdiag.packaged import shipped_folder
from evdiag.recordings import open_recording
from evdiag.recordings.writers import candump_line
from tests.architecture.test_imports import loaded_after
from tests.cli.frame_by_frame import rows_one_by_one, written_one_by_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings import Recording

CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "."))
RECORDINGS = sorted(shipped_folder("recordings").glob("*.log"))
REFERENCE = shipped_folder("dbc") / "reference.dbc"
TEXTS = ["csv", "jsonl", "table"]

ODD_DBC = """VERSION ""
BS_:
BU_: Car
BO_ 1 Numbers: 64 Car
 SG_ Whole : 0|64@1+ (1,0) [0|0] "" Car
 SG_ Scaled : 0|64@1- (1000,-7) [0|0] "" Car
 SG_ Long : 0|90@1- (1,0) [0|0] "" Car
 SG_ LongScaled : 0|90@1+ (0.5,0) [0|0] "" Car
 SG_ Half : 0|16@1- (1,0) [0|0] "" Car
 SG_ Single : 0|32@1- (0.1,1) [0|0] "" Car
 SG_ Double : 0|64@1- (1,0) [0|0] "" Car
 SG_ Motorola : 7|12@0- (0.1,-40) [0|0] "" Car
 SG_ Word : 0|8@1+ (1,0) [0|0] "" Car
BO_ 2 Pages: 8 Car
 SG_ Page M : 0|2@1+ (1,0) [0|0] "" Car
 SG_ One m1 : 8|8@1- (1,0) [0|0] "" Car
 SG_ Two m2 : 8|16@1+ (2,0) [0|0] "" Car
 SG_ Always : 4|4@1+ (1,0) [0|0] "" Car
BO_ 2147483650 Wide: 8 Car
 SG_ Same : 0|8@1+ (1,0) [0|0] "" Car
VAL_ 1 Word 0 "=1+1" 1 "a,\\"b\\"" 2 "two" 3 "Zwölf" ;
VAL_ 1 Half 0 "nothing" ;
SIG_VALTYPE_ 1 Half : 1;
SIG_VALTYPE_ 1 Single : 1;
SIG_VALTYPE_ 1 Double : 2;
"""


def decode(*arguments: object, given: str | None = None) -> Result:
    return CliRunner().invoke(
        program, ["decode", *map(str, arguments)], standalone_mode=False, input=given
    )


@pytest.fixture(scope="module")
def odd_dbc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "odd.dbc"
    path.write_text(ODD_DBC, encoding="utf-8")
    return path


def frames() -> st.SearchStrategy[list[Frame]]:
    numbers = st.sampled_from([bytes(8), b"\x01" * 8, b"\xff" * 8, b"\x00\x7e\x80\x7f" * 4])
    short, long = st.binary(max_size=8), st.binary(min_size=12, max_size=64)
    sizes = st.sampled_from([12, 16, 20, 24, 32, 48, 64])
    classic = st.tuples(st.just(False), numbers.map(lambda data: data[:8]) | short)
    flexible = st.tuples(
        st.just(True), st.builds(lambda data, n: data[:n].ljust(n, b"\xff"), long, sizes)
    )
    return st.lists(
        st.builds(
            lambda key, fd_data, channel, kind: Frame(
                0,
                channel,
                key & 0xFF,
                key > 0xFF,
                b"" if kind == "remote" else fd_data[1],
                fd=fd_data[0] and kind == "data",
                remote=kind == "remote",
                error=kind == "error",
            ),
            st.sampled_from([1, 1, 2, 2, 3, 0x102]),
            classic | flexible,
            st.sampled_from(["can0", "can1"]),
            st.sampled_from(["data", "data", "data", "data", "remote", "error"]),
        ),
        min_size=1,
        max_size=40,
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames(), st.booleans(), st.sampled_from([1, 7, 1 << 17]))
def test_any_frames_in_any_form(
    odd_dbc: Path, tmp_path: Path, found: list[Frame], changes: bool, rows_at_once: int
) -> None:
    path = tmp_path / "odd.log"
    timed = (
        frame._replace(time_ns=1_700_000_000_000_000_000 + 1000 * n)
        for n, frame in enumerate(found)
    )
    path.write_text("".join(candump_line(frame, str(frame.channel)) for frame in timed) + "#\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(evdiag.decoding.decoded.__kwdefaults__, "rows_at_once", rows_at_once)
        compare_in_all_forms(path, odd_dbc, tmp_path, changes)


def compare_in_all_forms(path: Path, dbc: Path, folder: Path, changes: bool) -> None:
    options = ["--changes"] if changes else []
    for form in TEXTS:
        out = folder / f"out.{form}"
        arguments = (path, "--dbc", dbc, *options, "--format", form, "--force")
        assert decode(*arguments, "--output", out).return_value == 0
        expected = written_one_by_one(path, dbc, form, folder / "expected", changes=changes)
        assert out.read_bytes() == expected
        assert decode(*arguments).stdout_bytes == expected
    out = folder / "out.parquet"
    arguments = (path, "--dbc", dbc, *options, "--format", "parquet", "--output", out, "--force")
    assert decode(*arguments).return_value == 0
    assert list(table_rows(out)) == [
        in_table(row) for row in rows_one_by_one(path, dbc, changes=changes)
    ]


def table_rows(path: Path) -> Iterator[dict[str, Any]]:
    for row in pq.read_table(path).to_pylist():
        text, value = row.pop("text"), row.pop("value")
        yield {**row, "value": value if text is None else text}


def in_table(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the table has it: numbers in columns of one type."""
    raw, value = row["raw"], row["value"]
    fits = isinstance(raw, int) and -(2**63) <= raw < 2**63
    return {
        **row,
        "channel": str(row["channel"]),
        "raw": raw if fits else None,
        "value": float(value) if isinstance(value, int) else value,
    }


@pytest.mark.parametrize("changes", [False, True])
def test_a_shipped_recording_in_any_form(changes: bool, tmp_path: Path) -> None:
    compare_in_all_forms(RECORDINGS[0], REFERENCE, tmp_path, changes)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_shipped_recording(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    decode(path, "--dbc", REFERENCE, "--format", "csv", "--output", out)
    expected = written_one_by_one(path, REFERENCE, "csv", tmp_path / "expected", changes=False)
    assert out.read_bytes() == expected


def test_a_long_recording_in_many_pieces(tmp_path: Path) -> None:
    path, out = tmp_path / "long.log", tmp_path / "out.csv"
    story = list(open_recording(RECORDINGS[0]).frames())
    with path.open("w", newline="") as file:
        for loop in range(3 * (1 << 20) // RECORDINGS[0].stat().st_size + 1):
            shift_ns = loop * 10**12
            for frame in story:
                later = frame._replace(time_ns=frame.time_ns + shift_ns)
                file.write(candump_line(later, f"can{loop % 2}"))
    for options in ([], ["--changes"]):
        arguments = (path, "--dbc", REFERENCE, "--format", "csv", *options, "--force")
        assert decode(*arguments, "--output", out).return_value == 0
        expected = written_one_by_one(
            path, REFERENCE, "csv", tmp_path / "expected", changes=bool(options)
        )
        assert out.read_bytes() == expected


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_who_watches_sees_all_rows(tmp_path: Path) -> None:
    import pty

    seen, other = pty.openpty()
    command = [sys.executable, "-m", "evdiag", "decode", str(RECORDINGS[0])]
    with subprocess.Popen(
        [*command, "--dbc", str(REFERENCE), "--changes"], stdout=other, stderr=subprocess.DEVNULL
    ):
        os.close(other)
        shown = b"".join(read_terminal(seen))
    os.close(seen)
    expected = written_one_by_one(RECORDINGS[0], REFERENCE, "table", tmp_path / "x", changes=True)
    assert shown.replace(b"\r\n", b"\n") == expected


def read_terminal(terminal: int) -> Iterator[bytes]:
    """Yield what is drawn until nobody draws any more."""
    while True:
        try:
            drawn = os.read(terminal, 1 << 16)
        except OSError:
            return
        if not drawn:
            return
        yield drawn


@pytest.mark.corpus
@pytest.mark.skipif("EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set")
@pytest.mark.parametrize(
    ("path", "dbc", "changes"),
    [
        *product(sorted(CORPUS.glob("bmw-i3/*.csv")), ["i3_LIM_dbc1"], [False]),
        *product(sorted(CORPUS.glob("bmw-i3/open*.csv")), ["i3_LIM_dbc1"], [True]),
        *product(sorted(CORPUS.glob("tesla-model3/*.csv")), ["Model3CAN"], [False]),
        *product(sorted(CORPUS.glob("hyundai-kona/*")), ["kona_pcan"], [True]),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else str(value),
)
def test_every_recording_of_the_corpus(path: Path, dbc: str, changes: bool, tmp_path: Path) -> None:
    database, out = CORPUS / "dbc" / f"{dbc}.dbc", tmp_path / "out.jsonl"
    options = ["--changes"] if changes else []
    decode(path, "--dbc", database, *options, "--format", "jsonl", "--output", out)
    expected = written_one_by_one(path, database, "jsonl", tmp_path / "expected", changes=changes)
    assert out.read_bytes() == expected


@pytest.fixture
def milliseconds(tmp_path: Path) -> Path:
    """A shipped scenario as GVRET CSV whose stamps are milliseconds."""
    path = tmp_path / "ms.csv"
    rows = ["Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8"]
    for frame in open_recording(RECORDINGS[0]).frames():
        data = frame.data.ljust(8, b"\0").hex(",")
        flag = str(frame.extended).lower()
        rows.append(
            f"{frame.time_ns // 10**6},{frame.id:08X},{flag},Rx,0,{len(frame.data)},{data},"
        )
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_rows_in_the_wrong_unit_do_not_stay(form: str, milliseconds: Path, tmp_path: Path) -> None:
    before, out = RECORDINGS[1], tmp_path / "out"
    for paths in ([milliseconds], [before, milliseconds], [milliseconds, before]):
        done = decode(*paths, "--dbc", REFERENCE, "--format", form, "--output", out, "--force")
        assert done.return_value == 0
        assert "another unit" in done.stderr
        expected = [row for path in paths for row in rows_one_by_one(path, REFERENCE)]
        if form == "parquet":
            assert list(table_rows(out)) == [in_table(row) for row in expected]
        else:
            lines = csv.DictReader(out.read_text().splitlines())
            found = [int(row["time_ns"]) for row in lines]
            assert found == [row["time_ns"] for row in expected]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_recording_that_breaks_off_leaves_no_rows(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = RECORDINGS[:2]
    whole = evdiag.decoding.decoded

    def breaking(recording: Recording, *args: Any, **options: Any) -> Iterator[Any]:
        yield from whole(recording, *args, **options)
        if recording.name == str(bad):
            raise BadInputError("it breaks off")

    alone, out = tmp_path / "alone", tmp_path / "out"
    decode(good, "--dbc", REFERENCE, "--format", form, "--output", alone)
    monkeypatch.setattr(evdiag.decoding, "decoded", breaking)
    done = decode(bad, good, "--dbc", REFERENCE, "--format", form, "--output", out)
    assert done.return_value == 2
    assert "it breaks off" in done.stderr
    if form == "parquet":
        assert pq.read_table(out).equals(pq.read_table(alone))
    else:
        assert out.read_bytes() == alone.read_bytes()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_interruption_leaves_nothing(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evdiag.decoding.decoded

    def interrupted(*args: Any, **options: Any) -> Iterator[Any]:
        yield from whole(*args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(evdiag.decoding, "decoded", interrupted)
    out = tmp_path / "out"
    done = decode(RECORDINGS[0], "--dbc", REFERENCE, "--format", form, "--output", out)
    assert isinstance(done.exception, click.Abort)
    assert list(tmp_path.iterdir()) == []
    # pyarrow says what it has to say when its writer is thrown away.
    del done
    gc.collect()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_table_on_a_full_disk_is_one_sentence() -> None:
    done = decode(
        *(RECORDINGS[0], "--dbc", REFERENCE),
        *("--format", "parquet", "--output", "/dev/full", "--force"),
    )
    assert str(done.exception) == "/dev/full cannot be written: No space left on device"
    del done
    gc.collect()


def test_parquet_needs_a_file(tmp_path: Path) -> None:
    done = decode(RECORDINGS[0], "--dbc", REFERENCE, "--format", "parquet")
    assert isinstance(done.exception, BadInputError)
    assert str(done.exception) == "Parquet goes into a file: name it with --output"
    out = tmp_path / "out.parquet"
    out.write_text("old")
    done = decode(RECORDINGS[0], "--dbc", REFERENCE, "--format", "parquet", "--output", out)
    assert "exists already" in str(done.exception)
    assert out.read_text() == "old"


def test_a_table_without_rows_has_its_columns(odd_dbc: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "none.log", tmp_path / "out.parquet"
    log.write_text("(1.000000) can0 7FF#00\n")
    assert decode(log, "--dbc", odd_dbc, "--format", "parquet", "--output", out).return_value == 0
    table = pq.read_table(out)
    assert table.num_rows == 0
    assert table.column_names == [
        "recording", "time_ns", "channel", "id", "message", "signal", "raw", "value", "text",
    ]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs /dev/null")
@pytest.mark.parametrize("form", TEXTS)
def test_a_device_takes_rows(form: str) -> None:
    done = decode(
        *(RECORDINGS[0], "--dbc", REFERENCE),
        *("--format", form, "--output", "/dev/null", "--force"),
    )
    assert done.return_value == 0


def test_standard_input_in_columns(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    text = RECORDINGS[0].read_text()
    done = decode("-", "--dbc", REFERENCE, "--format", "parquet", "--output", out, given=text)
    assert done.return_value == 0
    rows = [row | {"recording": str(RECORDINGS[0])} for row in table_rows(out)]
    assert rows == [in_table(row) for row in rows_one_by_one(RECORDINGS[0], REFERENCE)]


def test_decoding_text_loads_neither_cantools_nor_arrow() -> None:
    code = (
        "from click.testing import CliRunner\n"
        "from evdiag.cli import evdiag\n"
        f"arguments = [{str(RECORDINGS[0])!r}, '--dbc', {str(REFERENCE)!r}]\n"
        "CliRunner().invoke(evdiag, ['decode', *arguments])\n"
    )
    loaded_after(code)
    assert not loaded_after(code) & {"can", "cantools", "textual", "pyarrow", "asammdf", "pandas"}
