"""An archive opened as what it was made of."""

from __future__ import annotations

import tempfile
import weakref
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.recordings.formats import Format
from evdiag.recordings.parquet import read_archive
from evdiag.recordings.parquet.archive import open_archive
from evdiag.recordings.parquet.reading import archive_columns

if TYPE_CHECKING:
    from evdiag.recordings.opening import Opened
    from evdiag.recordings.parquet.archive import Archive
    from evdiag.recordings.source import Source


def opened_archive(source: Source) -> Opened:
    """Open an archive; one of a journal is read from the journal's own files.

    Raises:
        BadInputError: it is none of ours, it is damaged, or pyarrow is missing.
    """
    from evdiag.recordings.opening import Opened

    with open_archive(source) as archive:
        if archive.facts.is_journal:
            return _opened_journal(source, archive)
        facts = archive.facts
    form = Format(
        "parquet",
        read_archive,
        facts.unit,
        is_text=False,
        wrap=facts.wrap,
        read_columns=archive_columns,
    )
    return Opened(source, form, is_archive=True)


def _opened_journal(source: Source, archive: Archive) -> Opened:
    """Write the journal's files anew, into a folder that lives as long as they are read."""
    from evdiag.recordings.opening import opened
    from evdiag.recordings.parquet.restoring import restore_files

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="evdiag-"))
        try:
            written = restore_files(archive, Path(folder))
        except OSError as error:
            raise BadInputError(
                f"{source.label} cannot be read: its files cannot be written to "
                f"{plain_text(folder)}: {error.strerror or error}"
            ) from None
        found = opened(written[0])
        found.source.show_as(source.name)
        weakref.finalize(found.source, stack.pop_all().close)
    return found._replace(is_archive=True)
