"""What the car's databases say of a frame: names and values, plain and ready to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.databases import MessageLayout
from evdiag.inputs import Channel, Frame, FrameKey, frame_key
from evdiag.plain import plain_text
from evdiag.signals.compiled import CompiledMessage, CompiledSignal, Raw, compile_message
from evdiag.tui.words import number_text

if TYPE_CHECKING:
    from evdiag.databases import Database
    from evdiag.inputs import Identified
    from evdiag.vehicles.profile import Profile


@dataclass(frozen=True, slots=True)
class Decoded:
    """One signal of one frame; every text is plain."""

    name: str
    value: str
    raw: Raw


class Messages:
    """The messages of one car on the channels of one recording or live bus."""

    def __init__(self, by_frame: dict[tuple[Channel, FrameKey], tuple[MessageLayout, ...]]) -> None:
        self._layouts = by_frame
        self._compiled: dict[tuple[Channel, FrameKey], tuple[CompiledMessage, ...]] = {}

    def of(self, channel: Channel, key: FrameKey) -> tuple[CompiledMessage, ...]:
        """Return what a frame may be; nothing where the databases do not know it."""
        where = (channel, key)
        if where not in self._compiled:
            layouts = self._layouts.get(where, ())
            self._compiled[where] = tuple(compile_message(layout) for layout in layouts)
        return self._compiled[where]

    def known(self) -> list[tuple[Channel, FrameKey]]:
        """Return every channel and id that the databases know."""
        return list(self._layouts)

    def name(self, channel: Channel, key: FrameKey) -> str:
        """Return the message's name, plain; empty where it is not known."""
        found = self._layouts.get((channel, key), ())
        return plain_text(found[0].name) if found else ""

    def decode(self, frame: Frame) -> Iterator[Decoded]:
        """Yield the signals of one frame."""
        if frame.error or frame.remote:
            return
        for message in self.of(frame.channel, frame_key(frame.id, frame.extended)):
            for signal in message.signals:
                raw = signal.raw(frame.data)
                if raw is not None:
                    yield Decoded(plain_text(signal.name), signal_text(signal, raw), raw)


def signal_text(signal: CompiledSignal, raw: Raw) -> str:
    """Write a decoded value with its unit, plain."""
    value = signal.value(raw)
    if isinstance(value, str):
        return plain_text(value)
    return f"{number_text(value)} {plain_text(signal.layout.unit)}".strip()


def messages_of(
    databases: Sequence[Database], profile: Profile, identified: Identified
) -> Messages:
    """Bind the car's databases to the channels on which its buses were found.

    An id that the profile expects on one bus is looked for on that bus's channel alone; any other
    on every channel that is one of the car's buses.
    """
    channels = dict(identified.channels)
    found: dict[tuple[Channel, FrameKey], tuple[MessageLayout, ...]] = {}
    for database in databases:
        for key, messages in database.by_key.items():
            for channel in _channels_of(key, profile, channels):
                found[channel, key] = (*found.get((channel, key), ()), *messages)
    return Messages(found)


def _channels_of(key: FrameKey, profile: Profile, channels: dict[str, Channel]) -> list[Channel]:
    named = {bus.name for bus in profile.buses if any(frame.key == key for frame in bus.frames)}
    # Two buses may be on one channel: where the car broadcasts, and where it answers.
    found = (channel for bus, channel in channels.items() if not named or bus in named)
    return list(dict.fromkeys(found))
