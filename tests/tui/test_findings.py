"""The findings screen: steps and names in words, what speaks against a finding beside it."""

from __future__ import annotations

from dataclasses import replace

from evdiag.simulator.frames import frames_of
from evdiag.simulator.story import Story
from evdiag.tui.card_lines import card_lines
from evdiag.tui.findings_view import FindingsView
from evdiag.vehicles.library import library
from evdiag.wiring import Analysis
from tests.tui.replaying import of_frames, replay, settled, story

WEAK_SUPPLY = (
    (2.0, "plug_in"),
    (6.0, "start_ac"),
    (14.0, "stop_charging"),
    (15.0, "low_battery"),
    (18.0, "fob_unlock"),
)


async def shown(story: Analysis | str, at_s: float) -> str:
    app = replay(story, at_s=at_s)
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        await pilot.press("f")
        await settled(pilot)
        return app.query_one(FindingsView).text_to_copy()


async def test_a_finding_says_what_to_do_and_what_others_call_it() -> None:
    text = await shown("frozen", 39.0)
    assert "LIKELY  frozen  F12" in text
    assert "next  warm the port" in text
    assert "elsewhere  Tesla a078" in text
    assert "thaw" not in text


async def test_what_speaks_against_it_stands_under_its_own_head() -> None:
    told = Story("told", "a test's", WEAK_SUPPLY, 26.0, None, ())
    text = await shown(of_frames(list(frames_of(told, library().profile("reference")))), 25.9)
    _, stalls = text.split("actuator stalls")
    head, against = stalls.split("against it")
    assert "12 V supply was down" in against
    assert "12 V supply was down" not in head


async def test_the_card_lays_the_release_over_a_good_one_and_names_parts() -> None:
    text = await shown("actuator-stalls", 30.0)
    assert "Which part, which end" in text
    assert "when all is well" in text
    assert any("actuator" in line and "SUSPECTED" in line for line in text.splitlines())


async def test_without_an_attempt_there_is_no_card() -> None:
    assert "Which part" not in await shown("session-still-active", 10.0)


async def test_what_a_recording_is_called_is_shown_and_not_obeyed() -> None:
    analysis = story("actuator-stalls")
    session, _ = analysis.run()
    card = session.card()
    assert card is not None
    hostile = replace(card, basis_words="attempt 1 of [red]\x1b[2J")
    text = "\n".join("".join(t for t, _ in line) for line in card_lines(hostile, 76))
    assert "[red]␛[2J" in text
    assert "\x1b" not in text
