"""The lock of the virtual car's port: motor, pin, position sensor, and what keeps them from it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from evdiag.simulator.habits import Anchor, Habits
from evdiag.simulator.state import WEAK_BELOW_V, CarState

LOCK_TRAVEL_S = 0.18
MOTOR_S = 0.6
RUNNING_CURRENT = 0.24
BLOCKED_CURRENT = 2.2
"""Ampere, of a type 2 lock motor (HARTING data sheet: running up to 0.25, blocked up to 2.4)."""

WEAK_CURRENT = 1.3

Position: TypeAlias = Literal["locked", "unlocked", "moving"]
Command: TypeAlias = Literal["lock", "unlock"]
ENDS: Final[dict[Command, Position]] = {"lock": "locked", "unlock": "unlocked"}


class PortLock:
    """The pin: where it really is, and what the car makes of it.

    While a tool commands it the car does not move it.
    """

    def __init__(self, state: CarState, habits: Habits) -> None:
        self._state = state
        self._habits = habits
        self.position: Position = "unlocked"
        self.failed_to_move = False
        self._relock_plans = 0

    @property
    def held(self) -> bool:
        """True while a tool commands the lock."""
        return "lock" in self._state.holders

    def open(self, why: str) -> None:
        """Have the car open the lock: asked for (``asked``, ``ac``) or after a session (``dc``)."""
        if self.held or self._state.values["port.lock"] not in ("locked", "fault"):
            return
        moved = self.drive("unlock")
        if moved and why != "dc" and self._habits.relock_anchor == "lock_open":
            self.plan_relock("lock_open", LOCK_TRAVEL_S)

    def close(self) -> None:
        """Have the car close the lock, where a plug is in and it is open."""
        values = self._state.values
        if self.held or values["port.plug"] != "connected":
            return
        if values["port.lock"] in ("unlocked", "fault"):
            self.drive("lock")

    def drive(self, command: Command) -> bool:
        """Let the motor run; return whether the pin moves."""
        self._state.wake()
        hindered = self._hindrance(command)
        self._run_motor(command, RUNNING_CURRENT if hindered is None else hindered[0])
        self.failed_to_move = hindered is not None
        if hindered is not None:
            self._state.note(hindered[1])
            return False
        if self.position != ENDS[command]:
            self._state.after(0.02, lambda: self._be("moving"))
            self._state.after(LOCK_TRAVEL_S, lambda: self._arrive(command))
        return True

    def plan_relock(self, anchor: Anchor, delay_s: float = 0.0) -> None:
        """Start the timer after which the car locks the plug again, where it has one."""
        seconds = self._habits.relock_after_s
        if seconds is None or anchor != self._habits.relock_anchor:
            return
        self._relock_plans += 1
        plan = self._relock_plans
        self._state.after(delay_s + seconds - LOCK_TRAVEL_S, lambda: self._relock(plan))

    def release_by_hand(self) -> None:
        """Pull the pin out of the way with the manual release."""
        self.position = "unlocked"
        self.report()
        self._state.set("port.lock_fault", "fault")
        self._state.note("the lock opens by the manual release")

    def report(self) -> None:
        """Have the position sensor say what it sees."""
        if self._state.sensor_sticks and self._state.values["port.lock"] == "locked":
            return
        works = self._state.works("position_sensor")
        self._state.set("port.lock", self.position if works else "fault")

    def forget_fault(self) -> None:
        """Have the car's own verdict be what is the case now, not what was."""
        self.failed_to_move = False
        works = self._state.works("position_sensor")
        self._state.set("port.lock_fault", "ok" if works else "fault")

    def _relock(self, plan: int) -> None:
        # A later opening starts the timer anew.
        if plan == self._relock_plans and self._state.values["charge.lock_mode"] != "never":
            self.close()

    def _hindrance(self, command: Command) -> tuple[float, str] | None:
        """Return what keeps the pin where it is: the motor's current in ampere, and in words."""
        state = self._state
        if not state.works("lock_motor"):
            state.set("port.lock_fault", "fault")
            return 0.0, "the lock's motor is told to run and does nothing"
        if state.supply_v < WEAK_BELOW_V:
            return WEAK_CURRENT, "the 12 V battery is too weak to move the pin"
        if command == "unlock" and (state.frozen or state.cable_hangs):
            return BLOCKED_CURRENT, "the lock's motor runs and the pin stays where it is"
        return None

    def _be(self, position: Position) -> None:
        self.position = position
        self.report()

    def _arrive(self, command: Command) -> None:
        self._be(ENDS[command])
        self._state.note("the lock opens" if command == "unlock" else "the lock closes")

    def _run_motor(self, command: Command, current: float) -> None:
        state = self._state
        state.set("port.lock_command", command)
        state.set("port.lock_current", current)
        state.set("vehicle.supply_voltage", state.supply_v - 0.1 * current)
        state.after(MOTOR_S, self._stop_motor)

    def _stop_motor(self) -> None:
        self._state.set("port.lock_command", "idle")
        self._state.set("port.lock_current", 0.0)
        self._state.set("vehicle.supply_voltage", self._state.supply_v)
