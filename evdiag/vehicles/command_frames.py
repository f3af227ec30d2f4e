"""The frames of a command, byte for byte: made from its DBC before anything is armed. Pure.

Every frame that a command may ever send is made here and held against its own mask, so what leaves
later is only ever picked from a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.signals.checksums import checksum
from evdiag.signals.encoding import encoded
from evdiag.vehicles.command import Command, CommandFrame
from evdiag.vehicles.toml_table import nearest, quoted

Rings: TypeAlias = Mapping[str, tuple[bytes, ...]]
"""For each frame of a command the data to send one after the other, round and round."""

_LONGEST_COUNTER = 8


def rings(command: Command, messages: Sequence[MessageLayout], file: str) -> Rings:
    """Return the data of every frame of a command.

    Raises:
        BadInputError: the DBC does not have what a frame names, or `data` and `mask` do not fit it.
    """
    by_name = {message.name: message for message in messages}
    return {frame.id: _ring(command, frame, by_name, file) for frame in command.frames}


def _ring(
    command: Command, frame: CommandFrame, messages: Mapping[str, MessageLayout], file: str
) -> tuple[bytes, ...]:
    def wrong(what: str) -> BadInputError:
        return BadInputError(f"{plain_text(file)}: {command.text}, frame {frame.id!r}: {what}")

    message = messages.get(frame.message)
    if message is None:
        hint = nearest(frame.message, messages)
        raise wrong(f"the DBC has no message {quoted(frame.message)}; {hint}")
    if (message.id, message.extended, message.length) != (
        frame.can_id,
        frame.extended,
        frame.length,
    ):
        raise wrong(f"message {plain_text(frame.message)} has another id or length in the DBC")
    layouts = {signal.name: signal for signal in message.signals}
    varying = [frame.counter, frame.checksum.signal if frame.checksum else ""]
    for name in (*(name for name, _ in frame.signals), *filter(None, varying)):
        if name not in layouts:
            hint = nearest(name, layouts)
            raise wrong(f"message {plain_text(frame.message)} has no {quoted(name)}; {hint}")
    for name, raw in frame.signals:
        if raw >> layouts[name].length:
            raise wrong(f"{raw} does not fit the {layouts[name].length} bits of {plain_text(name)}")
    free = [layouts[name] for name in varying if name]
    if any(layout.length > _LONGEST_COUNTER for layout in free):
        raise wrong(f"counter and checksum have {_LONGEST_COUNTER} bits at most")
    if _bits(frame.length, free) & _number(frame.mask) or (
        _bits(frame.length, free) | _number(frame.mask) != (1 << 8 * frame.length) - 1
    ):
        raise wrong("`mask` must leave free exactly the bits of the counter and the checksum")
    made = _made(frame, layouts)
    if not all(frame.allows(data) for data in made):
        raise wrong(f"`data` must be {made[0].hex(' ').upper()} in the bits of `mask`")
    return made


def _made(frame: CommandFrame, layouts: Mapping[str, SignalLayout]) -> tuple[bytes, ...]:
    values = [(layouts[name], raw) for name, raw in frame.signals]
    counts = 1 << layouts[frame.counter].length if frame.counter else 1
    made = []
    for count in range(counts):
        counted = [*values, (layouts[frame.counter], count)] if frame.counter else values
        made.append(_with_checksum(frame, layouts, counted))
    return tuple(made)


def _with_checksum(
    frame: CommandFrame,
    layouts: Mapping[str, SignalLayout],
    values: Sequence[tuple[SignalLayout, int]],
) -> bytes:
    data = encoded(frame.length, values)
    if frame.checksum is None:
        return data
    layout = layouts[frame.checksum.signal]
    own = layout.start // 8
    covered = frame.checksum.prefix + data[:own] + data[own + 1 :]
    found = checksum(frame.checksum.kind, covered) & ((1 << layout.length) - 1)
    return encoded(frame.length, [*values, (layout, found)])


def _bits(length: int, layouts: Sequence[SignalLayout]) -> int:
    """Return the bits of some signals, as the number that their bytes make."""
    full = [(layout, (1 << layout.length) - 1) for layout in layouts]
    return _number(encoded(length, full))


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
