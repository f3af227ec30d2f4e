"""What the signals station says: the one stream that the port is built from.

Scalar and columnar decoding both produce it, and produce the same.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from evdiag.inputs import Channel
from evdiag.vocabulary import Value


class Changed(NamedTuple):
    """A watched signal was seen for the first time, with a new raw value, or again after silence.

    After a silence of the whole bus every signal is said once more, so that what stayed as it was
    is known to have stayed.

    `watched` is the index of the signal in its watch list.
    """

    time_ns: int
    watched: int
    raw: int | float
    value: Value


class Expired(NamedTuple):
    """No frame carried the signal for too long while the bus was awake.

    `time_ns` is the deadline that passed. A bus that is silent as a whole suspends all deadlines;
    they start anew when it wakes: sleep keeps the last value, a missing module does not.
    """

    time_ns: int
    watched: int


class BusSilent(NamedTuple):
    """A whole bus has been silent for `SILENCE_NS`; `time_ns` is the deadline that passed."""

    time_ns: int
    channel: Channel


class BusAwake(NamedTuple):
    """The first frame of a bus after a silence."""

    time_ns: int
    channel: Channel


class EpochBegan(NamedTuple):
    """The clock jumped back by more than `CLOCK_JUMP_NS`: nothing before can be compared."""

    time_ns: int


class Refused(NamedTuple):
    """A control unit said no to a diagnostic read: information, never a value.

    `poll` names the read as the profile does, `code` is the negative response code (ISO 14229-1).
    """

    time_ns: int
    poll: str
    code: int


SignalEvent: TypeAlias = Changed | Expired | BusSilent | BusAwake | EpochBegan | Refused

SILENCE_NS = 500_000_000
"""A bus without any frame for this long is silent as a whole: no single message is missing then.

Half of `SHORTEST_STALE_NS`, so that a bus that falls silent is known to be silent before the first
of its messages would count as missing.
"""

CLOCK_JUMP_NS = 1_000_000_000
"""A larger step back begins a new epoch; a smaller one is jitter of the logger."""

SHORTEST_STALE_NS = 1_000_000_000
STALE_PERIODS = 5


def stale_after_ns(period_ms: int | None) -> int | None:
    """Return after how long without a frame a cyclic message is stale; None is never.

    The larger of five periods and one second (docs/architecture.md, Time).
    """
    if period_ms is None:
        return None
    return max(STALE_PERIODS * period_ms * 1_000_000, SHORTEST_STALE_NS)
