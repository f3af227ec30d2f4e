"""What a sieve keeps of a recording makes the same events as all of it, and is little."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.counting import Counter
from evdiag.recordings.report import ReadReport
from evdiag.signals.columns import signal_events
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.sequence import PlacedInput, stepped
from evdiag.signals.sieve import Sieve
from evdiag.signals.watch import Watch
from tests.signals.test_events import MS, as_frames, frames_drawn, port
from tests.signals.watches import POLLED_WATCH, WATCH

WATCHES = st.sampled_from([WATCH, POLLED_WATCH])
AT_ONCE = st.sampled_from([1, 1, 10, 1000])


def sifted(pieces: list[list[Frame]], watch: Watch, rows_at_once: int = 1) -> Excerpt:
    counter = Counter(ReadReport("test"))
    sieve = Sieve.of([watch], rows_at_once=rows_at_once)
    for frames in pieces:
        counted = counter.count(Piece.of(Block.from_frames(frames)))
        sieve.take(counted.piece, counted.slots, counter.keys)
    return sieve.excerpt()


def steps(excerpt: Excerpt, watch: Watch) -> list[object]:
    made = stepped(signal_events(excerpt, watch), excerpt.before_ns)
    return [step.stream_ns if isinstance(step, PlacedInput) else step.event for step in made]


def in_pieces(frames: list[Frame], cuts: list[int]) -> list[list[Frame]]:
    places = [0, *sorted(cut % (len(frames) + 1) for cut in cuts), len(frames)]
    return [frames[first:end] for first, end in pairwise(places)]


@settings(max_examples=800, deadline=None)
@given(frames_drawn, st.lists(st.integers(0, 60), max_size=4), WATCHES, st.randoms(), AT_ONCE)
def test_an_excerpt_says_what_the_whole_says(drawn, cuts, watch, random, at_once) -> None:  # type: ignore[no-untyped-def]
    frames = [
        frame._replace(direction=random.choice([None, None, "rx", "tx"]))
        for frame in as_frames(drawn)
    ]
    whole = Excerpt.whole(Block.from_frames(frames))
    assert steps(sifted(in_pieces(frames, cuts), watch, at_once), watch) == steps(whole, watch)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(20, 40) | st.sampled_from([100, 490, 510, 900, 1100, -5, -2000]),
            st.integers(1, 40),
            st.sampled_from([1, 1, 2]),
            st.sampled_from([0x100, 0x100, 0x7FF]),
        ),
        max_size=12,
    ),
    st.lists(st.integers(0, 480), max_size=4),
    AT_ONCE,
)
def test_so_does_that_of_steady_traffic(drawn, cuts, at_once) -> None:  # type: ignore[no-untyped-def]
    now_ms, frames = 0, []
    for period_ms, times, value, identifier in drawn:
        for number in range(times):
            now_ms += period_ms
            turn = identifier if number % 2 else 0x7FF
            way = "tx" if number % 7 == value else None
            payload = bytes((value + (number % 7 == 3),))
            frames.append(Frame(now_ms * MS, "can0", turn, False, payload, direction=way))
    whole = Excerpt.whole(Block.from_frames(frames))
    excerpt = sifted(in_pieces(frames, cuts), WATCH, at_once)
    assert steps(excerpt, WATCH) == steps(whole, WATCH)


def test_a_bus_is_heard_up_to_a_jump_of_the_clock_of_another() -> None:
    """Back into the half second in which it was last heard."""
    frames = [port(700, 1)]
    frames += [Frame(at * MS, "can0", 0x7FF, False, b"") for at in range(800, 1451, 50)]
    frames += [Frame(at * MS, "can1", 0x7FF, False, b"") for at in range(1500, 2701, 50)]
    frames += [Frame(at * MS, "can0", 0x7FF, False, b"") for at in range(1490, 1800, 50)]
    whole = Excerpt.whole(Block.from_frames(frames))
    assert steps(sifted([frames], WATCH), WATCH) == steps(whole, WATCH)


def test_what_is_said_again_and_again_is_kept_twice_a_piece() -> None:
    frames = [port(at, 1) for at in range(0, 60_000, 10)]
    excerpt = sifted([frames[:3000], frames[3000:]], WATCH)
    halves = 60 * 2
    assert len(excerpt.block) < 2 * halves + 10
    assert steps(excerpt, WATCH) == steps(Excerpt.whole(Block.from_frames(frames)), WATCH)


def test_what_comes_between_two_alike_is_a_change() -> None:
    """Sent by the recording computer, or in a piece with CAN FD frames."""
    fd = Frame(250 * MS, "can0", 0x7FE, False, bytes(12), fd=True)
    alike = [port(at, 1) for at in (0, 100, 300, 350, 400)]
    sent = port(200, 2)._replace(direction="tx")
    for pieces in (
        [[*alike[:2], sent, *alike[2:]]],
        [alike[:2], [port(200, 2), fd], alike[2:]],
        [alike[:2], [sent], alike[2:]],
    ):
        frames = [frame for piece in pieces for frame in piece]
        whole = Excerpt.whole(Block.from_frames(frames))
        assert steps(sifted(pieces, WATCH), WATCH) == steps(whole, WATCH)
