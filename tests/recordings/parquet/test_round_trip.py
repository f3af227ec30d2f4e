"""What goes into an archive comes out of it: bytes, frames, order, and every oddity."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evdiag.packaged import shipped_folder
from evdiag.recordings import convert, open_recording
from tests.recordings.generated import WRITTEN
from tests.recordings.parquet.through import (
    archived,
    assert_comes_back,
    assert_reads_the_same,
    facts_of,
    read,
    restored,
)

SHIPPED = sorted(path.name for path in shipped_folder("recordings").glob("*.log"))
T0_US = 1_760_000_000 * 10**6

ODD_CANDUMP = (
    "",
    "# a note",
    "(1760000000.000328) can0 0C8##1" + "00" * 12,
    "(1760000000.000328) can0 0C8##3" + "AB" * 64,
    "(1760000000.000328) can0 0C8#R8",
    "(1760000000.000328) can0 0C8#R",
    "(1760000000.000328) can0 20000088#0000000000000000",
    "(1760000000.000328) can0 C8#00",
    "(1760000000.000328) can0 0C8#00 1",
    "(1760000000.000328) bus\udcff 0C8#00",
    "(1760000000.000328)  can0 0c8#aB",
    "(1760000000.0003281) can0 0C8#00",
    "(-5.000328) can0 0C8#00",
    "(0.5) can0 0C8#00",
    "(9223372036.854775) can0 0C8#00",
    "(99999999999.00328) can0 0C8#00",
    "(4611686018.427388) can0 0C8#00",
    "(2020-12-19 12:04:45.485261) can0 123#00",
    "(1760000000.000328) can0 0C8#00\r(1760000000.000329) can0 0C8#00",
    "(17",
    "\x1b[2J \0hello",
)

ODD_GVRET = (
    "",
    "# a note",
    "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8",
    "2000,1FFFFFFF,true,0,0,00,00,00,00,00,00,00,00",
    "99,0000010F,false,7,2,00,F",
    "99,10F,False,0,2,0,f,,,,,,",
    "99,0000010F,false,0,9,00,01,02,03,04,05,06,07,08",
    "99,0000010F,false,0,8,00,01",
    "4294967295,0000010F,false,0,1,00,00,00,00,00,00,00,00",
    "-17,0000010F,false,0,1,00,00,00,00,00,00,00,00",
    "99.5,0000010F,false,0,1,00",
    "99,8000010F,true,0,1,00",
    "99,4000010F,false,0,1,00",
    "9999999999999999999,0000010F,false,0,1,00",
    "99,garbage",
    '"99","0000010F",false,0,1,00',
)


@st.composite
def candump_rows(draw: st.DrawFn) -> str:
    """Rows of several tools, with clocks that step, wait and jump."""
    step = st.sampled_from([0, 1, 300, 10_000, -5, -900_000, -1_000_001, 2 * 10**9])
    time_us = T0_US + draw(st.integers(0, 5)) * 1000 + draw(step)
    channel = draw(st.sampled_from(["can0", "can0", "can0", "can1", "vcan12"]))
    identifier = draw(st.sampled_from(["0C8", "0C8", "12A", "3B4", "000000C8", "18DAF110"]))
    data = draw(st.binary(max_size=8)).hex().upper()
    way = draw(st.sampled_from(["", "", " R", " T"]))
    return f"({time_us // 10**6:010d}.{time_us % 10**6:06d}) {channel} {identifier}#{data}{way}"


@st.composite
def gvret_rows(draw: st.DrawFn) -> str:
    """Rows as SavvyCAN writes them, and near to the end of the logger's counter."""
    time_us = draw(st.integers(0, 5000) | st.integers((1 << 32) - 9000, (1 << 32) - 1))
    identifier = draw(st.sampled_from([0x10F, 0x3B4, 0x18DAF110]))
    data = draw(st.binary(max_size=8))
    cells = ",".join(f"{byte:02X}" for byte in data.ljust(8, b"\0"))
    extended = "true" if identifier > 0x7FF else "false"
    bus = draw(st.sampled_from([0, 0, 1, 12]))
    return f"{time_us},{identifier:08X},{extended},{bus},{len(data)},{cells}"


def texts(rows: st.SearchStrategy[str], first: str = "") -> st.SearchStrategy[str]:
    """Texts of such rows with line ends of all kinds, marks before and torn ends behind them."""
    end = st.sampled_from(["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n"])
    ends = st.sampled_from(["\n", "\r\n"]).flatmap(
        lambda usual: st.lists(st.tuples(rows, st.just(usual) | end), min_size=1, max_size=40)
    )
    return st.tuples(ends, st.sampled_from(["", "\ufeff"]), rows | st.just("")).map(
        lambda t: t[1] + first + "".join(row + end for row, end in t[0]) + t[2]
    )


CANDUMP = candump_rows() | candump_rows() | candump_rows() | st.sampled_from(ODD_CANDUMP)
GVRET = gvret_rows() | gvret_rows() | gvret_rows() | st.sampled_from(ODD_GVRET)
PLAIN = "(1760000000.000100) can0 0C8#0102\n"
HEADER = ODD_GVRET[2] + "\n100,0000010F,false,0,1,00,00,00,00,00,00,00,00\n"


