"""A small watch list with every kind of freshness, for tests."""

from __future__ import annotations

from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
from evdiag.inputs import frame_key
from evdiag.signals.compiled import compile_message
from evdiag.signals.events import stale_after_ns
from evdiag.signals.watch import Conversation, Meaning, Polled, Watch, WatchedSignal

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

SHORT_READ = compile_message(
    MessageLayout(
        "Short",
        0x1F220001,
        True,
        2,
        (SignalLayout("Told", 0, 8, True, False), SignalLayout("Sensor", 8, 8, True, False)),
    )
)
LONG_READ = compile_message(
    MessageLayout(
        "Long",
        0x1F220002,
        True,
        70,
        (SignalLayout("Duty", 0, 8, True, False), SignalLayout("Last", 552, 8, True, False)),
    )
)

BODY = Conversation("can0", 0x7E6, 0x7EE)
PORT_UNIT = Conversation("can2", 0x6F1, 0x614, 0x14, 0xF1)
FAR = Conversation("can2", frame_key(0x18DA40F1, True), frame_key(0x18DAF140, True))

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


def polled(name, message, signal, did, conversation, words=None, period_ms=200):  # type: ignore[no-untyped-def]
    """Return one watched signal that comes only when somebody asks."""
    return WatchedSignal(
        name,
        conversation.channel,
        conversation.response,
        message.signal(signal),
        Meaning(words),
        stale_after_ns(period_ms),
        Polled(f"read {did:04X}", did, conversation),
    )


POLLED_WATCH = Watch(
    (
        watched("port.lock", PORT, "Lock", LOCK_WORDS, 100),
        polled("port.lock_command", SHORT_READ, "Told", 0xDEF0, PORT_UNIT),
        polled("port.lock_current", SHORT_READ, "Sensor", 0xDEF0, PORT_UNIT),
        watched("port.plug", PORT, "Plug", PLUG_WORDS, 100),
        polled("port.pilot_duty", LONG_READ, "Duty", 0x0001, BODY, None, 1000),
        polled("port.temperature", LONG_READ, "Last", 0x0001, BODY, None, 1000),
        polled("vehicle.speed", SHORT_READ, "Told", 0x0002, FAR),
    )
)
"""Broadcast and answers on can0; on can2 answers alone, of two control units."""
