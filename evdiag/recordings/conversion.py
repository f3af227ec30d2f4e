"""Writes a recording in another format, and says what that format cannot hold."""

from __future__ import annotations

import gzip
import io
import lzma
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO, cast

from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, BusEventKind, Tick
from evdiag.plain import plain_text
from evdiag.recordings import losses
from evdiag.recordings.losses import Loss, Losses
from evdiag.recordings.survey import survey
from evdiag.recordings.writers import TEXT_WRITERS, write_blf
from evdiag.whole_file import unfinished_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings.recording import Recording

TARGETS: Final = (*TEXT_WRITERS, "blf")
COMPRESSIONS: Final = (".gz", ".zst", ".xz")

_BY_SUFFIX: Final = {
    ".log": "candump",
    ".txt": "candump",
    ".candump": "candump",
    ".csv": "gvret",
    ".asc": "asc",
    ".blf": "blf",
}


def target_format(target: Path) -> str:
    """Return the format that a file name asks for.

    Raises:
        BadInputError: the name does not tell.
    """
    suffixes = [suffix.lower() for suffix in target.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    form = _BY_SUFFIX.get(suffixes[-1]) if suffixes else None
    if form is None:
        known = ", ".join(_BY_SUFFIX)
        raise BadInputError(
            f"{plain_text(str(target))}: the name does not tell the format; "
            f"end it in one of {known}, or say --to {'|'.join(TARGETS)}"
        )
    return form


def convert(
    recording: Recording, target: Path, form: str | None = None, *, force: bool = False
) -> list[Loss]:
    """Write `recording` to `target` and return what could not be held.

    The file appears whole or not at all. `form` is one of `TARGETS`; without it the name decides.

    Raises:
        BadInputError: the target exists and `force` is false, it cannot be written, or its name
            does not fit its format.
    """
    form = form or target_format(target)
    compression = target.suffix.lower() if target.suffix.lower() in COMPRESSIONS else None
    label = plain_text(str(target))
    if form == "blf" and compression:
        raise BadInputError(f"{label}: BLF is compressed in itself; leave {compression} out")
    if str(target) == "-":
        raise BadInputError("a conversion is written into a file, not to standard output: name one")
    if target.exists() and not force:
        raise BadInputError(f"{label} exists already: name another file or add --force")
    about = survey(recording)
    lost = Losses()
    for item in _left_in_the_journal(recording):
        lost.add(losses.JOURNAL_ROWS, type(item).__name__)
    with _appearing_whole(target, label) as unfinished:
        if form == "blf":
            write_blf(recording, unfinished, about, lost)
        else:
            with _text(unfinished, compression) as stream:
                TEXT_WRITERS[form](recording, stream, about, lost)
    return lost.listed()


def _left_in_the_journal(recording: Recording) -> Iterator[object]:
    """Yield what a journal says beside its frames, but for what a writer is asked for anyway."""
    journal = recording.journal
    for _, item in () if journal is None else journal.inputs:
        lost_frames = isinstance(item, BusEvent) and item.kind is BusEventKind.FRAMES_LOST
        if not lost_frames and not isinstance(item, Tick):
            yield item


@contextmanager
def _appearing_whole(target: Path, label: str) -> Iterator[Path]:
    """Yield a file beside the target that takes its place once it is complete.

    A link's target is replaced, not the link; a device is no place for a recording.
    """
    if target.exists() and not target.is_file():
        raise BadInputError(f"{label} is no ordinary file: name another one")
    try:
        with unfinished_beside(target) as unfinished:
            yield unfinished
    except OSError as error:
        raise BadInputError(f"{label} cannot be written: {error.strerror or error}") from None


@contextmanager
def _text(path: Path, compression: str | None) -> Iterator[TextIO]:
    with path.open("wb") as raw, _compressed(raw, compression) as packed:
        text = io.TextIOWrapper(packed, "utf-8", errors="surrogateescape", newline="\n")
        yield text
        text.flush()
        text.detach()


@contextmanager
def _compressed(raw: BinaryIO, compression: str | None) -> Iterator[BinaryIO]:
    if compression is None:
        yield raw
    elif compression == ".gz":
        # Without name and date: the same recording gives the same file.
        with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    elif compression == ".xz":
        with lzma.LZMAFile(raw, "wb") as packed_xz:
            yield cast("BinaryIO", packed_xz)
    else:
        import zstandard

        with zstandard.ZstdCompressor().stream_writer(raw, closefd=False) as packed_zst:
            yield cast("BinaryIO", packed_zst)
