"""The ten stories that evdiag ships as recordings."""

from __future__ import annotations

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.simulator.habits import Condition, Habits
from evdiag.simulator.story import Story
from evdiag.vehicles.toml_table import nearest

STORIES = (
    Story(
        id="healthy-ac",
        title="An AC session that ends as it should",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (24.0, "fob_unlock"),
            (29.0, "press_button"),
            (30.0, "pull"),
        ),
        seconds=40,
        fault_found=None,
        evidence=("port.lock", "port.plug"),
        seed=11,
    ),
    Story(
        id="healthy-dc",
        title="A DC session that is ended at the charger and opens the lock by itself",
        acts=((2.0, "plug_in"), (7.0, "start_dc"), (22.0, "stop_charging"), (31.0, "pull")),
        seconds=40,
        fault_found=None,
        evidence=("port.lock", "port.plug"),
        seed=12,
    ),
    Story(
        id="relock-before-pull",
        title="The lock opens, nobody pulls, the lock closes again; the second time it is pulled",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (16.0, "fob_unlock"),
            (31.0, "pull"),
            (36.0, "fob_unlock"),
            (39.0, "pull"),
        ),
        seconds=48,
        fault_found="relocks_before_pull",
        evidence=("port.lock", "port.plug"),
        seed=13,
    ),
    Story(
        id="fob-not-heard",
        title="The fob is pressed twice and never heard; the driver's door opens the lock",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (15.0, "stop_charging"),
            (18.0, "fob_unlock"),
            (22.0, "fob_unlock"),
            (30.0, "door"),
            (34.0, "pull"),
        ),
        seconds=44,
        fault_found="fob_not_heard",
        evidence=("vehicle.key_heard", "vehicle.lock_source", "port.lock"),
        condition=Condition(broken=frozenset({"fob_battery"})),
        seed=14,
    ),
    Story(
        id="actuator-stalls",
        title="The lock stalls under the weight of the cable and frees when the plug is pushed in",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (14.0, "stop_charging"),
            (16.0, "fob_unlock"),
            (20.0, "pull"),
            (24.0, "fob_lock"),
            (27.0, "fob_unlock"),
            (34.0, "push_in"),
            (35.0, "fob_lock"),
            (37.0, "fob_unlock"),
            (40.0, "pull"),
        ),
        seconds=48,
        fault_found="actuator_stalls",
        evidence=("port.lock_current", "port.lock_command", "port.lock"),
        condition=Condition(cable_hangs=True),
        seed=15,
    ),
    Story(
        id="mechanical-latch-holds",
        title="The lock opens and the plug's own latch holds it all the same",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (14.0, "stop_charging"),
            (16.0, "fob_unlock"),
            (19.0, "press_button"),
            (20.0, "pull"),
            (24.0, "press_button"),
            (25.0, "pull"),
            (33.0, "fob_lock"),
            (36.0, "fob_unlock"),
            (39.0, "press_button"),
            (40.0, "pull"),
        ),
        seconds=50,
        fault_found="mechanically_held",
        evidence=("port.latch_button", "port.plug", "port.lock"),
        condition=Condition(broken=frozenset({"latch"})),
        habits=Habits(relock_after_s=None),
        seed=16,
    ),
    Story(
        id="session-still-active",
        title="Unlock is pressed while the car goes on charging",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (18.0, "fob_unlock"),
            (22.0, "pull"),
            (28.0, "fob_unlock"),
        ),
        seconds=40,
        fault_found="session_active",
        evidence=("port.pilot", "port.lock"),
        condition=Condition(broken=frozenset({"charge_stop"})),
        seed=17,
    ),
    Story(
        id="manual-release-used",
        title="The session is over, nobody asks, and the manual release opens the lock",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (14.0, "stop_charging"),
            (26.0, "manual_release"),
            (29.0, "pull"),
        ),
        seconds=40,
        fault_found="manual_release_used",
        evidence=("port.lock_fault", "port.lock_command", "port.unlock_request", "port.lock"),
        seed=18,
    ),
    Story(
        id="frozen",
        title="At -12 °C the pin is frozen in",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (16.0, "stop_charging"),
            (18.0, "fob_unlock"),
            (22.0, "pull"),
            (24.0, "fob_lock"),
            (27.0, "fob_unlock"),
        ),
        seconds=40,
        fault_found="frozen",
        evidence=("vehicle.ambient_temperature", "port.lock_command", "port.lock"),
        condition=Condition(frozen=True, ambient=-12.0),
        seed=19,
    ),
    Story(
        id="lock-module-silent",
        title="The module that reports the lock stops talking while the bus goes on",
        acts=(
            (2.0, "plug_in"),
            (6.0, "start_ac"),
            (14.0, "stop_charging"),
            (18.0, "break lock_module"),
            (22.0, "fob_unlock"),
        ),
        seconds=36,
        fault_found="module_silent",
        evidence=("port.lock",),
        seed=20,
    ),
)

STORY = {story.id: story for story in STORIES}


def story_called(name: str) -> Story:
    """Return a story by its name.

    Raises:
        BadInputError: there is none; the sentence names the nearest.
    """
    if name not in STORY:
        raise BadInputError(f"no scenario is called {plain_text(name)!r}; {nearest(name, STORY)}")
    return STORY[name]
