"""An open archive: what it says of its source, and its rows in the source's order."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from evdiag.errors import BadInputError
from evdiag.recordings.parquet.arrow import damage_named, need_arrow
from evdiag.recordings.parquet.facts import ArchiveFacts, NotOursError, facts_of
from evdiag.recordings.parquet.read_ahead import ReadAhead
from evdiag.recordings.parquet.table import schema, spool_schema
from evdiag.recordings.parquet.windows import Window, windows

if TYPE_CHECKING:
    import pyarrow as pa

    from evdiag.recordings.parquet.read_ahead import ReadGroup
    from evdiag.recordings.source import Source


_PARQUET: Final = b"PAR1"


class Archive(NamedTuple):
    """An open Parquet file of ours; `label` is its name for messages.

    `stored` are its bytes, which several may read at once; `metadata` is what Parquet says of them.
    """

    label: str
    facts: ArchiveFacts
    stored: pa.NativeFile
    metadata: Any

    def windows(self) -> Iterator[Window]:
        """Yield all rows in the source's order.

        Raises:
            BadInputError: the file is damaged.
        """
        with damage_named(self.label), closing(ReadAhead(self._opened)) as ahead:
            yield from windows(ahead, self.facts)

    def _opened(self) -> ReadGroup:
        file = _parquet_file(self.stored, self.metadata)

        def read(number: int, columns: list[str]) -> pa.Table:
            # Guarded by itself: columns that wait are read when nobody expects it.
            with damage_named(self.label):
                return file.read_row_group(number, columns=columns, use_threads=False)

        return read


def _parquet_file(stored: pa.NativeFile, metadata: Any = None) -> Any:
    """Open Parquet whose pages are checked as they are read, for one thread."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(stored, metadata=metadata, page_checksum_verification=True)


@contextmanager
def open_archive(source: Source) -> Iterator[Archive]:
    """Open an archive.

    Raises:
        BadInputError: it is none of ours, it is damaged, or pyarrow is missing.
    """
    need_arrow(source.label)
    if not source.head.startswith(_PARQUET):
        raise BadInputError(
            f"{source.label} is no archive, and no Parquet file at all: `evdiag archive make` "
            "makes one of a recording"
        )
    import pyarrow as pa

    if source.path is not None:
        with damage_named(source.label):
            stored = pa.OSFile(os.fsencode(source.path))
        with stored:
            yield _archive(source, stored)
        return
    with tempfile.TemporaryFile() as copy:
        with source.open() as stream:
            shutil.copyfileobj(stream, copy)
        yield _archive(source, pa.PythonFile(copy, "r"))


def _archive(source: Source, stored: pa.NativeFile) -> Archive:
    with damage_named(source.label):
        file = _parquet_file(stored)
    return Archive(source.label, _facts(source, file), stored, file.metadata)


def archive_facts(source: Source) -> ArchiveFacts:
    """Return what an archive says of its source.

    Raises:
        BadInputError: it is none of ours, it is damaged, or pyarrow is missing.
    """
    with open_archive(source) as archive:
        return archive.facts


def _facts(source: Source, file: Any) -> ArchiveFacts:
    try:
        facts = facts_of(file.metadata.metadata or {})
    except NotOursError as error:
        raise BadInputError(f"{source.label} is not a recording evdiag can read: {error}") from None
    if not _fit(facts, file):
        raise BadInputError(f"{source.label} is damaged: its table is not the one that was written")
    return facts


def _fit(facts: ArchiveFacts, file: Any) -> bool:
    """Tell whether a table is as its facts say."""
    rows = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    there = {field.name: field.type for field in file.schema_arrow}
    return (
        rows == [group.rows for group in facts.groups]
        and sum(rows) == facts.frames
        and all(0 <= group.channel < len(facts.channels) for group in facts.groups)
        and len(facts.disorder) == len(facts.channels)
        and all(there.get(field.name) == field.type for field in spool_schema())
        and there.get("source_text") == schema().field("source_text").type
    )
