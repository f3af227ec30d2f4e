"""A story can be told by any car that has the signals."""

from __future__ import annotations

import pytest

from evdiag.inputs import Block
from evdiag.session import Session
from evdiag.signals.columns import signal_events
from evdiag.signals.excerpt import Excerpt
from evdiag.simulator.frames import frames_of, story_watch
from evdiag.simulator.stories import STORY
from evdiag.vehicles.library import library


def told_by(vehicle: str, story: str) -> Session:
    profile = library().profile(vehicle)
    watch = story_watch(profile)
    block = Block.from_frames(frames_of(STORY[story], profile))
    session = Session(profile, watch)
    for placed in signal_events(Excerpt.whole(block), watch):
        session.apply(placed.event)
    session.finish(int(block.time_ns[-1]))
    return session


def test_the_i3_ends_a_dc_session() -> None:
    (attempt,) = told_by("bmw-i3", "healthy-dc").attempts
    assert (attempt.outcome, attempt.request) == ("released", "session_end")


@pytest.mark.parametrize("vehicle", ["hyundai-kona", "tesla-model3", "bmw-i3"])
def test_a_plug_that_is_pulled_at_once_is_released(vehicle: str) -> None:
    assert [a.outcome for a in told_by(vehicle, "healthy-ac").attempts][-1] == "released"
