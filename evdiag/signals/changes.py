"""The frames at which the signals of one message changed: frame by frame, or by columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from evdiag.signals.compiled import CompiledMessage, CompiledSignal, Raw, Value


class Change(NamedTuple):
    """A signal was seen for the first time or with another raw value than before.

    `row` counts the frames that were given, from 0. Frames that do not carry the signal (another
    multiplexer page, too short) are passed over. A NaN after a NaN is no change.
    """

    row: int
    signal: CompiledSignal
    raw: Raw
    value: Value


def changes_scalar(message: CompiledMessage, frames: Iterable[bytes]) -> Iterator[Change]:
    """Yield the changes in the data of this message's frames, in order of row and signal."""
    last: list[Raw | None] = [None] * len(message.signals)
    for row, data in enumerate(frames):
        for place, signal in enumerate(message.signals):
            raw = signal.raw(data)
            if raw is None or same_raw(raw, last[place]):
                continue
            last[place] = raw
            yield Change(row, signal, raw, signal.value(raw))


def changes_columns(
    message: CompiledMessage, data: NDArray[np.uint8], length: NDArray[np.uint8]
) -> list[Change]:
    """Return the same changes from columns: a row of bytes and a length for each frame."""
    found: list[tuple[int, int, Raw]] = []
    for place, signal in enumerate(message.signals):
        raws, present = signal.raws(data, length)
        rows = np.flatnonzero(present)
        if not len(rows):
            continue
        seen = raws[rows]
        fresh = np.ones(len(rows), bool)
        fresh[1:] = ~same_raws(seen[1:], seen[:-1])
        changed = zip(rows[fresh].tolist(), seen[fresh].tolist(), strict=True)
        found += [(row, place, raw) for row, raw in changed]
    found.sort(key=lambda entry: entry[:2])
    signals = message.signals
    return [Change(row, signals[at], raw, signals[at].value(raw)) for row, at, raw in found]


def same_raw(raw: Raw, before: Raw | None) -> bool:
    """Tell whether two raw values are the same; a NaN is the same as a NaN."""
    return raw == before or (before is not None and raw != raw and before != before)


def same_raws(raws: NDArray[Any], before: NDArray[Any]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (raws == before) | ((raws != raws) & (before != before))
    return same.astype(bool)
