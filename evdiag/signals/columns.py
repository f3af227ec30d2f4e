"""Frames to signal events, a whole recording at once: what batch and replay need.

Gives exactly the events of `evdiag.signals.tracker.SignalTracker`, by column arithmetic.
"""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block, Channel, FrameKey
from evdiag.inputs.block import ERROR, EXTENDED, REMOTE, TX
from evdiag.inputs.frame import EXTENDED_KEY
from evdiag.signals.changes import same_raws
from evdiag.signals.events import (
    BusAwake,
    BusSilent,
    Changed,
    EpochBegan,
    Expired,
    Refused,
    SignalEvent,
)
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.replies import Replies
from evdiag.signals.timebase import Silences, Timebase
from evdiag.signals.watch import Watch

# The order of events that one row causes: the clock first, then deadlines by their time, then
# what the frame itself says.
_EPOCH, _DEADLINE, _AWAKE, _VALUE = range(4)

_PLACE = itemgetter(0, 1, 2, 3)

_NEVER = 3 << 61


class PlacedEvent(NamedTuple):
    """An event and the row (of the whole recording) at which it becomes known."""

    row: int
    event: SignalEvent


class _Entry(NamedTuple):
    """An event with the place at which a tracker would give it."""

    row: int
    phase: int
    deadline_ns: int
    order: int
    event: SignalEvent


class _Carried(NamedTuple):
    """The rows that carry one signal, in order, and its raw value in each."""

    rows: NDArray[np.intp]
    raws: NDArray[Any]


def signal_events(excerpt: Excerpt, watch: Watch) -> list[PlacedEvent]:
    """Return the events of a whole recording, in the order in which a tracker gives them.

    Where rows were left out, an event may be placed at a later row than that at which it became
    known, before everything else that this row says.
    """
    block, timebase = excerpt.block, excerpt.timebase
    silences = {
        channel: timebase.silences(_alive(block, watch, channel))
        for channel in watch.broadcast_channels
    }
    found = [
        _Entry(row, _EPOCH, 0, 0, EpochBegan(int(block.time_ns[row])))
        for row in timebase.epoch_starts[1:]
    ]
    for place, (channel, of_epochs) in enumerate(silences.items()):
        for (_, end), silent in zip(timebase.epochs(), of_epochs, strict=True):
            found += _silence_events(silent, timebase, end, channel, len(watch.signals) + place)
    for (channel, key), indices in watch.by_frame().items():
        rows = _rows_of(block, channel, key)
        for index in indices:
            carried = _decoded(block, rows, watch, index)
            found += _signal_events(excerpt, silences[channel], carried, watch, index)
    replies, refused = _replies(block, timebase, watch)
    found += refused
    for index, carried in replies.items():
        found += _signal_events(excerpt, timebase.no_silences(), carried, watch, index)
    found.sort(key=_PLACE)
    return [PlacedEvent(entry.row, entry.event) for entry in found]


def carrying_rows(block: Block, watch: Watch, index: int) -> NDArray[np.intp]:
    """Return the rows whose frames carry one watched signal; of an answer, its last frame."""
    watched = watch.signals[index]
    if watched.polled is not None:
        replies, _ = _replies(block, Timebase.of(block.time_ns), watch)
        return replies[index].rows
    return _decoded(block, _rows_of(block, watched.channel, watched.key), watch, index).rows


def _decoded(block: Block, rows: NDArray[np.intp], watch: Watch, index: int) -> _Carried:
    raws, present = watch.signals[index].signal.raws(block.data[rows], block.length[rows])
    return _Carried(rows[present], raws[present])


def _replies(
    block: Block, timebase: Timebase, watch: Watch
) -> tuple[dict[int, _Carried], list[_Entry]]:
    """Read the answers to diagnostic reads: few frames, so one by one."""
    replies = Replies(watch)
    rows: dict[int, list[int]] = {i: [] for i, w in enumerate(watch.signals) if w.polled}
    raws: dict[int, list[int | float]] = {index: [] for index in rows}
    refused = []
    epochs = iter(timebase.epoch_starts[1:])
    next_epoch = next(epochs, len(block))
    for row in _diagnostic_rows(block, replies).tolist():
        while row >= next_epoch:
            replies.forget()
            next_epoch = next(epochs, len(block))
        reply = replies.frame(block.frame(row), int(timebase.stream_ns[row]))
        if isinstance(reply, Refused):
            refused.append(_Entry(row, _VALUE, 0, 0, reply))
            continue
        if reply is None:
            continue
        for index in reply.signals:
            raw = watch.signals[index].signal.raw(reply.data)
            if raw is not None:
                rows[index].append(row)
                raws[index].append(raw)
    carried = {
        index: _Carried(np.array(rows[index], np.intp), np.array(raws[index], object))
        for index in rows
    }
    return carried, refused


def _diagnostic_rows(block: Block, replies: Replies) -> NDArray[np.intp]:
    found = [_rows_of(block, channel, key) for channel, key in replies.frames]
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.intp)


