"""Recordings: what they are, their frames in file order, and what is wrong with them.

Station: source. In: files and standard input of any format in use. Out: frames and bus events
with integer nanoseconds, and a report of every oddity met on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.errors import BadInputError
from evdiag.recordings.losses import Loss
from evdiag.recordings.recording import Recording
from evdiag.recordings.report import (
    Anomaly,
    AnomalyKind,
    IdStatistics,
    ReadReport,
    SkippedLine,
)
from evdiag.recordings.time_unit import guess_time_power

if TYPE_CHECKING:
    from pathlib import Path

    from evdiag.recordings.stamps import TimeUnit

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "IdStatistics",
    "Loss",
    "ReadReport",
    "Recording",
    "SkippedLine",
    "convert",
    "guess_time_power",
    "open_recording",
]


def open_recording(source: str | Path, *, time_unit: TimeUnit | None = None) -> Recording:
    """Open a recording; ``-`` is standard input.

    `time_unit` overrules the unit of the stamps where the file is wrong about it.

    Raises:
        BadInputError: there is no such file, or it is no recording evdiag can read.
    """
    from evdiag.recordings.opening import opened

    found = opened(source)
    if time_unit is not None and found.form.unit is None:
        stamps = "times of day" if found.journal is None else "of a known unit"
        raise BadInputError(
            f"{found.source.label}: its stamps are {stamps}; --time-unit does not apply to them"
        )
    return Recording(
        found.source,
        found.form,
        time_unit,
        journal=found.journal,
        side_file_is_bad=found.side_file_is_bad,
    )


def convert(
    recording: Recording, target: Path, target_format: str | None = None, *, force: bool = False
) -> list[Loss]:
    """Write `recording` to `target` and return what its format cannot hold.

    `target_format` is ``candump``, ``gvret``, ``asc``, ``blf`` or ``csv`` (python-can's); without
    it the end of the name decides.

    Raises:
        BadInputError: the target exists and `force` is false, or cannot be written.
    """
    from evdiag.recordings import conversion

    return conversion.convert(recording, target, target_format, force=force)
