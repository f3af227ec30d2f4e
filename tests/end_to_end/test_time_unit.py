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


def test_standard_input_is_read_again_in_the_unit_that_fits(milliseconds: Path) -> None:
    given = milliseconds.read_text()
    for command in ("info", "timeline", "attempts", "identify"):
        done = CliRunner().invoke(
            evdiag, [command, "-", "--format", "jsonl"], input=given, standalone_mode=False
        )
        assert done.return_value == 0, done.output
        named = CliRunner().invoke(evdiag, [command, str(milliseconds), "--format", "jsonl"])
        assert done.stdout.replace('"-"', f'"{milliseconds}"') == named.stdout


def test_convert_and_decode_find_the_unit_too(milliseconds: Path, tmp_path: Path) -> None:
    converted = tmp_path / "right.log"
    done = CliRunner().invoke(evdiag, ["convert", str(milliseconds), str(converted)])
    assert "another unit" in done.stderr
    true_ns = read_capture(STORY).report.duration_ns
    assert read_capture(str(converted)).report.duration_ns == pytest.approx(true_ns, rel=0.01)

    dbc = str(shipped_folder("dbc") / "reference.dbc")
    arguments = ["decode", str(milliseconds), "--dbc", dbc, "--format", "jsonl"]
    done = CliRunner().invoke(evdiag, arguments)
    stamps = [json.loads(line)["time_ns"] for line in done.stdout.splitlines()]
    assert "another unit" in done.stderr
    assert max(stamps) - min(stamps) == pytest.approx(true_ns, rel=0.01)
    plain = CliRunner().invoke(evdiag, [*arguments, "--time-unit", "us"])
    assert "another unit" not in plain.stderr