def _rows_of(block: Block, channel: Channel, key: FrameKey) -> NDArray[np.intp]:
    if channel not in block.channels:
        return np.empty(0, np.intp)
    # Few rows have one id: the rest is asked of those only.
    rows = np.flatnonzero(block.id == key & ~EXTENDED_KEY)
    kinds = block.flags[rows] & (ERROR | REMOTE | EXTENDED)
    here = block.channel[rows] == block.channels.index(channel)
    chosen: NDArray[np.intp] = rows[here & (kinds == (EXTENDED if key & EXTENDED_KEY else 0))]
    return chosen


def _alive(block: Block, watch: Watch, channel: Channel) -> NDArray[np.bool_]:
    """Mark the rows that show a channel awake.

    Questions and answers do not, nor does what the recording computer sent by itself.
    """
    number = block.channels.index(channel) if channel in block.channels else -1
    alive: NDArray[np.bool_] = (block.channel == number) & ((block.flags & ERROR) == 0)
    diagnostic = [key for where, key in Replies(watch).frames if where == channel]
    if diagnostic:
        alive &= ~np.isin(block.keys, diagnostic)
    own = alive & ((block.flags & TX) != 0)
    if own.any():
        watched = [key for where, key in watch.by_frame() if where == channel]
        alive &= ~own | np.isin(block.keys, watched)
    return alive


def _silence_events(
    silent: Silences, timebase: Timebase, end: int, channel: Channel, order: int
) -> list[_Entry]:
    found = []
    for known, deadline, ended in zip(
        silent.known.tolist(), silent.deadline_ns.tolist(), silent.ended.tolist(), strict=True
    ):
        found.append(_Entry(known, _DEADLINE, deadline, order, BusSilent(deadline, channel)))
        if ended < end:
            awake = BusAwake(int(timebase.stream_ns[ended]), channel)
            found.append(_Entry(ended, _AWAKE, 0, 0, awake))
    return found


def _signal_events(
    excerpt: Excerpt,
    silences: list[Silences],
    carried: _Carried,
    watch: Watch,
    index: int,
) -> list[_Entry]:
    watched = watch.signals[index]
    block, timebase = excerpt.block, excerpt.timebase
    rows, raws = carried
    found: list[_Entry] = []
    fresh = np.ones(len(rows), bool)
    fresh[1:] = ~same_raws(raws[1:], raws[:-1])
    for (first, end), silent in zip(timebase.epochs(), silences, strict=True):
        begin, stop = np.searchsorted(rows, (first, end))
        if begin == stop:
            continue
        fresh[begin] = True
        woken = begin + np.searchsorted(rows[begin:stop], silent.ended)
        fresh[woken[woken < stop]] = True
        if watched.stale_after_ns is None:
            continue
        stream = timebase.stream_ns[first:end]
        mine = rows[begin:stop]
        following = np.append(mine[1:], end)
        deadlines = _deadlines(stream, first, mine, following, silent, watched.stale_after_ns)
        expired = stream[np.minimum(following, end - 1) - first] > deadlines
        if watched.polled is None:
            expired[:-1] &= ~excerpt.goes_on[mine[1:]]
        fresh[begin + 1 : stop] |= expired[:-1]
        passed = deadlines[expired]
        known = first + np.searchsorted(stream, passed, side="right")
        for row, deadline in zip(known.tolist(), passed.tolist(), strict=True):
            found.append(_Entry(row, _DEADLINE, deadline, index, Expired(deadline, index)))
    times_ns = block.time_ns[rows[fresh]].tolist()
    # Most signals say few different things, again and again.
    value = cache(watched.value) if raws.dtype.kind in "iu" else watched.value
    for row, raw, time_ns in zip(rows[fresh].tolist(), raws[fresh].tolist(), times_ns, strict=True):
        found.append(_Entry(row, _VALUE, 0, index, Changed(time_ns, index, raw, value(raw))))
    return found


def _deadlines(
    stream: NDArray[np.int64],
    first: int,
    rows: NDArray[np.intp],
    following: NDArray[np.intp],
    silent: Silences,
    stale_after_ns: int,
) -> NDArray[np.int64]:
    """Return when each row's value goes stale; each silence before that starts the time anew.

    `stream` is the stream time of one epoch, whose first row is `first`. A silence that nothing
    in the epoch ended puts the deadline off for ever.
    """
    deadlines = stream[rows - first] + stale_after_ns
    if not len(silent.known):
        return deadlines
    last = len(silent.known) - 1
    next_silence = np.searchsorted(silent.known, rows, side="right")
    while True:
        place = np.minimum(next_silence, last)
        put_off = (
            (next_silence <= last)
            & (silent.deadline_ns[place] < deadlines)
            & (silent.ended[place] <= following)
        )
        if not put_off.any():
            return deadlines
        ended = silent.ended[place[put_off]]
        woken = np.append(stream, _NEVER)[ended - first]
        deadlines[put_off] = woken + stale_after_ns
        next_silence[put_off] += 1
