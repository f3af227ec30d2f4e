"""A recording sifted for its car says what the whole recording says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.sifting import sift_capture
from evdiag.wiring import Analysis, Capture, analyse, rank, read_capture

SHIPPED = sorted((shipped_folder("recordings")).glob("*.log"))
CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "."))


def told(capture: Capture, vehicle: str | None) -> object:
    """Return all that commands print of a capture."""
    try:
        analysis = analyse(capture, vehicle)
    except BadInputError as error:
        return str(error)
    session, rows = analysis.run()
    assert list(analysis.rows()) == rows
    return (
        analysis.identified,
        analysis.warnings,
        analysis.end_ns,
        rows,
        session.attempts,
        session.findings(),
        session.card(),
    )


def same(path: Path, vehicle: str | None) -> None:
    whole, sifted = read_capture(str(path)), sift_capture(str(path), vehicle)
    assert sifted.report == whole.report
    assert sifted.warnings == whole.warnings
    assert rank(sifted) == rank(whole)
    assert told(sifted, vehicle) == told(whole, vehicle)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recordings(path: Path) -> None:
    same(path, None)
    same(path, "reference")


def test_another_car_than_the_first_frames_look_like(tmp_path: Path) -> None:
    """What one car's sieve left out is read again for the car that it is."""
    path = str(SHIPPED[0])
    sifted = sift_capture(path, "bmw-i3")
    assert sifted.sifted_for == "bmw-i3"
    assert told(sifted, "reference") == told(read_capture(path), "reference")


def test_what_matters_is_little() -> None:
    path = str(shipped_folder("recordings") / "relock-before-pull.log")
    analysis: Analysis = analyse(sift_capture(path), None)
    assert analysis.capture.excerpt is not None
    assert len(analysis.capture.block) < analysis.capture.report.frames / 5


def test_no_car_at_all(tmp_path: Path) -> None:
    rows = (f"({1760000000 + n / 1000:.6f}) can0 7{n % 16:02X}#00\n" for n in range(300_000))
    (tmp_path / "log").write_text("".join(rows))
    same(tmp_path / "log", None)
    same(tmp_path / "log", "reference")


@pytest.mark.corpus
@pytest.mark.skipif("EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set")
def test_the_whole_corpus() -> None:
    seen = 0
    for path in sorted(CORPUS.glob("*/*")):
        if path.suffix in (".csv", ".log", ".asc", ".trc", ".blf", ".txt"):
            try:
                read_capture(str(path))
            except BadInputError:
                continue
            same(path, None)
            seen += 1
    assert seen > 10
