"""Stuck cables: each car as it stands when its driver opens the guide."""

from __future__ import annotations

from dataclasses import replace

from evdiag.simulator.habits import Condition, Habits
from evdiag.simulator.stories import STORY
from evdiag.simulator.story import Story
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Habit, HabitKind, Profile

Act = tuple[float, str]

AC: tuple[Act, ...] = ((2.0, "plug_in"), (6.0, "start_ac"))
AC_ENDED: tuple[Act, ...] = (*AC, (12.0, "stop_charging"))
DC: tuple[Act, ...] = ((2.0, "plug_in"), (7.0, "start_dc"))

SHIPPED_UNTIL = {
    "healthy-ac": 23.0,
    "healthy-dc": 20.0,
    "relock-before-pull": 15.0,
    "fob-not-heard": 16.0,
    "actuator-stalls": 13.0,
    "mechanical-latch-holds": 13.0,
    "session-still-active": 17.0,
    "manual-release-used": 20.0,
    "frozen": 17.0,
    "lock-module-silent": 20.0,
}
"""Where each shipped story stands when somebody opens the guide instead of going on by himself."""


def stuck(*acts: Act, seconds: float = 15.0, **more: object) -> Story:
    """Return a car that somebody stands beside, `seconds` after its beginning."""
    return Story(
        id="stuck", title="", acts=acts, seconds=seconds, fault_found=None, evidence=(),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def broken(*parts: str, acts: tuple[Act, ...] = AC_ENDED, **more: object) -> Story:
    """Return a car with broken parts."""
    condition = Condition(broken=frozenset(parts))  # type: ignore[arg-type]
    return stuck(*acts, condition=condition, **more)


def shipped(name: str) -> Story:
    """Return a shipped story up to the moment at which the guide is opened."""
    story, until_s = STORY[name], SHIPPED_UNTIL[name]
    return replace(story, seconds=until_s, acts=tuple(a for a in story.acts if a[0] < until_s))


def no_relock(story: Story) -> Story:
    """Return the same car, never locking again by itself."""
    return replace(story, habits=Habits(relock_after_s=None))


def car_with(kind: HabitKind, seconds: float | None = None) -> Profile:
    """Return the reference car with one more habit."""
    profile = library().profile("reference")
    return replace(profile, habits=(Habit(kind, seconds, "simulated", "tests"),))


def car_without_commands() -> Profile:
    """Return the reference car with no command known."""
    return replace(library().profile("reference"), commands=())
