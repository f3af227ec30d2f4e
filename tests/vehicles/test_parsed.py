"""What was parsed before is read from the cache, and only where it is what was written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from evdiag.vehicles.parsed import parsed

TEXT = 'name = "µ"\nperiods = [1, 2.0, inf]\n[table]\nyes = true\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVDIAG_CACHE", str(tmp_path))
    return tmp_path / "profiles"


def test_the_second_time_it_comes_from_the_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = parsed(TEXT)
    monkeypatch.setattr(tomllib, "loads", None)
    assert parsed(TEXT) == first
    assert isinstance(parsed(TEXT)["periods"][1], float)


def test_the_shipped_profiles_come_out_the_same(folder: Path) -> None:
    for path in (Path(__file__).parents[2] / "evdiag/vehicles/profiles").glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert parsed(text) == parsed(text) == tomllib.loads(text)


@pytest.mark.parametrize("damage", ["", "{}", "changed", "gone", "bytes"])
def test_a_damaged_cache_is_no_trouble(damage: str, folder: Path) -> None:
    parsed(TEXT)
    (kept,) = folder.iterdir()
    content = kept.read_text()
    if damage == "changed":
        kept.write_text(content.replace("true", "fals"))
    elif damage == "gone":
        kept.unlink()
    elif damage == "bytes":
        kept.write_bytes(b"\xff\xfe")
    else:
        kept.write_text(damage)
    assert parsed(TEXT) == tomllib.loads(TEXT)


def test_a_cache_that_cannot_be_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EVDIAG_CACHE", str(tmp_path / "file"))
    assert parsed("a = 1979-05-27") == tomllib.loads("a = 1979-05-27")
    assert parsed(TEXT) == tomllib.loads(TEXT)


def test_what_json_has_no_word_for_is_parsed_each_time(folder: Path) -> None:
    assert parsed("day = 1979-05-27") == parsed("day = 1979-05-27")
    assert not folder.exists()


def test_no_toml_is_said(folder: Path) -> None:
    with pytest.raises(ValueError, match="line 1"):
        parsed("= no")
