"""Records a fast stream until it is killed, as the recorder's thread does; run by the kill test.

``python -m tests.recordings.journal.fast_recorder FOLDER OPTIONS``: after each flush it prints how
many frames were given to the journal before it, so that the test knows what must be there.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from evdiag.inputs import Input, Tick
from evdiag.recordings.journal import Header, Journal
from tests.recordings.journal.numbered import WALL_NS, frame

BATCH = 500
"""Frames; forty batches a second are 20,000 frames/s."""


def main() -> None:
    """Record."""
    journal = Journal(Path(sys.argv[1]), Header(WALL_NS, 0), **json.loads(sys.argv[2]))
    given = 0
    while True:
        batch: list[Input] = [frame(number) for number in range(given, given + BATCH)]
        given += BATCH
        journal.write([*batch, Tick(batch[-1].time_ns + 1_500_000)])
        journal.flush_if_due()
        sys.stdout.write(f"{time.monotonic()} {given}\n")
        sys.stdout.flush()
        time.sleep(BATCH / 20_000)


if __name__ == "__main__":
    main()
