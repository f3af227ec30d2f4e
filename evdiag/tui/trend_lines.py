"""The lines of the workshop's screens: a car in the list, a sentence about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from evdiag.plain import plain_text
from evdiag.tui.lines import Line, cut, fit, fit_right, wrap

if TYPE_CHECKING:
    from evdiag.recurrence.sentence import Sentence, Severity
    from evdiag.recurrence.workshop import Row

SIGNS: Final[dict[Severity, tuple[str, str]]] = {
    "worse": ("▲", "bad"),
    "better": ("▼", "free"),
    "neutral": (" ", ""),
}
"""Times and failures that go up, that go down; the sign tells it without the colour."""

_NAME, _MODEL, _UNLOCKS, _FAILED, _SECONDS = 16, 13, 8, 8, 8
_NUMBERS = _UNLOCKS + _FAILED + 2 * _SECONDS


def head_line(width: int) -> Line:
    """Return the names of the columns."""
    names = (
        fit("   car", _NAME + 3),
        fit("model", _model_width(width - 1)),
        fit_right("unlocks", _UNLOCKS),
        fit_right("failed", _FAILED),
        fit_right("before", _SECONDS),
        fit_right("now", _SECONDS),
    )
    return cut([("".join(names), "quiet"), ("  over time", "quiet")], width)


def row_line(row: Row, width: int, signs: str) -> Line:
    """Return one car; `signs` are those of its sparkline."""
    from evdiag.recurrence.sparkline import sparkline
    from evdiag.recurrence.wording import percent_text

    sign, tone = SIGNS[row.severity]
    failed = percent_text(row.failures.share) if row.unlocks else "–"
    return cut(
        [
            (f"{sign} ", tone),
            (fit(plain_text(row.name), _NAME - 1) + " ", "strong"),
            (fit(plain_text(row.model), _model_width(width)), "quiet"),
            (fit_right(str(row.unlocks), _UNLOCKS), ""),
            (fit_right(failed, _FAILED), ""),
            (_seconds(row.before_s), ""),
            (_seconds(row.now_s), tone),
            (f"  {sparkline(row.course, signs)}", tone),
        ],
        width,
    )


def sentence_lines(sentences: tuple[Sentence, ...], width: int) -> Iterator[Line]:
    """Yield sentences, wrapped, each with its sign."""
    for sentence in sentences:
        sign, tone = SIGNS[sentence.severity]
        for at, text in enumerate(wrap(plain_text(sentence.text), width - 3)):
            yield [(f" {sign} " if not at else "   ", tone), (text, tone and "strong")]
    if not sentences:
        yield from said_lines(
            "Too little is known to say anything: more sessions of this car tell.", "empty", width
        )


def said_lines(text: str, tone: str, width: int) -> Iterator[Line]:
    """Yield what stands in place of sentences, wrapped."""
    for line in wrap(text, width - 3):
        yield [(f"   {line}", tone)]


def _model_width(width: int) -> int:
    """On a narrow screen the model gives way, so that the numbers are whole."""
    return min(_MODEL, max(0, width - 2 - _NAME - _NUMBERS))


def _seconds(seconds: float | None) -> str:
    return fit_right("–" if seconds is None else f"{seconds:.2f} s", _SECONDS)
