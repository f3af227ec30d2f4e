"""`evdiag dtc read` beside a virtual car on a real loopback bus."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from evdiag.bus.settings import BusSettings
from tests.live.stories import multicast_works, own_multicast
from tests.simulator.running import car_on_a_bus

pytestmark = pytest.mark.skipif(not multicast_works(), reason="no multicast on this loopback")


def dtc_read(
    settings: BusSettings, *words: str, vehicle: str = "reference"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable, "-m", "evdiag", "dtc", "read", "-i", settings.interface,
            "-c", settings.channel, "--vehicle", vehicle, *words,
        ],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={**os.environ, "CAN_CONFIG": json.dumps(settings.options)},
    )  # fmt: skip


def test_the_codes_of_every_unit_are_read() -> None:
    with car_on_a_bus(own_multicast()) as (car, settings):
        car.do("plug_in")
        car.do("break proximity")
        said = dtc_read(settings, "--format", "jsonl")
    assert said.returncode == 0, said.stderr
    rows = {row["unit"]: row for row in map(json.loads, said.stdout.splitlines())}
    assert {unit: row["sae"] for unit, row in rows.items()} == {
        "0x7E6": None, "0x6F1/26": "P0D56-00", "0x18DA40F1": None,
    }  # fmt: skip
    found = rows["0x6F1/26"]
    assert found["meaning"] == "proximity detection circuit"
    assert "confirmed" in found["says"]
    assert "LISTEN: nothing is transmitted any more" in said.stderr


def test_people_read_a_table() -> None:
    with car_on_a_bus(own_multicast()) as (_, settings):
        said = dtc_read(settings)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == [
        "0x7E6: no trouble codes", "0x6F1/26: no trouble codes", "0x18DA40F1: no trouble codes",
    ]  # fmt: skip
    assert "ASK: evdiag transmits" in said.stderr


def test_a_bus_without_the_car_ends_with_4() -> None:
    said = dtc_read(own_multicast())
    assert said.returncode == 4
    assert "it does not answer" in said.stderr


def test_a_car_of_which_nothing_is_asked_ends_with_2() -> None:
    said = dtc_read(own_multicast(), vehicle="tesla-model3")
    assert said.returncode == 2
    assert "only listens" in said.stderr
