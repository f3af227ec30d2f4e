"""A small watch list with every kind of freshness, for tests."""

from __future__ import annotations

from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
from evdiag.signals.compiled import compile_message
from evdiag.signals.events import stale_after_ns
from evdiag.signals.watch import Meaning, Watch, WatchedSignal

PORT = compile_message(
    MessageLayout(
        "Port",
        0x100,
        False,
        3,
        (
            SignalLayout("Lock", 0, 2, True, False),
            SignalLayout("Plug", 2, 2, True, False),
            SignalLayout("Volts", 8, 16, True, False, scale=0.1),
        ),
    )
)
PAGED = compile_message(
    MessageLayout(
        "Paged",
        0x200,
        True,
        2,
        (
            SignalLayout("Page", 0, 2, True, False, is_switch=True),
            SignalLayout(
                "Amps", 8, 8, True, True, conditions=(MultiplexCondition("Page", ((1, 2),)),)
            ),
        ),
    )
)
EVENT = compile_message(
    MessageLayout("Key", 0x300, False, 1, (SignalLayout("Heard", 0, 1, True, False),))
)

LOCK_WORDS = {0: "unlocked", 1: "locked", 2: "moving"}
PLUG_WORDS = {0: "disconnected", 1: "connected"}


def watched(name, message, signal, words, period_ms, channel="can0"):  # type: ignore[no-untyped-def]
    """Return one watched signal."""
    return WatchedSignal(
        name,
        channel,
        message.key,
        message.signal(signal),
        Meaning(words, invalid=frozenset({65535})),
        stale_after_ns(period_ms),
    )


WATCH = Watch(
    (
        watched("port.lock", PORT, "Lock", LOCK_WORDS, 100),
        watched("port.plug", PORT, "Plug", PLUG_WORDS, 100),
        watched("port.inlet_voltage", PORT, "Volts", None, 100),
        watched("port.lock_current", PAGED, "Amps", None, 400),
        watched("vehicle.key_heard", EVENT, "Heard", {0: "no", 1: "yes"}, None),
    )
)
