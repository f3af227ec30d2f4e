"""Nothing that was put or ordered before the end is missing from the recording."""

import time
from collections.abc import Sequence
from pathlib import Path

from evdiag.inputs import Frame, Identified, Input
from evdiag.live.recorder import Recorder
from evdiag.live.sequence import InputSequence
from evdiag.recordings.journal.state import JournalState
from evdiag.recordings.journal.words import CarFiles, Vin


class SlowStore:
    """Takes its time to flush, as a disk does."""

    def __init__(self) -> None:
        self.written: list[Input] = []
        self.told: list[CarFiles | Vin] = []
        self.closed = False
        self.state = JournalState(0, (Path("x"),))

    def write(self, items: Sequence[Input]) -> None:
        assert not self.closed
        self.written += items

    def flush_if_due(self) -> None:
        time.sleep(0.01)

    def tell(self, word: CarFiles | Vin) -> None:
        assert not self.closed
        self.told.append(word)

    def close(self) -> None:
        self.closed = True


def test_what_is_put_and_ordered_last_is_written() -> None:
    last = Identified(7, "reference", None, (), 1.0)
    for _ in range(30):
        sequence, store = InputSequence(), SlowStore()
        recorder = Recorder(sequence.reader(), store)
        recorder.start()
        sequence.put([Frame(1, "can0", 1, False, b"")])
        sequence.put([last])
        sequence.end()
        recorder.order(lambda to: to.tell(Vin("EVD1AG0REFERENCE1")))
        recorder.join()
        assert store.written[-1] == last
        assert store.told
        assert store.closed
