"""A story: what the person does and what is wrong with the car. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field

from evdiag.simulator.habits import Condition, Habits


@dataclass(frozen=True, slots=True)
class Story:
    """A scripted story.

    `acts` are (seconds, id of an act). `fault_found` is what a diagnosis should find (None:
    nothing), and `evidence` names the signals it stands on: without any one of them less can be
    said.
    """

    id: str
    title: str
    acts: tuple[tuple[float, str], ...]
    seconds: float
    fault_found: str | None
    evidence: tuple[str, ...]
    condition: Condition = field(default_factory=Condition)
    habits: Habits = field(default_factory=Habits)
    vehicle: str = "reference"
    seed: int = 1
