"""Whatever is pressed, playback stays coherent: place, time and what the session knows agree."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.packaged import shipped_folder
from evdiag.session import Session
from evdiag.session.playback import SPEEDS, Playback
from evdiag.signals.columns import signal_events
from evdiag.signals.excerpt import Excerpt
from evdiag.vehicles.library import library
from evdiag.wiring import Analysis, analyse, read_capture
from tests.signals.test_events import as_frames, frames_drawn
from tests.signals.watches import WATCH

Command = Callable[[Playback], None]

seconds = st.floats(-5, 60, allow_nan=False)
directions = st.sampled_from((-1, 1))
commands: st.SearchStrategy[Command] = st.one_of(
    st.floats(0, 20).map(lambda s: lambda p: p.pass_real_time(s)),
    seconds.map(lambda s: lambda p: p.seek(s)),
    seconds.map(lambda s: lambda p: p.seek(p.elapsed_s + s)),
    st.integers(-3, 3).map(lambda n: lambda p: p.step_frames(n)),
    directions.map(lambda d: lambda p: p.step_change(d)),
    directions.map(lambda d: lambda p: p.step_attempt(d)),
    directions.map(lambda d: lambda p: p.step_mark(d)),
    directions.map(lambda d: lambda p: p.change_speed(d)),
    st.just(lambda p: p.play_or_pause()),
    st.just(lambda p: p.press_loop()),
    st.just(lambda p: p.mark("here")),
)


@cache
def story(name: str) -> Analysis:
    return analyse(read_capture(str(shipped_folder("recordings") / f"{name}.log")))


def recording(frames: list[Frame], *, clock_is_time: bool = True) -> Playback:
    block = Block.from_frames(frames)
    profile = library().profile("reference")
    return Playback(
        block,
        signal_events(Excerpt.whole(block), WATCH),
        lambda: Session(profile, WATCH, clock_is_time=clock_is_time),
        clock_is_time=clock_is_time,
        bitrates={"can0": 500_000},
    )


def assert_coherent(playback: Playback, fresh: Session) -> None:
    assert 0 <= playback.position <= playback.frames
    assert 0.0 <= playback.elapsed_s <= playback.duration_s
    if playback.position:
        assert playback.elapsed_at(playback.position - 1) <= playback.elapsed_s
    if not playback.at_end:
        assert playback.elapsed_s <= playback.elapsed_at(playback.position)
    for step in playback._steps:
        if step.row < playback.position:
            fresh.replay(step)
    if playback.at_end and playback.frames:
        fresh.finish(playback.session.stream_ns)
    else:
        fresh.pass_time(playback.session.stream_ns)
    assert playback.session.snapshot() == fresh.snapshot()
    if playback.position and playback.clock_is_time:
        since_s = playback.elapsed_s - playback.elapsed_at(playback.position - 1)
        stamp_ns = int(playback._timebase.stream_ns[playback.position - 1])
        assert (playback.session.stream_ns or 0) - stamp_ns == pytest.approx(since_s * 1e9, abs=10)


@settings(max_examples=60)
@given(st.lists(commands, max_size=12), st.booleans())
def test_any_commands_keep_a_story_coherent(pressed: list[Command], playing: bool) -> None:
    analysis = story("relock-before-pull")
    playback = analysis.playback()
    playback.playing = playing
    for command in pressed:
        command(playback)
    assert_coherent(playback, analysis.session())


@settings(max_examples=200)
@given(frames_drawn, st.lists(commands, max_size=8), st.booleans(), st.booleans())
def test_any_commands_keep_any_frames_coherent(
    drawn: list[tuple[int, int, bool, str, bytes, str]],
    pressed: list[Command],
    playing: bool,
    clock_is_time: bool,
) -> None:
    playback = recording(as_frames(drawn), clock_is_time=clock_is_time)
    playback.playing = playing
    for command in pressed:
        command(playback)
    assert_coherent(playback, playback._new_session())


def test_played_to_the_end_it_knows_what_a_batch_run_knows() -> None:
    analysis = story("relock-before-pull")
    playback = analysis.playback()
    playback.play_or_pause()
    while playback.playing:
        playback.pass_real_time(0.7)
    batch, _ = analysis.run()
    assert playback.at_end
    assert playback.session.snapshot() == batch.snapshot()
    assert playback.all_attempts == batch.attempts


def test_play_at_the_end_begins_again() -> None:
    playback = story("healthy-ac").playback()
    playback.seek(playback.duration_s)
    playback.play_or_pause()
    assert (playback.position, playback.playing) == (0, True)


def test_steps_of_changes_stop_at_words_and_not_at_flickering_numbers() -> None:
    playback = story("session-still-active").playback()
    stops = []
    while True:
        before = playback.position
        playback.step_change(1)
        if playback.position == before:
            break
        stops.append(before)
    flickers = sum(placed.change.signal == "port.inlet_current" for placed in playback.changes)
    assert len(stops) < flickers
    playback.step_change(-1)
    assert playback.position == stops[-1]


def test_attempts_are_found_where_they_open() -> None:
    playback = story("relock-before-pull").playback()
    playback.step_attempt(1)
    assert playback.elapsed_s == pytest.approx(16.1, abs=0.1)
    playback.step_attempt(1)
    assert playback.elapsed_s == pytest.approx(36.1, abs=0.1)
    playback.step_attempt(-1)
    assert playback.elapsed_s == pytest.approx(16.1, abs=0.1)
    playback.go_to_attempt(2)
    assert [attempt.number for attempt in playback.session.attempts] == [1, 2]


def test_a_loop_is_played_round_and_round_until_it_is_cleared() -> None:
    playback = story("healthy-ac").playback()
    playback.seek(20.0)
    playback.press_loop()
    playback.seek(10.0)
    playback.press_loop()
    playback.play_or_pause()
    playback.pass_real_time(9.9)
    assert playback.elapsed_s == pytest.approx(19.9, abs=0.05)
    playback.pass_real_time(0.2)
    assert playback.elapsed_s == pytest.approx(10.0, abs=0.05)
    playback.press_loop()
    playback.pass_real_time(11.0)
    assert playback.elapsed_s > 20.5


def test_speeds_go_step_by_step_to_as_fast_as_possible_and_back() -> None:
    playback = story("healthy-ac").playback()
    playback.speed = 3.0
    playback.change_speed(1)
    assert playback.speed == 5.0
    playback.speed = 3.0
    playback.change_speed(-1)
    assert playback.speed == 2.0
    for _ in range(20):
        playback.change_speed(1)
    assert playback.speed is None
    playback.change_speed(-1)
    assert playback.speed == SPEEDS[-1]
    for _ in range(20):
        playback.change_speed(-1)
    assert playback.speed == SPEEDS[0]


def test_time_between_two_frames_can_be_gone_to_and_back_from() -> None:
    frames = [Frame(second * 1_000_000_000, 0, 0x7, False, b"\0" * 8) for second in (0, 10, 20)]
    playback = recording(frames)
    playback.seek(14.0)
    assert (playback.position, playback.session.stream_ns) == (2, 14_000_000_000)
    playback.seek(12.0)
    assert (playback.position, playback.session.stream_ns) == (2, 12_000_000_000)


def test_what_draws_a_signal_begins_with_the_value_that_held() -> None:
    playback = story("relock-before-pull").playback()
    playback.seek(20.0)
    drawn = [placed.change.new for placed in playback.recent("port.lock", 5.0)]
    assert drawn == ["locked", "moving", "unlocked"]
    playback.seek(30.0)
    drawn = [placed.change.new for placed in playback.recent("port.lock", 1.0)]
    assert drawn == ["locked"]
    assert playback.recent("port.no_such_signal", 1.0) == []


def test_an_attempt_after_a_clock_jump_is_looked_for_after_the_jump() -> None:
    analysis = story("relock-before-pull")
    frames = list(analysis.capture.block.frames())
    shift = frames[-1].time_ns - frames[0].time_ns - 60_000_000_000
    again = [frame._replace(time_ns=frame.time_ns + shift - 5) for frame in frames]
    block = Block.from_frames([*frames, *again])
    playback = Playback(
        block, signal_events(Excerpt.whole(block), analysis.watch), analysis.session
    )
    rows = playback.history.attempt_rows
    assert rows == sorted(rows)
    assert [row >= len(frames) for row in rows] == [False, False, True, True]
