"""The guess which signals are about a charge port."""

from __future__ import annotations

import pytest

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.databases.port_signals import LIKELY, port_candidates, port_score


def signal(name: str, comment: str = "") -> SignalLayout:
    return SignalLayout(name, 0, 1, True, False, comment=comment)


@pytest.mark.parametrize(
    "name",
    [
        "CP_Lock_Status", "ChargePortLocked", "PlugConnected", "CHG_Flap_Status", "PilotState",
        "PROXIMITY_DETECTED", "chargePortLatchEngaged", "inletTemperature", "UnlockChargeCable",
    ],
)  # fmt: skip
def test_these_look_like_a_charge_port(name: str) -> None:
    assert port_score(signal(name)) >= LIKELY


@pytest.mark.parametrize(
    "name",
    ["EngineSpeed", "Checksum", "DriverDoorLock", "SteeringLock", "ParkLockActuator", "BlockCount",
     "clock_hours", "SparkPlugTemp", "ExportMode"],
)  # fmt: skip
def test_these_do_not(name: str) -> None:
    assert port_score(signal(name)) < LIKELY


def test_a_comment_tells_what_a_name_does_not() -> None:
    assert port_score(signal("Byte3", "charge port lock, plug latch")) >= LIKELY


def test_the_likeliest_comes_first() -> None:
    names = ["EngineSpeed", "PilotState", "ChargePortLockState"]
    message = MessageLayout("M", 1, False, 8, tuple(signal(name) for name in names))
    assert [found.signal for found in port_candidates([message])] == names[:0:-1]
