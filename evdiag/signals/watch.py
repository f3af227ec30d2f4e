"""The list of signals that somebody asked for: where each is found and what its values mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from evdiag.inputs import Channel, FrameKey
from evdiag.signals.compiled import CompiledSignal
from evdiag.vocabulary import INVALID, Value


class Meaning(NamedTuple):
    """What a raw value says in the vocabulary.

    A word is looked up in `words`; a raw value that is not there means `otherwise`. A number
    (`words` is None) is scaled as the DBC says, unless it is one of the special raw values.
    """

    words: Mapping[int, str] | None
    otherwise: str = INVALID
    invalid: frozenset[int] = frozenset()
    invalid_from: int | None = None

    def value(self, raw: int | float, signal: CompiledSignal) -> Value:
        """Translate one raw value."""
        if self.words is not None:
            return self.words.get(int(raw), self.otherwise)
        if raw in self.invalid or (self.invalid_from is not None and raw >= self.invalid_from):
            return INVALID
        number = signal.scaled(raw)
        return INVALID if isinstance(number, float) and not math.isfinite(number) else number


class Conversation(NamedTuple):
    """Where one control unit is asked and answers (ISO-TP, ISO 15765-2).

    With extended addressing the first byte of a request is `target_address` and that of an answer
    `tester_address`; both are None with normal addressing.
    """

    channel: Channel
    request: FrameKey
    response: FrameKey
    target_address: int | None = None
    tester_address: int | None = None


class Polled(NamedTuple):
    """The diagnostic read (UDS service 0x22 of `did`) whose answer carries a signal."""

    poll: str
    did: int
    conversation: Conversation


class WatchedSignal(NamedTuple):
    """One vocabulary signal and the frames that carry it.

    `stale_after_ns` is how long after the last such frame the value counts as stale; None never.
    `polled` is None for what the car sends by itself; else `key` is the id of the answers, and
    `signal` is read from the data of the identifier.
    """

    name: str
    channel: Channel
    key: FrameKey
    signal: CompiledSignal
    meaning: Meaning
    stale_after_ns: int | None
    polled: Polled | None = None

    def value(self, raw: int | float) -> Value:
        """Translate one raw value into the vocabulary."""
        return self.meaning.value(raw, self.signal)


class Watch(NamedTuple):
    """The signals one car offers on the channels of one source, in vocabulary order."""

    signals: tuple[WatchedSignal, ...]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that carry any of the signals, each once."""
        return tuple(dict.fromkeys(watched.channel for watched in self.signals))

    @property
    def broadcast_channels(self) -> tuple[Channel, ...]:
        """The channels on which the car sends signals by itself.

        Only there does silence mean something: between two answers it is normal.
        """
        spoken = (watched.channel for watched in self.signals if watched.polled is None)
        return tuple(dict.fromkeys(spoken))

    def channel_of(self, name: str) -> Channel | None:
        """Return the channel of a vocabulary signal; None where the car does not offer it."""
        return next((w.channel for w in self.signals if w.name == name), None)

    def is_polled(self, name: str) -> bool:
        """Tell whether a vocabulary signal comes only when somebody asks."""
        return any(w.polled is not None for w in self.signals if w.name == name)

    def by_frame(self) -> dict[tuple[Channel, FrameKey], tuple[int, ...]]:
        """Group the indices of the broadcast signals by the frames that carry them."""
        groups: dict[tuple[Channel, FrameKey], list[int]] = {}
        for index, watched in enumerate(self.signals):
            if watched.polled is None:
                groups.setdefault((watched.channel, watched.key), []).append(index)
        return {frame: tuple(indices) for frame, indices in groups.items()}
