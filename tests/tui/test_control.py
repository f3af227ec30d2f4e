"""Commands on the screen: refused with reasons, begun by a typed word, stopped by one key."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from evdiag.control.command_run import StepView
from evdiag.control.errand import ErrandView, Stage
from evdiag.control.outcome import Outcome, OutcomeKind
from evdiag.levels import CommandLook
from evdiag.simulator.running import RunningCar
from evdiag.tui import control_words
from evdiag.tui.config import TuiConfig
from evdiag.tui.control_lines import ENDED, offer_rows, outcome_lines
from evdiag.tui.control_screen import ControlScreen
from evdiag.tui.help_screen import HelpScreen
from evdiag.tui.live_app import LiveApp
from evdiag.tui.row_list import RowList
from evdiag.vehicles.library import library
from evdiag.watching import WatchedBus
from tests.simulator.running import car_on_a_bus
from tests.tui.live_bus import FakeBus, live
from tests.tui.replaying import SIZES, Playing, replay, seen, settled

CHARGING_AT_S, OVER_AT_S = 8.0, 24.0
"""Of the story: it charges; the session is over, and the plug in."""

pytestmark = pytest.mark.usefixtures("no_idling")

UNLOCK = library().profile("reference").ways("unlock")[0]


async def press(pilot: Playing, *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
    await settled(pilot)
    return drawn(pilot)


def drawn(pilot: Playing) -> str:
    """Look once more; return what is seen then."""
    app = pilot.app
    assert isinstance(app, LiveApp)
    app.tick()
    if isinstance(app.screen, ControlScreen):
        app.screen.draw()
    return seen(app)


async def looked(pilot: Playing) -> str:
    drawn(pilot)
    await settled(pilot)
    return seen(pilot.app)


async def until(pilot: Playing, holds: Callable[[str], bool]) -> str:
    """Wait until what is seen is as wanted; generous, for a busy machine."""
    for _ in range(400):
        text = drawn(pilot)
        if holds(text):
            return text
        await pilot.pause(0.1)  # The rest of the process needs its time, too.
    raise AssertionError(f"never seen:\n{text}")


def told(pilot: Playing) -> str:
    """Return what was said in passing, all of it."""
    return " ".join(each.message for each in pilot.app._notifications)


def shown_word(text: str) -> str:
    found = re.search(r"type\s+([a-z]+(?: [a-z]+)?)\s+and Enter", text)
    assert found is not None, text
    return found[1]


async def typed(pilot: Playing, words: str) -> None:
    """Have words in the line, as if typed letter by letter (which takes a test its time)."""
    pilot.app.screen.query_one(Input).value = words
    await press(pilot, "enter")


# -- what there is -----------------------------------------------------------------------------


async def test_every_command_is_listed_with_its_ways_and_its_level_and_nothing_is_sent() -> None:
    app = live(FakeBus().play_to(OVER_AT_S))
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        text = await press(pilot, "C")
        for name in ("unlock", "relock", "cycle", "open-flap"):
            assert re.search(rf"{name} +by frames +simulated", text)
            assert re.search(rf"{name} +by uds +simulated", text)
        assert "simulated: seen on evdiag's own reference car only, never on a real one" in text
        assert "LISTEN verified" in text.splitlines()[0]
        assert "OPEN" in text.splitlines()[1]


def test_a_car_that_is_given_no_command_says_why() -> None:
    profile = library().profile("tesla-model3")
    text = "\n".join("".join(t for t, _ in row.line) for row in offer_rows(profile, 78))
    said = profile.why_not("unlock")
    assert said is not None
    assert text.count("not for this car") == 4
    assert said.text.split()[0] in text
    assert f"({said.evidence})" in text


async def test_g_leads_to_the_guide() -> None:
    app = live(FakeBus().play_to(OVER_AT_S))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "C", "g")
        await until(pilot, lambda _: app.view_name == "guide")
        assert not isinstance(app.screen, ControlScreen)


async def test_a_step_of_the_guide_that_commands_leads_to_the_conditions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "g")
        page = bus.guide_page(app.guide_texts)
        assert page is not None
        assert page.command is None
        assert "conditions, and the command" not in await looked(pilot)
        commanding = replace(page, command="unlock")
        monkeypatch.setattr(bus, "guide_page", lambda texts: commanding)
        assert "C conditions, and the command" in await looked(pilot)
        assert "── unlock by frames" in await press(pilot, "C")


async def test_before_the_car_is_known_nothing_can_be_commanded() -> None:
    app = live(FakeBus(known=False).play_to(3.0))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "C")
        assert "which car? v names it" in told(pilot)
        assert not isinstance(app.screen, ControlScreen)


async def test_a_recording_says_why_it_commands_nothing() -> None:
    app = replay(at_s=OVER_AT_S)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("C")
        await settled(pilot)
        assert "a recording commands no car" in told(pilot)
        assert len(app.screen_stack) == 1


# -- the conditions ----------------------------------------------------------------------------


async def test_while_it_charges_every_condition_that_fails_is_named_and_no_word_is_asked() -> None:
    bus = FakeBus().play_to(CHARGING_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await press(pilot, "C", "enter")
        assert re.search(r"✘ not charging +C2 +for \d", text)
        assert re.search(r"✘ no charging current +\S+ A +for \d", text)
        assert text.count("→ end the session") == 2
        assert re.search(r"✔ the car stands still +0 km/h +for \d", text)
        assert "REFUSED until every line is ✔. Nothing has been sent." in text
        assert not app.screen.query_one(Input).display
        await press(pilot, *control_words.WORDS[0], "enter")
        assert bus.commands.begun == []


async def test_a_condition_that_turns_red_takes_back_what_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = iter(control_words.WORDS)
    monkeypatch.setattr(control_words, "any_word", lambda: next(given))
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        first = shown_word(await press(pilot, "C", "enter"))
        await press(pilot, *first.split()[0])
        bus.commands.unseen = frozenset({"port.inlet_voltage", "charge.type"})
        assert "REFUSED" in await looked(pilot)
        assert not app.screen.query_one(Input).display
        bus.commands.unseen = frozenset()
        assert shown_word(await looked(pilot)) != first
        assert app.screen.query_one(Input).value == ""


async def test_a_unit_that_can_only_be_asked_is_asked_when_it_begins() -> None:
    app = live(FakeBus().play_to(OVER_AT_S))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "C", "down", "enter")
        text = await looked(pilot)
        assert "── unlock by uds" in text
        assert re.search(r"· the control unit answers, as expected +asked when you begin", text)
        assert "REFUSED" not in text


async def test_what_the_car_does_not_say_is_looked_at_for_one_command_and_forgotten() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    bus.commands.unseen = frozenset({"vehicle.speed"})
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await press(pilot, "C", "enter")
        assert re.search(r"\? the car stands still +this car does not say it", text)
        assert "→ look that it stands, in P, and cannot roll  [v] seen" in text
        assert "REFUSED" in text
        assert re.search(r"✔ the car stands still +confirmed by eye", await press(pilot, "v"))
        assert "REFUSED" in await press(pilot, "escape", "enter"), "another look, nothing kept"
        await press(pilot, "v")
        word = shown_word(await looked(pilot))
        await typed(pilot, word)
        assert bus.commands.begun == [
            ("unlock by frames", f"typed: {word}; looked at: speed", frozenset({"speed"}))
        ]


async def test_nothing_but_the_word_with_its_level_begins() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        word = shown_word(await press(pilot, "C", "enter"))
        assert word.endswith(" simulated")
        for wrong in ("", "y", word.split()[0], "simulated", word + "x"):
            await typed(pilot, wrong)
            assert "Nothing is sent" in await looked(pilot)
        assert bus.commands.begun == []
        app.screen.query_one(Input).value = word.upper()[:-1]
        await press(pilot, "end", "D", "enter")
        assert [text for text, _, _ in bus.commands.begun] == ["unlock by frames"]


def test_the_word_alone_is_enough_for_what_was_seen_on_the_real_car() -> None:
    assert control_words.to_type("brass", "verified") == "brass"
    assert control_words.to_type("brass", "community") == "brass community"
    assert control_words.is_typed("  Brass   community ", "brass community")
    assert not control_words.is_typed("", "brass")


# -- under way and after -----------------------------------------------------------------------


def acting(stage: Stage = "running", outcome: Outcome | None = None) -> CommandLook:
    steps = (
        StepView("send open every 10 ms", "done"),
        StepView("wait for port.lock unlocked, up to 3 s", "now"),
        StepView("stop open", "to come"),
    )
    view = ErrandView(UNLOCK, stage, (), steps, 57.4, outcome)
    return CommandLook("under way" if outcome is None else "ended", view)


def ended(kind: OutcomeKind) -> Outcome:
    return Outcome(kind, "what happened", True, True, "authority is back with the car", 2.0)


async def test_the_banner_stands_on_every_screen_and_over_every_dialog() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    banner = "ACT: evdiag commands the lock - 57 s left - press X to stop"
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        bus.commands.now = acting()
        for keys in ("1", "3", "6", "?", "ctrl+p", "M", "C"):
            await press(pilot, keys)
            lines = (await looked(pilot)).splitlines()
            assert any(banner in line for line in lines), keys
            assert len(lines) == 20
            if keys in ("1", "3", "6"):
                assert "ACT transmits" in lines[0]
            if len(app.screen_stack) > 1 and keys != "C":
                await press(pilot, "escape")
        text = await looked(pilot)
        assert "▶ wait for port.lock unlocked, up to 3 s" in text
        assert "· stop open" in text
        bus.commands.now = acting("ended", ended("done"))
        text = await looked(pilot)
        assert banner not in text
        assert "DONE" in text
        assert "✔ authority is back with the car" in text
        assert "Next: pull the plug now" in " ".join(text.split())


@pytest.mark.parametrize("opened_by", ["M", "ctrl+p", "C"])
@pytest.mark.parametrize(("key", "shown"), [("X", "X"), ("ctrl+c", "Ctrl+c")])
async def test_one_key_stops_it_from_any_dialog(opened_by: str, key: str, shown: str) -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        bus.commands.now = acting()
        await press(pilot, opened_by, key)
        assert bus.commands.aborted == [f"a person pressed {shown}"]
        assert not app._exit


async def test_after_a_danger_nothing_is_commanded_and_every_view_says_why() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "6", "g", "y")
        assert "STOP. Do not touch the cable." in await looked(pilot)
        for view in "123457":
            text = " ".join((await press(pilot, view)).split())
            assert "DANGER the guide was told that something is hot" in text
        assert "DANGER: the guide was told" in await press(pilot, "1")
        await press(pilot, "C", "enter")
        text = await looked(pilot)
        assert "✘ no danger the guide was told of one" in " ".join(text.split())
        assert "PULL NOW" not in text
        assert bus.commands.begun == []


async def test_while_nothing_is_under_way_the_key_is_a_letter_like_any_other() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "X")
        assert "no command is under way" in told(pilot)
        await press(pilot, "M", "X", "enter")
        assert bus.marks[-1] == "mark 1: X"
        assert bus.commands.aborted == []


async def test_the_bus_is_not_asked_nor_the_car_or_the_recording_changed_meanwhile() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "R")
        bus.commands.now = acting()
        await looked(pilot)
        await press(pilot, "A", "v", "R")
        assert len(app.screen_stack) == 1
        assert told(pilot).count("not while a command is under way") == 3
        assert app.facts.recording_s is not None


async def test_who_left_the_screen_is_told_how_it_ended() -> None:
    bus = FakeBus().play_to(OVER_AT_S)
    app = live(bus)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        bus.commands.now = acting()
        await looked(pilot)
        bus.commands.now = acting("ended", ended("commanded_not_confirmed"))
        await looked(pilot)
        assert "unlock by frames: COMMANDED, NOT CONFIRMED" in told(pilot)


def test_every_ending_has_words_and_says_what_to_do_next() -> None:
    for kind in ENDED:
        view = ErrandView(UNLOCK, "ended", (), (), None, replace(ended(kind), returned=False))
        text = "\n".join("".join(t for t, _ in line) for line in outcome_lines(view, 56))
        assert ENDED[kind][0] in text
        assert "Next: " in text
        assert all(len(line) <= 56 for line in text.splitlines())
        assert "✘ authority" in text


@pytest.mark.parametrize("size", SIZES)
async def test_every_phase_fits(size: tuple[int, int]) -> None:
    bus = FakeBus().play_to(CHARGING_AT_S)
    app = live(bus)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for keys in (("C",), ("enter",), ("end", "down", "down", "down")):
            await press(pilot, *keys)
            lines = (await looked(pilot)).splitlines()
            assert len(lines) == size[1]
            assert all(len(line) <= size[0] for line in lines)
            assert "Esc" in lines[-1]
        assert "REFUSED until every line is ✔" in seen(app)
        bus.play_to(OVER_AT_S)
        assert shown_word(" ".join((await looked(pilot)).split()))


# -- on a virtual car --------------------------------------------------------------------------


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let readings be older, and frames wait longer, than on a car.

    Car, bus and screen share one busy process here. With less patience a pause in sending is what
    it is on a car: a movement that ended, after which the actuator rests.
    """
    for module in ("permits", "act_policy"):
        monkeypatch.setattr(f"evdiag.control.{module}.PERMIT_LIVES_NS", 5_000_000_000)
    monkeypatch.setattr("evdiag.control.rest.GOES_ON_NS", 5_000_000_000)


