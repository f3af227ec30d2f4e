"""Stamps in another unit than the format says are found through the car's cycle times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evdiag.cli import evdiag
from evdiag.packaged import shipped_folder
from evdiag.wiring import analyse, read_capture

STORY = str(shipped_folder("recordings") / "relock-before-pull.log")


@pytest.fixture
def milliseconds(tmp_path: Path) -> Path:
    """The story as GVRET whose stamp column holds milliseconds, as a spreadsheet leaves it."""
    path = tmp_path / "ms.csv"
    done = CliRunner().invoke(evdiag, ["convert", STORY, str(path)])
    assert done.exit_code == 0
    head, *rows = path.read_text().splitlines()
    thinned = [f"{int(stamp) // 1000},{rest}" for stamp, rest in (r.split(",", 1) for r in rows)]
    path.write_text("\n".join([head, *thinned]) + "\n")
    return path


def test_the_unit_is_found_and_said(milliseconds: Path) -> None:
    found, true = analyse(read_capture(str(milliseconds))), analyse(read_capture(STORY))
    assert any("another unit" in sentence for sentence in found.capture.warnings)
    delays = [a.relocked_after_s for a in found.run()[0].attempts]
    assert delays == pytest.approx([a.relocked_after_s for a in true.run()[0].attempts], abs=0.01)


def test_info_says_it(milliseconds: Path) -> None:
    done = CliRunner().invoke(evdiag, ["info", str(milliseconds), "--format", "jsonl"])
    record = json.loads(done.stdout)
    assert record["duration_s"] == pytest.approx(48, abs=1)
    assert "wrong_unit" in [found["kind"] for found in record["anomalies"]]


def test_the_persons_word_decides(milliseconds: Path) -> None:
    capture = read_capture(str(milliseconds), "us")
    assert capture.report.duration_ns == pytest.approx(0.048e9, rel=0.05)
    assert not capture.warnings


def test_a_right_unit_is_left_alone() -> None:
    assert read_capture(STORY).warnings == ()
