"""The program in a real terminal: a pty, a process, keys."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evdiag.recordings import open_recording
from tests.live.stories import car_on, multicast_works, own_multicast, play, story_frames

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


@pytest.mark.skipif(not multicast_works(), reason="no multicast on this machine's loopback")
def test_connect_records_a_live_bus_and_says_where(tmp_path: Path) -> None:
    bus = own_multicast()
    terminal = Terminal(
        "connect", "-i", bus.interface, "-c", bus.channel, "--vehicle", "reference",
        "-o", str(tmp_path), CAN_CONFIG=json.dumps(bus.options),
    )  # fmt: skip
    terminal.until("LISTEN verified")
    with car_on(bus) as car:
        frames = story_frames("relock-before-pull")
        play(car, frames[:1200], 10)
        terminal.until("the plug is held")
        terminal.press("R")
        terminal.until("REC")
        play(car, frames[1200:1300], 10)
        terminal.press("q")
        terminal.until("Stop and leave?")
        terminal.press("y")
        assert terminal.ended() == 0
    (recorded,) = tmp_path.glob("*.log")
    said = terminal.seen.decode(errors="replace")
    assert f"recorded {recorded}" in said.replace("\r\n", "")
    assert f"evdiag replay {recorded}" in said.replace("\r\n", "")
    assert len(list(open_recording(str(recorded)).frames())) == 1300
    assert "Traceback" not in said


def test_a_reconnect_that_fails_leads_to_the_list_with_the_reason(tmp_path: Path) -> None:
    last = {"interface": "socketcan", "channel": "nosuchcan0", "vehicle": None}
    (tmp_path / "recent.json").write_text(json.dumps({"buses": [last]}))
    terminal = Terminal(EVDIAG_STATE=str(tmp_path))
    terminal.until("Reconnect")
    terminal.press("r")
    terminal.until("Connect to a car")
    terminal.until("there is no CAN interface")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"Traceback" not in terminal.seen


@pytest.mark.skipif(not multicast_works(), reason="no multicast on this machine's loopback")
def test_a_recording_is_closed_when_the_machine_shuts_down(tmp_path: Path) -> None:
    bus = own_multicast()
    terminal = Terminal(
        "connect", "-i", bus.interface, "-c", bus.channel, "--record", "-o", str(tmp_path),
        CAN_CONFIG=json.dumps(bus.options),
    )  # fmt: skip
    terminal.until("REC")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.ended() == 0
    (rows,) = tmp_path.glob("*.jsonl")
    assert '"kind":"end"' in rows.read_text().splitlines()[-1].replace(" ", "")


def test_a_bus_that_cannot_be_opened_is_one_sentence_before_the_screen(tmp_path: Path) -> None:
    terminal = Terminal(
        "connect", "-i", "socketcan", "-c", "nosuchcan0", EVDIAG_STATE=str(tmp_path)
    )
    assert terminal.ended() == 4
    assert b"Traceback" not in terminal.seen
    assert terminal.seen.startswith(b"evdiag: ")


def test_bare_evdiag_is_the_start_screen_and_the_connect_screen_is_one_key_away(
    tmp_path: Path,
) -> None:
    terminal = Terminal(EVDIAG_STATE=str(tmp_path))
    terminal.until("Why is the charging cable stuck?")
    terminal.until("Demo")
    terminal.press("c")
    terminal.until("Connect to a car")
    terminal.until("udp_multicast")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"Traceback" not in terminal.seen


def test_the_demo_is_live_and_obeys(tmp_path: Path) -> None:
    terminal = Terminal("demo", EVDIAG_STATE=str(tmp_path))
    terminal.until("LISTEN verified")
    terminal.until("the plug is held")
    terminal.press("c")
    terminal.until("What you do at the car")
    terminal.press("u")
    terminal.until("unlock is pressed on the fob")
    terminal.press("\x1b")
    time.sleep(1.0)  # a terminal waits whether an escape is the beginning of a key
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"Traceback" not in terminal.seen
