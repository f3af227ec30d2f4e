"""An open archive: what it says of its source, and its rows in the source's order."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec, TypeVar

from evdiag.errors import BadInputError
from evdiag.recordings.parquet.arrow import (
    ARROW_STUMBLES,
    DisorderError,
    damage_named,
    need_arrow,
)
from evdiag.recordings.parquet.columns import MOST_TEXT
from evdiag.recordings.parquet.facts import ArchiveFacts, NotOursError, facts_of
from evdiag.recordings.parquet.read_ahead import ReadAhead
from evdiag.recordings.parquet.table import ROWS_A_GROUP, schema, spool_schema
from evdiag.recordings.parquet.windows import Window, windows

if TYPE_CHECKING:
    import pyarrow as pa

    from evdiag.recordings.parquet.read_ahead import ReadGroup
    from evdiag.recordings.source import Source

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")

_PARQUET: Final = b"PAR1"
_BYTE_STRINGS: Final = ("data", "source_text")


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
            for window in windows(ahead, self.facts):
                # Guarded by themselves: columns that wait are read when nobody expects it.
                yield replace(
                    window, data=self._guarded(window.data), texts=self._guarded(window.texts)
                )

    def _guarded(self, ask: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
        def guarded(*args: _Asked.args, **kwargs: _Asked.kwargs) -> _Answer:
            with damage_named(self.label):
                return ask(*args, **kwargs)

        return guarded

    def _opened(self) -> ReadGroup:
        with damage_named(self.label, *ARROW_STUMBLES):
            file = _parquet_file(self.stored, self.metadata)

        def read(number: int, columns: list[str]) -> pa.Table:
            with damage_named(self.label, *ARROW_STUMBLES):
                table = file.read_row_group(number, columns=columns, use_threads=False)
            with damage_named(self.label):
                if len(table) != self.facts.groups[number].rows or not _is_filled(table):
                    raise DisorderError("rows are missing")
            return table

        return read


def _is_filled(table: pa.Table) -> bool:
    """Tell whether something stands wherever it has to."""
    return all(
        column.null_count == 0
        for name, column in zip(table.column_names, table.columns, strict=True)
        if name != "source_text"
    )


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
    with damage_named(source.label, *ARROW_STUMBLES):
        file = _parquet_file(stored)
        said, shape = file.metadata.metadata or {}, _shape(file)
    return Archive(source.label, _facts(source, said, shape), stored, file.metadata)


def archive_facts(source: Source) -> ArchiveFacts:
    """Return what an archive says of its source.

    Raises:
        BadInputError: it is none of ours, it is damaged, or pyarrow is missing.
    """
    with open_archive(source) as archive:
        return archive.facts


class _Shape(NamedTuple):
    """How many rows each row group of a table has, and its columns with their types.

    `most_text` is how many bytes the largest column of byte strings may have in one of them.
    """

    rows: list[int]
    columns: list[tuple[str, Any]]
    most_text: int


def _shape(file: Any) -> _Shape:
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    return _Shape(
        [group.num_rows for group in groups],
        [(field.name, field.type) for field in file.schema_arrow],
        max(map(_most_text, groups), default=0),
    )


def _most_text(group: Any) -> int:
    columns = [group.column(number) for number in range(group.num_columns)]
    sizes: Iterator[int] = (
        # Each row may name the one long word of a dictionary.
        column.total_uncompressed_size * (group.num_rows if column.has_dictionary_page else 1)
        for column in columns
        if column.path_in_schema in _BYTE_STRINGS
    )
    return max(sizes, default=0)


def _facts(source: Source, said: Mapping[bytes, bytes], shape: _Shape) -> ArchiveFacts:
    try:
        facts = facts_of(said)
    except NotOursError as error:
        raise BadInputError(f"{source.label} is not a recording evdiag can read: {error}") from None
    if not _fit(facts, shape):
        raise BadInputError(f"{source.label} is damaged: its table is not the one that was written")
    return facts


def _fit(facts: ArchiveFacts, shape: _Shape) -> bool:
    """Tell whether a table is as its facts say."""
    there = dict(shape.columns)
    return (
        shape.rows == [group.rows for group in facts.groups]
        and max(shape.rows, default=0) <= ROWS_A_GROUP
        and shape.most_text <= MOST_TEXT
        and sum(shape.rows) == facts.frames
        and len(there) == len(shape.columns)
        and all(group.channel < len(facts.channels) for group in facts.groups)
        and len(facts.disorder) == len(facts.channels)
        and all(there.get(field.name) == field.type for field in spool_schema())
        and there.get("source_text") == schema().field("source_text").type
    )
