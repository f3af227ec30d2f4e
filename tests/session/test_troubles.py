"""A trouble is told while it is there, the worst first, and goes when it goes."""

from __future__ import annotations

import pytest

from evdiag.inputs import BusEvent, BusEventKind
from evdiag.session.troubles import PASSING_NS, Troubles

K = BusEventKind
S = 1_000_000_000


def after(*kinds: BusEventKind, now_s: float = 0.0) -> list[BusEventKind]:
    troubles = Troubles()
    for kind in kinds:
        troubles.take(BusEvent(0, kind, "can0", 3, "said"), 0)
    return [trouble.kind for trouble in troubles.now(int(now_s * S))]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ((K.UP,), []),
        ((K.LOST,), [K.LOST]),
        ((K.LOST, K.UP), []),
        ((K.SILENT,), [K.SILENT]),
        ((K.SILENT, K.HEARD), []),
        ((K.SILENT, K.LOST), [K.LOST]),
        ((K.WRONG_BITRATE, K.HEARD), []),
        ((K.ERROR_PASSIVE, K.BUS_OFF), [K.BUS_OFF]),
        ((K.BUS_OFF, K.ERROR_ACTIVE), []),
        ((K.SILENT, K.FRAMES_LOST, K.WRONG_BITRATE), [K.WRONG_BITRATE, K.FRAMES_LOST, K.SILENT]),
        ((K.ERROR_COUNTERS,), []),
    ],
)
def test_what_ends_a_trouble(said: tuple[BusEventKind, ...], left: list[BusEventKind]) -> None:
    assert after(*said) == left


def test_lost_frames_are_added_up_and_told_for_a_while() -> None:
    troubles = Troubles()
    for at_s in (0, 5):
        troubles.take(BusEvent(0, K.FRAMES_LOST, "can0", 40, "dropped"), at_s * S)
    (told,) = troubles.now(6 * S)
    assert (told.count, told.since_ns) == (80, 0)
    assert troubles.now(5 * S + PASSING_NS) == [told]
    assert troubles.now(5 * S + PASSING_NS + 1) == []
    assert troubles.now(0) == []


def test_each_channel_has_its_own() -> None:
    troubles = Troubles()
    troubles.take(BusEvent(0, K.LOST, "can0"), 0)
    troubles.take(BusEvent(0, K.LOST, "can1"), 0)
    troubles.take(BusEvent(0, K.UP, "can0"), 0)
    assert [trouble.channel for trouble in troubles.now(0)] == ["can1"]
