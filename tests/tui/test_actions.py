"""Every action of the registry is invoked by each of its keys, and does what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from textual.command import CommandPalette

from evdiag.guide.page import Page
from evdiag.session.playback import SPEEDS
from evdiag.tui.actions import REPLAY, Action, actions_for
from evdiag.tui.app import ReplayApp
from evdiag.tui.dialogs import Question
from evdiag.tui.filter_box import FilterBox
from evdiag.tui.help_screen import HelpScreen
from evdiag.tui.port_view import PortView
from evdiag.tui.trace_view import TraceView
from evdiag.tui.transport import FAR_S, NEAR_S
from evdiag.tui.views_app import VIEWS
from tests.tui.replaying import replay, settled

REPLAYING = actions_for(REPLAY)

AT_S = 20.0
"""Where every test begins: the lock is open, attempt 1 runs, attempt 2 lies ahead."""


@dataclass(frozen=True)
class Effect:
    """What to press before, what to look at, and what must have become of it."""

    see: Callable[[ReplayApp], Any]
    holds: Callable[[Any, Any], bool]
    first: tuple[str, ...] = ()


def place(app: ReplayApp) -> float:
    return app.playback.elapsed_s


def row(app: ReplayApp) -> int:
    return app.playback.position


def speed(app: ReplayApp) -> float | None:
    return app.playback.speed


def cursor(app: ReplayApp) -> int:
    assert app.view.main_list is not None
    return app.view.main_list.cursor


def trace(app: ReplayApp) -> TraceView:
    assert isinstance(app.view, TraceView)
    return app.view


def shown(name: str) -> Effect:
    other = "2" if name == "port" else "1"
    return Effect(
        lambda app: (app.view_name, app.view.display),
        lambda before, after: before[0] != name and after == (name, True),
        (other,),
    )


def moved(seconds: float) -> Effect:
    return Effect(place, lambda before, after: after - before == pytest.approx(seconds))


def now(see: Callable[[ReplayApp], Any], value: Any, *first: str) -> Effect:
    return Effect(see, lambda before, after: before != value and after == value, first)


def window_of(app: ReplayApp) -> float:
    assert isinstance(app.view, PortView)
    return app.view.window_s


def loop_of(app: ReplayApp) -> Any:
    return app.playback.loop_from, app.playback.loop


def notes(app: ReplayApp) -> list[str]:
    return [mark.text for mark in app.playback.marks]


def said(app: ReplayApp, words: str = "commands no car") -> bool:
    return any(words in each.message for each in app._notifications)


def guide(app: ReplayApp) -> Page | None:
    return app.guide_page(app.guide_texts)


def answered(app: ReplayApp) -> list[tuple[str, str]]:
    """Return what the guide says became of each step, with the open one."""
    page = guide(app)
    assert page is not None
    return [*((done.step, done.result) for done in page.history), (page.step, page.phase)]


def guided(*first: str) -> tuple[str, ...]:
    return ("6", "g", *first)


def became(step: str, result: str, *first: str) -> Effect:
    """The step that was open is answered so."""
    return Effect(
        answered,
        lambda before, after: before[-1][0] == step and (step, result) in after,
        guided(*first),
    )


def came_to(step: str, phase: str, *first: str) -> Effect:
    return Effect(
        answered,
        lambda before, after: before[-1] != (step, phase) and after[-1] == (step, phase),
        guided(*first),
    )


EFFECTS: dict[str, Effect] = {
    "no_command": now(said, True),
    "case": now(lambda app: said(app, "no case book on this screen"), True),
    "guide_yes": became("danger", "yes"),
    "guide_no": became("danger", "no"),
    "guide_first": became("which-end", "the car", "n"),
    "guide_second": became("which-end", "the charge point", "n"),
    "guide_third": became("which-end", "both", "n"),
    "guide_fourth": became("which-end", "I do not know", "n"),
    "guide_take": became("which-end", "the charge point", "n", "down"),
    "guide_again": became("which-end", "again", "n"),
    "guide_back": came_to("danger", "doing", "n"),
    "guide_skip": became("which-end", "skipped by you", "n"),
    "guide_danger": came_to("danger-found", "ended", "n"),
    "guide_stop": came_to("which-end", "stopped", "n"),
    "guide_begin": Effect(guide, lambda before, after: not before and after is not None, ("6",)),
    **{f"view_{name}": shown(name) for name in VIEWS},
    "play": Effect(lambda app: app.playback.playing, lambda before, after: after is not before),
    "next_change": Effect(row, lambda before, after: after > before),
    "previous_change": Effect(row, lambda before, after: after < before),
    "next_attempt": Effect(place, lambda _, after: after == pytest.approx(36.1, abs=0.1)),
    "previous_attempt": Effect(place, lambda _, after: after == pytest.approx(16.1, abs=0.1)),
    "step_forward": Effect(row, lambda before, after: after == before + 1),
    "step_back": Effect(row, lambda before, after: after == before - 1),
    "forward": moved(NEAR_S),
    "back": moved(-NEAR_S),
    "forward_far": moved(FAR_S),
    "back_far": moved(-FAR_S),
    "go_to": Effect(lambda app: isinstance(app.screen, Question), lambda b, a: (b, a) == (0, 1)),
    "beginning": now(place, 0.0),
    "end": Effect(lambda app: app.playback.at_end, lambda b, a: (b, a) == (False, True)),
    "faster": now(speed, SPEEDS[SPEEDS.index(1.0) + 1]),
    "slower": now(speed, SPEEDS[SPEEDS.index(1.0) - 1]),
    "real_time": now(speed, 1.0, "plus", "plus"),
    "fastest": now(speed, None),
    "mark": now(notes, ["mark 1"]),
    "mark_with_text": Effect(
        lambda app: isinstance(app.screen, Question), lambda b, a: (b, a) == (0, 1)
    ),
    "next_mark": Effect(place, lambda b, a: a - b == pytest.approx(1, abs=0.1), ("m", "left")),
    "previous_mark": Effect(place, lambda b, a: b - a == pytest.approx(1, abs=0.1), ("m", "right")),
    "loop": Effect(loop_of, lambda before, after: before == (None, None) and after[0] is not None),
    "up": Effect(cursor, lambda before, after: after == before - 1, ("3",)),
    "down": Effect(cursor, lambda before, after: after == before + 1, ("4",)),
    "page_up": Effect(cursor, lambda before, after: after < before - 3, ("3",)),
    "page_down": Effect(cursor, lambda before, after: after > before + 3, ("4",)),
    "top": now(cursor, 0, "3"),
    "bottom": Effect(cursor, lambda before, after: after > before + 20, ("4",)),
    "copy": Effect(
        lambda app: app.clipboard, lambda before, after: not before and "fob" in after, ("2",)
    ),
    "window": Effect(window_of, lambda before, after: after == 2 * before),
    "choose": Effect(place, lambda _, a: a == pytest.approx(36.1, abs=0.1), ("2", "down")),
    "filter": Effect(
        lambda app: isinstance(app.focused, FilterBox), lambda b, a: (b, a) == (False, True), ("3",)
    ),
    "freeze": now(lambda app: trace(app).frozen, True, "3"),
    "per_id": now(lambda app: trace(app).main_list.per_id, True, "3"),
    "time_format": now(lambda app: trace(app).main_list.time_format, "distance", "3"),
    "help": now(lambda app: isinstance(app.screen, HelpScreen), True),
    "palette": now(lambda app: isinstance(app.screen, CommandPalette), True),
    "theme": now(lambda app: app.theme, "light"),
    "quit": now(lambda app: app._exit, True),
}


@pytest.mark.parametrize(
    ("action", "key"),
    [(action, key) for action in REPLAYING for key in action.keys],
    ids=lambda value: value.id if isinstance(value, Action) else value,
)
async def test_every_action_does_what_it_says_by_each_of_its_keys(action: Action, key: str) -> None:
    effect = EFFECTS[action.id]
    app = replay(at_s=AT_S)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*effect.first)
        await settled(pilot)
        before = effect.see(app)
        await pilot.press(key)
        await settled(pilot)
        after = effect.see(app)
    assert effect.holds(before, after), (before, after)


def test_every_action_has_an_effect_here_and_no_key_is_given_twice() -> None:
    assert set(EFFECTS) == {action.id for action in REPLAYING}
    for views in (True, False):
        # In the guide a key may mean something else than everywhere else.
        actions = [action for action in REPLAYING if (action.views == ("guide",)) is views]
        keys = [key for action in actions for key in action.keys]
        assert len(keys) == len(set(keys))


async def test_a_step_pauses_and_a_seek_does_not() -> None:
    app = replay(at_s=AT_S, paused=False)
    async with app.run_test() as pilot:
        await pilot.press("right")
        assert app.playback.playing
        await pilot.press("n")
        assert not app.playback.playing


async def test_a_loop_takes_three_presses() -> None:
    app = replay(at_s=AT_S)
    async with app.run_test() as pilot:
        await pilot.press("l", "right", "right", "l")
        assert app.playback.loop is not None
        first, end = app.playback.loop
        assert app.playback.elapsed_at(end - 1) - app.playback.elapsed_at(first - 1) == (
            pytest.approx(2.0, abs=0.1)
        )
        await pilot.press("l")
        assert loop_of(app) == (None, None)


async def test_the_palette_does_every_action_that_it_offers() -> None:
    app = replay(at_s=AT_S)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p")
        await settled(pilot)
        await pilot.press(*"latest of each")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await settled(pilot)
        assert app.view_name == "trace"


async def test_an_action_of_another_view_says_where_it_works() -> None:
    app = replay(at_s=AT_S)
    async with app.run_test() as pilot:
        await pilot.press("z")
        await settled(pilot)
        said = [notification.message for notification in app._notifications]
        assert said == ["list still: only in 3 Trace"]


async def test_choosing_a_frame_of_the_trace_plays_from_it() -> None:
    app = replay(at_s=AT_S)
    async with app.run_test() as pilot:
        await pilot.press("3")
        await settled(pilot)
        await pilot.press("ctrl+home", "down", "enter")
        assert app.playback.position == 2
