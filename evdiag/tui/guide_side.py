"""The picture of what the bus shows, for the side of the guide. Pure."""

from __future__ import annotations

from evdiag.tui.big_word import SIGNS, big_word
from evdiag.tui.lines import Line, fit_short, wrap
from evdiag.tui.moment import Moment
from evdiag.tui.port_lines import fact_line, facts, since_text
from evdiag.tui.strip import ROWS, strip_lines

_WINDOW_S = 60.0


def side_lines(moment: Moment, width: int, height: int) -> list[Line]:
    """Return the lock, the readings and the strip, as much as there is height for."""
    strip_rows = min(len(ROWS), max(0, height - 16))
    lines = [*_lock(moment, width), [], *(fact_line(fact, width) for fact in facts(moment)), []]
    if strip_rows:
        lines += strip_lines(moment, width - 1, strip_rows, _WINDOW_S)
    return lines[:height]


def _lock(moment: Moment, width: int) -> list[Line]:
    look = moment.look
    sign = big_word(look.sign, "", "small")
    room = width - len(SIGNS[look.sign][0]) - 5
    said = [look.word, *wrap(look.meaning, room)[:2]]
    if len(said) < len(sign):
        said.append(since_text(look, moment))
    tones = (look.tone, "", "quiet")
    return [
        [(" ", ""), (row, look.tone), (fit_short(words, room), tone)]
        for row, words, tone in zip(sign, said, tones, strict=False)
    ]
