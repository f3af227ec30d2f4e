"""Whichever picture a document holds, as SVG text."""

from __future__ import annotations

from evdiag.report.document import Picture
from evdiag.report.model import Timeline
from evdiag.report.picture import drawing
from evdiag.report.trend_picture import trend_drawing
from evdiag.report.words import Words


def picture_svg(picture: Picture, words: Words) -> str:
    """Draw a picture; the same one always gives the same text.

    Raises:
        BadInputError: the plotting library is not installed.
    """
    if isinstance(picture.shown, Timeline):
        return drawing(picture.shown, words)
    return trend_drawing(picture.shown, words)
