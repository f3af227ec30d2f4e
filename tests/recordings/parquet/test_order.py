"""The table is sorted by channel, epoch and time; reading gives the order of the source."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.inputs.piece import Piece
from evdiag.recordings.opening import opened
from evdiag.recordings.parquet.digest import FrameDigest
from evdiag.recordings.report import ReadReport
from evdiag.recordings.writers import candump_line
from tests.recordings.parquet.through import archived, assert_comes_back, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START_US = 1_760_000_000 * 10**6
SMALL_GROUPS = 40
GVRET_HEADER = "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"


@contextmanager
def everything_small() -> Iterator[None]:
    """Have row groups, and all that is done at once, so small that a few hundred rows need many."""
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (
            ("channel_run.ROWS_A_GROUP", SMALL_GROUPS),
            ("channel_run.MOST_HELD", 25),
            ("writing._ROWS_AT_ONCE", 17),
            ("restoring._ROWS_AT_ONCE", 13),
            ("reading._ROWS_A_PIECE", 19),
        ):
            patch.setattr(f"evdiag.recordings.parquet.{name}", size)
        yield


@pytest.fixture
def small_groups() -> Iterator[None]:
    with everything_small():
        yield


def _log(folder: Path, rows: Sequence[tuple[int, str]]) -> Path:
    path = folder / "drive.log"
    lines = [
        candump_line(
            Frame((START_US + time_us) * 1000, channel, 0x100 + n % 7, False, bytes([n % 256] * 3)),
            channel,
        )
        for n, (time_us, channel) in enumerate(rows)
    ]
    path.write_text("".join(lines))
    return path


def _gvret(folder: Path, rows: Sequence[tuple[int, int]]) -> Path:
    path = folder / "drive.csv"
    lines = [f"{us},0000010F,false,{bus},1,00,00,00,00,00,00,00,00\n" for us, bus in rows]
    path.write_text(GVRET_HEADER + "".join(lines))
    return path


def _table(archive: Path) -> list[tuple[str, int, int, int]]:
    rows = pq.read_table(archive, columns=["channel", "epoch", "time_ns", "row"]).to_pylist()
    return [(row["channel"], row["epoch"], row["time_ns"], row["row"]) for row in rows]


steps = st.sampled_from([1, 200, 30_000, 2_000_000, 0, -1, -400, -900_000, -1_500_000, -(10**8)])
channels = st.sampled_from(["can0", "can0", "can1", "can10"])


@given(drawn=st.lists(st.tuples(steps, channels), min_size=1, max_size=300))
def test_any_order_comes_back_and_the_table_is_sorted(
    drawn: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    time_us, rows = 0, []
    for step, channel in drawn:
        time_us = max(-START_US, time_us + step)
        rows.append((time_us, channel))
    with everything_small():
        archive = assert_comes_back(_log(folder, rows), folder)
    table = _table(archive)
    assert table == sorted(table)
    assert sorted(row for *_, row in table) == list(range(len(rows)))


def test_a_row_group_holds_one_channel(small_groups: None, tmp_path: Path) -> None:
    rows = [(n * 100, f"can{n % 3}") for n in range(500)]
    archive = assert_comes_back(_log(tmp_path, rows), tmp_path)
    file = pq.ParquetFile(archive)
    assert file.num_row_groups == 3 * (-(-167 // SMALL_GROUPS))
    for number in range(file.num_row_groups):
        group = file.read_row_group(number, columns=["channel"])
        assert len(set(group.column("channel").to_pylist())) == 1


def test_a_step_back_of_less_than_a_second_is_sorted_within_one_epoch(tmp_path: Path) -> None:
    rows = [(n * 1000 - (700_000 if n % 50 == 49 else 0), "can0") for n in range(3000)]
    table = _table(assert_comes_back(_log(tmp_path, rows), tmp_path))
    assert {epoch for _, epoch, *_ in table} == {0}
    times = [time for *_, time, _ in table]
    assert times == sorted(times)


def test_a_clock_that_jumps_back_begins_an_epoch(small_groups: None, tmp_path: Path) -> None:
    capture = [(n * 30_000, "can0") for n in range(200)]
    table = _table(assert_comes_back(_log(tmp_path, capture * 3), tmp_path))
    assert [epoch for _, epoch, *_ in sorted(table, key=lambda row: row[3])] == [
        epoch for epoch in range(3) for _ in capture
    ]


def test_stamps_that_tell_no_time_are_not_held_for_ever(small_groups: None, tmp_path: Path) -> None:
    table = _table(assert_comes_back(_log(tmp_path, [(0, "can0")] * 500), tmp_path))
    assert [row for *_, row in table] == list(range(500))


def test_a_counter_that_wraps_goes_on_in_the_table(tmp_path: Path) -> None:
    """The table has the time, the source's own stamp is `shift_ns` below it."""
    end_us = 1 << 32
    stamps = [(end_us - 50_000 + n * 1000) % end_us for n in range(100)]
    path = _gvret(tmp_path, [(stamp, 0) for stamp in stamps])
    table = pq.read_table(assert_comes_back(path, tmp_path))
    times = table.column("time_ns").to_pylist()
    shifts = table.column("shift_ns").to_pylist()
    assert times == [(end_us - 50_000 + n * 1000) * 1000 for n in range(100)]
    assert [(time - shift) // 1000 for time, shift in zip(times, shifts, strict=True)] == stamps


def test_wide_frames_and_short_ones_on_several_channels(small_groups: None, tmp_path: Path) -> None:
    path = tmp_path / "drive.log"
    with path.open("w") as log:
        for n in range(400):
            size = (0, 3, 8, 12, 64)[n % 5]
            time_ns = (START_US + n * 500) * 1000
            frame = Frame(time_ns, "", 0x200 + n, False, bytes(range(size)), fd=size > 8)
            log.write(candump_line(frame, f"can{n % 2}"))
    assert_comes_back(path, tmp_path)


def test_data_of_chosen_rows_are_those_of_the_whole(tmp_path: Path) -> None:
    for channels in (1, 3):
        rows = [(n * 100, f"can{n % channels}") for n in range(300)]
        found = opened(archived(_log(tmp_path, rows), tmp_path))
        assert found.form.read_columns is not None
        pieces = found.form.read_columns(found.source, ReadReport("parquet"))
        piece = next(pieces)
        assert isinstance(piece, Piece)
        whole = piece.block()
        for chosen in (np.array([5, 2, 250]), np.array([], np.intp), slice(10, 20), slice(3, 9, 2)):
            part = piece.block(chosen)
            assert list(part.frames()) == list(whole.rows(chosen).frames())


def test_a_channel_that_is_a_number_stays_one(tmp_path: Path) -> None:
    archive = assert_comes_back(_gvret(tmp_path, [(n, n % 11) for n in range(50)]), tmp_path)
    assert set(facts_of(archive).channels) == set(range(11))
    names = [name for name, *_ in _table(archive)]
    assert names == sorted(names)
    assert set(names) == {str(number) for number in range(11)}


def test_the_digest_of_frames_does_not_hang_on_their_blocks(
    small_groups: None, tmp_path: Path
) -> None:
    path = _log(tmp_path, [(n * 100, f"can{(n // 7) % 3}") for n in range(300)])
    found = opened(path)
    items = found.form.read(found.source, ReadReport("candump"))
    digest = FrameDigest()
    digest.add(Block.from_frames(item for item in items if isinstance(item, Frame)))
    assert facts_of(archived(path, tmp_path)).frames_sha256 == digest.hexdigest()


def test_a_text_that_is_kept_whole_is_spread_over_its_rows(
    small_groups: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it is, no row group holds much of it."""
    monkeypatch.setattr("evdiag.recordings.parquet.kept_texts._USUAL_PART", 300)
    path = tmp_path / "drive.log"
    rows = [f"(1760000000.{n:06d})   can{n % 2}   0C8#{n:016X}\n" for n in range(500)]
    path.write_text("".join(rows) + "# the end\n" * 30)
    texts = pq.read_table(assert_comes_back(path, tmp_path)).column("source_text").to_pylist()
    sizes = [len(text) for text in texts if text is not None]
    assert len(sizes) > 50
    assert max(sizes) < 400


def test_nothing_imports_pandas(tmp_path: Path) -> None:
    """pyarrow would, wherever it is installed, and that takes longer than to read the archive."""
    path = _log(tmp_path, [(n * 100, f"can{n % 2}") for n in range(300)])
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from evdiag.archive.making import make\n"
        "from evdiag.archive.restoring import restore\n"
        "from evdiag.recordings import open_recording\n"
        "archived = make(sys.argv[1], Path(sys.argv[2]) / 'to')\n"
        "open_recording(archived.path).read_through()\n"
        "restore(str(archived.path), Path(sys.argv[2]) / 'back')\n"
        "sys.exit('pandas' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path, tmp_path], check=False).returncode == 0
