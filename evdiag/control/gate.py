"""The way out: every frame that asks or commands a car passes here, and nowhere else.

Decided by the policy, written into recording and audit log, then sent, in that order. The handle
that can send exists only while ASK is armed; a command leaves only while ACT is armed for it, and
then each of its frames is decided anew from facts that are taken for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol

from evdiag.control.acting import Acting
from evdiag.control.audit import AuditLog
from evdiag.control.permits import PERMIT_LIVES_NS, AskState, Permit, Refusal
from evdiag.control.policy import AskPolicy, Level
from evdiag.errors import BadInputError, BusError, RefusedError
from evdiag.inputs import Channel, Frame, Input, TransmitDecision

TOO_LATE: Final = (
    f"not sent: this computer was too busy, the permit of {PERMIT_LIVES_NS // 1_000_000} ms ran "
    "out before the frame could leave"
)


class Sends(Protocol):
    """What can put a frame on one bus: `evdiag.bus.transmitter.Transmitter`."""

    def transmit(self, frame: Frame) -> None:
        """Put one frame on the bus."""

    def close(self) -> None:
        """Let nothing leave any more."""


class TransmitGate:
    """Lets frames leave that the policy permits, while armed.

    `arm` opens a transmitter for each channel, `journal` puts inputs into the recording, `clock`
    gives the time in ns as inputs are stamped, `steady_ns` one that never jumps. May be used from
    several threads.
    """

    def __init__(
        self,
        policy: AskPolicy,
        arm: Callable[[], Mapping[Channel, Sends]],
        journal: Callable[[Sequence[Input]], None],
        audit: AuditLog,
        clock: Callable[[], int],
        steady_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.policy = policy
        self._arm = arm
        self._journal = journal
        self._audit = audit
        self._clock = clock
        self._steady_ns = steady_ns
        self._lock = threading.Lock()
        self._level = Level.LISTEN
        self._transmitters: Mapping[Channel, Sends] = {}
        self._state = AskState()
        self._said: set[str] = set()
        self._acting: Acting | None = None

    @property
    def level(self) -> Level:
        """What may be done now."""
        return self._level

    def ask(self) -> None:
        """Arm level ASK: from now on evdiag transmits.

        Raises:
            BadInputError: the audit log cannot be written.
            BusError: an adapter cannot be opened for sending.
        """
        with self._lock:
            if self._level is not Level.LISTEN:
                return
            self._audit.note(self._clock(), "LISTEN", "level ASK", "armed", "", None)
            self._transmitters = self._arm()
            self._level = Level.ASK

    def act(self, acting: Acting) -> None:
        """Arm level ACT for one command, as `acting` says; only at level ASK.

        Raises:
            BadInputError: the audit log cannot be written, or not read when the actuator moved.
            RefusedError: level ASK is not armed, or another command is under way, be it in another
                evdiag.
        """
        with self._lock:
            if self._level is not Level.ASK:
                raise RefusedError(f"a command is armed from level ASK, not {self._level.value}")
            acting.hold()
            try:
                self._audit.note(self._clock(), "ASK", "level ACT", "armed", acting.consent, None)
            except BadInputError:
                acting.release()
                raise
            self._acting = acting
            self._level = Level.ACT

    def stand_down(self, outcome: str) -> None:
        """Go back to ASK: no frame of a command leaves any more. Returns nothing to the car.

        `outcome` says for the audit log how the command ended.
        """
        with self._lock:
            self._stand_down(outcome)

    def never_armed(self, why: str, outcome: str, reasons: Sequence[str]) -> None:
        """Note how a command ended before it was armed, and for which reasons.

        One that was refused is in the recording, too.
        """
        with self._lock:
            now_ns = self._clock()
            if outcome == "refused":
                self._journal([TransmitDecision(now_ns, why, False, tuple(reasons))])
            with suppress(BadInputError):
                said = "; ".join(reasons)
                self._audit.note(now_ns, self._level.value, why, outcome, said, None)

    def leave(self) -> None:
        """Go back to LISTEN at once: when this returns, nothing more leaves."""
        with self._lock:
            if self._level is Level.LISTEN:
                return
            self._stand_down("left at once")
            self._level = Level.LISTEN
            for transmitter in self._transmitters.values():
                transmitter.close()
            self._transmitters = {}
            self._state.forget()
            self._said.clear()
            # Leaving must not fail; that it was armed is in the log already.
            with suppress(BadInputError):
                self._audit.note(self._clock(), "ASK", "level LISTEN", "left", "", None)

    def heard(self, frame: Frame) -> None:
        """Notice a received frame: flow control may go only to whoever is answering us."""
        with self._lock:
            self._state.heard(frame, self._clock())

    def transmit(self, frame: Frame, why: str) -> Permit | Refusal:
        """Send one frame, or say why not; it is stamped with the time at which it leaves.

        A frame that the adapter did not take is a refusal as well, with the adapter's words.
        """
        with self._lock:
            leaving = frame._replace(time_ns=self._clock(), direction="tx")
            verdict = self._decide(leaving)
            if isinstance(verdict, Permit):
                transmitter = self._transmitters.get(frame.channel)
                if transmitter is not None:
                    return self._send(leaving, why, verdict, transmitter)
                verdict = Refusal((f"nothing is open to send on {frame.channel}",))
            self._refused(leaving, why, verdict, "refused")
            return verdict

    def _decide(self, frame: Frame) -> Permit | Refusal:
        if self._level is Level.ACT and self._acting is not None:
            verdict = self._acting.decide(frame, self._steady_ns(), self._state)
            if verdict is not None:
                return verdict
        return self.policy.decide(frame, self._level, self._state)

    def _send(self, frame: Frame, why: str, permit: Permit, transmitter: Sends) -> Permit | Refusal:
        try:
            begins = self._acting is not None and self._acting.note(permit, self._steady_ns())
            self._note(frame, why, "permitted", "about to be sent", permit.facts)
        except BadInputError as error:
            begins = False
            if not permit.gives_back:
                return self._not_journalled(frame, why, str(error))
            # The recording still has it; a full disk must not keep anybody from letting go.
        if permit.has_run_out(self._steady_ns()):
            # Writing it down took too long: the facts it was decided from are no longer fresh.
            late = Refusal((TOO_LATE,), late=True)
            self._refused(frame, why, late, "not sent")
            return late
        self._state.sent(permit, permit.decided_ns or frame.time_ns)
        first = permit.what not in self._said or begins
        self._said.add(permit.what)
        decision = TransmitDecision(frame.time_ns, why, True, (permit.what, *permit.facts))
        self._journal([decision, frame] if first else [frame])
        try:
            transmitter.transmit(frame)
        except BusError as error:
            refusal = Refusal((str(error),))
            self._refused(frame, why, refusal, "not sent")
            return refusal
        return permit

    def _stand_down(self, outcome: str) -> None:
        if self._level is not Level.ACT:
            return
        self._level = Level.ASK
        if self._acting is not None:
            self._acting.release()
            self._acting = None
        self._said.clear()
        with suppress(BadInputError):
            self._audit.note(self._clock(), "ACT", "level ASK", "stood down", outcome, None)

    def _refused(self, frame: Frame, why: str, refusal: Refusal, decision: str) -> None:
        self._journal([TransmitDecision(frame.time_ns, why, False, refusal.reasons)])
        # Nothing has left, and the recording says so: a full disk need not stop the program.
        with suppress(BadInputError):
            self._note(frame, why, decision, refusal.text)

    def _not_journalled(self, frame: Frame, why: str, reason: str) -> Refusal:
        self._journal([TransmitDecision(frame.time_ns, why, False, (reason,))])
        return Refusal((reason,))

    def _note(
        self, frame: Frame, why: str, decision: str, result: str, facts: Sequence[str] = ()
    ) -> None:
        self._audit.note(frame.time_ns, self._level.value, why, decision, result, frame, facts)
