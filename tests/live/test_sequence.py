"""One order for all readers; what does not fit is counted."""

import threading

from evdiag.inputs import BusEvent, BusEventKind, Frame, Identified, Tick
from evdiag.live.sequence import InputSequence


def frame(number: int) -> Frame:
    return Frame(number, "can0", number, False, b"")


def test_every_reader_takes_everything_in_the_same_order() -> None:
    sequence = InputSequence()
    first, second = sequence.reader(), sequence.reader()
    sequence.put([frame(1), Tick(2)])
    assert first.take() == [frame(1), Tick(2)]
    sequence.put([frame(3)])
    assert first.take() == [frame(3)]
    assert second.take() == [frame(1), Tick(2), frame(3)]
    assert sequence.frames == 2
    assert sequence.latest_ns == 3


def test_threads_that_put_at_once_are_ordered_once() -> None:
    sequence = InputSequence()
    readers = [sequence.reader() for _ in range(3)]
    writers = [
        threading.Thread(
            target=lambda base=base: [sequence.put([frame(base + n)]) for n in range(500)]
        )
        for base in (0, 10_000, 20_000)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    taken = [reader.take() for reader in readers]
    assert taken[0] == taken[1] == taken[2]
    assert len(taken[0]) == 1500
    for base in (0, 10_000, 20_000):
        mine = [f.time_ns for f in taken[0] if base <= f.time_ns < base + 10_000]
        assert mine == sorted(mine)


def test_a_reader_that_is_too_slow_loses_counted_inputs_and_no_other_does() -> None:
    sequence = InputSequence()
    slow, quick = sequence.reader(limit=2), sequence.reader()
    for number in range(5):
        sequence.put([frame(number)])
    *kept, lost = slow.take()
    assert kept == [frame(0), frame(1)]
    assert isinstance(lost, BusEvent)
    assert (lost.kind, lost.count) == (BusEventKind.FRAMES_LOST, 3)
    assert len(quick.take()) == 5
    sequence.put([frame(9)])
    assert slow.take() == [frame(9)]


def test_nothing_enters_after_the_end_and_nobody_waits_for_it() -> None:
    sequence = InputSequence()
    reader = sequence.reader()
    sequence.put([frame(1)])
    sequence.end()
    sequence.put([frame(2)])
    assert reader.ended
    assert reader.take(timeout_s=60) == [frame(1)]
    assert reader.take(timeout_s=60) == []


def test_recognising_the_car_does_not_turn_time_back() -> None:
    sequence = InputSequence()
    sequence.put([frame(50)])
    sequence.put([Identified(7, "reference", None, (), 1.0)])
    assert sequence.latest_ns == 50


def test_a_forgotten_reader_is_given_nothing_more() -> None:
    sequence = InputSequence()
    reader = sequence.reader()
    sequence.forget(reader)
    sequence.put([frame(1)])
    assert reader.take() == []
    assert reader.ended
