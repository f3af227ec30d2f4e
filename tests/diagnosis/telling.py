"""Stories told to a session: acts of the virtual car, its frames, and what others say meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from evdiag.diagnosis import Finding
from evdiag.inputs import Answer, Frame, Tick, TransmitDecision
from evdiag.session import Session
from evdiag.signals.watch import Watch
from evdiag.simulator.frames import frames_of, story_watch
from evdiag.simulator.habits import Condition, Habits
from evdiag.simulator.stories import STORY
from evdiag.simulator.story import Story
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Habit, HabitKind

S = 1_000_000_000
SESSION = ((2.0, "plug_in"), (6.0, "start_ac"), (14.0, "stop_charging"))
"""The beginning of most stories: an AC session that is over at 14 s."""


@dataclass(frozen=True)
class Telling:
    """A story, without some of the car's signals, on a car with habits, with words in between."""

    acts: tuple[tuple[float, str], ...]
    seconds: float
    condition: Condition = field(default_factory=Condition)
    habits: Habits = field(default_factory=Habits)
    car_habits: tuple[HabitKind, ...] = ()
    said: tuple[Answer | TransmitDecision, ...] = ()
    seed: int = 7

    def session(self, without: Iterable[str] = ()) -> Session:
        """Tell it; return the session at its end."""
        known = tuple(Habit(kind, 50.0, "simulated", "a test") for kind in self.car_habits)
        profile = replace(library().profile("reference"), habits=known)
        left_out = frozenset(without)
        offered = (w for w in story_watch(profile).signals if w.name not in left_out)
        session = Session(profile, Watch(tuple(offered)))
        waiting = sorted(self.said, key=lambda item: item.time_ns)
        for frame in _frames(self.acts, self.seconds, self.condition, self.habits, self.seed):
            while waiting and waiting[0].time_ns <= frame.time_ns:
                list(session.feed(waiting.pop(0)))
            list(session.feed(frame))
        for item in waiting:
            list(session.feed(item))
        list(session.feed(Tick(round(self.seconds * S))))
        session.finish()
        return session

    def findings(self, *without: str) -> list[Finding]:
        """Tell it without some of the signals; return what is found."""
        return self.session(without).findings()


@lru_cache(maxsize=64)
def _frames(
    acts: tuple[tuple[float, str], ...],
    seconds: float,
    condition: Condition,
    habits: Habits,
    seed: int,
) -> tuple[Frame, ...]:
    story = Story("told", "a test's", acts, seconds, None, (), condition, habits, seed=seed)
    return tuple(frames_of(story, library().profile("reference")))


def shipped(name: str) -> Telling:
    """Return a story that evdiag ships."""
    story = STORY[name]
    return Telling(story.acts, story.seconds, story.condition, story.habits)


def after_session(*acts: tuple[float, str], seconds: float = 36.0, **more: object) -> Telling:
    """Return a story that goes on after an AC session that is over at 14 s."""
    return Telling((*SESSION, *acts), seconds, **more)  # type: ignore[arg-type]


def confidence_of(fault: str, found: Iterable[Finding]) -> str | None:
    """Return how sure a fault is; None where it was not found."""
    return next((f.confidence for f in found if f.fault == fault), None)
