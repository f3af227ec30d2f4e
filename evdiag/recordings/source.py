"""The bytes of a recording: files and standard input, compression, encodings, line ends.

Everything here can be opened again and again: a recording is read at least twice, once to see
what it is and once for its frames.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import shutil
import stat
import sys
import tempfile
import weakref
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from evdiag.errors import BadInputError
from evdiag.packaged import like_a_shipped_recording
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD_INPUT = "-"

_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\x00": "xz"}
_HEAD_BYTES = 262_144

_PIPES: dict[tuple[int, int], BinaryIO] = {}
"""What came through pipes that have a name (``<(...)``), by device and inode: it comes but once,
and one command may read a recording more than once."""


class Source:
    """One file, or standard input kept in a temporary file."""

    def __init__(self, name: str | Path) -> None:
        """Look at the start of the file.

        Raises:
            BadInputError: there is no such file, or it cannot be read.
        """
        self.name = self._file = str(name)
        if not self.name:
            raise BadInputError("a recording has no name: name a file, or - for standard input")
        self._spool = self._kept_stream()
        self.compression = self._compression()
        self.cut_short = False
        self.head = self._head()
        self.encoding, self.bom = _encoding(self.head)

    def _kept_stream(self) -> BinaryIO | None:
        """Keep what comes but once, standard input or a pipe; return None for a file."""
        if self.name == STANDARD_INPUT:
            # None where the shell has closed it (`<&-`); typeshed does not say so.
            if sys.stdin is None:
                raise BadInputError("standard input is closed: there is nothing in it to read")
            spool = _spooled(sys.stdin.buffer)
            weakref.finalize(self, spool.close)
            return spool
        try:
            found = os.stat(self._file)
        except (OSError, ValueError):
            # Opening it will say what is wrong.
            return None
        if not stat.S_ISFIFO(found.st_mode):
            return None
        pipe = found.st_dev, found.st_ino
        if pipe not in _PIPES:
            with self._opened() as stream:
                _PIPES[pipe] = _spooled(stream)
        return _PIPES[pipe]

    @property
    def label(self) -> str:
        """The name as it goes into messages."""
        return "standard input" if self.name == STANDARD_INPUT else plain_text(self.name)

    @property
    def comes_once(self) -> bool:
        """True for standard input and for a pipe, which another program cannot read once more."""
        return self._spool is not None

    @property
    def path(self) -> Path | None:
        """The plain file behind this source, for libraries that want a path."""
        if self._spool is None and self.compression is None:
            return Path(self._file)
        return None

    @property
    def bytes_on_disk(self) -> int:
        """The size of its file, compressed or not; 0 for standard input, and where it is gone."""
        if self._spool is not None:
            return 0
        try:
            return Path(self._file).stat().st_size
        except OSError:
            return 0

    def show_as(self, name: str) -> None:
        """Go by another name: that of the archive in which the file was."""
        self.name = name

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the (decompressed) bytes from their start."""
        with self.stored_bytes() as raw:
            yield self._decompressed(raw)

    @contextmanager
    def lines(self) -> Iterator[io.TextIOWrapper]:
        """Open the text; CRLF, LF and bare CR all end a line as LF, a byte-order mark is gone."""
        with self.open() as stream:
            yield io.TextIOWrapper(
                stream,
                encoding=self.encoding,
                errors="surrogateescape" if self.encoding.startswith("utf-8") else "replace",
                newline=None,
            )

    def head_lines(self, limit: int = 400) -> list[str]:
        """Return the first lines that are not blank, without their line ends."""
        text = self.head.decode(self.encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        if len(self.head) >= _HEAD_BYTES:
            # The last one was cut by us, not by the logger.
            lines.pop()
        return [line for line in lines if line.strip(" \t\0")][:limit]

    @contextmanager
    def stored_bytes(self) -> Iterator[BinaryIO]:
        """Open the bytes as they are stored, compressed or not."""
        if self._spool is not None:
            self._spool.seek(0)
            yield self._spool
            return
        with self._opened() as stream:
            yield stream

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """Open the file itself; what cannot be read on the way is said like what cannot be opened.

        What the code inside raises of its own is no OSError: it only reads.
        """
        try:
            stream = Path(self._file).open("rb")  # noqa: SIM115 - closed below, by `with stream`
        except FileNotFoundError:
            meant = like_a_shipped_recording(self.name)
            hint = "" if meant is None else f"; did you mean the shipped {meant!r}?"
            raise BadInputError(f"{self.label}: there is no such file{hint}") from None
        except OSError as error:
            if os.path.isdir(self._file):
                raise BadInputError(
                    f"{self.label} is a folder: name a recording in it; `evdiag scan` takes folders"
                ) from None
            raise BadInputError(f"{self.label} cannot be read: {error.strerror}") from None
        try:
            with stream:
                yield stream
        except OSError as error:
            why = error.strerror or str(error)
            raise BadInputError(f"{self.label} cannot be read: {plain_text(why)}") from None

    def _compression(self) -> str | None:
        with self.stored_bytes() as raw:
            start = raw.read(8)
        for magic, compression in _COMPRESSIONS.items():
            if start.startswith(magic):
                return compression
        return None

    def _decompressed(self, raw: BinaryIO) -> BinaryIO:
        if self.compression is None:
            # The spool outlives this reader; a reader closes what it is given.
            return io.BufferedReader(_KeptOpen(raw)) if raw is self._spool else raw
        return io.BufferedReader(_Tolerant(_decompressor(self.compression, raw), self), 1 << 18)

    def _head(self) -> bytes:
        with self.open() as stream:
            return stream.read(_HEAD_BYTES)


class _KeptOpen(io.RawIOBase):
    """Reads a shared stream; closing it leaves the stream open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: object) -> int:
        return cast("io.BufferedReader", self._stream).readinto(buffer)  # type: ignore[arg-type]


class _Tolerant(io.RawIOBase):
    """Decompresses as far as it goes: a capture whose end was cut off still holds its start."""

    def __init__(self, stream: BinaryIO, source: Source) -> None:
        self._stream = stream
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            data = self._stream.read1(len(view))  # type: ignore[attr-defined]
        except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            self._source.cut_short = True
            return 0
        view[: len(data)] = data
        return len(data)


def _decompressor(compression: str, raw: BinaryIO) -> BinaryIO:
    if compression == "gzip":
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if compression == "xz":
        return cast("BinaryIO", lzma.LZMAFile(raw))
    return cast("BinaryIO", _ZstdStream(raw))


class _ZstdStream:
    """Reads zstd frames one after the other; a cut end raises EOFError as gzip and lzma do.

    (The library's own stream reader takes a cut end for the end.)
    """

    def __init__(self, raw: BinaryIO) -> None:
        import zstandard

        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj
        self._error = zstandard.ZstdError
        self._raw = raw
        self._frame = self._new()
        self._within_frame = False
        self._ready = b""

    def read1(self, size: int) -> bytes:
        while not self._ready:
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._within_frame = self._new(), False
            packed = packed or self._raw.read(1 << 16)
            if not packed:
                if self._within_frame:
                    raise EOFError("the last frame is cut off")
                return b""
            self._within_frame = True
            try:
                self._ready = self._frame.decompress(packed)
            except self._error as error:
                raise EOFError(str(error)) from None
        data, self._ready = self._ready[:size], self._ready[size:]
        return data


def _spooled(stream: BinaryIO) -> BinaryIO:
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the recording
    shutil.copyfileobj(stream, spool)
    return cast("BinaryIO", spool)


def _encoding(head: bytes) -> tuple[str, bool]:
    """Return the text encoding and whether a byte-order mark says so."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", True
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", True
    # Windows tools write UTF-16 without a mark, too: every other byte of ASCII text is zero.
    # (Some loggers put single NULs into 8-bit text; those are few.)
    sample = head[:4096]
    if len(sample) >= 4:
        if sample[1::2].count(0) > 0.8 * len(sample[1::2]):
            return "utf-16-le", False
        if sample[0::2].count(0) > 0.8 * len(sample[0::2]):
            return "utf-16-be", False
    return "utf-8", False
