"""Bits of cars, from frames written by hand out of the facts; none was made with our own DBC.

Each row: what the source says, the bytes that say it, and what evdiag must read from them.
"""

from __future__ import annotations

import pytest

from evdiag.inputs import Frame, frame_key
from evdiag.signals.events import Changed
from evdiag.signals.tracker import SignalTracker
from evdiag.vehicles.checking import check_profile
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.vocabulary import TERM, Value

PROFILES = sorted(library().profiles)


def read(vehicle: str, layout: str | None, identifier: int, data: str) -> dict[str, Value]:
    """Decode one frame, given as hex, into the vocabulary."""
    profile = library().profile(vehicle)
    chosen = profile.layout(layout)
    channels = {bus.name: "can0" for bus in profile.buses}
    watch = watch_of(profile, chosen, databases(profile, chosen), channels)
    frame = Frame(0, "can0", identifier, False, bytes.fromhex(data))
    return {
        watch.signals[event.watched].name: event.value
        for event in SignalTracker(watch).frame(frame)
        if isinstance(event, Changed)
    }


FACTS = [
    # damienmaguire/BMW-i3-CCS recordings: lock bit 26, plug bit 16, pilot 32|3 (facts 1.2).
    # Byte 2 bit 0 plug; byte 3: F4 = bits 26 and 28 up, so locked; byte 4 BD: low three bits 5.
    ("bmw-i3", None, 0x3B4, "00 00 0D F4 BD FF 09 B5", {
        "port.lock": "locked", "port.plug": "connected", "port.pilot": "C2",
        "port.flap_lock": "unlocked", "charge.type": "dc", "port.inlet_voltage": 362,
        "port.latch_button": "invalid",
    }),
    ("bmw-i3", None, 0x3B4, "00 00 0C F0 B8 FF 00 FF", {
        "port.lock": "unlocked", "port.plug": "disconnected", "port.pilot": "A",
        "port.inlet_voltage": "invalid", "charge.type": "none",
    }),
    # Type 1 car of 2014, handle button pressed: byte 2 = 0x35, bits 2-3 = 1.
    ("bmw-i3", None, 0x3B4, "0C FF 35 F0 BA FF 01 00", {
        "port.latch_button": "pressed", "port.plug": "connected", "charge.type": "ac",
    }),
    # 26|2 = 2 error and 3 invalid; 24|2 = 3 invalid (facts 1.2).
    ("bmw-i3", None, 0x3B4, "00 00 0D FB B9 FF 02 FB", {
        "port.lock": "fault", "port.flap_lock": "invalid", "port.inlet_voltage": "invalid",
    }),
    ("bmw-i3", None, 0x3B4, "00 00 0D FC B9 FF 02 FE", {"port.lock": "invalid"}),
    # 0x272: position 16|2, contactor state 18|2: 05 is open and closed, 01 open and open.
    ("bmw-i3", None, 0x272, "BC F6 05 12 FF FF FF FF", {
        "port.flap": "open", "port.dc_contactors": "closed",
    }),
    ("bmw-i3", None, 0x272, "02 F9 FE 02 FF FF FF FF", {
        "port.flap": "fault", "port.dc_contactors": "invalid",
    }),
    # Contactor info 20|4 = 5: second welded, whatever 18|2 says (facts 1.2).
    ("bmw-i3", None, 0x272, "02 F9 51 02 FF FF FF FF", {"port.dc_contactors": "welded"}),
    ("bmw-i3", None, 0x272, "02 F9 21 02 FF FF FF FF", {"port.dc_contactors": "open"}),
    # open_close.csv: 2FC low nibble 4 locked, 1 unlocked; 3 on a US car; 2A0 11 press, 33 press.
    ("bmw-i3", None, 0x2FC, "84 00 00 FF FF FF FF FF", {"vehicle.lock": "locked"}),
    ("bmw-i3", None, 0x2FC, "81 00 04 FF FF FF FF FF", {"vehicle.lock": "unlocked"}),
    ("bmw-i3", None, 0x2FC, "83 00 04 FF FF FF FF FF", {"vehicle.lock": "invalid"}),
    ("bmw-i3", None, 0x2A0, "11 11 F8 0F FF FF FF FF", {
        "port.unlock_request": "active", "port.lock_request": "idle",
    }),
    ("bmw-i3", None, 0x2A0, "33 33 F8 0F FF FF FF FF", {
        "port.unlock_request": "idle", "port.lock_request": "active",
    }),
    # projectgus/kona-ev-dbc: ChargePortLocked 0|1; unplugged car: 58E B4 = 08, B0 = 0 (facts 1.3).
    ("hyundai-kona", None, 0x5EC, "01 00 00 00 00 00 00 00", {"port.lock": "locked"}),
    ("hyundai-kona", None, 0x5EC, "00 00 00 04 00 00 00 00", {"port.lock": "unlocked"}),
    ("hyundai-kona", None, 0x58E, "00 00 00 00 08 00 00 00", {
        "port.plug": "disconnected", "port.unlock_request": "idle", "port.lock_fault": "ok",
        "charge.lock_mode": "while_charging",
    }),
    # Will not lock: B0 = 0x76; 34|1 lock asked for; 36|1 EVSE; 37|1 "Lock" button.
    ("hyundai-kona", None, 0x58E, "76 00 00 00 34 00 00 00", {
        "port.plug": "connected", "port.lock_request": "active", "port.lock_fault": "fault",
        "charge.lock_mode": "always",
    }),
    ("hyundai-kona", None, 0x58E, "00 00 00 00 12 00 00 00", {"port.unlock_request": "active"}),
    # 9|1 AC, 10|1 DC.
    ("hyundai-kona", None, 0x595, "00 02 00 00 00 00 00 00", {"charge.type": "ac"}),
    ("hyundai-kona", None, 0x595, "00 04 00 00 00 00 00 00", {"charge.type": "dc"}),
    ("hyundai-kona", None, 0x599, "00 00 00 00 00 00 00 02", {"charge.active": "yes"}),
    ("hyundai-kona", None, 0x5A3, "20 00 00 00 00 00 00 00", {"port.dc_contactors": "closed"}),
    # openccs.csv, first frame and the one after the latch let go: 5|2 is 2, then 1; 3|1 is 0.
    ("tesla-model3", "2020", 0x25D, "47 28 05 BE 40 A1 02 C0", {
        "port.lock": "locked", "port.plug": "disconnected", "port.lock_command": "lock",
    }),
    ("tesla-model3", "2020", 0x25D, "27 38 0D BD 48 61 09 A0", {
        "port.lock": "unlocked", "port.plug": "disconnected",
    }),
    ("tesla-model3", "2020", 0x25D, "68 00 02 00 00 00 00 00", {
        "port.lock": "blocking", "port.plug": "connected", "port.lock_command": "unlock",
    }),
    ("tesla-model3", "2020", 0x25D, "08 00 00 00 00 00 00 00", {"port.lock": "invalid"}),
    # 2026 layout: latchState 3|2, door 6|1 (talas9/tesla-can-signal-db).
    ("tesla-model3", "2026", 0x25D, "50 00 03 00 00 00 00 00", {
        "port.lock": "locked", "port.flap": "open", "port.lock_command": "unlock",
    }),
    ("tesla-model3", "2026", 0x25D, "08 00 04 00 00 00 00 00", {
        "port.lock": "unlocked", "port.flap": "closed", "port.lock_command": "idle",
    }),
    # Live sample of 2026-08: proximity 3, pilot 2, 12 A (facts 1.1).
    ("tesla-model3", "2026", 0x21D, "2E 18 49 0C AC 00 60 01", {
        "port.plug": "connected", "port.latch_button": "released", "charge.type": "ac",
    }),
    ("tesla-model3", None, 0x21D, "08 00 00 00 00 00 00 00", {
        "port.plug": "connected", "port.latch_button": "pressed",
    }),
    ("tesla-model3", None, 0x21D, "04 00 04 00 00 00 00 00", {"port.plug": "disconnected"}),
    # 0x75D page 3: latchI 4|12 x 0.0025 A; 0x3E8 = 1000 is 2.5 A. Another page carries none.
    ("tesla-model3", None, 0x75D, "83 3E 00 00 00 00 00 00", {"port.lock_current": 2.5}),
    ("tesla-model3", None, 0x75D, "82 3E 00 00 00 00 00 00", {}),
    ("tesla-model3", None, 0x339, "00 00 00 00 00 00 80 00", {"vehicle.lock": "locked"}),
    # 0x13D 0|3 = 5 enabled; 0x31E page 0, a035 latchMovement_1 is bit 38, a036 bit 39.
    ("tesla-model3", None, 0x13D, "05 00 00 00 00 00", {"charge.active": "yes"}),
    ("tesla-model3", None, 0x31E, "00 00 00 00 40 00 00 00", {"port.lock_fault": "fault"}),
    ("tesla-model3", None, 0x31E, "00 00 00 00 80 00 00 00", {"port.lock_fault": "fault"}),
    ("tesla-model3", None, 0x31E, "00 00 00 00 38 00 00 00", {"port.lock_fault": "ok"}),
    ("tesla-model3", None, 0x31E, "01 00 00 00 40 00 00 00", {}),
    # OVMS vehicle_vwegolf: plug state 52|2, lock error 41|1, type 42|2, charging 29|1, timer 21|2.
    ("vw-egolf", None, 0x594, "00 00 00 20 00 04 30 00", {
        "port.lock": "locked", "port.plug": "connected", "charge.active": "yes",
        "charge.type": "ac", "port.lock_fault": "ok", "charge.timer": "no",
    }),
    ("vw-egolf", None, 0x594, "00 00 20 00 00 02 20 00", {
        "port.lock": "unlocked", "port.plug": "connected", "port.lock_fault": "fault",
        "charge.timer": "yes",
    }),
    ("vw-egolf", None, 0x594, "00 00 00 00 00 00 10 00", {
        "port.lock": "unlocked", "port.plug": "disconnected",
    }),
    ("vw-egolf", None, 0x594, "00 00 00 00 00 00 00 00", {
        "port.lock": "invalid", "port.plug": "invalid",
    }),
    ("vw-egolf", None, 0x583, "00 00 02 00 00 00 00 00", {"vehicle.lock": "locked"}),
    # Leaf ZE1 0x3C9: 40|1 station active, 42|1 locked; without a station the bit says nothing.
    ("nissan-leaf-ze1", None, 0x3C9, "00 00 00 00 00 05 00 00", {"port.lock": "locked"}),
    ("nissan-leaf-ze1", None, 0x3C9, "00 00 00 00 00 01 00 00", {"port.lock": "unlocked"}),
    ("nissan-leaf-ze1", None, 0x3C9, "00 00 00 00 00 04 00 00", {"port.lock": "invalid"}),
    ("nissan-leaf-ze1", None, 0x390, "00 00 00 00 40 00 00 00", {"port.dc_contactors": "closed"}),
    ("nissan-leaf-ze1", None, 0x11A, "00 00 00 00 00 00 00 00", {"vehicle.gear": "P"}),
    # Zoe: 0x654 B0 mask 0x20; 0x657 B1 mask 0x0C; 0x658 B5 mask 0x20 (facts 1.6).
    ("renault-zoe", None, 0x654, "20 00 00 00 00 00 00 00", {"port.plug": "connected"}),
    ("renault-zoe", None, 0x654, "DF 00 00 00 00 00 00 00", {"port.plug": "disconnected"}),
    ("renault-zoe", None, 0x657, "00 04", {"port.unlock_request": "active"}),
    ("renault-zoe", None, 0x657, "FF F3", {"port.unlock_request": "idle"}),
    ("renault-zoe", None, 0x657, "00 0C", {"port.unlock_request": "invalid"}),
    ("renault-zoe", None, 0x658, "00 00 00 00 00 20 00 00", {"charge.active": "yes"}),
    # Soul EV (OVMS ks_incoming_c_can.cpp): 0x018 B0 0x01 flap; 0x120 B3 0x20 unlock, 0x10 lock,
    # 0x40 the third button; 0x4F2 B1 half km/h; 0x653 B5 half degrees from -40 (facts 1.4).
    ("kia-soul-ev", None, 0x018, "01 00 00 00 00 00 00 00", {"port.flap": "open"}),
    ("kia-soul-ev", None, 0x018, "FE FF FF FF FF FF FF FF", {"port.flap": "closed"}),
    ("kia-soul-ev", None, 0x120, "00 00 00 20", {
        "port.unlock_request": "active", "port.lock_request": "idle",
    }),
    ("kia-soul-ev", None, 0x120, "00 00 00 10 00 00 00 00", {
        "port.unlock_request": "idle", "port.lock_request": "active",
    }),
    ("kia-soul-ev", None, 0x120, "FF FF FF CF FF FF FF FF", {
        "port.unlock_request": "idle", "port.lock_request": "idle",
    }),
    ("kia-soul-ev", None, 0x4F2, "00 65 00 00 00 00 00 00", {"vehicle.speed": 50.5}),
    ("kia-soul-ev", None, 0x653, "00 00 00 00 00 5C 00 00", {"vehicle.ambient_temperature": 6}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("vehicle", "layout", "identifier", "data", "expected"),
    FACTS,
    ids=[f"{fact[0]}-{fact[2]:03X}-{number}" for number, fact in enumerate(FACTS)],
)
def test_a_fact_is_read_from_its_bytes(
    vehicle: str, layout: str | None, identifier: int, data: str, expected: dict[str, Value]
) -> None:
    found = read(vehicle, layout, identifier, data)
    assert {name: found.get(name) for name in expected} == expected
    if not expected:
        assert not found


@pytest.mark.parametrize("vehicle", PROFILES)
def test_every_profile_is_whole(vehicle: str) -> None:
    from pathlib import Path

    profile = check_profile(Path(library().profile(vehicle).file))
    assert profile.sources
    layouts = [*profile.layouts, *([profile.shared_layout] if profile.shared_layout else [])]
    for layout in layouts:
        loaded = databases(profile, layout)
        assert all(p.kind == "overlap" for db in loaded for p in db.problems)
        sent = {frame.key for bus in profile.buses for frame in bus.frames}
        messages = {m.name: m for db in loaded for m in db.messages}
        for entry in layout.signals:
            if not entry.poll:
                assert messages[entry.message].key in sent, "its silence would never be noticed"
            assert entry.source
        for poll in profile.polls:
            assert messages[poll.message].key not in sent, "no frame may be taken for an answer"


def test_the_reference_car_offers_every_signal_and_only_it_is_simulated() -> None:
    reference = library().profile("reference")
    assert {entry.name for entry in reference.layouts[0].signals} == set(TERM)
    for vehicle in PROFILES:
        levels = {entry.evidence for entry in library().profile(vehicle).layouts[0].signals}
        assert ("simulated" in levels) == (vehicle == "reference")


def test_i3_cycle_times_are_those_of_the_facts() -> None:
    frames = {frame.key: frame for frame in library().profile("bmw-i3").buses[0].frames}
    assert frames[frame_key(0x3B4, False)].period_ms == 200
    assert frames[frame_key(0x272, False)].period_ms == 200
    assert frames[frame_key(0x2FC, False)].period_ms == 5000
