"""A recorder that is killed leaves all but its last second, in order, and nothing twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evdiag.inputs import Frame
from tests.recordings.journal.inputs_drawn import read_back
from tests.recordings.journal.numbered import frame

KILLS = 10


@pytest.mark.parametrize(
    "options", [{}, {"rotate_bytes": 200_000, "compress": True}], ids=["plain", "rotated-packed"]
)
def test_killed_at_any_moment(tmp_path: Path, options: dict[str, object]) -> None:
    chance = random.Random(5)
    for number in range(KILLS // 2):
        folder = tmp_path / str(number)
        said = _killed_after(folder, options, chance.uniform(0.1, 1.5), chance.random() / 30)
        given_at = [(float(at), int(given)) for at, given in map(str.split, said)]
        last_s = given_at[-1][0]
        # What was given a second before the last word is there.
        due = max((given for at, given in given_at if at < last_s - 1.0), default=0)
        (first,) = [path for path in folder.glob("*.log*") if ".part" not in path.name]
        read, facts, recording = read_back(first)
        frames = [item for item in read if isinstance(item, Frame)]
        assert frames == [frame(each) for each in range(len(frames))]
        assert due <= len(frames) <= given_at[-1][1] + 500
        assert not facts.closed
        assert recording.report.skipped_lines == recording.report.lost_frames == 0


def _killed_after(
    folder: Path, options: dict[str, object], seconds: float, pause: float
) -> list[str]:
    """Return what the recorder said before it was killed, `seconds` after its first word."""
    command = [sys.executable, "-m", "tests.recordings.journal.fast_recorder", str(folder)]
    with subprocess.Popen(
        [*command, json.dumps(options)], stdout=subprocess.PIPE, text=True
    ) as recorder:
        assert recorder.stdout is not None
        first = recorder.stdout.readline()
        assert first, "the recorder did not begin"
        begun_s = float(first.split()[0])
        said = [first]
        for line in recorder.stdout:
            said.append(line)
            if float(line.split()[0]) - begun_s >= seconds:
                break
        # Not only while it sleeps after a batch.
        time.sleep(pause)
        recorder.kill()
        said += recorder.stdout.read().splitlines(keepends=True)
    return [line for line in said if line.endswith("\n")]
