"""What a recording tells of itself: its journal, and every oddity met while reading it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.inputs import BusEvent
from evdiag.plain import plain_text
from evdiag.tui.bus_view import said
from evdiag.tui.events import event_text, event_tone
from evdiag.tui.lines import Line
from evdiag.tui.moment import Played
from evdiag.tui.words import at_text, counted, span_text

_EVENTS_SHOWN = 20


def recording_lines(played: Played, width: int) -> Iterator[Line]:
    """Yield what the bus page says of a recording, up to where it has been played."""
    yield from _journal(played, width)
    yield from _reading(played, width)


def _journal(played: Played, width: int) -> Iterator[Line]:
    """Say what a journal holds of its bus, up to here."""
    journal, playback = played.analysis.capture.journal, played.playback
    if journal is None:
        return
    yield [("The journal", "title")]
    parts = f", {len(journal.files)} parts" if len(journal.files) > 1 else ""
    ended = "closed" if journal.closed else "not closed: killed, or its disk was lost"
    yield from said(f"{journal.header.mode}{parts}, {ended}", width)
    for channel, silence in journal.header.listen_only.items():
        yield from said(f"{plain_text(channel)} listen-only: {plain_text(silence)}", width)
    happened = [
        (placed.place, placed.item)
        for placed in journal.inputs
        if placed.place <= playback.position and isinstance(placed.item, BusEvent)
    ]
    for place, event in happened[-_EVENTS_SHOWN:]:
        at = at_text(playback.elapsed_at(max(place - 1, 0)))
        yield from said(f"{at}  {event_text(event)}", width, event_tone(event))
    yield []


def _reading(played: Played, width: int) -> Iterator[Line]:
    report = played.analysis.capture.report
    yield [("Reading the recording", "title")]
    facts = [
        f"format {plain_text(report.format)}",
        counted(report.frames, "frame"),
        counted(len(report.channels), "channel"),
    ]
    if report.duration_ns:
        facts.append(span_text(report.duration_ns / 1e9))
    if report.gaps:
        longest = span_text(report.longest_gap_ns / 1e9)
        facts.append(f"{counted(report.gaps, 'silence')} over 1 s, the longest {longest}")
    yield from said(", ".join(facts), width)
    if report.lost_frames:
        marks = ", ".join(f"after frame {mark:,}" for mark in report.lost_marks[:5])
        more = " …" if len(report.lost_marks) > 5 else ""
        yield from said(f"the logger lost frames: {marks}{more}", width, "odd")
    for anomaly in report.anomalies:
        sign = "!" if anomaly.changes_answers else "·"
        place = f" (first at {anomaly.place} {anomaly.first:,})" if anomaly.first else ""
        tone = "odd" if anomaly.changes_answers else ""
        yield from said(f"{sign} {plain_text(anomaly.message)}{place}", width, tone)
    for skipped in report.skipped:
        yield from said(f"  line {skipped.number:,}: {plain_text(skipped.reason)}", width, "quiet")
    if not report.anomalies:
        yield [("nothing odd was met while reading", "free")]
    yield []
