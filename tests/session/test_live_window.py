"""What is kept of a live bus says of its frames what an index of all of them would say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Block, BusEvent, BusEventKind, Frame, Input, Mark, Tick
from evdiag.packaged import shipped_recording
from evdiag.session import live_kinds
from evdiag.session.following import Decision, Following
from evdiag.session.frame_index import FrameIndex
from evdiag.session.live_axis import LiveAxis
from evdiag.session.live_window import KEPT_SECONDS, LiveWindow
from evdiag.session.playback import Playback
from evdiag.session.track import SeenKind
from evdiag.wiring import analyse, read_capture
from tests.session.test_following import DECIDED, FRAMES

S = 1_000_000_000

drawn_frames = st.lists(
    st.builds(
        Frame,
        time_ns=st.integers(0, 3 * S),
        channel=st.sampled_from((0, "can1")),
        id=st.sampled_from((0x3B4, 0x3B5, 0x7FF)),
        extended=st.booleans(),
        data=st.sampled_from((b"", b"\0", b"\1", b"\0\0", b"\1\2\3", bytes(20))),
        fd=st.just(False),
        remote=st.just(False),
        error=st.sampled_from((False, False, True)),
        direction=st.none(),
        bitrate_switch=st.just(False),
        error_state_indicator=st.just(False),
        requested_length=st.just(0),
    ),
    max_size=40,
)


def nobody(frames: Sequence[Frame], final: bool) -> Decision | None:
    return None


def filled(
    items: Sequence[Input], cuts: Sequence[int] = (), *, kept: int = 1000
) -> tuple[LiveWindow, Following]:
    """Feed a window in batches, looking at it between them as a screen does."""
    window, following = LiveWindow(kept), Following(nobody)
    left, at = list(items), 0
    while left:
        size = cuts[at % len(cuts)] if cuts else len(left)
        batch, left, at = left[:size], left[size:], at + 1
        following.take(batch)
        window.take(following, batch)
        if at % 2:
            window.pull(following)
    return window, following


@settings(max_examples=60)
@given(drawn_frames, st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_the_kinds_are_those_of_an_index_of_all_frames(
    frames: list[Frame], cuts: list[int]
) -> None:
    window, following = filled(frames, cuts)
    track = window.pull(following).track
    block = Block.from_frames(frames)
    index = FrameIndex(block, LiveAxis().advance(block.time_ns))
    assert track.position == len(frames)
    assert {track.kinds.kinds[kind] for kind in track.kinds.kinds_seen(len(frames))} == set(
        index.kinds
    )
    for row, frame in enumerate(frames):
        assert track.frame(row).data == frame.data
        assert track.kinds.kind_of(row) == index.kind_of(row)
        assert list(track.kinds.changed_bytes(row)) == list(index.changed_bytes(row))
        assert track.kinds.gap_s(row) == pytest.approx(index.gap_s(row))
    for number in track.kinds.kinds_seen(len(frames)):
        kind = track.kinds.kinds[number]
        live, whole = (
            track.kinds.latest(number, len(frames)),
            index.latest(index.kinds.index(kind), len(frames)),
        )
        assert (live.row, live.frames) == (whole.row, whole.frames)
        assert live.frame.data == whole.frame.data
        assert list(live.changed) == list(whole.changed)
        assert set(track.kinds.rows([number], False, len(frames))) == set(
            index.rows([index.kinds.index(kind)], False, len(frames))
        )
        assert set(track.kinds.rows([number], True, len(frames))) == set(
            index.rows([index.kinds.index(kind)], True, len(frames))
        )


def test_old_frames_fall_out_and_the_numbers_of_the_rest_stay() -> None:
    frames = [
        Frame(n * S // 100, "can0", 0x100 + n % 3, False, bytes([n % 256])) for n in range(9000)
    ]
    window, following = filled(frames, [500], kept=5000)
    track = window.pull(following).track
    rows = track.kinds.rows(range(3), False, track.position)
    assert track.position == 9000
    assert 5000 <= len(rows) < 5000 + 4096
    assert rows[-1] == 8999
    assert track.frame(int(rows[0])).data == frames[int(rows[0])].data
    assert sum(track.kinds.latest(kind, 9000).frames for kind in range(3)) == 9000
    assert track.kinds.latest(0, 9000).every_s == pytest.approx(0.03)


def test_a_moment_that_is_held_keeps_what_it_showed() -> None:
    frames = [Frame(n * S // 100, "can0", 0x100, False, bytes([n % 256])) for n in range(20_000)]
    window, following = filled(frames[:2000], [100], kept=1000)
    held = window.pull(following).track
    shown = [held.frame(row) for row in range(1000, 2000)]
    following.take(frames[2000:])
    window.take(following, frames[2000:])
    assert window.pull(following).track.position == 20_000
    assert held.position == 2000
    assert [held.frame(row) for row in range(1000, 2000)] == shown
    assert held.kinds.latest(0, 2000).frames == 2000


def test_ids_beyond_all_bounds_are_forgotten_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_kinds, "MOST_KINDS", 50)
    monkeypatch.setattr(live_kinds, "KINDS_KEPT", 20)
    frames = [Frame(n * S // 1000, "can0", n, True, b"\1") for n in range(1000)]
    window, following = filled(frames, [37])
    pull = window.pull(following)
    kinds = pull.track.kinds
    assert len(kinds.kinds) <= 50
    assert kinds.kinds[-1] == SeenKind("can0", 999 | 1 << 31, False, False)
    assert pull.forgotten_kinds + len(kinds.kinds) == 1000
    assert kinds.kind_of(3) == SeenKind("can0", 3 | 1 << 31, False, False)
    seen = kinds.kinds_seen(1000)
    assert len(kinds.rows(seen, False, 1000)) == 1000
    assert len(kinds.rows(seen[:5], False, 1000)) == 5


def test_the_rate_counts_empty_seconds_and_totals_count_everything() -> None:
    frames = [Frame(n * S // 10, 0, 0x100, False, b"\1") for n in range(30)]
    frames += [Frame(6 * S + n * S // 10, 0, 0x20, False, b"", error=True) for n in range(5)]
    window, following = filled([*frames, Tick(9 * S)], [7])
    track = window.pull(following).track
    assert list(track.rates(9)) == [10, 10, 10, 0, 0, 0, 5, 0, 0]
    assert len(track.rates(KEPT_SECONDS)) == KEPT_SECONDS
    traffic = track.traffic()
    assert (traffic.frames, traffic.error_frames, traffic.frames_per_second) == (35, 5, 0)
    assert [(c.channel, c.frames) for c in traffic.channels] == [(0, 35)]


@given(st.lists(st.integers(-3 * S, 3 * S), min_size=1, max_size=30), st.integers(1, 5))
def test_the_axis_never_runs_back(steps: list[int], size: int) -> None:
    stamps = np.cumsum(np.array(steps, np.int64))
    axis = LiveAxis()
    places: list[int] = []
    for first in range(0, len(stamps), size):
        places += axis.advance(stamps[first : first + size]).tolist()
    assert places[0] == 0
    assert places == sorted(places)
    assert axis.now_ns >= places[-1]
    one_by_one = LiveAxis()
    assert places == [one_by_one.advance(stamps[n : n + 1]).tolist()[0] for n in range(len(stamps))]


def decide(frames: Sequence[Frame], final: bool) -> Decision | None:
    return DECIDED


def test_the_history_is_that_of_a_playback_of_the_same_frames() -> None:
    window, following = LiveWindow(), Following(decide)
    for first in range(0, len(FRAMES), 97):
        batch = FRAMES[first : first + 97]
        following.take(batch)
        window.take(following, batch)
    pull = window.pull(following)
    played = analyse(read_capture(str(shipped_recording("relock-before-pull"))), "reference")
    playback: Playback = played.playback()
    playback.step_frames(playback.frames)
    assert pull.snapshot is not None
    for signal in ("port.lock", "port.plug", "vehicle.lock"):
        live = [(change.change.new, change.at_s) for change in pull.track.recent(signal, 1000.0)]
        whole = [(change.change.new, change.at_s) for change in playback.recent(signal, 1000.0)]
        assert [new for new, _ in live] == [new for new, _ in whole]
        assert [at for _, at in live] == pytest.approx([at for _, at in whole], abs=0.2)
    attempts = pull.snapshot.attempts
    assert pull.track.attempts_at(attempts) == pytest.approx(
        playback.attempts_at(attempts), abs=0.2
    )
    assert len(pull.track.changes_so_far(1000.0)) == len(playback.changes_so_far())
    (held,) = pull.track.recent("port.lock", 0.001)
    assert held == pull.track.recent("port.lock", 1000.0)[-1]
    lock = next(at for at, signal in enumerate(played.watch.signals) if signal.name == "port.lock")
    assert pull.track.last_seen_s(lock) == pytest.approx(0.0, abs=0.2)


def test_what_was_said_beside_the_frames_is_told_and_sleep_is_a_silence() -> None:
    window, following = LiveWindow(), Following(decide)
    end_ns = FRAMES[-1].time_ns
    said: list[Input] = [
        BusEvent(end_ns + S, BusEventKind.SILENT, "can0", 0, "no frame for 1.5 s"),
        Mark(end_ns + 2 * S, "it sticks"),
        Tick(end_ns + 8 * S),
    ]
    for batch in (FRAMES, said):
        following.take(batch)
        window.take(following, batch)
    pull = window.pull(following)
    assert [type(told.item) for told in pull.told] == [BusEvent, Mark]
    assert [trouble.kind for trouble in pull.troubles] == [BusEventKind.SILENT]
    ((slept_from, slept_until),) = pull.track.silences(60.0)
    assert slept_until - slept_from == pytest.approx(7.5, abs=0.6)
    assert pull.track.elapsed_s == pytest.approx(slept_until)
    assert pull.track.silences(-1.0) == []


def test_another_car_begins_with_what_was_heard_before_it_was_named() -> None:
    window, following = LiveWindow(), Following(decide)
    following.take(FRAMES[:2500])
    window.take(following, FRAMES[:2500])
    first = following.session
    rows = following.rows_made
    assert first is not None
    following.start_over(decide)
    assert window.pull(following).decision is None
    following.take(FRAMES[2500:2600])
    window.take(following, FRAMES[2500:2600])
    assert following.session is not first
    assert following.frames == 2600
    assert following.rows_made >= rows
    recent = window.pull(following).track.recent("port.lock", 1000.0)
    assert (
        recent[-1].change.new == window.pull(following).snapshot.signal("port.lock").reading.value
    )  # type: ignore[union-attr]
