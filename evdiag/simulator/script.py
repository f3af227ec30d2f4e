"""A virtual car told what to do by lines of text: one act a line, ``wait 2.5`` between them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.simulator.acts import ACT, ACTS
from evdiag.simulator.car import check_act

WAIT, HELP, QUIT = "wait", "help", "quit"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was understood; `act` is an act's id, ``help`` or ``quit``."""

    number: int
    act: str


class Script:
    """Lines go in as they come, acts come out when it is their time."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str]] = deque()
        self._read = 0
        self._not_before_s = 0.0

    def feed(self, text: str) -> None:
        """Take one line; empty ones and comments (``#``) count as lines and do nothing."""
        self._read += 1
        words = " ".join(text.partition("#")[0].split())
        if words:
            self._lines.append((self._read, words))

    def due(self, now_s: float) -> Iterator[Line]:
        """Yield what is to be done now.

        Raises:
            BadInputError: a line is none of those that are known; the ones after it stay.
        """
        while self._lines and now_s >= self._not_before_s:
            number, words = self._lines.popleft()
            if words.split()[0] == WAIT:
                self._not_before_s = now_s + _seconds(number, words)
            elif words in (HELP, QUIT):
                yield Line(number, words)
            else:
                yield Line(number, _act(number, words))


def help_lines() -> Iterator[str]:
    """Yield every line that can be typed, with what it does."""
    wide = max(map(len, ACT)) + 2
    for act in ACTS:
        yield f"{act.id:<{wide}}{act.words}"
    yield f"{WAIT + ' SECONDS':<{wide}}the next line waits so long"
    yield f"{QUIT:<{wide}}the simulation ends"


def _act(number: int, words: str) -> str:
    try:
        return check_act(words).id
    except BadInputError as error:
        raise BadInputError(f"line {number}: {error}") from None


def _seconds(number: int, words: str) -> float:
    try:
        _, text = words.split()
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise BadInputError(f"line {number}: {plain_text(words)!r} is no wait: write `wait 2.5`")
    return seconds
