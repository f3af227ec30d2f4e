"""Real recordings of real cars with nothing wrong: no false fault, at no moment, as no car."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from evdiag.vehicles.identification import decide
from evdiag.wiring import analyse, rank, read_capture

CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "/nowhere"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="EVDIAG_CORPUS names no recordings"),
]

TRUE_FAULTS: dict[str, set[str]] = {}
"""Faults that are known to be true, by recording: none of those that we hold has one."""

CARS = ("bmw-i3", "hyundai-kona", "tesla-model3")
LOOKS = 300


def trials() -> list[tuple[Path, str]]:
    """Pair the recordings with the cars as which each is read."""
    paths = sorted(path for path in CORPUS.glob("*/*") if path.parent.name not in ("dbc", "truth"))
    if find_spec("asammdf") is None:
        paths = [path for path in paths if path.suffix != ".MF4"]
    return [
        (path, car)
        for path in paths
        for car in ([path.parent.name] if path.parent.name in CARS else CARS)
    ]


TRIALS = trials() if CORPUS.is_dir() else []


@pytest.mark.parametrize(
    ("recording", "car"), TRIALS, ids=[f"{path.name} as {car}" for path, car in TRIALS]
)
def test_no_false_fault(recording: Path, car: str) -> None:
    analysis = analyse(read_capture(str(recording)), car)
    true = TRUE_FAULTS.get(recording.name, set())
    session = analysis.session()
    look_every = max(1, len(analysis.events) // LOOKS)
    for number, step in enumerate(analysis.events):
        session.replay(step)
        if number % look_every == 0:
            found = {finding.fault for finding in session.findings() if finding.is_fault}
            assert found <= true, f"at {session.stream_ns}"
    session.finish(analysis.end_ns)
    assert {finding.fault for finding in session.findings() if finding.is_fault} <= true


@pytest.mark.parametrize("recording", sorted({path for path, _ in TRIALS}), ids=lambda p: p.name)
def test_who_names_no_car_gets_no_false_fault(recording: Path) -> None:
    capture = read_capture(str(recording))
    if decide(rank(capture)) is None:
        return
    session, _ = analyse(capture).run()
    found = {finding.fault for finding in session.findings() if finding.is_fault}
    assert found <= TRUE_FAULTS.get(recording.name, set())
