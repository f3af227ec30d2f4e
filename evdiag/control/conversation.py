"""One control unit, asked one thing at a time: can-isotp's protocol logic on two queues.

Time is given, never read; frames leave through a function that is given too, which is the gate.
can-isotp's own timers run on a clock of the computer: they are set so long that ours decide.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from evdiag.control.permits import Permit, Refusal
from evdiag.control.policy import PADDING, REQUEST_LENGTH
from evdiag.inputs import Channel, Frame, FrameKey, frame_key
from evdiag.vehicles.ecu import Ecu

if TYPE_CHECKING:
    import isotp

Send: TypeAlias = Callable[[Frame, str], Permit | Refusal]
"""Puts a frame on the bus, or says why not; the text says what for."""

ANSWER_WITHIN_NS = 1_000_000_000
"""How long an answer may take to begin, and each of its frames to follow: with a gateway in
between far more than the 50 ms that a control unit itself has (ISO 14229-2)."""

PENDING_WITHIN_NS = 5_000_000_000
"""How long after 'response pending' the answer, or the next such word, may take (P2*)."""

PENDING_AT_MOST_NS = 30_000_000_000
"""A control unit that has worked on an answer for so long is not waited for."""

WHOLE_AT_MOST_NS = 60_000_000_000
"""Nor for one whose answer is not whole by then, though it begins it again and again."""

_LOGGER = "evdiag.isotp"
_NEVER_MS = 1_000_000_000

# What can-isotp has to say of broken answers goes to the log file, if there is one.
logging.getLogger(_LOGGER).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the bytes of the request, and what for, in words."""

    request: bytes
    why: str


class Conversation:
    """Asks one control unit, reassembles its answers, and knows when to stop waiting."""

    def __init__(self, ecu: Ecu, channel: Channel, send: Send, *, fd: bool = False) -> None:
        self.ecu = ecu
        self.channel = channel
        self._send = send
        self._fd = fd
        self._waiting: deque[isotp.CanMessage] = deque()
        self._refusal: Refusal | None = None
        self._why = ""
        self._logic = self._transport()
        self._until_ns: int | None = None
        self._asked_ns = 0
        self.pending = False
        """Whether the unit said that it works on the answer to what was asked last."""

    @property
    def answers(self) -> tuple[Channel, FrameKey]:
        """The frames in which it answers."""
        return self.channel, frame_key(self.ecu.response_id, self.ecu.extended_ids)

    @property
    def until_ns(self) -> int | None:
        """Until when an answer is waited for; None while nothing is asked."""
        return self._until_ns

    def ask(self, question: Question, now_ns: int) -> Refusal | None:
        """Ask; return why it could not be asked, or None."""
        self._logic.reset()
        self.expect(question.why, now_ns)
        self._logic.send(question.request)
        self._logic.process()
        if self._refusal is not None:
            self.stop()
        return self._refusal

    def expect(self, why: str, now_ns: int) -> None:
        """Wait for an answer to what was asked another way (of all control units at once)."""
        self._why = why
        self._refusal = None
        self._asked_ns = now_ns
        self.pending = False
        self._until_ns = now_ns + ANSWER_WITHIN_NS

    def heard(self, frame: Frame, now_ns: int) -> bytes | None:
        """Take a frame of this unit; return the answer that it completes.

        Answers to what was not asked, and what comes too late, are passed over. So are error and
        remote frames: what they carry was said by no control unit, whatever their id.
        """
        if self._until_ns is None or frame.error or frame.remote:
            return None
        self._waiting.append(_can_message(frame))
        self._logic.process()
        answer = self._logic.recv()
        if answer is not None:
            return bytes(answer)
        if self._logic.is_rx_active():
            latest_ns = self._asked_ns + WHOLE_AT_MOST_NS
            self._until_ns = min(max(self._until_ns, now_ns + ANSWER_WITHIN_NS), latest_ns)
        return None

    def wait_longer(self, now_ns: int) -> None:
        """The unit said that it works on the answer."""
        self.pending = True
        latest_ns = self._asked_ns + PENDING_AT_MOST_NS
        self._until_ns = min(now_ns + PENDING_WITHIN_NS, latest_ns)

    def timed_out(self, now_ns: int) -> bool:
        """Tell whether an answer is overdue; if so, it is not waited for any more."""
        if self._until_ns is None or now_ns <= self._until_ns:
            return False
        self.stop()
        return True

    def stop(self) -> None:
        """Wait for nothing."""
        self._until_ns = None
        self._waiting.clear()
        self._logic.reset()

    def _transport(self) -> isotp.TransportLayerLogic:
        import isotp

        return isotp.TransportLayerLogic(
            rxfn=lambda _: self._waiting.popleft() if self._waiting else None,
            txfn=self._leave,
            address=_address(self.ecu),
            params={
                "stmin": 0,
                "blocksize": 0,
                "tx_padding": PADDING,
                "tx_data_length": REQUEST_LENGTH,
                "can_fd": self._fd,
                "rx_consecutive_frame_timeout": _NEVER_MS,
                "rx_flowcontrol_timeout": _NEVER_MS,
                "logger_name": _LOGGER,
                "wait_func": lambda _: None,
            },
        )

    def _leave(self, message: Any) -> None:
        frame = Frame(
            0,
            self.channel,
            message.arbitration_id,
            message.is_extended_id,
            bytes(message.data),
            fd=message.is_fd,
        )
        verdict = self._send(frame, self._why)
        if isinstance(verdict, Refusal):
            self._refusal = verdict


def _address(ecu: Ecu) -> Any:
    import isotp

    modes = isotp.AddressingMode
    if ecu.target_address is None:
        mode = modes.Normal_29bits if ecu.extended_ids else modes.Normal_11bits
        return isotp.Address(mode, txid=ecu.request_id, rxid=ecu.response_id)
    return isotp.Address(
        modes.Extended_29bits if ecu.extended_ids else modes.Extended_11bits,
        txid=ecu.request_id,
        rxid=ecu.response_id,
        source_address=ecu.tester_address,
        target_address=ecu.target_address,
    )


def _can_message(frame: Frame) -> Any:
    import isotp

    return isotp.CanMessage(
        arbitration_id=frame.id,
        dlc=len(frame.data),
        data=frame.data,
        extended_id=frame.extended,
        is_fd=frame.fd,
    )
