"""Every text form: 10,000 generated frames, clean and with the defects real captures have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evdiag.recordings import Recording, open_recording
from evdiag.recordings.dialects import DIALECTS
from tests.recordings.generated import WRITTEN, Written

if TYPE_CHECKING:
    from pathlib import Path

    from evdiag.inputs import Frame

COUNT = 10_000
GARBAGE = ("\x00\x01garbage", "no frame at all", "))((", "zz zz zz zz")

every_dialect = pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())


def _read(path: Path, text: str, encoding: str = "utf-8") -> tuple[list[Frame], Recording]:
    path.write_bytes(text.encode(encoding))
    recording = open_recording(path)
    read = list(recording.frames())
    return read, recording


def test_every_row_of_the_table_is_tested() -> None:
    untested = {dialect.name for dialect in DIALECTS} - {each.format for each in WRITTEN.values()}
    assert untested == {"mcp-can", "id-data"}  # tested below: they hold no stamps


@every_dialect
def test_clean_file_is_read_whole(written: Written, tmp_path: Path) -> None:
    made = written.frames(COUNT)
    read, recording = _read(tmp_path / "log", written.text(made))
    assert recording.format == written.format
    assert read == made
    assert recording.report.skipped == []


@every_dialect
def test_defects_cost_no_whole_frame(written: Written, tmp_path: Path) -> None:
    made = written.frames(COUNT, seed=2)
    rows = written.rows(made)
    for place, rubbish in zip((9_000, 5_000, 300, 20), GARBAGE, strict=True):
        rows.insert(place, rubbish)
    rows.insert(7, "")
    header = "".join(line + written.newline for line in written.header.splitlines())
    body = written.newline.join(rows)
    # The last line is cut in the middle of its last field.
    cut = written.newline + "\t".join(rows[-1][: len(rows[-1]) // 4].splitlines())
    read, recording = _read(tmp_path / "log", header + body + cut)
    assert read == made
    assert recording.report.skipped_lines == len(GARBAGE)
    assert recording.report.torn_last_line


@every_dialect
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_end_and_no_final_one(written: Written, newline: str, tmp_path: Path) -> None:
    made = written.frames(200, seed=3)
    lines = [*written.header.splitlines(), *written.rows(made)]
    read, _ = _read(tmp_path / "log", newline.join(lines))
    assert read == made


@every_dialect
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_of_windows_tools(written: Written, encoding: str, tmp_path: Path) -> None:
    made = written.frames(200, seed=4)
    text = written.text(made).removeprefix("\ufeff").replace("\0", "")
    read, _ = _read(tmp_path / "log", text, encoding)
    assert read == made


@pytest.mark.parametrize(
    "written",
    # Where 7 may stand for 07, nobody can tell it from a 7F that was cut.
    [each for each in WRITTEN.values() if not each.one_digit_bytes],
    ids=[name for name, each in WRITTEN.items() if not each.one_digit_bytes],
)
def test_a_cut_anywhere_in_the_last_row_never_invents_a_frame(
    written: Written, tmp_path: Path
) -> None:
    made = written.frames(300, seed=5)
    last = max(index for index, frame in enumerate(made) if len(frame.data) == 8)
    made = made[: last + 1]
    row = written.row(last, made[-1])
    before = written.text(made[:-1])
    outcomes = set()
    for cut in range(1, len(row)):
        read, recording = _read(tmp_path / "log", before + row[:cut])
        assert read in (made, made[:-1]), row[:cut]
        assert recording.report.torn_last_line == (read != made) or not row[:cut].strip()
        outcomes.add(len(read))
    assert last in outcomes


def test_candump_console_kinds(tmp_path: Path) -> None:
    text = (
        " (0.1)  can0  123   [8]  remote request\n"
        " (0.2)  can0  123  [08]  00 01 02 03 04 05 06 07\n"
        " (0.3)  can0  12345678  [2]  0A 0B\n"
        " (0.4)  can0  20000088   [8]  00 00 00 00 00 00 00 00   ERRORFRAME\n"
        " (0.5)  can0  7FF   [0]\n"
    )
    (tmp_path / "log").write_text(text)
    remote, fd, wide, error, empty = open_recording(tmp_path / "log").frames()
    assert (remote.remote, remote.requested_length, remote.data) == (True, 8, b"")
    assert (fd.fd, fd.data) == (True, bytes(range(8)))
    assert (wide.extended, wide.id, wide.data) == (True, 0x12345678, b"\x0a\x0b")
    assert (error.error, error.id, error.extended, len(error.data)) == (True, 0x88, False, 8)
    assert (empty.data, empty.fd) == (b"", False)


def test_busmaster_in_decimal(tmp_path: Path) -> None:
    text = "***BUSMASTER Ver 2.4.0***\n***DEC***\n10:00:00:0005 Rx 2 948 s 2 255 16\n"
    (tmp_path / "log").write_text(text)
    (frame,) = open_recording(tmp_path / "log").frames()
    assert (frame.id, frame.data, frame.channel) == (948, b"\xff\x10", 2)
    assert frame.time_ns == 36_000 * 10**9 + 500_000


def test_busmaster_once_wrote_directions_as_one_letter(tmp_path: Path) -> None:
    text = "***BUSMASTER Ver 1.7.3***\n***HEX***\n10:00:00:0005 R 1 0x3B4 s 1 0D\n"
    text += "10:00:01:0005 T 1 0x3B4 s 1 0E\n"
    (tmp_path / "log").write_text(text)
    assert [frame.direction for frame in open_recording(tmp_path / "log").frames()] == ["rx", "tx"]


def test_a_log_pasted_into_a_word_processor(tmp_path: Path) -> None:
    text = (
        "{\\rtf1\\ansi\\ansicpg1252\n\\pard\\tx720\n\n"
        "\\f0\\fs24 \\cf0 (0.01) RX6 7E [2] 0D F4\\\n"
        "(0.02) RX6 3B4 [8] 00 00 0D F4 BD FF 09 B5\\\n"
        "(0.03) RX6 3B4 [8] 00 00 0D F4 BD FF 09 B}"
    )
    (tmp_path / "log").write_text(text)
    recording = open_recording(tmp_path / "log")
    assert [(frame.id, len(frame.data)) for frame in recording.frames()] == [(0x7E, 2), (0x3B4, 8)]
    assert recording.report.skipped_lines == 2
    assert recording.report.torn_last_line


def test_short_ids_without_stamps(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("RX6 7E [2] 0D F4\nRX6 3B4 [1] 0D\n" * 3)
    assert [frame.id for frame in open_recording(tmp_path / "log").frames()] == [0x7E, 0x3B4] * 3


def test_ids_of_cabana_are_decimal_or_say_that_they_are_not(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("time,addr,bus,data\n0.5,100,0,0d\n0.6,0x100,0,0x0D\n")
    assert [frame.id for frame in open_recording(tmp_path / "log").frames()] == [100, 0x100]


def test_canedge_kinds(tmp_path: Path) -> None:
    text = (
        "TimestampEpoch;BusChannel;ID;IDE;DLC;DataLength;Dir;EDL;BRS;ESI;RTR;DataBytes\n"
        "0.5;1;1FFFFFFF;1;9;12;0;1;1;0;0;000102030405060708090A0B\n"
        "0.6;2;7FF;0;4;4;1;0;0;0;1;\n"
    )
    (tmp_path / "log").write_text(text)
    fd, remote = open_recording(tmp_path / "log").frames()
    assert (fd.fd, fd.bitrate_switch, fd.error_state_indicator, len(fd.data)) == (
        True,
        True,
        False,
        12,
    )
    assert (remote.remote, remote.requested_length, remote.channel) == (True, 4, 2)
    assert remote.direction == "tx"


def test_python_can_1_flags(tmp_path: Path) -> None:
    row = "Timestamp:        0.500000        ID: {}    DLC: {}    {}\n"
    text = row.format("0064    000", 1, "0d") + row.format("00000064    010", 0, "")
    text += row.format("0064    100", 8, "") + row.format("0004    001", 1, "00")
    (tmp_path / "log").write_text(text)
    plain, wide, remote, error = open_recording(tmp_path / "log").frames()
    assert (plain.extended, wide.extended) == (False, True)
    assert (remote.remote, remote.requested_length, error.error) == (True, 8, True)


def test_slcan_remote_frames_have_no_data(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("r3B48\nR18DAF1108\nt3B410D\n")
    first, wide, data = open_recording(tmp_path / "log").frames()
    assert (first.remote, first.requested_length, first.data) == (True, 8, b"")
    assert (wide.remote, wide.extended) == (True, True)
    assert (data.remote, data.data) == (False, b"\x0d")


def test_a_trace_that_starts_at_day_0_starts_at_0(tmp_path: Path) -> None:
    text = ";$FILEVERSION=1.1\n;$STARTTIME=0.0\n     1)      2.5  Rx         03B4  1  0D\n"
    (tmp_path / "log").write_text(text)
    (frame,) = open_recording(tmp_path / "log").frames()
    assert frame.time_ns == 2_500_000


def test_carbus_fd_frame_is_told_by_its_length(tmp_path: Path) -> None:
    row = f"00,473394\t1\t00000030\t319\t16\t{'00 ' * 15}07   \t00000000\t  @   \t\r"
    (tmp_path / "log").write_bytes(f"@ TEXT @ 3 @ 64 @ 0 @ 1 @ 7 @ 00:00:07.283 @\r{row}".encode())
    (frame,) = open_recording(tmp_path / "log").frames()
    assert (frame.fd, len(frame.data), frame.data[-1]) == (True, 16, 7)
