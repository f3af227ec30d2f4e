"""candump text: what python-can's reader gets wrong, and what candump can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import Frame
from evdiag.recordings import AnomalyKind, Recording, open_recording

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "(1345212884.318850) can0 3B4#00000DF4BDFF09B5\n"


def _open(tmp_path: Path, text: str) -> Recording:
    path = tmp_path / "capture"
    path.write_text(text, encoding="utf-8")
    return open_recording(path)


@pytest.mark.parametrize(
    ("row", "frame"),
    [
        ("(1.5) can0 123#", Frame(1_500_000_000, "can0", 0x123, False, b"")),
        ("(1.5) can0 123#AB 0", Frame(1_500_000_000, "can0", 0x123, False, b"\xab")),
        ("(1.5) can0 123#AB 1", Frame(1_500_000_000, "can0", 0x123, False, b"\xab")),
        ("(0.000000001) vcan-7 123#AB", Frame(1, "vcan-7", 0x123, False, b"\xab")),
        ("(-2.500000) can0 123#ab", Frame(-2_500_000_000, "can0", 0x123, False, b"\xab")),
        ("(-0.500000) can0 123#ab", Frame(-500_000_000, "can0", 0x123, False, b"\xab")),
        ("(1.0) can0 00000123#00", Frame(10**9, "can0", 0x123, True, b"\0")),
        ("(1.0) can0 123#00 R", Frame(10**9, "can0", 0x123, False, b"\0", direction="rx")),
        ("(1.0) can0 123#00 T", Frame(10**9, "can0", 0x123, False, b"\0", direction="tx")),
        (
            "(1.0) can0 123#R5",
            Frame(10**9, "can0", 0x123, False, b"", remote=True, requested_length=5),
        ),
        ("(1.0) can0 123#R", Frame(10**9, "can0", 0x123, False, b"", remote=True)),
        (
            "(1.0) can0 123##1" + "00" * 12,
            Frame(10**9, "can0", 0x123, False, bytes(12), fd=True, bitrate_switch=True),
        ),
        (
            "(1.0) can0 123##2",
            Frame(10**9, "can0", 0x123, False, b"", fd=True, error_state_indicator=True),
        ),
        (
            "(1.0) can0 20000088#0000000000000000",
            Frame(10**9, "can0", 0x88, False, bytes(8), error=True),
        ),
        ("(1.0) can0 123#DE.AD.BE", Frame(10**9, "can0", 0x123, False, b"\xde\xad\xbe")),
        (
            "(1.0) can0 123#0011223344556677_9",
            Frame(10**9, "can0", 0x123, False, bytes.fromhex("0011223344556677")),
        ),
        (
            "(2020-12-19 12:04:45.485261) can0 123#00",
            Frame(1608379485485261000, "can0", 0x123, False, b"\0"),
        ),
    ],
)
def test_row(row: str, frame: Frame, tmp_path: Path) -> None:
    assert list(_open(tmp_path, row + "\n")) == [frame]


def test_torn_last_line_is_dropped_and_counted(tmp_path: Path) -> None:
    recording = _open(tmp_path, FIRST + "(1345212885.318850) can0 3B4#00000DF4BDFF09")
    assert len(list(recording)) == 1
    assert recording.report.torn_last_line
    assert [found.kind for found in recording.report.anomalies] == [AnomalyKind.TORN_LAST_LINE]


def test_a_line_torn_between_the_two_signs_of_can_fd(tmp_path: Path) -> None:
    recording = _open(tmp_path, FIRST + "(1345212885.318850) can0 3B4##\n" + FIRST + "(1.0) c 1##")
    assert len(list(recording)) == 2
    assert recording.report.torn_last_line
    kinds = [found.kind for found in recording.report.anomalies]
    assert len(kinds) == 2, "the row in the middle is said, too"


def test_last_line_without_line_end_is_kept_when_it_is_as_long_as_before(tmp_path: Path) -> None:
    recording = _open(tmp_path, "(1.0) can0 7A#0102\n(2.0) can0 7A#0304")
    assert [frame.data for frame in recording.frames()] == [b"\1\2", b"\3\4"]
    assert not recording.report.torn_last_line


def test_comments_and_blank_lines_are_no_trouble_and_rubbish_is_said(tmp_path: Path) -> None:
    recording = _open(
        tmp_path, f"# a note\n{FIRST}\n(1345212884.4) can0 ERROR\n(x) can0 1#0\n{FIRST}"
    )
    assert len(list(recording)) == 2
    report = recording.report
    assert report.note_lines == 2
    assert report.skipped_lines == 2
    assert [line.number for line in report.skipped] == [4, 5]
    assert any("line 4" in sentence for sentence in report.warnings())


def test_terminal_escapes_in_a_bad_line_are_made_plain(tmp_path: Path) -> None:
    recording = _open(tmp_path, FIRST + "\x1b[2J hello\n")
    list(recording)
    assert "\x1b" not in recording.report.skipped[0].reason


@given(
    time_us=st.integers(-(10**12), 4 * 10**15),
    identifier=st.integers(0, 0x7FF),
    data=st.binary(max_size=8),
)
def test_stamps_are_exact(
    time_us: int, identifier: int, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sign = "-" if time_us < 0 else ""
    stamp = f"{sign}{abs(time_us) // 10**6}.{abs(time_us) % 10**6:06d}"
    row = f"({stamp}) can0 {identifier:03X}#{data.hex()}\n"
    recording = _open(tmp_path_factory.mktemp("exact"), row)
    assert list(recording) == [Frame(time_us * 1000, "can0", identifier, False, data)]
