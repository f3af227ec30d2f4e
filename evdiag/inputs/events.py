"""Everything but frames that can enter: what the bus, the clock and the person say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from evdiag.inputs.frame import Channel, Frame


class BusEventKind(Enum):
    """What a source can say about its bus."""

    UP = "up"
    LOST = "lost"
    BUS_OFF = "bus_off"
    ERROR_PASSIVE = "error_passive"
    ERROR_ACTIVE = "error_active"
    ERROR_COUNTERS = "error_counters"
    WRONG_BITRATE = "wrong_bitrate"
    SILENT = "silent"
    HEARD = "heard"
    DRIVER_ERROR = "driver_error"
    FRAMES_LOST = "frames_lost"


@dataclass(frozen=True, slots=True)
class BusEvent:
    """The state of a bus or adapter changed, or the recorder marked frames that it lost.

    `count` is the number of lost frames (at least 1: a logger rarely knows how many). `detail`
    says in words what is known of it, for people; the error counters as ``tx 0 rx 96``.
    """

    time_ns: int
    kind: BusEventKind
    channel: Channel = 0
    count: int = 0
    detail: str = ""


class Tick(NamedTuple):
    """Time went on without a frame."""

    time_ns: int


class Mark(NamedTuple):
    """The person's note."""

    time_ns: int
    text: str


class Answer(NamedTuple):
    """The person's answer to a step of the guide."""

    time_ns: int
    step: str
    answer: str


class TransmitDecision(NamedTuple):
    """What the gate decided about one intent, and why."""

    time_ns: int
    intent: str
    permitted: bool
    reasons: tuple[str, ...]


class Identified(NamedTuple):
    """The vehicle, its frame layout and the channel of each of its buses, decided once.

    Fed before anything else, so that a replay never decides differently than the live run did.
    `channels` pairs a bus name of the profile with the recording's channel; a bus that was not
    found is not in it. `from_frame` is the first frame (counted from 0) that the session was fed:
    live, more than memory holds may pass before a car is known.
    """

    time_ns: int
    vehicle: str
    layout: str | None
    channels: tuple[tuple[str, Channel], ...]
    confidence: float
    from_frame: int = 0


Input: TypeAlias = Frame | BusEvent | Tick | Mark | Answer | TransmitDecision | Identified
