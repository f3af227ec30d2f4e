"""Inputs as live sources make them, drawn by hypothesis; journals read back."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from evdiag.inputs import (
    Answer,
    BusEvent,
    BusEventKind,
    Frame,
    Identified,
    Input,
    Mark,
    Tick,
    TransmitDecision,
)
from evdiag.recordings import Recording, open_recording
from evdiag.recordings.journal import Header
from evdiag.recordings.journal.reader import JournalFacts
from tests.recordings.journal.numbered import WALL_NS

HEADER = Header(wall_ns=WALL_NS, monotonic_ns=5_000_000, versions={"evdiag": "0"})

times = st.integers(-2_000_000, 200_000_000).map(lambda us: WALL_NS + us * 1000)
texts = st.text(max_size=12)
names = st.sampled_from(("can0", "vcan1", "ttyACM0", "Ñ:1.2"))
channels = st.one_of(st.integers(0, 3), names)
ways = st.sampled_from(("rx", "tx", None))
FD_LENGTHS = (*range(9), 12, 16, 20, 24, 32, 48, 64)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Draw a journalled frame."""
    kind = draw(st.sampled_from(("classic", "classic", "fd", "remote", "error")))
    extended = draw(st.booleans()) and kind != "error"
    identifier = draw(st.integers(0, 0x1FFFFFFF if extended or kind == "error" else 0x7FF))
    sizes = st.sampled_from(FD_LENGTHS) if kind == "fd" else st.integers(0, 8)
    size = 0 if kind == "remote" else draw(sizes)
    return Frame(
        draw(times),
        draw(names),
        identifier,
        extended,
        draw(st.binary(min_size=size, max_size=size)),
        fd=kind == "fd",
        remote=kind == "remote",
        error=kind == "error",
        direction=draw(ways),
        bitrate_switch=kind == "fd" and draw(st.booleans()),
        error_state_indicator=kind == "fd" and draw(st.booleans()),
        requested_length=draw(st.integers(0, 8)) if kind == "remote" else 0,
    )


ticks = times.map(Tick)
notes: st.SearchStrategy[Input] = st.one_of(
    st.builds(Mark, times, texts),
    st.builds(Answer, times, texts, texts),
    st.builds(BusEvent, times, st.sampled_from(BusEventKind), channels, st.integers(0, 9), texts),
    st.builds(
        TransmitDecision, times, texts, st.booleans(), st.lists(texts, max_size=3).map(tuple)
    ),
    st.builds(
        Identified,
        times,
        texts,
        st.none() | texts,
        st.lists(st.tuples(texts, channels), max_size=2).map(tuple),
        st.floats(0, 1),
        st.integers(0, 9),
    ),
)
inputs: st.SearchStrategy[Input] = st.one_of(frames(), frames(), ticks, notes)


def read_back(path: Path) -> tuple[list[Input], JournalFacts, Recording]:
    """Return all inputs of a journal in their order, and what was said of it."""
    recording = open_recording(path)
    frames = list(recording.frames())
    facts = recording.journal
    assert facts is not None
    return merged(frames, facts), facts, recording


def merged(frames: list[Frame], facts: JournalFacts) -> list[Input]:
    """Put frames and the other inputs in their one order."""
    items: list[Input] = []
    done = 0
    for place, item in facts.inputs:
        items += frames[done:place]
        done = place
        items.append(item)
    return items + frames[done:]


def coalesced(items: list[Input]) -> list[Input]:
    """Leave out the ticks that say nothing, as the contract has it (docs/recordings.md)."""
    kept: list[Input] = []
    for item in items:
        if kept and isinstance(kept[-1], Tick):
            before = kept[-1].time_ns
            if isinstance(item, Tick):
                kept[-1] = Tick(max(before, item.time_ns))
                continue
            if isinstance(item, Frame) and item.time_ns >= before:
                kept.pop()
        kept.append(item)
    return kept


def without_ticks(items: list[Input]) -> list[Input]:
    """Leave all ticks out."""
    return [item for item in items if not isinstance(item, Tick)]
