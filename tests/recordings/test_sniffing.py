"""What a file is, told from its content; and one sentence for what is no recording."""

from __future__ import annotations

import gzip
import io
import lzma
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
import zstandard

from evdiag.errors import BadInputError
from evdiag.recordings import AnomalyKind, open_recording
from evdiag.recordings.formats import text_formats
from tests.recordings.generated import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANDUMP = WRITTEN["candump"]
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", ["capture.blf", "capture.dbc", "capture", "capture.csv"])
def test_the_name_does_not_matter(name: str, tmp_path: Path) -> None:
    made = CANDUMP.frames(50)
    (tmp_path / name).write_text(CANDUMP.text(made))
    assert list(open_recording(tmp_path / name)) == made


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("dialect", ["candump", "gvret", "zlg", "crtd"])
def test_compressed_text(compression: str, dialect: str, tmp_path: Path) -> None:
    written = WRITTEN[dialect]
    made = written.frames(2000)
    (tmp_path / "log").write_bytes(COMPRESS[compression](written.text(made).encode()))
    recording = open_recording(tmp_path / "log")
    assert list(recording) == made
    assert list(recording) == made
    assert recording.report.compression == compression


@pytest.mark.parametrize("compression", COMPRESS)
def test_compressed_file_that_was_cut_is_read_as_far_as_it_goes(
    compression: str, tmp_path: Path
) -> None:
    made = CANDUMP.frames(40_000)
    packed = COMPRESS[compression](CANDUMP.text(made).encode())
    (tmp_path / "log").write_bytes(packed[: len(packed) * 3 // 4])
    recording = open_recording(tmp_path / "log")
    read = list(recording)
    assert read == made[: len(read)]
    assert 0 < len(read) < len(made)
    assert AnomalyKind.TRUNCATED in {found.kind for found in recording.report.anomalies}


@pytest.mark.parametrize("compression", COMPRESS)
def test_compressed_file_that_was_cut_before_anything_came_is_not_called_empty(
    compression: str, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(
        COMPRESS[compression](CANDUMP.text(CANDUMP.frames(9)).encode())[:12]
    )
    with pytest.raises(BadInputError, match="log is cut off or damaged so early"):
        open_recording(tmp_path / "log")


def test_standard_input_is_read_as_often_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = CANDUMP.frames(300)
    stream = io.TextIOWrapper(io.BytesIO(CANDUMP.text(made).encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    recording = open_recording("-")
    assert list(recording) == made
    assert list(recording) == made
    assert recording.name == "-"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \r\n\t\n", "blank lines only"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "Git LFS pointer",
        ),
        (
            b'VERSION ""\nBU_: A B\nBO_ 948 CP: 8 A\n SG_ X : 0|1@1+ (1,0) [0|1] "" B\n',
            "DBC database",
        ),
        (b"Dear diary,\ntoday the cable was stuck again.\n", "its first line is 'Dear diary,'"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(64), "89 50 4e 47"),
        (b"hello \x1b]0;owned\x07 world\n" * 3, "hello ␛]0;owned␇ world"),
    ],
)
def test_what_is_no_recording_gets_one_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "capture").write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        open_recording(tmp_path / "capture")
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such file"):
        open_recording(tmp_path / "nowhere")
    with pytest.raises(BadInputError, match="is a folder"):
        open_recording(tmp_path)


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
def test_what_holds_files_is_to_be_unpacked(kind: str, tmp_path: Path) -> None:
    """Of a tar the text inside would pass for one recording with odd lines in it."""
    folder = tmp_path / "drives"
    folder.mkdir()
    for name in ("monday.log", "tuesday.log"):
        (folder / name).write_text(CANDUMP.text(CANDUMP.frames(90)))
    packed = shutil.make_archive(str(tmp_path / "packed"), kind, folder)
    said = f"is a {kind.removeprefix('gz')} file, which holds other files: unpack it first"
    with pytest.raises(BadInputError, match=said):
        open_recording(packed)


def test_prose_that_quotes_one_row_is_no_recording(tmp_path: Path) -> None:
    prose = "I saw this on the bus, what does it mean?\n" * 60
    (tmp_path / "mail.txt").write_text(prose + "(1.0) can0 3B4#00\n")
    with pytest.raises(BadInputError):
        open_recording(tmp_path / "mail.txt")


QUOTED = "\n".join(CANDUMP.rows(CANDUMP.frames(8)))
PROSE = "I saw this on the bus, what does it mean?\n"


@pytest.mark.parametrize(
    "text",
    [
        f"# Logs\n\n{PROSE * 3}\n```\n{QUOTED}\n```\n{PROSE * 3}",
        f"***\n{PROSE * 5}***\n{PROSE}",
        f"Date of the recording: Monday\n{PROSE * 4}",
        f"date of birth\n{PROSE}base hex of it all\n{PROSE}",
        "Bitrate   500 kbit/s\n" + PROSE * 9,
        "// A sample:\n***BUSMASTER Ver 2.4.0***\n***HEX***\n" + "int loaded = load(file);\n" * 9,
        ";$FILEVERSION=1.1\n" + "line = line.split()\n" * 9,
        "12.5 CAN bus\n12.6 CAN bus\n",
        "time,addr,bus,speed\n15.4,0x440,1,1.25\n15.5,0x440,1,2.25\n",
        "Time[s], Primary, Cam, Sync, Coils\n" + "91.103502, 1, 0, 0, 0, 0, 1, 1,0\n" * 9,
        "time,volts,on,amps,kilowatts\n" + "1000,380,1,120,456,999\n" * 9,
        "volts,on,amps,count\n" + "380;1;120;45\n" * 9,
        "a bad [1] and a good [2] example\nthe cafe [12] is open\n",
        "Timestamp,ID,Speed\n" + "123.456,12,88\n" * 9,
        "the t1230 and the T1230 are tractors\n" * 5,
    ],
)
def test_what_quotes_or_resembles_a_recording_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text(text)
    with pytest.raises(BadInputError, match="not a recording evdiag can read"):
        open_recording(tmp_path / "text")


@pytest.mark.parametrize("name", ["candump console", "gvret", "zlg", "crtd", "milliseconds"])
def test_a_console_that_wrote_other_things_too_is_read(name: str, tmp_path: Path) -> None:
    written = WRITTEN[name]
    made = written.frames(100)
    lines = [*written.header.splitlines()]
    for number, row in enumerate(written.rows(made)):
        lines += [row] if number % 3 else [row, "Info: contactors closed"]
    (tmp_path / "log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    recording = open_recording(tmp_path / "log")
    assert list(recording.frames()) == made
    assert recording.report.skipped_lines == 34


def test_a_short_capture_below_a_long_preamble_is_read(tmp_path: Path) -> None:
    written = WRITTEN["vehicle spy"]
    made = written.frames(10)
    preamble = "".join(f"Setting {number},of,the,tool\n" for number in range(30))
    (tmp_path / "log").write_text(preamble + written.text(made))
    assert list(open_recording(tmp_path / "log").frames()) == made


def test_a_header_over_rows_of_another_form_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(WRITTEN["trc 2.1"].header + "\n" + "0.5;nothing;known\n" * 20)
    with pytest.raises(BadInputError, match="FILEVERSION"):
        open_recording(tmp_path / "log")


@pytest.mark.parametrize("name", [name for name, each in WRITTEN.items() if each.header])
def test_header_without_rows_is_told_from_an_unknown_file(name: str, tmp_path: Path) -> None:
    written = WRITTEN[name]
    (tmp_path / "log").write_text(written.text([]), encoding="utf-8", newline="")
    try:
        recording = open_recording(tmp_path / "log")
    except BadInputError:
        assert written.format == "candump-console"  # PuTTY's header says nothing of CAN
        return
    assert recording.format == written.format
    assert list(recording) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Standard ID: 0x3B4       DLC: 8  Data: 0x00 0x00 0x0D 0xF4 0xBD 0xFF 0x09 0xB5\n" * 3, 3),
        ("ID,Data Bytes\n000003B4,00 00 0D F4 \n18DAF110,01\n", 2),
        ("Bus,MessageID,Message,MessageLength\n0,0x3b4,0x00000df4,4\n1,0x18daf110,0x01,1\n", 2),
        ("Bus,MessageID,Message\n0,948,00000df4\n2,2024,01\n", 2),
        ("t3B4400000DF4\rT18DAF110101\rr3B48\r", 3),
        ("  can0  3B4   [8]  00 00 0D F4 BD FF 09 B5\n  can0  ERROR\n" * 2, 2),
    ],
)
def test_forms_without_stamps_say_so(text: str, count: int, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(text)
    recording = open_recording(tmp_path / "log")
    assert len(list(recording)) == count
    assert recording.report.duration_ns is None
    assert {a.kind: a.count for a in recording.report.anomalies}[AnomalyKind.NO_STAMPS] == count


def test_time_unit_overrules_and_times_of_day_have_none(tmp_path: Path) -> None:
    gvret, zlg = WRITTEN["gvret"], WRITTEN["zlg"]
    made = gvret.frames(20)
    (tmp_path / "gvret").write_text(gvret.text(made))
    (tmp_path / "zlg").write_text(zlg.text(zlg.frames(20)))
    slow = open_recording(tmp_path / "gvret", time_unit="ms")
    assert [frame.time_ns for frame in slow.frames()] == [1000 * frame.time_ns for frame in made]
    with pytest.raises(BadInputError, match="times of day"):
        open_recording(tmp_path / "zlg", time_unit="ms")


def test_stamps_that_are_none_in_the_unit_of_the_format_may_be_some_in_theirs(
    tmp_path: Path,
) -> None:
    """Nanoseconds where the format has microseconds: far beyond any calendar."""
    path = tmp_path / "ns.csv"
    gvret = WRITTEN["gvret"]
    rows = [f"{1_760_000_000_000_000_000 + n * 10**7},123,false,Rx,0,1,0{n}," for n in range(9)]
    path.write_text("\n".join([gvret.text([]).splitlines()[0], *rows, ""]))
    assert not list(open_recording(path).frames())
    read = open_recording(path, time_unit="ns")
    one_by_one = [frame.time_ns for frame in read.frames()]
    assert one_by_one == [1_760_000_000 * 10**9 + n * 10**7 for n in range(9)]
    assert [int(at) for block in read.blocks() for at in block.time_ns] == one_by_one


def test_blocks_hold_the_same_frames(tmp_path: Path) -> None:
    made = CANDUMP.frames(1000)
    (tmp_path / "log").write_text(CANDUMP.text(made))
    blocks = list(open_recording(tmp_path / "log").blocks(rows=300))
    assert [len(block) for block in blocks] == [300, 300, 300, 100]
    assert [frame for block in blocks for frame in block.frames()] == made


@pytest.mark.parametrize(
    "row",
    [
        "(1760000000.000328) can0 0C8#01740000000000BD",
        "(0.000328) vcan12 18DAF110#",
        "(0000000000.000000) 1 000#00",
    ],
)
def test_candump_rows_alone_are_candump_whatever_else_is_tried(row: str) -> None:
    """The short way past the other formats gives what trying them all would."""
    first, *others = text_formats()
    assert first.name == "candump"
    assert first.is_row is not None and first.is_row(row)
    assert not [form.name for form in others if form.is_furniture and form.is_furniture(row)]
