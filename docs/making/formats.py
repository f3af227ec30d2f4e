"""The reference pages of profiles and procedures: their tables and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import evdiag
from evdiag.guide.schema import read_procedure
from evdiag.vehicles.schema import read_profile
from evdiag.vocabulary import TERM
from making import procedure_words, profile_words
from making.markdown import code, table
from making.toml_keys import Key, Watched, watching

PACKAGE = Path(evdiag.__file__).parent
_IDS = ("_id", "_address", "did", "service")
_ID_TABLES = ("buses.frames",)
_CONDITIONS = ("when", "of", "claims")


def profile_page() -> Iterator[str]:
    """Write the reference of the profile format."""
    yield "# Profiles\n"
    yield "A car is one TOML file: `evdiag/vehicles/profiles/ID.toml`, or `vehicles/ID.toml` in"
    yield "your [configuration folder](configuration.md). Written from its reader and from the"
    yield "shipped profiles by `docs/make_pages.py`. A key that is not listed here is refused,"
    yield "with the one that was probably meant; `evdiag vehicles check FILE` says what else is"
    yield "wrong. How to write one, step by step: [add a car](../add-a-car.md)."
    watched = _read(sorted((PACKAGE / "vehicles/profiles").glob("*.toml")), read_profile)
    yield from _tables(watched, profile_words)


def procedure_page() -> Iterator[str]:
    """Write the reference of the procedure format, but for its conditions."""
    yield "# Procedures\n"
    yield "A procedure of [the guide](../guide.md) is one TOML file,"
    yield "`evdiag/guide/procedures/NAME.toml`. Written from its reader and from the shipped"
    yield "procedures by `docs/make_pages.py`. `evdiag guide --check` proves that every step is"
    yield "reached and every path ends."
    watched = _read(sorted((PACKAGE / "guide/procedures").glob("*.toml")), read_procedure)
    for path in [path for path in watched.tables if _is_condition(path)]:
        del watched.tables[path]
    yield from _tables(watched, procedure_words)
    yield "\n## Conditions\n"
    yield "The closed set of conditions, with an example each, stands in"
    yield "[the guide](../guide.md#conditions)."


def _is_condition(path: str) -> bool:
    return any(part in _CONDITIONS for part in path.split("."))


def _read(files: Iterable[Path], read: Callable[[str, str], object]) -> Watched:
    with watching() as watched:
        for file in files:
            read(file.name, file.read_text(encoding="utf-8"))
    return watched


def _tables(watched: Watched, words: ModuleType) -> Iterator[str]:
    found = _merged(watched, words)
    if missing := found.keys() ^ words.TABLES.keys():
        raise SystemExit(f"{words.__name__}: TABLES and the reader differ in {sorted(missing)}")
    for path in words.TABLES:
        keys = found[path]
        meant = words.KEYS[path]
        if missing := keys.keys() ^ meant.keys():
            raise SystemExit(f"{words.__name__}: [{path}] differs in {sorted(missing)}")
        yield f"\n## {path or 'The file'}\n"
        yield words.TABLES[path] + "\n"
        yield from table(
            ("key", "holds", "must be there", "means", "for example"),
            (
                _row(path, name, keys[name], meant[name], (path, name) in words.NEEDED)
                for name in meant
            ),
        )


def _merged(watched: Watched, words: ModuleType) -> dict[str, dict[str, Key]]:
    """Put tables that another one describes into that one, beside keys that nobody uses yet."""
    found: dict[str, dict[str, Key]] = {}
    for path, keys in watched.tables.items():
        if path not in words.OPEN:
            target = found.setdefault(words.SAME_AS.get(path, path), {})
            for name, key in keys.items():
                target.setdefault(name, key)
    readers = "".join(file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*schema.py"))
    for path, meant in words.KEYS.items():
        for name, meaning in meant.items():
            if isinstance(meaning, tuple) and f'"{name}"' in readers:
                found[path].setdefault(name, Key(meaning[0]))
    return found


def _row(
    path: str, name: str, key: Key, meant: str | tuple[str, str], needed: bool
) -> Iterator[str]:
    meaning = meant[1] if isinstance(meant, tuple) else meant
    own_words = key.words and name not in ("bus", "is", "signal", "otherwise")
    yield code(name)
    yield key.type + (": " + ", ".join(code(word) for word in key.words) if own_words else "")
    default = key.default not in (None, "", 0, -1, False) and name not in ("bus", "takes_s")
    yield (
        "yes"
        if key.required or needed
        else f"no: {code(_toml(name, key.default))}"
        if default
        else "no"
    )
    yield meaning
    example = "" if key.example is None else _toml(name, key.example, path in _ID_TABLES)
    yield code(example) if 0 < len(example) <= 60 else ""


def _toml(name: str, value: Any, is_id: bool = False) -> str:
    """Write a value as TOML, ids in hexadecimal."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if name.endswith(_IDS) or (is_id and name == "id"):
            return f"0x{value:03X}"
        case str():
            return f'"{value}"'
        case list():
            return "[" + ", ".join(_toml(name, each) for each in value) + "]"
        case dict():
            pairs = (f"{_key(each)} = {_toml(each, inner)}" for each, inner in value.items())
            return "{ " + ", ".join(pairs) + " }"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _key(name: str) -> str:
    return f'"{name}"' if name in TERM or "." in name else name
