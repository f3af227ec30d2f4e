"""The lines that stay on every screen: where the data comes from, the tabs and the bus, the
playback bar, the keys. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.tui.actions import BY_ID, footer_actions, shown_key
from evdiag.tui.lines import Line, Piece, cut, fit_short, joined, length, spread
from evdiag.tui.words import at_text, counted, speed_text

if TYPE_CHECKING:
    from evdiag.session.playback import BusTraffic, Playback
    from evdiag.tui.moment import Moment

TABS = ("port", "attempts", "trace", "signals", "bus", "findings")
"""The views, in the order of their tabs."""

_SHORT = {"attempts": "Att", "signals": "Sig", "findings": "Find"}
"""What the longer tabs are called where it is narrow."""

_PLAYED, _AHEAD, _HERE, _MARK, _LOOP = "━", "─", "●", "▼", "╋"


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a line that can be clicked: cells `first` to `end`, and the action."""

    first: int
    end: int
    action: str


def top_line(moment: Moment, width: int) -> Line:
    """Return vehicle, recording, the word REPLAY, position, play state and speed."""
    playback = moment.playback
    place = (
        f"{at_text(playback.elapsed_s)} / {at_text(playback.duration_s)}"
        if moment.played.has_clock
        else f"frame {playback.position:,} / {playback.frames:,}"
    )
    right: Line = [
        (" REPLAY ", "title"),
        (f" {place} ", "strong"),
        play_state(playback),
        (f"{speed_text(playback.speed):>5} ", ""),
    ]
    room = width - length(right)
    left: list[Piece] = [(" ", "")]
    if room >= 30:
        left += [(fit_short(moment.played.vehicle, room * 2 // 3), "strong"), (" · ", "quiet")]
    left.append((moment.played.name, "quiet"))
    return spread(left, right, width)


def play_state(playback: Playback) -> tuple[str, str]:
    """Return what playback does, in words and a sign, always as long."""
    if playback.playing:
        return " ► playing", "free"
    if not playback.frames:
        return " ■ empty  ", "odd"
    return (" ■ at end ", "quiet") if playback.at_end else (" ‖ paused ", "busy")


def tab_line(
    moment: Moment, view: str, keys: Mapping[str, tuple[str, ...]], width: int
) -> tuple[Line, list[Spot]]:
    """Return the tabs with the state of the bus at the right, and where to click."""
    bus = _bus_text(moment, short=width < 96)
    faults = sum(finding.fault is not None for finding in moment.findings)
    for form in ("whole", "short", "keys"):
        line: list[Piece] = []
        spots: list[Spot] = []
        for tab in TABS:
            action = BY_ID[f"view_{tab}"]
            key = shown_key(keys[action.id][0]) if keys[action.id] else ""
            title = action.title if form == "whole" else _SHORT.get(tab, action.title)
            if tab == "findings" and faults:
                title = f"{title} {faults}"
            text = f" {key} {title}" if form != "keys" or tab == view else f" {key}"
            if tab == view or form == "whole":
                text += " "
            spots.append(Spot(length(line), length(line) + len(text), action.id))
            line.append((text, "here" if tab == view else ""))
        if length(line) + length(bus) < width:
            break
    return spread(line, bus, width), spots


def playback_bar(moment: Moment, width: int) -> Line:
    """Return the whole recording as one line: attempts by number, marks, the loop, and here."""
    playback = moment.playback
    if not playback.frames or width < 20:
        return [(" " + _AHEAD * max(0, width - 2), "line")]
    cells = width - 2
    here = _cell(playback.elapsed_s, playback, cells)
    signs = [_PLAYED if at < here else _AHEAD for at in range(cells)]
    tones = ["key" if at < here else "line" for at in range(cells)]

    def put(seconds: float, sign: str, tone: str) -> None:
        at = _cell(seconds, playback, cells)
        signs[at], tones[at] = sign, tone

    for number, row in enumerate(playback.history.attempt_rows, 1):
        put(playback.elapsed_at(row), str(number) if number < 10 else "◆", "busy")
    for row in (*(playback.loop or ()), *([playback.loop_from] if playback.loop_from else [])):
        put(playback.elapsed_at(max(row - 1, 0)), _LOOP, "odd")
    for mark in playback.marks:
        put(playback.elapsed_at(mark.row), _MARK, "free")
    put(playback.elapsed_s, _HERE, "key")
    return [(" ", ""), *joined(list(zip(signs, tones, strict=True)))]


def bar_place(cell: int, width: int, playback: Playback) -> float:
    """Return the seconds that a cell of the playback bar stands for."""
    return playback.duration_s * min(max((cell - 1) / max(width - 3, 1), 0.0), 1.0)


def footer_line(
    view: str, keys: Mapping[str, tuple[str, ...]], width: int, *, playing: bool
) -> tuple[Line, list[Spot]]:
    """Return as many keys as fit, the most wanted first, help and quit always; where to click."""
    chosen: list[tuple[str, str, str]] = []
    kept = 0
    always = [_hint(name, keys, playing) for name in ("help", "quit") if keys[name]]
    room = width - sum(len(key) + len(title) + 3 for _, key, title in always)
    for action in footer_actions(view):
        if action.id in ("help", "quit") or not keys[action.id]:
            continue
        hint = _hint(action.id, keys, playing)
        size = len(hint[1]) + len(hint[2]) + 3
        if kept + size > room:
            break
        chosen.append(hint)
        kept += size
    line: list[Piece] = []
    spots = []
    for name, key, title in (*chosen, *always):
        first = length(line)
        line += [(f" {key}", "key"), (f" {title} ", "")]
        spots.append(Spot(first, length(line), name))
    return cut(line, width), spots


def _hint(name: str, keys: Mapping[str, tuple[str, ...]], playing: bool) -> tuple[str, str, str]:
    title = "pause" if name == "play" and playing else BY_ID[name].title
    return name, shown_key(keys[name][0]), title


def spot_at(spots: Sequence[Spot], cell: int) -> str | None:
    """Return the action at a cell."""
    return next((spot.action for spot in spots if spot.first <= cell < spot.end), None)


def _cell(seconds: float, playback: Playback, cells: int) -> int:
    share = seconds / playback.duration_s if playback.duration_s else 0.0
    return min(max(round(share * (cells - 1)), 0), cells - 1)


def _bus_text(moment: Moment, *, short: bool) -> Line:
    traffic = moment.playback.traffic()
    report = moment.played.analysis.capture.report
    odd = len(report.anomalies)
    rate = _rate(traffic, moment.played.has_clock)
    if moment.playback.session.readings.asleep_since_ns is not None:
        rate = "asleep"
    pieces: list[Piece] = [(rate, "")]
    if short:
        trouble = odd or report.lost_frames or traffic.error_frames
        return [*pieces, (" ! " if trouble else " ", "odd")]
    errors = counted(traffic.error_frames, "error")
    pieces += [(" · ", "quiet"), (errors, "bad" if traffic.error_frames else "quiet")]
    if report.lost_frames:
        pieces += [(" · ", "quiet"), (f"{report.lost_frames} lost", "odd")]
    if odd:
        pieces += [(" · ", "quiet"), (counted(odd, "anomaly", "anomalies"), "odd")]
    return [*pieces, (" ", "")]


def _rate(traffic: BusTraffic, has_clock: bool) -> str:
    if not has_clock:
        return "no clock"
    load = "" if traffic.load is None else f" {traffic.load * 100:.0f} %"
    return f"{traffic.frames_per_second:,}/s{load}"
