"""Whose VIN a commanded control unit has: the whole number decides, however it is filled up."""

from __future__ import annotations

import pytest

from evdiag.control.conversation import Conversation
from evdiag.control.module_check import ModuleCheck
from evdiag.control.permits import Permit
from evdiag.inputs import Frame
from evdiag.vehicles.library import library
from tests.control.policies import SECOND, answer

PORT = library().profile("reference").ecus()[0]
VIN = b"EVD1AG0REFERENCE1"


def says(told: bytes) -> tuple[bool | None, str]:
    """Return what is said of a unit whose identifier F190 holds `told`."""

    def leave(frame: Frame, why: str) -> Permit:
        return Permit(why, None, 0, ())

    check = ModuleCheck(Conversation(PORT, "can0", leave), "EVD1.*")
    check.due(0)
    check.heard(answer(PORT, bytes.fromhex("02 7E 00"), 0), 0)
    check.due(SECOND)
    payload = bytes.fromhex("62 F1 90") + told
    if len(payload) < 8:
        check.heard(answer(PORT, bytes((len(payload),)) + payload, SECOND), SECOND)
    else:
        first = bytes((0x10, len(payload))) + payload[:6]
        check.heard(answer(PORT, first, SECOND), SECOND)
        for number, place in enumerate(range(6, len(payload), 7), 1):
            data = bytes((0x20 | number,)) + payload[place : place + 7]
            check.heard(answer(PORT, data, SECOND), SECOND)
    return check.says.answers, check.says.text


@pytest.mark.parametrize("filling", [b"", b"\x00\x00\x00", b"\xff\xff\xff", b"\xaa\xaa"])
def test_filled_up_it_is_the_same_number(filling: bytes) -> None:
    assert says(VIN + filling) == (True, "0x7E6 answers, VIN EVD1AG0REFERENCE1")


@pytest.mark.parametrize("told", [b"", b"EVD1", VIN[:16], VIN + b"2", VIN[:16] + b"\xb2"])
def test_half_a_number_is_none_though_the_pattern_fits_it(told: bytes) -> None:
    answers, text = says(told)
    assert answers is False
    assert text == f"0x7E6 has no VIN, but {told.hex(' ').upper() or 'nothing'}"


def test_another_cars_number_is_another_car() -> None:
    answers, text = says(b"WBY1Z2100EV000000")
    assert answers is False
    assert "has the VIN 'WBY1Z2100EV000000': another car than named" in text
