"""A demo is a live bus like any other: what is done to its car is what the session says."""

from __future__ import annotations

from evdiag.demo import Demo
from evdiag.simulator.stories import STORY
from tests.bus.scripted import until


def test_acts_become_attempts() -> None:
    demo = Demo(None)
    demo.start()
    try:
        demo.car.do("plug_in")
        until(lambda: demo.car.look().values["port.lock"] == "locked")
        until(lambda: demo.live.follower.look(lambda f: f.session), 60.0)
        demo.car.do("fob_unlock")
        until(lambda: demo.car.look().values["port.lock"] == "unlocked")
        demo.car.do("pull")
        until(
            lambda: demo.live.follower.look(
                lambda f: [a.outcome for a in f.session.attempts] == ["released"]  # type: ignore[union-attr]
            ),
            60.0,
        )
    finally:
        demo.stop()
    assert demo.car.failure is None
    assert demo.live.state.failure == ""


def test_a_story_plays_by_itself() -> None:
    demo = Demo(STORY["relock-before-pull"])
    demo.start()
    until(lambda: demo.car.look().values["port.lock"] == "locked", 60.0)
    demo.stop()
    assert [h.what for h in demo.car.look().happened] == ["the plug goes in", "the lock closes"]
