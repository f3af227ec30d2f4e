"""The program in a real terminal: a pty, a process, keys."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")


class Terminal:
    """A process on a pseudo-terminal of 80 by 24."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._screen, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "evdiag", *arguments],
            stdin=other,
            stdout=other,
            stderr=other,
            env={
                **os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24",
                **environment,
            },
        )  # fmt: skip
        os.close(other)
        self.seen = b""

    def until(self, text: str, patience_s: float = 60) -> None:
        """Read until the terminal has shown `text`."""
        end_s = time.monotonic() + patience_s
        while text.encode() not in self.seen:
            if time.monotonic() > end_s:
                raise AssertionError(f"never shown: {text!r}; seen {self.seen[-3000:]!r}")
            if select.select([self._screen], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self._screen, 65536)
                except OSError:
                    break

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._screen, keys.encode())

    def ended(self, patience_s: float = 30) -> int:
        """Wait for the end; return the exit code."""
        end_s = time.monotonic() + patience_s
        while self.process.poll() is None and time.monotonic() < end_s:
            if select.select([self._screen], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self._screen, 65536)
                except OSError:
                    break
        while select.select([self._screen], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self._screen, 65536)
            except OSError:
                break
        os.close(self._screen)
        return self.process.wait(patience_s)


def test_replay_plays_and_leaves_on_q() -> None:
    terminal = Terminal("replay", "relock-before-pull")
    terminal.until("PLUG")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"Traceback" not in terminal.seen


def test_a_file_that_is_not_there_ends_in_one_sentence() -> None:
    terminal = Terminal("replay", "nowhere.log")
    assert terminal.ended() == 2
    assert terminal.seen.endswith(b"evdiag: nowhere.log: there is no such file\r\n")
    assert b"Traceback" not in terminal.seen


def test_without_colours_it_says_the_same() -> None:
    terminal = Terminal("replay", "relock-before-pull", "--paused", NO_COLOR="1")
    terminal.until("PLUG")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"REPLAY" in terminal.seen


def test_ctrl_c_ends_a_command_with_130() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "evdiag", "timeline", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(5)  # by then it waits for its standard input, on any machine
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in errors
