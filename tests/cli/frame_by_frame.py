"""What `evdiag decode` says, found frame by frame: slow and plain, to compare with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evdiag.cli.output import records
from evdiag.databases import load
from evdiag.decoding import wanted_signals
from evdiag.inputs import frame_key, id_text
from evdiag.plain import plain_text
from evdiag.signals.changes import same_raw
from evdiag.stamp_unit import open_checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("recording", "time_ns", "channel", "id", "message", "signal", "raw", "value")


def rows_one_by_one(path: Path, dbc: Path, *, changes: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the rows of one recording in the form of the command contract."""
    wanted = wanted_signals([load(dbc)], ())
    last: dict[Any, Any] = {}
    for frame in open_checked(str(path)).frames():
        if frame.error or frame.remote:
            continue
        key = frame_key(frame.id, frame.extended)
        for place, (message, signal) in enumerate(wanted.get(key, ())):
            raw = signal.raw(frame.data)
            if raw is None:
                continue
            if changes:
                seen = frame.channel, key, place
                if same_raw(raw, last.get(seen)):
                    continue
                last[seen] = raw
            yield {
                "recording": str(path),
                "time_ns": frame.time_ns,
                "channel": frame.channel,
                "id": id_text(frame.id, frame.extended),
                "message": message,
                "signal": signal.name,
                "raw": _finite(raw),
                "value": _finite(signal.value(raw)),
            }


def written_one_by_one(path: Path, dbc: Path, form: Any, out: Path, *, changes: bool) -> bytes:
    """Return the rows in a form as every command writes its records."""
    with records(form, out, COLUMNS, _table_row, force=True) as emit:
        for row in rows_one_by_one(path, dbc, changes=changes):
            emit(row)
    return out.read_bytes()


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table_row(record: Any) -> str:
    seconds = record["time_ns"] / 1e9
    value = "not a number" if record["value"] is None else record["value"]
    return plain_text(
        f"{seconds:17.6f}  {record['channel']!s:<6} {record['id']:<10}  "
        f"{record['message']}.{record['signal']} = {value}"
    )
