"""Consent in scripts: one word for one command at one level of evidence, never a global yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from evdiag.errors import RefusedError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.vehicles.command import Command

consent_option = click.option(
    "--consent",
    metavar="WORD",
    help="Needed to transmit: a word for this command alone; without it nothing is sent and the "
    "word is named.",
)

LEVELS: Final = {
    "verified": "seen to work in a recording of the real car",
    "documented": "in a public manual or standard, not tried by us",
    "community": "reported to work by others, not tried by us",
    "simulated": "our simulated car only",
}


def command_word(command: Command) -> str:
    """Return the word by which somebody consents to a command: ``unlock-simulated``."""
    return f"{command.name}-{command.evidence}"


def command_meaning(command: Command) -> str:
    """Say what somebody consents to with that word."""
    level = LEVELS.get(command.evidence, "not known how well")
    return (
        f"you see the car, and want this of it now: {command.summary}; and you know how well that "
        f"is known: {command.evidence} ({level})"
    )


def check_consent(given: str | None, word: str, meaning: str) -> None:
    """Go on where exactly this was consented to.

    Raises:
        RefusedError: it was not; the sentence names the word, and what it means.
    """
    if given == word:
        return
    missing = "it is not given" if given is None else f"{given!r} is another word"
    raise RefusedError(
        plain_text(
            f"nothing was sent: this needs --consent {word} ({missing}). By it you say: {meaning}"
        )
    )
