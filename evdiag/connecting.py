"""Joins live buses, the decision which car it is, the recorder and the session."""

from __future__ import annotations

from collections.abc import Sequence

from evdiag.errors import BadInputError
from evdiag.inputs import Block, Frame
from evdiag.recordings import ReadReport
from evdiag.session.following import Decide, Decision
from evdiag.vehicles.library import library
from evdiag.wiring import Analysis, Capture, analyse


def decider(vehicle: str | None) -> Decide:
    """Return what decides which car is on the bus: the named one, or the one that fits.

    Raises:
        BadInputError: no profile is called `vehicle`.
    """
    if vehicle is not None:
        library().profile(vehicle)

    def decide(frames: Sequence[Frame], final: bool) -> Decision | None:
        try:
            analysis = analyse(captured_live(frames), vehicle)
        except BadInputError:
            # No car fits well enough yet: more frames may tell.
            return None
        if not analysis.identified.channels:
            return None
        if _layout_is_open(analysis) and not final:
            return None
        return Decision(analysis.identified, analysis.profile, analysis.watch, analysis.warnings)

    return decide


def captured_live(frames: Sequence[Frame]) -> Capture:
    """Return the frames heard so far as a capture, as if they had been read from a file."""
    report = ReadReport("live")
    for frame in frames:
        report.add(frame)
    if report.first_ns is not None and report.last_ns is not None:
        report.duration_ns = max(0, report.last_ns - report.first_ns)
    report.complete = True
    return Capture("live", report, Block.from_frames(frames), ())


def _layout_is_open(analysis: Analysis) -> bool:
    return analysis.profile.shared_layout is not None and analysis.identified.layout is None
