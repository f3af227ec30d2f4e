"""A journal on the screen: its marks, what its bus said, and marks made while replaying."""

from __future__ import annotations

from pathlib import Path

from evdiag.inputs import BusEvent, BusEventKind, Mark
from evdiag.recordings.journal import Header, Journal
from evdiag.wiring import Analysis, analyse, read_capture
from tests.session.test_journal_replay import START_NS, S, decided, frames_of
from tests.tui.replaying import replay, seen, settled

STORY = "relock-before-pull"
HOSTILE = "[red]\x1b[2J"


def journal(folder: Path) -> Analysis:
    """Record a story whose link is lost for a moment, and read it."""
    written = Journal(folder, Header(START_NS, 0, listen_only={"can0": "verified"}))
    frames = frames_of(STORY)
    lost = BusEvent(frames[1999].time_ns + S // 10, BusEventKind.LOST, "can0", 0, HOSTILE)
    up = BusEvent(frames[2000].time_ns, BusEventKind.UP, "can0", 0, "back")
    mark = Mark(frames[999].time_ns, HOSTILE)
    written.write([decided(STORY), *frames[:1000], mark, *frames[1000:2000], lost, up])
    written.write(frames[2000:])
    written.close()
    return analyse(read_capture(str(written.path)))


async def test_what_the_bus_said_is_shown_where_it_said_it(tmp_path: Path) -> None:
    app = replay(journal(tmp_path), at_s=1.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await settled(pilot)
        assert "can0 listen-only: verified" in seen(app)
        assert "can0 lost" not in seen(app)
        app.playback.step_frames(3000)
        app.redraw()
        await settled(pilot)
        assert "can0 lost: [red]␛[2J" in seen(app)
        assert "can0 up: back" in seen(app)


async def test_the_marks_of_a_journal_and_those_made_here_are_there_again(tmp_path: Path) -> None:
    analysis = journal(tmp_path)
    app = replay(analysis)
    assert [mark.text for mark in app.playback.marks] == [HOSTILE]
    app.playback.step_frames(7)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m")
        await settled(pilot)
    again = replay(analysis)
    assert [(mark.row, mark.text) for mark in again.playback.marks] == [
        (999, HOSTILE),
        (7, "mark 2"),
    ]


async def test_marks_that_cannot_be_kept_are_said_once(tmp_path: Path) -> None:
    analysis = journal(tmp_path)
    (tmp_path / f"{Path(analysis.capture.name).name}.marks.jsonl").mkdir()
    app = replay(analysis)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("m")
        await pilot.press("m")
        await settled(pilot)
        (said,) = app._notifications
        assert "marks are not kept" in said.message
        assert len(app.playback.marks) == 3
