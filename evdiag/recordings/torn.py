"""Was the last line cut off? A last line without a line end is the only one that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.inputs import Frame, frame_key

if TYPE_CHECKING:
    from evdiag.recordings.report import ReadReport


def is_whole(frame: Frame, report: ReadReport) -> bool:
    """Tell whether the frame of a last line without line end can be trusted.

    For formats that write no length: a frame cut between two bytes looks like a shorter one. It
    counts as whole when it is full, or as long as its id ever was before.
    """
    length = len(frame.data)
    if frame.remote or length in (8, 64):
        return True
    known = report.known_lengths(frame.channel, frame_key(frame.id, frame.extended))
    return bool(known) and length >= max(known)
