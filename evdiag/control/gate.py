"""The way out: every frame that asks a car something passes here, and nowhere else.

Decided by the policy, written into recording and audit log, then sent, in that order. The handle
that can send exists only while ASK is armed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from evdiag.control.audit import AuditLog
from evdiag.control.permits import AskState, Permit, Refusal
from evdiag.control.policy import AskPolicy, Level
from evdiag.errors import BadInputError, BusError
from evdiag.inputs import Channel, Frame, Input, TransmitDecision


class Sends(Protocol):
    """What can put a frame on one bus: `evdiag.bus.transmitter.Transmitter`."""

    def transmit(self, frame: Frame) -> None:
        """Put one frame on the bus."""

    def close(self) -> None:
        """Let nothing leave any more."""


class TransmitGate:
    """Lets frames leave that the policy permits, while armed.

    `arm` opens a transmitter for each channel, `journal` puts inputs into the recording, `clock`
    gives the time in ns as inputs are stamped. May be used from several threads.
    """

    def __init__(
        self,
        policy: AskPolicy,
        arm: Callable[[], Mapping[Channel, Sends]],
        journal: Callable[[Sequence[Input]], None],
        audit: AuditLog,
        clock: Callable[[], int],
    ) -> None:
        self.policy = policy
        self._arm = arm
        self._journal = journal
        self._audit = audit
        self._clock = clock
        self._lock = threading.Lock()
        self._level = Level.LISTEN
        self._transmitters: Mapping[Channel, Sends] = {}
        self._state = AskState()
        self._said: set[str] = set()

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
            if self._level is Level.ASK:
                return
            self._audit.note(self._clock(), "LISTEN", "level ASK", "armed", "", None)
            self._transmitters = self._arm()
            self._level = Level.ASK

    def leave(self) -> None:
        """Go back to LISTEN at once: when this returns, nothing more leaves."""
        with self._lock:
            if self._level is Level.LISTEN:
                return
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
            verdict = self.policy.decide(leaving, self._level, self._state)
            if isinstance(verdict, Permit):
                transmitter = self._transmitters.get(frame.channel)
                if transmitter is not None:
                    return self._send(leaving, why, verdict, transmitter)
                verdict = Refusal((f"nothing is open to send on {frame.channel}",))
            self._refused(leaving, why, verdict, "refused")
            return verdict

    def _send(self, frame: Frame, why: str, permit: Permit, transmitter: Sends) -> Permit | Refusal:
        try:
            self._note(frame, why, "permitted", "about to be sent")
        except BadInputError as error:
            return self._not_journalled(frame, why, str(error))
        self._state.sent(permit, frame.time_ns)
        first = permit.what not in self._said
        self._said.add(permit.what)
        decision = TransmitDecision(frame.time_ns, why, True, (permit.what,))
        self._journal([decision, frame] if first else [frame])
        try:
            transmitter.transmit(frame)
        except BusError as error:
            refusal = Refusal((str(error),))
            self._refused(frame, why, refusal, "not sent")
            return refusal
        return permit

    def _refused(self, frame: Frame, why: str, refusal: Refusal, decision: str) -> None:
        self._journal([TransmitDecision(frame.time_ns, why, False, refusal.reasons)])
        # Nothing has left, and the recording says so: a full disk need not stop the program.
        with suppress(BadInputError):
            self._note(frame, why, decision, refusal.text)

    def _not_journalled(self, frame: Frame, why: str, reason: str) -> Refusal:
        self._journal([TransmitDecision(frame.time_ns, why, False, (reason,))])
        return Refusal((reason,))

    def _note(self, frame: Frame, why: str, decision: str, result: str) -> None:
        self._audit.note(frame.time_ns, self._level.value, why, decision, result, frame)
