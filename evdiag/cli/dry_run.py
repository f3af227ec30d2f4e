"""What a command would need and send, shown; nothing is opened to transmit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from evdiag.cli.command_record import command_head
from evdiag.cli.conditions import condition_line, condition_records, failing
from evdiag.cli.consent import command_meaning, command_word
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.control.interlocks import Interlock
    from evdiag.control.rehearsal import Rehearsal, RehearsedStep
    from evdiag.inputs import Channel, Frame
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile

_TITLES: Final = {
    "before": "Asked first, at level ASK:",
    "steps": "Steps:",
    "meanwhile": "Meanwhile:",
    "hand_back": "Handed back, however it ends:",
}


class DryRun:
    """One command as it would be given; `conditions` are None where there is no bus."""

    def __init__(
        self,
        command: Command,
        profile: Profile,
        channels: Mapping[str, Channel],
        conditions: Sequence[Interlock] | None,
    ) -> None:
        """Work it out.

        Raises:
            BadInputError: the DBC does not have what the profile names.
        """
        from evdiag.commanding import command_rings
        from evdiag.control.rehearsal import rehearsal

        self._command = command
        self._profile = profile
        self._conditions = conditions
        self._rehearsal = rehearsal(command, command_rings(command, profile), channels)

    @property
    def exit_code(self) -> int:
        """3 where a condition fails now; whether the unit answers is not asked."""
        return 3 if [one for one in failing(self._conditions or ()) if one.id != "module"] else 0

    def record(self) -> dict[str, Any]:
        """Return it for programs: the record of a command, and the frames of each step."""
        text = "dry run: nothing was sent"
        found = None if self._conditions is None else condition_records(self._conditions)
        return {
            **command_head(self._command, self._profile),
            "outcome": "dry_run",
            "text": text,
            "moved": False,
            "returned": True,
            "returning": "nothing was sent, so there is nothing to hand back",
            "took_s": 0.0,
            "next": f"--consent {command_word(self._command)}",
            "conditions": found,
            "steps": _step_records(self._rehearsal.steps),
            "recording": None,
            "before": _step_records(self._rehearsal.before),
            "meanwhile": _step_records(self._rehearsal.meanwhile),
            "hand_back": _step_records(self._rehearsal.hand_back),
        }

    def words(self) -> str:
        """Return it for people."""
        return "\n".join(plain_text(line) for line in self._lines())

    def _lines(self) -> Iterator[str]:
        command = self._command
        yield f"{command.text} ({command.evidence}) on {self._profile.name}: DRY RUN, nothing sent"
        yield f"  {command.summary}"
        yield f"  given with --consent {command_word(command)}: {command_meaning(command)}"
        if self._conditions is None:
            yield "No bus: the conditions were not looked at."
        else:
            yield "Conditions now:"
            yield from map(condition_line, self._conditions)
        for part, steps in _parts(self._rehearsal):
            yield _TITLES[part]
            for step in steps:
                yield f"  {step.text}"
                yield from (f"      {candump_text(frame)}" for frame in step.frames)
                if step.goes_on:
                    yield f"      … {step.goes_on}"


def candump_text(frame: Frame) -> str:
    """Return a frame as candump shows it, without a time: ``can0 7E6#023E00CCCCCCCCCC``."""
    from evdiag.recordings.writers import candump_line

    name = "_".join(plain_text(str(frame.channel)).split())
    _, text = candump_line(frame, name).rstrip().split(maxsplit=1)
    return text


def _parts(rehearsed: Rehearsal) -> Iterator[tuple[str, tuple[RehearsedStep, ...]]]:
    for part in _TITLES:
        if steps := getattr(rehearsed, part):
            yield part, steps


def _step_records(steps: Sequence[RehearsedStep]) -> list[dict[str, Any]]:
    return [
        {
            "text": step.text,
            "state": "to come",
            "note": step.goes_on,
            "frames": [candump_text(frame) for frame in step.frames],
        }
        for step in steps
    ]
