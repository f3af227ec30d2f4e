"""Trouble codes before and after: which are gone, still set, new."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from evdiag.cli.trouble_code_rows import COLUMNS
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

CHANGE_COLUMNS: Final = (*COLUMNS, "change")

_Rows = Sequence[dict[str, Any]]
_TEXTS: Final = ("unit", "code", "sae", "status", "meaning", "evidence", "snapshot", "extended")


def changes(before: _Rows, after: _Rows) -> Iterator[dict[str, Any]]:
    """Yield what was found after, each code with its `change`, and the codes that are gone.

    `change` is ``new``, ``still set`` or ``gone``; None where one of the two readings does not
    tell.
    """
    told_before = {row["unit"] for row in before if not row["problem"]}
    told_after = {row["unit"] for row in after if not row["problem"]}
    had = {(row["unit"], row["code"]) for row in before}
    has = {(row["unit"], row["code"]) for row in after}
    for row in after:
        change = None
        if row["code"] is not None and row["unit"] in told_before:
            change = "still set" if (row["unit"], row["code"]) in had else "new"
        yield row | {"change": change}
    for row in before:
        place = (row["unit"], row["code"])
        if row["code"] is not None and row["unit"] in told_after and place not in has:
            yield row | {"change": "gone"}


def read_before(path: Path, vehicle: str) -> list[dict[str, Any]]:
    """Read what ``evdiag dtc read --format jsonl`` wrote earlier.

    Raises:
        BadInputError: it cannot be read, is something else, or is of another car.
    """
    rows = read_codes_file(path)
    other = next((row["vehicle"] for row in rows if row["vehicle"] != vehicle), vehicle)
    if other != vehicle:
        shown = plain_text(str(path))
        raise BadInputError(f"{shown} is of {plain_text(str(other))}, not of {vehicle}")
    return rows


def read_codes_file(path: Path) -> list[dict[str, Any]]:
    """Read the same, of whatever car.

    Raises:
        BadInputError: it cannot be read, or is something else.
    """
    label = plain_text(str(path))
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInputError(f"{label} cannot be read: {why}") from None
    rows = [_row(line, f"{label}, line {number}") for number, line in enumerate(lines, start=1)]
    if not rows:
        raise BadInputError(
            f"{label} is empty: `evdiag dtc read --format jsonl` writes such a file"
        )
    return rows


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or not _is_of_a_code(row):
        raise BadInputError(f"{where}: no line of `evdiag dtc read --format jsonl`")
    # What a comparison wrote may be compared again: it counts as what it says was found.
    if row.get("change") == "gone":
        row |= dict.fromkeys(("code", "sae", "status", "meaning"))
    return {name: row.get(name) for name in COLUMNS}


def _is_of_a_code(row: dict[str, Any]) -> bool:
    texts = all(row.get(name) is None or isinstance(row[name], str) for name in _TEXTS)
    says = row.get("says")
    words = says is None or (isinstance(says, list) and all(isinstance(one, str) for one in says))
    return texts and words and {"vehicle", "unit", "code", "problem"} <= row.keys()
