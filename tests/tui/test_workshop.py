"""The list of the workshop, and one car over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from evdiag.errors import BadInputError
from evdiag.recurrence.history import History
from evdiag.recurrence.workshop import Car, workshop
from evdiag.tui.config import TuiConfig
from evdiag.tui.lines import LinePane, TextList
from evdiag.tui.trend_plot import TrendPlot
from evdiag.tui.trend_screen import TrendScreen
from evdiag.tui.workshop_screen import CarList, WorkshopApp
from tests.architecture.test_imports import loaded_after
from tests.recurrence.made import Truth, made, step
from tests.tui.replaying import SIZES, Playing, settled

DOTS = set(map(chr, range(0x2801, 0x2900)))
DOUBLED = Truth(release=step(180, math.log(2)), repairs=(240,))


@cache
def cars() -> tuple[Car, ...]:
    return tuple(
        workshop(
            [
                made(2, name="M-AB 2", model="bmw-i3"),
                made(1, DOUBLED, name="M-AB [b]1\x1b", model="bmw-i3"),
                made(3, Truth(failing=lambda _day: 0.3), name="M-AB 3", model="hyundai-kona"),
                History("new", "reference"),
            ]
        )
    )


def app(found: Sequence[Car] | None = None, **options: Any) -> WorkshopApp:
    listed = cars() if found is None else found
    return WorkshopApp(lambda: listed, config=TuiConfig(**options))


async def ready(shown: WorkshopApp, pilot: Playing) -> None:
    await settled(pilot)
    while not shown.is_ready:
        await pilot.pause(0.02)
    shown.draw()
    await settled(pilot)


def words(shown: WorkshopApp) -> str:
    screen = shown.screen
    panes = [pane.text for pane in screen.query(LinePane)]
    lists = [
        "\n".join(
            "".join(text for text, _ in listed.line(n, listed.size.width))
            for n in range(listed.count)
        )
        for listed in screen.query(CarList)
    ]
    return "\n".join([*panes, *lists, *(listed.text for listed in screen.query(TextList))])


def plot_of(shown: WorkshopApp) -> str:
    strips = shown.screen.query_one(TrendPlot).render_lines(
        shown.screen.query_one(TrendPlot).size.region
    )
    return "\n".join(strip.text for strip in strips)


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_says_what_is_getting_worse(size: tuple[int, int]) -> None:
    shown = app()
    async with shown.run_test(size=size) as pilot:
        await ready(shown, pilot)
        text = words(shown)
        assert "4 cars, 1 getting worse" in text
        assert text.index("▲ M-AB [b]1␛") < text.index("M-AB 3") < text.index("M-AB 2")
        assert "Release time has doubled since July 2025" in text
        await pilot.press("down")
        await settled(pilot)
        assert "unlocks worked" in words(shown)


async def test_a_long_name_of_a_car_does_not_run_into_its_model() -> None:
    shown = app(tuple(workshop([made(2, name="Taxi 14, Hafenstraße", model="bmw-i3")])))
    async with shown.run_test(size=(80, 24)) as pilot:
        await ready(shown, pilot)
        assert "Taxi 14, Hafen… bmw-i3" in words(shown)


async def test_enter_shows_the_car_over_time_and_escape_goes_back() -> None:
    shown = app()
    async with shown.run_test(size=(80, 24)) as pilot:
        await ready(shown, pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(shown.screen, TrendScreen)
        text = words(shown)
        assert "M-AB [b]1␛  bmw-i3  time to release, s" in text
        assert "1 of 4" in text
        assert "The repair of 3 September 2025 (actuator) did not help" in text.replace(
            "\n   ", " "
        )
        drawn = plot_of(shown)
        for sign in ("━", "×", "│", "2025-0"):
            assert sign in drawn
        assert DOTS & set(drawn)
        await pilot.press("right")
        await settled(pilot)
        assert "M-AB 3" in words(shown)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(shown.screen, TrendScreen)
        assert shown.screen.query_one(CarList).cursor == 1
        await pilot.press("q")


async def test_the_time_to_lock_is_one_key_away() -> None:
    shown = app()
    async with shown.run_test(size=(80, 24)) as pilot:
        await ready(shown, pilot)
        await pilot.press("enter", "l")
        await settled(pilot)
        assert "time to lock, s" in words(shown)
        await pilot.press("l")
        await settled(pilot)
        assert "time to release, s" in words(shown)


async def test_a_car_of_which_nothing_is_known_has_an_empty_plot() -> None:
    shown = app()
    async with shown.run_test(size=(80, 24)) as pilot:
        await ready(shown, pilot)
        await pilot.press("pagedown", "enter")
        await settled(pilot)
        assert "Too little is known" in words(shown)
        assert not DOTS & set(plot_of(shown))
        await pilot.press("left", "left", "left", "left", "q")
        await settled(pilot)
        assert shown.screen.query_one(CarList).cursor == 0


@pytest.mark.parametrize("place", [(), ("enter",)])
async def test_help_says_what_the_signs_mean(place: tuple[str, ...]) -> None:
    shown = app()
    async with shown.run_test(size=(80, 24)) as pilot:
        await ready(shown, pilot)
        await pilot.press(*place, "question_mark")
        await settled(pilot)
        assert "▲" in words(shown)
        await pilot.press("escape")


async def test_an_empty_book_and_one_that_cannot_be_read_are_said() -> None:
    empty = app(())
    async with empty.run_test(size=(80, 24)) as pilot:
        await ready(empty, pilot)
        assert "holds no car" in words(empty)
        await pilot.press("enter", "down", "q")

    def fail() -> Sequence[Car]:
        raise BadInputError("the case book is locked by somebody else")

    broken = WorkshopApp(fail, config=TuiConfig())
    async with broken.run_test(size=(80, 24)) as pilot:
        await ready(broken, pilot)
        assert "the case book is locked by somebody else" in words(broken)
        await pilot.press("enter", "escape")
    assert broken.went_back


async def test_a_terminal_of_letters_sees_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = app()
    async with shown.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(type(shown.console), "encoding", "ascii")
        await ready(shown, pilot)
        line = "".join(text for text, _ in shown.screen.query_one(CarList).line(0, 78))
        assert not set("▁▂▃▄▅▆▇█") & set(line)
        await pilot.press("enter")
        await settled(pilot)
        drawn = plot_of(shown)
        assert not {"━", *DOTS} & set(drawn)
        assert "x" in drawn


def test_the_list_loads_no_plotting_library_before_it_has_painted() -> None:
    loaded = loaded_after("import evdiag.tui.workshop_screen")
    assert not loaded & {"plotext", "numpy", "scipy", "statsmodels", "sqlalchemy", "can"}


def pressing(*keys: str) -> Any:
    async def press(pilot: Playing) -> None:
        await ready(pilot.app, pilot)  # type: ignore[arg-type]
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return press


def test_picture_of_the_list(snap_compare: Any) -> None:
    assert snap_compare(app(), terminal_size=(80, 24), run_before=pressing())


def test_picture_of_a_car_over_time(snap_compare: Any) -> None:
    assert snap_compare(app(theme="light"), terminal_size=(80, 24), run_before=pressing("enter"))
