"""The thread that asks: received frames in, requests out through the gate, until it is left."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from evdiag.control.errand import CommandErrand, ErrandView
from evdiag.control.gate import TransmitGate
from evdiag.control.policy import Level
from evdiag.control.polling import Polling, PollStatus
from evdiag.control.trouble_codes import TroubleCodeReading, UnitCodes
from evdiag.control.vin import VinReading
from evdiag.errors import RefusedError
from evdiag.inputs import BusEvent, BusEventKind, Channel, Frame, Input
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.profile import Fact, Profile

_TAKE_WITHIN_S = 0.05
_COMMAND_TURN_S = 0.01
_TROUBLE = (BusEventKind.LOST, BusEventKind.BUS_OFF)

_MOST_FAULTS = 3
"""Faults of evdiag itself that do not keep it from handing back what it was told to do."""

_PAUSE_S = 0.005
"""A busy bus must not keep this thread busy too; a long answer waits this much longer for us."""

log = logging.getLogger("evdiag.control")


class Inbox(Protocol):
    """Where received inputs wait: a reader of the live sequence."""

    def take(self, timeout_s: float = 0.0) -> list[Input]:
        """Return all that is there, waiting up to `timeout_s` for the first of it."""


@dataclass(frozen=True, slots=True)
class AskStatus:
    """What screens show of asking: taken whole at one moment.

    `warnings` are the profile's, about what asking does to this car. `vin` is None until it was
    read; `reading_vin` is true meanwhile.
    """

    level: Level
    polls: tuple[PollStatus, ...]
    warnings: tuple[Fact, ...]
    vin: str | None
    reading_vin: bool


class Asker:
    """Asks a car's polls, and its VIN where wanted, while level ASK is armed.

    `inbox` must give what is received from the start on; it is read by this thread alone. Without
    a profile only the VIN can be asked for. With `trouble_codes` those are read instead of the
    polls, once; without `polls` none are asked.
    """

    def __init__(
        self,
        profile: Profile | None,
        channels: Mapping[str, Channel],
        gate: TransmitGate,
        inbox: Inbox,
        *,
        read_vin: bool = False,
        trouble_codes: bool = False,
        polls: bool = True,
        steady_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._profile = profile
        self._channels = dict(channels)
        self._gate = gate
        self._inbox = inbox
        self._steady_ns = steady_ns
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="asker", daemon=True)
        self._polling: Polling | None = None
        self._vin: VinReading | None = None
        self._vin_wanted = read_vin
        self._codes: TroubleCodeReading | None = None
        self._codes_wanted = trouble_codes
        self._polls_wanted = polls
        self._errand: CommandErrand | None = None
        self._fault = ""
        self._faults = 0
        self._lets_go_first = False
        self._resting = False

    def start(self) -> None:
        """Arm level ASK and begin to ask.

        Raises:
            BadInputError: the audit log cannot be written.
            BusError: an adapter cannot be opened for sending.
        """
        self.arm()
        self.go()

    def arm(self) -> None:
        """Arm level ASK; nothing is asked before `go`.

        Raises:
            BadInputError: the audit log cannot be written.
            BusError: an adapter cannot be opened for sending.
        """
        # Here, where it may take its time: the libraries are loaded before the first request.
        policy = self._gate.policy
        if self._profile is not None and self._codes_wanted:
            self._codes = TroubleCodeReading(
                self._profile, self._channels, self._gate.transmit, policy
            )
        elif self._profile is not None and self._polls_wanted:
            self._polling = Polling(
                self._profile, self._channels, self._gate.transmit, policy.fd_channels
            )
        if self._vin_wanted:
            self._vin = self._vin_reading()
        self._gate.ask()

    def go(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def leave(self) -> None:
        """Go back to LISTEN: when this returns, nothing more is sent. May be called twice."""
        self._left.set()
        self._gate.leave()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def rest(self, within_s: float) -> None:
        """Ask nothing new, and wait up to `within_s` until the answers under way have come.

        A control unit that is left alone in the middle of a long answer waits for flow control for
        a second (N_Bs, ISO 15765-2); who asks it meanwhile may get no answer.
        """
        self._resting = True
        ends_s = time.monotonic() + within_s
        while self._awaits_answers and self.is_running and time.monotonic() < ends_s:
            time.sleep(_PAUSE_S)

    @property
    def _awaits_answers(self) -> bool:
        with self._lock:
            vin, polling = self._vin, self._polling
            return (vin is not None and vin.waiting) or (polling is not None and not polling.idle)

    def give(self, make: Callable[[Callable[[Ecu], bool], int], CommandErrand]) -> CommandErrand:
        """Carry out a command; `make` is given what tells whether a unit is free, and the time.

        Raises:
            BadInputError: the command is none that evdiag gives.
            RefusedError: another one is under way.
        """
        with self._lock:
            if self._errand is not None and self._errand.outcome is None:
                raise RefusedError("another command is under way: wait for its end, or abort it")
            self._errand = make(self._is_free, self._steady_ns())
            return self._errand

    def abort(self, why: str) -> None:
        """Abort the command that is under way, if any: it hands back and ends."""
        with self._lock:
            if self._errand is not None:
                self._errand.abort(why, self._steady_ns())

    def errand(self) -> ErrandView | None:
        """Return the last command as it stands; None where there was none."""
        with self._lock:
            return None if self._errand is None else self._errand.view(self._steady_ns())

    @property
    def is_running(self) -> bool:
        """True while it asks."""
        return self._thread.is_alive()

    def read_vin(self) -> None:
        """Read the VIN as soon as no answer is waited for."""
        with self._lock:
            if self._vin is None or not self._vin.running:
                self._vin = self._vin_reading()

    def status(self) -> AskStatus:
        """Return how asking fares."""
        now_ns = self._steady_ns()
        with self._lock:
            return AskStatus(
                level=self._gate.level,
                polls=() if self._polling is None else self._polling.status(now_ns),
                warnings=() if self._profile is None else self._profile.diagnostic_warnings,
                vin=None if self._vin is None else self._vin.vin,
                reading_vin=self._vin is not None and self._vin.running,
            )

    def trouble_codes(self) -> tuple[UnitCodes, ...] | None:
        """Return the trouble codes of every unit; None while they are still being read."""
        with self._lock:
            if self._codes is None or self._codes.running:
                return None
            return tuple(self._codes.units)

    def give_up_codes(self, why: str) -> None:
        """Read no more trouble codes; of whom none were read yet, `why` is said."""
        with self._lock:
            if self._codes is not None and self._codes.running:
                self._codes.give_up(why)

    def _vin_reading(self) -> VinReading:
        return VinReading(self._profile, self._channels, self._gate.transmit, self._gate.policy)

    def _run(self) -> None:
        try:
            while not self._left.is_set() and self._gate.level is not Level.LISTEN:
                received = self._inbox.take(self._wait_s())
                with self._lock:
                    self._step_safely(received)
                if self._errand is None or self._errand.outcome is not None:
                    self._left.wait(_PAUSE_S)
        finally:
            # However this ends, nothing stays armed.
            self._gate.leave()

    def _step_safely(self, received: list[Input]) -> None:
        """Whatever evdiag stumbles over in the middle of a command, the command is handed back."""
        now_ns = self._steady_ns()
        errand = self._errand
        try:
            if self._fault and errand is not None:
                errand.abort(self._fault, now_ns)
            self._step(received, now_ns)
        except Exception as error:
            if errand is None or errand.outcome is not None:
                raise
            log.exception("a command is handed back")
            self._fault = f"a fault of evdiag itself ({type(error).__name__})"
            self._faults += 1
            if self._faults > _MOST_FAULTS:
                errand.lost(self._fault, now_ns)
                raise
            # Nothing but handing back goes on: it may be the rest that fails.
            self._polling = self._vin = self._codes = None
            self._lets_go_first = True

    def _wait_s(self) -> float:
        """How long may be waited for frames: not past the next one that a command sends."""
        errand = self._errand
        if errand is None or errand.outcome is not None:
            return _TAKE_WITHIN_S
        due_ns = errand.next_ns
        if due_ns is None:
            return _COMMAND_TURN_S
        return min(_COMMAND_TURN_S, max(0.0, (due_ns - self._steady_ns()) / 1e9))

    def _step(self, received: list[Input], now_ns: int) -> None:
        for item in received:
            if isinstance(item, Frame) and item.direction != "tx":
                self._heard(item, now_ns)
            elif isinstance(item, BusEvent) and item.kind in _TROUBLE:
                # Whoever asked for ASK asked for it on a bus that worked.
                self._in_trouble(item, now_ns)
                if not self._lets_go_first:
                    self._gate.leave()
                    return
        if self._errand is not None:
            self._errand.due(now_ns)
        if not self._lets_go_first:
            self._ask_on(now_ns)
        elif self._errand is None or self._errand.outcome is not None:
            self._gate.leave()

    def _in_trouble(self, event: BusEvent, now_ns: int) -> None:
        """End a command: on a bus that still works it is handed back before the gate is left."""
        errand = self._errand
        if errand is None or errand.outcome is not None:
            self._lets_go_first = False
            return
        what = event.kind.value.replace("_", " ")
        wish = errand.wish
        if event.channel in {wish.channels[bus] for bus in wish.command.buses}:
            errand.lost(what, now_ns)
            self._lets_go_first = False
        else:
            errand.abort(f"{event.channel}: {what}", now_ns)
            self._lets_go_first = True

    def _ask_on(self, now_ns: int) -> None:
        """Ask what is due, but not the unit that a command needs for itself."""
        polling, vin, codes = self._polling, self._vin, self._codes
        if self._resting:
            return
        if vin is not None and vin.running and (polling is None or polling.idle):
            vin.due(now_ns)
        elif codes is not None:
            if codes.running:
                codes.due(now_ns)
        elif polling is not None:
            polling.due(now_ns, not_asked=self._commanded)

    @property
    def _commanded(self) -> Ecu | None:
        errand = self._errand
        if errand is None or errand.outcome is not None or not errand.needs_unit:
            return None
        return errand.wish.command.unit

    def _is_free(self, unit: Ecu) -> bool:
        return self._polling is None or self._polling.is_free(unit)

    def _heard(self, frame: Frame, now_ns: int) -> None:
        self._gate.heard(frame)
        if self._errand is not None:
            self._errand.heard(frame, now_ns)
        if self._vin is not None:
            self._vin.heard(frame, now_ns)
        if self._codes is not None:
            self._codes.heard(frame, now_ns)
        if self._polling is not None:
            self._polling.heard(frame, now_ns)
