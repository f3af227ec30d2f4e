"""`evdiag status` beside a virtual car on a real loopback bus."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.recordings import open_recording
from tests.cli.at_a_bus import evdiag_at
from tests.live.stories import multicast_works, own_multicast
from tests.simulator.running import RunningCar, car_on_a_bus

pytestmark = pytest.mark.skipif(not multicast_works(), reason="no multicast on this loopback")


@contextmanager
def parked_car(*acts: str) -> Iterator[tuple[RunningCar, BusSettings]]:
    with car_on_a_bus(own_multicast()) as (car, settings):
        for act in acts:
            car.do(act)
        yield car, settings


def status(settings: BusSettings, *words: str) -> subprocess.CompletedProcess[str]:
    return evdiag_at(settings, "status", *words)


def test_it_says_what_the_port_does_now() -> None:
    with parked_car("plug_in") as (_, settings):
        said = status(settings, "--format", "jsonl")
    assert said.returncode == 0, said.stderr
    summary, *signals = map(json.loads, said.stdout.splitlines())
    assert summary["vehicle"] == "reference"
    assert summary["fault"] is None
    values = {signal["signal"]: signal["value"] for signal in signals}
    assert values["port.plug"] == "connected"
    assert {signal["evidence"] for signal in signals} == {"simulated"}


def test_people_read_a_table(tmp_path: Path) -> None:
    into = tmp_path / "status.txt"
    with parked_car() as (_, settings):
        said = status(settings, "--output", str(into))
    assert said.returncode == 0, said.stderr
    assert said.stdout == ""
    text = into.read_text()
    assert text.startswith("evdiag reference car, confidence")
    assert "port.lock" in text
    assert "Nothing wrong is seen" in text


def test_a_fault_ends_with_1() -> None:
    with parked_car("plug_in") as (car, settings):
        car.do("break position_sensor")
        said = status(settings, "--seconds", "8")
    assert said.returncode == 1, said.stdout + said.stderr
    assert "lock_fault_reported" in said.stdout
    assert "next:" in said.stdout


def test_a_silent_bus_ends_with_4_and_says_where_to_look() -> None:
    said = status(own_multicast(), "--within", "1")
    assert said.returncode == 4
    assert "nothing was heard in 1 s" in said.stderr
    assert "doctor" in said.stderr


def test_a_car_that_is_not_the_one_named_is_recognised_all_the_same() -> None:
    with parked_car() as (_, settings):
        said = status(settings, "--vehicle", "bmw-i3", "--within", "4")
    assert said.returncode == 2
    assert "tells of BMW i3" in said.stderr
    assert "they fit evdiag reference car (--vehicle reference)" in said.stderr


def test_asking_needs_the_car_named() -> None:
    said = status(own_multicast(), "--ask")
    assert said.returncode == 2
    assert "--vehicle" in said.stderr


def test_asked_it_answers_too_and_what_was_sent_is_in_a_recording(tmp_path: Path) -> None:
    with car_on_a_bus(own_multicast(), behind_gateway=True) as (_, settings):
        said = status(settings, "--ask", "--vehicle", "reference", "--seconds", "4",
                      "--format", "csv", "-o", str(tmp_path))  # fmt: skip
    assert said.returncode == 0, said.stderr
    rows = [line.split(",") for line in said.stdout.splitlines()]
    assert ["reference", "port.lock", "unlocked"] in [row[:3] for row in rows]
    assert "nothing is transmitted any more" in said.stderr
    (recording,) = tmp_path.glob("*.log")
    assert f"recording into {recording}" in said.stderr
    assert {frame.direction for frame in open_recording(recording).frames()} == {"tx", "rx"}


def test_what_is_only_listened_to_is_not_recorded(tmp_path: Path) -> None:
    with parked_car() as (_, settings):
        said = status(settings, "-o", str(tmp_path))
    assert said.returncode == 0, said.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_car_of_which_nothing_can_be_asked_leaves_no_recording(tmp_path: Path) -> None:
    said = status(own_multicast(), "--ask", "--vehicle", "tesla-model3", "-o", str(tmp_path))
    assert said.returncode == 2
    assert "it only listens to it" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_condition_of_a_command_is_shown_and_3_says_that_one_is_not_met() -> None:
    with parked_car() as (_, settings):
        said = status(settings, "--interlocks", "relock")
    assert said.returncode == 3
    lines = said.stdout.partition("Before relock:\n")[2].splitlines()
    assert [line.split()[0] for line in lines].count("✘") == 1
    assert "✘ plug in, and steady for 2 s" in said.stdout
    assert "✔ the actuator has rested" in said.stdout


def test_with_asking_all_may_be_green(tmp_path: Path) -> None:
    with parked_car("plug_in") as (_, settings):
        said = status(settings, "--interlocks", "relock", "--ask", "--vehicle", "reference",
                      "--seconds", "4", "--format", "jsonl", "-o", str(tmp_path))  # fmt: skip
    summary = json.loads(said.stdout.splitlines()[0])
    assert {one["verdict"] for one in summary["interlocks"]} == {"green"}, said.stdout
    assert said.returncode == 0
