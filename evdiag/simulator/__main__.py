"""Writes the shipped recordings: ``python3 -m evdiag.simulator recordings``.

Each story becomes a candump log and a sidecar that tells what happened. The same evdiag always
writes the same bytes; CI checks that `recordings/` is what this command makes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from evdiag.recordings.writers import candump_line
from evdiag.simulator.car import told
from evdiag.simulator.frames import CHANNEL, frames_of
from evdiag.simulator.stories import STORIES
from evdiag.simulator.story import Story
from evdiag.vehicles.library import library

START_NS = 1_760_000_000_000_000_000
"""The shipped recordings begin at 2025-10-09 08:53:20 UTC."""


def log_text(story: Story) -> str:
    """Return the story as a candump log."""
    frames = frames_of(story, library().profile(story.vehicle), start_ns=START_NS)
    return "".join(candump_line(frame, CHANNEL) for frame in frames)


def sidecar_text(story: Story) -> str:
    """Return what happened in the story, as JSON."""
    content = {
        "story": story.id,
        "title": story.title,
        "vehicle": story.vehicle,
        "seed": story.seed,
        "fault_found": story.fault_found,
        "evidence": list(story.evidence),
        "happened": [{"offset_s": h.at_s, "what": h.what} for h in told(story).truth],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write every story into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for story in STORIES:
        (folder / f"{story.id}.log").write_bytes(log_text(story).encode())
        (folder / f"{story.id}.json").write_bytes(sidecar_text(story).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "recordings"))
