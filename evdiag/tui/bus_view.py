"""The bus: how much, how fast, how well; and what reading or listening brought to light."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from evdiag.plain import plain_text
from evdiag.session.traffic import BusTraffic, ChannelTraffic
from evdiag.tui.lines import Line, LineList, TextList, fit, fit_right, wrap
from evdiag.tui.moment import Car, Moment
from evdiag.tui.view import HelpText, View
from evdiag.tui.words import counted

_STEPS = " ▁▂▃▄▅▆▇█"
_RATE_CELLS = 60


class BusView(View):
    """Channels, rate, identification, anomalies: one page to scroll through."""

    NAME = "bus"
    ABOUT = HelpText(
        "The bus",
        (
            "Each channel with the car's bus that was found on it, its frames, and the rate and "
            "load of the last second. Load is computed from the bits of each frame and the bus's "
            "bit rate; stuff bits are estimated.",
            "Below, of a recording: how sure the car is, and every oddity met while reading the "
            "file; anomalies marked ! can change an answer. Of a live bus: how silent the adapter "
            "is, what was received, recorded and dropped, where it is recorded, what is asked, and "
            "what the bus said of itself.",
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
        page.put(bus_lines(moment, max(page.size.width - 2, 20)))

    def text_to_copy(self) -> str:
        """Copy the page."""
        return self.query_one(TextList).text


def bus_lines(moment: Moment, width: int) -> Iterator[Line]:
    """Yield the page."""
    if moment.live is not None:
        from evdiag.tui.live_lines import live_lines

        yield from live_lines(moment, moment.live, width)
    yield from _traffic(moment, width)
    if moment.played is not None:
        from evdiag.tui.recording_lines import recording_lines

        yield from recording_lines(moment.played, width)
    if moment.car is not None:
        yield from _car(moment.car, moment, width)


def _traffic(moment: Moment, width: int) -> Iterator[Line]:
    traffic = moment.track.traffic()
    yield [("Traffic", "title")]
    if not traffic.channels:
        if moment.played is None:
            yield from said("no frame yet: is the ignition on, the bit rate right?", width)
        else:
            yield from said("no frame in this recording: check the logger and its bit rate", width)
        yield []
        return
    heads = fit("channel", 9) + fit("bus", 16) + fit_right("frames", 10)
    yield [(heads + fit_right("/s", 8) + fit_right("load", 8), "quiet")]
    for channel in traffic.channels:
        yield _channel(channel, moment)
    yield from _rate(traffic, moment)
    errors = counted(traffic.error_frames, "error frame") + " so far"
    yield [(errors, "bad" if traffic.error_frames else "quiet")]
    yield []


def _channel(seen_on: ChannelTraffic, moment: Moment) -> Line:
    bus, speed = "", ""
    if moment.car is not None:
        buses = {channel: name for name, channel in moment.car.identified.channels}
        bus = buses.get(seen_on.channel, "")
        if bus:
            speed = f"  {moment.car.profile.bus(bus).bitrate // 1000} kbit/s"
    stranger = "not this car's" if moment.car else "which car?"
    share = "–" if seen_on.load is None else f"{seen_on.load * 100:.1f} %"
    rate = f"{seen_on.frames_per_second:,}"
    in_time = moment.has_clock
    return [
        (fit(plain_text(str(seen_on.channel)), 8) + " ", "strong"),
        (fit(plain_text(bus) or stranger, 16), "" if bus else "quiet"),
        (fit_right(f"{seen_on.frames:,}", 10), ""),
        (fit_right(rate if in_time else "–", 8) + fit_right(share if in_time else "–", 8), ""),
        (speed, "quiet"),
    ]


def _rate(traffic: BusTraffic, moment: Moment) -> Iterator[Line]:
    ids = counted(len(moment.track.kinds.kinds_seen(moment.position)), "id")
    if not moment.has_clock:
        yield [(f"{ids}; no rate: the stamps tell no time", "")]
        return
    rate = counted(traffic.frames_per_second, "frame") + " in the last second"
    load = "load not known" if traffic.load is None else f"load {traffic.load * 100:.1f} %"
    yield [(rate, "strong"), (f" · {load}", ""), (f" · {ids}", "")]
    strip = rate_strip(moment.track.rates(_RATE_CELLS))
    yield [(strip, "key"), (f"  last {_RATE_CELLS} s", "quiet")]


def rate_strip(rates: Sequence[int]) -> str:
    """Draw frames per second, one cell a second, scaled to the busiest of them."""
    top = max(*rates, 1)
    return "".join(_STEPS[-(-rate * (len(_STEPS) - 1) // top)] for rate in rates)


def _car(car: Car, moment: Moment, width: int) -> Iterator[Line]:
    yield [("The car", "title")]
    yield from said(f"{car.name}, confidence {car.identified.confidence:.2f}", width, "strong")
    if car.identified.layout:
        yield from said(f"layout {plain_text(car.identified.layout)}", width)
    found = dict(car.identified.channels)
    where = "in this recording" if moment.played else "heard"
    for bus in car.profile.buses:
        name, tap = plain_text(bus.name), plain_text(bus.tap)
        if bus.name in found:
            channel = plain_text(str(found[bus.name]))
            yield from said(f"● {name} on channel {channel}", width)
        else:
            yield from said(f"○ {name}: not {where} (tap: {tap})", width, "quiet")
    for note in car.notes:
        yield from said(f"! {plain_text(note)}", width, "odd")


def said(text: str, width: int, tone: str = "") -> Iterator[Line]:
    """Yield a sentence, wrapped."""
    yield from ([(row, tone)] for row in wrap(text, width))
