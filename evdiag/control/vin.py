"""The vehicle identification number: asked for, and checked to be one (ISO 3779).

First by UDS 0x22 F190 of each control unit that the profile knows, then by OBD mode 09 item 02 of
all that listen at the OBD port.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evdiag.control.answers import Negative, Positive, read_answer, read_request
from evdiag.control.conversation import Conversation, Question, Send
from evdiag.control.negative import RESPONSE_PENDING
from evdiag.control.permits import Refusal
from evdiag.control.policy import (
    FUNCTIONAL_ID,
    OBD_UNITS,
    PADDING,
    REQUEST_LENGTH,
    VEHICLE_INFORMATION,
    VIN_DID,
    VIN_PID,
    AskPolicy,
)
from evdiag.inputs import Channel, Frame, frame_key
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.profile import Profile

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_FILLING = b"\x00\xff \xaa\xcc"
_WHY = "read the VIN"


def vin_text(data: bytes) -> str | None:
    """Return a VIN as text: 17 characters, capital letters but I, O and Q, and digits.

    Control units fill it up on either side; None where what is left is no VIN.
    """
    text = data.strip(_FILLING).decode("ascii", "replace")
    return text if _VIN.fullmatch(text) else None


@dataclass
class _Step:
    """Somebody to ask: one control unit by identifier, or all at the OBD port."""

    conversations: list[Conversation]
    by_identifier: bool

    @property
    def waiting(self) -> bool:
        return any(each.until_ns is not None for each in self.conversations)


class VinReading:
    """Asks one after the other until a VIN is found or nobody is left.

    `vin` is None until then; `running` is false when there is nothing more to do.
    """

    def __init__(
        self,
        profile: Profile | None,
        channels: Mapping[str, Channel],
        send: Send,
        policy: AskPolicy,
    ) -> None:
        self._send = send
        self._steps = iter(list(_steps(profile, channels, send, policy)))
        self._step: _Step | None = None
        self.running = True
        self.vin: str | None = None

    @property
    def waiting(self) -> bool:
        """True while an answer is waited for."""
        step = self._step
        return self.running and step is not None and step.waiting

    def due(self, now_ns: int) -> None:
        """Let time pass: ask the next where the last has nothing to say."""
        while self.running:
            if self._step is not None:
                for conversation in self._step.conversations:
                    conversation.timed_out(now_ns)
                if self._step.waiting:
                    return
            self._step = next(self._steps, None)
            if self._step is None:
                self.running = False
                return
            self._ask(self._step, now_ns)

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a received frame."""
        place = (frame.channel, frame_key(frame.id, frame.extended))
        step = self._step
        for conversation in step.conversations if step is not None and self.running else ():
            if conversation.answers == place:
                answer = conversation.heard(frame, now_ns)
                if answer is not None and step is not None:
                    self._answered(step, conversation, answer, now_ns)

    def stop(self) -> None:
        """Ask nobody any more."""
        self.running = False
        for conversation in self._step.conversations if self._step is not None else ():
            conversation.stop()

    def _ask(self, step: _Step, now_ns: int) -> None:
        if step.by_identifier:
            step.conversations[0].ask(Question(read_request(VIN_DID), _WHY), now_ns)
            return
        request = bytes((2, VEHICLE_INFORMATION, VIN_PID)).ljust(REQUEST_LENGTH, bytes((PADDING,)))
        for conversation in step.conversations:
            conversation.expect(_WHY, now_ns)
        frame = Frame(0, step.conversations[0].channel, FUNCTIONAL_ID, False, request)
        if isinstance(self._send(frame, _WHY), Refusal):
            for conversation in step.conversations:
                conversation.stop()

    def _answered(
        self, step: _Step, conversation: Conversation, answer: bytes, now_ns: int
    ) -> None:
        if step.by_identifier:
            match read_answer(answer, VIN_DID):
                case Negative(code) if code == RESPONSE_PENDING:
                    conversation.wait_longer(now_ns)
                    return
                case Positive(data):
                    self.vin = vin_text(data)
                case None:
                    return
        elif answer[:2] == bytes((VEHICLE_INFORMATION + 0x40, VIN_PID)):
            # One byte says how many items follow: one.
            self.vin = vin_text(answer[3:])
        conversation.stop()
        if self.vin is not None:
            self.stop()


def _steps(
    profile: Profile | None,
    channels: Mapping[str, Channel],
    send: Send,
    policy: AskPolicy,
) -> Iterator[_Step]:
    for ecu in profile.ecus() if profile is not None else ():
        if ecu.bus in channels:
            channel = channels[ecu.bus]
            fd = channel in policy.fd_channels
            yield _Step([Conversation(ecu, channel, send, fd=fd)], True)
    for channel in policy.obd_channels:
        units = [Ecu("", unit, unit + 8) for unit in OBD_UNITS]
        yield _Step([Conversation(unit, channel, send) for unit in units], False)
