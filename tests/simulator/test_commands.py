"""`evdiag simulate` and `evdiag demo` as a person or a script calls them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from evdiag.bus.settings import BusSettings
from evdiag.cli.simulate import command as simulate_command
from evdiag.errors import BadInputError
from tests.bus.scripted import until
from tests.live.stories import multicast_works, own_multicast

needs_multicast = pytest.mark.skipif(
    not multicast_works(), reason="this machine's loopback carries no multicast"
)
TIMEOUT_S = 120


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> BusSettings:
    """A bus that no other test is on; processes learn its port from python-can's environment."""
    settings = own_multicast()
    monkeypatch.setenv("CAN_CONFIG", json.dumps(settings.options))
    return settings


def simulate(settings: BusSettings, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "evdiag", "simulate",
            "-i", settings.interface, "-c", settings.channel, *words,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def evdiag(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evdiag", *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


@needs_multicast
def test_told_by_lines_and_recorded_by_evdiag(bus: BusSettings, tmp_path: Path) -> None:
    car = simulate(bus)
    words = ("record", "-i", bus.interface, "-c", bus.channel)
    recorder = subprocess.Popen(
        [sys.executable, "-m", "evdiag", *words, "-o", str(tmp_path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: list(tmp_path.glob("*.log")), TIMEOUT_S)
    out, said = car.communicate(
        "wait 1\nplug_in\nwait 3.5\nfob_unlock\nwait 1\npull\nwait 2\nquit\n", timeout=TIMEOUT_S
    )
    assert car.returncode == 0, said
    lines = [line[9:] for line in out.splitlines()]
    assert lines.index(" > plug_in") < lines.index("   the plug goes in")
    assert lines.index("   the lock opens") < lines.index("   the plug leaves")
    assert "another car" not in said
    recorder.send_signal(signal.SIGINT)
    recorded, _ = recorder.communicate(timeout=TIMEOUT_S)
    attempts = evdiag("attempts", recorded.split()[0], "--format", "jsonl")
    (attempt,) = map(json.loads, attempts.stdout.splitlines())
    assert (attempt["outcome"], attempt["request"]) == ("released", "fob")


@needs_multicast
def test_a_story_that_runs_on_after_the_end_of_its_input(bus: BusSettings) -> None:
    car = simulate(bus, "--story", "healthy-ac", "--seconds", "4")
    out, _ = car.communicate("", timeout=TIMEOUT_S)
    assert car.returncode == 0
    assert out.split("\n")[0].split(maxsplit=1)[1] == "the plug goes in"


@needs_multicast
def test_ctrl_c_ends_it(bus: BusSettings) -> None:
    car = simulate(bus)
    assert car.stdin is not None and car.stdout is not None
    car.stdin.write("help\n")
    car.stdin.flush()
    assert "help" in car.stdout.readline()
    car.send_signal(signal.SIGINT)
    car.communicate(timeout=TIMEOUT_S)
    assert car.returncode == 130


@needs_multicast
def test_two_cars_on_one_bus_are_noticed(bus: BusSettings) -> None:
    cars = [simulate(bus, "--seconds", "6") for _ in range(2)]
    said = [car.communicate("", timeout=TIMEOUT_S)[1] for car in cars]
    assert any("another car sends frame" in words for words in said)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--vehicle", "nope"), 2, "no vehicle is called 'nope'"),
        (("--story", "healthy"), 2, "did you mean 'healthy-"),
        (("-c", "y"), 2, "give -c once"),
        (("--busy", "1"), 2, "--busy"),
    ],
)
def test_wrong_words_end_in_a_sentence(words: tuple[str, ...], code: int, sentence: str) -> None:
    said = evdiag("simulate", "-i", "virtual", "-c", "x", *words)
    assert said.returncode == code
    assert sentence in said.stderr
    assert "Traceback" not in said.stderr


def test_a_wrong_line_ends_a_script() -> None:
    said = evdiag("simulate", "-i", "virtual", "-c", "x", given="plug_in\nwiat 3\npull\n")
    assert said.returncode == 2
    assert "line 2: there is no act 'wiat 3'" in said.stderr


def test_a_missing_interface_is_a_fault_of_the_bus() -> None:
    said = evdiag("simulate", "-i", "socketcan", "-c", "can77")
    assert said.returncode == 4
    assert "can77" in said.stderr


def test_demo_without_a_terminal_plays_the_same_as_replay() -> None:
    demo, replay = evdiag("demo"), evdiag("replay", "relock-before-pull")
    assert demo.returncode == replay.returncode == 0
    assert demo.stdout == replay.stdout
    assert "relocks_before_pull" in demo.stdout
    assert "no terminal here: playing as text" in demo.stderr


def test_demo_plays_any_shipped_story_and_nothing_else(tmp_path: Path) -> None:
    assert "frozen" in evdiag("demo", "frozen").stdout
    said = evdiag("demo", "frozn")
    assert said.returncode == 2
    assert "did you mean 'frozen'" in said.stderr


def test_secured_is_passed_on_to_the_car(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(*_: object, **wanted: object) -> None:
        raise BadInputError(f"secured {wanted['secured']}")

    monkeypatch.setattr("evdiag.simulator.wire_car.WireCar", made)
    for words, said in (([], "secured False"), (["--secured"], "secured True")):
        assert str(CliRunner().invoke(simulate_command, words).exception) == said
