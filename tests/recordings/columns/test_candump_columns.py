"""The fast reader of candump text gives what the careful one gives: frames, counts, oddities."""

from __future__ import annotations

import gzip
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.inputs import Block, Frame
from evdiag.packaged import shipped_folder
from evdiag.recordings import ReadReport, Recording, convert, open_recording
from evdiag.recordings.columns.candump_columns import BUFFER_BYTES, candump_columns
from evdiag.recordings.columns.counting import CountedPiece
from evdiag.recordings.formats import text_formats
from evdiag.recordings.source import Source
from tests.recordings.generated import WRITTEN

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit

CANDUMP = next(form for form in text_formats() if form.name == "candump")
CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "."))
T0 = 1_760_000_000

ODD = (
    "",
    "\0",
    "# a note",
    "(1760000000.000328) can0 0C8##1" + "00" * 12,
    "(1760000000.000328) can0 0C8##0",
    "(1760000000.000328) can0 0C8#R",
    "(1760000000.000328) can0 0C8#R8",
    "(1760000000.000328) can0 0C8#RFFF",
    "(1760000000.000328) can0 0C8#r-5 R",
    "(1760000000.000328) can0 20000088#0000000000000000",
    "(1760000000.000328) can0 DEADBEEF#00",
    "(1760000000.000328) can0 80000123#00",
    "(1760000000.000328) can0 1FFFFFFF#00",
    "(1760000000.000328) can0 C8#00",
    "(1760000000.000328) can0 00C8#00",
    "(1760000000.000328) can0 0C8#00 0",
    "(1760000000.000328) can0 0C8#00 1",
    "(1760000000.000328) can0 0C8#00 r",
    "(1760000000.000328) can0 0C8#00 X",
    "(1760000000.000328) can0 0C8#00 R 'text'",
    "(1760000000.000328) can0 0C8# T",
    "(1760000000.000328) can0 0C8#00XR",
    "(1760000000.000328) can0-18DAF110#00",
    "(1760000000.000328) can0 0C8#R T",
    "(1760000000.000328) can0 0C8#00\x00",
    "(1760000000.000328) can0\x00 0C8#00",
    "(1760000000.000328) can\x00 0C8#00",
    "(1760000000.000328) can#0 0C8#00",
    "(1760000000.000328) a-channel-of-many 0C8#00",
    "(1760000000.000328) bus\u00e9 0C8#00",
    "(1760000000.000328) bus\udcff 0C8#00",
    "(1760000000.000328) can0  0C8#00",
    " (1760000000.000328) can0 0C8#00",
    "(1760000000.000328)  can0 0C8#00",
    "(1760000000.000328) can0 0C8#00 ",
    "(1760000000.000328) can0 0C8#0",
    "(1760000000.000328) can0 0C8#0G",
    "(1760000000.000328) can0 0C8#0:",
    "(1760000000.000328) can0 0:8#00",
    "(1760000000.000328) can0 0C8#00.11.22",
    "(1760000000.000328) can0 0C8#0011223344556677_9",
    "(1760000000.000328) can0 0C8#001122334455667788",
    "(1760000000.000328) can0 0C8#" + "00" * 65,
    "(1760000000.00032) can0 0C8#00",
    "(1760000000.0003281) can0 0C8#00",
    "(176000000A.000328) can0 0C8#00",
    "(17600000:0.000328) can0 0C8#00",
    "(1760000000.0003/8) can0 0C8#00",
    "(1760000000,000328) can0 0C8#00",
    "(-176000000.000328) can0 0C8#00",
    "(9999999999.000328) can0 0C8#00",
    "(99999999999.00328) can0 0C8#00",
    "(4611686018.427387) can0 0C8#00",
    "(4611686018.427388) can0 0C8#00",
    "(0000000000.000000) can0 0C8#00",
    "(0.000000) can0 0C8#00",
    "(2020-12-19 12:04:45.485261) can0 123#00",
    "(1760000000.000328) can0 0C8#00\r(1760000000.000329) can0 0C8#00",
    "(1760000000.000328) can0 0C8#00\x85(1760000000.000329) can0 0C8#00",
    "(1760000000.000328) can0 0C8",
    "(17",
    "\x1b[2J hello",
)


