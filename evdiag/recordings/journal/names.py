"""Names of journals: they sort by time and never collide."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

LOG: Final = ".log"
ROWS: Final = ".jsonl"
PACKED: Final = ".zst"

_LATER_PART = re.compile(r"(?P<stem>.+)\.part(?P<number>\d{3,})")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST_LABEL: Final = 60


def stem_of(wall_ns: int, label: str) -> str:
    """Return the name of a recording that begins at `wall_ns`: ``20261122T190502.123456Z-kona``."""
    seconds, rest = divmod(wall_ns, 10**9)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")
    plain = _NOT_IN_A_NAME.sub("-", label)[:_LONGEST_LABEL].strip("-.")
    return f"{moment}.{rest // 1000:06d}Z" + (f"-{plain}" if plain else "")


def part_stem(stem: str, number: int) -> str:
    """Return the stem of a part; the first is the recording's own."""
    return stem if number == 1 else f"{stem}.part{number:03d}"


def split_stem(stem: str) -> tuple[str, int]:
    """Return the recording's stem and the number of the part."""
    match = _LATER_PART.fullmatch(stem)
    return (stem, 1) if match is None else (match["stem"], int(match["number"]))


def is_taken(folder: Path, stem: str) -> bool:
    """Tell whether a recording of this name is there already, packed or not."""
    return any(
        (folder / f"{stem}{suffix}{packed}").exists()
        for suffix in (LOG, ROWS)
        for packed in ("", PACKED)
    )


def stem_in(path: Path) -> str | None:
    """Return the stem of one of a journal's files; None where its name is no such name."""
    name = path.name.removesuffix(PACKED)
    for suffix in (LOG, ROWS):
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return None


def there(folder: Path, stem: str, suffix: str) -> Path | None:
    """Return the file of a part: the plain one, else the packed one, None where there is none."""
    for packed in ("", PACKED):
        path = folder / f"{stem}{suffix}{packed}"
        if path.is_file():
            return path
    return None


def part_numbers(folder: Path, stem: str) -> list[int]:
    """Return the numbers of the parts that have a side file, in order."""
    numbers = set()
    for path in folder.iterdir():
        name = path.name.removesuffix(PACKED)
        if name.startswith(stem) and name.endswith(ROWS):
            found, number = split_stem(name.removesuffix(ROWS))
            if found == stem:
                numbers.add(number)
    return sorted(numbers)
