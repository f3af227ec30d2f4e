"""GVRET CSV: both headers, spreadsheets, short rows, marks of lost frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evdiag.inputs import BusEvent, BusEventKind, Frame
from evdiag.recordings import AnomalyKind, Recording, open_recording

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
SHORT_HEADER = "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"


def _open(tmp_path: Path, text: str) -> Recording:
    path = tmp_path / "capture.txt"
    path.write_text(text, encoding="utf-8")
    return open_recording(path)


@pytest.mark.parametrize(
    ("header", "row", "frame"),
    [
        (
            HEADER,
            "1619891,000003B4,false,Rx,0,2,F9,1F,FF,0E,A2,71,B5,5D,",
            Frame(1_619_891_000, 0, 0x3B4, False, b"\xf9\x1f", direction="rx"),
        ),
        (HEADER, "5,12345,true,Tx,1,0,", Frame(5000, 1, 0x12345, True, b"", direction="tx")),
        (
            SHORT_HEADER,
            "303004300,450,FALSE,0,3,00,C2,05",
            Frame(303004300000, 0, 0x450, False, b"\0\xc2\x05"),
        ),
        (SHORT_HEADER, "-7,3b4,0,1,2,0,9", Frame(-7000, 1, 0x3B4, False, b"\0\x09")),
        (SHORT_HEADER, '"7","3b4","1","1","1","ff"', Frame(7000, 1, 0x3B4, True, b"\xff")),
        (SHORT_HEADER, "2.5E+06,3b4,0,1,1,ff", Frame(2_500_000_000, 1, 0x3B4, False, b"\xff")),
        # SavvyCAN mends a flag that is false beside a wide id; so do we.
        (SHORT_HEADER, "7,18DAF110,false,1,1,ff", Frame(7000, 1, 0x18DAF110, True, b"\xff")),
        ("", "7,000003B4,false,Rx,1,1,FF", Frame(7000, 1, 0x3B4, False, b"\xff", direction="rx")),
        ("", "7,000003B4,false,1,1,FF", Frame(7000, 1, 0x3B4, False, b"\xff")),
    ],
)
def test_row(header: str, row: str, frame: Frame, tmp_path: Path) -> None:
    assert list(_open(tmp_path, f"{header}{row}\n")) == [frame]


def test_marks_of_lost_frames_are_events_never_frames(tmp_path: Path) -> None:
    rows = "1,3B4,false,Rx,0,1,00\n2,1FFFFFFF,true,Rx,0,0,\n900,3B4,false,Rx,0,1,01\n"
    recording = _open(tmp_path, HEADER + rows)
    first, mark, second = recording
    assert mark == BusEvent(2000, BusEventKind.FRAMES_LOST, 0, 1)
    assert [first.data, second.data] == [b"\0", b"\1"]
    assert recording.report.lost_frames == 1
    assert recording.report.lost_marks == [1]
    assert sum(len(block) for block in recording.blocks()) == 2
    assert any("lost frames" in sentence for sentence in recording.report.warnings())


def test_row_with_fewer_bytes_than_it_says_is_kept_and_counted(tmp_path: Path) -> None:
    recording = _open(tmp_path, HEADER + "1,3B4,false,Rx,0,8,01,02,\n2,3B4,false,Rx,0,1,01\n")
    assert [frame.data for frame in recording.frames()] == [b"\1\2", b"\1"]
    assert [(a.kind, a.count, a.first) for a in recording.report.anomalies] == [
        (AnomalyKind.DATA_SHORTER, 1, 2)
    ]


def test_second_header_within_the_file_changes_the_columns(tmp_path: Path) -> None:
    text = f"{SHORT_HEADER}1,3B4,false,0,1,AA\n{HEADER}2,3B4,false,Tx,0,1,BB\n"
    recording = _open(tmp_path, text)
    assert [frame.data for frame in recording.frames()] == [b"\xaa", b"\xbb"]
    assert recording.report.skipped_lines == 0


def test_header_alone_is_a_recording_of_no_frames(tmp_path: Path) -> None:
    recording = _open(tmp_path, HEADER)
    assert list(recording) == []
    assert recording.format == "gvret-csv"
    assert recording.report.duration_ns is None
    assert recording.report.anomalies == []


@pytest.mark.parametrize(
    "row",
    [
        "x,3B4,false,Rx,0,1,AA",
        "1,3B4,maybe,Rx,0,1,AA",
        "1,3B4,false,Rx,0,65,AA",
        "1,3B4,false,Rx,0,-1,AA",
        "1,3B4,false,Rx,0,1,XY",
        "1,3B4",
        "1,5.00E+03,false,Rx,0,1,AA",
    ],
)
def test_bad_row_is_skipped_and_said(row: str, tmp_path: Path) -> None:
    good = "1,3B4,false,Rx,0,1,AA\n"
    recording = _open(tmp_path, f"{HEADER}{good}{row}\n{good}")
    assert len(list(recording)) == 2
    assert recording.report.skipped_lines == 1
    assert recording.report.skipped[0].number == 3


def test_an_id_or_a_stamp_that_cannot_be_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        "Time Stamp,ID,Extended,Bus,LEN,D1\n"
        "1000,3B4,false,0,1,AA\n"
        "2000,-3B4,false,0,1,AA\n"
        "3000,FFFFFFFFF,false,0,1,AA\n"
        "99999999999999999999,3B4,false,0,1,AA\n"
        "4000,3B4,false,0,1,AA\n"
    )
    recording = open_recording(path)
    (block,) = recording.blocks()
    assert block.time_ns.tolist() == [1_000_000, 4_000_000]
    assert recording.report.skipped_lines == 3
