"""The conditions of a command on their way out: as records and as lines for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.control.interlocks import Interlock

_MARKS = {"green": "✔", "red": "✘", "by_eye": "?"}


def condition_records(conditions: Iterable[Interlock]) -> list[dict[str, Any]]:
    """Return one record a condition, as the command contract has them."""
    return [asdict(one) for one in conditions]


def condition_line(one: Interlock) -> str:
    """Return a condition with its reading, its age, and what would turn it green."""
    since = "" if one.age_s is None else f"for {one.age_s:.1f} s"
    line = f"  {_MARKS[one.verdict]} {one.what:<40}{one.reading:<28}{since:<12}{one.needs}"
    return plain_text(line.rstrip())


def failing(conditions: Iterable[Interlock]) -> list[Interlock]:
    """Return the conditions that do not hold."""
    from evdiag.control.interlocks import not_green

    return not_green(conditions)
