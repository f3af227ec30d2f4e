"""What a database file holds, and everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evdiag.databases.layout import MessageLayout
    from evdiag.inputs import FrameKey


class Problem(NamedTuple):
    """One thing that is wrong with a file: where, what, and what follows from it.

    `line` counts from 1; it is 0 where the whole file is meant. `message` and `signal` are empty
    where the problem is not one of theirs. `kind` is one of the constants of this module.
    """

    kind: str
    file: str
    line: int
    message: str
    signal: str
    problem: str
    consequence: str


LOST = "lost"
"""A message or signal that is not loaded."""
NO_MESSAGE = "no_message"
"""Signals that the file itself keeps outside any message: no frame carries them."""
REPAIRED = "repaired"
"""Written against the rules, and its meaning is plain."""
IGNORED = "ignored"
"""A statement left out that no message and no signal needs."""
DUPLICATE = "duplicate"
OVERLAP = "overlap"
BEYOND = "beyond_message"
MULTIPLEXING = "multiplexing"
LENGTH = "length"


@dataclass(frozen=True)
class Database:
    """A loaded file.

    `message_statements` and `signal_statements` count what the file states; what of it is not in
    `messages` is named in `problems`. `sha256` is the hash of the file's bytes.
    """

    file: str
    sha256: str
    messages: tuple[MessageLayout, ...]
    problems: tuple[Problem, ...]
    message_statements: int
    signal_statements: int

    @property
    def usable_signals(self) -> int:
        """How many signals can be decoded."""
        return sum(len(message.signals) for message in self.messages)

    @cached_property
    def by_key(self) -> Mapping[FrameKey, tuple[MessageLayout, ...]]:
        """The messages that a frame of this key may be: more than one where the file says so."""
        found: dict[FrameKey, tuple[MessageLayout, ...]] = {}
        for message in self.messages:
            found[message.key] = (*found.get(message.key, ()), message)
        return found