@contextmanager
def parked_car(folder: Path) -> Iterator[tuple[RunningCar, WatchedBus]]:
    """Run a car with a plug locked in and no session, and listen to it."""
    with car_on_a_bus() as (car, settings):
        car.do("plug_in")
        bus = WatchedBus([settings], "reference", folder)
        bus.start()
        try:
            yield car, bus
        finally:
            bus.stop()


@asynccontextmanager
async def commanded(bus: WatchedBus, command: str) -> AsyncIterator[Playing]:
    """Have a command begun on the screen, with the word that stands there."""
    app = LiveApp(bus, config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await until(pilot, lambda text: "the plug is held" in text)
        await press(pilot, "C")
        await until(pilot, lambda text: "unlock" in text)
        app.screen.query_one(RowList).choose(command)
        await press(pilot, "enter")
        text = await until(pilot, lambda text: "To begin, type" in text)
        await typed(pilot, shown_word(text))
        yield pilot


def returned(car: RunningCar) -> bool:
    return car.touch(lambda wire: wire.authority.returned)


@pytest.mark.usefixtures("patient")
async def test_an_unlock_is_done_and_the_car_has_its_authority_back(tmp_path: Path) -> None:
    with parked_car(tmp_path) as (car, bus):
        bus.ask.begin(library().profile("reference"))
        async with commanded(bus, "unlock by uds") as pilot:
            text = await until(pilot, lambda text: "DONE" in text)
            assert "✔ authority is back with the car" in text
            assert "reported: port.lock unlocked" in text
            assert car.look().values["port.lock"] == "unlocked"
            await until(pilot, lambda text: bus.ask.look().state == "asking")
            # The screen says it with its next tick.
            await until(pilot, lambda text: "ASK goes on" in told(pilot))
            assert "ASK rests" in told(pilot)
            assert "ASK goes on" in told(pilot)
            bus.ask.end()
            await until(pilot, lambda _: returned(car))
        assert bus.commands.cut_short is None


@pytest.mark.usefixtures("patient")
async def test_it_is_stopped_in_the_middle_from_a_dialog(tmp_path: Path) -> None:
    with parked_car(tmp_path) as (car, bus):
        async with commanded(bus, "cycle by frames") as pilot:
            await until(pilot, lambda text: "press X to stop" in text)
            await press(pilot, "escape")
            text = await until(pilot, lambda text: "hands off: evdiag commands" in text)
            assert "PULL NOW" not in text
            await press(pilot, "question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            text = await until(pilot, lambda text: "press X to stop" in text)
            assert "ACT: evdiag commands the lock" in text.splitlines()[0]
            await press(pilot, "X", "escape")
            text = await until(pilot, lambda _: "ABORTED" in told(pilot))
            await until(pilot, lambda _: returned(car))
            assert "LISTEN" in text.splitlines()[0]


@pytest.mark.usefixtures("patient")
async def test_leaving_in_the_middle_hands_back_before_the_bus_is_closed(tmp_path: Path) -> None:
    with parked_car(tmp_path) as (car, bus):
        async with commanded(bus, "cycle by uds") as pilot:
            await until(pilot, lambda text: "press X to stop" in text)
            await press(pilot, "escape", "q")
            # It is stopped at once; the recording that the command began asks for a word.
            await until(pilot, lambda text: "leaves" in text)
            await press(pilot, "y")
            assert pilot.app._exit
        bus.stop()
        view = bus.commands.cut_short
        assert view is not None
        assert view.outcome is not None
        assert (view.outcome.kind, view.outcome.returned) == ("aborted", True)
        assert returned(car)
