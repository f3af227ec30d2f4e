"""Follows the attempts to get the plug out, from the request to the plug leaving.

A pure state machine over timeline rows and the passing of stream time. docs/concepts.md says what
each outcome means; every rule has its test in tests/port/test_attempts.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from evdiag.port.attempt import NANOSECONDS, Attempt, Outcome
from evdiag.port.charging import (
    SAFE_INLET_VOLTAGE,
    Charging,
    inlet_is_live,
    live_reasons,
)
from evdiag.port.draft import Draft
from evdiag.port.inlet import Inlet
from evdiag.port.plug import out_is_denied
from evdiag.port.readings import SHORT_SILENCE_NS, Readings, TimelineRow
from evdiag.port.requests import PEOPLE, request_of
from evdiag.port.settling import Movement
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import Value

GRACE_NS = 1 * NANOSECONDS
"""A request heard this soon after the lock opened still explains it: modules report in turn."""

SESSION_END_EXPLAINS_NS = 10 * NANOSECONDS
"""A lock that opens this soon after the session ended was opened by that end."""

LONGEST_LIVE_WAIT_NS = 60 * NANOSECONDS
"""So long a DC attempt waits for the inlet to fall; then the session counts as active."""

OPEN_WINDOW_NS = 30 * NANOSECONDS
"""So long an attempt on an open lock waits for the plug to leave."""


class AttemptTracker:
    """Opens, follows and closes attempts.

    Where no clock tells time only the order of things is known: every value counts at once, no
    window ends, and what nobody saw the end of stays open to the end of the recording.

    Feed it every timeline row with `row`, every advance of stream time with `advance` (before
    the row that caused it), `broken` for a new epoch or a sleeping bus, and `finish` at the end.
    """

    def __init__(
        self, rules: LockBehaviour, readings: Readings, *, clock_is_time: bool = True
    ) -> None:
        self._rules = rules
        self._readings = readings
        self._clock_is_time = clock_is_time
        self._inlet = Inlet(rules, readings, clock_is_time=clock_is_time)
        self._charging = Charging()
        self._session_ended_ns: int | None = None
        self._lock_asked_ns: int | None = None
        self._draft: Draft | None = None
        self._closed: list[Attempt] = []
        self._asleep_since_ns: int | None = None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every closed attempt, then the running one."""
        if self._draft is None:
            return tuple(self._closed)
        return (*self._closed, self._draft.attempt(len(self._closed) + 1, None))

    @property
    def current(self) -> Attempt | None:
        """The running attempt."""
        return None if self._draft is None else self.attempts[-1]

    @property
    def lock_fitted(self) -> bool:
        """False for a car whose inlet has no lock: its lock bit is shown and never judged."""
        return self._inlet.lock_fitted

    def advance(self, stream_ns: int) -> None:
        """Fire every deadline that stream time is strictly past, in order."""
        while True:
            due = [
                (deadline, order)
                for order, deadline in enumerate(
                    (self._inlet.lock.deadline, self._inlet.plug.deadline, self._window_deadline)
                )
                if deadline is not None and deadline < stream_ns
            ]
            if not due:
                return
            deadline, order = min(due)
            if order == 0:
                self._lock_moved(self._inlet.lock.settle())
            elif order == 1:
                self._plug_moved(self._inlet.plug.settle())
            else:
                self._window_ended(deadline)

    def row(self, row: TimelineRow) -> None:
        """Take one change of one signal."""
        if row.signal == "port.lock":
            self._inlet.ever_locked = self._inlet.ever_locked or row.new == "locked"
            self._lock_moved(self._inlet.lock.take(row.time_ns, row.new))
        elif row.signal == "port.plug":
            self._plug_moved(self._inlet.plug.take(row.time_ns, row.new))
        elif row.signal in ("port.lock_request", "vehicle.lock"):
            self._lock_may_be_asked(row)
        if row.signal == "port.inlet_voltage":
            self._voltage_changed(row)
        elif row.signal == "port.pilot":
            self._pilot_changed(row.time_ns)
        if self._charging.row(row, self._readings):
            self._session_ended(row.time_ns)
        elif self._charging.was_alive and self._session_ended_ns is not None:
            self._session_resumed()
        request = request_of(row, self._readings, self._rules)
        if request is not None:
            self.asked(row.time_ns, request, row.signal)
        elif row.signal == "vehicle.lock_source" and row.new in PEOPLE and self._draft is not None:
            self._draft.name_request(row.time_ns, str(row.new), str(row.old))
        if self._draft is not None:
            charger = self._charging.kind_seen(self._readings)
            self._draft.circumstances(self._readings, charger)

    def slept(self, time_ns: int) -> None:
        """The whole bus fell silent: no window runs on until it wakes."""
        self._asleep_since_ns = time_ns

    def woke(self, time_ns: int) -> None:
        """The bus is awake: after a long sleep nothing before can be timed against what comes."""
        since_ns, self._asleep_since_ns = self._asleep_since_ns, None
        if since_ns is None:
            return
        if time_ns - since_ns > SHORT_SILENCE_NS:
            self.broken(since_ns, "the bus went to sleep", new_epoch=False)
        elif self._draft is not None and self._draft.deadline_ns is not None:
            self._draft.deadline_ns += time_ns - since_ns
        self._inlet.lock.doubt()
        self._inlet.plug.doubt()

    def confirmed(self, name: str) -> None:
        """A signal was seen again with the value it had."""
        if name == "port.lock":
            self._inlet.lock.confirm()
        elif name == "port.plug":
            self._inlet.plug.confirm()

    def refused(self, time_ns: int, source: str, reason: str) -> None:
        """Note that the car or an interlock refused a request.

        A refusal beside an attempt that runs is evidence of that attempt; it does not end it.
        """
        if self._draft is not None:
            self._draft.note(time_ns, f"refused ({source}): {reason}")
        elif self._inlet.holds_a_plug and self.lock_fitted:
            draft = self._open(time_ns)
            draft.ask(time_ns, source, source)
            draft.note(time_ns, f"refused: {reason}")
            draft.reason = reason
            self._close(draft, "refused", time_ns)

    def broken(self, time_ns: int, why: str, *, new_epoch: bool) -> None:
        """The bus slept or the clock broke: what runs ends without an answer."""
        self._settle_all()
        if self._draft is not None:
            self._draft.note(time_ns, why)
            self._close(self._draft, self._draft.outcome_unfinished(), time_ns)
        if new_epoch:
            self._inlet.forget()
            self._charging.forget()
            self._session_ended_ns = None
            self._lock_asked_ns = None
            self._asleep_since_ns = None

    def finish(self, stream_ns: int) -> None:
        """The recording is at its end: believe what was pending, close what runs."""
        self.advance(stream_ns)
        self._settle_all()
        if self._draft is not None:
            self._draft.note(stream_ns, _HOW_IT_ENDS[self._clock_is_time])
            self._close(self._draft, self._draft.outcome_unfinished(), stream_ns)

    # -- what the port does ------------------------------------------------------------------

    def _lock_moved(self, movement: Movement | None) -> None:
        if movement is None:
            return
        time_ns, old, new, before_gap = movement
        if old is None:
            self._lock_observed(time_ns, new, before_gap)
            return
        draft = self._draft
        if new == "unlocked":
            self._lock_opened(time_ns)
        elif draft is None:
            return
        elif draft.released_ns is not None:
            self._open_lock_moved(draft, time_ns, new)
        elif new in ("moving", "fault"):
            draft.moved = True
            draft.note(time_ns, "the lock moves" if new == "moving" else "the lock reports a fault")
        elif new == "locked":
            draft.note(time_ns, "the lock is back in the locked position")
        elif new is None:
            draft.note(time_ns, "the car reports no valid lock position")

    def _lock_observed(self, time_ns: int, new: Value | None, before: Value | None) -> None:
        """The lock is readable again: what happened meanwhile has an interval, not an instant."""
        draft = self._draft
        if draft is None:
            return
        if draft.released_ns is not None:
            if new == "locked":
                draft.not_seen.add("relocked")
                self._lock_closed_again(draft, time_ns)
        elif new == "unlocked" and before == "locked":
            draft.note(time_ns, "the lock opened while it could not be read")
            draft.not_seen.add("released")
            self._released(draft, time_ns)

    def _lock_opened(self, time_ns: int) -> None:
        draft = self._draft
        if draft is not None:
            if draft.released_ns is None:
                draft.note(time_ns, "the lock opens")
                self._released(draft, time_ns)
            return
        if not self._inlet.holds_a_plug or not self.lock_fitted:
            return
        # Without a clock a session that ended at some time explains nothing.
        ended_ns = self._session_ended_ns if self._clock_is_time else None
        if ended_ns is not None and time_ns - ended_ns <= SESSION_END_EXPLAINS_NS:
            draft = self._open(ended_ns)
            draft.ask(ended_ns, "session_end", "session")
        else:
            draft = self._open(time_ns)
        draft.note(time_ns, "the lock opens")
        self._released(draft, time_ns)

    def _released(self, draft: Draft, time_ns: int) -> None:
        draft.released_ns = time_ns
        draft.deadline_ns = time_ns + int(self._rules.left_open_after_s * NANOSECONDS)

    def _open_lock_moved(self, draft: Draft, time_ns: int, new: Value | None) -> None:
        """The lock, open in this attempt, reports something else."""
        if self._inlet.plug.pending == "disconnected":
            # The plug is leaving: the pin comes out behind it.
            self._plug_moved(self._inlet.plug.settle())
        elif new == "locked":
            self._lock_closed_again(draft, time_ns)
        elif new == "fault":
            draft.note(time_ns, "the lock reports a fault")

    def _lock_closed_again(self, draft: Draft, time_ns: int) -> None:
        if draft.asked_while_open:
            draft.note(time_ns, "the lock closes")
            self._close(draft, "already_open", time_ns)
            return
        draft.relocked_ns = time_ns
        draft.relock_cause = self._relock_cause(time_ns)
        how = {"person": ", asked to", "timer": " by itself", None: ""}[draft.relock_cause]
        draft.note(time_ns, f"the lock closes again{how}")
        self._close(draft, "relocked", time_ns)

    def _relock_cause(self, time_ns: int) -> Literal["timer", "person"] | None:
        """Say who closed the lock; None where the car shows no request to lock, no clock when."""
        asked_ns = self._lock_asked_ns
        patience_ns = max(2 * GRACE_NS, int(self._rules.releases_within_s * NANOSECONDS))
        if asked_ns is not None and not self._clock_is_time:
            return None
        if asked_ns is not None and time_ns - asked_ns <= patience_ns:
            return "person"
        shows_requests = {"port.lock_request", "vehicle.lock"} & self._readings.offered
        return "timer" if shows_requests else None

    def _plug_moved(self, movement: Movement | None) -> None:
        if movement is None:
            return
        self._inlet.denied_pull = None
        if movement.new != "disconnected":
            return
        draft = self._draft
        never_opened = draft is None or draft.released_ns is None
        if never_opened and self._inlet.is_locked and out_is_denied(self._readings):
            # Of the contact and the pilot one is wrong, and a locked plug does not leave.
            self._inlet.denied_pull = movement
            if draft is not None:
                draft.note(movement.time_ns, "the plug is reported out; the pilot denies it")
            return
        self._plug_left(movement.time_ns, movement.old)

    def _pilot_changed(self, time_ns: int) -> None:
        denied = self._inlet.denied_pull
        if denied is not None and not out_is_denied(self._readings):
            self._inlet.denied_pull = None
            self._plug_left(time_ns, denied.old)

    def _plug_left(self, time_ns: int, old: Value | None) -> None:
        draft = self._draft
        if draft is None and old == "connected" and self._inlet.is_locked:
            draft = self._open(time_ns)
        if draft is not None:
            draft.note(time_ns, "the plug leaves")
            draft.pulled_ns = time_ns
            if old is None:
                draft.not_seen.add("pulled")
            outcome = draft.outcome_when_pulled(lock_known=self._inlet.lock.value is not None)
            self._close(draft, outcome, time_ns)
        self._charging.forget()
        self._session_ended_ns = None

    # -- what is asked -----------------------------------------------------------------------

    def asked(self, time_ns: int, source: str, reported_by: str) -> None:
        """Somebody asks for the lock to open; `reported_by` is the signal that says so."""
        draft = self._draft
        if draft is not None:
            if draft.released_ns is None:
                draft.ask(time_ns, source, reported_by)
                self._wait_again(draft, time_ns)
            elif not draft.requests and draft.is_soon_after(draft.released_ns, time_ns, GRACE_NS):
                draft.ask(time_ns, source, reported_by)
                draft.note(time_ns, "this request was heard just after the lock had opened")
            elif not draft.is_same_press(time_ns, reported_by):
                how = "asked again" if self._inlet.lock.value is None else "asked again while open"
                draft.note(time_ns, f"{how} ({source})")
            return
        if not self._inlet.holds_a_plug or not self.lock_fitted:
            return
        if source == "command" and self._inlet.lock.value == "unlocked":
            return
        draft = self._open(time_ns)
        draft.ask(time_ns, source, reported_by)
        draft.moved = self._inlet.lock.value in ("moving", "fault")
        if self._inlet.lock.value == "unlocked":
            draft.asked_while_open = True
            draft.released_ns = time_ns
            draft.deadline_ns = time_ns + OPEN_WINDOW_NS
            draft.note(time_ns, "the lock is open already")
        else:
            self._wait_again(draft, time_ns)

    def _lock_may_be_asked(self, row: TimelineRow) -> None:
        word = "active" if row.signal == "port.lock_request" else "locked"
        by_itself = (
            row.signal == "vehicle.lock" and self._readings["vehicle.lock_source"].value == "auto"
        )
        if not row.observed and row.new == word and not by_itself:
            self.lock_asked(row.time_ns)

    def lock_asked(self, time_ns: int) -> None:
        """Somebody asks for the lock to close: a person at the car, or one who has evdiag do it."""
        self._lock_asked_ns = time_ns
        draft = self._draft
        if draft is not None and draft.released_ns is None and not draft.moved:
            draft.note(time_ns, "locking was asked for before the lock had moved")
            # Without a clock nobody knows whether the lock had had its time.
            self._close(draft, "cancelled" if self._clock_is_time else "inconclusive", time_ns)

    # -- the session -------------------------------------------------------------------------

    def _session_ended(self, time_ns: int) -> None:
        self._session_ended_ns = time_ns
        draft = self._draft
        if draft is not None:
            if draft.released_ns is None:
                draft.note(time_ns, "the charging session ends")
                draft.session_ended = True
                self._wait_again(draft, time_ns)
            return
        kind = self._charging.kind(self._readings)
        if kind not in self._rules.opens_at_session_end or not self._inlet.holds_a_plug:
            return
        if self.lock_fitted and self._inlet.lock.value == "locked":
            draft = self._open(time_ns)
            draft.ask(time_ns, "session_end", "session")
            draft.session_ended = True
            self._wait_again(draft, time_ns)

    def _session_resumed(self) -> None:
        self._session_ended_ns = None
        draft = self._draft
        if draft is None or draft.released_ns is not None:
            return
        if draft.only_session_end:
            self._draft = None
        else:
            draft.session_ended = False

    def _voltage_changed(self, row: TimelineRow) -> None:
        draft = self._draft
        if draft is None or draft.released_ns is not None or not _is_number(row.new):
            return
        if draft.inlet_was_live and float(row.new) < SAFE_INLET_VOLTAGE:
            draft.inlet_was_live = False
            draft.note(row.time_ns, f"the inlet falls below {SAFE_INLET_VOLTAGE:.0f} V")
            self._wait_again(draft, row.time_ns)
        elif float(row.new) >= SAFE_INLET_VOLTAGE:
            draft.inlet_was_live = True

    # -- opening and closing -----------------------------------------------------------------

    @property
    def _window_deadline(self) -> int | None:
        if self._draft is None or self._asleep_since_ns is not None or not self._clock_is_time:
            return None
        return self._draft.deadline_ns

    def _open(self, time_ns: int) -> Draft:
        self._draft = Draft(time_ns, self._clock_is_time)
        self._draft.bounces_before = self._inlet.bounces
        self._draft.inlet_was_live = inlet_is_live(self._readings)
        return self._draft

    def _wait_again(self, draft: Draft, time_ns: int) -> None:
        window_ns = int(self._rules.response_window_s * NANOSECONDS)
        draft.deadline_ns = max(draft.deadline_ns or 0, time_ns + window_ns)

    def _window_ended(self, deadline_ns: int) -> None:
        draft = self._draft
        if draft is None:
            return
        if draft.released_ns is not None:
            known_open = self._inlet.lock.value == "unlocked" or draft.asked_while_open
            outcome = draft.outcome_when_left() if known_open else draft.outcome_unfinished()
            self._close(draft, outcome, deadline_ns)
            return
        waited_ns = deadline_ns - draft.last_asked_ns
        waits = self._charging.kind(self._readings) == "dc" and inlet_is_live(self._readings)
        if waits and waited_ns < LONGEST_LIVE_WAIT_NS:
            self._wait_again(draft, deadline_ns)
            return
        alive = live_reasons(self._readings)
        if alive:
            draft.note(deadline_ns, "the session is still active: " + ", ".join(alive))
            self._close(draft, "session_active", deadline_ns)
        elif self._inlet.lock.value is None:
            draft.note(deadline_ns, "the lock's position is not known")
            self._close(draft, "inconclusive", deadline_ns)
        elif draft.moved:
            draft.note(deadline_ns, f"the lock moved and did not arrive: {self._inlet.lock.value}")
            self._close(draft, "stalled", deadline_ns)
        else:
            draft.note(deadline_ns, "the lock never moved")
            self._close(draft, draft.outcome_unanswered(), deadline_ns)

    def _settle_all(self) -> None:
        self._lock_moved(self._inlet.lock.settle())
        self._plug_moved(self._inlet.plug.settle())

    def _close(self, draft: Draft, outcome: Outcome, time_ns: int) -> None:
        attempt = draft.attempt(len(self._closed) + 1, outcome)
        bounces = self._inlet.bounces - draft.bounces_before
        self._closed.append(replace(attempt, closed_ns=time_ns, bounces=bounces))
        self._draft = None


_HOW_IT_ENDS = {
    True: "the recording ends here",
    False: "the recording ends here; its stamps tell no time: what took too long is not known",
}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))
