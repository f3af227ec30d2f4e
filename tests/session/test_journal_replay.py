"""A replayed journal says what the live session said: complete outputs, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.inputs import (
    BusEvent,
    BusEventKind,
    Frame,
    Identified,
    Input,
    Mark,
    Tick,
    TransmitDecision,
)
from evdiag.packaged import shipped_folder
from evdiag.recordings.journal import CarFiles, Header, Journal
from evdiag.session import Session
from evdiag.wiring import Analysis, analyse, read_capture
from tests.recordings.journal.inputs_drawn import read_back

START_NS = 1_795_374_302_000_000_000
S = 1_000_000_000
STORIES = ("relock-before-pull", "actuator-stalls", "lock-module-silent")


@cache
def story(name: str) -> Analysis:
    """Return a shipped story, analysed."""
    return analyse(read_capture(str(shipped_folder("recordings") / f"{name}.log")))


@cache
def frames_of(name: str) -> tuple[Frame, ...]:
    """Return its frames as a live bus would give them."""
    frames = list(story(name).capture.block.frames())
    shift_ns = START_NS - frames[0].time_ns
    return tuple(
        frame._replace(time_ns=frame.time_ns + shift_ns, direction="rx") for frame in frames
    )


def decided(name: str, from_frame: int = 0) -> Identified:
    """Return what the live session was made for."""
    identified = story(name).identified
    return identified._replace(time_ns=START_NS, from_frame=from_frame)


BUS_KINDS = (
    BusEventKind.LOST,
    BusEventKind.UP,
    BusEventKind.BUS_OFF,
    BusEventKind.SILENT,
    BusEventKind.ERROR_COUNTERS,
)

pieces = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.floats(0.02, 0.3),
        st.sampled_from((0.0, 0.0, 0.3, 2.0, 7.0, 400.0, -0.4, -30.0)),
    ),
    min_size=1,
    max_size=3,
)
"""Where a piece of a story begins and how much of it follows, and the step of the clock before it:
a pause, a sleep, jitter, a jump back."""

said = st.one_of(
    st.just("tick"),
    st.just("mark"),
    st.tuples(st.sampled_from(BUS_KINDS), st.just("can0")),
    st.tuples(st.just("unlock"), st.booleans()),
)
interruptions = st.lists(
    st.tuples(st.floats(0, 1), said, st.sampled_from((-2.0, -0.3, 0.0, 0.2, 0.7, 3.0, 60.0))),
    max_size=12,
)
"""What else comes, where among the frames, and how far from the stamp before it."""


def live_inputs(
    name: str,
    drawn: list[tuple[float, float, float]],
    between: list[tuple[float, object, float]],
    identified_at: float,
) -> list[Input]:
    """Put a live run together."""
    whole = frames_of(name)
    items: list[Input] = []
    now_ns = START_NS
    for begin, length, step_s in drawn:
        first = int(begin * (len(whole) - 2))
        piece = whole[first : first + max(1, int(length * len(whole)))]
        shift_ns = now_ns + int(step_s * S) - piece[0].time_ns
        items += [frame._replace(time_ns=frame.time_ns + shift_ns) for frame in piece]
        now_ns = items[-1].time_ns
    places = sorted(
        ((round(where * len(items)), what, away) for where, what, away in between),
        key=lambda entry: entry[0],
    )
    for place, what, away in reversed(places):
        stamp_ns = items[max(0, place - 1)].time_ns + int(away * S)
        items.insert(place, _said(what, stamp_ns))
    items.insert(round(identified_at * len(items)), decided(name))
    return items


def _said(what: object, time_ns: int) -> Input:
    match what:
        case "tick":
            return Tick(time_ns)
        case "mark":
            return Mark(time_ns, f"at {time_ns}")
        case (BusEventKind() as kind, str(channel)):
            return BusEvent(time_ns, kind, channel, 0, "said")
        case (str(intent), bool(permitted)):
            return TransmitDecision(time_ns, intent, permitted, ("because",))
    raise AssertionError(what)


def outputs(session: Session, rows: list[object]) -> dict[str, object]:
    """Return everything a session says."""
    return {
        "rows": rows,
        "attempts": session.attempts,
        "findings": session.findings(),
        "marks": session.marks,
        "snapshot": session.snapshot(),
    }


def lived(name: str, items: list[Input]) -> dict[str, object]:
    """Feed a live session."""
    session = Session(story(name).profile, story(name).watch)
    rows: list[object] = [row for item in items for row in session.feed(item)]
    session.finish()
    return outputs(session, rows)


def replayed(path: Path) -> dict[str, object]:
    """Replay a journal."""
    session, rows = analyse(read_capture(str(path))).run()
    return outputs(session, list(rows))


def record(folder: str, items: list[Input], batch: int, rotate_bytes: int | None) -> Path:
    """Write a journal in batches."""
    journal = Journal(Path(folder), Header(START_NS, 0), rotate_bytes=rotate_bytes)
    for first in range(0, len(items), batch):
        journal.write(items[first : first + batch])
        if first % (3 * batch) == 0:
            journal.flush()
    journal.close()
    return journal.path


@settings(max_examples=25)
@given(
    st.sampled_from(STORIES),
    pieces,
    interruptions,
    st.floats(0, 1),
    st.sampled_from((1, 7, 100, 5000)),
    st.sampled_from((None, 60_000)),
)
def test_a_replay_says_what_the_live_run_said(
    name: str,
    drawn: list[tuple[float, float, float]],
    between: list[tuple[float, object, float]],
    identified_at: float,
    batch: int,
    rotate_bytes: int | None,
) -> None:
    items = live_inputs(name, drawn, between, identified_at)
    with TemporaryDirectory() as folder:
        path = record(folder, items, batch, rotate_bytes)
        assert replayed(path) == lived(name, items)


@settings(max_examples=25)
@given(st.sampled_from(STORIES), pieces, interruptions, st.floats(0, 1), st.floats(0, 1))
def test_with_a_torn_tail_it_says_what_the_inputs_that_survive_say(
    name: str,
    drawn: list[tuple[float, float, float]],
    between: list[tuple[float, object, float]],
    log_kept: float,
    rows_kept: float,
) -> None:
    items = live_inputs(name, drawn, between, 0.0)
    with TemporaryDirectory() as folder:
        path = record(folder, items, 100, None)
        rows = path.with_suffix(".jsonl")
        # The header and the car stand at the beginning: they were on disk long before.
        needed = sum(len(line) for line in rows.read_bytes().splitlines(keepends=True)[:2])
        for file, share, least in ((path, log_kept, 0), (rows, rows_kept, needed)):
            size = file.stat().st_size
            with file.open("r+b") as stream:
                stream.truncate(least + int((size - least) * share))
        survivors, _, _ = read_back(path)
        assert replayed(path) == lived(name, survivors)


@settings(max_examples=12)
@given(
    st.sampled_from(STORIES),
    pieces,
    interruptions,
    st.lists(st.floats(-5, 500), min_size=1, max_size=6),
)
def test_wherever_it_is_played_to_it_knows_what_was_known_there(
    name: str,
    drawn: list[tuple[float, float, float]],
    between: list[tuple[float, object, float]],
    seconds: list[float],
) -> None:
    items = live_inputs(name, drawn, between, 0.0)
    with TemporaryDirectory() as folder:
        analysis = analyse(read_capture(str(record(folder, items, 100, None))))
    playback = analysis.playback()
    batch, rows = analysis.run()
    assert playback.all_attempts == batch.attempts
    assert [placed.change for placed in playback.changes] == rows
    marks = [item for item in items if isinstance(item, Mark)]
    assert [mark.text for mark in playback.marks] == [mark.text for mark in marks]
    for moment in seconds:
        playback.seek(moment)
        playback.step_frames(0)
        frames = playback.position
        live = Session(analysis.profile, analysis.watch)
        if playback.at_end:
            continue
        for item in until(items, frames):
            list(live.feed(item))
        assert playback.session.snapshot() == live.snapshot()
        assert playback.session.marks == live.marks
    playback.step_frames(playback.frames)
    assert outputs(playback.session, []) == outputs(batch, [])


def until(items: list[Input], frames: int) -> Iterator[Input]:
    """Yield what came until a number of frames had come."""
    for item in items:
        if not frames:
            return
        frames -= isinstance(item, Frame)
        yield item


def a_journal(folder: Path, *before: Input, **header: object) -> Journal:
    """Record one story with what is given put before it."""
    journal = Journal(folder, replace(Header(START_NS, 0), **header))  # type: ignore[arg-type]
    journal.write([*before, *frames_of("relock-before-pull")])
    return journal


def test_the_journal_decides_the_car_and_the_person_may_overrule_it(tmp_path: Path) -> None:
    channels = (("port", "can7"),)
    journal = a_journal(tmp_path, Identified(START_NS, "reference", None, channels, 0.31))
    journal.close()
    analysis = analyse(read_capture(str(journal.path)))
    assert analysis.identified.confidence == 0.31
    assert dict(analysis.identified.channels) == dict(channels)
    assert any("none of the frames" in sentence for sentence in analysis.warnings)
    other = analyse(read_capture(str(journal.path)), "bmw-i3")
    assert other.profile.id == "bmw-i3"
    assert "recorded as reference, and read as bmw-i3 because you say so" in other.warnings


def test_a_car_that_is_not_known_here_is_said(tmp_path: Path) -> None:
    journal = a_journal(tmp_path, Identified(START_NS, "my-own-car", None, (), 1.0))
    journal.close()
    with pytest.raises(BadInputError, match="the journal names is not known here"):
        analyse(read_capture(str(journal.path)))
    assert analyse(read_capture(str(journal.path)), "reference").profile.id == "reference"


def test_files_that_changed_since_are_said(tmp_path: Path) -> None:
    base = story("relock-before-pull")
    databases = tuple((Path(each.file).name, each.sha256) for each in base.databases)
    same = CarFiles("reference", base.profile.file_sha256, databases)
    other = CarFiles("reference", "00", tuple((name, "11") for name, _ in databases))
    for car, changed in ((same, 0), (other, 1 + len(databases))):
        journal = a_journal(tmp_path, decided("relock-before-pull"), car=car)
        journal.close()
        warnings = analyse(read_capture(str(journal.path))).warnings
        assert sum("has changed since" in sentence for sentence in warnings) == changed


def test_what_came_before_the_session_is_not_fed_to_it(tmp_path: Path) -> None:
    early = [
        frame._replace(data=b"\xff" * len(frame.data)) for frame in frames_of(STORIES[0])[:500]
    ]
    early = [frame._replace(time_ns=frame.time_ns - 60 * S) for frame in early]
    journal = a_journal(tmp_path, *early, decided(STORIES[0], from_frame=500))
    journal.close()
    assert replayed(journal.path) == lived(
        STORIES[0], [decided(STORIES[0]), *frames_of(STORIES[0])]
    )


def test_without_a_decision_in_it_the_car_is_identified_from_the_frames(tmp_path: Path) -> None:
    mark = Mark(START_NS, "begin")
    journal = a_journal(tmp_path, mark)
    journal.close()
    analysis = analyse(read_capture(str(journal.path)))
    session, rows = analysis.run()
    assert analysis.profile.id == "reference"
    assert outputs(session, list(rows)) == lived(STORIES[0], [mark, *frames_of(STORIES[0])])


def test_the_marks_of_a_journal_can_be_stepped_to(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Header(START_NS, 0))
    frames = frames_of(STORIES[0])
    journal.write([decided(STORIES[0]), *frames[:1000], Mark(frames[999].time_ns, "here")])
    journal.write(frames[1000:])
    journal.close()
    playback = analyse(read_capture(str(journal.path))).playback()
    playback.step_mark(1)
    assert playback.position == 1000
    assert playback.session.marks == []
    playback.step_frames(1)
    assert [mark.text for mark in playback.session.marks] == ["here"]
    playback.step_mark(-1)
    assert playback.position == 1000


def test_a_journal_without_frames_can_be_played(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Header(START_NS, 0))
    lost = BusEvent(START_NS, BusEventKind.LOST, "can0", 0, "unplugged")
    journal.write([decided(STORIES[0]), lost, Mark(START_NS + S, "nothing")])
    journal.close()
    analysis = analyse(read_capture(str(journal.path)))
    assert [mark.text for mark in analysis.run()[0].marks] == ["nothing"]
    assert analysis.playback().frames == 0
