"""One virtual control unit: requests in, responses out, with their times. No bus, no clock.

Services and the order of what is checked by ISO 14229-1; vehicle information (mode 09) by
ISO 15031-5.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from evdiag.simulator.authority import TAKES_S
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.faults import Faults
from evdiag.simulator.io_control import Controllable, IoControl
from evdiag.simulator.security import REQUEST_SEED, SEND_KEY, SecurityAccess
from evdiag.simulator.trouble_codes import AVAILABLE, CodeMemory
from evdiag.simulator.uds import (
    NEGATIVE,
    POSITIVE,
    SUPPRESS,
    UNSAID_WHEN_FUNCTIONAL,
    WITH_SUB_FUNCTION,
    NegativeError,
    Nrc,
    Service,
    Session,
    check,
)

ANSWERS_AFTER_S: Final = 0.010
P2_S: Final = 0.050
"""Until an answer, or the word that it is pending."""
P2_STAR_S: Final = 5.0
S3_S: Final = 5.0
"""Without a request for so long, a session other than the default one ends."""

STARTS_IN_S: Final = 0.5
"""From a reset until the unit hears and answers again."""

VIN_DID: Final = 0xF190
SESSION_DID: Final = 0xF186
MOST_DIDS: Final = 16
"""Identifiers in one request."""

_PENDING_EVERY_S: Final = 2.0
"""How often 'response pending' is said again; P2* allows `P2_STAR_S`."""

_SUPPORTED, _VIN_ITEM, _NAME_ITEM = 0x00, 0x02, 0x0A

_BOTH: Final = frozenset((Session.DEFAULT, Session.EXTENDED))
_EXTENDED: Final = frozenset((Session.EXTENDED,))
_SESSIONS: Final = {
    Service.VEHICLE_INFORMATION: _BOTH,
    Service.SESSION_CONTROL: _BOTH,
    Service.CLEAR_TROUBLE_CODES: _EXTENDED,
    Service.READ_TROUBLE_CODES: _BOTH,
    Service.READ_DATA: _BOTH,
    Service.SECURITY_ACCESS: _EXTENDED,
    Service.IO_CONTROL: _EXTENDED,
    Service.TESTER_PRESENT: _BOTH,
}
_SUB_FUNCTIONS: Final[Mapping[int, tuple[int, ...]]] = {
    Service.SESSION_CONTROL: tuple(Session),
    Service.READ_TROUBLE_CODES: (0x01, 0x02, 0x06, 0x0A),
    Service.SECURITY_ACCESS: (REQUEST_SEED, SEND_KEY),
    Service.TESTER_PRESENT: (0x00,),
}


@dataclass(frozen=True, slots=True)
class _Later:
    """An answer that takes its time; made when it is due."""

    at_s: float
    request: bytes
    make: Callable[[], bytes]


class ControlUnit:
    """One unit of the car.

    `identifiers` give the data of each identifier when it is read, `controllables` what each of
    them moves (service 0x2F); a `secured` unit moves it for who has shown the key. `busy_every`
    makes every so many-th request find the unit busy. `faults` are for tests.
    """

    def __init__(
        self,
        name: str,
        car: VirtualCar,
        identifiers: Mapping[int, Callable[[], bytes]],
        codes: CodeMemory,
        vin: str,
        *,
        controllables: Mapping[int, Controllable] | None = None,
        secured: bool = False,
        busy_every: int | None = None,
        seed: int = 1,
    ) -> None:
        self.name = name
        self._car = car
        self._vin = vin
        self._codes = codes
        self._io = IoControl(car, f"a tester of {name}", controllables or {})
        self._secured = secured
        self._security = SecurityAccess(random.Random(seed))
        self._session = Session.DEFAULT
        self._session_ends_s = 0.0
        self._busy_every = busy_every
        self._requests = 0
        self._out: list[tuple[float, bytes]] = []
        self._later: _Later | None = None
        self._starts_s = 0.0
        self.faults = Faults()
        self._identifiers: dict[int, Callable[[], bytes]] = {
            **identifiers,
            **self._io.identifiers(),
            VIN_DID: lambda: vin.encode(),
            SESSION_DID: lambda: bytes((self._session,)),
        }

    @property
    def session(self) -> Session:
        """The diagnostic session that is active."""
        return self._session

    @property
    def silent(self) -> bool:
        """True while the unit neither hears nor answers: it is mute, or starts after a reset."""
        return self.faults.mute or self._car.now_s < self._starts_s

    def reset(self) -> None:
        """Start anew, as after a loss of power: what was allowed, held or due is forgotten."""
        self._enter(Session.DEFAULT)
        for actuator in self._io.actuators:
            self._car.take_back(actuator)
        self._out.clear()
        self._later = None
        self._starts_s = self._car.now_s + STARTS_IN_S
        if "lock" in self._io.actuators:
            self._car.state.lock_module_starts_s = self._starts_s

    @property
    def next_s(self) -> float | None:
        """When the unit has something to say or to end; None where it has not."""
        waiting = [at_s for at_s, _ in self._out]
        if self._later is not None:
            waiting.append(self._later.at_s)
        elif self._session is not Session.DEFAULT:
            waiting.append(self._session_ends_s)
        if self._io.next_s is not None:
            waiting.append(self._io.next_s)
        return min(waiting, default=None)

    def request(self, payload: bytes, now_s: float, *, functional: bool = False) -> None:
        """Take a request, of this unit alone or of all at once (`functional`)."""
        self._pass_time(now_s)
        if self.silent or not payload or payload[0] & POSITIVE:
            # Nothing, or somebody else's answer.
            return
        self._session_ends_s = now_s + S3_S
        self._requests += 1
        pending_s = self.faults.pending_s(payload) if self._later is None else 0.0
        response = self._answered(payload, now_s, functional)
        if pending_s and (response or self._later is not None):
            self._stretch(now_s, pending_s, payload, response)
        elif response:
            self._out.append((now_s + ANSWERS_AFTER_S, response))

    def due(self, now_s: float) -> list[bytes]:
        """Let time pass; return the responses that are due, in order."""
        self._pass_time(now_s)
        ready = [response for at_s, response in self._out if at_s <= now_s]
        self._out = [entry for entry in self._out if entry[0] > now_s]
        return ready

    def _pass_time(self, now_s: float) -> None:
        self._codes.update(self._car)
        self._finish_work(now_s)
        idle = self._later is None
        if idle and self._session is not Session.DEFAULT and now_s >= self._session_ends_s:
            self._enter(Session.DEFAULT)
        self._io.due(now_s)

    # -- one request ---------------------------------------------------------------------------

    def _answered(self, payload: bytes, now_s: float, functional: bool) -> bytes:
        """Return the response, or nothing where none is due now."""
        try:
            refusal = self.faults.refusal(payload)
            if refusal is not None:
                raise NegativeError(refusal)
            self._check_free(payload, functional)
            response = self._served(payload, now_s)
        except NegativeError as error:
            if functional and error.code in UNSAID_WHEN_FUNCTIONAL:
                return b""
            if payload[0] == Service.VEHICLE_INFORMATION:
                # Emission-related diagnostics pass over what they do not know.
                return b""
            return _negative(payload, error.code)
        silent = payload[0] in WITH_SUB_FUNCTION and payload[1] & SUPPRESS
        return b"" if silent else response

    def _check_free(self, payload: bytes, functional: bool) -> None:
        here = payload[0] == Service.TESTER_PRESENT
        check(self._later is None or here, Nrc.BUSY_REPEAT_REQUEST)
        if self._busy_every and not functional and not here:
            check(self._requests % self._busy_every != 0, Nrc.BUSY_REPEAT_REQUEST)

    def _served(self, payload: bytes, now_s: float) -> bytes:
        service = payload[0]
        check(service in _SESSIONS, Nrc.SERVICE_NOT_SUPPORTED)
        check(service != Service.IO_CONTROL or self._io.offered, Nrc.SERVICE_NOT_SUPPORTED)
        check(self._session in _SESSIONS[Service(service)], Nrc.SERVICE_NOT_SUPPORTED_IN_SESSION)
        if service in WITH_SUB_FUNCTION:
            check(len(payload) >= 2, Nrc.WRONG_LENGTH_OR_FORMAT)
            offered = payload[1] & ~SUPPRESS in _SUB_FUNCTIONS[service]
            check(offered, Nrc.SUB_FUNCTION_NOT_SUPPORTED)
        match Service(service):
            case Service.SESSION_CONTROL:
                return self._session_control(payload)
            case Service.TESTER_PRESENT:
                check(len(payload) == 2, Nrc.WRONG_LENGTH_OR_FORMAT)
                return bytes((Service.TESTER_PRESENT + POSITIVE, 0))
            case Service.READ_DATA:
                return self._read_data(payload)
            case Service.READ_TROUBLE_CODES:
                return self._read_codes(payload)
            case Service.CLEAR_TROUBLE_CODES:
                return self._clear_codes(payload)
            case Service.SECURITY_ACCESS:
                return self._security_access(payload, now_s)
            case Service.IO_CONTROL:
                return self._io_control(payload, now_s)
            case Service.VEHICLE_INFORMATION:
                return self._information(payload)

    # -- the services ----------------------------------------------------------------------------

    def _session_control(self, payload: bytes) -> bytes:
        check(len(payload) == 2, Nrc.WRONG_LENGTH_OR_FORMAT)
        session = Session(payload[1] & ~SUPPRESS)
        check(session is not Session.PROGRAMMING, Nrc.CONDITIONS_NOT_CORRECT)
        self._enter(session)
        times = (int(P2_S * 1000), int(P2_STAR_S * 100))
        return bytes((Service.SESSION_CONTROL + POSITIVE, session)) + b"".join(
            time.to_bytes(2, "big") for time in times
        )

    def _enter(self, session: Session) -> None:
        """Begin a session; whatever the one before it allowed is over."""
        self._session = session
        self._security.lock()
        self._io.give_back()

    def _read_data(self, payload: bytes) -> bytes:
        asked = payload[1:]
        check(bool(asked) and len(asked) % 2 == 0, Nrc.WRONG_LENGTH_OR_FORMAT)
        check(len(asked) // 2 <= MOST_DIDS, Nrc.WRONG_LENGTH_OR_FORMAT)
        known = [did for did in _pairs(asked) if did in self._identifiers]
        check(bool(known), Nrc.REQUEST_OUT_OF_RANGE)
        found = (did.to_bytes(2, "big") + self._identifiers[did]() for did in known)
        return bytes((Service.READ_DATA + POSITIVE,)) + b"".join(found)

    def _read_codes(self, payload: bytes) -> bytes:
        kind = payload[1] & ~SUPPRESS
        lengths = {0x01: 3, 0x02: 3, 0x06: 6, 0x0A: 2}
        check(len(payload) == lengths[kind], Nrc.WRONG_LENGTH_OR_FORMAT)
        head = bytes((Service.READ_TROUBLE_CODES + POSITIVE, kind))
        if kind == 0x06:
            return head + self._extended_record(payload)
        head += bytes((AVAILABLE,))
        if kind == 0x0A:
            return head + self._codes.supported()
        found = self._codes.with_status(payload[2])
        if kind == 0x01:
            # The format of the codes (ISO 14229-1), and how many.
            return head + b"\x01" + len(found).to_bytes(2, "big")
        return head + b"".join(found)

    def _extended_record(self, payload: bytes) -> bytes:
        found = self._codes.occurrences(int.from_bytes(payload[2:5], "big"))
        check(found is not None and payload[5] in (0x01, 0xFF), Nrc.REQUEST_OUT_OF_RANGE)
        record, occurrences = found or (b"", 0)
        return record + (bytes((0x01, occurrences)) if occurrences else b"")

    def _clear_codes(self, payload: bytes) -> bytes:
        check(len(payload) == 4, Nrc.WRONG_LENGTH_OR_FORMAT)
        check(not self._car.charging.active, Nrc.CONDITIONS_NOT_CORRECT)
        cleared = self._codes.clear(int.from_bytes(payload[1:], "big"))
        check(cleared, Nrc.REQUEST_OUT_OF_RANGE)
        if "lock" in self._io.actuators:
            self._car.lock.forget_fault()
        return bytes((Service.CLEAR_TROUBLE_CODES + POSITIVE,))

    def _security_access(self, payload: bytes, now_s: float) -> bytes:
        kind = payload[1] & ~SUPPRESS
        head = bytes((Service.SECURITY_ACCESS + POSITIVE, kind))
        if kind == REQUEST_SEED:
            check(len(payload) == 2, Nrc.WRONG_LENGTH_OR_FORMAT)
            return head + self._security.seed(now_s)
        check(len(payload) == 6, Nrc.WRONG_LENGTH_OR_FORMAT)
        self._security.try_key(payload[2:], now_s)
        return head

    def _io_control(self, payload: bytes, now_s: float) -> bytes:
        order = self._io.order(payload)
        check(self._security.unlocked or not self._secured, Nrc.SECURITY_ACCESS_DENIED)
        movement = self._io.obey(order, now_s)
        if movement is None:
            return self._io.done(order)
        self._out.append((now_s + ANSWERS_AFTER_S, _negative(payload, Nrc.RESPONSE_PENDING)))
        arrives_s = now_s + TAKES_S[movement]
        self._later = _Later(arrives_s, payload, partial(self._io.moved, order, movement))
        return b""

    def _information(self, payload: bytes) -> bytes:
        check(len(payload) == 2, Nrc.WRONG_LENGTH_OR_FORMAT)
        items = {
            _SUPPORTED: (0x4040_0000).to_bytes(4, "big"),
            _VIN_ITEM: b"\x01" + self._vin.encode(),
            _NAME_ITEM: b"\x01" + self.name.encode("ascii", "replace")[:20].ljust(20, b"\x00"),
        }
        check(payload[1] in items, Nrc.REQUEST_OUT_OF_RANGE)
        return bytes((Service.VEHICLE_INFORMATION + POSITIVE, payload[1])) + items[payload[1]]

    # -- what takes longer ---------------------------------------------------------------------

    def _stretch(self, now_s: float, seconds: float, request: bytes, response: bytes) -> None:
        """Answer so much later, and until then say again and again that the answer is pending."""
        ends_s = now_s + seconds
        if self._later is None:
            self._later = _Later(ends_s, request, lambda: response)
            said_s = now_s + ANSWERS_AFTER_S
        else:
            self._later = replace(self._later, at_s=max(ends_s, self._later.at_s))
            said_s = now_s + _PENDING_EVERY_S
        while said_s < ends_s:
            self._out.append((said_s, _negative(request, Nrc.RESPONSE_PENDING)))
            said_s += _PENDING_EVERY_S

    def _finish_work(self, now_s: float) -> None:
        later = self._later
        if later is None or now_s < later.at_s:
            return
        self._later = None
        try:
            response = later.make()
        except NegativeError as error:
            response = _negative(later.request, error.code)
        self._session_ends_s = max(self._session_ends_s, later.at_s + S3_S)
        self._out.append((later.at_s, response))


def _negative(request: bytes, code: int) -> bytes:
    return bytes((NEGATIVE, request[0], code))


def _pairs(data: bytes) -> list[int]:
    return [data[at] << 8 | data[at + 1] for at in range(0, len(data), 2)]
