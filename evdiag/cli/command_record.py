"""How a command ended: as one record for programs, in words for people, as an exit code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from evdiag.cli.conditions import condition_line, condition_records, failing
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.control.command_run import StepView
    from evdiag.control.interlocks import Interlock
    from evdiag.control.outcome import Outcome, OutcomeKind
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile

COLUMNS: Final = (
    "command", "way", "evidence", "vehicle", "outcome", "text", "moved", "returned", "returning",
    "took_s", "next", "conditions", "steps", "recording",
)  # fmt: skip

EXIT_CODE: Final[Mapping[OutcomeKind, int]] = {
    "done": 0,
    "commanded_not_confirmed": 1,
    "said_no": 1,
    "makers_tool": 1,
    "failed": 1,
    "refused": 3,
    "dropped": 3,
    "bus_lost": 4,
    "no_answer": 4,
    "not_sent": 4,
    "aborted": 130,
}

_NEVER_HELD: Final = ("refused", "dropped", "no_answer")
_STEP_MARKS: Final = {"done": "✔", "failed": "✘", "now": "…", "to come": " ", "passed over": "–"}


def command_record(
    command: Command,
    profile: Profile,
    outcome: Outcome,
    conditions: Sequence[Interlock],
    steps: Sequence[StepView],
    recording: str | None,
) -> dict[str, Any]:
    """Return the record of a command that has ended."""
    return {
        **command_head(command, profile),
        "outcome": outcome.kind,
        "text": outcome.text,
        "moved": outcome.moved,
        "returned": outcome.returned,
        "returning": outcome.returning,
        "took_s": round(outcome.took_s, 3),
        "next": outcome.next(command.name),
        "conditions": condition_records(conditions),
        "steps": [{"text": one.text, "state": one.state, "note": one.note} for one in steps],
        "recording": recording,
    }


def command_head(command: Command, profile: Profile) -> dict[str, Any]:
    """Return what a record says of a command before it is given."""
    return {
        "command": command.name,
        "way": command.way,
        "evidence": command.evidence,
        "vehicle": profile.id,
    }


def command_words(
    command: Command,
    profile: Profile,
    outcome: Outcome,
    conditions: Sequence[Interlock],
    steps: Sequence[StepView],
    recording: str | None,
) -> str:
    """Return how a command ended, for people."""

    def lines() -> Iterator[str]:
        kind = outcome.kind.replace("_", " ")
        yield f"{command.text} ({command.evidence}) on {profile.name}: {kind.upper()}"
        yield f"  {outcome.text}; it took {outcome.took_s:.1f} s"
        for step in steps:
            yield f"  {_STEP_MARKS[step.state]} {step.text}  {step.note}".rstrip()
        if outcome.kind in _NEVER_HELD and failing(conditions):
            yield "What does not hold, and what would turn it green:"
            yield from map(condition_line, failing(conditions))
        yield outcome.returning
        yield f"next: {outcome.next(command.name)}"
        if recording is not None:
            yield f"recorded {recording}"

    return "\n".join(plain_text(line) for line in lines())
