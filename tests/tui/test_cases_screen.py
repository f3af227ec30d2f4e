"""The cases, seen from the workshop's list: the open ones, all of them, one of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evdiag.casebook.cases import CarWords, case_of, close_case, new_case
from evdiag.casebook.entries import add_part, add_step
from evdiag.casebook.filing import file_in_case
from evdiag.casebook.looking import all_cases, whole_case
from evdiag.casebook.opening import Book, open_book
from evdiag.errors import BadInputError
from evdiag.tui.case_screen import CaseScreen
from evdiag.tui.cases_screen import CaseLook, CasesScreen
from evdiag.tui.config import TuiConfig
from evdiag.tui.workshop_screen import WorkshopApp
from tests.casebook.books import START_NS, scanned
from tests.cli.in_process import CommandLine
from tests.tui.replaying import SIZES, Playing, seen, settled


@pytest.fixture(autouse=True)
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """A book with an open case, and one that is closed."""
    monkeypatch.setenv("EVDIAG_CASEBOOK", str(tmp_path / "casebook.sqlite"))
    with open_book() as opened:
        with opened.writing() as transaction:
            closed = new_case(transaction, CarWords(plate="M-AB 2"), "flap", START_NS)
            close_case(closed, "mended", START_NS)
            car = CarWords(vin="WVWZZZ1KZAW000001", plate="M-AB 1\x1b", profile="reference")
            number = new_case(transaction, car, "stuck [b]when cold", START_NS).number
            file_in_case(transaction, number, scanned(1, outcome="stalled"), "file", START_NS)
            case = case_of(transaction, number)
            add_step(transaction, case, "pushed in, unlocked, pulled", START_NS)
            add_part(transaction, case, "lock actuator", "4N0 915", START_NS)
        yield opened


def app(look: CaseLook | None = None) -> WorkshopApp:
    look = look or CaseLook(all_cases, whole_case)
    return WorkshopApp(lambda: (), look, config=TuiConfig())


async def until(shown: Any, pilot: Playing, words: str) -> str:
    for _ in range(3000):
        shown.screen.draw()
        await settled(pilot)
        text = seen(shown)
        if words in text:
            return text
        await pilot.pause(0.02)
    raise AssertionError(f"{words!r} is not on the screen:\n{seen(shown)}")


@pytest.mark.parametrize("size", SIZES)
async def test_c_lists_the_open_cases_and_enter_shows_all_of_one(size: tuple[int, int]) -> None:
    shown = app()
    async with shown.run_test(size=size) as pilot:
        await settled(pilot)
        assert "c cases  ? help  q leaves" in seen(shown)
        await pilot.press("c")
        text = await until(shown, pilot, "1 open of 2")
        assert "2  2025-10-09  M-AB 1␛" in text
        assert "M-AB 2" not in text
        await pilot.press("a")
        text = await until(shown, pilot, "M-AB 2")
        if size[0] > 100:
            assert "flap; closed: mended" in text
        await pilot.press("down", "up", "enter")
        text = await until(shown, pilot, "case 2, opened 2025-10-09: stuck [b]when cold")
        assert isinstance(shown.screen, CaseScreen)
        await pilot.press("pagedown", "down")
        await until(shown, pilot, "part 2025-10-09: lock actuator (4N0 915)")
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(shown.screen, CasesScreen)
        await pilot.press("question_mark", "escape", "q", "q")
        await settled(pilot)
    assert shown.return_code == 0


async def test_a_case_is_what_the_command_says_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = CommandLine(monkeypatch, capsys)("cases", "show", "2").out
    shown = app()
    async with shown.run_test(size=(200, 50)) as pilot:
        await pilot.press("c")
        await until(shown, pilot, "1 open of 2")
        await pilot.press("enter")
        text = await until(shown, pilot, "case 2, opened")
    lines = [line.strip() for line in text.splitlines()]
    assert len(printed.splitlines()) > 6
    for line in printed.splitlines():
        assert line.strip() in lines


async def test_what_cannot_be_read_is_said() -> None:
    def fail(*_: object) -> Any:
        raise BadInputError("the case book is locked by somebody else")

    shown = app(CaseLook(fail, fail))
    async with shown.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await until(shown, pilot, "locked by somebody else")
        await pilot.press("enter", "a", "down", "escape")
    shown = app(CaseLook(all_cases, fail))
    async with shown.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await until(shown, pilot, "1 open of 2")
        await pilot.press("enter")
        await until(shown, pilot, "locked by somebody else")


async def test_a_list_without_a_look_at_cases_offers_none() -> None:
    shown = WorkshopApp(lambda: (), config=TuiConfig())
    async with shown.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await settled(pilot)
        assert "cases" not in seen(shown).splitlines()[-1]
        assert len(shown.screen_stack) == 1


def test_looking_makes_no_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_CASEBOOK", str(tmp_path / "none" / "casebook.sqlite"))
    assert all_cases() == []
    with pytest.raises(BadInputError, match="no case book"):
        whole_case(1)
    assert not (tmp_path / "none").exists()
