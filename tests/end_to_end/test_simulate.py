"""`evdiag simulate` in a real terminal: keys in, the car's words out."""

from __future__ import annotations

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("needs a pty", allow_module_level=True)

from tests.end_to_end.test_terminal import Terminal


def test_keys_are_obeyed_and_q_ends_it() -> None:
    terminal = Terminal("simulate", "-i", "virtual", "-c", "x")
    terminal.until("fob unlock")
    terminal.press("i")
    terminal.until("the lock closes")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"Traceback" not in terminal.seen


def test_a_demo_is_left_like_any_screen() -> None:
    terminal = Terminal("demo")
    terminal.until("PLUG")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"Traceback" not in terminal.seen
