"""The first row of each part: what was recorded with, from where, and when it began."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Literal

from evdiag import __version__
from evdiag.plain import plain_json
from evdiag.recordings.journal.rows import json_object
from evdiag.recordings.journal.words import CarFiles, Vin

JOURNAL_VERSION: Final = 1
KIND: Final = "journal"

Mode = Literal["record", "black box"]


def tool_versions() -> dict[str, str]:
    """Return the versions of what takes part in recording."""
    try:
        python_can = version("python-can")
    except PackageNotFoundError:
        python_can = "unknown"
    return {"evdiag": __version__, "python": platform.python_version(), "python-can": python_can}


@dataclass(frozen=True)
class Header:
    """What each part says first.

    `wall_ns` and `monotonic_ns` are the two clocks at the start of the recording. `adapter` holds
    its settings as text (interface, channel, bit rate …), `listen_only` says by channel whether
    silence is verified, requested or not possible. `first_frame` and `first_row` count what the
    parts before this one hold, so that what was written twice is read once.
    """

    wall_ns: int
    monotonic_ns: int
    mode: Mode = "record"
    adapter: Mapping[str, str] = field(default_factory=dict)
    listen_only: Mapping[str, str] = field(default_factory=dict)
    car: CarFiles | None = None
    vin: str | None = None
    part: int = 1
    first_frame: int = 0
    first_row: int = 0
    versions: Mapping[str, str] = field(default_factory=tool_versions)
    journal_version: int = JOURNAL_VERSION

    def knowing(self, word: object) -> Header:
        """Return the header of the parts to come, once the car or its VIN is known."""
        if isinstance(word, CarFiles):
            return replace(self, car=word)
        return replace(self, vin=word.vin) if isinstance(word, Vin) else self

    def row(self) -> str:
        """Write it as a line, its end included."""
        car = self.car
        said = {
            "kind": KIND,
            "after_frame": 0,
            "journal_version": self.journal_version,
            "versions": dict(self.versions),
            "mode": self.mode,
            "part": self.part,
            "first_frame": self.first_frame,
            "first_row": self.first_row,
            "wall_ns": self.wall_ns,
            "monotonic_ns": self.monotonic_ns,
            "adapter": dict(self.adapter),
            "listen_only": dict(self.listen_only),
            "vehicle": None if car is None else car.vehicle,
            "profile_sha256": None if car is None else car.profile_sha256,
            "dbc": {} if car is None else dict(car.dbc),
            "vin": self.vin,
        }
        return plain_json(said) + "\n"


class NotAJournalError(Exception):
    """A file whose first row is somebody else's."""


def read_header(line: str) -> Header:
    """Read the first line of a side file.

    Raises:
        NotAJournalError: it is JSON, and another program's.
        ValueError: it is torn or garbage.
    """
    said = json_object(line)
    if said.get("kind") != KIND:
        raise NotAJournalError
    if not line.endswith("\n"):
        raise ValueError("torn")
    car = None
    if said.get("vehicle") is not None:
        dbc = _texts(said.get("dbc"))
        car = CarFiles(str(said["vehicle"]), str(said.get("profile_sha256")), tuple(dbc.items()))
    vin = said.get("vin")
    return Header(
        wall_ns=_whole(said.get("wall_ns")),
        monotonic_ns=_whole(said.get("monotonic_ns")),
        mode="black box" if said.get("mode") == "black box" else "record",
        adapter=_texts(said.get("adapter")),
        listen_only=_texts(said.get("listen_only")),
        car=car,
        vin=None if vin is None else str(vin),
        part=_whole(said.get("part")),
        first_frame=_whole(said.get("first_frame")),
        first_row=_whole(said.get("first_row")),
        versions=_texts(said.get("versions")),
        journal_version=_whole(said.get("journal_version")),
    )


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("a number is missing")
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(key): str(entry) for key, entry in value.items()}
