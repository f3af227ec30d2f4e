"""A procedure as frozen data: steps, what each expects of the bus, and where it leads. Pure.

The words for people are not here: `evdiag.guide.texts` has them by the ids of steps, answers,
expectations and reasons, one file a language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from evdiag.guide.conditions import Condition
from evdiag.guide.safety import Requirement

Kind: TypeAlias = Literal["say", "do", "ask", "wait", "command", "end"]
"""`say` is read; `do` is done by the person; `ask` is answered; `wait` waits for the bus;
`command` has evdiag give a command of the profile; `end` is an ending."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Result: TypeAlias = Literal["worked", "did_not_help", "could_not_work"]
"""What the evidence says of a trick that was tried."""

RESULTS: tuple[Result, ...] = get_args(Result)

Ending: TypeAlias = Literal["solved", "nobodys_fault", "refer", "danger", "not_solved"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)

NamedTime: TypeAlias = Literal["release", "relock"]
"""A time that the car's profile knows: in which its lock opens; after which it locks again."""

NAMED_TIMES: tuple[NamedTime, ...] = get_args(NamedTime)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the bus should show.

    It counts from the moment the step began, or the expectation `after` was met. `within` is in
    seconds or the name of a time; None waits as long as the step does. `held_s`: it must stay so.
    """

    id: str
    of: Condition
    after: str | None = None
    within: float | NamedTime | None = None
    held_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that may be given. `claims` is what must be so if it is true."""

    id: str
    claims: Condition | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """When a step cannot help: it is passed over, and `because` says why."""

    when: Condition
    because: str


@dataclass(frozen=True, slots=True)
class Warn:
    """A warning to be acknowledged; with `when`, only where that holds or cannot be told."""

    id: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What must be so for the step to be offered, and where it leads where it is not."""

    what: Requirement
    otherwise: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a step leads. Without `when` it is the way when nothing else fits.

    `result` judges what was tried, with the reason `because`.
    """

    go: str
    when: Condition | None = None
    result: Result | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    `warnings` must be acknowledged before it begins. `limit_s` is how long it waits for the bus,
    `takes_s` how long a person is expected to take. It may be entered `visits` times; a branch
    that would enter it again is passed over. `skip_to` is where a step leads that is passed over;
    empty is the next of its procedure. `force` marks what uses force, a tool or the manual
    release: it is never offered unless the cable was made dead.
    """

    id: str
    kind: Kind
    branches: tuple[Branch, ...] = ()
    answers: tuple[Choice, ...] = ()
    expects: tuple[Expectation, ...] = ()
    skips: tuple[Skip, ...] = ()
    needs: tuple[Need, ...] = ()
    warnings: tuple[Warn, ...] = ()
    skip_to: str = ""
    limit_s: float | None = None
    takes_s: float = 30.0
    visits: int = 3
    countdown: bool = False
    force: bool = False
    command: str = ""
    ending: Ending | None = None

    def leads_to(self) -> Iterator[str]:
        """Yield every step that may come after this one."""
        yield from (branch.go for branch in self.branches)
        yield from (need.otherwise for need in self.needs)
        if self.skip_to:
            yield self.skip_to


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: its steps in the order in which they are tried.

    `refuge` is the step to go to when a step may not be offered and its way out is used up.
    """

    id: str
    steps: tuple[Step, ...]
    refuge: str
    file: str = ""

    @property
    def start(self) -> str:
        """The first step."""
        return self.steps[0].id

    def after(self, step: Step) -> str:
        """Return where a step leads that is passed over."""
        if step.skip_to:
            return step.skip_to
        return self.steps[self.steps.index(step) + 1].id


@dataclass(frozen=True)
class Book:
    """All procedures. Ids of steps are unique in the whole book, so a step may lead anywhere."""

    procedures: tuple[Procedure, ...]

    def __post_init__(self) -> None:
        """Index the steps."""
        steps = {step.id: step for procedure in self.procedures for step in procedure.steps}
        homes = {step.id: procedure for procedure in self.procedures for step in procedure.steps}
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "_places", {name: place for place, name in enumerate(steps)})
        object.__setattr__(self, "_homes", homes)

    def procedure(self, identifier: str) -> Procedure:
        """Return a procedure by its id."""
        return next(p for p in self.procedures if p.id == identifier)

    def step(self, identifier: str) -> Step:
        """Return a step by its id."""
        steps: dict[str, Step] = self.__dict__["_steps"]
        return steps[identifier]

    def home(self, step: str) -> Procedure:
        """Return the procedure that a step belongs to."""
        homes: dict[str, Procedure] = self.__dict__["_homes"]
        return homes[step]

    def is_forward(self, step: str, other: str) -> bool:
        """True where `other` comes after `step` in the order of the book."""
        places: dict[str, int] = self.__dict__["_places"]
        return places[other] > places[step]

    def __contains__(self, step: object) -> bool:
        return step in self.__dict__["_steps"]


NO_PROCEDURES = Book(())
"""What guides nobody."""
