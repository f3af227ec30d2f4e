"""Vector BLF, straight from bytes to pieces; what is not understood is read by python-can."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from evdiag.recordings.columns.blf_chain import object_chain
from evdiag.recordings.columns.blf_containers import (
    CONTAINER,
    CONTAINER_KIND,
    OBJECT,
    SIGNATURE,
    UNPACKED,
    next_group,
)
from evdiag.recordings.columns.blf_objects import PAD, frames_of
from evdiag.recordings.columns.memory import keep_freed_memory
from evdiag.recordings.python_can import blf_frames, note_blf_ends, open_blf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.inputs import Frame
    from evdiag.inputs.piece import Piece
    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.source import Source

GROUP_BYTES: Final = 1 << 20
_SYSTEM_TIME: Final = struct.Struct("<8H")
"""Year, month, day of the week, day, hour, minute, second, millisecond."""
_FILE_HEADER_BYTES: Final = 72
_HEADER_SIZE_AT, _START_AT = 4, 40


def blf_columns(
    source: Source, report: ReadReport, *, size: int = GROUP_BYTES
) -> Iterator[Piece | Frame]:
    """Yield what `read_blf` yields, in pieces of about `size` bytes of objects.

    From where an object is not understood on, frames come by themselves.
    """
    keep_freed_memory()
    with open_blf(source, report) as file:
        if file is None:
            return
        header = file.read(_FILE_HEADER_BYTES)
        header_size = int.from_bytes(header[_HEADER_SIZE_AT : _HEADER_SIZE_AT + 4], "little")
        if header_size < _FILE_HEADER_BYTES:
            file.seek(0)
            yield from blf_frames(file, report)
            return
        header += file.read(header_size - _FILE_HEADER_BYTES)
        start_s = _start_s(header)
        tail = b""
        while True:
            began = file.tell()
            group = next_group(file, size)
            data = b"".join((tail, *group.contents, PAD))
            chain = object_chain(data, len(data) - len(PAD))
            piece = None if group.is_strange else frames_of(data, chain.places, start_s)
            if piece is None:
                file.seek(began)
                yield from blf_frames(_resumed(header, tail, file), report)
                return
            if len(piece):
                yield piece
            if chain.is_damaged or chain.is_endless or group.is_damaged:
                note_blf_ends(report)
                return
            if group.is_last:
                return
            tail = data[chain.end : -len(PAD)]


def _start_s(header: bytes) -> float:
    """Return the start of the measurement, its local time taken for UTC as python-can does."""
    year, month, _, day, hour, minute, second, ms = _SYSTEM_TIME.unpack_from(header, _START_AT)
    try:
        return datetime(year, month, day, hour, minute, second, ms * 1000, UTC).timestamp()
    except ValueError:
        return 0.0


def _resumed(header: bytes, tail: bytes, file: BinaryIO) -> BinaryIO:
    """Return a BLF file of the objects in `tail` and of what comes next in `file`."""
    size = OBJECT.size + CONTAINER.size + len(tail)
    head = OBJECT.pack(SIGNATURE, OBJECT.size, 1, size, CONTAINER_KIND)
    container = head + CONTAINER.pack(UNPACKED, len(tail)) + tail + bytes(size % 4)
    return cast("BinaryIO", io.BufferedReader(_Continued(header + container, file)))


class _Continued(io.RawIOBase):
    """Reads some bytes, and then a file."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start = io.BytesIO(start)
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        data = self._start.read(len(view)) or self._file.read(len(view))
        view[: len(data)] = data
        return len(data)
