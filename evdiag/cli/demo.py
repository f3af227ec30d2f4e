"""``evdiag demo``: a simulated car with a stuck cable, no hardware."""

from __future__ import annotations

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
    from evdiag.cli.live_screen import has_terminal
    from evdiag.simulator.stories import story_called

    name = story_called(story).id
    if has_terminal():
        return on_screen_live(name)
    from evdiag.cli.analysis import analysed
    from evdiag.cli.replay import play_as_text

    click.echo("no terminal here: playing as text", err=True)
    return play_as_text(analysed(name, None, None))


def on_screen_live(story: str) -> int:
    """Let a virtual car play a story and then obey, live on the whole terminal."""
    from evdiag.cli.live_screen import show
    from evdiag.demo import Demo
    from evdiag.log_file import start_log
    from evdiag.simulator.stories import story_called

    start_log()
    demo = Demo(story_called(story))
    demo.start()
    try:
        code = show(demo.bus, demo.car)
    finally:
        demo.car.stop()
    if demo.car.failure is not None:
        raise demo.car.failure
    return code
