"""The key that puts a recording into a case, on a replay, over a real book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evdiag.casebook.cases import CarWords, case_of, close_case, new_case
from evdiag.casebook.opening import Book, open_book
from evdiag.casebook.reading import case_file, cases_in
from evdiag.casebook.values import CaseFile
from evdiag.cli.case_desk import BookOnScreen, say_what_was_put
from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.scan.places import ReadAs
from evdiag.tui.actions import REPLAY, actions_for
from evdiag.tui.app import ReplayApp
from evdiag.tui.case_desk import CaseDesk, SeenCar
from evdiag.tui.case_dialogs import CaseChoice, NewCase
from evdiag.wiring import analyse, read_capture
from tests.architecture.test_imports import loaded_after
from tests.tui.case_key import KONA, REFERENCE, asked, open_case, said, until
from tests.tui.replaying import SIZES, Clock, Playing, replay, seen, settled
from tests.tui.test_pictures import pressing


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of the reference car."""
    path = tmp_path / "drive[1].log"
    path.write_bytes((shipped_folder("recordings") / "relock-before-pull.log").read_bytes())
    return path


def playing(recording: Path) -> ReplayApp:
    analysis = analyse(read_capture(str(recording)), "reference")
    return replay(analysis, at_s=20.0, book=BookOnScreen("replay", ReadAs("reference")))


async def test_a_replay_goes_into_the_case_of_its_car(book: Book, recording: Path) -> None:
    for car, complaint in ((REFERENCE, "stuck\x1b[31m"), (KONA, "flap")):
        open_case(book, car, complaint)
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        offered = await asked(app, pilot)
        assert offered == [
            "1  M-AB 1 reference  stuck␛[31m",
            "2  M-AB 2 hyundai-kona  flap",
            "a new case … with its number plate and complaint",
        ]
        await pilot.press("enter")
        await until(app, pilot, "case 1: added")
        assert "drive[1].log: 2 attempts, 1 fault" in said(app)[-1]
        await asked(app, pilot)
        await pilot.press("enter")
        await until(app, pilot, "is in it already")

    [session] = case_file(book, 1).sessions
    assert (session.kind, session.recording.path) == ("replay", str(recording))
    assert case_file(book, 2).sessions == ()


