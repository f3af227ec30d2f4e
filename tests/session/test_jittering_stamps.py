"""Stamps that step back a little: a whole recording at once knows what a live session knew."""

from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.connecting import captured_live
from evdiag.inputs import Frame
from evdiag.packaged import shipped_recording
from evdiag.recordings import open_recording
from evdiag.session import Session
from evdiag.wiring import analyse

FRAMES = list(open_recording(str(shipped_recording("relock-before-pull"))).frames())
CHANGED = sorted({step.row for step in analyse(captured_live(FRAMES), "reference").events})


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(CHANGED), st.integers(-990, 100), st.integers(1, 3)),
        min_size=5,
        max_size=60,
    )
)
def test_batch_and_live_agree_whatever_the_jitter(steps: list[tuple[int, int, int]]) -> None:
    jittered: list[Frame] = list(FRAMES)
    for row, milliseconds, length in steps:
        for at in range(row, min(row + length, len(jittered))):
            frame = jittered[at]
            jittered[at] = frame._replace(time_ns=frame.time_ns + milliseconds * 1_000_000)
    analysis = analyse(captured_live(jittered), "reference")
    session, rows = analysis.run()
    live = Session(analysis.profile, analysis.watch)
    live_rows = [row for frame in jittered for row in live.feed(frame)]
    live.finish()
    assert rows == live_rows
    assert session.attempts == live.attempts
    assert session.findings() == live.findings()
