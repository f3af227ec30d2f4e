"""A text that a second process reads ahead gives what one process gives, whatever becomes of it."""

from __future__ import annotations

import gc
import gzip
import os
import signal
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evdiag.packaged import shipped_folder, shipped_recording
from evdiag.recordings import ReadReport, convert, open_recording
from evdiag.recordings.columns import ahead
from evdiag.recordings.columns.candump_columns import candump_columns
from evdiag.recordings.formats import Format
from evdiag.recordings.source import Source
from tests.recordings.columns.both_ways import careful, frames_only, in_blocks, in_items
from tests.recordings.columns.test_candump_columns import CANDUMP
from tests.recordings.columns.test_candump_columns import ODD as ODD_CANDUMP
from tests.recordings.columns.test_gvret_columns import DIRECTED, GVRET, HEADER
from tests.recordings.columns.test_gvret_columns import ODD as ODD_GVRET

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks")

SIZE = 4096
SHIPPED = sorted(path.stem for path in shipped_folder("recordings").glob("*.log"))[:6]
ACTIVE_COUNT = threading.active_count
CANDUMP_ROW = "(1760000000.{:06d}) can{} {:03X}#{:016X}"
GVRET_ROW = "{},{:08X},false,Rx,{},8,00,01,02,03,04,05,06,07,"

forks: list[int] = []


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read every file ahead, and see that no process is left."""
    monkeypatch.setattr(ahead, "WORTH_IT_BYTES", 0)
    monkeypatch.setattr("threading.active_count", lambda: 1)
    monkeypatch.setattr(ahead, "_is_a_worker", lambda: False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    fork = os.fork

    def counted() -> int:
        process = fork()
        forks.append(process)
        return process

    monkeypatch.setattr("os.fork", counted)
    forks.clear()
    yield
    for process in forks:
        with pytest.raises(ChildProcessError):
            os.waitpid(process, os.WNOHANG)


def candump_rows(count: int) -> list[str]:
    return [CANDUMP_ROW.format(n, n % 2, n % 0x7FF, n * 7919) for n in range(count)]


def gvret_rows(count: int) -> list[str]:
    return [GVRET_ROW.format(1000 + n, n % 0x7FF, n % 2) for n in range(count)]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(ODD_CANDUMP)), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_candump_text(tmp_path: Path, odd: list[tuple[int, str]], end: str, whole: bool) -> None:
    rows = candump_rows(400)
    for at, line in odd:
        rows.insert(at, line)
    assert_the_same(tmp_path / "a.log", rows, end, whole, CANDUMP)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(ODD_GVRET)), max_size=4),
    st.sampled_from([HEADER, DIRECTED, ""]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_gvret_csv(
    tmp_path: Path, odd: list[tuple[int, str]], header: str, end: str, whole: bool
) -> None:
    rows = gvret_rows(400)
    for at, line in odd:
        rows.insert(at, line)
    assert_the_same(tmp_path / "a.csv", [header, *rows], end, whole, GVRET)


def assert_the_same(path: Path, rows: list[str], end: str, whole: bool, form: Format) -> None:
    text = end.join(rows) + (end if whole else "")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with_care = careful(path, form)
    before = len(forks)
    assert in_items(path, form, size=SIZE) == with_care
    assert in_blocks(path, form, size=SIZE) == frames_only(with_care)
    assert len(forks) == before + 2


@pytest.mark.parametrize(
    ("form", "rows"), [(CANDUMP, candump_rows(2000)), (GVRET, [DIRECTED, *gvret_rows(2000)])]
)
def test_the_second_process_does_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Format, rows: list[str]
) -> None:
    path = tmp_path / "a"
    path.write_text("\n".join(rows) + "\n")
    ready: list[int] = []
    lines_ahead = ahead.lines_ahead

    def looked_at(*arguments: Any) -> Iterator[Any]:
        for lines, found in lines_ahead(*arguments):
            ready.append(0 if found is None else len(found.piece))
            yield lines, found

    monkeypatch.setattr("evdiag.recordings.columns.text_columns.lines_ahead", looked_at)
    in_blocks(path, form, size=SIZE)
    # Never two pieces after each other are left to the first process.
    assert all(one or other for one, other in pairwise(ready[1:-1]))
    assert sum(ready) > 600


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_second_process_that_is_killed_costs_nothing_but_time(tmp_path: Path, after: int) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(candump_rows(3000)) + "\n")
    expected = careful(path, CANDUMP)[0]
    report = ReadReport("candump")
    frames = []
    for number, piece in enumerate(candump_columns(Source(path), report, size=SIZE)):
        assert hasattr(piece, "block")
        frames += list(piece.block().frames())
        if number == after:
            os.kill(forks[-1], signal.SIGKILL)
    assert frames == expected


def test_a_reader_that_is_left_leaves_no_process(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(candump_rows(3000)) + "\n")
    pieces = candump_columns(Source(path), ReadReport("candump"), size=SIZE)
    next(pieces)
    del pieces
    gc.collect()
    assert len(forks) == 1


def test_a_line_longer_than_a_piece(tmp_path: Path) -> None:
    rows = candump_rows(500)
    rows.insert(300, "# " + "x" * 3 * SIZE)
    assert_the_same(tmp_path / "a.log", rows, "\n", True, CANDUMP)


@pytest.mark.parametrize("cut", [0, 10])
def test_a_compressed_text_and_one_that_is_cut_off(tmp_path: Path, cut: int) -> None:
    packed = gzip.compress(("\n".join(candump_rows(2000)) + "\n").encode())
    path = tmp_path / "a.log.gz"
    path.write_bytes(packed[: len(packed) - cut])
    read = in_blocks(path, CANDUMP, size=SIZE)
    assert read == careful(path, CANDUMP)
    assert any(found.kind.name == "TRUNCATED" for found in read[1].anomalies) == bool(cut)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_recording_of_the_simulator(tmp_path: Path, name: str) -> None:
    for form, ending in ((CANDUMP, "log"), (GVRET, "csv")):
        path = tmp_path / f"{name}.{ending}"
        convert(open_recording(str(shipped_recording(name))), path)
        assert in_blocks(path, form, size=SIZE) == frames_only(careful(path, form))


def test_columns_outlive_their_place(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(candump_rows(5000)) + "\n")
    pieces = list(candump_columns(Source(path), ReadReport("candump"), size=SIZE))
    times = [time for piece in pieces for time in piece.time_ns.tolist()]  # type: ignore[union-attr]
    assert times == [frame.time_ns for frame in careful(path, CANDUMP)[0]]


# -- where it is of no use -----------------------------------------------------------------------


def test_not_beside_other_threads_nor_on_one_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(candump_rows(10)) + "\n")
    assert ahead.worth_it(Source(path))
    with monkeypatch.context() as patch:
        patch.setattr("os.sched_getaffinity", lambda _: {1})
        assert not ahead.worth_it(Source(path))
    with monkeypatch.context() as patch:
        patch.setattr(ahead, "_is_a_worker", lambda: True)
        assert not ahead.worth_it(Source(path))
    with monkeypatch.context() as patch:
        patch.setattr("sys.platform", "darwin")
        assert not ahead.worth_it(Source(path))
    monkeypatch.setattr("threading.active_count", ACTIVE_COUNT)
    waits = threading.Event()
    thread = threading.Thread(target=waits.wait)
    thread.start()
    try:
        assert not ahead.worth_it(Source(path))
    finally:
        waits.set()
        thread.join()


def test_a_file_that_is_gone_is_not_worth_it(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(candump_rows(10)) + "\n")
    source = Source(path)
    path.unlink()
    assert source.bytes_on_disk == 0
