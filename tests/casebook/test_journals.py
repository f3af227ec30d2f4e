"""evdiag's own recordings in the book: the VIN that the car said, and the steps of the guide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_process import CommandLine
from tests.guide.stories import shipped
from tests.guide.stranded import Stranded
from tests.report.guided import VIN, answers_only, journal_of

OTHER = "WVWZZZ1KZAW000001"

pytestmark = pytest.mark.usefixtures("url")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of a car that said its VIN."""
    driver = Stranded(shipped("fob-not-heard"))
    assert driver.be_guided() == "released"
    return journal_of(driver, tmp_path)


def test_a_car_without_a_vin_gets_the_one_that_it_said(evdiag: CommandLine, journal: Path) -> None:
    evdiag("cases", "new", "--plate", "A 1")

    assert evdiag("cases", "add", "1", str(journal)).code == 0

    [row] = evdiag("cases", "show", "1", "--format", "jsonl").rows
    assert row["vin"] == VIN
    tried = [step["text"] for step in row["steps"]]
    assert len(tried) > 3
    assert "✔" in [step["mark"] for step in row["steps"]]
    evdiag("cases", "new", "--vin", VIN)
    assert [row["plate"] for row in evdiag("cases", "list", "--format", "jsonl").rows] == [
        "A 1"
    ] * 2


@pytest.mark.parametrize("known", [True, False])
def test_a_recording_of_another_vin_is_refused(
    evdiag: CommandLine, journal: Path, known: bool
) -> None:
    if known:
        # Nobody said which car this case is about, but the book knows whose VIN that is.
        evdiag("cases", "new", "--vin", VIN)
    evdiag("cases", "new", *(() if known else ("--vin", OTHER)))

    refused = evdiag("cases", "add", "2" if known else "1", str(journal))

    assert refused.code == 2
    assert f"of the car with the VIN {VIN}" in refused.err


def test_what_the_guide_tried_is_kept(evdiag: CommandLine, tmp_path: Path) -> None:
    walked = answers_only(tmp_path, ("danger", "no"), ("which-end", "charge_point"))
    evdiag("cases", "new", "--vehicle", "reference")

    assert evdiag("cases", "add", "1", str(walked)).code == 0

    [row] = evdiag("cases", "show", "1", "--format", "jsonl").rows
    assert [step["source"] for step in row["steps"]] == ["guide"] * len(row["steps"])
    assert "look for heat" in row["steps"][0]["text"]
