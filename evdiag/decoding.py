"""A recording to the value of every signal that was asked for, in columns.

Few frames carry such a signal: only of those the data are read. They are gathered until there are
enough to decode at once.
"""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from evdiag.errors import BadInputError
from evdiag.inputs import Block
from evdiag.inputs.block import ERROR, REMOTE
from evdiag.plain import plain_text
from evdiag.signals.compiled import compile_message
from evdiag.signals.decoding import Decoded, Decoder, FrameColumns, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evdiag.databases import Database, MessageLayout
    from evdiag.inputs import Channel, FrameKey
    from evdiag.recordings import Recording
    from evdiag.recordings.columns.counting import CountedPiece

ROWS_AT_ONCE: Final = 1 << 17
"""Enough that starting on a signal costs little beside its values; few enough to hold as text."""

_NEAREST_SHOWN: Final = 5

_Wanted = dict["FrameKey", list[Wanted]]


def wanted_signals(databases: Iterable[Database], names: Iterable[str]) -> _Wanted:
    """Return what to decode from the frames of each key; of several databases the first wins.

    Raises:
        BadInputError: no database knows a signal of this name.
    """
    layouts: dict[FrameKey, tuple[MessageLayout, ...]] = {}
    for database in databases:
        layouts = {**database.by_key, **layouts}
    found = {
        key: [
            Wanted(layout.name, signal)
            for layout in messages
            for signal in compile_message(layout).signals
        ]
        for key, messages in layouts.items()
    }
    asked = set(names)
    if not asked:
        return found
    _check(asked, {name for signals in found.values() for w in signals for name in _names(w)})
    return {
        key: chosen
        for key, signals in found.items()
        if (chosen := [w for w in signals if not asked.isdisjoint(_names(w))])
    }


def _names(wanted: Wanted) -> tuple[str, str]:
    return wanted.signal.name, f"{wanted.message}.{wanted.signal.name}"


def _check(asked: set[str], known: set[str]) -> None:
    for name in sorted(asked - known):
        lower = {other.lower(): other for other in sorted(known)}
        near = [lower[n] for n in get_close_matches(name.lower(), lower, _NEAREST_SHOWN, 0.5)]
        advice = f"the nearest are {', '.join(near)}" if near else "see `evdiag dbc`"
        raise BadInputError(plain_text(f"no DBC has a signal {name}: {advice}"))


def decoded(
    recording: Recording,
    wanted: Mapping[FrameKey, Sequence[Wanted]],
    *,
    changes_only: bool = False,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[Decoded]:
    """Yield the values of the wanted signals in stretches of about `rows_at_once` rows.

    With `changes_only` only those whose raw value is another one than before on its channel.

    Raises:
        BadInputError: the file turns out to be unreadable on the way.
    """
    decoder = Decoder(wanted, changes_only=changes_only)
    gathering = _Gathering(recording, wanted)
    for counted in recording.pieces():
        gathering.add(counted)
        if gathering.rows >= rows_at_once:
            yield from gathering.decoded(decoder, rows_at_once)
    yield from gathering.decoded(decoder, rows_at_once)


class _Gathering:
    """Frames that carry wanted signals, until they are decoded."""

    def __init__(self, recording: Recording, wanted: Mapping[FrameKey, Sequence[Wanted]]) -> None:
        self._recording = recording
        self._wanted = wanted
        self._blocks: list[Block] = []
        self._slots: list[NDArray[np.intp]] = []
        self._rows_of_slot = np.zeros(1, np.intp)
        self.rows = 0

    def add(self, counted: CountedPiece) -> None:
        """Take the data of the frames that carry anything wanted."""
        self._learn_slots()
        # An error frame has slot -1, and so the last entry, which is always 0.
        rows = self._rows_of_slot[counted.slots]
        chosen = np.flatnonzero(rows)
        chosen = chosen[counted.piece.flags[chosen] & (ERROR | REMOTE) == 0]
        if len(chosen):
            self._blocks.append(counted.piece.block(chosen))
            self._slots.append(counted.slots[chosen])
            self.rows += int(rows[chosen].sum())

    def decoded(self, decoder: Decoder, rows_at_once: int) -> Iterator[Decoded]:
        """Decode what was gathered, in file order, and start afresh."""
        if not self._blocks:
            return
        block, slots = Block.concatenate(self._blocks), np.concatenate(self._slots)
        self._blocks, self._slots, self.rows = [], [], 0
        columns = FrameColumns(block.time_ns, slots, block.length, block.data)
        rows = np.cumsum(self._rows_of_slot[slots])
        parts = max(1, int(rows[-1]) // rows_at_once)
        cuts = np.searchsorted(rows, np.arange(1, parts) * (rows[-1] / parts)).tolist()
        for first, end in pairwise([0, *cuts, len(slots)]):
            if first < end:
                yield decoder.decode(columns.part(first, end), self._addresses)

    @property
    def _addresses(self) -> Sequence[tuple[Channel, FrameKey]]:
        counter = self._recording.counter
        return [] if counter is None else counter.keys

    def _learn_slots(self) -> None:
        addresses = self._addresses
        if len(addresses) >= len(self._rows_of_slot):
            rows = [len(self._wanted.get(key, ())) for _, key in addresses]
            self._rows_of_slot = np.array([*rows, 0], np.intp)
