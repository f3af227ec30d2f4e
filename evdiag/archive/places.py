"""Where an archived recording lies: ``vehicle=bmw-i3/day=2022-12-10/name-1a2b3c4d.parquet``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from evdiag.recordings.stamps import is_date

SUFFIX: Final = ".parquet"
UNKNOWN: Final = "unknown"
UNDATED: Final = "undated"

_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST_NAME: Final = 80


def place(vehicle: str | None, day: str | None, name: str, sha256: str) -> Path:
    """Return the path of an archived recording under the archive's folder.

    `vehicle` and `day` are columns for whoever reads the folder as a table; `name` is made safe.
    """
    stem = Path(name).stem if Path(name).suffix else name
    plain = _NOT_IN_A_NAME.sub("-", stem)[:_LONGEST_NAME].strip("-.") or "recording"
    return Path(
        f"vehicle={_NOT_IN_A_NAME.sub('-', vehicle or UNKNOWN)}",
        f"day={day or UNDATED}",
        f"{plain}-{sha256[:8]}{SUFFIX}",
    )


def day_of(first_ns: int | None) -> str | None:
    """Return the day (UTC) of a stamp, None where it is no date."""
    if first_ns is None or not is_date(first_ns):
        return None
    try:
        return datetime.fromtimestamp(first_ns // 10**9, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError):
        return None
