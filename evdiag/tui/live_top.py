"""The lines that stay on the screen of a live bus: what is heard, counters, troubles. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from evdiag.inputs import BusEventKind
from evdiag.plain import plain_text
from evdiag.session.troubles import Trouble
from evdiag.tui.fixed_lines import rate_text
from evdiag.tui.lines import Line, Piece, cut, fit, fit_short, length, spread, wrap
from evdiag.tui.live_facts import LiveFacts
from evdiag.tui.moment import Moment
from evdiag.tui.words import DANGER_WAS_TOLD, counted

_ROWS_EACH = 2
_BEHIND_IS_SAID = 2_000
"""Inputs that wait for the decoder: a tenth of a second of the busiest bus is nothing to say."""

_SILENCE_TONES = {"verified": "free", "requested": "busy", "not possible": "odd"}

_TROUBLES: Final = {
    BusEventKind.LOST: ("LINK LOST", "alarm"),
    BusEventKind.BUS_OFF: ("BUS OFF", "alarm"),
    BusEventKind.WRONG_BITRATE: ("WRONG BIT RATE", "bad"),
    BusEventKind.FRAMES_LOST: ("FRAMES DROPPED", "bad"),
    BusEventKind.ERROR_PASSIVE: ("BUS ERRORS", "odd"),
    BusEventKind.DRIVER_ERROR: ("UNREADABLE", "odd"),
    BusEventKind.SILENT: ("SILENT", "odd"),
}


def top_line(moment: Moment, live: LiveFacts, width: int) -> Line:
    """Return vehicle, bus, level, whether it is being recorded, and the time of day."""
    clock = f"{datetime.fromtimestamp(live.now_ns // 10**9):%H:%M:%S}"  # noqa: DTZ006
    right: Line = [(" ", ""), recording_piece(live), (f"  {clock} ", "quiet")]
    level: Piece = level_piece(live)
    room = width - length(right) - length([level]) - 1
    vehicle = moment.car.name if moment.car else live.named or "which car?"
    left: list[Piece] = [(" ", "")]
    bus = fit_short(live.bus, min(max(room - 3, 0), max(12, room * 3 // 5)))
    room -= len(bus) + 3
    if room >= 8:
        left += [(fit_short(vehicle, room - 3), "strong"), (" · ", "quiet")]
    if bus:
        left += [(bus, ""), (" · ", "quiet")]
    return spread([*left, level], right, width)


def level_piece(live: LiveFacts) -> tuple[str, str]:
    """Return the level in words, with how sure it is that nothing is sent."""
    if live.command.state == "under way":
        return "ACT transmits", "alarm"
    if live.command.state == "opening":
        return "ACT opening", "alarm"
    if live.ask.state == "asking":
        return "ASK transmits", "alarm"
    if live.ask.state == "opening":
        return "ASK opening", "alarm"
    return f"LISTEN {live.silence}", _SILENCE_TONES[live.silence]


def recording_piece(live: LiveFacts) -> tuple[str, str]:
    """Return whether it is being recorded, and for how long."""
    if live.alarm:
        return "✖ NOT RECORDING", "alarm"
    if live.recording_s is None:
        return "○ not recording", "quiet"
    return f"● REC {duration_text(live.recording_s)}", "bad"


def duration_text(seconds: float) -> str:
    """Write a duration as ``00:12:41``."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"


def bus_text(moment: Moment, live: LiveFacts, *, short: bool) -> Line:
    """Return the bus in a few words: rate, load, error frames."""
    traffic = moment.track.traffic()
    rate = "link lost" if live.link_is_lost else rate_text(traffic, moment)
    pieces: list[Piece] = [(rate, "bad" if live.link_is_lost else "")]
    if short:
        return [*pieces, (" ! " if traffic.error_frames or live.troubles else " ", "odd")]
    errors = counted(traffic.error_frames, "error")
    return [*pieces, (" · ", "quiet"), (f"{errors} ", "bad" if traffic.error_frames else "quiet")]


