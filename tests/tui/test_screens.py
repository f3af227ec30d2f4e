"""The screens as a person meets them: at every size, with nothing to show, with hostile names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.inputs import Frame
from evdiag.tui.actions import BY_ID, REPLAY, actions_for
from evdiag.tui.app import ReplayApp
from evdiag.tui.config import TuiConfig
from evdiag.tui.decoding import Messages
from evdiag.tui.dialogs import Question
from evdiag.tui.filter_box import FilterBox
from evdiag.tui.fixed_lines import footer_line
from evdiag.tui.lines import LinePane, TextList, length
from evdiag.tui.trace_lines import byte_pieces
from evdiag.tui.trace_view import TraceView
from evdiag.tui.views_app import VIEWS
from evdiag.wiring import Analysis, read_capture
from tests.tui.replaying import SIZES, Clock, of_frames, replay, seen, settled, story

KEYS = TuiConfig().keys
HOSTILE = "[@click=app.quit]x[/]\x1b[31m"


async def open_view(app: ReplayApp, pilot: object, name: str) -> None:
    await app.act(f"view_{name}")
    await settled(pilot)  # type: ignore[arg-type]


# -- playing ---------------------------------------------------------------------------------


async def test_a_tick_plays_as_much_as_the_clock_says() -> None:
    clock = Clock()
    app = replay(at_s=5.0, clock=clock, paused=False, speed=2.0)
    async with app.run_test() as pilot:
        await settled(pilot)
        clock.now_s += 3.0
        app.tick()
        assert app.playback.elapsed_s == pytest.approx(11.0, abs=0.01)
        await settled(pilot)
        assert "0:11.0 / 0:47.9" in seen(app)


async def test_a_screen_that_is_paused_lets_no_time_pass() -> None:
    clock = Clock()
    app = replay(at_s=5.0, clock=clock)
    async with app.run_test() as pilot:
        clock.now_s += 3.0
        app.tick()
        await pilot.press("space")
        clock.now_s += 1.0
        app.tick()
        assert app.playback.elapsed_s == pytest.approx(6.0, abs=0.01)


async def test_a_time_is_typed_and_gone_to() -> None:
    app = replay()
    async with app.run_test() as pilot:
        await pilot.press("g", *"nowhere", "enter")
        await settled(pilot)
        assert "is no time" in seen(app)
        assert isinstance(app.screen, Question)
        await pilot.press(*["backspace"] * 7, *"0:17.5", "enter")
        await settled(pilot)
        assert app.playback.elapsed_s == 17.5
        assert "PULL NOW" in seen(app)


async def test_a_question_can_be_left_alone() -> None:
    app = replay(at_s=3.0)
    async with app.run_test() as pilot:
        await pilot.press("g", "9", "escape")
        await settled(pilot)
        assert app.playback.elapsed_s == 3.0
        assert not isinstance(app.screen, Question)


async def test_a_note_marks_the_place_where_it_was_asked_for() -> None:
    app = replay(at_s=10.0)
    async with app.run_test() as pilot:
        row = app.playback.position - 1
        await pilot.press("M", *"plug sticks", "enter")
        await settled(pilot)
        assert [(mark.row, mark.text) for mark in app.playback.marks] == [(row, "plug sticks")]
        bar = app.query_one("#bar", LinePane).text
        assert "▼" in bar or "●" in bar


# -- every size ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_keeps_the_fixed_lines_and_the_lock_in_sight(
    view: str, size: tuple[int, int]
) -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=size) as pilot:
        await open_view(app, pilot, view)
        lines = seen(app).splitlines()
        assert len(lines) == size[1]
        assert "REPLAY" in lines[0]
        assert "0:20.0 / 0:47.9" in lines[0]
        assert "paused" in lines[0]
        assert "1×" in lines[0]
        assert "1" in lines[-2]
        assert "help" in lines[-1]
        assert "quit" in lines[-1]
        assert "PULL NOW" in seen(app)
        assert view == "port" or "OPEN" in lines[2]


@pytest.mark.parametrize("view", VIEWS)
def test_the_footer_offers_five_keys_or_more_in_sixty_columns(view: str) -> None:
    line, spots = footer_line(view, KEYS, 60, REPLAY, {"play": "pause"})
    assert length(line) == 60
    assert len(spots) >= 5
    assert {"play", "help", "quit"} <= {spot.action for spot in spots}
    assert all(spot.end <= 60 for spot in spots)


@pytest.mark.parametrize("size", SIZES)
async def test_the_port_shows_every_reading_with_its_age(size: tuple[int, int]) -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        text = app.query_one("#facts", LinePane).text
        for label in ("PLUG", "FLAP", "PILOT", "CHARGE", "INLET", "CAR", "KEY"):
            assert label in text
        assert text.count(" s") >= 7
        assert "running 3.9 s" in seen(app)


async def test_a_smaller_terminal_reflows() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "Last changes" in seen(app)
        await pilot.resize_terminal(60, 20)
        await settled(pilot)
        assert "Last changes" not in seen(app)
        assert "PULL NOW" in seen(app)
        assert all(len(line) <= 60 for line in seen(app).splitlines())


@pytest.mark.parametrize("view", VIEWS)
async def test_without_colour_every_state_keeps_its_word(
    view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = replay("lock-module-silent", at_s=25.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, view)
        assert app.no_color
        assert "fell silent" in seen(app)


# -- help ------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
async def test_help_begins_with_the_view_in_sight_and_shows_the_live_keys(view: str) -> None:
    app = replay(config=TuiConfig({**KEYS, "mark": ("ctrl+b",)}))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, view)
        await pilot.press("f1")
        await settled(pilot)
        text = app.screen.query_one(TextList).text
        assert text.startswith(app.view.ABOUT.title)
        assert all(action.help in " ".join(text.split()) for action in actions_for(REPLAY))
        line = next(line for line in text.splitlines() if BY_ID["mark"].help in line)
        assert line.split()[0] == "Ctrl+b"
        top = seen(app)
        await pilot.press("pagedown")
        await settled(pilot)
        assert seen(app) != top
        await pilot.press("escape")
        await settled(pilot)
        assert app.view_name == view
        assert "REPLAY" in seen(app)


# -- the mouse -------------------------------------------------------------------------------


async def test_tabs_keys_and_the_bar_can_be_clicked() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.click("#tabs", offset=(12, 0))
        await settled(pilot)
        assert app.view_name == "attempts"
        await pilot.click("#keys", offset=(2, 0))
        await settled(pilot)
        assert app.playback.playing
        await pilot.click("#bar", offset=(78, 0))
        assert app.playback.elapsed_s == pytest.approx(app.playback.duration_s)


# -- the trace -------------------------------------------------------------------------------


def trace(app: ReplayApp) -> TraceView:
    return app.query_one(TraceView)


async def test_a_frozen_trace_stays_and_counts_what_passed() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, "trace")
        await pilot.press("z")
        await settled(pilot)
        before = [line for line in seen(app).splitlines() if " 0x" in line]
        frames = app.playback.position
        await pilot.press("shift+right")
        await settled(pilot)
        assert [line for line in seen(app).splitlines() if " 0x" in line] == before
        assert f"FROZEN +{app.playback.position - frames:,} since freeze" in seen(app)
        await pilot.press("z")
        await settled(pilot)
        assert trace(app).main_list.count == app.playback.position
        assert "FROZEN" not in seen(app)


async def test_every_frame_up_to_here_can_be_reached() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, "trace")
        assert trace(app).main_list.count == app.playback.position
        await pilot.press("ctrl+home")
        await settled(pilot)
        assert "frame 1 " in seen(app)


async def test_a_typed_filter_says_how_many_ids_are_left() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, "trace")
        await pilot.press("slash", *"signal:lock_state", "enter")
        await settled(pilot)
        assert "1 of 10 ids shown" in seen(app)
        assert "filter: signal:lock_state" in seen(app)
        block = app.playback.block
        assert {int(block.id[row]) for row in trace(app).main_list.rows} == {0x4E0}
        await pilot.press("slash", "escape")
        await settled(pilot)
        assert "10 of 10 ids shown" in seen(app)
        assert not app.query_one(FilterBox).display


async def test_only_changed_frames_pass_the_filter_changed() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, "trace")
        everything = trace(app).main_list.count
        await pilot.press("slash", *"changed 4E0", "enter")
        await settled(pilot)
        rows = trace(app).main_list.rows
        assert 0 < len(rows) < everything
        assert all(app.playback.kinds.changed[row] for row in rows)


def test_changed_bytes_are_marked_by_more_than_colour() -> None:
    frames = [
        Frame(0, "can0", 0x4E0, False, bytes.fromhex("0102")),
        Frame(10, "can0", 0x4E0, False, bytes.fromhex("01FF")),
    ]
    app = replay(of_frames(frames))
    pieces = byte_pieces(frames[1], app.playback.kinds.changed_bytes(1), 24)
    tones = {text.strip(): tone for text, tone in pieces if text.strip()}
    assert tones == {"01": "", "FF": "changed"}
    from evdiag.tui.themes import TONES

    assert {"bold", "underline"} <= set(TONES["changed"].split())


HOUR_NS = 3600 * 1_000_000_000


def with_its_clock_set(by_ns: int) -> Analysis:
    """Return a story whose clock was set between its two attempts."""
    base = story("relock-before-pull")
    frames = list(base.capture.block.frames())
    half = len(frames) // 2
    later = [frame._replace(time_ns=frame.time_ns + by_ns) for frame in frames[half:]]
    return of_frames([*frames[:half], *later])


async def test_who_asked_before_the_clock_was_set_back_does_not_ask_now() -> None:
    app = replay(with_its_clock_set(-HOUR_NS), at_s=40.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        (row,) = [row for row in seen(app).splitlines() if row.startswith(" request")]
        first, second = (at for at, sign in enumerate(row) if sign == "▲")
        assert second - first == pytest.approx(36.1 - 16.1, abs=1.5)
        assert row.endswith("fob 3.9 s")


async def test_a_time_after_many_hours_does_not_run_into_the_attempts_number() -> None:
    app = replay(with_its_clock_set(24 * HOUR_NS))
    app.playback.seek(app.playback.duration_s)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("2")
        await settled(pilot)
        assert "   2 24:00:36.1 fob" in seen(app)


async def test_the_latest_of_each_id_is_counted() -> None:
    app = replay(at_s=20.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(app, pilot, "trace")
        await pilot.press("i")
        await settled(pilot)
        assert trace(app).main_list.count == 10
        block = app.playback.block
        count = int((block.id[: app.playback.position] == 0x0C8).sum())
        line = next(line for line in seen(app).splitlines() if "0x0C8" in line)
        assert f" {count} " in line
        assert "40 ms" in line


# -- nothing to show -------------------------------------------------------------------------

EMPTY = {
    "port": "holds no frame",
    "attempts": "holds no frame",
    "trace": "recording is empty",
    "signals": "not offered",
    "bus": "no frame in this recording",
    # Enter begins it, and y says there that something is hot.
    "guide": "STOP. Do not touch the cable.",
    "findings": "Nothing of the charge port was seen",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
async def test_an_empty_recording_says_what_is_missing(view: str, size: tuple[int, int]) -> None:
    app = replay(of_frames([]))
    async with app.run_test(size=size) as pilot:
        await open_view(app, pilot, view)
        await pilot.press("space", "n", "p", "right", "end", "m", "l", "down", "enter", "y")
        await settled(pilot)
        text = seen(app)
        assert "UNKNOWN" in text or view == "port"
        assert EMPTY[view] in text or view == "signals"
        assert not app.playback.playing


async def test_a_recording_without_attempts_says_what_to_do() -> None:
    frames = [frame for frame in story("healthy-ac").capture.block.frames() if frame.id != 0x4E3]
    quiet = [frame for frame in frames if frame.time_ns - frames[0].time_ns < 10_000_000_000]
    app = replay(of_frames(quiet), at_s=5.0)
    assert not app.playback.all_attempts
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "holds no attempt" in seen(app)
        await open_view(app, pilot, "attempts")
        assert "nobody asked" in seen(app)
        assert "Record again" in seen(app)


async def test_a_car_that_does_not_show_its_lock_is_said_to_be_one() -> None:
    base = story("healthy-ac")
    blind = base.watch._replace(
        signals=tuple(s for s in base.watch.signals if s.name[:5] != "port.")
    )
    app = replay(of_frames(list(base.capture.block.frames()), replace(base, watch=blind)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end")
        await settled(pilot)
        assert "not offered by this car" in seen(app)
        await open_view(app, pilot, "attempts")
        assert "UNKNOWN  this car does not show its lock" in seen(app)
        assert "where to tap" in " ".join(seen(app).split())


async def test_a_recording_without_a_clock_counts_frames_instead() -> None:
    base = story("healthy-ac")
    report = replace(base.capture.report, has_clock=False)
    analysis = replace(base, capture=replace(base.capture, report=report))
    app = replay(analysis, at_s=1.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "frame 1,001 / 3,499" in seen(app)
        assert "no clock" in seen(app)
        for view in VIEWS:
            await open_view(app, pilot, view)
        await open_view(app, pilot, "trace")
        assert "#1,001" in seen(app)


# -- names from files ------------------------------------------------------------------------


def hostile() -> Messages:
    signal = SignalLayout(HOSTILE, 0, 8, True, False, unit=HOSTILE, choices=((0, HOSTILE),))
    other = signal._replace(name="plain", choices=())
    message = MessageLayout(HOSTILE, 0x4E0, False, 8, (signal, other))
    return Messages({("can0", 0x4E0): (message,)})


@pytest.mark.parametrize("view", VIEWS)
async def test_names_from_files_are_shown_as_text_and_stay_harmless(
    view: str, tmp_path: Path
) -> None:
    source = story("relock-before-pull")
    path = tmp_path / f"{HOSTILE.replace('/', '')}.log"
    path.write_text((Path(source.capture.name)).read_text(), encoding="utf-8")
    analysis = replace(source, capture=read_capture(str(path)))
    app = replay(analysis, at_s=36.5)
    app.car.messages = hostile()
    async with app.run_test(size=(120, 40)) as pilot:
        app.playback.mark(HOSTILE)
        await open_view(app, pilot, view)
        await pilot.press("slash", *"4e0", "enter")
        app.say(HOSTILE)
        await settled(pilot)
        text = seen(app)
        assert "\x1b" not in text
        assert "[@click=app.quit]x[" in text
        for y, line in enumerate(text.splitlines()):
            if "[@click" in line:
                await pilot.click(offset=(line.index("[@click") + 18, y))
        await settled(pilot)
        assert not app._exit
