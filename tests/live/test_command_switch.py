"""Asking and a command on one bus: the one makes room for the other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from evdiag.command_switch import CommandSwitch
from evdiag.levels import AskLook, CommandLook
from evdiag.vehicles.library import library

PROFILE = library().profile("reference")


def test_asking_rests_between_two_answers_and_goes_on_after_the_command() -> None:
    told: list[str] = []
    looks = [CommandLook()]
    ask: Any = SimpleNamespace(
        look=lambda: AskLook("asking"),
        rest=lambda: told.append("asking rests"),
        begin=lambda _: told.append("asking goes on"),
    )
    commanding: Any = SimpleNamespace(
        look=lambda: looks[-1],
        begin_soon=lambda *_: told.append("the command begins"),
    )
    switch = CommandSwitch(commanding, ask)
    switch.begin(PROFILE.ways("unlock")[1], PROFILE, "a test", frozenset())
    looks.append(CommandLook("under way"))
    switch.look()
    assert told == ["asking rests", "the command begins"]
    looks.append(CommandLook("ended"))
    switch.look()
    switch.look()
    assert told == ["asking rests", "the command begins", "asking goes on"]
