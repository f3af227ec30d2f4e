"""What a format cannot hold of the frames written to it."""

from __future__ import annotations

from dataclasses import dataclass

from evdiag.plain import plain_text


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of thing that was left out or changed, how often, and an example."""

    what: str
    count: int
    example: str = ""

    def __str__(self) -> str:
        example = f" (for example {plain_text(self.example)})" if self.example else ""
        return f"{self.what}: {self.count}{example}"


class Losses:
    """Counts losses while frames are written."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def add(self, what: str, example: str = "") -> None:
        """Count one."""
        self._counts[what] = self._counts.get(what, 0) + 1
        self._examples.setdefault(what, example)

    def listed(self) -> list[Loss]:
        """Return what was counted, in the order it first happened."""
        return [Loss(what, count, self._examples[what]) for what, count in self._counts.items()]


JOURNAL_ROWS = "what a journal holds beside its frames (marks, bus events, decisions)"
LOST_MARKS = "marks of lost frames left out"
FD_FRAMES = "CAN FD frames left out"
FD_FLAG = "the CAN FD flag of frames of up to 8 bytes"
FD_SWITCHES = "the bit-rate-switch and error-state flags"
LONG_CLASSIC = "that frames of more than 8 bytes are classic CAN"
DATA_BEHIND_EIGHTH = "bytes behind the eighth of classic frames left out"
REMOTE_FRAMES = "remote frames left out"
ERROR_FRAMES = "error frames left out"
ERROR_DETAIL = "class and data of error frames"
ERROR_DIRECTION = "the direction of error frames"
UNHOLDABLE_ID = "frames of the id 1FFFFFFF left out: here it marks lost frames"
UNKNOWN_DIRECTION = "frames of unknown direction written as received"
DIRECTION = "the direction of frames"
NANOSECONDS = "stamps cut to whole microseconds"
SHIFTED = "stamps moved, because none may be negative"
CHANNEL = "the channel of frames"
CHANNEL_NAMES = "channel names written as numbers"
CHANNEL_NUMBERS = "channel numbers written as interface names"
CHANNELS_RENUMBERED = "channels renumbered, because they count from 1"
CHANNELS_TOO_HIGH = "channels renumbered, because this format has no number so high"
CHANNEL_SPELLING = "channel names written without their blanks"