@st.composite
def plain_rows(draw: st.DrawFn) -> str:
    """Rows as candump writes them; their clock steps a little, waits, or jumps."""
    step_us = draw(
        st.sampled_from([0, 1, 300, 10_000, -5, -900_000, -1_000_001, 1_000_001, 2 * 10**9])
    )
    time_us = T0 * 10**6 + draw(st.integers(0, 3)) * 1000 + step_us
    channel = draw(st.sampled_from(["can0", "can0", "can0", "can1", "vcan12", "abcdef01"]))
    identifier = draw(
        st.sampled_from(["0C8", "0C8", "12A", "fff", "3B4", "000000C8", "18DAF110", "1fffffff"])
    )
    data = draw(st.binary(max_size=8)).hex()
    way = draw(st.sampled_from(["", "", "", " R", " T"]))
    time_us -= draw(st.sampled_from([0, 0, 0, T0 * 10**6, T0 * 10**6 - 98 * 10**6]))
    width = draw(st.sampled_from([10, 10, 10, 1, 3]))
    row = f"({time_us // 10**6:0{width}d}.{time_us % 10**6:06d}) {channel} {identifier}#{data}{way}"
    return row.upper().replace("CAN", "can") if draw(st.booleans()) else row


@st.composite
def spoilt_rows(draw: st.DrawFn) -> str:
    """Plain rows with one character changed, gone, or one too many."""
    row = draw(plain_rows())
    at = draw(st.integers(0, len(row) - 1))
    sign = draw(st.sampled_from(list("0:/@Gg`#R. (\t\0\r\x7f\xe9 ")) | st.just(""))
    return row[:at] + sign + row[at + draw(st.integers(0, 1)) :]


LINES = plain_rows() | plain_rows() | plain_rows() | spoilt_rows() | st.sampled_from(ODD)
TEXTS = st.tuples(
    st.lists(
        st.tuples(LINES, st.sampled_from(["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n"])),
        max_size=40,
    ),
    st.sampled_from(["", "\ufeff"]),
    LINES | st.just(""),
).map(lambda t: t[1] + "".join(line + end for line, end in t[0]) + t[2])

Read = tuple[list[Frame], ReadReport, list[object], list[object]]


def _careful(path: Path, unit: TimeUnit | None = None) -> Read:
    recording = Recording(Source(path), CANDUMP, unit)
    frames = list(recording.frames())
    return _with_orders(frames, recording.report)


def _fast(path: Path, size: int = BUFFER_BYTES, unit: TimeUnit | None = None) -> Read:
    form = CANDUMP._replace(read_columns=partial(candump_columns, size=size))
    recording = Recording(Source(path), form, unit)
    blocks = list(recording.blocks())
    frames = [frame for block in blocks for frame in block.frames()]
    assert tuple(recording.report.channels) == Block.concatenate(blocks).channels
    return _with_orders(frames, recording.report)


def _with_orders(frames: list[Frame], report: ReadReport) -> Read:
    """The orders in which channels and ids were met are shown to people, too."""
    return frames, report, list(report.channels), list(report.ids)


def _written(folder: Path, text: str) -> Path:
    path = folder / "log"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@given(text=TEXTS, size=st.sampled_from([1, 7, 50, 64, 300, BUFFER_BYTES]))
