"""Freshness, silence and epochs; and the two ways of decoding, held equal."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.signals.columns import signal_events
from evdiag.signals.events import BusAwake, BusSilent, Changed, EpochBegan, Expired
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.tracker import SignalTracker
from tests.signals.watches import WATCH

MS = 1_000_000


def port(at_ms: int, *data: int) -> Frame:
    return Frame(at_ms * MS, "can0", 0x100, False, bytes(data))


def other(at_ms: int) -> Frame:
    return Frame(at_ms * MS, "can0", 0x7FF, False, b"")


def events(*frames: Frame) -> list[object]:
    tracker = SignalTracker(WATCH)
    return [event for frame in frames for event in tracker.frame(frame)]


def beat(first_ms: int, last_ms: int) -> list[Frame]:
    """Frames of other modules that keep the bus awake."""
    return [other(at) for at in range(first_ms, last_ms + 1, 100)]


def test_a_value_goes_stale_at_its_deadline_and_not_before() -> None:
    on_time = events(port(0, 1), *beat(100, 1000))
    assert not [event for event in on_time if isinstance(event, Expired)]
    late = events(port(0, 1), *beat(100, 1000), other(1001))
    assert [event for event in late if isinstance(event, Expired)] == [
        Expired(1000 * MS, 0),
        Expired(1000 * MS, 1),
    ]


def test_the_deadline_fires_before_the_frame_that_got_time_there() -> None:
    seen = events(port(0, 1), *beat(100, 1000), port(1500, 1))
    places = [type(event).__name__ for event in seen if isinstance(event, (Expired, Changed))]
    assert places == ["Changed", "Changed", "Expired", "Expired", "Changed", "Changed"]
    assert seen[-1] == Changed(1500 * MS, 1, 0, "disconnected")


def test_a_silent_bus_makes_nothing_stale() -> None:
    seen = events(port(0, 1), port(60_000, 1))
    assert not [event for event in seen if isinstance(event, Expired)]
    assert BusSilent(500 * MS, "can0") in seen
    assert BusAwake(60_000 * MS, "can0") in seen


def test_after_a_silence_a_missing_module_has_its_full_time_again() -> None:
    seen = events(port(0, 1), *beat(60_000, 61_000))
    assert not [event for event in seen if isinstance(event, Expired)]
    seen = events(port(0, 1), *beat(60_000, 61_100))
    assert Expired(61_000 * MS, 0) in seen


def test_a_silence_that_only_a_jump_of_the_clock_ended_puts_deadlines_off_for_ever() -> None:
    error = Frame(20_000 * MS, "can0", 0, False, b"", error=True)
    frames = [port(0, 1), error, other(18_000), *beat(18_100, 19_500)]
    placed = signal_events(Excerpt.whole(Block.from_frames(frames)), WATCH)
    assert [event for _, event in placed] == events(*frames)
    assert not [event for _, event in placed if isinstance(event, Expired)]


def test_a_second_bus_keeps_no_sleeping_one_awake() -> None:
    foreign = [Frame(at * MS, "can1", 0x7FF, False, b"") for at in range(100, 60_000, 100)]
    seen = events(port(0, 1), *foreign, port(60_000, 1))
    assert not [event for event in seen if isinstance(event, Expired)]
    assert BusSilent(500 * MS, "can0") in seen


def test_event_messages_never_expire() -> None:
    key = Frame(0, "can0", 0x300, False, b"\x01")
    seen = events(key, *beat(100, 100_000))
    assert not [event for event in seen if isinstance(event, Expired)]


def test_a_step_back_within_a_second_is_no_epoch_and_moves_no_deadline_back() -> None:
    seen = events(other(5_000), port(4_100, 1), *beat(5_100, 6_000))
    assert not [event for event in seen if isinstance(event, (EpochBegan, Expired))]


def test_a_jump_back_begins_an_epoch_and_forgets() -> None:
    seen = events(port(5_000, 1), port(3_999, 1))
    assert seen[-3:] == [
        EpochBegan(3_999 * MS),
        Changed(3_999 * MS, 0, 1, "locked"),
        Changed(3_999 * MS, 1, 0, "disconnected"),
    ]


def test_a_short_frame_refreshes_only_what_it_carries() -> None:
    long, short = [port(0, 1, 10, 0)], [port(at, 1) for at in range(100, 1200, 100)]
    assert Expired(1000 * MS, 2) in events(*long, *short)
    assert Expired(1000 * MS, 0) not in events(*long, *short)


def test_a_multiplexer_page_has_its_own_freshness() -> None:
    def paged(at_ms: int, page: int) -> Frame:
        return Frame(at_ms * MS, "can0", 0x200, True, bytes((page, 7)))

    seen = events(paged(0, 1), *(paged(at, 0) for at in range(100, 2200, 100)))
    assert Expired(2000 * MS, 3) in seen


def test_standard_and_extended_ids_are_two_ids() -> None:
    assert events(Frame(0, "can0", 0x200, False, b"\x01\x07")) == []
    assert events(Frame(0, "can1", 0x100, False, b"\x01")) == []


def test_remote_and_error_frames_say_nothing() -> None:
    assert events(Frame(0, "can0", 0x100, False, b"", remote=True, requested_length=1)) == []
    assert events(Frame(0, "can0", 0x100, False, b"\x01", error=True)) == []


steps_ms = st.one_of(
    st.integers(0, 300), st.integers(400, 3000), st.just(20_000), st.integers(-3000, 0)
)
payloads = st.binary(max_size=4)
frames_drawn = st.lists(
    st.tuples(
        steps_ms,
        st.sampled_from([0x100, 0x200, 0x300, 0x7FF]),
        st.booleans(),
        st.sampled_from(["can0", "can0", "can0", "can1"]),
        payloads,
        st.sampled_from(["data", "data", "data", "data", "remote", "error"]),
    ),
    max_size=60,
)


def as_frames(drawn: list[tuple[int, int, bool, str, bytes, str]]) -> list[Frame]:
    now_ms, frames = 0, []
    for step_ms, identifier, extended, channel, data, kind in drawn:
        now_ms += step_ms
        remote = kind == "remote"
        frames.append(
            Frame(
                now_ms * MS,
                channel,
                identifier,
                extended,
                b"" if remote else data,
                remote=remote,
                error=kind == "error",
            )
        )
    return frames


@settings(max_examples=600, deadline=None)
@given(frames_drawn)
def test_columns_give_exactly_the_events_of_the_tracker(
    drawn: list[tuple[int, int, bool, str, bytes, str]],
) -> None:
    frames = as_frames(drawn)
    tracker = SignalTracker(WATCH)
    by_frame = [(row, event) for row, frame in enumerate(frames) for event in tracker.frame(frame)]
    by_columns = [
        tuple(placed) for placed in signal_events(Excerpt.whole(Block.from_frames(frames)), WATCH)
    ]
    assert by_columns == by_frame


@settings(max_examples=200, deadline=None)
@given(frames_drawn)
def test_stale_never_turns_fresh_without_a_frame(
    drawn: list[tuple[int, int, bool, str, bytes, str]],
) -> None:
    tracker = SignalTracker(WATCH)
    fresh: set[int] = set()
    for frame in as_frames(drawn):
        carried = WATCH.by_frame().get((frame.channel, frame.id | (frame.extended << 31)), ())
        for event in tracker.frame(frame):
            if isinstance(event, Changed):
                assert event.watched in carried
                fresh.add(event.watched)
            elif isinstance(event, Expired):
                assert event.watched in fresh
                fresh.discard(event.watched)
            elif isinstance(event, EpochBegan):
                fresh.clear()
