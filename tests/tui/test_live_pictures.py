"""Pictures of the live, connect and start screens; see `test_pictures`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evdiag.errors import BusError
from evdiag.inputs import BusEventKind, Tick
from evdiag.recent import RecentBus
from evdiag.tui.config import TuiConfig
from tests.tui.live_bus import FakeBus, live
from tests.tui.replaying import SIZES, Playing, settled
from tests.tui.test_connect_screen import CAN0, DOWN, LOOP, SERIAL, Connecting, screen
from tests.tui.test_control import CHARGING_AT_S, acting
from tests.tui.test_live import Obedient
from tests.tui.test_pictures import pressing
from tests.tui.test_start_screen import LAST, RECORDING, start

AT_S = 21.0

each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def recording(story: str = "relock-before-pull", at_s: float = AT_S) -> FakeBus:
    """Return a bus that has been recorded from its first seconds on."""
    bus = FakeBus(story).play_to(2.0)
    bus.start_recording()
    return bus.play_to(at_s)


def looked(*keys: str) -> Any:
    """Wait until the adapters have been looked for, then press keys."""

    async def press(pilot: Playing) -> None:
        for _ in range(600):
            if getattr(pilot.app, "_found", None) is not None:
                break
            await pilot.pause(0.02)
        await pilot.pause(0.3)
        await pressing(*keys)(pilot)

    return press


@each_size
def test_live_port_with_the_countdown_running(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(live(recording()), terminal_size=size, run_before=pressing())


def test_live_port_without_colours(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(live(recording()), terminal_size=(80, 24), run_before=pressing())


def test_live_port_in_light_colours(snap_compare: Any) -> None:
    app = live(recording(), config=TuiConfig(theme="light"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


def test_live_port_before_the_car_is_known(snap_compare: Any) -> None:
    app = live(FakeBus(known=False).play_to(3.0))
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


def in_trouble() -> FakeBus:
    """Return a bus whose link is lost and whose disk is full."""
    bus = recording()
    bus.lose_link(21.1)
    bus.feed([Tick(bus.frames[0].time_ns + 24_200_000_000)])
    bus.recorder = replace(
        bus.recorder,
        alarm="not recording: the disk of /recordings is full: free some space (2,048 of at most "
        "500,000 frames are held in memory)",
    )
    return bus


@each_size
def test_trouble_is_a_banner(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(live(in_trouble()), terminal_size=size, run_before=pressing())


def test_trouble_without_colours(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(live(in_trouble()), terminal_size=(80, 24), run_before=pressing())


def test_bus_page_of_a_live_bus(snap_compare: Any) -> None:
    bus = recording()
    bus.happen(BusEventKind.FRAMES_LOST, "the kernel dropped them", count=3, at_s=AT_S)
    bus.mark("it sticks")
    assert snap_compare(live(bus), terminal_size=(80, 40), run_before=pressing("5"))


def test_a_frozen_screen(snap_compare: Any) -> None:
    bus = recording()

    async def freeze(pilot: Playing) -> None:
        await pressing("space")(pilot)
        bus.play_to(33.0)
        pilot.app.tick()  # type: ignore[attr-defined]
        await settled(pilot)

    assert snap_compare(live(bus), terminal_size=(80, 24), run_before=freeze)


@each_size
def test_leaving_while_it_records(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(live(recording()), terminal_size=size, run_before=pressing("q"))


@each_size
def test_asking_says_what_it_does(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(live(recording()), terminal_size=size, run_before=pressing("A"))


def test_what_is_done_at_the_virtual_car(snap_compare: Any) -> None:
    app = live(recording(), car=Obedient())
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("c", "u"))


def test_a_command_that_is_refused(snap_compare: Any) -> None:
    app = live(recording(at_s=CHARGING_AT_S))
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("C", "enter"))


def test_a_command_under_way_without_colours(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    bus = recording()
    bus.commands.now = acting()
    assert snap_compare(live(bus), terminal_size=(60, 20), run_before=pressing("C"))


@each_size
def test_connect_screen(snap_compare: Any, size: tuple[int, int]) -> None:
    used = RecentBus(SERIAL.settings, "hyundai-kona")
    app = screen(CAN0, DOWN, replace(SERIAL, description="CANable"), LOOP, recent=(used,))
    assert snap_compare(app, terminal_size=size, run_before=looked("down", "down"))


def test_connect_screen_after_a_failure_without_colours(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    words = "/dev/ttyACM0 answers as an ELM327: no raw CAN adapter; a CANable or a PCAN is one"
    app = screen(replace(SERIAL, description="CANable"), connect=Connecting(BusError(words)))
    assert snap_compare(app, terminal_size=(80, 24), run_before=looked("enter"))


@each_size
def test_start_screen(snap_compare: Any, size: tuple[int, int]) -> None:
    app = start(CAN0, bus=LAST, recording=RECORDING)
    assert snap_compare(app, terminal_size=size, run_before=looked())


def test_start_screen_of_an_empty_machine_without_colours(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(start(), terminal_size=(80, 24), run_before=looked())
