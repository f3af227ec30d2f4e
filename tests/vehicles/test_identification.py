"""Which car is it: from ids, lengths and periods together, and never a guess."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import frame_key
from evdiag.vehicles.identification import Seen, SeenId, candidates, decide, locate_buses
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Bus, ExpectedFrame, Profile

SECOND = 1_000_000_000


def car(name: str, *frames: ExpectedFrame, buses: int = 1) -> Profile:
    bus = Bus("bus 1", 500_000, "", False, frames)
    more = tuple(bus._replace(name=f"bus {n + 1}") for n in range(1, buses))
    return replace(library().profile("reference"), id=name, buses=(bus, *more))


def frames(first: int, count: int, length: int = 8, period_ms: int = 100) -> list[ExpectedFrame]:
    return [
        ExpectedFrame(identifier, False, length, period_ms, "cyclic")
        for identifier in range(first, first + count)
    ]


def seen(expected: list[ExpectedFrame], channel: int = 0, factor: float = 1.0) -> Seen:
    return {
        (channel, frame_key(frame.id, False)): SeenId(
            50, frozenset({frame.length or 8}), int((frame.period_ms or 0) * 1e6 * factor)
        )
        for frame in expected
    }


ONE = car("one", *frames(0x100, 20))
TWO = car("two", *frames(0x200, 20))


def decided(found: Seen, *cars: Profile, duration_ns: int = 30 * SECOND) -> str | None:
    best = decide(candidates(cars or (ONE, TWO), found, duration_ns, clock_is_time=True))
    return None if best is None else best.vehicle


def test_all_of_its_ids_name_the_car() -> None:
    assert decided(seen(frames(0x100, 20))) == "one"


def test_one_module_alone_names_it_too() -> None:
    assert decided(seen(frames(0x100, 5))) == "one"


def test_a_few_ids_in_a_crowd_do_not() -> None:
    crowd = seen(frames(0x400, 60)) | seen(frames(0x100, 5))
    assert decided(crowd) is None


def test_one_or_two_ids_never_do() -> None:
    assert decided(seen(frames(0x100, 2))) is None


def test_lengths_and_periods_count() -> None:
    assert decided(seen(frames(0x100, 20, length=4))) is None
    assert decided(seen(frames(0x100, 20), factor=3.0)) is None


def test_without_a_clock_periods_do_not_count() -> None:
    found = seen(frames(0x100, 20), factor=1e-5)
    ranked = candidates((ONE, TWO), found, None, clock_is_time=False)
    best = decide(ranked)
    assert best is not None
    assert best.vehicle == "one"


def test_two_cars_that_fit_alike_are_no_answer() -> None:
    twin = replace(ONE, id="twin")
    assert decided(seen(frames(0x100, 20)), ONE, twin) is None


def test_slow_frames_are_not_missed_in_a_short_recording() -> None:
    slow = car("slow", *frames(0x100, 5), *frames(0x300, 40, period_ms=10_000))
    assert decided(seen(frames(0x100, 5)) | seen(frames(0x700, 5)), slow) is None
    ranked = candidates(
        (slow,), seen(frames(0x100, 5)) | seen(frames(0x700, 5)), 2 * SECOND, clock_is_time=True
    )
    assert ranked[0].confidence > 0.5


def test_each_bus_finds_its_own_channel() -> None:
    both = car("both", *frames(0x100, 10), buses=1)
    second = Bus("bus 2", 500_000, "", False, tuple(frames(0x300, 10)))
    both = replace(both, buses=(*both.buses, second))
    found = seen(frames(0x300, 10), channel=0) | seen(frames(0x100, 10), channel=1)
    assert dict(locate_buses(both, found, 30 * SECOND, clock_is_time=True)) == {
        "bus 1": 1,
        "bus 2": 0,
    }


def test_a_bus_without_a_trace_is_left_out() -> None:
    assert locate_buses(ONE, seen(frames(0x400, 9)), None, clock_is_time=True) == ()


ids = st.lists(st.integers(0, 0x7FF), max_size=80, unique=True)


@given(ids, st.sampled_from([1, 10, 100, 1000]))
def test_random_buses_are_no_known_car(identifiers: list[int], period_ms: int) -> None:
    found: Seen = {
        (0, identifier): SeenId(50, frozenset({8}), period_ms * 1_000_000)
        for identifier in identifiers
    }
    ranked = candidates(library().profiles.values(), found, 30 * SECOND, clock_is_time=True)
    assert decide(ranked) is None or len(identifiers) < 8
