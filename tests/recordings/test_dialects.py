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


def test_carbus_fd_frame_is_told_by_its_length(tmp_path: Path) -> None:
    row = f"00,473394\t1\t00000030\t319\t16\t{'00 ' * 15}07   \t00000000\t  @   \t\r"
    (tmp_path / "log").write_bytes(f"@ TEXT @ 3 @ 64 @ 0 @ 1 @ 7 @ 00:00:07.283 @\r{row}".encode())
    (frame,) = open_recording(tmp_path / "log").frames()
    assert (frame.fd, len(frame.data), frame.data[-1]) == (True, 16, 7)
