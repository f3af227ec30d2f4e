"""Records on their way out: a table for people, JSONL and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

Format: TypeAlias = Literal["table", "jsonl", "csv"]
Record: TypeAlias = Mapping[str, Any]


@contextmanager
def records(
    form: Format,
    output: Path | None,
    columns: Sequence[str],
    row: Callable[[Record], str],
    *,
    heading: str = "",
    force: bool = False,
) -> Iterator[Callable[[Record], None]]:
    """Yield a function that writes one record in the form that was asked for.

    `columns` are the CSV columns; `row` writes a record as one line of a table for people, under
    `heading`. JSONL holds each record whole.

    Raises:
        BadInputError: `output` exists and `force` is false, or it cannot be written.
    """
    with _destination(output, force) as stream:
        if form == "jsonl":
            yield lambda record: print(json.dumps(record, ensure_ascii=False), file=stream)
        elif form == "csv":
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            yield lambda record: writer.writerow([_csv_cell(record.get(c)) for c in columns])
        else:
            if heading:
                print(heading, file=stream)
            yield lambda record: print(row(record), file=stream)


@contextmanager
def _destination(output: Path | None, force: bool) -> Iterator[IO[str]]:
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        stream = output.open("w" if force else "x", encoding="utf-8", newline="")
    except FileExistsError:
        raise BadInputError(
            f"{plain_text(str(output))} exists already: name another file or add --force"
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{plain_text(str(output))} cannot be written: {error.strerror}"
        ) from None
    with stream:
        yield stream


def _csv_cell(value: Any) -> Any:
    """Make a cell that a terminal and a spreadsheet both take for text or a number."""
    if isinstance(value, (list, tuple, dict)):
        return plain_text(json.dumps(value, ensure_ascii=False))
    if not isinstance(value, str):
        return value
    text = plain_text(value)
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text
