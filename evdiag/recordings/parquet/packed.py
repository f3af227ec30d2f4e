"""Bytes that are packed into what an archive says of its source."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Final

MOST_UNPACKED: Final = 1 << 28
"""Bytes of all packed parts of one archive: a hundred times what is beside the frames of a day.

A small file may say a thousand times its size.
"""


def packed(data: bytes) -> str:
    """Return bytes as a text."""
    return b64encode(zlib.compress(data, 9)).decode()


class Unpacking:
    """Gives the bytes of packed parts back, as many in all as there is room for."""

    def __init__(self, room: int = MOST_UNPACKED) -> None:
        self._room = room

    def bytes_of(self, text: str) -> bytes:
        """Return what `packed` was given.

        Raises:
            ValueError: it is damaged, or there is no room for it.
            TypeError: it is no text.
            zlib.error: it is damaged.
        """
        stream = zlib.decompressobj()
        data = stream.decompress(b64decode(text), self._room + 1)
        if not stream.eof or len(data) > self._room:
            raise ValueError("more than there is room for, or cut off")
        self._room -= len(data)
        return data
