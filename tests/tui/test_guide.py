"""The guide on the screen: pages are read, answers emitted, on a bus, in a recording, alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evdiag.errors import EvdiagError
from evdiag.guide.checking import check
from evdiag.guide.engine import START
from evdiag.guide.page import Option, Page
from evdiag.guide_files import book, languages, texts
from evdiag.guiding import AnswersOnly, answers_in, begin
from evdiag.inputs import Answer
from evdiag.simulator.stories import STORY
from evdiag.tui.actions import LIVE, LIVE_WITH_CAR, REPLAY, Deck, actions_for, meant
from evdiag.tui.app import ReplayApp
from evdiag.tui.config import TuiConfig, read_config
from evdiag.tui.guide_app import ACTIONS, GuideApp
from evdiag.tui.guide_lines import Sight, choosable, rest_lines, top_lines
from evdiag.tui.guide_pane import GuidePane
from evdiag.tui.guide_start import GuideStart
from evdiag.tui.lines import LinePane
from evdiag.tui.live_app import LiveApp
from evdiag.tui.themed_app import ThemedApp
from evdiag.wiring import analyse, read_capture
from tests.guide.stories import shipped
from tests.guide.stranded import Stranded
from tests.report.guided import journal_of
from tests.tui.live_bus import FakeBus, live
from tests.tui.replaying import SIZES, Playing, replay, seen, settled, story

ALIVE_AT_S = 15.0
"""The car charges: its session is alive."""

PULLING_S = 17.1
"""The session is over, and the lock closed still."""


def guided(bus: FakeBus, place: str = "triage", language: str = "en") -> LiveApp:
    """Return the live screen, in the guide from the first moment on."""
    start = GuideStart(texts(language), place)
    return LiveApp(bus, guide=start, wall_ns=lambda: bus.now_ns, config=TuiConfig())


async def press(pilot: Playing, *keys: str) -> str:
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return words(seen(pilot.app))  # type: ignore[arg-type]


def words(text: str) -> str:
    return " ".join(text.split())


def page(bus: FakeBus) -> Page:
    now = bus.guide_page(texts("en"))
    assert now is not None
    return now


def said_in_passing(app: ThemedApp) -> list[str]:
    return [notification.message for notification in app._notifications]


# -- on a live bus ---------------------------------------------------------------------------


async def test_g_begins_the_guide_and_a_recording_and_says_so() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "[g] guide me" in seen(app)
        text = await press(pilot, "g")
        assert "Is anything hot" in text
        assert "The session is ALIVE" in text
        assert bus.recorder.writing_since_ns is not None
        assert said_in_passing(app) == ["recording: what the guide does goes into it"]
        await press(pilot, "g", "1", "g")
        assert bus.answers == [("triage", START)]


async def test_the_view_alone_begins_nothing_until_it_is_asked_to() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot, "6")
        assert "Is the cable stuck? The guide goes with you" in text
        assert bus.answers == []
        assert bus.recorder.writing_since_ns is None
        await press(pilot, "enter")
        assert bus.answers == [("triage", START)]


async def test_answers_by_letter_and_by_arrow_are_emitted_as_they_are() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = guided(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "n", "down", "down", "up", "enter", "a")
        assert bus.answers[1:] == [
            ("danger", "no"), ("which-end", "charge_point"), ("whose-cable", "own_cable"),
        ]  # fmt: skip


async def test_on_the_lowest_terminal_the_answers_stay_and_the_arrows_bring_the_others() -> None:
    app = guided(FakeBus().play_to(ALIVE_AT_S))
    async with app.run_test(size=(40, 10)) as pilot:
        await press(pilot, "n")
        pane = app.screen.query_one(GuidePane)
        below = pane.query_one("#guide-below", LinePane)
        assert pane.region.contains_region(below.region)
        assert below.region.height == len(below.lines)
        assert "the car " in below.text
        assert "I do not know" not in below.text
        await press(pilot, "down", "down", "down")
        assert pane.region.contains_region(below.region)
        assert "I do not know" in below.text


async def test_an_answer_that_the_bus_denies_asks_for_a_second_look() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = guided(bus, "end-the-session")
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot, "a")
        assert "Please look again. You say: it has ended. The bus shows otherwise." in text
        assert page(bus).phase == "second_look"
        await press(pilot, "a")
        assert "end-the-session" in [done.step for done in page(bus).history]


async def test_a_warning_offers_nothing_but_that_it_is_understood() -> None:
    bus = FakeBus("frozen").play_to(17.0)
    app = guided(bus, "thaw")
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot)
        assert "! Mind: No hot water, no flame" in text
        assert "it came out" not in text
        assert "y understood" in text
        text = await press(pilot, "n", "a", "enter")
        assert "it came out" in text
        assert bus.answers[1:] == [("thaw", "understood")]


async def test_back_skip_again_stop_resume_and_danger_are_one_key_each() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = guided(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "n", "a")
        assert "Which end is stuck?" in await press(pilot, "b")
        await press(pilot, "s", "r")
        assert [done.result for done in page(bus).history][1:] == ["skipped by you", "again"]
        text = await press(pilot, "escape")
        assert "The guide is stopped. It goes on where it was." in text
        assert "danger!" not in text
        assert "The guide is stopped" not in await press(pilot, "escape")
        text = await press(pilot, "x")
        assert "STOP. Do not touch the cable." in text
        assert "DANGER" in text


async def test_enter_at_an_end_does_not_begin_anew_but_g_does() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = guided(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "y", "enter", "enter")
        assert page(bus).phase == "ended"
        assert "Is anything hot" in await press(pilot, "g")


@pytest.mark.parametrize("size", SIZES)
async def test_the_countdown_is_on_the_screen_while_it_runs(size: tuple[int, int]) -> None:
    bus = FakeBus().play_to(PULLING_S)
    app = guided(bus, "unlock-and-pull")
    async with app.run_test(size=size) as pilot:
        assert "OPEN: PULL NOW" not in await press(pilot)
        bus.play_to(20.0)
        app.tick()
        text = await press(pilot)
        assert "OPEN: PULL NOW" in text
        assert "locks again in 7 s" in text
        assert "━━━" in text
        bus.play_to(30.0)
        app.tick()
        assert "OPEN: PULL NOW" not in await press(pilot)


async def test_what_the_bus_proves_leads_on_without_an_answer() -> None:
    bus = FakeBus().play_to(PULLING_S)
    app = guided(bus, "unlock-and-pull")
    async with app.run_test(size=(120, 40)) as pilot:
        assert "… the car heard the unlock waiting" in await press(pilot)
        bus.play_to(47.0)
        app.tick()
        text = await press(pilot)
        assert "SOLVED" in text
        assert len(bus.answers) == 1


async def test_the_guide_is_that_of_now_while_the_screen_stands_still() -> None:
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = guided(bus)
    async with app.run_test(size=(120, 40)) as pilot:
        text = await press(pilot, "space", "n")
        assert "FROZEN" in text
        assert "Which end is stuck?" in text


async def test_an_answer_meant_for_the_page_before_is_not_given_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("evdiag.tui.guide_pane.LOOK_S", 3600.0)
    bus = FakeBus().play_to(ALIVE_AT_S)
    app = guided(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "y", "enter", "a")
        assert bus.answers == [("triage", START)]
        await press(pilot, "x")
        assert bus.answers[-1] == ("danger", "danger"), "danger never waits"


async def test_before_the_car_is_known_it_guides_by_the_answers() -> None:
    app = guided(FakeBus(known=False).play_to(3.0))
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot, "n", "a")
        assert "Whose cable is it?" in text
        assert "Whether the session is over is not known" in text


async def test_the_port_stands_beside_it_where_there_is_room() -> None:
    app = guided(FakeBus().play_to(ALIVE_AT_S))
    async with app.run_test(size=(120, 40)) as pilot:
        text = await press(pilot)
        assert "LOCKED" in text
        assert "PILOT ● C2 26 %" in text
        assert "INLET" in text
        assert "lock ▁" in text


async def test_what_may_be_anything_is_shown_and_not_obeyed() -> None:
    hostile = "a [red]b[/] \x1b[2J c"
    shown = Page(
        "doing", hostile, hostile, hostile, hostile, hostile, (hostile,), hostile, (), (hostile,),
        hostile, False, (Option("came_out", hostile),), (), None, "step",
    )  # fmt: skip
    sight = Sight(shown, texts("en"), TuiConfig().keys)

    class Alone(ThemedApp):
        def compose(self) -> Any:
            yield GuidePane()

    app = Alone(TuiConfig())
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        app.query_one(GuidePane).show(sight)
        await settled(pilot)
        text = seen(app)
        assert text.count("a [red]b[/] ␛[2J c") >= 8
        assert "\x1b" not in text


# -- in a recording --------------------------------------------------------------------------


def recorded(folder: Path) -> tuple[Any, Stranded]:
    """Record a driver who was guided until the plug came out."""
    driver = Stranded(shipped("relock-before-pull"))
    driver.be_guided()
    return analyse(read_capture(str(journal_of(driver, folder)))), driver


async def test_a_recorded_guide_is_shown_as_it_stood_at_that_moment(tmp_path: Path) -> None:
    analysis, driver = recorded(tmp_path)
    began_s = next(item.time_ns for item in driver.inputs if isinstance(item, Answer)) / 1e9
    app = replay(analysis, at_s=began_s - 1.0)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Is the cable stuck?" in await press(pilot, "6")
        app.playback.seek(began_s + 0.5)
        app.redraw()
        middle = await press(pilot)
        assert "Is the cable stuck?" not in middle
        text = await press(pilot, "end")
        assert "SOLVED" in text
        assert "It is out." in text


async def test_a_guide_begun_in_a_recording_is_gone_when_the_playback_goes_back() -> None:
    app = replay(at_s=ALIVE_AT_S)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot, "6")
        assert "not written into the recording" in text
        assert "Which end is stuck?" in await press(pilot, "g", "n")
        assert "Which end is stuck?" in await press(pilot, "right")
        text = await press(pilot, "left", "left", "left")
        assert "Is the cable stuck?" in text
        assert said_in_passing(app) == [
            "the playback went back: what was answered to the guide is gone"
        ]


async def test_it_opens_at_the_end_where_somebody_wants_to_be_guided_on_a_recording() -> None:
    start = GuideStart(texts("de"), "release-from-car")
    app = ReplayApp(story("actuator-stalls"), guide=start, config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot)
        assert app.playback.at_end
        assert "Vom Auto lösen" in text
        assert "Gefahr!" in text


# -- alone -----------------------------------------------------------------------------------


async def test_the_guide_alone_keeps_its_answers_and_can_be_resumed(tmp_path: Path) -> None:
    alone = AnswersOnly(None, tmp_path)
    begin(alone, "triage", [])
    app = GuideApp(alone, texts("en"), config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        text = await press(pilot)
        assert "No bus is connected: the guide goes by your answers." in text
        assert "Which end is stuck?" in await press(pilot, "n")
        await press(pilot, "question_mark", "pagedown", "escape", "T")
        await press(pilot, "a", "escape", "q")
        assert app._exit
    alone.close()
    assert alone.file is not None
    again = AnswersOnly(None, None)
    begin(again, "triage", answers_in(str(alone.file)))
    now = again.guide_page(texts("en"))
    assert now is not None
    assert (now.step, now.phase) == ("whose-cable", "doing")


async def test_the_guide_alone_leads_on_where_nothing_can_be_written_and_says_so(
    tmp_path: Path,
) -> None:
    no_folder = tmp_path / "file"
    no_folder.touch()
    alone = AnswersOnly(None, no_folder)
    begin(alone, "triage", [])
    app = GuideApp(alone, texts("de"), config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Ihre Antworten werden nicht aufgehoben: nothing can be" in await press(pilot)
        assert "Welches Ende" in await press(pilot, "n")
    alone.close()
    assert alone.file is None


async def test_the_guide_alone_begins_anew_after_an_end() -> None:
    alone = AnswersOnly(None, None)
    begin(alone, "triage", [])
    app = GuideApp(alone, texts("en"), config=TuiConfig())
    async with app.run_test(size=(60, 20)) as pilot:
        assert "STOP. Do not touch" in await press(pilot, "y")
        assert "Is anything hot" in await press(pilot, "g")


# -- languages, keys, room -------------------------------------------------------------------


async def test_a_language_that_nobody_wrote_is_said_and_ours_is_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EVDIAG_LANG", "xx")
    app = live(FakeBus().play_to(ALIVE_AT_S))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Is anything hot" in await press(pilot, "g")
        assert any("no guide speaks 'xx'" in said for said in said_in_passing(app))


@pytest.mark.parametrize("decks", [REPLAY, LIVE, LIVE_WITH_CAR])
def test_in_the_guide_every_key_means_one_thing_and_the_guide_wins(decks: tuple[Deck, ...]) -> None:
    keys = TuiConfig().keys
    for action in actions_for(decks):
        for key in action.keys:
            wins = meant(key, "guide", decks, keys)
            assert wins is not None
            if "guide" in action.views:
                assert wins is action
            elsewhere = meant(key, "port", decks, keys)
            assert elsewhere is not None
            assert elsewhere.views != ("guide",) or not any(
                key in other.keys and not other.views for other in actions_for(decks)
            )


def test_a_key_of_the_guide_may_be_anothers_elsewhere_but_not_the_guides(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[keys]\nguide_yes = ["m"]\n')
    assert read_config(config).keys["guide_yes"] == ("m",)
    config.write_text('[keys]\nguide_yes = ["n"]\n')
    with pytest.raises(EvdiagError, match="guide_no"):
        read_config(config)


def test_every_answer_of_every_step_has_a_letter_of_its_own() -> None:
    assert check(book(), [texts(language) for language in languages()]) == []
    for procedure in book().procedures:
        for step in procedure.steps:
            options = tuple(Option(choice.id, choice.id) for choice in step.answers)
            shown = Page(
                "doing", "", "", "", "", "", (), "", (), (), "", False, options, (), None, step.id
            )
            given = [each.action for each in choosable(Sight(shown, texts("en"), TuiConfig().keys))]
            assert all(given), step.id
            assert len(set(given)) == len(given), step.id


def test_the_guide_alone_knows_every_action_of_the_guide() -> None:
    own = {action.id for action in actions_for(LIVE) if action.views == ("guide",)}
    assert own <= set(ACTIONS)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES)
async def test_title_what_to_do_and_answers_are_in_sight_at_every_step(
    size: tuple[int, int], language: str
) -> None:
    """The words of what to do are all on the screen, whichever step it is."""
    spoken = texts(language)

    class Showing(ThemedApp):
        CSS = "GuidePane { height: 15; }" if size[1] < 24 else ""

        def compose(self) -> Any:
            yield GuidePane()

    app = Showing(TuiConfig())
    async with app.run_test(size=(size[0], size[1] - 5)) as pilot:
        await settled(pilot)
        pane = app.query_one(GuidePane)
        for procedure in book().procedures:
            for step in procedure.steps:
                text = spoken.step(step.id)
                options = tuple(
                    Option(choice.id, spoken.say("answers", choice.id)) for choice in step.answers
                )
                shown = Page(
                    "ended" if step.kind == "end" else "doing", "P", "1", text.title, text.do,
                    text.why, (), "", (), (), spoken.word("session_unknown"), False, options, (),
                    None, step.id,
                )  # fmt: skip
                pane.show(Sight(shown, spoken, TuiConfig().keys))
                await pilot.pause()
                on_screen = words(seen(app))
                assert words(text.title) in on_screen, step.id
                for option in options:
                    assert words(option.text) in on_screen, step.id
                first = words(text.do.replace("{", " {").split(" {")[0])[:40]
                assert first in on_screen, step.id


def test_what_scrolls_has_the_history_with_its_newest_last() -> None:
    driver = Stranded(STORY["relock-before-pull"])
    driver.say(START, "triage")
    for answer in ("no", "car", "own_cable", "home"):
        driver.say(answer)
    from evdiag.guide.page import page as paged

    shown = paged(driver.view, driver.session, texts("en"), driver.now_ns)
    sight = Sight(shown, texts("en"), TuiConfig().keys)
    rest = ["".join(text for text, _ in line) for line in rest_lines(sight, 80)]
    done = [line for line in rest if line[:2] in ("· ", "✔ ", "✘ ", "– ")]
    assert shown is not None
    assert [line[2:].split(":")[0] for line in done] == [h.text for h in shown.history]
    assert top_lines(sight, 80, None)
