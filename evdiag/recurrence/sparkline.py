"""A row of numbers as one word: how they go, without how large they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
PLAIN: Final = "_.-=+*#@"
"""For terminals that have no blocks."""


def sparkline(values: Sequence[float | None], signs: str = BLOCKS) -> str:
    """Return a sign for each number, from the lowest of `signs` at 0 to the last at the highest.

    None is a gap. Heights count from zero, so that what is twice as long is twice as high.
    """
    known = [value for value in values if value is not None]
    highest = max(known, default=0.0)
    if highest <= 0:
        return "".join(" " if value is None else signs[0] for value in values)
    return "".join(_sign(value, highest, signs) for value in values)


def _sign(value: float | None, highest: float, signs: str) -> str:
    if value is None:
        return " "
    return signs[min(int(max(value, 0.0) / highest * len(signs)), len(signs) - 1)]
