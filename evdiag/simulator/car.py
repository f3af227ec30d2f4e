"""A virtual car: acts go in, the values of the vocabulary come out over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.simulator.acts import ACT, ACTS, LOCK_MODES, PARTS, Act, Part
from evdiag.simulator.charging import Charging
from evdiag.simulator.flap import Flap
from evdiag.simulator.habits import Condition, Habits
from evdiag.simulator.lock import PortLock
from evdiag.simulator.state import HEALTHY_SUPPLY_V, LOW_SUPPLY_V, Actuator, CarState, Happening
from evdiag.simulator.story import Story
from evdiag.vehicles.toml_table import nearest
from evdiag.vocabulary import Value

PROXIMITY_S = 0.18
"""From the pilot's end to that of the proximity when a plug is pulled (the i3's recordings)."""

_WAKES: frozenset[str] = frozenset(
    (
        "fob_unlock", "fob_lock", "door", "plug_in", "press_button", "start_ac", "start_dc",
        "stop_charging", "wake",
    )
)  # fmt: skip


class VirtualCar:
    """One car. Time passes with `advance`; acts happen at once with `do`, or later with `plan`."""

    def __init__(self, habits: Habits | None = None, condition: Condition | None = None) -> None:
        self.habits = habits or Habits()
        self.state = CarState(condition or Condition())
        self.state.set("charge.lock_mode", self.habits.lock_mode)
        self.lock = PortLock(self.state, self.habits)
        self.flap = Flap(self.state)
        self.charging = Charging(self.state, self.habits, self.lock)
        self._doing: dict[str, Callable[[], None]] = self._doings()

    @property
    def values(self) -> Mapping[str, Value]:
        """What the car's modules would report now."""
        return self.state.values

    @property
    def before(self) -> Mapping[str, Value]:
        """What each value was before it changed last."""
        return self.state.before

    @property
    def truth(self) -> list[Happening]:
        """What really happened so far."""
        return self.state.truth

    @property
    def now_s(self) -> float:
        """How far time has come, in seconds from the car's beginning."""
        return self.state.now_s

    @property
    def lock_module_dead(self) -> bool:
        """True while the module that reports the lock neither sends nor answers."""
        starting = self.state.now_s < self.state.lock_module_starts_s
        return starting or not self.state.works("lock_module")

    def take_back(self, actuator: Actuator) -> None:
        """Command an actuator again, whichever tool did; this moves nothing."""
        if self.state.holders.pop(actuator, None) is None:
            return
        self.state.note(f"the car commands the {actuator} again")
        if actuator == "lock":
            self.lock.plan_relock("lock_open")

    def advance(self, to_s: float) -> None:
        """Let time pass up to `to_s`, and happen what is due by then."""
        self.state.advance(to_s)

    def plan(self, at_s: float, act: str) -> None:
        """Let an act happen at a time to come.

        Raises:
            BadInputError: there is no such act.
        """
        check_act(act)
        self.state.at(at_s, partial(self.do, act))

    def do(self, act: str) -> None:
        """Do one of the acts, now.

        Raises:
            BadInputError: there is no such act.
        """
        words = check_act(act).words
        if act in _WAKES:
            self.state.wake()
        self.state.note(words)
        self._doing[act]()

    def offered(self) -> Iterator[Act]:
        """Yield the acts that would change something now; of a pair only the one that would."""
        hidden = set(self._without_effect())
        return (act for act in ACTS if act.id not in hidden)

    def _without_effect(self) -> Iterator[str]:
        state = self.state
        yield "freeze" if state.frozen else "thaw"
        yield "mains_back" if self.charging.has_mains else "mains_lost"
        yield "charge_battery" if state.supply_v == HEALTHY_SUPPLY_V else "low_battery"
        yield "sleep" if state.asleep else "wake"
        for part in PARTS:
            yield f"mend {part}" if state.works(part) else f"break {part}"
        mode = LOCK_MODES.index(state.values["charge.lock_mode"])
        following = LOCK_MODES[(mode + 1) % len(LOCK_MODES)]
        yield from (f"mode {other}" for other in LOCK_MODES if other != following)

    def _doings(self) -> dict[str, Callable[[], None]]:
        doings: dict[str, Callable[[], None]] = {
            "fob_unlock": self._press_fob_unlock,
            "fob_lock": self._press_fob_lock,
            "door": partial(self._unlock, "door"),
            "plug_in": self._plug_in,
            "press_button": self._press_button,
            "pull": self._pull,
            "push_in": partial(self._hang, False),
            "hang_cable": partial(self._hang, True),
            "manual_release": self.lock.release_by_hand,
            "start_ac": partial(self.charging.start, "ac"),
            "start_dc": partial(self.charging.start, "dc"),
            "stop_charging": self.charging.end,
            "mains_lost": self.charging.lose_mains,
            "mains_back": self.charging.regain_mains,
            "freeze": partial(self._freeze, True),
            "thaw": partial(self._freeze, False),
            "low_battery": partial(self._supply, LOW_SUPPLY_V),
            "charge_battery": partial(self._supply, HEALTHY_SUPPLY_V),
            "sleep": self._sleep,
            "wake": self.state.wake,
        }
        for part in PARTS:
            doings[f"break {part}"] = partial(self._break, part)
            doings[f"mend {part}"] = partial(self._mend, part)
        for mode in LOCK_MODES:
            doings[f"mode {mode}"] = partial(self.state.set, "charge.lock_mode", mode)
        return doings

    # -- the person --------------------------------------------------------------------------

    def _press_fob_unlock(self) -> None:
        if not self.state.works("fob_battery"):
            return
        self.state.set("vehicle.key_heard", "yes")
        self.state.later(4.0, "vehicle.key_heard", "no")
        self._unlock("fob")

    def _press_fob_lock(self) -> None:
        if self.state.works("fob_battery"):
            self._lock("fob")

    def _plug_in(self) -> None:
        state = self.state
        if state.plugged or self.lock.position != "unlocked":
            state.note("the plug does not go in" if not state.plugged else "a plug is in already")
            return
        state.plugged = True
        state.set("port.flap", "open")
        self._report_plug()
        self.charging.plugged_in()

    def _press_button(self) -> None:
        self.state.set("port.latch_button", "pressed")
        self.state.later(0.9, "port.latch_button", "released")
        unlocked = self.values["vehicle.lock"] == "unlocked"
        if self.habits.button_asks and unlocked and not self.charging.active:
            self.lock.open("asked")

    def _pull(self) -> None:
        state = self.state
        if not state.plugged:
            state.note("there is no plug to pull")
        elif self.lock.position == "unlocked" and state.works("latch"):
            self.charging.unplugged()
            state.plugged = False
            state.after(PROXIMITY_S, self._report_plug)
            state.after(PROXIMITY_S, lambda: state.note("the plug leaves"))
            state.later(0.3, "charge.type", "none")
            state.after(6.0, self._close_flap)
        else:
            state.note("the plug does not come out")

    def _hang(self, hangs: bool) -> None:
        self.state.cable_hangs = hangs

    # -- the world ---------------------------------------------------------------------------

    def _freeze(self, frozen: bool) -> None:
        self.state.frozen = frozen
        ambient = -12.0 if frozen else 18.0
        self.state.set("vehicle.ambient_temperature", ambient)
        self.state.set("port.temperature", ambient + 2)

    def _supply(self, volts: float) -> None:
        self.state.supply_v = volts
        self.state.set("vehicle.supply_voltage", volts)

    def _sleep(self) -> None:
        if self.charging.active:
            self.state.note("it stays awake: it is charging")
            return
        self.state.asleep = True

    def _break(self, part: Part) -> None:
        self.state.broken.add(part)
        self._notice(part)

    def _mend(self, part: Part) -> None:
        self.state.broken.discard(part)
        if part in ("lock_motor", "position_sensor"):
            self.lock.forget_fault()
        self._notice(part)

    def _notice(self, part: Part) -> None:
        """Let the car's sensors say what they see with this part broken or mended."""
        if part == "position_sensor":
            self.lock.report()
            if not self.state.works(part):
                self.state.set("port.lock_fault", "fault")
        if part == "proximity":
            self._report_plug()
            if self.state.plugged and not self.state.works(part):
                # No current without proximity (IEC 61851-1).
                self.charging.end()

    # -- the car -----------------------------------------------------------------------------

    def _unlock(self, source: str) -> None:
        state = self.state
        state.later(0.06, "vehicle.lock_source", source)
        state.later(0.10, "port.unlock_request", "active")
        state.later(0.58, "port.unlock_request", "idle")
        if self.habits.unlocks == "nothing":
            return
        if self.habits.unlocks == "drivers_door":
            state.later(0.12, "vehicle.lock", "driver_door_only")
            return
        state.later(0.12, "vehicle.lock", "unlocked")
        self.charging.unlock_wanted = True
        self.lock.plan_relock("fob" if source == "fob" else "door_unlock")
        if self.charging.active:
            if state.works("charge_stop"):
                state.after(0.8, self.charging.end)
        elif self.values["port.plug"] == "connected":
            state.after(0.2, lambda: self.lock.open("asked"))

    def _lock(self, source: str) -> None:
        state = self.state
        state.later(0.06, "vehicle.lock_source", source)
        state.later(0.10, "port.lock_request", "active")
        state.later(0.12, "vehicle.lock", "locked")
        state.later(0.58, "port.lock_request", "idle")
        self.charging.unlock_wanted = False
        if self.values["charge.lock_mode"] != "never":
            state.after(0.3, self.lock.close)

    def _report_plug(self) -> None:
        seen = self.state.plugged and self.state.works("proximity")
        self.state.set("port.plug", "connected" if seen else "disconnected")

    def _close_flap(self) -> None:
        if not self.state.plugged:
            self.state.set("port.flap", "closed")


def check_act(act: str) -> Act:
    """Return an act.

    Raises:
        BadInputError: there is none of that name; the sentence names the nearest.
    """
    if act not in ACT:
        raise BadInputError(f"there is no act {plain_text(act)!r}; {nearest(act, ACT)}")
    return ACT[act]


def car_of(story: Story) -> VirtualCar:
    """Return the car of a story at its beginning, with all that is going to happen planned."""
    car = VirtualCar(story.habits, story.condition)
    for at_s, act in story.acts:
        car.plan(at_s, act)
    return car


def told(story: Story) -> VirtualCar:
    """Return the car of a story at its end."""
    car = car_of(story)
    car.advance(story.seconds)
    return car
