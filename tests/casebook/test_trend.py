"""What is in a real book, as `evdiag cases trend` and the page of a case tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_process import CommandLine

pytestmark = pytest.mark.usefixtures("url")


def test_a_car_of_the_book_is_told_of(evdiag: CommandLine, tmp_path: Path) -> None:
    assert evdiag("cases", "new", "--plate", "M-AB 123", "--vehicle", "reference").code == 0
    stories = ["healthy-ac", "relock-before-pull", "actuator-stalls"]
    assert evdiag("cases", "add", "1", *stories).code == 0

    [row] = evdiag("cases", "trend", "--format", "jsonl").rows
    assert (row["vehicle"], row["profile"]) == ("M-AB 123", "reference")
    assert row["unlocks"] >= 3
    assert row["failed"] >= 1
    told = evdiag("cases", "trend", "--plate", "m ab123")
    assert told.code == 0
    assert told.out.startswith("M-AB 123  reference\n")
    assert evdiag("cases", "trend", "--plate", "B-XY 1").code == 2

    page = tmp_path / "case.html"
    assert evdiag("report", "1", "-o", str(page)).code == 0
    assert ("Over time" in page.read_text()) == ("unlocks worked" in told.out)
