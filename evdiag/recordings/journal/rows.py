"""Inputs and the recorder's words as JSON rows, and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from evdiag.inputs import (
    Answer,
    BusEvent,
    BusEventKind,
    Channel,
    Identified,
    Mark,
    Tick,
    TransmitDecision,
)
from evdiag.plain import plain_json
from evdiag.recordings.journal.words import Alarm, CarFiles, End, Entry, Trigger, Vin

RowEntry: TypeAlias = (
    BusEvent
    | Tick
    | Mark
    | Answer
    | TransmitDecision
    | Identified
    | CarFiles
    | Vin
    | Alarm
    | Trigger
    | End
)
Load: TypeAlias = Callable[[Any], Any]

LATEST_NS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it says, and how many frames of its part stand before it.

    `repeated` marks what an earlier part says already, said again so that this part stands alone.
    """

    after_frame: int
    entry: RowEntry
    repeated: bool = False


class UnknownKindError(Exception):
    """A row of a newer version."""


def row_text(entry: Entry, after_frame: int, *, repeated: bool = False) -> str:
    """Write anything but a frame as a line, its end included."""
    kind = _KIND_OF[type(entry)]
    said: dict[str, Any] = {"kind": kind, "after_frame": after_frame}
    for key, field in _KINDS[kind].fields.items():
        said[key] = field.dump(getattr(entry, field.attribute or key))
    if repeated:
        said["repeated"] = True
    return plain_json(said) + "\n"


def row_of(line: str) -> Row:
    """Read a line.

    Raises:
        UnknownKindError: its kind is not one of ours.
        ValueError: it is no row, or says what cannot be.
    """
    said = json_object(line)
    kind = _KINDS.get(_text(said.get("kind")))
    if kind is None:
        raise UnknownKindError
    try:
        values = {
            field.attribute or key: field.load(said[key]) for key, field in kind.fields.items()
        }
        return Row(_count(said["after_frame"]), kind.make(**values), bool(said.get("repeated")))
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"no such row: {error}") from None


def json_object(line: str) -> dict[str, Any]:
    """Read a line that holds one JSON object.

    Raises:
        ValueError: it holds none.
    """
    try:
        said = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(said, dict):
        raise ValueError("not an object")
    return said


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a count")
    return value


def _time(value: Any) -> int:
    if type(value) is not int or abs(value) > LATEST_NS:
        raise ValueError("not a time in nanoseconds")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def _share(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError("not a number")
    return float(value)


def _channel(value: Any) -> Channel:
    return value if type(value) is int else _text(value)


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _list(value)))


def _channels(value: Any) -> tuple[tuple[str, Channel], ...]:
    return tuple((_text(name), _channel(channel)) for name, channel in map(_list, _list(value)))


def _hashes(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((_text(name), _text(sha256)) for name, sha256 in map(_list, _list(value)))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _same(value: Any) -> Any:
    return value


def _kind_text(kind: BusEventKind) -> str:
    return kind.value


class _Field(NamedTuple):
    """How one value is read and written; `attribute` where its key is another."""

    load: Load
    dump: Load = _same
    attribute: str = ""


class _Kind(NamedTuple):
    make: Callable[..., RowEntry]
    fields: Mapping[str, _Field]


_TIME: Final = _Field(_time)
_TEXT: Final = _Field(_text)

_KINDS: Final[dict[str, _Kind]] = {
    "identified": _Kind(
        Identified,
        {
            "time_ns": _TIME,
            "vehicle": _TEXT,
            "layout": _Field(_maybe_text),
            "channels": _Field(_channels),
            "confidence": _Field(_share),
            "from_frame": _Field(_count),
        },
    ),
    "bus": _Kind(
        BusEvent,
        {
            "time_ns": _TIME,
            "event": _Field(BusEventKind, _kind_text, "kind"),
            "channel": _Field(_channel),
            "count": _Field(_count),
            "detail": _TEXT,
        },
    ),
    "tick": _Kind(Tick, {"time_ns": _TIME}),
    "mark": _Kind(Mark, {"time_ns": _TIME, "text": _TEXT}),
    "answer": _Kind(Answer, {"time_ns": _TIME, "step": _TEXT, "answer": _TEXT}),
    "decision": _Kind(
        TransmitDecision,
        {
            "time_ns": _TIME,
            "intent": _TEXT,
            "permitted": _Field(_flag),
            "reasons": _Field(_texts),
        },
    ),
    "car": _Kind(CarFiles, {"vehicle": _TEXT, "profile_sha256": _TEXT, "dbc": _Field(_hashes)}),
    "vin": _Kind(Vin, {"vin": _TEXT}),
    "alarm": _Kind(Alarm, {"time_ns": _TIME, "text": _TEXT}),
    "trigger": _Kind(Trigger, {"time_ns": _TIME, "reason": _TEXT}),
    "end": _Kind(End, {"time_ns": _TIME, "frames": _Field(_count), "continues": _Field(_flag)}),
}
_KIND_OF: Final[dict[type, str]] = {kind.make: name for name, kind in _KINDS.items()}  # type: ignore[misc]
