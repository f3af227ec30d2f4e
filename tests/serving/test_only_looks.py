"""The process behind a served screen: what sends is no part of it, and nothing is written by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.exchange import exported
from evdiag.casebook.opening import open_book
from evdiag.packaged import shipped_recording
from evdiag.serving.order import Order
from evdiag.tui.actions import LIVE, LIVE_SEEN, REPLAY, REPLAY_SEEN, actions_for, withheld

SENDS = (
    "evdiag.asking",
    "evdiag.ask_switch",
    "evdiag.commanding",
    "evdiag.command_switch",
    "evdiag.control.acting",
    "evdiag.control.asker",
    "evdiag.control.gate",
    "evdiag.control.permits",
    "evdiag.watching",
)
"""What makes a gate, is one, or gives orders to one."""

LOOK = """
import asyncio, json, sys
from pathlib import Path
from evdiag.serving import screen
from evdiag.serving.order import Order
from textual.app import App

KEYS = [*"12345f6ACRXKmMgy?", "escape"]

def run(app, **_):
    async def press():
        async with app.run_test(size=(80, 24)) as pilot:
            for _ in range(100):
                await pilot.pause(0.05)
                if app.ready:
                    break
            for key in KEYS:
                await pilot.press(key)
            await pilot.pause()
    asyncio.run(press())

App.run = run
screen.show(Order.read(sys.argv[1]))
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "order",
    [
        Order(str(shipped_recording("relock-before-pull")), vehicle="reference"),
        Order(None, (BusSettings("virtual", "looked-at"),), "reference"),
    ],
    ids=["recording", "live"],
)
def test_nothing_that_sends_is_loaded_and_nothing_is_written(order: Order, tmp_path: Path) -> None:
    places = {f"EVDIAG_{name}": str(tmp_path / name) for name in ("STATE", "CONFIG", "DATA")}
    looked = subprocess.run(
        [sys.executable, "-c", LOOK, order.command()[-1]],
        env={**os.environ, **places, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert looked.returncode == 0, looked.stderr
    loaded = json.loads(looked.stdout.splitlines()[-1])
    assert "evdiag.tui.views_app" in loaded
    assert [name for name in loaded if name in SENDS] == []
    assert list(tmp_path.rglob("*")) == []


WRITES = (
    "evdiag.casebook.adding",
    "evdiag.casebook.entries",
    "evdiag.casebook.exchange",
    "evdiag.casebook.filing",
    "evdiag.casebook.forgetting",
    "evdiag.cli.case_desk",
)
"""What puts something into a case book, or takes it out."""

LOOK_AT_BOOK = """
import asyncio, json, sys
from evdiag.serving import screen
from evdiag.serving.order import Order
from textual.app import App

KEYS = ["down", "enter", *"lK", "escape", *"ca", "enter", *"Kndx", "escape", "escape"]

def run(app, **_):
    async def press():
        async with app.run_test(size=(80, 24)) as pilot:
            while not app.is_ready:
                await pilot.pause(0.05)
            for key in KEYS:
                await pilot.press(key)
                await pilot.pause(0.3)
    asyncio.run(press())

App.run = run
screen.show(Order.read(sys.argv[1]))
print(json.dumps(sorted(sys.modules)))
"""


def looked_at_book(tmp_path: Path) -> list[str]:
    """Press every key in a served case book; return what is loaded then."""
    places = {f"EVDIAG_{name}": str(tmp_path / name) for name in ("STATE", "CONFIG", "DATA")}
    places["PYTHONPATH"] = str(Path(__file__).parents[2])
    looked = subprocess.run(
        [sys.executable, "-c", LOOK_AT_BOOK, Order().command()[-1]],
        env={**{k: v for k, v in os.environ.items() if k != "EVDIAG_CASEBOOK"}, **places},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert looked.returncode == 0, looked.stderr
    loaded: list[str] = json.loads(looked.stdout.splitlines()[-1])
    return loaded


def test_a_served_case_book_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "DATA" / "casebook.sqlite"
    with open_book(str(path)) as book:
        with book.writing() as transaction:
            new_case(transaction, CarWords(plate="M-AB 1"), "stuck", 10**18)
        before = list(exported(book))

        loaded = looked_at_book(tmp_path)

        assert list(exported(book)) == before
    assert "evdiag.tui.cases_screen" in loaded
    assert [name for name in loaded if name in (*SENDS, *WRITES)] == []


def test_a_served_case_book_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    looked_at_book(tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_an_order_is_read_as_it_was_written() -> None:
    bus = BusSettings("udp_multicast", "239.74.163.2", options={"port": 4711})
    order = Order(None, (bus, BusSettings("socketcan", "can 0", 500_000)), "bmw-i3", "ms")
    assert Order.read(order.command()[-1]) == order


@pytest.mark.parametrize(("seen", "full"), [(LIVE_SEEN, LIVE), (REPLAY_SEEN, REPLAY)])
def test_what_is_withheld_is_what_would_do_more_than_look(
    seen: tuple[str, ...], full: tuple[str, ...]
) -> None:
    names = {action.id for action in withheld(seen)}  # type: ignore[arg-type]
    here = {action.id for action in actions_for(seen)}  # type: ignore[arg-type]
    assert names == {action.id for action in actions_for(full)} - here  # type: ignore[arg-type]
    assert not here & {"ask", "command", "abort", "record", "mark", "mark_with_text", "case"}
    assert "case" in names
    assert withheld(full) == []  # type: ignore[arg-type]
