"""What tests of the key of the case book share: cars, the question, waiting for what is said."""

from __future__ import annotations

from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.opening import Book
from evdiag.tui.case_dialogs import CaseChoice
from evdiag.tui.views_app import ViewsApp
from tests.tui.replaying import Playing, settled

KONA = CarWords(plate="M-AB 2", profile="hyundai-kona")
REFERENCE = CarWords(vin="WVWZZZ1KZAW000001", plate="M-AB 1", profile="reference")


def open_case(book: Book, car: CarWords, complaint: str = "it sticks") -> int:
    with book.writing() as transaction:
        return new_case(transaction, car, complaint, 1_760_000_000 * 10**9).number


def said(app: ViewsApp) -> list[str]:
    return [each.message for each in app._notifications]


async def until(app: ViewsApp, pilot: Playing, words: str) -> None:
    """Wait until something is said in passing."""
    for _ in range(3000):
        app.tick()
        if any(words in text for text in said(app)):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{words!r} was not said: {said(app)}")


async def asked(app: ViewsApp, pilot: Playing) -> list[str]:
    """Press the key, wait until the book has been read; return what can be chosen."""
    await pilot.press("K")
    await settled(pilot)
    dialog = app.screen
    assert isinstance(dialog, CaseChoice)
    for _ in range(3000):
        app.tick()
        if dialog._entries:
            break
        await pilot.pause(0.02)
    await settled(pilot)
    return [f"{entry.name} {entry.words}" for entry in dialog._entries]
