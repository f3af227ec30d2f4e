"""Nothing that is pressed on a live screen that was not armed puts a frame on the bus.

A key is pressed and what it opened is answered with Enter, in every view and in each phase of the
screen of commands; none of that is the word that arms.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import can
import pytest
from can.interfaces.virtual import VirtualBus
from textual.command import CommandPalette
from textual.widgets import Input

from evdiag.bus.settings import BusSettings
from evdiag.bus.transmitter import Transmitter
from evdiag.control.interlocks import Interlock
from evdiag.tui.actions import LIVE, actions_for
from evdiag.tui.config import TuiConfig
from evdiag.tui.control_screen import ControlScreen
from evdiag.tui.live_app import LiveApp
from evdiag.tui.palette import Palette
from evdiag.tui.views_app import VIEWS
from evdiag.vehicles.library import library
from evdiag.watching import WatchedBus
from tests.tui.live_bus import frames_of
from tests.tui.replaying import Playing, seen, settled

KEYS = [
    key
    for action in actions_for(LIVE)
    if action.id != "quit"
    for key in action.keys
]  # fmt: skip
MORE = ("enter", "escape", "tab", "y", "n", "a", "s", "space", "delete", "ctrl+a", "f2", "f5")

LEAVING = ("q", "ctrl+q", "ctrl+c")

pytestmark = pytest.mark.usefixtures("no_idling")


class CountingSends:
    """Counts what any virtual bus of python-can is asked to send, and what evdiag's sender is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[Any] = []
        self.opened = 0
        real = VirtualBus.__init__

        def counted(bus: Any, *args: Any, **kwargs: Any) -> None:
            self.opened += 1
            real(bus, *args, **kwargs)

        monkeypatch.setattr(VirtualBus, "__init__", counted)
        monkeypatch.setattr(VirtualBus, "send", lambda bus, *what, **how: self.sent.append(what))
        monkeypatch.setattr(Transmitter, "transmit", lambda _, frame: self.sent.append(frame))


async def heard(app: LiveApp, pilot: Playing, frames: int) -> None:
    for _ in range(1500):
        app.tick()
        if app.facts.shown >= frames:
            break
        await pilot.pause(0.02)
    await settled(pilot)


async def recording(app: LiveApp, pilot: Playing) -> None:
    """Record, so that leaving asks."""
    if app.facts.recording_s is None:
        await pilot.press("R")
    for _ in range(500):
        app.tick()
        if app.facts.recording_s is not None:
            return
        await pilot.pause(0.02)


async def answer_and_close(app: LiveApp, pilot: Playing) -> None:
    """Answer whatever was asked with nothing but Enter, then close what is still open."""
    if len(app.screen_stack) > 1:
        await pilot.press("enter")
        await settled(pilot)
    for _ in range(3):
        if len(app.screen_stack) > 1:
            await pilot.press("escape")
            await settled(pilot)


@pytest.mark.parametrize("view", VIEWS)
async def test_every_key_in_every_view_sends_nothing(
    view: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    channel = uuid.uuid4().hex
    with can.Bus(interface="virtual", channel=channel) as other:
        bus = WatchedBus([BusSettings("virtual", channel)], "reference", tmp_path)
        bus.start()
        for frame in frames_of("relock-before-pull")[:300]:
            message = can.Message(
                arbitration_id=frame.id, is_extended_id=frame.extended, data=frame.data
            )
            other.send(message)
        counting = CountingSends(monkeypatch)
        app = LiveApp(bus, config=TuiConfig())
        try:
            async with app.run_test(size=(80, 24)) as pilot:
                await heard(app, pilot, 300)
                await app.act(f"view_{view}")
                await settled(pilot)
                bound = set(app.screen.active_bindings) - set(LEAVING)
                assert set(KEYS) <= bound, "every key of the registry is bound, and pressed below"
                for key in dict.fromkeys((*KEYS, *MORE, *sorted(bound))):
                    await pilot.press(key)
                    await settled(pilot)
                    await answer_and_close(app, pilot)
                    if app.view_name != view:
                        await app.act(f"view_{view}")
                assert not app._exit
                assert "LISTEN verified" in seen(app)
                await pilot.press(LEAVING[len(view) % len(LEAVING)])
                await answer_and_close(app, pilot)
        finally:
            bus.stop()
        assert bus.state.sent == 0
    assert counting.sent == []
    assert counting.opened == 0
    assert bus.ask.look().state == "off"


@pytest.mark.parametrize("ready", [False, True], ids=["refused", "ready"])
async def test_every_key_on_the_screen_of_commands_sends_nothing(
    ready: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bus = WatchedBus([BusSettings("virtual", uuid.uuid4().hex)], "reference", tmp_path)
    bus.start()
    counting = CountingSends(monkeypatch)
    if ready:
        green = (Interlock("speed", "as if every condition held", "green", "0 km/h"),)
        monkeypatch.setattr(bus.commands, "conditions", lambda *_: green)
    app = LiveApp(bus, config=TuiConfig())
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("C")
            own = set(app.screen.active_bindings) - set(LEAVING)
            for phase in ("list", "conditions"):
                for key in dict.fromkeys((*sorted(own), *MORE, "q", "X", "C", "A", "f", "1")):
                    await to_phase(app, pilot, phase)
                    await pilot.press(key, "enter")
            await to_phase(app, pilot, "conditions")
            assert app.screen.query_one(Input).display is ready
            assert bus.commands.look().state == "off"
    finally:
        bus.stop()
    assert bus.state.sent == 0
    assert counting.sent == []
    assert counting.opened == 0


async def to_phase(app: LiveApp, pilot: Playing, phase: str) -> None:
    """Be on the screen of commands, at the list or at the conditions of a command."""
    if not isinstance(app.screen, ControlScreen):
        app.do_command()
        await pilot.pause()
    screen = app.screen
    assert isinstance(screen, ControlScreen)
    if (screen._command is None) == (phase == "conditions"):
        screen._choose(None if phase == "list" else library().profile("reference").commands[0])
    screen.draw()


async def test_every_entry_of_the_palette_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bus = WatchedBus([BusSettings("virtual", uuid.uuid4().hex)], "reference", tmp_path)
    bus.start()
    counting = CountingSends(monkeypatch)
    app = LiveApp(bus, config=TuiConfig())
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await pilot.press("ctrl+p")
            await settled(pilot)
            assert isinstance(app.screen, CommandPalette)
            offered = [hit async for hit in Palette(app.screen).discover()]
            await pilot.press("escape")
            await settled(pilot)
            texts = [hit.text or "" for hit in offered]
            for action in actions_for(LIVE):
                assert any(action.help.rstrip(".") in text for text in texts)
            for hit in offered:
                if "Leave evdiag" in (hit.text or ""):
                    await recording(app, pilot)
                app.call_later(hit.command)
                await settled(pilot)
                await answer_and_close(app, pilot)
            assert not app._exit
            await pilot.press("q", "y")
            await settled(pilot)
            assert app._exit
    finally:
        bus.stop()
    assert bus.state.sent == 0
    assert counting.sent == []
    assert counting.opened == 0
    assert bus.ask.look().state == "off"
