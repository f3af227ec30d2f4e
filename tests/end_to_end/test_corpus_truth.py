"""Real recordings of real cars, made by strangers: every change at its true time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evdiag.cli import evdiag
from evdiag.wiring import Analysis, analyse, read_capture

CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "/nowhere"))
TOLERANCE_S = 0.001
JUDGED = {"port.lock", "port.plug", "port.flap", "port.flap_lock", "port.pilot"}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="EVDIAG_CORPUS names no recordings"),
]

TRUTHS = sorted((CORPUS / "truth").glob("*.jsonl")) if CORPUS.is_dir() else []


def recording_of(truth: Path) -> Path:
    return next(path for path in CORPUS.glob("*/*.csv") if path.stem == truth.stem)


def vehicle_of(recording: Path) -> str:
    return recording.parent.name


def timeline(recording: Path, *options: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(evdiag, ["timeline", str(recording), "--format", "jsonl", *options])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("named", [True, False], ids=["named", "identified"])
@pytest.mark.parametrize("truth", TRUTHS, ids=[path.stem for path in TRUTHS])
def test_the_timeline_is_the_truth(truth: Path, named: bool) -> None:
    recording = recording_of(truth)
    options = ["--vehicle", vehicle_of(recording)] if named else []
    seen = [row for row in timeline(recording, *options) if row["signal"] in JUDGED]
    true = [json.loads(line) for line in truth.read_text().splitlines()]
    judged = {row["signal"] for row in true}
    seen = [row for row in seen if row["signal"] in judged or true == []]
    assert [(r["signal"], r["old"], r["new"], r["id"]) for r in seen] == [
        (r["signal"], r["old"], r["new"], r["id"]) for r in true
    ]
    for row, expected in zip(seen, true, strict=True):
        assert row["offset_s"] == pytest.approx(expected["offset_s"], abs=TOLERANCE_S)


def analysis(name: str) -> Analysis:
    return analyse(read_capture(str(next(CORPUS.glob(f"*/{name}")))))


def test_the_dc_end_is_one_attempt_with_its_delays() -> None:
    session, _ = analysis("2019_Circontrol_end.csv").run()
    (attempt,) = session.attempts
    assert (attempt.request, attempt.outcome) == ("session_end", "released")
    start_ns = attempt.evidence[0].time_ns
    assert attempt.released_after_s == pytest.approx(14.046 - 10.683, abs=0.002)
    assert attempt.pulled_after_s == pytest.approx(16.068 - 14.046, abs=0.002)
    below = next(line for line in attempt.evidence if "below 60 V" in line.text)
    assert (below.time_ns - start_ns) / 1e9 == pytest.approx(11.123 - 10.683, abs=0.002)


@pytest.mark.parametrize(
    "name",
    [
        "open_close.csv",
        "charging_ptcan.csv",
        "2014i3_AC_start_PT_CAN.csv",
        "2014i3_AC_stop__PT_CAN.csv",
        "LIM_2017_onown1_on_bench.csv",
        "1.ptcan_start-end-chrg_69perc.csv",
        "EDME_PT_CAN1_on_own1.csv",
        "openccs.csv",
        "221217-1-2021-pcan-bcan-no-key.csv",
    ],
)
def test_no_attempt_where_nobody_tried(name: str) -> None:
    session, _ = analysis(name).run()
    assert session.attempts == ()


def test_the_type_1_car_is_known_to_have_no_lock() -> None:
    session, _ = analysis("2014i3_AC_stop__PT_CAN.csv").run()
    assert not session.lock_fitted


def test_the_tesla_layout_is_told_from_the_whole_recording() -> None:
    assert analysis("openccs.csv").identified.layout == "2020"


@pytest.mark.parametrize(
    ("pattern", "vehicle"),
    [
        ("bmw-i3/*.csv", "bmw-i3"),
        ("tesla-model3/*.csv", "tesla-model3"),
        ("hyundai-kona/*pcan*.csv", "hyundai-kona"),
        ("hyundai-kona/*dcan*.csv", "unknown"),
        ("dialects/*.csv", "unknown"),
    ],
)
def test_cars_are_identified_and_never_guessed(pattern: str, vehicle: str) -> None:
    for recording in CORPUS.glob(pattern):
        done = CliRunner().invoke(evdiag, ["identify", str(recording), "--format", "jsonl"])
        assert json.loads(done.stdout.splitlines()[0])["vehicle"] == vehicle, recording