def counter_line(live: LiveFacts, width: int, case: int | None = None) -> Line:
    """Return what was received, recorded, shown and dropped, always; what was sent, what waits.

    `case` is the case that recordings go into.
    """
    goes_into: Line = [] if case is None else [(f" case {case} ", "strong")]
    room = width - length(goes_into)
    recorded = "–" if live.recording_s is None and not live.recorded else f"{live.recorded:,}"
    numbers = (f"{live.state.received:,}", recorded, f"{live.shown:,}", f"{live.state.lost:,}")
    line: list[Piece] = []
    for names, between in (
        (("received", "recorded", "shown", "dropped"), " · "),
        (("in", "rec", "shown", "drop"), " · "),
        (("in", "rec", "sh", "dr"), " "),
    ):
        line = [(" ", "")]
        for at, (name, number) in enumerate(zip(names, numbers, strict=True)):
            tone = "bad" if at == 3 and live.state.lost else "strong"
            line += [(between if at else "", "quiet"), (f"{name} ", "quiet"), (number, tone)]
        if live.state.sent:
            line.append((f"{between}sent {live.state.sent:,}", "bad"))
        if live.behind >= _BEHIND_IS_SAID:
            line.append((f"  screen {live.behind:,} behind", "odd"))
        if length(line) <= room:
            break
    return spread(line, goes_into, width)


def banner_lines(
    moment: Moment, live: LiveFacts, held: Moment | None, width: int, rows: int
) -> list[Line]:
    """Return what is wrong right now, the recorder first; nothing where nothing is.

    `moment` is now; `held` is what the screen was frozen at, None while it is not.
    """
    lines: list[Line] = []
    for word, tone, text in _wrongs(moment, live, held):
        head = f" {word} "
        room = width - len(head) - 2
        said, most = wrap(text, room), min(_ROWS_EACH, rows - len(lines))
        if most < 1:
            break
        if len(said) > most:
            said = [*said[: most - 1], fit(" ".join(said[most - 1 :]), room)]
        lines.append([(head, tone), (f" {said[0]}", "")])
        lines += [[(" " * len(head), ""), (f" {row}", "")] for row in said[1:]]
    return [cut(line, width) for line in lines]


def _wrongs(moment: Moment, live: LiveFacts, held: Moment | None) -> Iterator[tuple[str, str, str]]:
    if live.alarm:
        yield "NOT RECORDING", "alarm", live.alarm.removeprefix("not recording: ")
    if moment.snapshot.danger_told:
        yield "DANGER", "alarm", f"{DANGER_WAS_TOLD}: stay away from cable, car and charge point"
    if live.state.failure:
        failure = plain_text(live.state.failure)
        yield "DECODER STOPPED", "alarm", f"{failure}; recording goes on (evdiag.log says more)"
    if held is not None:
        passed = moment.track.position - held.track.position
        at = held.place_text(held.track.elapsed_s)
        # A lock that stands still on the screen must not be taken for one that stands still.
        yield "FROZEN", "busy", f"at {at}, +{passed:,} since; now {moment.look.word}; space goes on"
    for trouble in live.troubles[:1]:
        word, tone = _TROUBLES[trouble.kind]
        more = len(live.troubles) - 1
        rest = f" (and {counted(more, 'trouble')} more: 5 Bus)" if more else ""
        yield word, tone, _words(trouble, moment) + rest


def _words(trouble: Trouble, moment: Moment) -> str:
    channel, detail = plain_text(str(trouble.channel)), plain_text(trouble.detail)
    if trouble.kind is BusEventKind.LOST:
        since_s = max(0.0, moment.track.elapsed_s - trouble.since_ns / 1e9)
        return f"{channel} · reconnecting, {since_s:.0f} s · {detail}"
    if trouble.kind is BusEventKind.FRAMES_LOST:
        return f"{channel}: {counted(trouble.count, 'frame')}: {detail}"
    return f"{channel}: {detail}"
