"""The screen paints first; the recording is read behind it."""

from __future__ import annotations

import threading

from evdiag.errors import BadInputError
from evdiag.tui.app import ReplayApp
from evdiag.tui.config import TuiConfig
from evdiag.wiring import Analysis
from tests.tui.replaying import Clock, Playing, seen, settled, story


async def until_ready(app: ReplayApp, pilot: Playing) -> None:
    while not app.ready:
        await pilot.pause(0.02)
    await settled(pilot)


async def test_it_paints_while_it_reads_and_then_shows_the_port() -> None:
    may_go_on = threading.Event()

    def read() -> Analysis:
        may_go_on.wait(30)
        return story("relock-before-pull")

    app = ReplayApp(read, paused=True, clock=Clock(), config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "reading" in seen(app)
        await pilot.press("n", "2", "space", "question_mark")
        assert not app.ready
        may_go_on.set()
        await until_ready(app, pilot)
        assert "PLUG" in seen(app)
        assert app.playback.position == 0


async def test_a_recording_that_cannot_be_read_ends_it_with_the_reason() -> None:
    def read() -> Analysis:
        raise BadInputError("x.log: there is no such file")

    app = ReplayApp(read, clock=Clock(), config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        while app.is_running and app.failure is None:
            await pilot.pause(0.02)
        await pilot.pause(0.3)
    assert str(app.failure) == "x.log: there is no such file"
    assert app.return_code == 2


async def test_a_tick_while_the_parts_go_draws_nothing() -> None:
    app = ReplayApp(story("relock-before-pull"), clock=Clock(), config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await app.query_one("#top").remove()
        app.tick()
        app.redraw()
        await settled(pilot)
    assert app.return_code in (None, 0)


async def test_it_can_be_left_while_it_reads() -> None:
    may_go_on = threading.Event()

    def read() -> Analysis:
        may_go_on.wait(30)
        return story("relock-before-pull")

    app = ReplayApp(read, clock=Clock(), config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("q")
        await pilot.pause(0.1)
    may_go_on.set()
    assert app.return_code == 0
    assert not app.ready
