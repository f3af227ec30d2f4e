"""Which part the evidence of one release speaks for, and which against: nobody swaps by guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.diagnosis.case import Case, is_cold
from evdiag.diagnosis.release import Release
from evdiag.diagnosis.rules.actuator import RUNNING_CURRENT, STALL_CURRENT
from evdiag.diagnosis.rules.plug import HELD_NS
from evdiag.diagnosis.rules.reports import pulled_unexplained
from evdiag.port.attempt import Evidence
from evdiag.port.charging import SAFE_INLET_VOLTAGE

Part: TypeAlias = Literal[
    "fob",
    "body computer",
    "charge controller",
    "actuator",
    "position sensor",
    "mechanical latch",
    "charge point",
]
PartWord: TypeAlias = Literal["suspected", "cleared", "cannot_tell"]


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """One part: what speaks for it being the cause, what against.

    Where neither does, or both, `would_tell` names signals that would help and that this car does
    not offer, and `step` is the guide step that would tell.
    """

    part: Part
    verdict: PartWord
    speaks_for: tuple[Evidence, ...] = ()
    speaks_against: tuple[Evidence, ...] = ()
    would_tell: tuple[str, ...] = ()
    step: str | None = None


class _Pleading:
    """Collects what is said for and against one part."""

    def __init__(self, case: Case, part: Part, time_ns: int) -> None:
        self._case = case
        self._part: Part = part
        self._time_ns = time_ns
        self._for: list[Evidence] = []
        self._against: list[Evidence] = []

    def accuse(self, says: bool, text: str) -> None:
        if says:
            self._for.append(Evidence(self._time_ns, text))

    def clear(self, says: bool, text: str) -> None:
        if says:
            self._against.append(Evidence(self._time_ns, text))

    def verdict(self, would_tell: tuple[str, ...], step: str) -> PartVerdict:
        speaks_for, against = tuple(self._for), tuple(self._against)
        if bool(speaks_for) == bool(against):
            lacking = self._case.lacking(would_tell)
            return PartVerdict(self._part, "cannot_tell", speaks_for, against, lacking, step)
        word: PartWord = "suspected" if speaks_for else "cleared"
        return PartVerdict(self._part, word, speaks_for, against)


def judge_parts(case: Case, this: Release) -> tuple[PartVerdict, ...]:
    """Judge every part between the fob and the charge point, in the order of the way."""
    return (
        _fob(case, this),
        _body_computer(case, this),
        _charge_controller(case, this),
        _actuator(case, this),
        _position_sensor(case, this),
        _mechanical_latch(case, this),
        _charge_point(case, this),
    )


def _fob(case: Case, this: Release) -> PartVerdict:
    said = _Pleading(case, "fob", this.attempt.opened_ns)
    by_fob = any(request.source in ("fob", "passive") for request in this.attempt.requests)
    by_door = this.attempt.request == "door"
    said.accuse(by_door and this.key_heard is False, "the door opened it, and no key was heard")
    said.clear(by_fob or this.key_heard is True, "the car heard the key")
    return said.verdict(("vehicle.key_heard", "vehicle.lock_source"), "drivers-door")


def _body_computer(case: Case, this: Release) -> PartVerdict:
    said = _Pleading(case, "body computer", this.looked_ns)
    asked = bool(this.attempt.requests)
    ignored = this.vehicle_lock == "locked" and not this.commanded and not this.opened
    stuck = this.attempt.outcome == "no_response"
    said.accuse(asked and ignored and stuck, "it was asked, and the car stayed locked")
    said.clear(this.vehicle_lock == "unlocked", "the car is unlocked")
    said.clear(bool(this.commanded), "the wish reached the lock: it was told to open")
    return said.verdict(("vehicle.lock", "port.lock_command"), "drivers-door")


def _charge_controller(case: Case, this: Release) -> PartVerdict:
    said = _Pleading(case, "charge controller", this.looked_ns)
    stuck = this.attempt.outcome == "no_response" and this.vehicle_lock == "unlocked"
    text = "the car is unlocked, and the actuator was never told to open"
    said.accuse(stuck and this.commanded is False, text)
    said.clear(bool(this.commanded), "it told the actuator to open")
    said.clear(this.attempt.outcome == "session_active", "it holds the lock: the session is alive")
    said.clear(this.opened and not this.commanded, "the lock opened")
    return said.verdict(("port.lock_command", "vehicle.lock"), "unlock-lock-unlock")


def _actuator(case: Case, this: Release) -> PartVerdict:
    said = _Pleading(case, "actuator", this.looked_ns)
    told_in_vain = bool(this.commanded) and not this.opened
    peak = this.attempt.peak_lock_current
    blocked, still = (peak or 0) >= STALL_CURRENT, peak is not None and peak < RUNNING_CURRENT
    said.accuse(told_in_vain and blocked, f"blocked: its motor drew {peak or 0:.1f} A")
    said.accuse(told_in_vain and still, "told to open, its motor did not run")
    said.accuse(told_in_vain and peak is None, "told to open, the lock never reported open")
    said.clear(blocked and is_cold(this.attempt), "it froze: ice may have blocked it")
    ran = told_in_vain and peak is not None and RUNNING_CURRENT <= peak < STALL_CURRENT
    said.clear(ran, "told to open, its motor ran as it does when it moves")
    said.clear(this.opened, "the lock opened")
    return said.verdict(("port.lock_command", "port.lock_current"), "push-and-pull")


def _position_sensor(case: Case, this: Release) -> PartVerdict:
    said = _Pleading(case, "position sensor", this.looked_ns)
    left = pulled_unexplained(case, this.attempt)
    said.accuse(left, "the plug left while it reported: locked")
    said.accuse(this.lock == "fault", "it reports a fault")
    peak = this.attempt.peak_lock_current
    ran = peak is not None and RUNNING_CURRENT <= peak < STALL_CURRENT
    said.accuse(
        bool(this.commanded) and ran and not this.opened,
        "the motor ran as it does when it moves, and it reported no change",
    )
    said.clear(this.opened and this.attempt.pulled_ns is not None, "it reported open, and it was")
    return said.verdict(("port.plug", "port.lock_current"), "push-and-pull")


def _mechanical_latch(case: Case, this: Release) -> PartVerdict:
    attempt = this.attempt
    said = _Pleading(case, "mechanical latch", case.end_of(attempt))
    open_ns = attempt.opened_ns if attempt.released_ns is None else attempt.released_ns
    stayed = this.opened and attempt.pulled_ns is None and case.end_of(attempt) - open_ns >= HELD_NS
    text = "the lock was open, the handle's button pressed, and the plug stayed in"
    said.accuse(stayed and attempt.button_pressed, text)
    said.clear(attempt.pulled_ns is not None, "the plug left")
    return said.verdict(("port.latch_button", "port.plug"), "handle-button")


def _charge_point(case: Case, this: Release) -> PartVerdict:
    said = _Pleading(case, "charge point", this.looked_ns)
    live = this.inlet_volts is not None and this.inlet_volts >= SAFE_INLET_VOLTAGE
    said.accuse(this.pilot in ("E", "F"), f"it gives no power (pilot {this.pilot})")
    over = this.pilot in ("A", "B1", "B2")
    said.accuse(live and over, "the pilot says that the session is over, and the inlet is live")
    said.clear(over and not live, f"the session is over (pilot {this.pilot})")
    said.clear(this.opened, "the car's lock opened")
    return said.verdict(("port.pilot", "port.inlet_voltage"), "end-the-session")
