"""Frame by frame and by columns: the same rows, attempts and findings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from evdiag.inputs import Block, Frame
from evdiag.packaged import shipped_folder
from evdiag.session import Session
from evdiag.signals.columns import signal_events
from evdiag.signals.excerpt import Excerpt
from evdiag.vehicles.library import library
from evdiag.wiring import analyse, read_capture
from tests.signals.test_events import as_frames, frames_drawn
from tests.signals.watches import WATCH

STORIES = sorted(path.stem for path in shipped_folder("recordings").glob("*.log"))


def by_frame(session: Session, frames: list[Frame]) -> tuple[object, ...]:
    rows = [row for frame in frames for row in session.feed(frame)]
    session.finish()
    return rows, session.attempts, session.findings()


@settings(max_examples=300, deadline=None)
@given(frames_drawn)
def test_both_ways_agree_on_any_frames(
    drawn: list[tuple[int, int, bool, str, bytes, str]],
) -> None:
    profile = library().profile("reference")
    frames = as_frames(drawn)
    scalar = by_frame(Session(profile, WATCH), frames)
    columns = Session(profile, WATCH)
    rows = [
        row
        for placed in signal_events(Excerpt.whole(Block.from_frames(frames)), WATCH)
        if (row := columns.apply(placed.event)) is not None
    ]
    end_ns = columns.tracker.stream_ns
    for frame in frames:
        # Stream time at the end, as a reader of the whole recording knows it.
        list(columns.tracker.time(frame.time_ns))
        end_ns = columns.tracker.stream_ns
    columns.finish(end_ns)
    assert (rows, columns.attempts, columns.findings()) == scalar


@pytest.mark.parametrize("story", STORIES)
def test_both_ways_agree_on_every_story(story: str) -> None:
    analysis = analyse(read_capture(str(shipped_folder("recordings") / f"{story}.log")))
    session, rows = analysis.run()
    scalar = by_frame(analysis.session(), list(analysis.capture.block.frames()))
    assert (rows, session.attempts, session.findings()) == scalar
