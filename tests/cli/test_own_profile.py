"""A profile of the user's own that cannot be read, where a command to the car is wanted of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evdiag.vehicles.library import library
from tests.vehicles.commands import GOOD


@pytest.mark.parametrize(
    "words",
    [
        ("unlock", "--vehicle", "my-car", "--dry-run"),
        ("simulate", "-i", "virtual", "-c", "own", "--vehicle", "my-car"),
        ("status", "-i", "virtual", "-c", "own", "--vehicle", "my-car"),
    ],
    ids=lambda words: words[0],
)
def test_why_it_was_left_out_is_said_where_it_is_missed(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "vehicles"
    folder.mkdir()
    (folder / "my-car.toml").write_text(GOOD.replace("alone_after_s = 5", "alone_after_s = 50"))
    said = subprocess.run(
        [sys.executable, "-m", "evdiag", *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "EVDIAG_CONFIG": str(tmp_path), "EVDIAG_STATE": str(tmp_path / "state")},
        timeout=120,
    )
    assert said.returncode == 2
    assert "left out: " in said.stderr
    assert "my-car.toml: table [commands 1], key 'alone_after_s': unlock by uds: " in said.stderr
    assert "no vehicle is called 'my-car'" in said.stderr


def test_a_car_is_shown_with_every_way_of_its_commands() -> None:
    from evdiag.cli.vehicles import _described

    lines = "\n".join(_described(library().profile("reference")))
    assert "command: unlock by frames: " in lines
    assert "command: unlock by uds: " in lines
