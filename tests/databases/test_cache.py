"""The second reading of a file comes from the cache, and nothing depends on there being one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from evdiag.databases import cache, load
from evdiag.databases.loading import database_from_dbc
from tests.databases.generated import Message, databases, dbc_text

if TYPE_CHECKING:
    from pathlib import Path

DBC = """BO_ 948 Lim: 8 Car
 SG_ Page M : 0|8@1+ (1,0) [0|0] "" Car
 SG_ Lock m1 : 8|2@1+ (0.5,0) [0|3] "%" Car
 SG_ Lost : what
VAL_ 948 Lock 1 "Shut" ;
SG_MUL_VAL_ 948 Lock Page 1-1, 5-2000000;
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVDIAG_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def dbc(folder: Path) -> Path:
    path = folder / "car.dbc"
    path.write_text(DBC, encoding="utf-8")
    return path


def stored(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "layouts").iterdir())


def test_what_comes_from_the_cache_is_what_went_in(dbc: Path) -> None:
    first = load(dbc)
    assert first.problems
    assert load(dbc) == first


def test_a_copy_under_another_name_has_its_own_name(dbc: Path) -> None:
    load(dbc)
    copy = dbc.with_name("copy.dbc")
    copy.write_bytes(dbc.read_bytes())
    database = load(copy)
    assert database.file == str(copy)
    assert {problem.file for problem in database.problems} == {str(copy)}


def test_with_the_cache_cantools_is_not_imported(dbc: Path) -> None:
    program = (
        "import sys; from pathlib import Path; import evdiag.databases as room;"
        "assert not {'cantools', 'can'} & set(sys.modules);"
        f"print(len(room.load(Path({str(dbc)!r})).messages));"
        "print(bool({'cantools', 'can', 'textparser'} & set(sys.modules)))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout.split() for run in runs] == [["1", "True"], ["1", "False"]]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"made_by": 1}', "null"])
def test_a_broken_cache_is_ignored_and_mended(dbc: Path, folder: Path, content: str) -> None:
    first = load(dbc)
    (kept,) = stored(folder)
    whole = kept.read_text(encoding="utf-8")
    kept.write_text(content, encoding="utf-8")
    assert load(dbc) == first
    assert kept.read_text(encoding="utf-8") == whole


def test_rows_of_another_version_are_not_used(
    dbc: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(dbc)
    (kept,) = stored(folder)
    kept.write_text(kept.read_text(encoding="utf-8").replace("Shut", "Wrong"), encoding="utf-8")
    assert load(dbc).messages[0].signals[1].choices == ((1, "Wrong"),)
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert load(dbc).messages[0].signals[1].choices == ((1, "Shut"),)


def test_a_cache_that_cannot_be_written_is_no_trouble(
    dbc: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("EVDIAG_CACHE", str(folder / "file"))
    assert load(dbc).messages[0].name == "Lim"


def test_no_half_written_file_stays(dbc: Path, folder: Path) -> None:
    load(dbc)
    assert [path.suffix for path in stored(folder)] == [".json"]


@given(databases())
def test_all_rows_survive_the_cache(database: tuple[Message, ...]) -> None:
    made = database_from_dbc(dbc_text(database), "file.dbc", "generated")
    cache.keep(made, ".dbc")
    assert cache.cached("file.dbc", "generated", ".dbc") == made
