"""Joins live buses, the decision which car it is, the recorder and the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.errors import BadInputError
from evdiag.guide_files import book
from evdiag.inputs import Block, Frame
from evdiag.live.follower import Hook
from evdiag.live.live import Live, channel_labels
from evdiag.live.recorder import Store
from evdiag.plain import plain_text
from evdiag.recordings import ReadReport
from evdiag.recordings.journal.black_box import BlackBox
from evdiag.recordings.journal.header import Header
from evdiag.recordings.journal.words import CarFiles
from evdiag.recordings.journal.writer import Journal
from evdiag.session.following import Decide, Decision, Following
from evdiag.vehicles import identification
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from evdiag.wiring import Analysis, Capture, analyse, rank

_ENOUGH_FRAMES = 40_000
"""Ten seconds of a full 500 kbit/s bus tell a car; more would only keep the screen waiting."""


def decider(vehicle: str | None) -> Decide:
    """Return what decides which car is on the bus: the named one, or the one that fits.

    Raises:
        BadInputError: no profile is called `vehicle`.
    """
    # Read here, before a bus is open: reading it takes long enough for frames to pile up.
    known = library()
    if vehicle is not None:
        known.profile(vehicle)

    def decide(frames: Sequence[Frame], final: bool) -> Decision | None:
        try:
            analysis = analyse(captured_live(frames[-_ENOUGH_FRAMES:]), vehicle)
        except BadInputError:
            # No car fits well enough yet: more frames may tell.
            return None
        if not analysis.identified.channels:
            return None
        if _layout_is_open(analysis) and not final:
            return None
        return Decision(
            analysis.identified,
            analysis.profile,
            analysis.watch,
            tuple((Path(db.file).name, db.sha256) for db in analysis.databases),
            analysis.warnings,
        )

    return decide


def car_that_fits(frames: Sequence[Frame]) -> Profile | None:
    """Return the car that frames are of, whichever was named; None where that is not clear."""
    best = identification.decide(rank(captured_live(frames[-_ENOUGH_FRAMES:])))
    return None if best is None else library().profile(best.vehicle)


@dataclass(frozen=True)
class RecordingPlan:
    """Where and how a live bus is recorded.

    `black_box_s` is how many seconds a black box keeps; None records everything from the start.
    With `on_demand` that black box writes when it is told to (`start_recording`), and not because
    of a mark.
    """

    folder: Path
    black_box_s: float | None = None
    after_s: float = 30.0
    rotate_bytes: int | None = None
    rotate_s: float | None = None
    compress: bool = False
    on_demand: bool = False


def connected(
    buses: Sequence[BusSettings],
    vehicle: str | None,
    plan: RecordingPlan | None,
    *,
    hooks: Sequence[Hook] = (),
    open_bus: Callable[[BusSettings], Source] = open_source,
) -> Live:
    """Join buses, recorder and session; nothing is opened before `Live.start`.

    Raises:
        BadInputError: no profile is called `vehicle`.
    """

    def make_store(silences: Mapping[str, str]) -> Journal | BlackBox:
        assert plan is not None
        return _store(plan, _header(buses, silences))

    live = Live(
        buses,
        decider(vehicle),
        open_bus,
        make_store=None if plan is None else make_store,
        hooks=[lambda following, _: tell_car(following), *hooks],
        book=book(),
    )
    told: Decision | None = None

    def tell_car(following: Following) -> None:
        nonlocal told
        if following.decision in (None, told) or live.recorder is None:
            return
        told = following.decision
        files = _car_files(told)
        live.recorder.order(lambda store: store.tell(files))

    return live


def save(live: Live, reason: str) -> None:
    """Have the black box of a live bus write down what it holds; nothing else is one."""

    def write_down(store: Store) -> None:
        if isinstance(store, BlackBox):
            store.save(reason)

    if live.recorder is not None:
        live.recorder.order(write_down)


def start_recording(live: Live, reason: str) -> None:
    """Have what a black box holds written down, and all that comes."""

    def start(store: Store) -> None:
        if isinstance(store, BlackBox):
            store.start(reason)

    if live.recorder is not None:
        live.recorder.order(start)


def why_not_recorded(live: Live) -> str:
    """Say why the recording takes nothing now; empty where it does, and where there is none."""
    alarm = None if live.recorder is None else live.recorder.state.alarm
    return "" if alarm is None else plain_text(alarm)


def stop_recording(live: Live) -> None:
    """Have a black box close what it is writing; it goes on keeping the last seconds."""

    def stop(store: Store) -> None:
        if isinstance(store, BlackBox):
            store.stop()

    if live.recorder is not None:
        live.recorder.order(stop)


def _store(plan: RecordingPlan, header: Header) -> Journal | BlackBox:
    options: dict[str, Any] = {
        "rotate_bytes": plan.rotate_bytes,
        "rotate_s": plan.rotate_s,
        "compress": plan.compress,
        "label": "-".join(header.listen_only),
    }
    if plan.black_box_s is None:
        return Journal(plan.folder, header, **options)
    return BlackBox(
        plan.folder,
        header,
        window_s=plan.black_box_s,
        after_s=plan.after_s,
        on_demand=plan.on_demand,
        **options,
    )


def _header(buses: Sequence[BusSettings], silences: Mapping[str, str]) -> Header:
    adapter = {}
    for label, bus in zip(channel_labels(buses), buses, strict=True):
        adapter[label] = bus.command_line
    wall_ns = time.time_ns() // 1000 * 1000
    return Header(wall_ns, time.monotonic_ns(), adapter=adapter, listen_only=dict(silences))


def _car_files(decision: Decision) -> CarFiles:
    profile = decision.profile
    return CarFiles(profile.id, profile.file_sha256, decision.databases)


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
