"""From a name to what it names: a file of a known format, a journal, or an archive of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evdiag.recordings.formats import Format
from evdiag.recordings.journal.names import ROWS, stem_in, there
from evdiag.recordings.sniffing import recognise
from evdiag.recordings.source import STANDARD_INPUT, Source

if TYPE_CHECKING:
    from evdiag.recordings.journal.reader import JournalReader


class Opened(NamedTuple):
    """A source and the format it is in; the journal whose first file it is, where it is one.

    `is_archive` tells whether it was taken out of a Parquet file of ours.
    """

    source: Source
    form: Format
    journal: JournalReader | None = None
    side_file_is_bad: bool = False
    is_archive: bool = False


def opened(name: str | Path) -> Opened:
    """Open what `name` names; ``-`` is standard input.

    Raises:
        BadInputError: there is no such file, or it is no recording evdiag can read.
    """
    journal, side_file_is_bad = _journal(name)
    if journal is not None:
        return Opened(Source(journal.log), journal_form(journal), journal)
    source = Source(name)
    form = recognise(source)
    if form.name == "parquet":
        from evdiag.recordings.parquet.opening import opened_archive

        return opened_archive(source)
    return Opened(source, form, None, side_file_is_bad)


def journal_form(journal: JournalReader) -> Format:
    """Return the format of this one journal."""
    return Format("evdiag journal", journal.read, None)


def _journal(name: str | Path) -> tuple[JournalReader | None, bool]:
    """Return the journal that a file belongs to, and whether a side file is there that is bad."""
    if str(name) == STANDARD_INPUT:
        return None, False
    path = Path(name)
    try:
        stem = stem_in(path)
        if stem is None or there(path.parent, stem, ROWS) is None:
            return None, False
        from evdiag.recordings.journal.reader import find_journal

        return find_journal(name), False
    except ValueError:
        return None, True
    except OSError:
        # A name that is too long, a folder that may not be read: opening it will say so.
        return None, False