async def test_a_case_of_another_car_is_refused_in_a_sentence(
    book: Book, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_case(book, KONA)
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(app, pilot)
        assert isinstance(app.screen, CaseChoice)
        assert "a new case" in seen(app).split("▸")[1].splitlines()[0]
        await pilot.press("up", "enter")
        await until(app, pilot, "case 1 is about a hyundai-kona")

    assert case_file(book, 1).sessions == ()
    assert say_what_was_put(app.cases) == 2
    assert "case 1 is about a hyundai-kona" in capsys.readouterr().err


async def test_a_new_case_is_opened_and_filled(
    data: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        assert len(await asked(app, pilot)) == 1
        assert not data.exists(), "a question makes no book"
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, NewCase)
        await pilot.press(*"M-AB 7", "enter", *"it sticks", "enter")
        await until(app, pilot, "case 1: added")

    with open_book() as book:
        shown = case_file(book, 1)
    assert shown.case.vehicle.plate == "M-AB 7"
    assert shown.case.vehicle.profile == "reference"
    assert shown.case.complaint == "it sticks"
    assert len(shown.sessions) == 1
    assert say_what_was_put(app.cases) == 0
    assert "2 attempts, 1 fault" in capsys.readouterr().out


async def test_who_thinks_better_of_it_stores_nothing(data: Path, recording: Path) -> None:
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("K", "escape")
        await asked(app, pilot)
        await pilot.press("escape")
        await asked(app, pilot)
        await pilot.press("enter", *"M-AB", "enter", "escape")
        await settled(pilot)
        assert len(app.screen_stack) == 1
    assert not data.exists()


async def test_what_is_filed_when_the_screen_is_left_is_waited_for(
    book: Book, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_case(book, REFERENCE)
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(app, pilot)
        await pilot.press("enter", "q")
    assert say_what_was_put(app.cases) == 0
    assert "case 1: added" in capsys.readouterr().out
    assert len(case_file(book, 1).sessions) == 1


def test_a_known_car_keeps_its_profile(book: Book) -> None:
    open_case(book, KONA)
    desk = BookOnScreen("replay")
    number = desk.new_case(" m ab2", "", SeenCar("reference", "x", "not a VIN"))
    [new, old] = cases_in(book)
    assert (new.number, new.vehicle) == (number, old.vehicle)
    assert new.vehicle.profile == "hyundai-kona"


@pytest.mark.parametrize("vin", [None, "WVWZZZ1KZAW000001"])
def test_the_likeliest_case_comes_first_and_is_chosen(book: Book, vin: str | None) -> None:
    open_case(book, REFERENCE)
    open_case(book, KONA)
    open_case(book, CarWords(plate="M-AB 3", profile="reference"))
    with book.writing() as transaction:
        close_case(case_of(transaction, open_case_in(transaction)), "mended", 10**18)
    dialog = CaseChoice(SeenCar("reference", "x", vin), None)
    dialog.put(BookOnScreen("replay").open_cases())
    numbers = [entry.value for entry in dialog._entries]
    assert numbers == (["3", "1", "2", "new"] if vin is None else ["1", "3", "2", "new"])
    assert dialog._chosen == numbers[0]


def open_case_in(transaction: Any) -> int:
    return new_case(transaction, CarWords(plate="M-AB 4"), None, 10**18).number


@pytest.mark.parametrize("missing", ["library", "book"])
async def test_where_there_is_no_book_one_sentence_says_why(
    missing: str, recording: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "not installed: pip install 'evdiag[workshop]'"
    if missing == "library":

        def fail() -> None:
            raise BadInputError(f"the case book needs an extra that is {words}")

        monkeypatch.setattr("evdiag.casebook.looking.need_workshop", fail)
    else:
        data.mkdir()
        (data / "casebook.sqlite").write_bytes(b"no database" * 500)
        words = "is not a case book"
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("K")
        await until(app, pilot, words)
        await settled(pilot)
        assert len(app.screen_stack) == 1


async def test_no_other_key_of_a_replay_stores_anything(
    data: Path, recording: Path, tmp_path: Path
) -> None:
    app = playing(recording)
    async with app.run_test(size=(80, 24)) as pilot:
        for action in actions_for(REPLAY):
            for key in action.keys if action.id not in ("case", "quit") else ():
                await pilot.press(key)
                await pilot.press("enter", "escape", "escape")
        await pilot.press("q")
    assert say_what_was_put(app.cases) == 0
    assert not data.exists()
    assert not list(tmp_path.rglob("casebook*"))


def test_nothing_of_the_book_is_loaded_before_the_key_is_pressed() -> None:
    loaded = loaded_after("import evdiag.tui.app, evdiag.tui.live_app, evdiag.cli.case_desk")
    assert not loaded & {"sqlalchemy", "evdiag.casebook.values", "concurrent.futures.thread"}


# -- pictures -------------------------------------------------------------------------------------


class MadeBook:
    """A book that answers at once."""

    def __init__(self, cases: list[CaseFile]) -> None:
        self._cases = cases

    def open_cases(self) -> Any:
        return [each.case for each in self._cases]


def made(book: Book) -> MadeBook:
    for car, complaint in ((REFERENCE, "cable stuck on cold mornings"), (KONA, "flap")):
        open_case(book, car, complaint)
    return MadeBook([case_file(book, number) for number in (2, 1)])


def dialog_shown(*keys: str) -> Any:
    async def show(pilot: Playing) -> None:
        app: Any = pilot.app
        await asked(app, pilot)
        await pressing(*keys)(pilot)

    return show


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture_of_the_choice(snap_compare: Any, book: Book, size: tuple[int, int]) -> None:
    app: Any = replay(at_s=21.0, book=made(book), clock=Clock())
    assert snap_compare(app, terminal_size=size, run_before=dialog_shown())


def test_picture_of_a_new_case(snap_compare: Any, book: Book) -> None:
    app: Any = replay(at_s=21.0, book=made(book), clock=Clock())
    assert snap_compare(
        app, terminal_size=(80, 24), run_before=dialog_shown("down", "down", "enter")
    )


def test_a_desk_without_a_case_files_nothing() -> None:
    desk = CaseDesk(replay(), BookOnScreen("live"))
    desk.file_new([Path("a.log")])
    desk.number = 1
    desk.file_new([Path("a.log")])
    assert not desk.is_busy
    assert desk.put == []
