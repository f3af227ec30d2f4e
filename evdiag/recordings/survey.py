"""One look at a whole recording before it is written: what a header must know beforehand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, BusEventKind, Frame
from evdiag.recordings import losses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evdiag.inputs import Channel
    from evdiag.recordings.losses import Losses

_LAST_NUMBER = re.compile(r"(\d{1,5})$")


@dataclass(frozen=True, slots=True)
class Survey:
    """Channels in order of appearance, the earliest stamp, and whether any direction is known."""

    channels: tuple[Channel, ...]
    earliest_ns: int
    knows_direction: bool


def survey(items: Iterable[Frame | BusEvent]) -> Survey:
    """Look through everything once."""
    channels: dict[Channel, None] = {}
    earliest_ns: int | None = None
    knows_direction = False
    for item in items:
        if isinstance(item, BusEvent) and item.kind is not BusEventKind.FRAMES_LOST:
            # No format but a journal holds it.
            continue
        time_ns = item.time_ns
        if earliest_ns is None or time_ns < earliest_ns:
            earliest_ns = time_ns
        channels.setdefault(item.channel)
        if isinstance(item, Frame) and item.direction is not None:
            knows_direction = True
    return Survey(tuple(channels), earliest_ns or 0, knows_direction)


def numbered_channels(
    channels: tuple[Channel, ...], lost: Losses, *, count_from: int, highest: int | None = None
) -> dict[Channel, int]:
    """Give every channel a number of at least `count_from`; what changes is counted in `lost`.

    Numbers stay as they are unless one is too small: then all of them move up. A name gets the
    number it ends in (``can0``: 0), or else the next free one; so does a number above `highest`,
    the last one that the format can hold.

    Raises:
        BadInputError: there are more channels than the format has numbers.
    """
    if highest is not None and len(channels) > highest - count_from + 1:
        raise BadInputError(
            f"the recording has {len(channels)} channels, and this format can hold "
            f"{highest - count_from + 1}: convert it to candump text"
        )
    wanted = {channel: _number(channel) for channel in channels}
    known = [number for number in wanted.values() if number is not None]
    shift = max(0, count_from - min(known, default=count_from))
    moved = {
        channel: None if number is None else number + shift for channel, number in wanted.items()
    }

    def is_too_high(channel: Channel) -> bool:
        number = moved[channel]
        return highest is not None and number is not None and number > highest

    taken: dict[int, Channel] = {}
    numbers: dict[Channel, int] = {}
    # Those whose number can stay come first, so that no other takes it from them.
    for channel in sorted(channels, key=lambda name: (is_too_high(name), isinstance(name, str))):
        number = moved[channel]
        if number is None or is_too_high(channel):
            number = count_from
        while number in taken:
            number += 1
            if highest is not None and number > highest:
                number = count_from
        taken[number] = channel
        numbers[channel] = number
        if isinstance(channel, str):
            lost.add(losses.CHANNEL_NAMES, f"{channel} → {number}")
        elif is_too_high(channel):
            lost.add(losses.CHANNELS_TOO_HIGH, f"{channel} → {number}")
        elif number != channel:
            lost.add(losses.CHANNELS_RENUMBERED, f"{channel} → {number}")
    return numbers


def named_channels(channels: tuple[Channel, ...], lost: Losses) -> dict[Channel, str]:
    """Give every channel an interface name without blanks; what changes is counted in `lost`."""
    names: dict[Channel, str] = {}
    for channel in sorted(channels, key=lambda name: isinstance(name, int)):
        name = f"can{channel}" if isinstance(channel, int) else "_".join(channel.split()) or "can"
        while name in names.values():
            name += "_"
        names[channel] = name
        if isinstance(channel, int):
            lost.add(losses.CHANNEL_NUMBERS, f"{channel} → {name}")
        elif name != channel:
            lost.add(losses.CHANNEL_SPELLING, f"{channel} → {name}")
    return names


def _number(channel: Channel) -> int | None:
    if isinstance(channel, int):
        return channel
    match = _LAST_NUMBER.search(channel)
    return int(match[1]) if match else None
