"""A recording read for one car: only the frames that matter to it are kept.

Live, replay and reports need every frame; what only asks for the signals of the charge port does
not, and most frames of a car are others. The car is guessed from the first frames. Where all of
them say another one in the end, the recording is read once more.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from evdiag.inputs.joining import joined
from evdiag.inputs.piece import Piece
from evdiag.recordings import open_recording
from evdiag.signals.sieve import Sieve
from evdiag.stamp_unit import in_better_unit
from evdiag.vehicles.identification import candidates, decide
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.wiring import Capture, Progress, read_capture, read_whole, seen_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.databases import Database
    from evdiag.inputs import FrameKey
    from evdiag.recordings import Recording
    from evdiag.recordings.columns.counting import CountedPiece
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.vehicles.profile import Layout, Profile

_UNDECIDED_PIECES: Final = 8
"""Kept whole while the car is not known; then it is left to the end, and to a second reading."""


def sift_capture(
    name: str,
    vehicle: str | None = None,
    time_unit: TimeUnit | None = None,
    progress: Progress = lambda pieces: pieces,
) -> Capture:
    """Read a recording for a car: the one named, or the one that its first frames look like.

    `evdiag.wiring.analyse` makes of it what it makes of a capture with all frames.

    Raises:
        BadInputError: it cannot be read, or there is no such car.
    """
    recording = open_recording(name, time_unit=time_unit)
    if recording.journal is not None:
        return read_capture(name, time_unit, progress)
    capture = _sift(recording, vehicle, progress)
    better = in_better_unit(recording, capture.sifted_for)
    return capture if better is None else _sift(better, vehicle, progress)


def _sift(recording: Recording, vehicle: str | None, progress: Progress) -> Capture:
    profile = None if vehicle is None else library().profile(vehicle)
    sieve = None if profile is None else _sieve(profile)
    early: list[CountedPiece] = []
    number = 0
    for number, counted in enumerate(progress(recording.pieces()), 1):
        if sieve is None and number <= _UNDECIDED_PIECES:
            early.append(_with_data(counted))
            profile = _guess(recording)
            if profile is not None:
                sieve = _sieve(profile)
                for kept in early:
                    _take(sieve, kept, recording)
                early.clear()
        elif sieve is not None:
            _take(sieve, counted, recording)
    report = recording.report
    warnings = tuple(report.warnings())
    if profile is None or sieve is None:
        block = joined(counted.piece.block().in_order_of_appearance() for counted in early)
        whole = None if number <= _UNDECIDED_PIECES else partial(read_whole, recording)
        return Capture(recording.name, report, block, warnings, read_whole=whole)
    excerpt = sieve.excerpt()
    return Capture(
        recording.name,
        report,
        excerpt.block,
        warnings,
        excerpt=excerpt,
        sifted_for=profile.id,
        read_whole=partial(read_whole, recording),
    )


def _with_data(counted: CountedPiece) -> CountedPiece:
    from evdiag.recordings.columns.counting import CountedPiece

    return CountedPiece(Piece.of(counted.piece.block()), counted.slots)


def _take(sieve: Sieve, counted: CountedPiece, recording: Recording) -> None:
    assert recording.counter is not None
    sieve.take(counted.piece, counted.slots, recording.counter.keys)


def _guess(recording: Recording) -> Profile | None:
    """Return the car that the frames read so far look like."""
    report = recording.report
    covered_ns = (report.last_ns or 0) - (report.first_ns or 0)
    ranked = candidates(
        library().profiles.values(), seen_in(report), covered_ns, clock_is_time=True
    )
    best = decide(ranked)
    return None if best is None else library().profile(best.vehicle)


def _sieve(profile: Profile) -> Sieve:
    """Return what keeps the frames of this car, whichever layout and buses it turns out to have."""
    layouts = [(layout, databases(profile, layout)) for layout in profile.layouts]
    watches = [
        watch_of(profile, layout, loaded, {bus.name: bus.name})
        for layout, loaded in layouts
        for bus in profile.buses
    ]
    told_apart = () if profile.shared_layout is None else layouts
    judged = {key for layout, loaded in told_apart for key in _judged(layout, loaded)}
    return Sieve.of(watches, judged)


def _judged(layout: Layout, loaded: tuple[Database, ...]) -> Iterator[FrameKey]:
    """Yield the keys of the messages by which a layout of a car is told from the others."""
    paths = {path for rule in layout.rules for path in (rule.then, *dict(rule.when))}
    names = {path.partition(".")[0] for path in paths}
    for database in loaded:
        yield from (message.key for message in database.messages if message.name in names)
