"""Records on their way out: a table for people, JSONL and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from evdiag.errors import BadInputError
from evdiag.plain import plain_json, plain_text
from evdiag.whole_file import unfinished_beside

Format: TypeAlias = Literal["table", "jsonl", "csv"]
Record: TypeAlias = Mapping[str, Any]

_STANDARD_OUTPUT = Path("-")


@contextmanager
def records(
    form: Format,
    output: Path | None,
    columns: Sequence[str],
    row: Callable[[Record], str],
    *,
    force: bool = False,
    inputs: Iterable[str | Path] = (),
) -> Iterator[Callable[[Record], None]]:
    """Yield a function that writes one record in the form that was asked for.

    `columns` are the CSV columns; `row` writes a record as one line of a table for people. JSONL
    holds each record whole. `output` appears whole, once all is written, or not at all.

    Raises:
        BadInputError: `output` exists and `force` is false, it is one of the `inputs`, or it
            cannot be written.
    """
    with destination(output, force=force, inputs=inputs) as stream:
        if form == "jsonl":
            yield lambda record: _write_line(stream, plain_json(record))
        elif form == "csv":
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            yield lambda record: writer.writerow([_csv_cell(record.get(c)) for c in columns])
        else:
            yield lambda record: _write_line(stream, row(record))


def _write_line(stream: IO[str], line: str) -> None:
    stream.write(line + "\n")


@contextmanager
def destination(
    output: Path | None,
    *,
    force: bool = False,
    inputs: Iterable[str | Path] = (),
    private: bool = False,
) -> Iterator[IO[str]]:
    """Yield where text goes: to `output`, which appears whole or not at all, or standard output.

    A `private` file is its owner's alone.

    Raises:
        BadInputError: `output` exists and `force` is false, it is one of the `inputs`, or it
            cannot be written.
    """
    if output is not None and output != _STANDARD_OUTPUT:
        refuse_inputs(output, inputs)
        with written(output, force, private=private) as stream:
            yield stream
        return
    if sys.stdout is None:
        raise BadInputError("standard output is closed: name a file with --output")
    yield sys.stdout
    sys.stdout.flush()


def refuse_inputs(output: Path, inputs: Iterable[str | Path]) -> None:
    """Keep a command from writing over what it reads, and over the case book.

    Raises:
        BadInputError: `output` is one of `inputs`, by whatever name, or a file that belongs to one
            of them (a journal has several), or the case book.
    """
    try:
        if not output.is_file():
            return
    except OSError:
        # It will be complained of when it is opened.
        return
    label = plain_text(str(output))
    if any(_are_one(output, file) for file in _case_book()):
        raise BadInputError(f"{label} is the case book: name another file to write")
    if any(_are_one(output, file) for name in inputs for file in _files_of(Path(name))):
        raise BadInputError(f"{label} is what is read: name another file to write")


def _are_one(output: Path, other: Path) -> bool:
    try:
        return output.samefile(other)
    except OSError:
        # That one is not there, or will be complained of when it is opened.
        return False


def _files_of(recording: Path) -> tuple[Path, ...]:
    from evdiag.scan.journals import files_of

    return (recording, *files_of(recording))


def _case_book() -> Iterator[Path]:
    """Yield the files of the case book, where it is one on this machine."""
    from evdiag.casebook.place import place_of

    try:
        path = place_of().path
    except (BadInputError, RuntimeError):
        return
    if path is not None:
        yield from (path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal"))


def refuse_existing(output: Path, force: bool) -> None:
    """Keep a command from writing over anything it was not told to.

    Raises:
        BadInputError: `output` exists and `force` is false, or that cannot be told; or it stands
            for standard output, which this is not written to.
    """
    if output == _STANDARD_OUTPUT:
        raise BadInputError("this is written into a file, not to standard output: name one")
    label = plain_text(str(output))
    try:
        exists = output.exists()
    except OSError as error:
        raise BadInputError(f"{label} cannot be written: {error.strerror}") from None
    if exists and not force:
        raise BadInputError(f"{label} exists already: name another file or add --force")


@contextmanager
def written(
    output: Path, force: bool, *, binary: bool = False, private: bool = False
) -> Iterator[IO[Any]]:
    """Yield a stream whose file appears whole, once all is written, or not at all.

    A `private` file is its owner's alone.

    Raises:
        BadInputError: `output` exists and `force` is false, or it cannot be written.
    """
    refuse_existing(output, force)
    try:
        with ExitStack() as stack:
            path = output
            if output.is_file() or not output.exists():
                path = stack.enter_context(unfinished_beside(output, private=private))
            # Else it is a device or a pipe, which is written, never replaced.
            yield stack.enter_context(_opened(path, binary))
    except OSError as error:
        label = plain_text(str(output))
        raise BadInputError(f"{label} cannot be written: {error.strerror or error}") from None


def _opened(path: Path, binary: bool) -> IO[Any]:
    if binary:
        return path.open("wb")
    return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")


def can_be_undone(stream: IO[Any]) -> bool:
    """Tell whether what is written to a stream can be taken back: not from a device or a pipe."""
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def csv_cells(values: Iterable[Any]) -> str:
    """Return cells of CSV side by side, as `records` writes them; no end of line."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([_csv_cell(value) for value in values])
    return line.getvalue()


def _csv_cell(value: Any) -> Any:
    """Make a cell that a terminal and a spreadsheet both take for text or a number."""
    if isinstance(value, (list, tuple, dict)):
        return plain_text(json.dumps(value, ensure_ascii=False))
    if not isinstance(value, str):
        return value
    text = plain_text(value)
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text
