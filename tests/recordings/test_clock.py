"""What is wrong with a logger's clock, judged in one place for all formats."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.recordings import open_recording
from evdiag.recordings.clock import MICROSECOND_COUNTER, MIDNIGHT, Clock
from evdiag.recordings.report import AnomalyKind, ReadReport

SECOND = 10**9
US = 1000


def _watch(stamps: list[int], **how: object) -> tuple[list[int], ReadReport]:
    report = ReadReport("test")
    clock = Clock(report, **{"unit_ns": US, **how})
    seen = [clock.see(stamp) for stamp in stamps]
    clock.finish()
    return seen, report


def _found(report: ReadReport) -> dict[AnomalyKind, int]:
    return {found.kind: found.count for found in report.anomalies}


def test_rising_and_equal_stamps_are_no_anomaly() -> None:
    stamps = [5 * US, 5 * US, 90 * US, SECOND]
    seen, report = _watch(stamps)
    assert seen == stamps
    assert _found(report) == {}
    assert report.duration_ns == SECOND - 5 * US


def test_small_steps_back_are_counted_and_stay_in_their_epoch() -> None:
    _, report = _watch([SECOND, 2 * SECOND, 2 * SECOND - US, 3 * SECOND])
    assert _found(report) == {AnomalyKind.BACKWARD_STEPS: 1}
    assert report.anomalies[0].first == 3
    assert report.duration_ns == 2 * SECOND


def test_jump_back_opens_an_epoch_that_adds_to_the_duration() -> None:
    _, report = _watch([10 * SECOND, 15 * SECOND, SECOND, 3 * SECOND])
    assert _found(report) == {AnomalyKind.CLOCK_JUMPS: 1}
    assert report.duration_ns == 7 * SECOND
    assert len(list(report.warnings())) == 1


def test_negative_stamps_are_counted_and_still_tell_time() -> None:
    _, report = _watch([-2 * SECOND, -SECOND, SECOND])
    assert _found(report) == {AnomalyKind.NEGATIVE_STAMPS: 2}
    assert report.duration_ns == 3 * SECOND


def test_all_zero_stamps_tell_no_time() -> None:
    _, report = _watch([0, 0, 0])
    assert _found(report) == {AnomalyKind.ZERO_STAMPS: 3}
    assert report.duration_ns is None
    assert not report.has_clock


def test_one_zero_is_a_start() -> None:
    _, report = _watch([0, 5 * US])
    assert _found(report) == {}


def test_stamps_that_rise_by_one_are_a_counter() -> None:
    _, report = _watch([number * US for number in range(7, 400)])
    assert _found(report) == {AnomalyKind.COUNTER_STAMPS: 393}
    assert report.duration_ns is None
    assert not report.has_clock


@pytest.mark.parametrize(("step_ns", "first_ns"), [(US, SECOND), (10 * US, 7), (SECOND, 0)])
def test_a_counter_may_be_written_in_another_unit(step_ns: int, first_ns: int) -> None:
    """As when a table with row numbers was made candump text of."""
    stamps = [first_ns + number * step_ns for number in range(400)]
    _, report = _watch(stamps, unit_ns=1)
    assert _found(report) == {AnomalyKind.COUNTER_STAMPS: 400}
    _, few = _watch(stamps[:5], unit_ns=1)
    assert _found(few) == {}


@pytest.mark.parametrize("step_ns", [0, 40 * US, 10 * 1000 * US])
def test_steps_that_a_bus_can_take_are_no_counter(step_ns: int) -> None:
    _, report = _watch([SECOND + number * step_ns for number in range(400)], unit_ns=1)
    assert _found(report) == {}


def test_one_other_step_is_enough_for_a_clock() -> None:
    _, report = _watch([number * US for number in range(400)] + [402 * US])
    assert _found(report) == {}
    assert report.has_clock


def test_frames_a_millisecond_apart_are_no_counter() -> None:
    _, report = _watch([number * 10**6 for number in range(400)], unit_ns=10**6)
    assert _found(report) == {}


def test_counter_wrap_goes_on_and_a_late_bus_does_not_wrap_again() -> None:
    end = 1 << 32
    stamps = [(end - 9) * US, 2 * US, (end - 1) * US, 40 * US, 50 * US]
    seen, report = _watch(stamps, wrap=MICROSECOND_COUNTER)
    assert seen == [(end + offset) * US for offset in (-9, 2, -1, 40, 50)]
    assert _found(report) == {AnomalyKind.CLOCK_WRAPS: 1, AnomalyKind.BACKWARD_STEPS: 1}


def test_second_capture_in_the_file_is_no_wrap() -> None:
    stamps = [3000 * SECOND, 3001 * SECOND, SECOND, 2 * SECOND]
    seen, report = _watch(stamps, wrap=MICROSECOND_COUNTER)
    assert seen == stamps
    assert _found(report) == {AnomalyKind.CLOCK_JUMPS: 1}


def test_every_midnight_counts() -> None:
    day = 86_400 * SECOND
    evening, morning = day - SECOND, SECOND
    noon = day // 2
    seen, report = _watch([evening, morning, noon, evening, morning], wrap=MIDNIGHT)
    assert seen == [evening, day + morning, day + noon, day + evening, 2 * day + morning]
    assert _found(report) == {AnomalyKind.CLOCK_WRAPS: 2}


def test_scale_makes_milliseconds_of_microseconds() -> None:
    seen, _ = _watch([2124377 * US, 2124577 * US], scale=(10**6, 10**3))
    assert seen == [2124377 * 10**6, 2124577 * 10**6]


@given(st.lists(st.integers(-(10**13), 10**13), max_size=60))
def test_without_a_wrap_no_stamp_is_ever_changed(stamps: list[int]) -> None:
    seen, report = _watch(stamps)
    assert seen == stamps
    found = _found(report)
    backwards = sum(later < earlier for earlier, later in pairwise(stamps))
    assert backwards <= found.get(AnomalyKind.BACKWARD_STEPS, 0) + found.get(
        AnomalyKind.CLOCK_JUMPS, 0
    )
    assert report.duration_ns is None or report.duration_ns >= 0


def test_a_unit_in_which_stamps_are_no_times_skips_their_rows_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "drive.csv"
    rows = [f"{1_621_841_258_000_000 + row},000001D0,false,Rx,0,1,{row:02X},\n" for row in range(5)]
    early = [f"{row},000001D0,false,Rx,0,1,{row:02X},\n" for row in range(3)]
    path.write_text("Time Stamp,ID,Extended,Dir,Bus,LEN,D1\n" + "".join([*early, *rows]))

    in_columns = open_recording(path, time_unit="s")
    in_columns.read_through()
    one_by_one = open_recording(path, time_unit="s")

    assert [frame.time_ns for frame in one_by_one.frames()] == [0, 10**9, 2 * 10**9]
    for report in (in_columns.report, one_by_one.report):
        assert (report.frames, report.skipped_lines) == (3, 5)
        assert AnomalyKind.IMPOSSIBLE_STAMPS in {found.kind for found in report.anomalies}
