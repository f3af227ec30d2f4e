"""Pieces joined with single frames, and cut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.piece import Piece

if TYPE_CHECKING:
    from evdiag.inputs import Block
    from evdiag.inputs.piece import Chosen


def merged(piece: Piece, block: Block, before: NDArray[np.intp]) -> Piece:
    """Return a piece with each row of `block` put in before the row of `piece` that it names.

    `before` rises; rows put in at the same place keep their order. The data of `piece` are still
    read only where they are asked for.
    """
    total = len(piece) + len(block)
    put_in = np.zeros(total, np.bool_)
    put_in[before + np.arange(len(block))] = True
    from_row = np.empty(total, np.intp)
    from_row[~put_in] = np.arange(len(piece))
    from_row[put_in] = np.arange(len(piece), total)
    channels = tuple(dict.fromkeys((*piece.channels, *block.channels)))
    numbers = np.array([channels.index(name) for name in block.channels], np.int16)

    def read_data(chosen: Chosen) -> NDArray[np.uint8]:
        rows, are_put_in = from_row[chosen], put_in[chosen]
        data = np.zeros((len(rows), block.data.shape[1]), np.uint8)
        data[~are_put_in, :8] = piece.read_data(rows[~are_put_in])
        data[are_put_in] = block.data[rows[are_put_in] - len(piece)]
        return data

    return Piece(
        channels,
        np.concatenate([piece.time_ns, block.time_ns])[from_row],
        np.concatenate([piece.channel, numbers[block.channel]])[from_row],
        np.concatenate([piece.id, block.id])[from_row],
        np.concatenate([piece.flags, block.flags])[from_row],
        np.concatenate([piece.length, block.length])[from_row],
        read_data,
    )


def part(piece: Piece, first: int, end: int) -> Piece:
    """Return the rows of `piece` from `first` to before `end`."""
    if first == 0 and end == len(piece):
        return piece
    within = slice(first, end)

    def read_data(chosen: Chosen) -> NDArray[np.uint8]:
        return piece.read_data(np.arange(first, end)[chosen])

    return replace(
        piece,
        time_ns=piece.time_ns[within],
        channel=piece.channel[within],
        id=piece.id[within],
        flags=piece.flags[within],
        length=piece.length[within],
        read_data=read_data,
    )
