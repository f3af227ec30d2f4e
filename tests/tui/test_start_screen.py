"""The start screen: what was used last first, one key each."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.bus.adapters import Adapter
from evdiag.bus.settings import BusSettings
from evdiag.cli.start import start as begin_with_screen
from evdiag.recent import RecentBus
from evdiag.tui.config import TuiConfig
from evdiag.tui.start_app import Start, StartApp
from tests.architecture.test_imports import loaded_after
from tests.tui.replaying import SIZES, Playing, seen, settled
from tests.tui.test_connect_screen import CAN0

LAST = RecentBus(BusSettings("slcan", "/dev/ttyACM0", 500_000), "hyundai-kona")
RECORDING = Path("/recordings/20261122T140000Z-can0[red].log")
SCENARIOS = (("healthy-ac", "A session"), ("frozen", "The pin is frozen in"))


def start(*found: Adapter, bus: RecentBus | None = None, recording: Path | None = None) -> StartApp:
    return StartApp(
        lambda: found,
        bus,
        recording,
        lambda: SCENARIOS,
        lambda name: "" if name == "/there.log" else f"{name}: there is no such file",
        config=TuiConfig(),
    )


async def looked(app: StartApp, pilot: Playing) -> str:
    for _ in range(600):
        app.draw()
        await settled(pilot)
        if "looking" not in seen(app):
            break
        await pilot.pause(0.02)
    return seen(app)


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_machine_sees_the_demo_and_why_there_is_no_adapter(
    size: tuple[int, int],
) -> None:
    app = start()
    async with app.run_test(size=size) as pilot:
        text = await looked(app, pilot)
        assert "no adapter found: `evdiag doctor` tells why" in text
        assert "d  Demo" in text
        assert "lock did." in text
        assert "Reconnect" not in text
        assert "Last recording" not in text
        await pilot.press("r", "l")
        assert app.chosen is None


async def test_what_was_used_last_is_first() -> None:
    app = start(CAN0, bus=LAST, recording=RECORDING)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await looked(app, pilot)
        names = [line for line in text.splitlines() if line[:6].strip("▸ ")]
        assert text.index("Reconnect") < text.index("Connect …") < text.index("Last recording")
        assert "slcan /dev/ttyACM0 500k, hyundai-kona" in text
        assert "20261122T140000Z-can0[red].log" in text
        assert "1 adapter found, 1 ready" in text
        assert names
        await pilot.press("enter")
    assert app.chosen == Start("reconnect")


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (("r",), Start("reconnect")),
        (("c",), Start("connect")),
        (("l",), Start("replay", str(RECORDING))),
        (("g",), Start("guide")),
        (("d",), Start("demo")),
        (("b",), Start("workshop")),
        (("down", "down", "enter"), Start("replay", str(RECORDING))),
        (("o", "down", "enter"), Start("replay", "frozen")),
        (("o", *"fro", "enter"), Start("replay", "frozen")),
        (("o", *"/there.log", "enter"), Start("replay", "/there.log")),
        (("q",), None),
        (("escape",), None),
    ],
)
async def test_each_key_begins_what_it_says(keys: tuple[str, ...], wanted: Start | None) -> None:
    app = start(bus=LAST, recording=RECORDING)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for key in keys:
            await pilot.press("slash" if key == "/" else key)
            await settled(pilot)
    assert app.chosen == wanted


async def test_a_recording_that_is_not_there_is_said_in_place() -> None:
    app = start()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("o", *"nowhere", "enter")
        await settled(pilot)
        assert "nowhere: there is no such file" in seen(app)
        await pilot.press("escape", "q")
    assert app.chosen is None


def test_who_goes_back_chooses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = iter([Start("connect"), Start("workshop"), Start("demo")])
    begun: list[Start] = []

    def begin(what: Start) -> int | None:
        begun.append(what)
        return 3 if what.way == "demo" else None

    monkeypatch.setattr("evdiag.cli.start._chosen", lambda: next(chosen))
    monkeypatch.setattr("evdiag.cli.start._begin", begin)
    assert begin_with_screen() == 3
    assert [each.way for each in begun] == ["connect", "workshop", "demo"]


def test_nothing_heavy_is_loaded_before_it_has_painted() -> None:
    loaded = loaded_after("import evdiag.cli.start, evdiag.tui.start_app, evdiag.recent")
    assert "textual" in loaded
    assert not loaded & {"can", "cantools", "numpy", "asammdf", "serial"}


def test_the_connect_screen_loads_no_bus_before_it_has_painted() -> None:
    loaded = loaded_after("import evdiag.cli.connect, evdiag.tui.connect_app, evdiag.recent")
    assert not loaded & {"can", "cantools", "asammdf", "serial"}