@example(text="(1760000000.000328) can0 0C8#0011\n(1760000000.000329) can0 0C8#00", size=40)
@example(text="# note\r\n(1760000000.000328) can0 0C8#00\n", size=7)
@example(text="(1760000000.000328) can0 0C8#00 R\n(1760000000.000329) can0 0C8#00", size=40)
def test_any_text_reads_the_same(
    text: str, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = _written(tmp_path_factory.mktemp("any"), text)
    assert _fast(path, size) == _careful(path)


@pytest.mark.parametrize("odd", ODD)
def test_each_odd_line_among_plain_ones_and_as_the_last(odd: str, tmp_path: Path) -> None:
    plain = "(1760000000.000100) can0 0C8#0102\n"
    for text in (plain + odd + "\n" + plain, plain + odd, plain + odd + "\r\n" + plain.rstrip()):
        path = _written(tmp_path, text)
        assert _fast(path) == _careful(path)


@given(steps=st.lists(st.integers(-1_200_000, 1_200_000), min_size=1, max_size=30))
@example(steps=[1] * 30)
def test_clocks_are_judged_the_same(
    steps: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    time_us, rows = 5 * 10**6, []
    for number, step in enumerate(steps):
        time_us = max(0, time_us + step)
        rows.append(f"({time_us // 10**6:010d}.{time_us % 10**6:06d}) can0 {number % 3:03X}#00\n")
    path = _written(tmp_path_factory.mktemp("clock"), "".join(rows))
    for size in (40, 200, BUFFER_BYTES):
        assert _fast(path, size) == _careful(path)


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_stamps_of_another_unit_are_corrected_the_same(unit: TimeUnit) -> None:
    path = shipped_folder("recordings") / "healthy-ac.log"
    assert _fast(path, unit=unit) == _careful(path, unit)


@pytest.mark.parametrize("name", sorted(p.name for p in shipped_folder("recordings").glob("*.log")))
def test_shipped_recordings_read_the_same(name: str) -> None:
    path = shipped_folder("recordings") / name
    careful = _careful(path)
    assert _fast(path) == careful
    assert _fast(path, 1000) == careful


def test_compressed_and_cut_short_reads_the_same(tmp_path: Path) -> None:
    packed = gzip.compress((shipped_folder("recordings") / "frozen.log").read_bytes())
    (tmp_path / "log").write_bytes(packed[: len(packed) // 2])
    frames, report, *_ = _fast(tmp_path / "log")
    assert (frames, report) == _careful(tmp_path / "log")[:2]
    assert [found.kind.label for found in report.anomalies] == ["truncated", "torn_last_line"]


def test_plain_rows_never_meet_the_careful_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written like candump's own logs is read fast, on several channels, too."""
    monkeypatch.setattr(
        "evdiag.recordings.columns.candump_columns.candump_frames",
        lambda lines, *_: pytest.fail(f"read with care: {lines[:1]}"),
    )
    rows = "".join(
        f"({T0 + n}.{n:06d}) {channel} {identifier}#{'0123456789ABCDEF'[: 2 * (n % 9)]}{end}"
        for n in range(60)
        for channel in ("can0", "slcan10")
        for identifier in ("7FF", "18DAF110")
        for end in ("\n", " R\r\n", " T\n")
    )
    frames, _, channels, ids = _fast(_written(tmp_path, rows), 4000)
    assert len(frames) == rows.count("\n")
    assert (len(channels), len(ids)) == (2, 4)


@pytest.mark.parametrize(
    "odd",
    [
        "(1760000000.000328) can0 0C8#001122334455667G",
        "(1760000000.000328) can0 0C8#0011223344556\n77",
        "(1760000000.000328) can0 0C8#00112233445566 R",
        "(1760000000.000328) can0 0C8#00112233445566\r\n",
        "(1760000000.000328) can1 0C8#0011223344556677",
        "(1760000000.00032) can0 00000C8#00112233445566",
        "(176000000.000328) can10 0C8#0011223344556677",
    ],
)
@pytest.mark.parametrize("at", [0, 3, 7])
def test_rows_all_equally_long_but_for_what_they_hold(odd: str, at: int, tmp_path: Path) -> None:
    plain = "(1760000000.000328) can0 0C8#0011223344556677"
    rows = [plain] * 8
    rows[at] = odd
    for end in ("", "\n"):
        path = _written(tmp_path, "\n".join(rows) + end)
        assert _fast(path) == _fast(path, len(plain) * 4 + 4) == _careful(path)


def test_utf_16_is_left_to_the_careful_reader(tmp_path: Path) -> None:
    text = (shipped_folder("recordings") / "frozen.log").read_text()[:20_000]
    (tmp_path / "log").write_text(text, encoding="utf-16")
    recording = open_recording(tmp_path / "log")
    count = sum(len(block) for block in recording.blocks())
    assert count == recording.report.frames > 100


def test_a_pass_in_blocks_goes_through_progress(tmp_path: Path) -> None:
    recording = open_recording(shipped_folder("recordings") / "frozen.log")
    counted = []

    def count(items):  # type: ignore[no-untyped-def]
        for item in items:
            counted.append(len(item) if isinstance(item, CountedPiece) else 1)
            yield item

    recording.progress = count
    recording.read_through()
    assert sum(counted) == recording.report.frames


@pytest.mark.parametrize("name", ["candump", "gvret"])
def test_a_damaged_text_reads_the_same(name: str, tmp_path: Path) -> None:
    """Rows of another format in a candump log are odd lines like others."""
    made = WRITTEN[name].text(WRITTEN[name].frames(200))
    path = _written(tmp_path, made.replace("5", "\0", 7).replace("A", "\r", 5) + made[:999])
    assert _fast(path, 777) == _careful(path)


@pytest.mark.corpus
@pytest.mark.skipif("EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set")
def test_the_whole_corpus_reads_the_same(tmp_path: Path) -> None:
    """Every real recording, as it is and written as candump text."""
    read = 0
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file() or path.stat().st_size > 50_000_000:
            continue
        try:
            recording = open_recording(path)
            convert(recording, tmp_path / "log.log", "candump", force=True)
        except BadInputError:
            continue
        assert _fast(tmp_path / "log.log") == _careful(tmp_path / "log.log"), path
        if recording.format != "candump":
            assert _fast(path, 10_000) == _careful(path), path
        read += 1
    assert read > 20
