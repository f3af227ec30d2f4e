"""The frames of one channel on their way into the table: sorted by time, waiting on disk.

A logger's stamps step back a little now and then, and its clock may jump. Steps of up to a second
are sorted; a jump begins a new epoch, as it does everywhere in evdiag. So sorting needs to look
back a second only, however long the recording is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block
from evdiag.inputs.block import REMOTE
from evdiag.recordings.clock import JUMP_NS
from evdiag.recordings.parquet.columns import data_column, number_column
from evdiag.recordings.parquet.table import ROWS_A_GROUP, spool_schema

if TYPE_CHECKING:
    import pyarrow as pa

MOST_HELD: Final = 1 << 17
"""More frames than a bus can have in a second; where stamps tell no time, this is the bound."""

_NEAR: Final = 1 << 10
_ROWS_A_BATCH: Final = 1 << 14
_BEFORE_ALL: Final = -(1 << 63)


class Placed(NamedTuple):
    """Frames of one channel: their places in the source and in the channel, and their stamps there.

    The stamps of `block` are the times that they stand for.
    """

    row: NDArray[np.int64]
    place: NDArray[np.int64]
    stamp_ns: NDArray[np.int64]
    block: Block

    def part(self, chosen: slice | NDArray[np.intp]) -> Placed:
        """Return the chosen ones."""
        block = self.block.rows(chosen)
        return Placed(self.row[chosen], self.place[chosen], self.stamp_ns[chosen], block)

    @staticmethod
    def joined(parts: Sequence[Placed]) -> Placed:
        """Return all of them, one behind the other."""
        if len(parts) == 1:
            return parts[0]
        return Placed(
            np.concatenate([part.row for part in parts]),
            np.concatenate([part.place for part in parts]),
            np.concatenate([part.stamp_ns for part in parts]),
            Block.concatenate([part.block for part in parts]),
        )


class ChannelRun:
    """Takes the frames of one channel in the source's order, gives them back in the table's.

    `disorder` says by how many places a row is away at most from where the channel had it;
    `shifted` is true where a stamp is not what the source says.
    """

    def __init__(self, path: Path) -> None:
        """Wait in the file `path`, which is made.

        Raises:
            OSError: the disk does not take it.
        """
        import pyarrow as pa

        self.rows = 0
        self.disorder = 0
        self.shifted = False
        self._path = path
        self._file: Any = pa.OSFile(os.fsencode(path), "wb")
        self._spool: Any = pa.ipc.new_stream(self._file, spool_schema())
        self._held: Placed | None = None
        self._sorted: list[Placed] = []
        self._epochs: list[int] = []
        self._waiting = 0
        self._written = 0
        self._epoch = 0
        self._high_ns = self._floor_ns = _BEFORE_ALL

    def add(self, row: NDArray[np.int64], stamp_ns: NDArray[np.int64], block: Block) -> None:
        """Take more frames; the stamps of `block` are the times that `stamp_ns` stand for."""
        placed = Placed(row, np.arange(self.rows, self.rows + len(row)), stamp_ns, block)
        self.rows += len(row)
        self.shifted |= bool((stamp_ns != block.time_ns).any())
        near = len(row)
        while len(placed.row):
            looked_at = placed.block.time_ns[:near]
            cut = self._first_of_new_epoch(looked_at)
            if cut:
                self._sort_in(placed.part(slice(cut)))
            if cut < len(looked_at):
                self._begin_epoch()
            # Where one jump is, others are: what is looked at in vain is kept small.
            near = _NEAR if cut < len(looked_at) else 2 * near
            placed = placed.part(slice(cut, None))

    def finish(self) -> None:
        """Write down all that still waits."""
        self._release(None)
        self._spool_sorted()
        self._spool.close()
        self._file.close()

    def close(self) -> None:
        """Let go of the file, however far it is written."""
        self._file.close()

    def tables(self) -> Iterator[pa.Table]:
        """Yield everything in the order of the table, a row group at a time."""
        import pyarrow as pa

        waiting: list[pa.RecordBatch] = []
        rows = 0
        with pa.OSFile(os.fsencode(self._path)) as file, pa.ipc.open_stream(file) as spool:
            for batch in spool:
                while rows + len(batch) >= ROWS_A_GROUP:
                    part = ROWS_A_GROUP - rows
                    yield pa.Table.from_batches([*waiting, batch.slice(0, part)])
                    batch, waiting, rows = batch.slice(part), [], 0
                waiting.append(batch)
                rows += len(batch)
            if rows:
                yield pa.Table.from_batches(waiting)

    def _first_of_new_epoch(self, time_ns: NDArray[np.int64]) -> int:
        """Return the place of the first stamp that is too far back to be sorted in."""
        highs = np.maximum.accumulate(np.append(self._high_ns, time_ns[:-1]))
        lowest = np.maximum(highs, _BEFORE_ALL + JUMP_NS) - JUMP_NS
        back = time_ns < np.maximum(lowest, self._floor_ns)
        return int(back.argmax()) if back.any() else len(time_ns)

    def _begin_epoch(self) -> None:
        self._release(None)
        self._epoch += 1
        self._high_ns = self._floor_ns = _BEFORE_ALL

    def _sort_in(self, placed: Placed) -> None:
        held = placed if self._held is None else Placed.joined([self._held, placed])
        time_ns = held.block.time_ns
        self._high_ns = max(self._high_ns, int(placed.block.time_ns.max()))
        if (time_ns[1:] < time_ns[:-1]).any():
            held = held.part(np.argsort(time_ns, kind="stable"))
        self._held = held
        self._release(self._high_ns - JUMP_NS)

    def _release(self, up_to_ns: int | None) -> None:
        """Let go of what is held up to a stamp (or all of it), and more where that is too much."""
        held = self._held
        if held is None:
            return
        time_ns = held.block.time_ns
        count = len(time_ns)
        if up_to_ns is not None:
            count = int(np.searchsorted(time_ns, up_to_ns, "right"))
            if len(time_ns) - count > MOST_HELD:
                count = len(time_ns)
        if not count:
            return
        self._floor_ns = int(time_ns[count - 1])
        self._sorted.append(held.part(slice(count)))
        self._epochs.append(self._epoch)
        self._waiting += count
        if self._waiting >= _ROWS_A_BATCH:
            self._spool_sorted()
        self._held = None if count == len(time_ns) else held.part(slice(count, None))

    def _spool_sorted(self) -> None:
        """Write down what is in order."""
        import pyarrow as pa

        if not self._sorted:
            return
        placed = Placed.joined(self._sorted)
        epochs = np.repeat(np.array(self._epochs, np.int32), [len(p.row) for p in self._sorted])
        self._sorted, self._epochs, self._waiting = [], [], 0
        places = np.arange(self._written, self._written + len(placed.row))
        self._written += len(placed.row)
        self.disorder = max(self.disorder, int(np.abs(placed.place - places).max()))
        block = placed.block
        sizes = np.where(block.flags & REMOTE, 0, block.length)
        columns = [
            number_column(placed.row, pa.int64()),
            number_column(block.time_ns, pa.int64()),
            number_column(block.id, pa.uint32()),
            number_column(block.length, pa.uint8()),
            data_column(block.data, sizes),
            number_column(block.flags, pa.uint8()),
            number_column(epochs, pa.int32()),
            number_column(block.time_ns - placed.stamp_ns, pa.int64()),
        ]
        self._spool.write_batch(pa.RecordBatch.from_arrays(columns, schema=spool_schema()))
