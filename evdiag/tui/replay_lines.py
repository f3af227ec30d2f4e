"""The lines that stay on the screen of a recording: where it is, and the playback bar. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.tui.fixed_lines import rate_text
from evdiag.tui.lines import Line, Piece, fit_short, joined, length, spread
from evdiag.tui.words import at_text, counted, speed_text

if TYPE_CHECKING:
    from evdiag.session.playback import Playback
    from evdiag.tui.moment import Moment, Played

_PLAYED, _AHEAD, _HERE, _MARK, _LOOP = "━", "─", "●", "▼", "╋"


def top_line(moment: Moment, played: Played, width: int) -> Line:
    """Return vehicle, recording, the word REPLAY, position, play state and speed."""
    playback = played.playback
    place = (
        f"{at_text(playback.elapsed_s)} / {at_text(playback.duration_s)}"
        if moment.has_clock
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
    vehicle = "" if moment.car is None else moment.car.name
    if room >= 30:
        left += [(fit_short(vehicle, room * 2 // 3), "strong"), (" · ", "quiet")]
    left.append((played.name, "quiet"))
    return spread(left, right, width)


def play_state(playback: Playback) -> tuple[str, str]:
    """Return what playback does, in words and a sign, always as long."""
    if playback.playing:
        return " ► playing", "free"
    if not playback.frames:
        return " ■ empty  ", "odd"
    return (" ■ at end ", "quiet") if playback.at_end else (" ‖ paused ", "busy")


def bus_text(moment: Moment, played: Played, *, short: bool) -> Line:
    """Return the bus in a few words: rate, load, errors, and what reading it met."""
    traffic = moment.track.traffic()
    report = played.analysis.capture.report
    odd = len(report.anomalies)
    pieces: list[Piece] = [(rate_text(traffic, moment), "")]
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


def playback_bar(playback: Playback, width: int) -> Line:
    """Return the whole recording as one line: attempts by number, marks, the loop, and here."""
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


def _cell(seconds: float, playback: Playback, cells: int) -> int:
    share = seconds / playback.duration_s if playback.duration_s else 0.0
    return min(max(round(share * (cells - 1)), 0), cells - 1)
