"""KCD, SYM and ARXML: read by cantools as they are, and looked at like a DBC; nothing is repaired.

What is wrong is listed by message and signal, for cantools keeps no line.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from evdiag.databases.census import Census
from evdiag.databases.database import LOST
from evdiag.databases.doubts import signal_doubts, unique_names
from evdiag.databases.foreign import message_from_cantools
from evdiag.databases.signal_statement import is_finite, no_bits
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.databases.database import Database
    from evdiag.databases.layout import MessageLayout, SignalLayout

_LENGTHS: Final = {
    "kcd": re.compile(r'<(?:\w+:)?Message\s[^>]*?\blength\s*=\s*["\']\s*(\d{5,})'),
    "sym": re.compile(r"^\s*(?:Len|DLC)\s*=\s*(\d{5,})", re.MULTILINE),
    "arxml": re.compile(r"<FRAME-LENGTH>\s*(\d{5,})"),
}
"""Lengths of a message that are none: cantools takes memory for each of their bits."""

_MOST_SAID: Final = 200


def database_from_other(text: str, form: str, file: str, sha256: str) -> Database:
    """Load the text of a KCD, SYM or ARXML file.

    Raises:
        BadInputError: it is none, or what is in it cannot be.
    """
    too_long = _LENGTHS[form].search(text)
    if too_long is not None:
        reason = f"a message of {too_long[1][:20]} bytes, and none is so long"
        raise BadInputError(f"{file} cannot be read as {form.upper()}: {reason}")
    try:
        module = import_module(f"cantools.database.can.formats.{form}")
        read: list[Any] = module.load_string(text, strict=False).messages
        layouts = list(map(message_from_cantools, read))
    except Exception as error:  # noqa: BLE001 - whatever the parser raises is its verdict
        raise BadInputError(f"{file} cannot be read as {form.upper()}: {_reason(error)}") from None
    census = Census(message_statements=len(layouts))
    for layout in layouts:
        census.signal_statements += len(layout.signals)
        _take(layout, census)
    return census.database(file, sha256)


def _reason(error: Exception) -> str:
    if "integer string conversion" in str(error):
        return "it holds a number of thousands of digits"
    said = plain_text(" ".join(str(error).split()))[:_MOST_SAID]
    return said or f"the parser gave up ({type(error).__name__})"


def _take(message: MessageLayout, census: Census) -> None:
    """Keep what can be decoded of a message, and list what cannot, or is odd."""
    census.say_shared_id(0, message.name, message.key)
    usable = _usable(message, census)
    signals, twice = unique_names(usable)
    for doubt in twice:
        name = usable[doubt.place].name
        census.say(doubt.kind, 0, message.name, name, doubt.problem, doubt.consequence)
    for doubt in signal_doubts(signals, message.length):
        name = signals[doubt.place].name
        census.say(doubt.kind, 0, message.name, name, doubt.problem, doubt.consequence)
    census.keep(message._replace(signals=tuple(signals)))


def _usable(message: MessageLayout, census: Census) -> list[SignalLayout]:
    """Return the signals that can be decoded; one whose switch cannot would be read at random."""
    reasons = [(signal, _why_not(signal)) for signal in message.signals]
    wrong = {signal.name for signal, why in reasons if why}
    usable = []
    for signal, why in reasons:
        for condition in signal.conditions:
            if not why and condition.switch in wrong:
                why = f"its multiplexer switch {condition.switch} is not loaded"
        if why:
            census.say(LOST, 0, message.name, signal.name, why, "not loaded")
        else:
            usable.append(signal)
    return usable


def _why_not(signal: SignalLayout) -> str:
    if not (is_finite(signal.scale) and is_finite(signal.offset)):
        return "its factor or offset is infinite"
    return no_bits(signal.start, signal.length)