def _written(folder: Path, text: str, name: str = "log") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@given(text=texts(CANDUMP, PLAIN * 4))
@example(text=PLAIN * 3 + "(99999999999.00328) can0 0C8#00\n" + PLAIN)
@example(text=PLAIN * 3 + PLAIN.rstrip("\n"))
@example(text=PLAIN * 3 + "# a tail\n" * 5)
def test_any_candump_text_comes_back(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("candump")
    assert_comes_back(_written(folder, text), folder)


@given(text=texts(GVRET, HEADER * 3))
@example(text=HEADER + "".join(row + "\r\n" for row in ODD_GVRET))
def test_any_gvret_text_comes_back(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("gvret")
    assert_comes_back(_written(folder, text), folder)


@pytest.mark.parametrize("odd", ODD_CANDUMP)
def test_each_odd_line_among_plain_ones_and_as_the_last(odd: str, tmp_path: Path) -> None:
    for text in (PLAIN * 3 + odd + "\n" + PLAIN, PLAIN * 3 + odd, PLAIN * 3 + odd + "\r\n"):
        assert_comes_back(_written(tmp_path, text), tmp_path)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_every_dialect_comes_back(name: str, tmp_path: Path) -> None:
    made = WRITTEN[name]
    text = made.text(made.frames(300))
    archive = assert_comes_back(_written(tmp_path, text), tmp_path)
    assert facts_of(archive).frames == 300


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_recordings_come_back(name: str, tmp_path: Path) -> None:
    archive = assert_comes_back(shipped_folder("recordings") / name, tmp_path)
    assert facts_of(archive).form["form"] == "candump"
    assert restored(archive)[0][0] == name


@pytest.mark.parametrize("dialect", ["candump", "gvret", "gvret with Dir"])
def test_a_text_in_good_order_is_not_kept_beside_its_frames(dialect: str, tmp_path: Path) -> None:
    """Only what stands before the first frame is no frame."""
    made = WRITTEN[dialect]
    path = _written(tmp_path, made.text(made.frames(2000)))
    archive = assert_comes_back(path, tmp_path)
    assert _kept_texts(archive) <= 1


def test_one_line_in_a_hundred_that_is_odd_is_kept_and_no_other(tmp_path: Path) -> None:
    rows = [f"({T0_US // 10**6}.{n:06d}) can0 0C8#{n:016X}\n" for n in range(5000)]
    odd = {n: f"# note {n}\n" for n in range(50, 5000, 100)}
    text = "".join(row + odd.get(n, "") for n, row in enumerate(rows))
    archive = assert_comes_back(_written(tmp_path, text), tmp_path)
    assert _kept_texts(archive) == len(odd)


def _kept_texts(archive: Path) -> int:
    import pyarrow.parquet as pq

    column = pq.read_table(archive, columns=["source_text"]).column("source_text")
    return len(column) - column.null_count


def test_a_text_that_no_form_fits_is_kept_whole(tmp_path: Path) -> None:
    rows = [f"({T0_US // 10**6}.{n:06d})  can0   0C8#{n:016X}\n" for n in range(3000)]
    archive = assert_comes_back(_written(tmp_path, "".join(rows)), tmp_path)
    assert facts_of(archive).form == {}


def test_a_long_tail_is_kept(tmp_path: Path) -> None:
    archive = assert_comes_back(_written(tmp_path, PLAIN * 400 + "# note\n" * 200_000), tmp_path)
    assert facts_of(archive).frames == 400


def test_a_text_without_frames_comes_back(tmp_path: Path) -> None:
    text = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
    archive = assert_comes_back(_written(tmp_path, text), tmp_path)
    assert facts_of(archive).frames == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_other_encodings_come_back(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text((shipped_folder("recordings") / SHIPPED[0]).read_text()[:9000], encoding)
    assert_comes_back(path, tmp_path)


def test_what_was_compressed_comes_back_as_it_was_before(tmp_path: Path) -> None:
    text = (shipped_folder("recordings") / SHIPPED[0]).read_bytes()
    path = tmp_path / "drive.log.gz"
    path.write_bytes(gzip.compress(text))
    assert restored(assert_comes_back(path, tmp_path)) == [("drive.log", text)]


def test_a_compressed_text_that_was_cut_off_is_still_said_to_be(tmp_path: Path) -> None:
    packed = gzip.compress((shipped_folder("recordings") / SHIPPED[0]).read_bytes())
    path = tmp_path / "drive.log.gz"
    path.write_bytes(packed[: len(packed) // 2])
    archive = assert_comes_back(path, tmp_path)
    labels = [found.kind.label for found in open_recording(archive).read_through().anomalies]
    assert "truncated" in labels


def test_stamps_in_another_unit_are_corrected_as_in_the_source(tmp_path: Path) -> None:
    path = _written(tmp_path, WRITTEN["gvret"].text(WRITTEN["gvret"].frames(500)))
    assert_comes_back(path, tmp_path, unit="ms")


def test_frames_of_a_binary_source_come_back_exactly(tmp_path: Path) -> None:
    """BLF itself is not kept: its frames are, with the channels and directions that it says."""
    source = tmp_path / "drive.blf"
    convert(open_recording(shipped_folder("recordings") / SHIPPED[0]), source)
    archive = archived(source, tmp_path)
    assert not facts_of(archive).gives_bytes
    assert_reads_the_same(source, archive)


def test_the_bytes_of_a_binary_source_come_back_where_they_are_kept(tmp_path: Path) -> None:
    source = tmp_path / "drive.blf"
    convert(open_recording(shipped_folder("recordings") / SHIPPED[0]), source)
    archive = archived(source, tmp_path, keep_source=True)
    assert restored(archive) == [("drive.blf", source.read_bytes())]
    assert_reads_the_same(source, archive)


def test_an_archive_is_read_through_a_pipe_and_compressed(tmp_path: Path) -> None:
    source = shipped_folder("recordings") / SHIPPED[0]
    packed = tmp_path / "again.parquet.gz"
    packed.write_bytes(gzip.compress(archived(source, tmp_path).read_bytes()))
    assert read(open_recording(packed))[0] == read(open_recording(source))[0]
