"""Whatever stands at a key of a profile: it is read, or refused in one sentence."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from evdiag.errors import BadInputError
from evdiag.vehicles.library import _SHIPPED
from evdiag.vehicles.schema import read_profile

WHOLE = tomllib.loads((_SHIPPED / "reference.toml").read_text(encoding="utf-8"))
VALUES: tuple[Any, ...] = (
    "", "x\x1b[31m\u202e\n", "a" * 5000, -1, 2**64, 16**5000, 1e308, float("nan"), True,
    [], [16**5000], [{}], {}, {"a\x1b": 1}, datetime.date(2020, 1, 1),
)  # fmt: skip

Path = tuple["str | int", ...]


def paths(value: Any, before: Path = ()) -> Iterator[Path]:
    """Yield the path to every key, of a list only to its first entry."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for key, each in inner:
        yield (*before, key)
        if isinstance(each, (dict, list)):
            yield from paths(each, (*before, key))


def put(value: Any, path: Path, new: Any) -> Any:
    """Return a copy in which `new` stands at `path`."""
    copy = value.copy()
    copy[path[0]] = put(copy[path[0]], path[1:], new) if len(path) > 1 else new
    return copy


@pytest.mark.parametrize("top", WHOLE)
def test_anything_at_any_key_ends_in_one_sentence_at_most(top: str) -> None:
    tried = 0
    for path in paths({top: WHOLE[top]}):
        for new in VALUES:
            tried += 1
            mutated = put(WHOLE, path, new)
            try:
                read_profile("my.toml", "", loads=lambda _, values=mutated: values)
            except BadInputError as error:
                said = str(error)
                assert said.startswith("my.toml: ")
                assert ", key " in said
                assert said.isprintable()
                assert len(said) < 1000, path
    assert tried
