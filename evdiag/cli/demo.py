"""``evdiag demo``: a simulated car with a stuck cable, no hardware."""

from __future__ import annotations

import sys

import click

STORY = "relock-before-pull"


@click.command("demo")
@click.argument("story", metavar="[STORY]", default=STORY)
def command(story: str) -> int:
    """Look at a simulated car with a stuck cable; no hardware is needed.

    STORY is a shipped scenario (relock-before-pull without one). In a terminal the car runs live,
    plays its story, and then does what you tell it. Without a terminal the same story is played
    as text: the timeline, the attempts, the findings.
    """
    from evdiag.cli.analysis import analysed
    from evdiag.cli.replay import on_screen, play_as_text
    from evdiag.simulator.stories import story_called

    name = story_called(story).id
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        click.echo("no terminal here: playing as text", err=True)
        return play_as_text(analysed(name, None, None))
    return on_screen(name)
