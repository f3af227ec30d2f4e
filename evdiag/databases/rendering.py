"""A DBC text written anew from its statements, so that cantools can read it.

Every message and signal gets a plain name of ours; the caller puts the file's own names back.
What cantools need not see (nodes, attributes, multiplexing) is not written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.databases.foreign import FLOAT_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evdiag.databases.signal_statement import MessageStatement, SignalStatement
    from evdiag.databases.source import Source

_HEAD = 'VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_:\n\n'


def rendered(messages: Iterable[MessageStatement], source: Source) -> str:
    """Write these messages, with those of their signals that can be decoded, as a clean DBC."""
    blocks: list[str] = []
    about: list[str] = []
    for number, message in enumerate(messages):
        # An id may come twice; with the names of all signals apart, nothing gets mixed up.
        signals = [
            (f"S{number}_{place}", signal) for place, signal in enumerate(decodable(message))
        ]
        blocks.append(
            f"BO_ {message.dbc_id} M{number}: {min(message.length, 64)} Vector__XXX\n"
            + "".join(_signal(name, signal) for name, signal in signals)
        )
        for name, signal in signals:
            about += _about(name, message.dbc_id, signal, source)
    return _HEAD + "\n".join(blocks) + "\n" + "\n".join(about) + "\n"


def decodable(message: MessageStatement) -> list[SignalStatement]:
    """Return the signals of a message whose bits and scaling are known."""
    return [signal for signal in message.signals if not signal.problem]


def is_float(signal: SignalStatement, dbc_id: int, source: Source) -> bool:
    """Tell whether the signal is a float: said to be one, and of a length that floats have."""
    return (dbc_id, signal.name) in source.float_signals and signal.length in FLOAT_LENGTHS


def _signal(name: str, signal: SignalStatement) -> str:
    order = 1 if signal.little_endian else 0
    sign = "-" if signal.signed else "+"
    minimum, maximum = signal.minimum or 0, signal.maximum or 0
    return (
        f" SG_ {name} : {signal.start}|{signal.length}@{order}{sign}"
        f" ({signal.scale!r},{signal.offset!r}) [{minimum!r}|{maximum!r}]"
        f" {_string(signal.unit)} Vector__XXX\n"
    )


def _about(name: str, dbc_id: int, signal: SignalStatement, source: Source) -> Iterator[str]:
    key = dbc_id, signal.name
    if comment := source.comments.get(key):
        yield f"CM_ SG_ {dbc_id} {name} {_string(comment)};"
    if values := source.values.get(key):
        yield f"VAL_ {dbc_id} {name} {_pairs(values)};"
    if is_float(signal, dbc_id, source):
        yield f"SIG_VALTYPE_ {dbc_id} {name} : {2 if signal.length == 64 else 1};"


def _pairs(values: Mapping[int, str]) -> str:
    return " ".join(f"{number} {_string(text)}" for number, text in values.items())


def _string(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped} "' if escaped.endswith("\\") else f'"{escaped}"'
