"""Many frames at once, as NumPy columns: what the batch path reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.frame import EXTENDED_KEY, Channel, Direction, Frame

EXTENDED, FD, REMOTE, ERROR, RX, TX, BITRATE_SWITCH, ERROR_STATE = (1 << bit for bit in range(8))


def keys_of(identifiers: NDArray[np.uint32], flags: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the frame keys (see `frame_key`) of ids and their flags."""
    extended = (flags & EXTENDED).astype(np.uint32)
    return identifiers | (extended * np.uint32(EXTENDED_KEY))


@dataclass(frozen=True, slots=True)
class Block:
    """Frames in file order as parallel columns of length n.

    `time_ns` int64; `channel` int16, an index into `channels`; `id` uint32 without flags;
    `flags` uint8 (the constants of this module); `length` uint8, bytes of data (a remote frame's
    requested length); `data` uint8 of shape (n, 8) or (n, 64), zero beyond `length`.
    """

    channels: tuple[Channel, ...]
    time_ns: NDArray[np.int64]
    channel: NDArray[np.int16]
    id: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    length: NDArray[np.uint8]
    data: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time_ns)

    @property
    def keys(self) -> NDArray[np.uint32]:
        """Frame keys (see `frame_key`) of all rows."""
        return keys_of(self.id, self.flags)

    def frame(self, row: int) -> Frame:
        """Return one row as a frame."""
        flags = int(self.flags[row])
        length = int(self.length[row])
        remote = bool(flags & REMOTE)
        direction: Direction | None = "rx" if flags & RX else "tx" if flags & TX else None
        return Frame(
            int(self.time_ns[row]),
            self.channels[int(self.channel[row])],
            int(self.id[row]),
            bool(flags & EXTENDED),
            b"" if remote else self.data[row, :length].tobytes(),
            bool(flags & FD),
            remote,
            bool(flags & ERROR),
            direction,
            bool(flags & BITRATE_SWITCH),
            bool(flags & ERROR_STATE),
            length if remote else 0,
        )

    def frames(self) -> Iterator[Frame]:
        """Yield the rows as frames, in order."""
        return map(self.frame, range(len(self)))

    def rows(self, chosen: slice | NDArray[np.intp]) -> Block:
        """Return a block of the chosen rows, in the order in which they are chosen."""
        return Block(
            self.channels,
            self.time_ns[chosen],
            self.channel[chosen],
            self.id[chosen],
            self.flags[chosen],
            self.length[chosen],
            self.data[chosen],
        )

    def at(self, time_ns: NDArray[np.int64]) -> Block:
        """Return the same rows with other stamps."""
        return replace(self, time_ns=time_ns)

    def in_order_of_appearance(self) -> Block:
        """Return the same rows, `channels` being those of the rows in the order of the first."""
        if len(self.channels) == 1 and len(self):
            return self
        places = [np.flatnonzero(self.channel == n)[:1].tolist() for n in range(len(self.channels))]
        order = sorted((place[0], number) for number, place in enumerate(places) if place)
        channels = tuple(self.channels[number] for _, number in order)
        if channels == self.channels:
            return self
        numbers = np.zeros(len(self.channels), np.int16)
        for new, (_, old) in enumerate(order):
            numbers[old] = new
        return replace(self, channels=channels, channel=numbers[self.channel])

    @staticmethod
    def from_frames(frames: Iterable[Frame]) -> Block:
        """Put frames into columns."""
        builder = BlockBuilder()
        for frame in frames:
            builder.add(frame)
        return builder.build()

    @staticmethod
    def concatenate(blocks: Sequence[Block]) -> Block:
        """Join blocks of one recording; channel names are merged, order is kept."""
        channels = tuple(dict.fromkeys(name for block in blocks for name in block.channels))
        if not blocks:
            return BlockBuilder().build()
        width = max(block.data.shape[1] for block in blocks)
        return Block(
            channels,
            np.concatenate([block.time_ns for block in blocks]),
            np.concatenate([_renumbered(block, channels) for block in blocks]),
            np.concatenate([block.id for block in blocks]),
            np.concatenate([block.flags for block in blocks]),
            np.concatenate([block.length for block in blocks]),
            np.concatenate([_widened(block.data, width) for block in blocks]),
        )


class BlockBuilder:
    """Collects frames and hands them out as one block."""

    def __init__(self) -> None:
        self._channels: dict[Channel, int] = {}
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._data: list[bytes] = []
        self._width = 8

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, frame: Frame) -> None:
        """Append one frame."""
        (
            time_ns,
            channel,
            identifier,
            extended,
            data,
            fd,
            remote,
            error,
            direction,
            brs,
            esi,
            dlc,
        ) = frame
        number = self._channels.setdefault(channel, len(self._channels))
        flags = (
            (EXTENDED if extended else 0)
            | (FD if fd else 0)
            | (REMOTE if remote else 0)
            | (ERROR if error else 0)
            | (RX if direction == "rx" else TX if direction == "tx" else 0)
            | (BITRATE_SWITCH if brs else 0)
            | (ERROR_STATE if esi else 0)
        )
        length = len(data)
        if length > self._width:
            self._width = 64
        self._rows.append((time_ns, number, identifier, flags, dlc if remote else length))
        self._data.append(data)

    def build(self) -> Block:
        """Return everything collected so far as a block and start afresh."""
        columns: Any = tuple(zip(*self._rows, strict=True)) if self._rows else ((), (), (), (), ())
        width = self._width
        packed = b"".join(data.ljust(width, b"\0") for data in self._data)
        block = Block(
            tuple(self._channels),
            np.array(columns[0], np.int64),
            np.array(columns[1], np.int16),
            np.array(columns[2], np.uint32),
            np.array(columns[3], np.uint8),
            np.array(columns[4], np.uint8),
            np.frombuffer(packed, np.uint8).reshape(-1, width),
        )
        self._rows, self._data, self._width = [], [], 8
        return block


def _renumbered(block: Block, channels: tuple[Channel, ...]) -> NDArray[np.int16]:
    if block.channels == channels[: len(block.channels)]:
        return block.channel
    numbers = np.array([channels.index(name) for name in block.channels] or [0], np.int16)
    return numbers[block.channel]


def _widened(data: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    if data.shape[1] == width:
        return data
    return np.pad(data, ((0, 0), (0, width - data.shape[1])))
