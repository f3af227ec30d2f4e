"""docs/guide.md says how a procedure is written: what it shows is read by the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evdiag.guide import condition_schema
from evdiag.guide.condition_schema import read_condition
from evdiag.guide.schema import read_procedure
from evdiag.vehicles.toml_table import TomlTable

PAGE = Path(__file__).parent.parent.parent / "docs" / "guide.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documents are not installed")


def rows() -> list[tuple[str, str]]:
    """Return the first key and the example of every condition of the page."""
    table = PAGE.read_text(encoding="utf-8").split("### Conditions")[1]
    return re.findall(r"^\| `(\w+)`.*\| `(\{.*\})` \|$", table, re.MULTILINE)


def test_every_condition_is_described() -> None:
    assert {key for key, _ in rows()} == set(condition_schema._READERS)


@pytest.mark.parametrize(("key", "example"), rows() if PAGE.is_file() else [])
def test_every_example_of_a_condition_is_one(key: str, example: str) -> None:
    top = TomlTable.parse("guide.md", f"when = {example}")
    condition = read_condition(top.table("when"))
    assert condition is not None
    assert key in example


def test_the_example_of_a_procedure_is_one() -> None:
    text = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    procedure = read_procedure("guide.md", text)
    assert [step.id for step in procedure.steps] == ["unlock-and-pull"]
    assert procedure.steps[0].countdown
