"""Reading trouble codes: service 0x19 of each control unit that a profile knows (ISO 14229-1).

First which codes are set (sub-function 02, every status), then of each one the snapshot (04) and
the extended data (06), where the unit has them. Made and read by udsoncan.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from evdiag.control.conversation import Conversation, Question, Send
from evdiag.control.negative import BUSY, RESPONSE_PENDING, said
from evdiag.control.policy import READ_TROUBLE_CODES, AskPolicy
from evdiag.inputs import Channel, Frame, frame_key
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.profile import Profile

BY_STATUS: Final = 0x02
SNAPSHOT: Final = 0x04
EXTENDED: Final = 0x06
EVERY: Final = 0xFF
"""Every status bit; every record."""

_POSITIVE: Final = READ_TROUBLE_CODES + 0x40
_NEGATIVE: Final = 0x7F
_NEXT_AFTER_NS: Final = 1_000_000_000
"""The same question is put to a unit once a second at most; a busy one is asked again then."""

_TRIES: Final = 3
"""How often a unit is asked that is busy, or does not answer: one question may be lost."""


@dataclass
class FoundCode:
    """One code that is set: three bytes, its status byte, and the records of it as raw bytes."""

    code: int
    status: int
    snapshot: bytes = b""
    extended: bytes = b""


@dataclass
class UnitCodes:
    """What one control unit said; `problem` is why it did not say which codes are set."""

    ecu: Ecu
    codes: list[FoundCode] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    """One thing to ask: a sub-function, and the code that it is asked of."""

    unit: UnitCodes
    conversation: Conversation
    subfunction: int
    found: FoundCode | None = None
    tries: int = _TRIES

    @property
    def request(self) -> bytes:
        head = bytes((READ_TROUBLE_CODES, self.subfunction))
        if self.found is None:
            return head + bytes((EVERY,))
        return head + self.found.code.to_bytes(3, "big") + bytes((EVERY,))

    def is_told_by(self, answer: bytes) -> bool:
        """Tell whether an answer is of the code that was asked: one may come too late."""
        return self.found is None or answer[2:5] == self.found.code.to_bytes(3, "big")


class TroubleCodeReading:
    """Asks one unit after the other; `running` is false when there is nothing more to do."""

    def __init__(
        self, profile: Profile, channels: Mapping[str, Channel], send: Send, policy: AskPolicy
    ) -> None:
        self.units: list[UnitCodes] = []
        self._wishes: deque[_Wish] = deque()
        self._asked: _Wish | None = None
        self._not_before_ns = 0
        self.running = True
        for ecu in profile.ecus():
            if ecu.bus in channels:
                channel = channels[ecu.bus]
                unit = UnitCodes(ecu)
                self.units.append(unit)
                talk = Conversation(ecu, channel, send, fd=channel in policy.fd_channels)
                self._wishes.append(_Wish(unit, talk, BY_STATUS))

    def due(self, now_ns: int) -> None:
        """Let time pass: ask the next thing where nothing is waited for."""
        asked = self._asked
        if asked is not None:
            if not asked.conversation.timed_out(now_ns):
                return
            if asked.conversation.pending:
                # Asked once more it would be busy, and say the same.
                self._failed(asked, "it works on the answer, and does not come to an end")
                self._forget_records(asked)
            elif asked.tries > 1:
                self._again(asked)
            else:
                self._failed(asked, "it does not answer")
                self._forget_records(asked)
        if now_ns < self._not_before_ns:
            return
        if not self._wishes:
            self.running = False
            return
        self._asked = wish = self._wishes.popleft()
        refusal = wish.conversation.ask(Question(wish.request, "read trouble codes"), now_ns)
        if refusal is None:
            return
        if refusal.early and wish.tries > 1:
            # On a flooded bus a frame leaves later than it was meant to.
            self._not_before_ns = now_ns + _NEXT_AFTER_NS
            self._again(wish)
        else:
            self._failed(wish, refusal.text)

    def heard(self, frame: Frame, now_ns: int) -> None:
        """Take a received frame."""
        asked = self._asked
        place = (frame.channel, frame_key(frame.id, frame.extended))
        if asked is None or asked.conversation.answers != place:
            return
        answer = asked.conversation.heard(frame, now_ns)
        if answer is None:
            return
        if len(answer) > 2 and answer[:2] == bytes((_NEGATIVE, READ_TROUBLE_CODES)):
            self._refused(asked, answer[2], now_ns)
        elif answer[:2] == bytes((_POSITIVE, asked.subfunction)) and asked.is_told_by(answer):
            asked.conversation.stop()
            self._asked = None
            self._take(asked, answer)

    def give_up(self, why: str) -> None:
        """Ask nobody any more; what was read stays, and of whom nothing was read it is said."""
        self.stop()
        for wish in (*self._wishes, *([self._asked] if self._asked is not None else ())):
            if wish.subfunction == BY_STATUS:
                wish.unit.problem = why

    def stop(self) -> None:
        """Ask nobody any more."""
        self.running = False
        if self._asked is not None:
            self._asked.conversation.stop()

    def _refused(self, asked: _Wish, code: int, now_ns: int) -> None:
        if code == RESPONSE_PENDING:
            asked.conversation.wait_longer(now_ns)
            return
        asked.conversation.stop()
        if code == BUSY and asked.tries > 1:
            self._not_before_ns = now_ns + _NEXT_AFTER_NS
            self._again(asked)
            return
        self._failed(asked, said(code))

    def _again(self, asked: _Wish) -> None:
        self._asked = None
        self._wishes.appendleft(replace(asked, tries=asked.tries - 1))

    def _failed(self, asked: _Wish, why: str) -> None:
        self._asked = None
        if asked.subfunction == BY_STATUS:
            asked.unit.problem = why

    def _forget_records(self, asked: _Wish) -> None:
        """Do not ask a unit for more of what it has no answer to: there may be hundreds."""
        self._wishes = deque(
            wish
            for wish in self._wishes
            if (wish.unit, wish.subfunction) != (asked.unit, asked.subfunction)
        )

    def _take(self, asked: _Wish, answer: bytes) -> None:
        if asked.found is not None:
            # The code and its status stand first, then the records.
            records = answer[6:]
            if asked.subfunction == SNAPSHOT:
                asked.found.snapshot = records
            else:
                asked.found.extended = records
            return
        codes = _codes(answer)
        if codes is None:
            asked.unit.problem = f"an answer that cannot be read: {answer.hex(' ').upper()}"
            return
        asked.unit.codes = codes
        for found in reversed(asked.unit.codes):
            for subfunction in (EXTENDED, SNAPSHOT):
                wish = _Wish(asked.unit, asked.conversation, subfunction, found)
                self._wishes.appendleft(wish)


def _codes(answer: bytes) -> list[FoundCode] | None:
    """Read an answer to sub-function 02: four bytes a code, after three of its own.

    None where it is not that.
    """
    from udsoncan.exceptions import InvalidResponseException
    from udsoncan.Response import Response
    from udsoncan.services.ReadDTCInformation import ReadDTCInformation

    try:
        told = ReadDTCInformation.interpret_response(
            Response.from_payload(answer), BY_STATUS, tolerate_zero_padding=True
        )
    except InvalidResponseException:
        return None
    return [FoundCode(dtc.id, dtc.status.get_byte_as_int()) for dtc in told.service_data.dtcs]
