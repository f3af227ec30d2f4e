"""The screens in a real browser: what is seen there, and that nobody can do more than look."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.exchange import exported
from evdiag.casebook.filing import file_in_case
from evdiag.casebook.opening import open_book
from evdiag.inputs import Frame
from evdiag.packaged import shipped_recording
from evdiag.serving.order import Order
from evdiag.tui.views_app import ONLY_LOOKS
from tests.casebook.books import scanned
from tests.live.stories import car_on, multicast_works, own_multicast, play, story_frames
from tests.serving.served import Looking, address, browser, needs_chromium, served

pytestmark = needs_chromium

REPLAY = Order(str(shipped_recording("relock-before-pull")), vehicle="reference")
TOKEN = "a-token-that-nobody-guesses"
LOOKS = ONLY_LOOKS.partition(":")[0]
"""As much of the sentence as stands in one line of a toast."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as chromium:
        yield chromium


def test_it_shows_the_port_of_a_recording_and_keeps_no_mark(chromium: Any) -> None:
    with served(REPLAY) as server:
        page = chromium.new_page()
        looking = Looking(page)
        page.goto(address(server))
        looking.until("REPLAY")
        looking.until("PLUG")
        looking.until("Last changes")
        page.wait_for_selector("body.-first-byte", state="attached")
        looking.press("m")
        looking.until(LOOKS)
        looking.press("C")
        looking.until("a recording commands no car")
        looking.press("q")
        page.wait_for_selector("body.-closed", state="attached")
        page.close()


def test_without_the_token_the_browser_sees_only_that_one_is_needed(chromium: Any) -> None:
    with served(REPLAY, TOKEN) as server:
        page = chromium.new_context().new_page()
        assert page.goto(address(server)).status == 403
        assert "a token is needed" in page.content()
        looking = Looking(page)
        page.goto(address(server, f"/?token={TOKEN}"))
        assert page.url == address(server)
        looking.until("REPLAY")
        page.close()


def test_the_case_book_is_shown_and_nothing_can_be_put_into_it(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVDIAG_CASEBOOK", str(tmp_path / "casebook.sqlite"))
    with open_book() as book:
        with book.writing() as transaction:
            car = CarWords(plate="M-AB 1", profile="reference")
            number = new_case(transaction, car, "stuck when cold", 10**18).number
            file_in_case(transaction, number, scanned(), "file", 10**18)
        before = list(exported(book))
        with served(Order()) as server:
            page = chromium.new_page()
            looking = Looking(page)
            page.goto(address(server))
            looking.until("M-AB 1")
            page.wait_for_selector("body.-first-byte", state="attached")
            looking.press("c")
            looking.until("stuck when cold")
            for key in ("K", "n", "d", "R"):
                looking.press(key)
            looking.press("Enter")
            looking.until("case 1, opened")
            page.close()
        assert list(exported(book)) == before


@pytest.mark.skipif(not multicast_works(), reason="no multicast on this machine's loopback")
def test_a_live_bus_is_shown_and_nothing_can_be_armed_or_sent(chromium: Any) -> None:
    settings, frames = own_multicast(), story_frames("healthy-ac")
    order = Order(None, (settings,), "reference")
    with served(order) as server, car_on(settings) as car, listening(settings) as heard:
        page = chromium.new_page()
        looking = Looking(page)
        page.goto(address(server))
        looking.until("LISTEN")
        page.wait_for_selector("body.-first-byte", state="attached")
        play(car, frames[:600], 10)
        looking.until("PLUG")
        for key in ("A", "C", "R", "M", "X"):
            looking.press(key)
            looking.until(LOOKS)
            assert "ASK" not in looking.text
            assert "ACT" not in looking.text
        looking.press("Control+p")
        page.keyboard.type("command")
        page.wait_for_timeout(1000)
        page.keyboard.press("Enter")
        page.keyboard.type("unlock")
        page.keyboard.press("Enter")
        play(car, frames[600:900], 10)
        page.wait_for_timeout(1000)
        page.close()
    assert [frame.data for frame in heard] == [frame.data for frame in frames[:900]]


class listening:  # noqa: N801 - used like a function
    """What is heard on a bus, by somebody else than the screen, in order."""

    def __init__(self, settings: BusSettings) -> None:
        self._source = open_source(settings)
        self._ended = threading.Event()
        self._heard: list[Frame] = []
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> list[Frame]:
        self._thread.start()
        return self._heard

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._source.close()

    def _listen(self) -> None:
        while not self._ended.is_set():
            self._heard += [item for item in self._source.receive(0.1) if isinstance(item, Frame)]
