"""Pictures of the guide: steps with evidence, countdown, warning, second look, endings, German."""

from __future__ import annotations

from typing import Any

import pytest

from evdiag.guide_files import texts
from evdiag.guiding import AnswersOnly, begin
from evdiag.tui.config import TuiConfig
from evdiag.tui.guide_app import GuideApp
from tests.tui.live_bus import FakeBus
from tests.tui.replaying import SIZES, Playing, replay, settled
from tests.tui.test_guide import ALIVE_AT_S, PULLING_S, guided
from tests.tui.test_live_pictures import recording
from tests.tui.test_pictures import pressing

each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture
def _colourless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def going_on(bus: FakeBus, at_s: float, *keys: str) -> Any:
    """Press keys, then have the story go on."""

    async def go_on(pilot: Playing) -> None:
        await pressing(*keys)(pilot)
        bus.play_to(at_s)
        pilot.app.tick()  # type: ignore[attr-defined]
        await settled(pilot)

    return go_on


@each_size
def test_a_step_with_evidence_and_the_countdown(snap_compare: Any, size: tuple[int, int]) -> None:
    bus = recording(at_s=PULLING_S)
    app = guided(bus, "unlock-and-pull")
    assert snap_compare(app, terminal_size=size, run_before=going_on(bus, 20.0))


@pytest.mark.usefixtures("_colourless")
def test_a_step_with_evidence_without_colours(snap_compare: Any) -> None:
    bus = recording(at_s=PULLING_S)
    app = guided(bus, "unlock-and-pull")
    assert snap_compare(app, terminal_size=(80, 24), run_before=going_on(bus, 20.0))


@each_size
def test_a_warning(snap_compare: Any, size: tuple[int, int]) -> None:
    app = guided(recording("frozen", 17.0), "thaw")
    assert snap_compare(app, terminal_size=size, run_before=pressing())


@pytest.mark.usefixtures("_colourless")
def test_a_warning_without_colours(snap_compare: Any) -> None:
    app = guided(recording("frozen", 17.0), "thaw")
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


@each_size
def test_a_second_look(snap_compare: Any, size: tuple[int, int]) -> None:
    app = guided(recording(at_s=ALIVE_AT_S))
    keys = ("n", "a", "a", "a", "a")
    assert snap_compare(app, terminal_size=size, run_before=pressing(*keys))


@pytest.mark.usefixtures("_colourless")
def test_a_second_look_without_colours(snap_compare: Any) -> None:
    app = guided(recording(at_s=ALIVE_AT_S), "end-the-session")
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("a"))


@each_size
def test_an_ending(snap_compare: Any, size: tuple[int, int]) -> None:
    bus = recording(at_s=PULLING_S)
    app = guided(bus, "unlock-and-pull")
    assert snap_compare(app, terminal_size=size, run_before=going_on(bus, 47.0))


@pytest.mark.usefixtures("_colourless")
def test_danger_without_colours(snap_compare: Any) -> None:
    app = guided(recording(at_s=ALIVE_AT_S))
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("x"))


@each_size
def test_it_speaks_german(snap_compare: Any, size: tuple[int, int]) -> None:
    bus = recording(at_s=PULLING_S)
    app = guided(bus, "unlock-and-pull", "de")
    assert snap_compare(app, terminal_size=size, run_before=going_on(bus, 20.0))


@pytest.mark.usefixtures("_colourless")
def test_it_speaks_german_without_colours(snap_compare: Any) -> None:
    app = guided(recording(at_s=ALIVE_AT_S), "end-the-session", "de")
    assert snap_compare(app, terminal_size=(60, 20), run_before=pressing("a"))


@each_size
def test_the_guide_alone(snap_compare: Any, size: tuple[int, int]) -> None:
    alone = AnswersOnly(None, None)
    begin(alone, "triage", [])
    app = GuideApp(alone, texts("en"), config=TuiConfig())
    assert snap_compare(app, terminal_size=size, run_before=pressing("n", "down"))


def test_the_guide_before_it_begins_in_a_recording(snap_compare: Any) -> None:
    assert snap_compare(replay(at_s=21.0), terminal_size=(80, 24), run_before=pressing("6"))


def test_the_card_below_the_findings(snap_compare: Any) -> None:
    app = replay(at_s=40.0)
    assert snap_compare(app, terminal_size=(80, 60), run_before=pressing("f"))
