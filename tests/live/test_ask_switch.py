"""The switch of level ASK: what is taken back while the bus is still being opened never asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from evdiag import ask_switch
from evdiag.ask_switch import AskSwitch
from evdiag.control.asker import AskStatus
from evdiag.control.policy import Level
from evdiag.errors import BusError
from evdiag.vehicles.library import library
from tests.bus.scripted import until

PROFILE = library().profile("reference")


class SlowAsking:
    """Asking whose bus opens when the test lets it."""

    made: list[SlowAsking]
    may_open: threading.Event
    failure: BusError | None
    not_recorded = ""

    def __init__(self, *_: object) -> None:
        self.opening = threading.Event()
        self.asks = self.ended = False
        type(self).made.append(self)

    def open(self) -> None:
        self.opening.set()
        self.may_open.wait(60)
        if self.failure is not None:
            raise self.failure

    def go(self) -> None:
        assert not self.ended
        self.asks = True

    def end(self) -> None:
        self.asks, self.ended = False, True

    def status(self) -> AskStatus:
        return AskStatus(Level.ASK, (), (), None, False)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SlowAsking]]:
    SlowAsking.made, SlowAsking.may_open, SlowAsking.failure = [], threading.Event(), None
    monkeypatch.setattr(ask_switch, "Asking", SlowAsking)
    yield SlowAsking.made
    SlowAsking.may_open.set()


def opening(switch: AskSwitch, made: list[SlowAsking]) -> SlowAsking:
    switch.begin(PROFILE)
    until(lambda: made and made[-1].opening.is_set(), 60.0)
    return made[-1]


def a_switch() -> AskSwitch:
    live: Any = None
    return AskSwitch(live)


def test_what_is_taken_back_while_it_opens_never_asks(made: list[SlowAsking]) -> None:
    switch = a_switch()
    first = opening(switch, made)
    assert switch.look().state == "opening"
    switch.end()
    assert switch.look().state == "off"
    SlowAsking.may_open.set()
    switch.close()
    assert (first.asks, first.ended) == (False, True)


def test_begun_again_meanwhile_there_is_one_that_asks_and_it_ends(made: list[SlowAsking]) -> None:
    switch = a_switch()
    first = opening(switch, made)
    switch.end()
    switch.begin(PROFILE)
    assert len(made) == 1, "the bus is still being opened for the first"
    SlowAsking.may_open.set()
    until(lambda: switch.look().state == "asking", 60.0)
    _, second = made
    assert (first.asks, first.ended) == (False, True)
    assert second.asks
    switch.end()
    assert not any(each.asks for each in made)
    assert switch.look().state == "off"
    switch.close()


def test_a_failure_that_nobody_waits_for_any_more_is_not_told(made: list[SlowAsking]) -> None:
    switch = a_switch()
    SlowAsking.failure = BusError("can0 cannot be opened")
    opening(switch, made)
    switch.end()
    SlowAsking.may_open.set()
    switch.close()
    assert not switch.look().failure
    opening(switch, made)
    until(lambda: switch.look().failure, 60.0)
    assert switch.look().state == "off"
