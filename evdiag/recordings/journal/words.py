"""The recorder's own words: rows of a journal that no session is fed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from evdiag.inputs import Input


@dataclass(frozen=True, slots=True)
class CarFiles:
    """The files that say what the car's frames mean, by their hashes (SHA-256, hexadecimal)."""

    vehicle: str
    profile_sha256: str
    dbc: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Vin:
    """The vehicle's identification number became known."""

    vin: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """What went wrong with the recording, and how it ended."""

    time_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a black box wrote this recording."""

    time_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """The part was closed, not torn; `continues` where another one follows."""

    time_ns: int
    frames: int
    continues: bool = False


Own: TypeAlias = CarFiles | Vin | Alarm | Trigger | End
Entry: TypeAlias = Input | Own
