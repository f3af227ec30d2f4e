"""Pictures of the screens: what words cannot hold. Few, of shipped stories, with a frozen clock.

Update them with ``pytest tests/tui/test_pictures.py --snapshot-update`` and look at each.
"""

from __future__ import annotations

from typing import Any

import pytest

from evdiag.tui.config import TuiConfig
from tests.tui.replaying import SIZES, Playing, replay, settled


def pressing(*keys: str) -> Any:
    async def press(pilot: Playing) -> None:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return press


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_port_with_the_countdown_running(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(replay(at_s=21.0), terminal_size=size, run_before=pressing())


def test_port_with_a_silent_module_in_light_colours(snap_compare: Any) -> None:
    app = replay("lock-module-silent", at_s=25.0, config=TuiConfig(theme="light"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


def test_trace_with_changed_bytes(snap_compare: Any) -> None:
    app = replay(at_s=17.5)
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing("3"))


def test_attempts_of_a_stalled_actuator(snap_compare: Any) -> None:
    app = replay("actuator-stalls", at_s=30.0, config=TuiConfig(theme="high-contrast"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("2"))


def test_help(snap_compare: Any) -> None:
    app = replay(at_s=21.0)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("question_mark"))
