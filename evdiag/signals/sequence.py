"""All inputs of a live run to signal events, in the order in which they were consumed.

What `evdiag.signals.columns` does for frames alone, this does for a journal: its ticks, marks and
bus events let time pass, too, and so it goes one by one, through the tracker that was live.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Frame, Input, Tick
from evdiag.signals.columns import PlacedEvent
from evdiag.signals.events import BusSilent, Expired, SignalEvent
from evdiag.signals.timebase import Timebase
from evdiag.signals.tracker import SignalTracker
from evdiag.signals.watch import Watch


class PlacedInput(NamedTuple):
    """An input that is no frame, what the passing of time to it made known, and its place.

    `row` frames of the recording come before it; `stream_ns` is how far time has come with it.
    """

    row: int
    stream_ns: int | None
    events: tuple[SignalEvent, ...]
    item: Input


PlacedStep: TypeAlias = PlacedEvent | PlacedInput


def events_of(step: PlacedStep) -> tuple[SignalEvent, ...]:
    """Return the events of one step."""
    return step.events if isinstance(step, PlacedInput) else (step.event,)


def end_ns(steps: Sequence[PlacedStep], timebase: Timebase) -> int | None:
    """Return how far time came in a recording; None where nothing is in it."""
    if steps and isinstance(last := steps[-1], PlacedInput):
        return last.stream_ns
    return int(timebase.stream_ns[-1]) if len(timebase.stream_ns) else None


class ConsumedSteps(NamedTuple):
    """The steps of a recording in consumed order, and stream time as the tracker had it."""

    steps: list[PlacedStep]
    timebase: Timebase


def consumed_steps(
    frames: Iterable[Frame], others: Sequence[tuple[int, Input]], watch: Watch, from_frame: int
) -> ConsumedSteps:
    """Run a tracker over a whole recording.

    `others` are the inputs between the frames, each with the number of frames before it. What
    comes before `from_frame` was not fed to the live session, and is not here.
    """
    before, tracker = SignalTracker(Watch(())), SignalTracker(watch)
    steps: list[PlacedStep] = []
    stream: list[int] = []
    fed = [other for other in others if other[0] >= from_frame]
    place = 0
    for row, frame in enumerate(frames):
        if row < from_frame:
            _exhaust(before.frame(frame))
            stream.append(before.stream_ns or 0)
            continue
        while place < len(fed) and fed[place][0] <= row:
            steps.append(_placed(tracker, *fed[place]))
            place += 1
        before_ns = tracker.stream_ns
        events = tuple(tracker.frame(frame))
        if events and before_ns is not None and frame.time_ns < before_ns:
            # Live, every frame lets time pass, also one that says nothing; where the next event
            # is stamped earlier than that, it must be known how far time had come.
            steps.append(PlacedInput(row, before_ns, (), Tick(before_ns)))
        steps += [PlacedEvent(row, event) for event in events]
        stream.append(tracker.stream_ns or 0)
    steps += [_placed(tracker, *other) for other in fed[place:]]
    if tracker.stream_ns is not None:
        end = Tick(tracker.stream_ns)
        steps.append(PlacedInput(len(stream), tracker.stream_ns, (), end))
    return ConsumedSteps(steps, _timebase(stream))


def stepped(events: Iterable[PlacedEvent], before_ns: NDArray[np.int64]) -> list[PlacedStep]:
    """Return the events of frames alone as steps that let time pass as a live session does.

    Live, every frame lets time pass, also one that says nothing; where an event is stamped earlier
    than that (a logger's stamps jitter), it must be known first how far time had come: `before_ns`
    says it of each row. A deadline is never passed by more than the row that made it known.
    """
    steps: list[PlacedStep] = []
    passed_row = 0
    for placed in events:
        if placed.row != passed_row and not isinstance(placed.event, Expired | BusSilent):
            passed_row = placed.row
            passed_ns = int(before_ns[passed_row])
            if placed.event.time_ns < passed_ns:
                steps.append(PlacedInput(passed_row, passed_ns, (), Tick(passed_ns)))
        steps.append(placed)
    return steps


def _placed(tracker: SignalTracker, row: int, item: Input) -> PlacedInput:
    events = tuple(tracker.other(item))
    return PlacedInput(row, tracker.stream_ns, events, item)


def _timebase(stream: list[int]) -> Timebase:
    stream_ns = np.array(stream, np.int64)
    falls = np.flatnonzero(stream_ns[1:] < stream_ns[:-1]) + 1
    return Timebase(stream_ns, (0, *falls.tolist()) if stream else ())


def _exhaust(events: Iterator[SignalEvent]) -> None:
    for _ in events:
        pass
