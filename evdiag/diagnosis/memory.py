"""What the rules remember beside the attempts: the latest changes of each signal, asks, answers.

Bounded, so that a port that is watched for days costs no more than one watched for minutes; and a
pure fold over the same rows, so that live, replay and batch remember the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from evdiag.inputs import Answer, TransmitDecision
from evdiag.port.attempt import Attempt
from evdiag.port.charging import SAFE_INLET_VOLTAGE
from evdiag.port.readings import TimelineRow
from evdiag.vocabulary import INVALID, STALE, TERM, Value

KEPT = 200
"""Changes kept of each signal."""

_STEP_VOLTS = 20.0
"""A voltage that wavers by less is remembered as the one before it."""


class Seen(NamedTuple):
    """A value from `time_ns` on. `observed`: nobody saw it change."""

    time_ns: int
    value: Value
    observed: bool


class Memory:
    """Folds timeline rows of words and of the inlet voltage, and silences of the lock's bus.

    A new epoch empties it: stamps of two epochs cannot be compared, so of the attempts before this
    one it says nothing (`covers`). `asked_ns` is when a diagnostic tool was last allowed to ask.
    `answers` are the person's latest, by guide step.
    """

    def __init__(self) -> None:
        self._changes: dict[str, deque[Seen]] = {}
        self._silences: deque[int] = deque(maxlen=KEPT)
        self._attempts_before = 0
        self.asked_ns: int | None = None
        self.answers: dict[str, Answer] = {}

    def row(self, row: TimelineRow) -> None:
        """Remember a change."""
        if TERM[row.signal].numeric and not self._is_told(row):
            return
        seen = Seen(row.time_ns, row.new, row.observed)
        self._changes.setdefault(row.signal, deque(maxlen=KEPT)).append(seen)

    def epoch_began(self, attempts_before: int) -> None:
        """Forget what has stamps of another clock."""
        self._changes.clear()
        self._silences.clear()
        self._attempts_before = attempts_before
        self.asked_ns = None

    def fell_silent(self, time_ns: int) -> None:
        """Remember that the lock's bus fell silent: what was seen last says nothing of after."""
        self._silences.append(time_ns)

    def told(self, item: Answer | TransmitDecision) -> None:
        """Remember what a person answered or the gate decided."""
        if isinstance(item, Answer):
            self.answers[item.step] = item
        elif item.permitted:
            self.asked_ns = item.time_ns

    def covers(self, attempt: Attempt) -> bool:
        """Tell whether what is remembered is of the same clock as this attempt."""
        return attempt.number > self._attempts_before

    def changes(self, name: str) -> Iterator[Seen]:
        """Yield the changes of a signal, first to last."""
        yield from self._changes.get(name, ())

    def spans(self, name: str, until_ns: int) -> Iterator[tuple[Seen, int]]:
        """Yield each value of a signal, and until when it was seen: to the next one, or silence."""
        seen = list(self._changes.get(name, ()))
        ends = [*(later.time_ns for later in seen[1:]), until_ns]
        for value, end_ns in zip(seen, ends, strict=False):
            silences = (at for at in self._silences if value.time_ns < at < end_ns)
            yield value, min(silences, default=end_ns)

    def was_silent(self, from_ns: int, to_ns: int) -> bool:
        """Tell whether the lock's bus fell silent within (from, to)."""
        return any(from_ns < at < to_ns for at in self._silences)

    def at(self, name: str, time_ns: int) -> Value | None:
        """Return the value that a signal had; None where it was not (or not validly) known."""
        for seen in reversed(self._changes.get(name, ())):
            if seen.time_ns <= time_ns:
                return None if seen.value in (INVALID, STALE) else seen.value
        return None

    def became(self, name: str, value: Value, from_ns: int, to_ns: int) -> Seen | None:
        """Return the first time within [from, to] at which a signal became `value`, else None."""
        return next(
            (
                seen
                for seen in self._changes.get(name, ())
                if seen.value == value and from_ns <= seen.time_ns <= to_ns
            ),
            None,
        )

    def _is_told(self, row: TimelineRow) -> bool:
        """Of the numbers only the inlet's voltage is kept, and of it only what tells something."""
        if row.signal != "port.inlet_voltage":
            return False
        before = self._changes.get(row.signal)
        if not before or isinstance(row.new, str) or isinstance(before[-1].value, str):
            return True
        old, new = float(before[-1].value), float(row.new)
        crosses = (old >= SAFE_INLET_VOLTAGE) != (new >= SAFE_INLET_VOLTAGE)
        return crosses or abs(new - old) >= _STEP_VOLTS
