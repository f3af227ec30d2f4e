"""Every text form: 10,000 generated frames, clean and with the defects real captures have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evdiag.inputs import Frame
from evdiag.recordings import AnomalyKind, open_recording
from evdiag.recordings.dialects import DIALECTS
from tests.recordings.generated import WRITTEN, Written

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 10_000
GARBAGE = ("\x00\x01garbage", "no frame at all", "))((", "zz zz zz zz")

every_dialect = pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())


def _read(path: Path, text: str, encoding: str = "utf-8") -> tuple[list[Frame], object]:
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
