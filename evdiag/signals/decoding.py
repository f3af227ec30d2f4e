"""Every signal of many frames, by columns: what `evdiag decode` prints.

Gives exactly what `CompiledSignal.raw` gives frame by frame; a property test holds that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.signals.changes import same_raw, same_raws

if TYPE_CHECKING:
    from evdiag.inputs import Channel, FrameKey
    from evdiag.signals.compiled import CompiledSignal, Raw

Places = NDArray[np.intp]
Address = tuple["Channel", "FrameKey"]


class Wanted(NamedTuple):
    """A signal to decode from the frames of one key, and the name of its message."""

    message: str
    signal: CompiledSignal


class FrameColumns(NamedTuple):
    """Data frames in file order: no error frames and no remote frames.

    `address` is an index into a list of channels and keys; `data` has a row of bytes a frame, of
    which the first `length` are its own.
    """

    time_ns: NDArray[np.int64]
    address: NDArray[np.intp]
    length: NDArray[np.uint8]
    data: NDArray[np.uint8]

    def part(self, first: int, end: int) -> FrameColumns:
        """Return the frames from one place up to another."""
        return FrameColumns(
            self.time_ns[first:end],
            self.address[first:end],
            self.length[first:end],
            self.data[first:end],
        )


class DecodedSignal(NamedTuple):
    """A signal of one id on one channel: the rows in which its values stand, and its raw values."""

    wanted: Wanted
    rows: Places
    raws: NDArray[Any]


class DecodedAddress(NamedTuple):
    """What the frames of one id on one channel hold; `frames` are their places."""

    channel: Channel
    key: FrameKey
    frames: Places
    signals: list[DecodedSignal]


@dataclass(frozen=True, slots=True)
class Decoded:
    """One row a signal a frame, in the order of the frames, and of the signals in each.

    `time_ns` and `counts` are of the frames: their stamps, and how many rows each of them has.
    """

    time_ns: NDArray[np.int64]
    counts: Places
    addresses: list[DecodedAddress]

    def __len__(self) -> int:
        return int(self.counts.sum())


class Decoder:
    """Decodes the wanted signals of one recording, stretch by stretch."""

    def __init__(
        self, wanted: Mapping[FrameKey, Sequence[Wanted]], *, changes_only: bool = False
    ) -> None:
        """With `changes_only` rows whose raw value is that of the row before are left out."""
        self._wanted = wanted
        self._changes_only = changes_only
        self._last: dict[tuple[Address, int], Raw] = {}

    def decode(self, frames: FrameColumns, addresses: Sequence[Address]) -> Decoded:
        """Decode the frames that follow those which were decoded before.

        `addresses` are what the indices of the frames mean; that of every frame is wanted.
        """
        counts = np.zeros(len(frames.time_ns), np.intp)
        found = [
            (addresses[number], places, self._read(addresses[number], places, frames, counts))
            for number, places in _by_address(frames.address)
        ]
        starts = np.cumsum(counts) - counts
        return Decoded(
            frames.time_ns,
            counts,
            [
                DecodedAddress(*address, places, self._placed(address, starts[places], *read))
                for address, places, read in found
            ],
        )

    def _read(
        self, address: Address, places: Places, frames: FrameColumns, counts: Places
    ) -> tuple[list[NDArray[Any]], NDArray[np.bool_]]:
        """Return the raw values of each signal, and the frames in which each has a row."""
        data, length = frames.data[places], frames.length[places]
        wanted = self._wanted[address[1]]
        shown = np.empty((len(wanted), len(places)), np.bool_)
        raws = []
        for number, (_, signal) in enumerate(wanted):
            values, shown[number] = signal.raws(data, length)
            raws.append(values)
            if self._changes_only:
                self._keep_changes((address, number), values, shown[number])
        counts[places] = shown.sum(axis=0)
        return raws, shown

    def _keep_changes(
        self, signal: tuple[Address, int], raws: NDArray[Any], shown: NDArray[np.bool_]
    ) -> None:
        carrying = np.flatnonzero(shown)
        if not len(carrying):
            return
        seen = raws[carrying]
        first, last = seen[[0, -1]].tolist()
        shown[carrying[1:]] = ~same_raws(seen[1:], seen[:-1])
        shown[carrying[0]] = not same_raw(first, self._last.get(signal))
        self._last[signal] = last

    def _placed(
        self,
        address: Address,
        starts: Places,
        raws: list[NDArray[Any]],
        shown: NDArray[np.bool_],
    ) -> list[DecodedSignal]:
        """Return the rows of each signal; `starts` are the first rows of the frames."""
        wanted = self._wanted[address[1]]
        if shown.all():
            each = enumerate(zip(wanted, raws, strict=True))
            return [DecodedSignal(one, starts + n, values) for n, (one, values) in each]
        placed = []
        for one, values, here in zip(wanted, raws, shown, strict=True):
            placed.append(DecodedSignal(one, starts[here], values[here]))
            starts = starts + here
        return placed


def _by_address(address: NDArray[np.intp]) -> list[tuple[int, Places]]:
    """Return each address that is there, and the places of its frames."""
    if not len(address):
        return []
    # Short numbers are sorted by their digits, in no time.
    order = np.argsort(address.astype(np.min_scalar_type(address.max())), kind="stable")
    edges = np.flatnonzero(np.diff(address[order])) + 1
    return [(int(address[places[0]]), places) for places in np.split(order, edges)]
