"""The lines that stay on every screen, whatever is on it: the tabs and the bus, the keys. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.tui.actions import BY_ID, Deck, footer_actions, meant, shown_key
from evdiag.tui.lines import Line, Piece, cut, length, spread

if TYPE_CHECKING:
    from evdiag.session.traffic import BusTraffic
    from evdiag.tui.moment import Moment

TABS = ("port", "attempts", "trace", "signals", "bus", "guide", "findings")
"""The views, in the order of their tabs."""

_LAST = ("help", "quit")
"""Actions at the end of the footer, however narrow it is."""

_SHORT = {"attempts": "Att", "signals": "Sig", "findings": "Find"}
"""What the longer tabs are called where it is narrow."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a line that can be clicked: cells `first` to `end`, and the action."""

    first: int
    end: int
    action: str


def tab_line(
    moment: Moment, view: str, keys: Mapping[str, tuple[str, ...]], bus: Line, width: int
) -> tuple[Line, list[Spot]]:
    """Return the tabs with `bus`, the state of the bus, at the right, and where to click."""
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


def footer_line(
    view: str,
    keys: Mapping[str, tuple[str, ...]],
    width: int,
    decks: Collection[Deck],
    titles: Mapping[str, str],
) -> tuple[Line, list[Spot]]:
    """Return as many keys as fit, the most wanted first; where to click.

    Help and quit are always there, and what ends something that goes on: `titles` are the words
    that differ at the moment, by action.
    """
    wanted = [action.id for action in footer_actions(view, decks)]
    hints = {
        name: _hint(name, keys, titles)
        for name in wanted
        if keys[name] and meant(keys[name][0], view, decks, keys) is BY_ID[name]
    }
    sizes = {name: len(key) + len(title) + 3 for name, (_, key, title) in hints.items()}
    always = {name for name in hints if name in titles or name in _LAST}
    room = width - sum(sizes[name] for name in always)
    shown = []
    for name in hints:
        if name not in always:
            room -= sizes[name]
        if name not in _LAST and (name in always or room >= 0):
            shown.append(name)
    line: list[Piece] = []
    spots = []
    for name, key, title in (hints[name] for name in (*shown, *_LAST) if name in hints):
        first = length(line)
        line += [(f" {key}", "key"), (f" {title} ", "")]
        spots.append(Spot(first, length(line), name))
    return cut(line, width), spots


def _hint(
    name: str, keys: Mapping[str, tuple[str, ...]], titles: Mapping[str, str]
) -> tuple[str, str, str]:
    return name, shown_key(keys[name][0]), titles.get(name, BY_ID[name].title)


def spot_at(spots: Sequence[Spot], cell: int) -> str | None:
    """Return the action at a cell."""
    return next((spot.action for spot in spots if spot.first <= cell < spot.end), None)


def rate_text(traffic: BusTraffic, moment: Moment) -> str:
    """Return how busy the bus is in the fewest words: ``1,204/s 31 %``."""
    if not moment.has_clock:
        return "no clock"
    if moment.snapshot.asleep_since_ns is not None:
        return "asleep"
    load = "" if traffic.load is None else f" {traffic.load * 100:.0f} %"
    return f"{traffic.frames_per_second:,}/s{load}"
