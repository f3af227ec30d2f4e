"""The virtual car obeys: every act, every part that breaks, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.simulator.acts import ACT, ACTS, PARTS
from evdiag.simulator.car import VirtualCar, car_of, told
from evdiag.simulator.habits import Habits, habits_of
from evdiag.simulator.stories import STORIES
from evdiag.simulator.story import Story
from evdiag.vehicles.library import library
from evdiag.vocabulary import TERM


def after(*acts: str | float, habits: Habits | None = None) -> VirtualCar:
    """Return a car to which things were done, waiting where a number stands."""
    car = VirtualCar(habits)
    for act in acts:
        if isinstance(act, str):
            car.do(act)
        else:
            car.advance(car.now_s + act)
    return car


LOCKED = ("plug_in", 4.0)


def value(car: VirtualCar, name: str) -> object:
    return car.values[name]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_a_story_is_the_same_in_steps_of_any_length(story: Story) -> None:
    car = car_of(story)
    while car.now_s < story.seconds:
        car.advance(min(car.now_s + 0.037, story.seconds))
    assert car.truth == told(story).truth
    assert car.values == told(story).values


def test_acts_told_at_their_time_are_the_story() -> None:
    for story in STORIES:
        car = VirtualCar(story.habits, story.condition)
        for at_s, act in story.acts:
            car.advance(at_s)
            car.do(act)
        car.advance(story.seconds)
        assert car.truth == told(story).truth, story.id


def test_plugged_in_it_locks_and_unlocked_it_lets_go_and_locks_again() -> None:
    car = after(*LOCKED)
    assert value(car, "port.lock") == "locked"
    car = after(*LOCKED, "fob_unlock", 1.0)
    assert value(car, "port.lock") == "unlocked"
    assert value(car, "vehicle.lock_source") == "fob"
    car.advance(car.now_s + 10.0)
    assert value(car, "port.lock") == "locked"
    car = after(*LOCKED, "door", 1.0, "pull", 1.0)
    assert value(car, "port.plug") == "disconnected"
    assert value(car, "port.pilot") == "A"
    assert value(car, "vehicle.lock_source") == "door"


def test_a_locked_plug_does_not_come_out() -> None:
    car = after(*LOCKED, "pull", 1.0)
    assert value(car, "port.plug") == "connected"
    assert car.truth[-1].what == "the plug does not come out"


@pytest.mark.parametrize(("mode", "lock"), [("while_charging", "locked"), ("never", "unlocked")])
def test_lock_modes(mode: str, lock: str) -> None:
    car = after(f"mode {mode}", *LOCKED)
    assert value(car, "port.lock") == "unlocked"
    car = after(f"mode {mode}", *LOCKED, "start_ac", 3.0)
    assert value(car, "port.lock") == lock
    car.do("stop_charging")
    car.advance(car.now_s + 2.0)
    assert value(car, "port.lock") == "unlocked"
    assert after(f"mode {mode}", *LOCKED, "start_dc", 3.0).values["port.lock"] == "locked"


@pytest.mark.parametrize(
    ("anchor", "locked_at_s"), [("lock_open", 10.38), ("fob", 10.0), ("door_unlock", None)]
)
def test_the_relock_timer_has_its_anchor(anchor: str, locked_at_s: float | None) -> None:
    habits = Habits(relock_after_s=10.0, relock_anchor=anchor)  # type: ignore[arg-type]
    car = after(*LOCKED, "fob_unlock", 30.0, habits=habits)
    closes = [h.at_s - 4.0 for h in car.truth if h.what == "the lock closes" and h.at_s > 4.0]
    assert closes == ([] if locked_at_s is None else [pytest.approx(locked_at_s, abs=0.05)])


def test_ac_charging_and_its_end() -> None:
    car = after(*LOCKED, "start_ac", 3.0)
    assert (value(car, "port.pilot"), value(car, "port.inlet_current")) == ("C2", 16.0)
    car = after(*LOCKED, "start_ac", 3.0, "stop_charging", 1.0)
    assert (value(car, "port.pilot"), value(car, "port.lock")) == ("B2", "locked")
    assert after(*LOCKED, "start_ac", 3.0, "fob_unlock", 3.0).values["port.lock"] == "unlocked"


def test_dc_opens_by_itself_where_the_car_does_so() -> None:
    car = after(*LOCKED, "start_dc", 3.0, "stop_charging", 1.0)
    assert value(car, "port.lock") == "locked"
    car.advance(car.now_s + 4.0)
    assert (value(car, "port.lock"), value(car, "port.inlet_voltage")) == ("unlocked", 0.0)
    habits = Habits(opens_at_session_end=())
    kept = after(*LOCKED, "start_dc", 3.0, "stop_charging", 9.0, habits=habits)
    assert value(kept, "port.lock") == "locked"


def test_dc_that_starts_again_keeps_its_voltage() -> None:
    car = after(*LOCKED, "start_dc", 3.0, "stop_charging", 0.6, "start_dc", 3.0)
    assert value(car, "port.inlet_voltage") == 362.0


def test_mains_lost_and_back() -> None:
    car = after(*LOCKED, "start_ac", 3.0, "mains_lost", 1.0)
    assert (value(car, "charge.active"), value(car, "port.pilot")) == ("no", "E")
    assert value(car, "port.lock") == "locked"
    car.do("mains_back")
    car.advance(car.now_s + 6.0)
    assert (value(car, "charge.active"), value(car, "port.inlet_current")) == ("yes", 16.0)


def test_without_a_plug_or_mains_nothing_charges() -> None:
    assert after("start_ac", 1.0).values["charge.active"] == "no"
    assert after(*LOCKED, "mains_lost", "start_ac", 1.0).values["charge.active"] == "no"


# -- what breaks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "current"),
    [
        (("break lock_motor",), 0.0),
        (("freeze",), 2.2),
        (("hang_cable",), 2.2),
        (("low_battery",), 1.3),
    ],
)
def test_a_lock_that_cannot_open_and_then_can(acts: tuple[str, ...], current: float) -> None:
    car = after(*LOCKED, *acts, "fob_unlock", 0.3)
    assert value(car, "port.lock_command") == "unlock"
    assert value(car, "port.lock_current") == current
    car.advance(car.now_s + 2.0)
    assert value(car, "port.lock") == "locked"
    undo = {"break lock_motor": "mend lock_motor", "freeze": "thaw", "hang_cable": "push_in"}
    car.do(undo.get(acts[0], "charge_battery"))
    car.do("fob_unlock")
    car.advance(car.now_s + 2.0)
    assert value(car, "port.lock") == "unlocked"
    assert value(car, "port.lock_fault") == "ok"


def test_the_position_sensor_lies_and_the_pin_moves_all_the_same() -> None:
    car = after(*LOCKED, "break position_sensor", 0.1)
    assert (value(car, "port.lock"), value(car, "port.lock_fault")) == ("fault", "fault")
    car = after(*LOCKED, "break position_sensor", "fob_unlock", 2.0, "pull", 1.0)
    assert value(car, "port.plug") == "disconnected"
    car.do("mend position_sensor")
    assert (value(car, "port.lock"), value(car, "port.lock_fault")) == ("unlocked", "ok")


def test_a_broken_proximity_ends_the_session_and_hides_the_plug() -> None:
    car = after(*LOCKED, "start_ac", 3.0, "break proximity", 1.0)
    assert (value(car, "port.plug"), value(car, "charge.active")) == ("disconnected", "no")
    car.do("pull")
    assert car.truth[-1].what == "the plug does not come out"
    car.do("mend proximity")
    assert value(car, "port.plug") == "connected"


def test_an_empty_fob_is_not_heard() -> None:
    car = after(*LOCKED, "break fob_battery", "fob_unlock", 2.0)
    assert (value(car, "vehicle.key_heard"), value(car, "port.lock")) == ("no", "locked")


def test_a_jammed_latch_holds_an_open_plug() -> None:
    car = after(*LOCKED, "break latch", "fob_unlock", 1.0, "pull", 1.0)
    assert (value(car, "port.lock"), value(car, "port.plug")) == ("unlocked", "connected")
    car = after(*LOCKED, "break latch", "fob_unlock", 1.0, "mend latch", "pull", 1.0)
    assert value(car, "port.plug") == "disconnected"


def test_the_manual_release_opens_what_nothing_else_opens() -> None:
    car = after(*LOCKED, "break lock_motor", "manual_release", "pull", 1.0)
    assert (value(car, "port.lock_fault"), value(car, "port.plug")) == ("fault", "disconnected")


def test_sleep_and_what_wakes() -> None:
    car = after("sleep", 1.0)
    assert car.state.asleep
    for act in ("pull", "break latch", "freeze"):
        car.do(act)
    assert car.state.asleep
    car.do("fob_unlock")
    assert not car.state.asleep
    assert not after(*LOCKED, "start_ac", 1.0, "sleep").state.asleep


# -- all acts ------------------------------------------------------------------------------------


def test_each_key_does_one_thing_at_a_time() -> None:
    for acts in ((), LOCKED, ("freeze", "sleep", "low_battery", "mode never")):
        offered = list(after(*acts).offered())
        assert len({act.key for act in offered}) == len(offered)
        assert {act.id.split()[-1] for act in offered} >= set(PARTS)


@given(st.lists(st.tuples(st.sampled_from(sorted(ACT)), st.floats(0, 12)), max_size=25))
def test_whatever_is_done_the_values_are_the_vocabularys(acts: list[tuple[str, float]]) -> None:
    car = VirtualCar()
    for act, wait_s in acts:
        car.do(act)
        car.advance(car.now_s + wait_s)
        for name, reading in car.values.items():
            words = TERM[name].words
            assert reading in words if words else isinstance(reading, (int, float))
        if car.lock.position == "locked":
            assert car.state.plugged


def test_an_act_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInputError, match="did you mean 'fob_unlock'"):
        VirtualCar().do("fob_unlok")
    assert len({act.id for act in ACTS}) == len(ACTS)


def test_habits_come_from_the_profile() -> None:
    tesla = habits_of(library().profile("tesla-model3"))
    assert (tesla.relock_after_s, tesla.button_asks) == (120, True)
    car = after(*LOCKED, "fob_unlock", 1.0, "fob_lock", 2.0, "press_button", 1.0, habits=tesla)
    assert value(car, "port.lock") == "locked"
    car = after(*LOCKED, "press_button", 1.0, habits=Habits(button_asks=True))
    assert value(car, "port.lock") == "locked"
