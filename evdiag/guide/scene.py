"""What a guide may look at: the car as the bus shows it, and the step that is being done. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from evdiag.diagnosis.finding import Finding
from evdiag.port.attempt import Attempt
from evdiag.port.plug import out_is_denied
from evdiag.port.readings import Reading, Readings, TimelineRow
from evdiag.vehicles.profile import Profile


class Scene(Protocol):
    """The car and its port right now. A session is one; `NoBus` is another."""

    @property
    def profile(self) -> Profile | None:
        """What is known of the car; None where nobody knows which one it is."""

    @property
    def readings(self) -> Readings | None:
        """What the bus says; None without a bus."""

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt so far."""

    @property
    def lock_fitted(self) -> bool:
        """False for a car whose inlet has no lock."""

    @property
    def has_ended(self) -> bool:
        """True where nothing more is heard: a recording that was played to its end."""

    @property
    def commands(self) -> frozenset[str]:
        """The commands that evdiag can give right now."""

    def findings(self) -> list[Finding]:
        """What is wrong, as far as the bus shows it."""


@dataclass(frozen=True)
class NoBus:
    """A car that nothing listens to: its profile at most, and the person's answers."""

    profile: Profile | None = None
    readings: Readings | None = None
    attempts: tuple[Attempt, ...] = ()
    lock_fitted: bool = True
    has_ended: bool = False
    commands: frozenset[str] = frozenset()

    def findings(self) -> list[Finding]:
        """Nothing is found without a bus."""
        return []


@dataclass(frozen=True)
class Facts:
    """All that a condition may look at, at one moment of one step.

    `since_ns` is when that began which the condition speaks of: the step, or the expectation
    before. `rows` are the changes since the step began. `answers` holds the last answer to each
    earlier step, `answer` the one to this step. `met`, `missed` and `untold` (this car
    does not show it) are expectations of this step.
    """

    scene: Scene
    now_ns: int
    since_ns: int
    rows: Sequence[TimelineRow] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None
    met: Mapping[str, int] = field(default_factory=dict)
    missed: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    timed_out: bool = False
    charged_before: Literal["ac", "dc"] | None = None

    def reading(self, signal: str) -> Reading | None:
        """Return a signal as it stands; None where this car, on this bus, does not offer it."""
        readings = self.scene.readings
        if readings is None or signal not in readings.offered:
            return None
        return readings[signal]

    @property
    def plug_out_is_denied(self) -> bool:
        """The plug is said to be out, and the pilot still shows it in."""
        return self.scene.readings is not None and out_is_denied(self.scene.readings)
