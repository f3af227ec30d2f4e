"""The files that an archive is made of: one, or those of a journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from evdiag.recordings.journal.names import LOG, PACKED, ROWS, stem_in, there
from evdiag.recordings.parquet.facts import File
from evdiag.recordings.source import STANDARD_INPUT, Source

if TYPE_CHECKING:
    from evdiag.recordings.opening import Opened

_ROOM: Final = 1 << 18
_PACKED_SUFFIXES: Final = {"gzip": ".gz", "zstd": ".zst", "xz": ".xz"}


class Originals:
    """`logs` hold the frames, one after the other; `sides` are what a journal has beside them."""

    def __init__(self, opened: Opened) -> None:
        self.is_journal = opened.journal is not None or opened.side_file_is_bad
        self.logs = [opened.source]
        self.sides: list[Source] = []
        if not self.is_journal:
            return
        first = Path(opened.source.name)
        facts = None if opened.journal is None else opened.journal.facts()
        logs = [first] if facts is None else list(facts.files)
        self.logs = [opened.source, *(Source(path) for path in logs[1:])]
        found = [there(path.parent, stem_in(path) or "", ROWS) for path in logs]
        beside = [path for path in found if path is not None]
        # Nothing is read of what a lost part holds, and all of it comes back.
        self.sides = [Source(path) for path in (*beside, *(facts.lost_files if facts else ()))]

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the (decompressed) bytes of all logs, as one stream."""
        with ExitStack() as stack:
            streams = [stack.enter_context(log.open()) for log in self.logs]
            yield streams[0] if len(streams) == 1 else cast("BinaryIO", _Joined(streams))

    def files(self, size: int, sha256: str) -> tuple[File, ...]:
        """Return what can be given back; `size` and `sha256` are those of the logs' bytes."""
        if not self.is_journal:
            return (File(original_name(self.logs[0]), size, sha256),)
        logs = [_file(log, keep=False) for log in self.logs]
        return (*logs, *(_file(side, keep=True) for side in self.sides))


def original_name(source: Source) -> str:
    """Return the name of a source without folder, and without what says that it is compressed."""
    if source.name == STANDARD_INPUT:
        return f"standard-input{LOG}"
    name = Path(source.name).name
    suffix = _PACKED_SUFFIXES.get(source.compression or "", PACKED)
    return name.removesuffix(suffix) if source.compression else name


def _file(source: Source, *, keep: bool) -> File:
    digest = hashlib.sha256()
    kept = []
    size = 0
    with source.open() as stream:
        while data := stream.read(_ROOM):
            digest.update(data)
            size += len(data)
            if keep:
                kept.append(data)
    text = b"".join(kept) if keep else None
    return File(original_name(source), size, digest.hexdigest(), text)


class _Joined:
    """Streams read one after the other."""

    def __init__(self, streams: Sequence[BinaryIO]) -> None:
        self._streams = list(streams)

    def read(self, count: int) -> bytes:
        while self._streams:
            if data := self._streams[0].read(count):
                return data
            self._streams.pop(0)
        return b""
