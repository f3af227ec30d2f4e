"""Wherever cantools decodes, evdiag decodes the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cantools
from cantools.database import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from evdiag.databases.loading import database_from_dbc
from evdiag.signals.compiled import CompiledMessage, compile_message
from tests.databases.generated import Message, databases, dbc_text, frames

if TYPE_CHECKING:
    from evdiag.databases import Database


def loaded(text: str) -> Database:
    return database_from_dbc(text, "generated.dbc", "0")


def plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return (type(value).__name__, value) if isinstance(value, (int, float)) else str(value)


def ours(message: CompiledMessage, data: bytes) -> dict[str, Any]:
    return {
        signal.name: plain(signal.value(raw))
        for signal in message.signals
        if (raw := signal.raw(data)) is not None
    }


def theirs(message: Any, data: bytes) -> dict[str, Any] | None:
    try:
        decoded = message.decode(data, allow_truncated=True)
    except (DecodeError, ValueError, OverflowError):  # a page it does not know; a NaN's name
        return None
    return {name: plain(value) for name, value in decoded.items()}


@given(databases(), st.data())
def test_generated_databases(database: tuple[Message, ...], data: st.DataObject) -> None:
    text = dbc_text(database)
    evdiag = loaded(text)
    oracle = cantools.database.load_string(text, "dbc", strict=True)

    assert evdiag.problems == ()
    assert [layout.name for layout in evdiag.messages] == [m.name for m in oracle.messages]
    for layout, message in zip(evdiag.messages, oracle.messages, strict=True):
        assert (layout.id, layout.extended) == (message.frame_id, message.is_extended_frame)
        for frame in data.draw(frames(layout.length)):
            expected = theirs(message, frame)
            if expected is not None:
                assert ours(compile_message(layout), frame) == expected


@given(databases(), st.data())
def test_the_way_around_cantools_gives_the_same(
    database: tuple[Message, ...], data: st.DataObject
) -> None:
    text = dbc_text(database)
    repaired = loaded(text.replace("BU_: Node\n", "BU_: Node\n&\n"))  # cantools refuses this
    assert any("cantools refuses" in problem.problem for problem in repaired.problems)
    for layout, other in zip(loaded(text).messages, repaired.messages, strict=True):
        for frame in data.draw(frames(layout.length)):
            assert ours(compile_message(layout), frame) == ours(compile_message(other), frame)
