"""The way to cantools: the text as it is, then written anew, then in ever smaller parts.

cantools is imported here and nowhere else, and only when a file is not in the cache.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evdiag.databases.rendering import decodable, rendered
from evdiag.databases.signal_statement import (
    FURTHEST_BIT,
    INDEPENDENT,
    MessageStatement,
    SignalStatement,
)
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evdiag.databases.source import Source
    from evdiag.databases.statements import Statement

LONGEST_MESSAGE = 1785
"""Bytes; cantools' memory grows with the length a message claims to have."""


@dataclass
class Reading:
    """What cantools made of a DBC.

    `messages` pairs a message statement (by its place in the source) with cantools' message;
    `extra` are messages that only cantools found. `refusal` says why it does not take the text
    as it is (empty where it does), `refused` why it does not take single messages at all.
    """

    messages: dict[int, Any] = field(default_factory=dict)
    extra: list[Any] = field(default_factory=list)
    refusal: str = ""
    refusal_line: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def read_with_cantools(text: str, source: Source) -> Reading:
    """Read a DBC with cantools as far as it goes."""
    refusal, line = _too_large(source)
    if not refusal:
        try:
            messages = _parsed(_without_pages(text, source.page_statements))
        except Exception as error:  # noqa: BLE001 - whatever the parser raises is its verdict
            refusal, line = _reason(error)
        else:
            return _matched(messages, source)
    wanted = [
        place
        for place, message in enumerate(source.messages)
        if not message.problem and message.name != INDEPENDENT
    ]
    reading = Reading(refusal=refusal, refusal_line=line)
    _read_parts(wanted, source, reading)
    return reading


def _read_parts(places: Sequence[int], source: Source, reading: Reading) -> None:
    """Read messages from rewritten text; halve them until what fails stands alone."""
    statements = [source.messages[place] for place in places]
    try:
        messages = _parsed(rendered(statements, source))
    except Exception as error:  # noqa: BLE001
        if len(places) == 1:
            reading.refused[places[0]] = _reason(error)[0]
            return
        middle = len(places) // 2
        _read_parts(places[:middle], source, reading)
        _read_parts(places[middle:], source, reading)
    else:
        reading.messages.update(zip(places, messages, strict=True))


def _parsed(text: str) -> list[Any]:
    from cantools.database.can.formats import dbc

    messages: list[Any] = dbc.load_string(text, strict=False, sort_signals=None).messages
    return messages


def _too_large(source: Source) -> tuple[str, int]:
    for message in source.messages:
        if message.length > LONGEST_MESSAGE:
            return f"message {message.name} claims to be {message.length} bytes long", message.line
        for signal in message.signals:
            if signal.start + signal.length > FURTHEST_BIT:
                return f"signal {signal.name} of {message.name}: {signal.problem}", signal.line
    return "", 0


def _without_pages(text: str, statements: Sequence[Statement]) -> str:
    """Blank out ``SG_MUL_VAL_``: cantools counts every number of a range (27 s for a million).

    The lines stay, so that the parser's messages name the right one.
    """
    for statement in statements:
        text = text.replace(statement.text, re.sub(r"[^\n]+", " ", statement.text), 1)
    return text


def _matched(messages: list[Any], source: Source) -> Reading:
    """Find the statement of each message: the one of its id and, of several, its turn."""
    waiting: dict[int, list[int]] = {}
    for place, statement in enumerate(source.messages):
        if statement.name != INDEPENDENT:
            waiting.setdefault(statement.dbc_id, []).append(place)
    reading = Reading()
    for message in messages:
        dbc_id = message.frame_id | (message.is_extended_frame << 31)
        if places := waiting.get(dbc_id):
            reading.messages[places.pop(0)] = message
        else:
            reading.extra.append(message)
    return reading


def signals_of(message: Any, statement: MessageStatement, whole: bool) -> dict[int, Any]:
    """Pair the signals of a statement (by place) with cantools' signals.

    `whole` says that cantools read the file's own text; else it saw the decodable signals only.
    """
    stated = list(enumerate(statement.signals))
    if not whole:
        good = decodable(statement)
        stated = [(place, signal) for place, signal in stated if signal in good]
    if len(stated) == len(message.signals):
        pairs = zip(stated, message.signals, strict=True)
        return {
            place: signal
            for (place, stated_as), signal in pairs
            if stated_as.problem or _same(stated_as, signal)
        }
    left = list(message.signals)
    found = {}
    for place, signal in stated:
        twin = next((other for other in left if _same(signal, other)), None)
        if twin is not None:
            left.remove(twin)
            found[place] = twin
    return found


def _same(statement: SignalStatement, signal: Any) -> bool:
    return (statement.start, statement.length) == (signal.start, signal.length)


def _reason(error: Exception) -> tuple[str, int]:
    line = getattr(error, "line", 0)
    text = " ".join(str(error).replace(">>!<<", "").split()) or type(error).__name__
    return plain_text(text)[:200], line if isinstance(line, int) else 0
