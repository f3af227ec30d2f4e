"""The unit of a recording's stamps, checked against the cycle times of the cars that are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evdiag.recordings import Recording, open_recording
from evdiag.recordings.time_unit import corrected_unit, guess_time_power
from evdiag.vehicles.library import library

if TYPE_CHECKING:
    from evdiag.inputs import FrameKey
    from evdiag.recordings.recording import EachPass
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.vehicles.profile import Profile


def open_checked(
    name: str, time_unit: TimeUnit | None = None, progress: EachPass | None = None
) -> Recording:
    """Open a recording for reading frame by frame, in the unit that its stamps are in.

    Decides as `evdiag.wiring.read_capture` does, by a pass of its own where there is something to
    decide. Every pass over the recording goes through `progress`.

    Raises:
        BadInputError: it cannot be read.
    """
    recording = open_recording(name, time_unit=time_unit)
    recording.progress = progress
    if time_unit is not None or recording.written_unit is None:
        return recording
    recording.read_through()
    return in_better_unit(recording) or recording


def in_better_unit(recording: Recording, vehicle: str | None = None) -> Recording | None:
    """Return a recording, once read, in another unit; None where its own or the person's stands.

    `vehicle` is the car that it is probably of: if its cycle times are right, no other is asked.
    """
    written_in, report = recording.written_unit, recording.report
    if recording.time_unit is not None or written_in is None or not report.has_clock:
        return None
    observed = report.periods_ns()
    known = library()
    if vehicle is not None and _wrong_by(observed, known.profile(vehicle)) == 0:
        return None
    found = {_wrong_by(observed, profile) for profile in known.profiles.values()}
    powers = [power for power in found if power is not None]
    if len(powers) != 1:
        # No known car, or one that says the unit is right: leave the stamps as they are.
        return None
    unit = corrected_unit(written_in, powers[0])
    return None if unit is None or unit == written_in else recording.in_unit(unit)


def _wrong_by(observed: Mapping[FrameKey, int], profile: Profile) -> int | None:
    """Return what `guess_time_power` does of the cycle times of a car."""
    return guess_time_power(observed, _cycles(profile))


def _cycles(profile: Profile) -> dict[FrameKey, int]:
    return {
        frame.key: frame.period_ms
        for bus in profile.buses
        for frame in bus.frames
        if frame.period_ms is not None and frame.sends != "event"
    }
