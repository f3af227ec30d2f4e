"""The black box keeps the last minutes, and writes them with what comes after."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.errors import BadInputError
from evdiag.inputs import Frame, Identified, Input, Mark, Tick
from evdiag.recordings.journal import BlackBox
from evdiag.recordings.journal.ring import Ring
from evdiag.recordings.journal.words import Trigger
from tests.recordings.journal.failing_disk import Clock
from tests.recordings.journal.inputs_drawn import HEADER, read_back
from tests.recordings.journal.numbered import WALL_NS, S, frame

TENTH = 100_000_000


def at(tenths: int) -> Frame:
    """Return a frame at a tenth of a second."""
    return frame(tenths * 100)


def box(folder: Path, **options: object) -> BlackBox:
    """Return a black box of 10 s that goes on for 3 s."""
    made = {"window_s": 10.0, "after_s": 3.0, **options}
    return BlackBox(folder, HEADER, **made)  # type: ignore[arg-type]


def feed(recorder: BlackBox, first: int, end: int) -> None:
    """Let time go by, ten frames a second."""
    for tenths in range(first, end):
        recorder.write([at(tenths)])
        recorder.flush_if_due()


def test_nothing_is_written_until_something_happens(tmp_path: Path) -> None:
    recorder = box(tmp_path / "made")
    feed(recorder, 0, 300)
    recorder.close()
    assert list((tmp_path / "made").iterdir()) == []
    assert recorder.state.saved == 0
    assert recorder.state.held < 130


def test_a_trigger_saves_what_was_and_what_comes(tmp_path: Path) -> None:
    recorder = box(tmp_path)
    identified = Identified(WALL_NS, "reference", None, (), 0.9, 7)
    recorder.write([identified])
    feed(recorder, 0, 300)
    recorder.save("attempt 1 ended: stalled")
    feed(recorder, 300, 400)
    (path,) = recorder.state.files
    read, facts, _ = read_back(path)
    assert read[0] == Identified(WALL_NS, "reference", None, (), 0.9, 0)
    seen = [round((item.time_ns - WALL_NS) / TENTH) for item in read[1:]]
    assert seen == list(range(seen[0], seen[-1] + 1))
    assert 180 <= seen[0] <= 200
    assert 329 <= seen[-1] <= 330
    assert [word.reason for word in facts.words if isinstance(word, Trigger)] == [
        "attempt 1 ended: stalled"
    ]
    assert (facts.header.mode, facts.closed, recorder.state.saved) == ("black box", True, 1)


def test_a_mark_is_a_trigger_and_a_second_one_puts_the_end_off(tmp_path: Path) -> None:
    recorder = box(tmp_path)
    feed(recorder, 0, 20)
    recorder.write([Mark(at(20).time_ns, "it sticks")])
    feed(recorder, 20, 40)
    recorder.write([Mark(at(40).time_ns, "still")])
    feed(recorder, 40, 100)
    feed(recorder, 100, 300)
    recorder.write([Mark(at(300).time_ns, "again")])
    recorder.close()
    first, second = sorted(recorder.state.files)
    read, facts, _ = read_back(first)
    assert [placed.item for placed in facts.marks] == [
        Mark(at(20).time_ns, "it sticks"),
        Mark(at(40).time_ns, "still"),
    ]
    assert read[0] == at(0)
    assert read[-1] == at(70)
    assert read_back(second)[0][-1] == Mark(at(300).time_ns, "again")
    assert recorder.state.saved == 2
    assert recorder.state.closed


def test_a_folder_that_cannot_be_used_is_said_before_it_matters(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInputError, match="nothing can be recorded"):
        box(tmp_path / "file")


def test_a_disk_that_is_gone_when_it_matters_is_tried_again(tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "stick"
    recorder = box(folder, clock=clock)
    feed(recorder, 0, 20)
    folder.rmdir()
    folder.write_text("", encoding="utf-8")
    recorder.save("fault")
    assert "nothing can be recorded" in (recorder.state.alarm or "")
    folder.unlink()
    clock.now_s = 3.0
    feed(recorder, 20, 25)
    assert recorder.state.alarm is None
    recorder.close()
    assert read_back(recorder.state.files[0])[0] == [at(tenths) for tenths in range(25)]


def times(ring: Ring) -> list[float]:
    return [(item.time_ns - WALL_NS) / S for item in ring.items()]


def test_the_ring_is_bounded_by_frames_too() -> None:
    ring = Ring(10 * S, most_frames=100)
    ring.add([frame(number) for number in range(5000)])
    assert ring.frames <= 105
    assert list(ring.items())[-1] == frame(4999)


def test_a_clock_that_is_set_throws_nothing_away() -> None:
    ring = Ring(10 * S, most_frames=1000)
    before: list[Input] = [Tick(WALL_NS + second * S) for second in range(5)]
    after: list[Input] = [Tick(second * S) for second in range(5)]
    again: list[Input] = [Tick(WALL_NS + (900 + second) * S) for second in range(3)]
    ring.add(before)
    ring.add(after)
    assert list(ring.items()) == before + after
    ring.add(again[:1])
    assert list(ring.items())[-6:] == after + again[:1]
    ring.add(again)
    assert len(times(ring)) >= 8


def test_jitter_between_two_buses_is_no_passing_of_time() -> None:
    ring = Ring(10 * S, most_frames=10_000)
    for second in range(5):
        for _ in range(100):
            ring.add([Tick(WALL_NS + second * S), Tick(WALL_NS + second * S - TENTH)])
    assert len(times(ring)) == 1000


def test_on_demand_it_records_from_before_the_start_until_it_is_stopped(tmp_path: Path) -> None:
    recorder = box(tmp_path / "made", on_demand=True)
    recorder.write([Mark(at(0).time_ns, "no trigger")])
    feed(recorder, 0, 200)
    assert not (tmp_path / "made").exists()
    assert recorder.state.writing_since_ns is None
    recorder.start("a person started it")
    feed(recorder, 200, 900)
    assert recorder.state.writing_since_ns is not None
    recorder.stop()
    feed(recorder, 900, 950)
    assert recorder.state.writing_since_ns is None
    recorder.close()
    (path,) = recorder.state.files
    read, facts, _ = read_back(path)
    seen = [round((item.time_ns - WALL_NS) / TENTH) for item in read]
    assert seen == list(range(seen[0], 900))
    assert 80 <= seen[0] <= 100
    assert (facts.header.mode, facts.closed, recorder.state.saved) == ("record", True, 1)


def test_it_can_be_started_again_with_what_came_in_between(tmp_path: Path) -> None:
    recorder = box(tmp_path, on_demand=True)
    recorder.start("first")
    feed(recorder, 0, 10)
    recorder.stop()
    feed(recorder, 10, 20)
    recorder.start("second")
    feed(recorder, 20, 30)
    recorder.close()
    first, second = recorder.state.files
    assert read_back(first)[0] == [at(tenths) for tenths in range(10)]
    assert read_back(second)[0] == [at(tenths) for tenths in range(30)]
    assert recorder.state.frames == 40


def test_a_folder_that_cannot_be_used_is_an_alarm_once_it_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    recorder = box(tmp_path / "file", on_demand=True)
    feed(recorder, 0, 10)
    assert recorder.state.alarm is None
    recorder.start("now")
    assert "nothing can be recorded" in (recorder.state.alarm or "")
    assert recorder.state.writing_since_ns is not None
    recorder.stop()
    assert recorder.state.alarm is None
    recorder.close()


def test_a_car_named_meanwhile_counts_the_frames_of_the_recording(tmp_path: Path) -> None:
    recorder = box(tmp_path, on_demand=True)
    feed(recorder, 0, 500)
    kept = recorder.state.held
    recorder.start("now")
    assert recorder.state.held == 0, "they are on disk, and stay in memory for the next one"
    feed(recorder, 500, 600)
    recorder.write([Identified(WALL_NS, "reference", None, (), 1.0, 550)])
    feed(recorder, 600, 610)
    recorder.close()
    _, facts, _ = read_back(recorder.state.files[0])
    assert facts.identified is not None
    assert facts.identified.from_frame == 550 - (500 - kept)
