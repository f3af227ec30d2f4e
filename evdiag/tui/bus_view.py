"""The bus: how much, how fast, how well; and what reading the recording brought to light."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from textual.app import ComposeResult

from evdiag.inputs import BusEvent, BusEventKind
from evdiag.plain import plain_text
from evdiag.session.playback import Playback
from evdiag.tui.lines import Line, LineList, TextList, fit, fit_right, wrap
from evdiag.tui.moment import Moment, Played
from evdiag.tui.view import HelpText, View
from evdiag.tui.words import at_text, counted, span_text

_STEPS = " ▁▂▃▄▅▆▇█"
_RATE_CELLS = 60
_EVENTS_SHOWN = 20
_EVENT_TONES = {
    BusEventKind.LOST: "bad",
    BusEventKind.BUS_OFF: "bad",
    BusEventKind.WRONG_BITRATE: "bad",
    BusEventKind.FRAMES_LOST: "odd",
    BusEventKind.UP: "free",
}


class BusView(View):
    """Channels, rate, identification, anomalies: one page to scroll through."""

    NAME = "bus"
    ABOUT = HelpText(
        "The bus",
        (
            "Each channel with the car's bus that was found on it, its frames, and the rate and "
            "load of the last second. Load is computed from the bits of each frame and the bus's "
            "bit rate; stuff bits are estimated.",
            "Below: how sure the car is, and every oddity met while reading the file. Anomalies "
            "marked ! can change an answer.",
        ),
    )

    def compose(self) -> ComposeResult:
        """One list to scroll through."""
        yield TextList(id="bus-text")

    @property
    def main_list(self) -> LineList:
        """The page."""
        return self.query_one(TextList)

    def draw(self, moment: Moment) -> None:
        """Draw a moment."""
        page = self.query_one(TextList)
        width = max(page.size.width - 2, 20)
        page.put(
            [
                *_traffic(moment, width),
                *_journal(moment, width),
                *_reading(moment.played, width),
                *_car(moment, width),
            ]
        )

    def text_to_copy(self) -> str:
        """Copy the page."""
        return self.query_one(TextList).text


def _traffic(moment: Moment, width: int) -> Iterator[Line]:
    playback, analysis = moment.playback, moment.played.analysis
    traffic = playback.traffic()
    yield [("Traffic", "title")]
    if not playback.frames:
        yield from _said("no frame in this recording: check the logger and its bit rate", width)
        return
    buses = {channel: name for name, channel in analysis.identified.channels}
    heads = fit("channel", 9) + fit("bus", 16) + fit_right("frames", 10)
    yield [(heads + fit_right("/s", 8) + fit_right("load", 8), "quiet")]
    for seen_on in traffic.channels:
        bus = buses.get(seen_on.channel)
        speed = "" if bus is None else f"  {analysis.profile.bus(bus).bitrate // 1000} kbit/s"
        share = "–" if seen_on.load is None else f"{seen_on.load * 100:.1f} %"
        rate = f"{seen_on.frames_per_second:,}"
        in_time = moment.played.has_clock
        yield [
            (fit(plain_text(str(seen_on.channel)), 9), "strong"),
            (fit(plain_text(bus) if bus else "not this car's", 16), "" if bus else "quiet"),
            (fit_right(f"{seen_on.frames:,}", 10), ""),
            (fit_right(rate if in_time else "–", 8) + fit_right(share if in_time else "–", 8), ""),
            (speed, "quiet"),
        ]
    seen = len(moment.played.frames.kinds_seen(playback.position))
    rate = counted(traffic.frames_per_second, "frame") + " in the last second"
    load = "load not known" if traffic.load is None else f"load {traffic.load * 100:.1f} %"
    if moment.played.has_clock:
        yield [(rate, "strong"), (f" · {load}", ""), (f" · {counted(seen, 'id')}", "")]
        yield [(_rate_strip(playback), "key"), (f"  last {_RATE_CELLS} s", "quiet")]
    else:
        yield [(f"{counted(seen, 'id')}; no rate: the stamps tell no time", "")]
    errors = counted(traffic.error_frames, "error frame") + " so far"
    yield [(errors, "bad" if traffic.error_frames else "quiet")]
    yield []


def _rate_strip(playback: Playback) -> str:
    """Draw frames per second, one cell a second, scaled to the busiest of them."""
    until = playback.elapsed_s
    rows = [
        min(playback.row_at(until - back), playback.position) for back in range(_RATE_CELLS, -1, -1)
    ]
    rows[-1] = playback.position
    rates = np.diff(rows)
    top = max(int(rates.max()), 1)
    return "".join(_STEPS[-(-int(rate) * (len(_STEPS) - 1) // top)] for rate in rates)


def _journal(moment: Moment, width: int) -> Iterator[Line]:
    """Say what a journal holds of its bus, up to here."""
    journal = moment.played.analysis.capture.journal
    if journal is None:
        return
    yield [("The journal", "title")]
    parts = f", {len(journal.files)} parts" if len(journal.files) > 1 else ""
    ended = "closed" if journal.closed else "not closed: killed, or its disk was lost"
    yield from _said(f"{journal.header.mode}{parts}, {ended}", width)
    for channel, silence in journal.header.listen_only.items():
        yield from _said(f"{plain_text(channel)} listen-only: {plain_text(silence)}", width)
    happened = [
        (placed.place, placed.item)
        for placed in journal.inputs
        if placed.place <= moment.playback.position and isinstance(placed.item, BusEvent)
    ]
    for place, event in happened[-_EVENTS_SHOWN:]:
        at = at_text(moment.playback.elapsed_at(max(place - 1, 0)))
        said = f" {event.count:,}" if event.count else ""
        detail = f": {plain_text(event.detail)}" if event.detail else ""
        what = (
            f"{plain_text(str(event.channel))} {event.kind.value.replace('_', ' ')}{said}{detail}"
        )
        yield from _said(f"{at}  {what}", width, _EVENT_TONES.get(event.kind, ""))
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
    yield from _said(", ".join(facts), width)
    if report.lost_frames:
        marks = ", ".join(f"after frame {mark:,}" for mark in report.lost_marks[:5])
        more = " …" if len(report.lost_marks) > 5 else ""
        yield from _said(f"the logger lost frames: {marks}{more}", width, "odd")
    for anomaly in report.anomalies:
        sign = "!" if anomaly.changes_answers else "·"
        place = f" (first at {anomaly.place} {anomaly.first:,})" if anomaly.first else ""
        tone = "odd" if anomaly.changes_answers else ""
        yield from _said(f"{sign} {plain_text(anomaly.message)}{place}", width, tone)
    for skipped in report.skipped:
        yield from _said(f"  line {skipped.number:,}: {plain_text(skipped.reason)}", width, "quiet")
    if not report.anomalies:
        yield [("nothing odd was met while reading", "free")]
    yield []


def _car(moment: Moment, width: int) -> Iterator[Line]:
    analysis = moment.played.analysis
    yield [("The car", "title")]
    sure = f"{moment.played.vehicle}, confidence {analysis.identified.confidence:.2f}"
    yield from _said(sure, width, "strong")
    if analysis.identified.layout:
        yield from _said(f"layout {plain_text(analysis.identified.layout)}", width)
    found = dict(analysis.identified.channels)
    for bus in analysis.profile.buses:
        name, tap = plain_text(bus.name), plain_text(bus.tap)
        if bus.name in found:
            channel = plain_text(str(found[bus.name]))
            yield from _said(f"● {name} on channel {channel}", width)
        else:
            yield from _said(f"○ {name}: not in this recording (tap: {tap})", width, "quiet")
    for warning in analysis.warnings:
        yield from _said(f"! {plain_text(warning)}", width, "odd")


def _said(text: str, width: int, tone: str = "") -> Iterator[Line]:
    yield from ([(row, tone)] for row in wrap(text, width))
