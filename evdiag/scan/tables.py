"""Makes the tables of the log: Parquet files that appear whole, or stay as they were.

They are made in memory that does not grow with them, apart from what the log itself remembers.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.scan.columns import schemas
from evdiag.scan.places import LOG_NAME

if TYPE_CHECKING:
    from evdiag.scan.log import ScanLog
    from evdiag.scan.rows import Plain

_ROWS_AT_ONCE: Final = 5000
SUFFIX: Final = ".parquet"


@dataclass(slots=True)
class Vehicle:
    """What the recordings of one car amount to; `vehicle` is None for those of none that is known.

    `findings` counts those with a fault, `faults` those among them that are certain or likely.
    `first_ns` and `last_ns` are the first and last stamps that are dates.
    """

    vehicle: str | None
    recordings: int = 0
    frames: int = 0
    duration_s: float = 0.0
    attempts: int = 0
    findings: int = 0
    faults: int = 0
    first_ns: int | None = None
    last_ns: int | None = None

    def add(self, line: Mapping[str, Any]) -> None:
        """Count one recording, from its line of the log."""
        recording = line["recording"]
        self.recordings += 1
        self.frames += recording["frames"]
        self.duration_s += recording["duration_s"] or 0.0
        self.attempts += recording["attempts"]
        self.faults += recording["faults"]
        self.findings += sum(row["fault"] is not None for row in line["findings"])
        if recording["dated"]:
            times = [recording["first_ns"], recording["last_ns"]]
            self.first_ns = min(time for time in (self.first_ns, *times) if time is not None)
            self.last_ns = max(time for time in (self.last_ns, *times) if time is not None)


def refuse_others(folder: Path) -> None:
    """Keep a scan from writing over tables that no scan made.

    Raises:
        BadInputError: there are some in the folder.
    """
    if (folder / LOG_NAME).exists():
        return
    for name in schemas():
        table = folder / f"{name}{SUFFIX}"
        if table.exists():
            raise BadInputError(
                f"{plain_text(str(table))} is there already, and no scan made it: name another "
                "folder or add --force"
            )


def write_tables(log: ScanLog, folder: Path) -> list[Vehicle]:
    """Write `recordings`, `attempts`, `findings`, `vehicles` and `bad`; return the vehicles.

    Raises:
        BadInputError: the disk does not take them; those of an earlier scan stay as they were.
    """
    try:
        return _written(log, folder)
    except OSError as error:
        raise BadInputError(
            f"{plain_text(str(folder))}: the tables cannot be written: "
            f"{error.strerror or plain_text(str(error))}"
        ) from None


def _written(log: ScanLog, folder: Path) -> list[Vehicle]:
    vehicles: dict[str | None, Vehicle] = {}
    with ExitStack() as stack:
        tables = {name: stack.enter_context(_Table(folder, name)) for name in schemas()}
        for line, paths in log.recordings():
            vehicle = line["recording"]["vehicle"]
            vehicles.setdefault(vehicle, Vehicle(vehicle)).add(line)
            tables["recordings"].add({**line["recording"], "paths": paths})
            for name in ("attempts", "findings"):
                for row in line[name]:
                    tables[name].add(row)
        for left in log.left():
            tables["bad"].add(asdict(left))
        ordered = sorted(vehicles.values(), key=lambda found: found.vehicle or "\U0010ffff")
        for found in ordered:
            tables["vehicles"].add(asdict(found))
    for table in tables.values():
        table.appear()
    return ordered


class _Table:
    """A Parquet file on its way: rows are collected, written in groups, and named at the end."""

    def __init__(self, folder: Path, name: str) -> None:
        self._target = folder / f"{name}{SUFFIX}"
        # Always the same name: what a killed scan left of it is written over.
        self._unfinished = folder / f".{name}{SUFFIX}.unfinished"
        self._schema = schemas()[name]
        self._rows: list[Plain] = []

    def __enter__(self) -> _Table:
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(self._unfinished, self._schema, compression="zstd")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._write()
        self._writer.close()

    def add(self, row: Plain) -> None:
        """Add one row."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._write()

    def appear(self) -> None:
        """Take the place of the table that was there."""
        self._unfinished.replace(self._target)

    def _write(self) -> None:
        from pyarrow import json as pa_json

        if not self._rows:
            return
        # By way of JSON, because lists of Python's own make pyarrow import pandas.
        text = "\n".join(json.dumps(_utf8(row)) for row in self._rows).encode()
        self._rows.clear()
        table = pa_json.read_json(
            io.BytesIO(text),
            pa_json.ReadOptions(block_size=len(text) + 1),
            pa_json.ParseOptions(explicit_schema=self._schema, unexpected_field_behavior="ignore"),
        )
        self._writer.write_table(table.select(self._schema.names))


def _utf8(value: Any) -> Any:
    """Return a value whose texts can be written as UTF-8; a name of a file need not be able to."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _utf8(inner) for key, inner in value.items()}
    return [_utf8(inner) for inner in value] if isinstance(value, list) else value
