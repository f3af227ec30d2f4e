"""The key of the case book on a live bus: what is recorded goes into the case that is chosen."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import can
import pytest

from evdiag.bus.settings import BusSettings
from evdiag.casebook.cases import CarWords
from evdiag.casebook.opening import Book
from evdiag.casebook.reading import case_file
from evdiag.cli.case_desk import BookOnScreen, say_what_was_put
from evdiag.cli.live_screen import recordings_begun
from evdiag.tui.actions import LIVE, actions_for
from evdiag.tui.config import TuiConfig
from evdiag.tui.lines import LinePane
from evdiag.tui.live_app import LiveApp
from evdiag.tui.views_app import ViewsApp
from evdiag.watching import WatchedBus
from tests.tui.case_key import KONA, REFERENCE, asked, open_case, until
from tests.tui.live_bus import FakeAsk, FakeBus, frames_of
from tests.tui.replaying import Playing, seen, settled


@pytest.mark.usefixtures("no_idling")
async def test_a_live_recording_goes_into_the_case_once_it_is_closed(
    book: Book, tmp_path: Path
) -> None:
    number = open_case(book, REFERENCE)
    channel = uuid.uuid4().hex
    bus = WatchedBus([BusSettings("virtual", channel)], "reference", tmp_path / "rec")
    bus.start()
    app = LiveApp(bus, book=BookOnScreen("live"), config=TuiConfig())
    with can.Bus(interface="virtual", channel=channel) as car:
        try:
            async with app.run_test(size=(80, 24)) as pilot:
                await drive(car, app, pilot, 1)
                await pilot.press("R")
                await until(app, pilot, "recording begins, with")
                await recording_is(app, pilot, True)
                await pilot.press("R")
                await recording_is(app, pilot, False)
                await asked(app, pilot)
                await pilot.press("enter")
                await until(app, pilot, "case 1: recording begins, with the last 60 s")
                await recording_is(app, pilot, True)
                assert "case 1" in bar(app)
                await drive(car, app, pilot, 2)
                await pilot.press("R")
                await until(app, pilot, "case 1: added")
                await pilot.press("R")
                await recording_is(app, pilot, True)
                await drive(car, app, pilot, 3)
                await pilot.press("q")
                await settled(pilot)
                assert "It goes into case 1." in seen(app)
                await pilot.press("y")
        finally:
            bus.stop()
    app.cases.file_new(recordings_begun(bus.state))
    assert say_what_was_put(app.cases) == 0

    first, second, third = recordings_begun(bus.state)
    filed = case_file(book, number)
    assert [Path(each.recording.path) for each in filed.sessions] == [second, third]
    assert {each.kind for each in filed.sessions} == {"live"}
    assert first.is_file()


async def test_no_case_any_more(book: Book) -> None:
    open_case(book, REFERENCE)
    bus = FakeBus().play_to(5.0)
    app = LiveApp(bus, book=BookOnScreen("live"), case=1, wall_ns=lambda: bus.now_ns)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert "case 1" in bar(app)
        await pilot.press("R")
        offered = await asked(app, pilot)
        assert offered[-1].startswith("no case")
        await pilot.press("end", "pagedown", "enter")
        await settled(pilot)
        assert app.cases.number is None
        assert "case" not in bar(app)
        await pilot.press("R")
        app.tick()
        await settled(pilot)
    app.cases.file_new(bus.recorder.begun)
    assert say_what_was_put(app.cases) == 0
    assert case_file(book, 1).sessions == ()


async def test_the_vin_that_the_car_told_leads_to_its_case(book: Book) -> None:
    for car in (REFERENCE, KONA, CarWords(plate="M-AB 3", profile="reference")):
        open_case(book, car)
    bus = FakeBus().play_to(20.0)
    bus.ask = AskedVin(str(REFERENCE.vin))
    app = LiveApp(bus, book=BookOnScreen("live"), wall_ns=lambda: bus.now_ns)
    async with app.run_test(size=(80, 24)) as pilot:
        app.tick()
        bus.ask = FakeAsk()
        assert (await asked(app, pilot))[0].startswith("1  M-AB 1")


class AskedVin(FakeAsk):
    """Level ASK that has read a VIN."""

    def __init__(self, vin: str) -> None:
        super().__init__()
        self._vin = vin

    def look(self) -> Any:
        class Status:
            vin = self._vin

        class Look:
            state, failure, status = "off", "", Status

        return Look


async def test_no_other_key_of_a_live_screen_stores_anything(data: Path) -> None:
    bus = FakeBus().play_to(20.0)
    app = LiveApp(bus, book=BookOnScreen("live"), wall_ns=lambda: bus.now_ns)
    async with app.run_test(size=(80, 24)) as pilot:
        for action in actions_for(LIVE):
            for key in action.keys if action.id not in ("case", "quit") else ():
                await pilot.press(key)
                await pilot.press("enter", "escape", "escape")
    app.cases.file_new(bus.recorder.begun)
    assert say_what_was_put(app.cases) == 0
    assert not data.exists()


def bar(app: ViewsApp) -> str:
    app.redraw()
    return app.query_one("#bar", LinePane).text


async def recording_is(app: LiveApp, pilot: Playing, wanted: bool) -> None:
    for _ in range(3000):
        app.tick()
        if (app.facts.recording_s is not None) == wanted:
            return
        await pilot.pause(0.02)
    raise AssertionError("the recorder does not obey")


async def drive(car: can.BusABC, app: LiveApp, pilot: Playing, part: int) -> None:
    """Have a hundred more frames come in, others each time."""
    for frame in frames_of("relock-before-pull")[part * 100 : part * 100 + 100]:
        car.send(
            can.Message(arbitration_id=frame.id, is_extended_id=frame.extended, data=frame.data)
        )
    for _ in range(3000):
        app.tick()
        if app.facts.state.received >= part * 100 and not app.facts.behind:
            return
        await pilot.pause(0.02)
    raise AssertionError("nothing is heard")
