"""The containers of a BLF file: packed stretches of one long row of objects.

Source: python-can's ``blf.py`` (and Technica's and T. Lorenz' descriptions, which it names).
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, BinaryIO, Final

OBJECT: Final = struct.Struct("<4sHHLL")
"""Signature, size of the header, its version, size of the object, its kind."""
CONTAINER: Final = struct.Struct("<H6xL4x")
"""How it is packed, and how long it is unpacked."""

SIGNATURE: Final = b"LOBJ"
CONTAINER_KIND: Final = 10
UNPACKED: Final = 0
_ZLIB: Final = 2
_WHOLE_AT_ONCE: Final = 1 << 26
"""A container that says it is longer is unpacked without room made for it beforehand."""

_libdeflate: Any = None
with suppress(ImportError):
    # Three times as fast as zlib; the extra `fast` has it.
    _libdeflate = import_module("deflate")


@dataclass(slots=True)
class Group:
    """What some containers hold, unpacked, in order; and what came after them.

    `is_damaged`: something that is no object, or cannot be unpacked. `is_strange`: something of
    which only python-can knows what it makes of it.
    """

    contents: list[bytes] = field(default_factory=list)
    size: int = 0
    is_last: bool = False
    is_damaged: bool = False
    is_strange: bool = False


def next_group(file: BinaryIO, size: int) -> Group:
    """Read containers until they hold `size` bytes, or the file ends."""
    group = Group()
    while group.size < size:
        head = file.read(OBJECT.size)
        if not head:
            group.is_last = True
            return group
        if len(head) < OBJECT.size or head[:4] != SIGNATURE:
            group.is_damaged = True
            return group
        _, _, _, object_size, kind = OBJECT.unpack(head)
        if object_size < OBJECT.size:
            group.is_strange = True
            return group
        body = file.read(object_size - OBJECT.size)
        file.read(object_size % 4)
        if kind == CONTAINER_KIND:
            try:
                content = _content(body)
            except (struct.error, zlib.error):
                group.is_damaged = True
                return group
            group.contents.append(content)
            group.size += len(content)
    return group


def _content(body: bytes) -> bytes:
    """Unpack a container; as much as there is of one that is cut off.

    Raises:
        struct.error, zlib.error: it is damaged.
    """
    method, size = CONTAINER.unpack_from(body)
    packed = body[CONTAINER.size :]
    if method == UNPACKED:
        return packed
    if method != _ZLIB:
        return b""
    if _libdeflate is not None and 0 < size <= _WHOLE_AT_ONCE:
        try:
            return bytes(_libdeflate.zlib_decompress(packed, size))
        except _libdeflate.DeflateError:
            pass
    return zlib.decompressobj().decompress(packed)
