"""Which of a car's frame layouts does a recording use? The whole recording decides. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.databases import Database
from evdiag.inputs import Block, Channel
from evdiag.inputs.block import ERROR, REMOTE
from evdiag.signals.compiled import compile_message
from evdiag.vehicles.profile import Layout, LayoutRule

LIKELY = 0.8
"""A layout whose rules hold for less than this share of the frames is not believed."""

CLEAR_LEAD = 0.15
MUCH_RARER = 4.0
FEW_FRAMES = 0.02
"""The best layout must lead the next one by this much, or be disobeyed so much more rarely (and
the next one in more than a few frames); else the layout stays unknown."""


class LayoutScore(NamedTuple):
    """The share of frames, 0 to 1, that obey the rules of one layout; None without any frame."""

    layout: str
    share: float | None


def decide_layout(scores: Sequence[LayoutScore]) -> str | None:
    """Return the layout that the recording uses, or None where it does not say."""
    known = sorted((s for s in scores if s.share is not None), key=lambda s: -(s.share or 0))
    if not known or (known[0].share or 0) < LIKELY:
        return None
    if len(known) > 1 and not _clearly_better(known[0].share or 0, known[1].share or 0):
        return None
    return known[0].layout


def _clearly_better(best: float, other: float) -> bool:
    rarer = 1 - other >= MUCH_RARER * (1 - best) + FEW_FRAMES
    return best - other >= CLEAR_LEAD or rarer


def score_layout(
    layout: Layout, databases: Sequence[Database], block: Block, channel: Channel
) -> LayoutScore:
    """Weigh one layout's rules over all frames of one channel."""
    columns = _Columns(databases, block, channel)
    total = weight = 0.0
    for rule in layout.rules:
        share = _share(rule, columns)
        if share is not None:
            total += share * rule.weight
            weight += rule.weight
    return LayoutScore(layout.id, total / weight if weight else None)


class _Columns:
    """The raw values of any ``Message.Signal`` on one channel, by row."""

    def __init__(self, databases: Sequence[Database], block: Block, channel: Channel) -> None:
        self._messages = {m.name: m for database in databases for m in database.messages}
        self._block = block
        number = block.channels.index(channel) if channel in block.channels else -1
        self._mine = (block.channel == number) & ((block.flags & (ERROR | REMOTE)) == 0)
        self._keys = block.keys
        self._found: dict[str, tuple[NDArray[np.intp], NDArray[Any]]] = {}

    def of(self, path: str) -> tuple[NDArray[np.intp], NDArray[Any]]:
        if path not in self._found:
            message, _, signal = path.partition(".")
            compiled = compile_message(self._messages[message])
            rows = np.flatnonzero(self._mine & (self._keys == compiled.key))
            raws, present = compiled.signal(signal).raws(
                self._block.data[rows], self._block.length[rows]
            )
            self._found[path] = (rows[present], raws[present])
        return self._found[path]


def _share(rule: LayoutRule, columns: _Columns) -> float | None:
    rows, values = columns.of(rule.then)
    applies = np.ones(len(rows), bool)
    for path, allowed in rule.when:
        when_rows, when_values = columns.of(path)
        last = np.searchsorted(when_rows, rows, side="right") - 1
        held = np.zeros(len(rows), bool)
        held[last >= 0] = np.isin(when_values[last[last >= 0]], allowed)
        applies &= held
    if not applies.any():
        return None
    return float(np.isin(values[applies], rule.one_of).mean())
