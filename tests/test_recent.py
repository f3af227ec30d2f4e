"""What was used last: the newest first, no two alike, and never a crash on a bad file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evdiag.bus.settings import BusSettings
from evdiag.recent import (
    FILE,
    RecentBus,
    recent_buses,
    recent_recordings,
    remember_bus,
    remember_recording,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVDIAG_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_the_last_bus_is_first_and_no_place_is_there_twice() -> None:
    assert recent_buses() == []
    slow = BusSettings("slcan", "/dev/ttyACM0", 125_000)
    fast = BusSettings("slcan", "/dev/ttyACM0", 500_000, options={"port": 3})
    can0 = BusSettings("socketcan", "can0", None, True, 2_000_000)
    for bus in (slow, can0, fast):
        remember_bus(bus, "bmw-i3")
    assert recent_buses() == [RecentBus(fast, "bmw-i3"), RecentBus(can0, "bmw-i3")]
    for number in range(20):
        remember_bus(BusSettings("socketcan", f"vcan{number}"), None)
    assert [bus.settings.channel for bus in recent_buses()] == [
        f"vcan{number}" for number in range(19, 11, -1)
    ]


def test_recordings_that_are_gone_are_not_offered(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.log" for number in range(3)]
    for path in paths:
        path.write_text("")
        remember_recording(path)
    remember_bus(BusSettings("socketcan", "can0"), None)
    paths[2].unlink()
    assert recent_recordings() == [paths[1], paths[0]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from((
            b'{"buses": 3, "recordings": {}}', b'{"buses": [[], 1, {"interface": 4}]}', b"[1]",
            b'{"recordings": [3, "\\u0000", null]}', b'{"buses": [{"interface": "x"}]}',
            b'{"buses": [{"interface": "x", "channel": "y", "bitrate": "fast", "options": 2}]}',
            b"[" * 100_000,
        )),
    )
)  # fmt: skip
def test_a_bad_file_counts_as_empty_and_is_written_over(folder: Path, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(content)
    assert all(isinstance(bus, RecentBus) for bus in recent_buses())
    assert recent_recordings() == []
    remember_bus(BusSettings("socketcan", "can0"), None)
    assert recent_buses()[0].settings.channel == "can0"


def test_a_state_folder_that_cannot_be_written_is_no_trouble(folder: Path) -> None:
    folder.write_text("in the way")
    remember_bus(BusSettings("socketcan", "can0"), None)
    assert recent_buses() == []
