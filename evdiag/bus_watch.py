"""What a command's conditions must know of a live bus: its troubles, and who else asks the car."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from evdiag.control.interlocks import BusFacts
from evdiag.control.other_testers import OtherTesters
from evdiag.inputs import BusEvent, Frame, FrameKey, Input, frame_key
from evdiag.session.following import Following
from evdiag.session.troubles import Troubles
from evdiag.signals.events import CLOCK_JUMP_NS
from evdiag.vehicles.profile import Profile

_MOST_IDS: Final = 4_096
"""More than any car has; a flood of 29-bit ids must not fill the memory."""

_MARK_EVERY_NS: Final = 500_000_000
_MARKS: Final = 10
_LAGS_BY_NS: Final = 1_000_000_000
"""By the stamps alone nothing would be stale by then, however long it was not said."""


class BusWatch:
    """A hook of the follower: hears everything from the beginning on.

    Which frames ask or command a car is known only once it is known which one it is, and that may
    be changed: the last frame of each id is kept, to be looked at again then. How long ago somebody
    asked is counted in steps: no clock that is set, forward or back, makes anybody forgotten.
    The stamps are held against `steady_ns`, over the last seconds: nothing ever expires by a clock
    that stands still.
    """

    def __init__(self, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._steady_ns = steady_ns
        self._marks: deque[tuple[int, int]] = deque(maxlen=_MARKS)
        self._lag_ns = 0
        self._troubles = Troubles()
        self._profile: Profile | None = None
        self._testers: OtherTesters | None = None
        self._last: dict[FrameKey, tuple[Frame, int]] = {}
        self._now_ns = 0
        self._passed_ns = 0

    def take(self, following: Following, items: Sequence[Input]) -> None:
        """Take what was just followed."""
        decision = following.decision
        if decision is not None and decision.profile is not self._profile:
            self._profile = decision.profile
            self._testers = OtherTesters(decision.profile)
            for frame, heard_ns in sorted(self._last.values(), key=lambda each: each[1]):
                self._testers.heard(frame, heard_ns)
        for item in items:
            self._passed_ns += min(max(item.time_ns - self._now_ns, 0), CLOCK_JUMP_NS)
            jumped_back = item.time_ns < self._now_ns - CLOCK_JUMP_NS
            self._now_ns = item.time_ns if jumped_back else max(self._now_ns, item.time_ns)
            if jumped_back:
                self._marks.clear()
            if isinstance(item, BusEvent):
                self._troubles.take(item, item.time_ns)
            elif isinstance(item, Frame) and item.direction != "tx":
                self._keep(item)
                if self._testers is not None:
                    self._testers.heard(item, self._passed_ns)

        if items:
            self._hold_against_clock()

    def _hold_against_clock(self) -> None:
        steady_ns = self._steady_ns()
        if not self._marks or steady_ns - self._marks[-1][0] >= _MARK_EVERY_NS:
            self._marks.append((steady_ns, self._now_ns))
        began_ns, stamp_ns = self._marks[0]
        self._lag_ns = (steady_ns - began_ns) - (self._now_ns - stamp_ns)

    def _keep(self, frame: Frame) -> None:
        key = frame_key(frame.id, frame.extended)
        if key in self._last or len(self._last) < _MOST_IDS:
            self._last[key] = frame, self._passed_ns

    def facts(
        self,
        *,
        module_answers: bool | None = None,
        module: str = "",
        rest_s: float | None = 0.0,
        rest: str = "",
    ) -> BusFacts:
        """Return how the bus stands; what else belongs to it is known to whoever asks."""
        troubles = self._troubles.now(self._now_ns)
        words = troubles[0].kind.value.replace("_", " ") if troubles else ""
        if troubles and troubles[0].detail:
            words = f"{words}: {troubles[0].detail}"
        elif not words and self._lag_ns > _LAGS_BY_NS:
            words = f"the adapter's clock stands still, or lags by {self._lag_ns / 1e9:.1f} s"
        other = "" if self._testers is None else self._testers.at(self._passed_ns)
        return BusFacts(words, module_answers, other, module, rest_s, rest)
