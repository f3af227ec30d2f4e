"""What was used last: adapters and recordings, remembered in the state folder.

A convenience and no more: a file that cannot be read counts as empty, one that cannot be written
is left alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evdiag.bus.settings import BusSettings
from evdiag.user_files import state_folder

FILE: Final = "recent.json"
_KEPT: Final = 8

log = logging.getLogger("evdiag.recent")


@dataclass(frozen=True, slots=True)
class RecentBus:
    """A bus that was listened to, and the car that was named; None where it was recognised."""

    settings: BusSettings
    vehicle: str | None = None


def recent_buses() -> list[RecentBus]:
    """Return the buses that were listened to, the last one first."""
    return list(_buses(_list(_read().get("buses"))))


def recent_recordings() -> list[Path]:
    """Return the recordings that were made or played and are still there, the last one first."""
    paths = [Path(name) for name in _list(_read().get("recordings")) if isinstance(name, str)]
    return [path for path in paths if path.is_file()]


def remember_bus(settings: BusSettings, vehicle: str | None) -> None:
    """Put a bus in front."""
    bus = RecentBus(settings, vehicle)
    place = (settings.interface, settings.channel)
    others = [b for b in recent_buses() if (b.settings.interface, b.settings.channel) != place]
    _write("buses", [_row(each) for each in [bus, *others][:_KEPT]])


def remember_recording(path: Path) -> None:
    """Put a recording in front."""
    whole = path.absolute()
    others = [each for each in recent_recordings() if each != whole]
    _write("recordings", [str(each) for each in [whole, *others][:_KEPT]])


def _row(bus: RecentBus) -> dict[str, Any]:
    settings = bus.settings
    return {
        "interface": settings.interface,
        "channel": settings.channel,
        "bitrate": settings.bitrate,
        "fd": settings.fd,
        "data_bitrate": settings.data_bitrate,
        "options": settings.options,
        "vehicle": bus.vehicle,
    }


def _buses(rows: list[Any]) -> Iterator[RecentBus]:
    for row in rows:
        if not isinstance(row, dict):
            continue
        names = (row.get("interface"), row.get("channel"))
        if not all(isinstance(name, str) and name for name in names):
            continue
        options, vehicle = row.get("options"), row.get("vehicle")
        settings = BusSettings(
            str(names[0]),
            str(names[1]),
            _rate(row.get("bitrate")),
            row.get("fd") is True,
            _rate(row.get("data_bitrate")),
            options if isinstance(options, dict) else {},
        )
        yield RecentBus(settings, vehicle if isinstance(vehicle, str) else None)


def _rate(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _read() -> dict[str, Any]:
    try:
        said = json.loads((state_folder() / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.info("what was used last cannot be read: %s", error)
        return {}
    return said if isinstance(said, dict) else {}


def _write(name: str, rows: list[Any]) -> None:
    path = state_folder() / FILE
    try:
        text = json.dumps({**_read(), name: rows}, indent=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except (OSError, TypeError, ValueError) as error:
        log.info("what was used last cannot be remembered: %s", error)
