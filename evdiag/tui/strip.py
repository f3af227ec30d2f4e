"""The strip of the last minutes: one row a signal, steps drawn as steps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from evdiag.port.attempt import NANOSECONDS
from evdiag.tui.lines import Line, Piece, fit
from evdiag.tui.moment import Moment
from evdiag.tui.words import age_text, short_value
from evdiag.vocabulary import INVALID, STALE, UNKNOWN, Value

WINDOWS_S = (30.0, 60.0, 120.0, 300.0)
"""How much of the past the strip can show."""

LABEL, VALUE = 9, 12
"""Cells at the left for the name, and at the right for the value as it is now."""

ROWS = (
    ("lock", "port.lock"),
    ("plug", "port.plug"),
    ("pilot", "port.pilot"),
    ("car", "vehicle.lock"),
    ("request", ""),
    ("flap", "port.flap"),
)
"""In the order in which they are dropped where there is no room, last first."""

_LEVELS: dict[Value, tuple[str, str]] = {
    "locked": ("▔", "held"),
    "connected": ("▔", "strong"),
    "unlocked": ("▁", "free"),
    "open": ("▔", "strong"),
    "closed": ("▁", "quiet"),
    "disconnected": ("▁", "quiet"),
    "driver_door_only": ("▂", "busy"),
    "moving": ("╱", "busy"),
    "blocking": ("╳", "busy"),
    "fault": ("✖", "bad"),
    STALE: ("…", "odd"),
    INVALID: ("!", "odd"),
    UNKNOWN: ("?", "odd"),
}
_OTHER = ("━", "strong")


class _Segment(NamedTuple):
    first: int
    end: int
    value: Value
    changes: int


def strip_lines(moment: Moment, width: int, rows: int, window_s: float) -> list[Line]:
    """Return the head with the time axis, and `rows` rows."""
    cells = max(width - LABEL - VALUE, 8)
    return [
        _axis(cells, window_s, moment.has_clock),
        *(_row(moment, label, name, cells, window_s) for label, name in ROWS[:rows]),
    ]


def _axis(cells: int, window_s: float, has_clock: bool) -> Line:
    if not has_clock:
        return [(fit(" the last frames (this recording has no clock)", LABEL + cells), "quiet")]
    text = [" "] * cells
    for part in range(4):
        label = f"-{window_s * (4 - part) / 4:g} s"
        place = cells * part // 4
        if place + len(label) < cells - 3:
            text[place : place + len(label)] = label
    ticks = "".join(text[: cells - 3])
    return [(" " * LABEL, ""), (ticks + "now", "quiet")]


def _row(moment: Moment, label: str, name: str, cells: int, window_s: float) -> Line:
    head: Piece = (fit(f" {label}", LABEL), "quiet")
    if not name:
        return [head, *_requests(moment, cells, window_s)]
    view = moment.snapshot.signal(name)
    if not view.offered:
        return [head, (fit("not offered by this car", cells), "empty"), (" " * VALUE, "")]
    body: list[Piece] = [head]
    drawn = _columns(moment, name, cells, window_s)
    asleep = _asleep(moment, cells, window_s)
    for segment in drawn:
        body += _drawn(name, segment, asleep)
    tone = _LEVELS.get(view.reading.value, _OTHER)[1]
    body.append((" " + fit(short_value(name, view.reading.value), VALUE - 1), tone))
    return body


def _columns(moment: Moment, name: str, cells: int, window_s: float) -> list[_Segment]:
    """Cut the row where the signal changes; changes that share a column are counted in it."""
    track = moment.track
    begin_s = track.elapsed_s - window_s
    segments: list[_Segment] = []
    value: Value = " "
    first, changes = 0, 0
    for at_s, change in track.recent(name, window_s):
        column = int((at_s - begin_s) / window_s * cells)
        column = min(max(column, 0), cells - 1)
        if column > first:
            segments.append(_Segment(first, column, value, changes))
            first, changes = column, 0
        value = change.new
        changes += change.old is not None and at_s >= begin_s
    segments.append(_Segment(first, cells, value, changes))
    return segments


def _drawn(name: str, segment: _Segment, asleep: Sequence[bool]) -> list[Piece]:
    size = segment.end - segment.first
    if segment.value == " ":
        return [(" " * size, "")]
    sign, tone = _LEVELS.get(segment.value, _OTHER)
    edge = "" if not segment.changes else "┃" if segment.changes == 1 else "╋"
    word = short_value(name, segment.value)
    text = edge + (f"{sign}{word}" if size >= len(word) + 3 else "")
    text = text + sign * (size - len(text))
    if any(asleep[segment.first : segment.end]):
        text = "".join(
            "·" if asleep[segment.first + at] else letter for at, letter in enumerate(text)
        )
    return [(text, tone)]


def _asleep(moment: Moment, cells: int, window_s: float) -> list[bool]:
    """Say in which columns the bus was silent."""
    begin_s = moment.track.elapsed_s - window_s
    asleep = [False] * cells
    for from_s, until_s in moment.track.silences(window_s):
        first = int((from_s - begin_s) / window_s * cells)
        end = int((until_s - begin_s) / window_s * cells)
        for column in range(max(first + 1, 0), min(end, cells)):
            asleep[column] = True
    return asleep


def _requests(moment: Moment, cells: int, window_s: float) -> list[Piece]:
    row = ["─"] * cells
    last = "none"
    attempts = moment.snapshot.attempts
    # By the place of its attempt: the stamps of two clocks in one recording cannot be compared.
    for attempt, opened_s in zip(attempts, moment.track.attempts_at(attempts), strict=True):
        for request in attempt.requests:
            who = request.source.replace("_", " ")
            if not moment.has_clock:
                last = who
                continue
            later_s = (request.time_ns - attempt.opened_ns) / NANOSECONDS
            ago = max(0.0, moment.track.elapsed_s - opened_s - later_s)
            last = f"{who} {age_text(ago)}"
            column = min(int((window_s - ago) / window_s * cells), cells - 1)
            if column >= 0:
                fits = column + len(who) < cells
                word, first = (f"▲{who}", column) if fits else (f"{who}▲", column - len(who))
                row[max(first, 0) : column + len(word) if fits else column + 1] = word
    runs = groupby(row[:cells], key=lambda sign: "line" if sign == "─" else "busy")
    drawn = [("".join(run), tone) for tone, run in runs]
    return [*drawn, (" " + fit(last, VALUE - 1), "quiet")]
