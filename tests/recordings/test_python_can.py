"""ASC, BLF, SQLite, MF4 and TRC: what python-can reads, and what it does not tell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import can
import pytest

from evdiag.errors import BadInputError
from evdiag.inputs import Frame
from evdiag.recordings import AnomalyKind, Recording, open_recording
from tests.recordings.generated import frames

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW = "   0.075600 1  59E             Rx   d 8 00 01 02 03 04 05 06 07\n"
HEADER = "date Wed Nov 8 21:21:54 2023\nbase hex  timestamps absolute\n"


def _asc(tmp_path: Path, text: str) -> Recording:
    (tmp_path / "log").write_text(text)
    return open_recording(tmp_path / "log")


def _counts(recording: Recording) -> dict[AnomalyKind, int]:
    return {found.kind: found.count for found in recording.report.anomalies}


def _message(frame: Frame, channel: int) -> can.Message:
    return can.Message(
        timestamp=frame.time_ns / 1e9,
        arbitration_id=frame.id,
        is_extended_id=frame.extended,
        data=frame.data,
        channel=channel,
        is_rx=frame.direction != "tx",
    )


@pytest.mark.parametrize(
    "header",
    [HEADER, HEADER + "internal events logged\n", HEADER + "no internal events logged\n", ""],
)
def test_asc_keeps_the_first_frame_whatever_the_header(header: str, tmp_path: Path) -> None:
    recording = _asc(tmp_path, header + ROW + ROW.replace("0.0756", "0.0856"))
    assert [frame.time_ns for frame in recording.frames()] == [75_600_000, 85_600_000]


def test_asc_row(tmp_path: Path) -> None:
    assert list(_asc(tmp_path, HEADER + ROW)) == [
        Frame(75_600_000, 1, 0x59E, False, bytes(range(8)), direction="rx")
    ]


def test_asc_counts_txrq_and_tx_once(tmp_path: Path) -> None:
    request = ROW.replace("Rx  ", "TxRq")
    recording = _asc(tmp_path, HEADER + request + ROW.replace("Rx", "Tx") + ROW)
    assert [frame.direction for frame in recording.frames()] == ["tx", "rx"]
    assert _counts(recording) == {AnomalyKind.TRANSMIT_REQUESTS: 1}


def test_asc_keeps_txrq_where_no_tx_confirms_it(tmp_path: Path) -> None:
    recording = _asc(tmp_path, HEADER + ROW.replace("Rx  ", "TxRq") + ROW)
    assert [frame.direction for frame in recording.frames()] == ["tx", "rx"]


def test_asc_relative_stamps_add_up(tmp_path: Path) -> None:
    recording = _asc(tmp_path, HEADER.replace("absolute", "relative") + ROW + ROW)
    assert [frame.time_ns for frame in recording.frames()] == [75_600_000, 151_200_000]


def test_asc_negative_stamps_stay(tmp_path: Path) -> None:
    recording = _asc(tmp_path, HEADER + ROW.replace(" 0.0756", "-0.0756") + ROW)
    assert [frame.time_ns for frame in recording.frames()] == [-75_600_000, 75_600_000]


def test_asc_decimal_base_other_records_and_kinds(tmp_path: Path) -> None:
    text = (
        "date x\nbase dec  timestamps absolute\nBegin Triggerblock Wed Nov 8 21:21:54 2023\n"
        "   0.000000 Start of measurement\n"
        "   0.1 1  948             Rx   d 2 255 16\n"
        "   0.2 2  100x            Tx   r 3\n"
        "   0.3 1  ErrorFrame\n"
        "   0.4 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%\n"
        "   0.5 1  419360305       Rx   d 0\n"
        "End TriggerBlock\n"
    )
    recording = _asc(tmp_path, text)
    assert list(recording) == [
        Frame(100_000_000, 1, 948, False, b"\xff\x10", direction="rx"),
        Frame(200_000_000, 2, 100, True, b"", remote=True, direction="tx", requested_length=3),
        Frame(300_000_000, 1, 0, False, b"", error=True),
        # An id of 29 bits without its x is still one.
        Frame(500_000_000, 1, 419360305, True, b"", direction="rx"),
    ]
    assert _counts(recording) == {AnomalyKind.OTHER_RECORDS: 2}


def test_asc_fd_rows_with_and_without_a_name(tmp_path: Path) -> None:
    tail = "0 0 303000 0 0 0 0 0"
    text = (
        f"{HEADER}"
        f"0.1 CANFD 1 Rx 65b 1 0 9 12 {'F1 ' * 12}{tail}\n"
        f"0.2 CANFD 2 Tx 171 A0066_Unknown 0 1 8 8 {'07 ' * 8}{tail}\n"
        "0.3 CANFD 1 Rx 65b 0 0 0 0 0 0 1000 0\n"
    )
    first, second, empty = _asc(tmp_path, text).frames()
    assert first == Frame(
        100_000_000, 1, 0x65B, False, b"\xf1" * 12, fd=True, direction="rx", bitrate_switch=True
    )
    assert (second.channel, second.id, second.data) == (2, 0x171, b"\7" * 8)
    assert (second.direction, second.error_state_indicator) == ("tx", True)
    assert (empty.fd, empty.remote, empty.data) == (True, False, b"")


def test_asc_length_codes_and_remarks_behind_the_row(tmp_path: Path) -> None:
    text = (
        f"{HEADER}"
        "0.1 1 3FF  Tx   d D 55 AA 01 02 03 04 05 06  Length = 232016 BitCount = 119 ID = 1023\n"
        "0.2 3 200 Tx r Length = 1704000 BitCount = 145 ID = 88888888x\n"
        "0.3 4 300 Tx r 8 Length = 1704000 BitCount = 145 ID = 88888888x\n"
        "0.4 2 ErrorFrame Flags = 0xe CodeExt = 0x20a2 Code = 0x82 ID = 0 DLC = 0 Length = 11300\n"
        "0.5 CANFD   3 Tx     50005x      0 1 5 0 140000 73 200050 7a60 46500250 460a0250\n"
    )
    recording = _asc(tmp_path, text)
    data, remote, remote_of_eight, error, fd_remote = recording.frames()
    assert data.data == bytes.fromhex("55AA010203040506")
    assert [remote.requested_length, remote_of_eight.requested_length] == [0, 8]
    assert (error.error, error.channel) == (True, 2)
    assert (fd_remote.remote, fd_remote.requested_length, fd_remote.extended) == (True, 5, True)
    assert _counts(recording) == {}


def test_asc_goes_on_after_rows_python_can_chokes_on(tmp_path: Path) -> None:
    bad = ROW.replace("59E", "XYZ"), ROW.replace(" 00 01", " ZZ 01"), ROW.replace("d 8", "d q")
    recording = _asc(tmp_path, HEADER + ROW + "".join(bad) + ROW)
    assert len(list(recording)) == 2
    assert recording.report.skipped_lines == 3
    assert [line.number for line in recording.report.skipped] == [4, 5, 6]


ORIGIN = "// evdiag: stamps count from (ns since 1970) "


@pytest.mark.parametrize("origin", ["x", "", "9" * 5000, "9" * 30])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_asc_damaged_origin_is_skipped_and_said(origin: str, end: str, tmp_path: Path) -> None:
    recording = _asc(tmp_path, (HEADER + ORIGIN + origin + "\n" + ROW + ROW).replace("\n", end))
    assert [frame.time_ns for frame in recording.frames()] == [75_600_000] * 2
    assert recording.report.skipped_lines == 1
    ((number, reason),) = recording.report.skipped
    assert number == 3
    assert reason.startswith("no origin of the stamps: // evdiag")


def test_asc_origin_is_added(tmp_path: Path) -> None:
    recording = _asc(tmp_path, HEADER + ORIGIN + "1760000013800000000\n" + ROW)
    assert [frame.time_ns for frame in recording.frames()] == [1_760_000_013_875_600_000]
    assert recording.report.skipped_lines == 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_asc_endless_stamp_is_skipped_wherever_it_stands(place: int, tmp_path: Path) -> None:
    rows = [ROW, ROW]
    rows.insert(place, "9" * 5000 + ".000000" + ROW.lstrip()[8:])
    recording = _asc(tmp_path, HEADER + "".join(rows))
    assert len(list(recording)) == 2
    assert [line.number for line in recording.report.skipped] == [3 + place]
    assert "a stamp of 5007 characters" in recording.report.skipped[0].reason


@pytest.mark.parametrize("cut", range(1, 30))
def test_asc_cut_last_row_never_invents_a_frame(cut: int, tmp_path: Path) -> None:
    recording = _asc(tmp_path, HEADER + ROW + ROW[:-cut])
    read = list(recording)
    assert len(read) == (2 if cut == 1 else 1)
    assert recording.report.torn_last_line == (cut > 1)


def _blf(path: Path, made: Iterable[Frame]) -> None:
    with can.BLFWriter(path, channel=1) as writer:
        for frame in made:
            writer.on_message_received(_message(frame, 0))


def test_blf_holds_what_python_can_wrote(tmp_path: Path) -> None:
    made = frames(500, start_ns=1_632_509_059_533_000_000)
    _blf(tmp_path / "log", made)
    recording = open_recording(tmp_path / "log")
    assert list(recording) == made
    assert _counts(recording) == {}


def test_cut_blf_says_so(tmp_path: Path) -> None:
    made = frames(20_000, start_ns=1_632_509_059_533_000_000)
    _blf(tmp_path / "log", made)
    whole = (tmp_path / "log").read_bytes()
    for share in (0.3, 0.8, 0.999):
        (tmp_path / "log").write_bytes(whole[: int(len(whole) * share)])
        recording = open_recording(tmp_path / "log")
        read = list(recording)
        assert read == made[: len(read)]
        assert len(read) < len(made)
        assert _counts(recording) == {AnomalyKind.TRUNCATED: 1}


def test_sqlite(tmp_path: Path) -> None:
    made = frames(300, channel=0, direction=False)
    with can.SqliteWriter(tmp_path / "log.db") as writer:
        for frame in made:
            writer.on_message_received(_message(frame, 0))
    assert list(open_recording(tmp_path / "log.db")) == made


def test_other_sqlite_database_gets_one_sentence(tmp_path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "log.db")
    connection.execute("CREATE TABLE birds (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(BadInputError, match="SQLite database"):
        list(open_recording(tmp_path / "log.db"))


def test_damaged_mf4_gets_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("asammdf")
    (tmp_path / "log.mf4").write_bytes(b"MDF     4.10    " + bytes(range(200)) * 3)
    with pytest.raises(BadInputError, match="MF4"):
        list(open_recording(tmp_path / "log.mf4"))


@pytest.mark.corpus
@pytest.mark.skipif("EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set")
def test_mf4_of_a_real_logger() -> None:
    pytest.importorskip("asammdf")
    recording = open_recording(
        Path(os.environ["EVDIAG_CORPUS"]) / "css-mf4" / "00000001-60B621D9.MF4"
    )
    assert len(list(recording)) == 1815
    assert recording.format == "mf4"


def test_trc_kinds_and_records_that_are_no_frames(tmp_path: Path) -> None:
    text = (
        ";$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n"
        "      1      1059.900 DT 1      0300 Rx -  2    00 04\n"
        "      2      1283.231 FB 1  1BFFDA00 Rx -  9    00 01 02 03 04 05 06 07 08 09 0A 0B\n"
        "      3      1298.945 ST 1         - Rx -  5    00 00 00 00 08\n"
        "      4      1323.201 RR 1      0100 Rx -  3\n"
        "      5      1334.416 ER 1         - Rx -  5    04 00 02 00 00\n"
    )
    (tmp_path / "log").write_text(text)
    recording = open_recording(tmp_path / "log")
    data, fd, remote, error = recording.frames()
    assert data == Frame(1_059_900_000, 1, 0x300, False, b"\0\4", direction="rx")
    assert (fd.fd, fd.bitrate_switch, fd.extended, len(fd.data)) == (True, True, True, 12)
    assert (remote.remote, remote.requested_length, remote.data) == (True, 3, b"")
    assert (error.error, error.data) == (True, b"\4\0\2\0\0")
    assert _counts(recording) == {AnomalyKind.OTHER_RECORDS: 1}
    assert (recording.report.error_frames, recording.report.remote_frames) == (1, 1)
