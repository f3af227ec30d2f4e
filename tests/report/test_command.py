"""``evdiag report``: where it writes, what it refuses, what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evdiag.cli import evdiag as command
from evdiag.errors import EvdiagError
from evdiag.recordings import convert, open_recording
from tests.report.guided import answers_only
from tests.report.reading import Page, only_file, shipped


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(command, ["report", *arguments], input=given)


def refused(*arguments: str) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, EvdiagError)
    assert result.exception.exit_code == 2
    return str(result.exception)


def test_the_name_of_the_output_says_what_it_is(tmp_path: Path) -> None:
    for name, begins in (("a.html", b"<!DOCTYPE html>"), ("a.PDF", b"%PDF-")):
        assert run("frozen", "-o", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert "ends in .html or .pdf" in refused("frozen", "-o", str(tmp_path / "a.txt"))
    assert run("frozen").exit_code == 2


def test_a_page_goes_to_standard_output(tmp_path: Path) -> None:
    result = run("frozen", "-o", "-")
    assert result.stdout.startswith("<!DOCTYPE html>")
    run("frozen", "-o", str(tmp_path / "a.html"))
    assert result.stdout == (tmp_path / "a.html").read_text(encoding="utf-8")


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("mine")
    assert "exists already" in refused("frozen", "-o", str(page))
    assert page.read_text() == "mine"
    assert run("frozen", "-o", str(page), "--force").exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_what_is_read_is_never_written(tmp_path: Path) -> None:
    recording = tmp_path / "drive.html"
    recording.write_bytes(Path(shipped("frozen")).read_bytes())
    assert "is what is read" in refused(str(recording), "-o", str(recording), "--force")


@pytest.mark.parametrize("missing", ["matplotlib", "typst"])
def test_without_the_extra_one_sentence_says_how_to_get_it(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    output = tmp_path / "a.pdf"
    assert 'pip install "evdiag[report]"' in refused("frozen", "-o", str(output))
    assert not output.exists()


def test_it_speaks_the_language_asked_for(tmp_path: Path) -> None:
    assert 'lang="de"' in run("frozen", "-o", "-", "--lang", "de").stdout
    assert "did you mean" in refused("frozen", "-o", "-", "--lang", "den")


@pytest.mark.parametrize("form", ["gvret", "blf", "asc"])
def test_it_reads_every_kind_of_recording(form: str, tmp_path: Path) -> None:
    ending = {"gvret": ".csv", "blf": ".blf", "asc": ".asc"}[form]
    path = tmp_path / f"drive{ending}"
    convert(open_recording(shipped("relock-before-pull")), path, form)
    page = Page(run(str(path), "-o", "-").stdout)
    assert "closed again by itself" in page.text
    assert "svg" in page.names


def test_standard_input_has_no_file_to_hash() -> None:
    given = Path(shipped("frozen")).read_bytes()
    page = Page(run("-", "-o", "-", given=given).stdout)
    assert "It was read from standard input" in page.text


def test_an_unknown_car_is_refused_with_the_candidates(tmp_path: Path) -> None:
    path = tmp_path / "other.log"
    path.write_text("(1.000000) can0 7AB#00\n(2.000000) can0 7AB#00\n")
    assert "not identified" in refused(str(path), "-o", "-")


def test_the_car_of_a_guide_without_a_bus_can_be_named(tmp_path: Path) -> None:
    path = str(answers_only(tmp_path, ("danger", "no")))
    page = Page(run(path, "-o", "-", "--vehicle", "bmw-i3").stdout)
    assert "BMW i3" in page.text
    assert "named by a person" in page.text
    assert only_file(tmp_path, ".jsonl").name in page.text


def test_a_car_that_was_named_is_not_said_to_be_recognised() -> None:
    page = Page(run("frozen", "-o", "-", "--vehicle", "reference").stdout)
    assert "Recognised from its frames named by a person" in page.text


def test_a_journal_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    path = answers_only(tmp_path, ("danger", "no"))
    rows = only_file(tmp_path, ".jsonl")
    kept = [line for line in rows.read_text().splitlines(keepends=True) if '"answer"' not in line]
    rows.write_text("".join(kept))
    assert "nothing to report" in refused(str(path), "-o", "-")


def test_no_order_of_hashing_changes_a_page() -> None:
    pages = {
        subprocess.run(
            [sys.executable, "-m", "evdiag", "report", "relock-before-pull", "-o", "-"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pages) == 1
