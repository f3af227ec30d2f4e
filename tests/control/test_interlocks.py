"""The conditions of a command: green only for what is offered, fresh and good."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.control.interlocks import (
    BY_EYE,
    BusFacts,
    CommandFacts,
    Interlock,
    all_green,
    interlocks,
)
from evdiag.control.other_testers import OtherTesters
from evdiag.inputs import Frame
from evdiag.port.readings import Reading, Readings
from evdiag.vehicles.command import Proof
from evdiag.vehicles.library import library
from evdiag.vocabulary import COMMANDS, INVALID, STALE, UNKNOWN, CommandName, Purpose, Value

NOW_NS = 100_000_000_000
LONG_AGO_NS = 90_000_000_000
WELL = BusFacts(module_answers=True)


@dataclass
class Said:
    """What a car says, signal by signal."""

    values: dict[str, Value]
    since_ns: dict[str, int] = field(default_factory=dict)
    asleep_since_ns: int | None = None

    @property
    def offered(self) -> frozenset[str]:
        return frozenset(self.values)

    def __getitem__(self, name: str) -> Reading:
        value = self.values.get(name, UNKNOWN)
        since = self.since_ns.get(name, 0 if value == UNKNOWN else LONG_AGO_NS)
        return Reading(value, since)


GOOD: dict[str, Value] = {
    "vehicle.speed": 0.0,
    "vehicle.gear": "P",
    "port.pilot": "B2",
    "charge.active": "no",
    "port.inlet_current": 0.0,
    "charge.discharge": "no",
    "port.inlet_voltage": 4.0,
    "port.dc_contactors": "open",
    "charge.type": "none",
    "vehicle.supply_voltage": 12.6,
    "port.plug": "connected",
}

BAD: dict[str, tuple[Value, ...]] = {
    "vehicle.speed": (0.1, 30.0),
    "vehicle.gear": ("R", "N", "D"),
    "port.pilot": ("C1", "C2", "D1", "D2"),
    "charge.active": ("yes",),
    "port.inlet_current": (1.0, -1.0, 16.0),
    "charge.discharge": ("yes",),
    "port.inlet_voltage": (60.0, 364.0, -60.0),
    "port.dc_contactors": ("closed", "welded"),
    "vehicle.supply_voltage": (11.4, 0.0),
    "port.plug": ("disconnected",),
}

NOTHING = (UNKNOWN, STALE, INVALID)


def conditions(
    command: CommandName = "relock",
    values: dict[str, Value] | None = None,
    bus: BusFacts = WELL,
    confirmed: frozenset[str] = frozenset(),
    **said: object,
) -> dict[str, Interlock]:
    readings = cast("Readings", Said(GOOD if values is None else values, **said))  # type: ignore[arg-type]
    found = interlocks(command, CommandFacts(readings, NOW_NS, bus, confirmed))
    assert len({one.id for one in found}) == len(found)
    return {one.id: one for one in found}


def reds(found: dict[str, Interlock]) -> set[str]:
    return {name for name, one in found.items() if one.verdict != "green"}


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_commanded_where_the_guide_was_told_of_a_danger(command: CommandName) -> None:
    readings = cast("Readings", Said(GOOD))
    found = interlocks(command, CommandFacts(readings, NOW_NS, WELL, danger_told=True))
    assert [one.id for one in found if one.verdict != "green"] == ["danger"]
    assert found[0].text == "no danger: the guide was told of one"
    assert "danger" not in BY_EYE


@pytest.mark.parametrize("command", [*COMMANDS, "dtc-clear"])
def test_nothing_is_commanded_that_the_recording_does_not_take(command: Purpose) -> None:
    readings = cast("Readings", Said(GOOD))
    facts = CommandFacts(readings, NOW_NS, WELL, not_recorded="not recording: no space left")
    red = [one for one in interlocks(command, facts) if one.verdict != "green"]
    assert [one.id for one in red] == ["recording"]
    assert red[0].text == "all of it is recorded: not recording: no space left"
    assert red[0].needs
    assert "recording" not in BY_EYE


@pytest.mark.parametrize("command", COMMANDS)
def test_all_is_green_where_all_is_well(command: CommandName) -> None:
    found = conditions(command)
    assert reds(found) == set()
    assert all_green(tuple(found.values()))
    assert all(not one.needs for one in found.values())


def test_nothing_at_all_is_not_green() -> None:
    assert not all_green(())


@pytest.mark.parametrize("signal", BAD)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_wrong_or_missing_value_is_red_and_says_what_would_help(
    command: CommandName, signal: str
) -> None:
    if signal == "port.plug" and command in ("unlock", "open-flap"):
        return
    for value in (*BAD[signal], *NOTHING):
        found = conditions(command, GOOD | {signal: value})
        assert reds(found), (signal, value)
        assert all(found[name].needs for name in reds(found))


def test_the_plug_matters_only_where_a_pin_may_be_driven_out() -> None:
    for value in ("disconnected", *NOTHING):
        assert not reds(conditions("unlock", GOOD | {"port.plug": value}))
        assert reds(conditions("cycle", GOOD | {"port.plug": value})) == {"plug"}


def test_a_plug_that_has_just_come_in_is_waited_for() -> None:
    just = {"port.plug": NOW_NS - 1_999_999_999}
    assert reds(conditions("relock", since_ns=just)) == {"plug"}
    steady = {"port.plug": NOW_NS - 2_000_000_000}
    assert not reds(conditions("relock", since_ns=steady))


@pytest.mark.parametrize("signal", ["vehicle.speed", "port.plug"])
def test_what_a_car_does_not_say_a_person_may_confirm(signal: str) -> None:
    less = {name: value for name, value in GOOD.items() if name != signal}
    (name,) = reds(conditions("relock", less))
    assert conditions("relock", less)[name].verdict == "by_eye"
    assert not reds(conditions("relock", less, confirmed=frozenset({name})))


@given(
    st.frozensets(
        st.text(max_size=12)
        | st.sampled_from(
            ["speed", "plug", "voltage", "current", "charging", "discharging", "contactors", "bus"]
        )
    )
)
def test_no_eye_sees_voltage_current_or_session(confirmed: frozenset[str]) -> None:
    for signal in ("port.inlet_voltage", "port.pilot", "charge.discharge", "port.inlet_current"):
        for value in NOTHING:
            assert reds(conditions("unlock", GOOD | {signal: value}, confirmed=confirmed))


def test_what_is_offered_cannot_be_confirmed_away() -> None:
    for value in (*BAD["vehicle.speed"], *NOTHING):
        found = conditions(values=GOOD | {"vehicle.speed": value}, confirmed=frozenset({"speed"}))
        assert reds(found) == {"speed"}


def without(*signals: str, **other: Value) -> dict[str, Value]:
    kept = {name: value for name, value in GOOD.items() if name not in signals}
    return kept | {name.replace("__", "."): value for name, value in other.items()}


def test_without_a_voltage_only_ac_is_safe() -> None:
    assert reds(conditions(values=without("port.inlet_voltage"))) == {"voltage"}
    for kind in ("dc", "none", *NOTHING):
        values = without("port.inlet_voltage", charge__type=kind)
        assert reds(conditions(values=values)) == {"voltage"}
    assert not reds(conditions(values=without("port.inlet_voltage", charge__type="ac")))
    assert reds(conditions(values=without("port.inlet_voltage", "charge.type"))) == {"voltage"}


def test_a_car_that_cannot_say_that_it_charges_gets_no_command() -> None:
    assert reds(conditions(values=without("port.pilot", "charge.active"))) == {"charging"}
    assert not reds(conditions(values=without("port.pilot")))
    assert not reds(conditions(values=without("charge.active")))


def test_a_load_has_no_pilot_so_only_a_fed_pilot_rules_it_out() -> None:
    for pilot, safe in (("B1", True), ("B2", True), ("A", False), ("E", False), ("F", False)):
        values = without("charge.discharge", port__pilot=pilot)
        assert (reds(conditions(values=values)) == set()) is safe, pilot


@pytest.mark.parametrize(
    ("bus", "red"),
    [
        (BusFacts("bus off", True), "bus"),
        (BusFacts(module_answers=None), "module"),
        (BusFacts(module_answers=False), "module"),
        (BusFacts("", True, "0x7E0 on can0: 02 10 03"), "tester"),
    ],
)
def test_a_bus_in_trouble_is_red(bus: BusFacts, red: str) -> None:
    assert reds(conditions(bus=bus)) == {red}


def test_a_sleeping_bus_is_red() -> None:
    assert reds(conditions(asleep_since_ns=LONG_AGO_NS)) == {"bus"}


def oracle(values: dict[str, Value]) -> bool:
    """Say over again, in another way, what is safe to unlock."""

    def good(name: str) -> bool:
        return name not in values or values[name] not in (*BAD.get(name, ()), *NOTHING)

    told = [good(name) for name in GOOD if name not in ("port.plug", "charge.type")]
    speed = "vehicle.speed" in values
    session = "port.pilot" in values or "charge.active" in values
    load = "charge.discharge" in values or values.get("port.pilot") in ("B1", "B2")
    voltage = "port.inlet_voltage" in values or values.get("charge.type") == "ac"
    return all(told) and speed and session and load and voltage


ANY = {
    name: st.sampled_from((value, *BAD.get(name, ()), *NOTHING)) for name, value in GOOD.items()
} | {
    "charge.type": st.sampled_from(("ac", "dc", "none", *NOTHING)),
    "port.pilot": st.sampled_from(("A", "B1", "B2", "C2", "E", *NOTHING)),
}


@given(st.fixed_dictionaries({}, optional=ANY))
def test_green_is_what_is_safe_and_nothing_else(values: dict[str, Value]) -> None:
    found = conditions("unlock", values)
    assert (reds(found) == set()) is oracle(values)


REFERENCE = library().profile("reference")


def frame(identifier: int, time_ns: int = NOW_NS, **more: object) -> Frame:
    return Frame(time_ns, "can0", identifier, False, b"\x02\x3e\x00", **more)  # type: ignore[arg-type]


def test_another_tester_is_heard_for_ten_seconds() -> None:
    for identifier in (0x7DF, 0x7E0, 0x7E7, REFERENCE.ecus()[0].request_id):
        testers = OtherTesters(REFERENCE)
        testers.heard(frame(identifier), NOW_NS)
        assert f"0x{identifier:03X} on can0" in testers.at(NOW_NS)
        assert testers.at(NOW_NS + 10_000_000_001) == ""


def test_our_own_requests_and_the_cars_frames_are_no_tester() -> None:
    testers = OtherTesters(REFERENCE)
    testers.heard(frame(0x7E6, direction="tx"), NOW_NS)
    testers.heard(frame(0x7E6, error=True), NOW_NS)
    testers.heard(frame(0x7E6, remote=True), NOW_NS)
    for bus in REFERENCE.buses:
        for expected in bus.frames:
            testers.heard(frame(expected.id), NOW_NS)
    assert testers.at(NOW_NS) == ""


def verdict_of(name: str, found: tuple[Interlock, ...]) -> Interlock:
    return next(one for one in found if one.id == name)


@pytest.mark.parametrize(
    ("rest_s", "why", "verdict", "reading"),
    [
        (0.0, "", "green", "rested"),
        (2.25, "", "red", "driven a moment ago: 2.2 s to go"),
        (None, "actuators.json cannot be read", "red", "actuators.json cannot be read"),
    ],
)
def test_an_actuator_rests(rest_s: float | None, why: str, verdict: str, reading: str) -> None:
    bus = BusFacts(module_answers=True, rest_s=rest_s, rest=why)
    found = interlocks("unlock", CommandFacts(cast("Readings", Said(GOOD)), NOW_NS, bus))
    rest = verdict_of("rest", found)
    assert (rest.verdict, rest.reading) == (verdict, reading)
    assert bool(rest.needs) == (verdict == "red")


def test_clearing_a_code_looks_at_what_could_hurt_by_it() -> None:
    """Nothing moves, so nobody comes near a contact: plug, voltage and rest are left out."""
    bus = BusFacts(module_answers=True, rest_s=5.0)
    found = interlocks("dtc-clear", CommandFacts(cast("Readings", Said(GOOD)), NOW_NS, bus))
    assert [one.id for one in found] == [
        "speed", "gear", "charging", "current", "bus", "supply", "module", "tester",
    ]  # fmt: skip
    assert all_green(found)


NEEDS_FAULT = Proof("port.lock_fault", ("ok",))


@pytest.mark.parametrize("value", ["ok", "fault", *NOTHING])
def test_what_a_profile_needs_beside_ours(value: Value) -> None:
    said = Said({**GOOD, "port.lock_fault": value})
    facts = CommandFacts(cast("Readings", said), NOW_NS, WELL)
    need = verdict_of("need port.lock_fault", interlocks("unlock", facts, (NEEDS_FAULT,)))
    assert (need.verdict == "green") == (value == "ok")
    assert need.verdict != "by_eye"


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [(NEEDS_FAULT, "red"), (Proof("vehicle.ignition", ("on",)), "red"),
     (Proof("port.inlet_voltage", below=10), "red")],
)  # fmt: skip
def test_what_a_car_does_not_say_can_be_seen_only_where_an_eye_can(
    proof: Proof, verdict: str
) -> None:
    values = {name: value for name, value in GOOD.items() if name != proof.signal}
    everything = frozenset({f"need {proof.signal}", "voltage", "charging"})
    facts = CommandFacts(cast("Readings", Said(values)), NOW_NS, WELL, everything)
    need = verdict_of(f"need {proof.signal}", interlocks("unlock", facts, (proof,)))
    assert need.verdict == verdict


def test_a_gear_that_is_needed_and_not_said_is_looked_at() -> None:
    values = {name: value for name, value in GOOD.items() if name != "vehicle.gear"}
    park = Proof("vehicle.gear", ("P",))
    for confirmed, verdict in ((frozenset[str](), "by_eye"), ({"need vehicle.gear"}, "green")):
        facts = CommandFacts(cast("Readings", Said(values)), NOW_NS, WELL, frozenset(confirmed))
        found = interlocks("open-flap", facts, (park,))
        assert verdict_of("need vehicle.gear", found).verdict == verdict


@pytest.mark.parametrize("flap", ["closed", "moving", "open", "fault", *NOTHING])
@pytest.mark.parametrize("purpose", ["open-flap", "unlock"])
def test_behind_a_closed_flap_nothing_is_plugged_in(flap: Value, purpose: CommandName) -> None:
    """Only for the flap itself, and only where the car has no signal that says it better."""
    bare: dict[str, Value] = {"vehicle.speed": 0.0, "port.flap": flap}
    facts = CommandFacts(cast("Readings", Said(bare)), NOW_NS, WELL)
    found = {one.id: one.verdict for one in interlocks(purpose, facts)}
    wanted = purpose == "open-flap" and flap in ("closed", "moving")
    for name in ("charging", "discharging", "voltage"):
        assert (found[name] == "green") == wanted
    told = Said({**bare, "charge.active": "yes", "charge.discharge": "yes",
                 "port.inlet_voltage": 300.0})  # fmt: skip
    facts = CommandFacts(cast("Readings", told), NOW_NS, WELL)
    found = {one.id: one.verdict for one in interlocks(purpose, facts)}
    assert {found[name] for name in ("charging", "discharging", "voltage")} == {"red"}


def shown(found: tuple[Interlock, ...]) -> list[str]:
    """Every condition as a screen has it: nothing of it may get lost or mixed up."""
    return [
        f"{one.id} | {one.what} | {one.verdict} | {one.reading} | "
        f"{'' if one.age_s is None else f'{one.age_s:g} s'} | {one.needs}"
        for one in found
    ]


def test_what_is_shown_where_all_is_well() -> None:
    said = Said({**GOOD, "port.lock_fault": "ok"})
    facts = CommandFacts(cast("Readings", said), NOW_NS, BusFacts(module_answers=True))
    assert shown(interlocks("relock", facts, (NEEDS_FAULT,))) == [
        "speed | the car stands still | green | 0 km/h | 10 s | ",
        "gear | gear in P | green | P | 10 s | ",
        "charging | not charging | green | B2 | 10 s | ",
        "current | no charging current | green | 0 A | 10 s | ",
        "discharging | feeds no load | green | no | 10 s | ",
        "voltage | inlet below 60 V | green | 4 V | 10 s | ",
        "contactors | DC contactors open | green | open | 10 s | ",
        "bus | bus healthy | green | no trouble |  | ",
        "supply | 12 V supply at least 11.5 V | green | 12.6 V | 10 s | ",
        "module | the control unit answers, as expected | green | answers |  | ",
        "tester | nobody else asks this car | green | nobody heard |  | ",
        "rest | the actuator has rested | green | rested |  | ",
        "plug | plug in, and steady for 2 s | green | connected | 10 s | ",
        "need port.lock_fault | this car's own: port.lock_fault ok | green | ok | 10 s | ",
    ]


def test_what_is_shown_where_nothing_is() -> None:
    values = {**{name: bad[0] for name, bad in BAD.items()}, "port.lock_fault": "fault"}
    bus = BusFacts("bus off", None, "0x7DF asks", rest_s=1.5)
    said = Said(values, {"port.plug": NOW_NS - 3_000_000_000})
    facts = CommandFacts(cast("Readings", said), NOW_NS, bus)
    assert shown(interlocks("relock", facts, (NEEDS_FAULT,))) == [
        "speed | the car stands still | red | 0.1 km/h | 10 s | stop the car",
        "gear | gear in P | red | R | 10 s | put the car in P",
        "charging | not charging | red | C1 | 10 s | end the session",
        "current | no charging current | red | 1 A | 10 s | end the session",
        "discharging | feeds no load | red | yes | 10 s | end vehicle-to-load in the car",
        "voltage | inlet below 60 V | red | 60 V | 10 s | wait for it to fall",
        "contactors | DC contactors open | red | closed | 10 s | "
        "wait for them to open; welded ones are for the workshop",
        "bus | bus healthy | red | bus off |  | mend or wake the bus first",
        "supply | 12 V supply at least 11.5 V | red | 11.4 V | 10 s | "
        "charge or support the 12 V battery",
        "module | the control unit answers, as expected | red | not asked yet |  | "
        "wake the car; check the profile",
        "tester | nobody else asks this car | red | 0x7DF asks |  | unplug or stop the other tool",
        "rest | the actuator has rested | red | driven a moment ago: 1.5 s to go |  | wait 1.5 s",
        "plug | plug in, and steady for 2 s | red | disconnected | 3 s | "
        "push the plug in, and wait 2 s",
        "need port.lock_fault | this car's own: port.lock_fault ok | red | fault | 10 s | "
        "port.lock_fault ok",
    ]


def test_what_is_shown_of_a_car_that_says_little() -> None:
    bus = BusFacts(module_answers=False, rest_s=None, rest="no file")
    facts = CommandFacts(cast("Readings", Said({"charge.active": "yes"})), NOW_NS, bus)
    park = Proof("vehicle.gear", ("P",))
    never = "nothing: no command is given to a car that cannot say this"
    assert shown(interlocks("relock", facts, (park, NEEDS_FAULT))) == [
        "speed | the car stands still | by_eye | this car does not say it |  | "
        "look that it stands, in P, and cannot roll",
        "charging | not charging | red | yes | 10 s | end the session",
        "discharging | feeds no load | red | this car does not say whether it feeds a load "
        f"(that has no pilot) |  | {never}",
        "voltage | inlet below 60 V | red | this car does not say the inlet's voltage, and not "
        f"that this is AC |  | {never}",
        "bus | bus healthy | green | no trouble |  | ",
        "module | the control unit answers, as expected | red | does not answer as expected |  | "
        "wake the car; check the profile",
        "tester | nobody else asks this car | green | nobody heard |  | ",
        "rest | the actuator has rested | red | no file |  | see to that file first",
        "plug | plug in, and steady for 2 s | by_eye | this car does not say it |  | "
        "look that the plug is fully in",
        "need vehicle.gear | this car's own: vehicle.gear P | by_eye | this car does not say it "
        "|  | look that it is so: vehicle.gear P",
        "need port.lock_fault | this car's own: port.lock_fault ok | red | this car does not say "
        "it |  | look that it is so: port.lock_fault ok",
    ]


def test_what_is_shown_behind_a_flap_and_of_ac() -> None:
    confirmed = frozenset({"speed", "plug", "need vehicle.gear"})
    bus = BusFacts(module_answers=True, module="0x7A0 answers")
    said = Said({"port.flap": "closed"})
    facts = CommandFacts(cast("Readings", said), NOW_NS, bus, confirmed)
    behind = shown(interlocks("open-flap", facts, (Proof("vehicle.gear", ("P",)),)))
    covered = "green | flap closed: nothing is plugged in | 10 s | "
    assert behind == [
        "speed | the car stands still | green | confirmed by eye |  | ",
        f"charging | not charging | {covered}",
        f"discharging | feeds no load | {covered}",
        f"voltage | inlet below 60 V | {covered}",
        "bus | bus healthy | green | no trouble |  | ",
        "module | the control unit answers, as expected | green | 0x7A0 answers |  | ",
        "tester | nobody else asks this car | green | nobody heard |  | ",
        "rest | the actuator has rested | green | rested |  | ",
        "need vehicle.gear | this car's own: vehicle.gear P | green | confirmed by eye |  | ",
    ]
    said = Said({"port.pilot": "B2", "charge.type": "ac"})
    facts = CommandFacts(cast("Readings", said), NOW_NS, BusFacts(module_answers=True))
    assert shown(interlocks("unlock", facts))[1:4] == [
        "charging | not charging | green | B2 | 10 s | ",
        "discharging | feeds no load | green | B2 | 10 s | ",
        "voltage | inlet below 60 V | green | AC: no DC voltage on this inlet |  | ",
    ]
    silent = CommandFacts(cast("Readings", Said({})), NOW_NS, BusFacts())
    assert shown(interlocks("unlock", silent))[1] == (
        "charging | not charging | red | this car does not say whether it charges |  | "
        "nothing: no command is given to a car that cannot say this"
    )


@pytest.mark.parametrize(("volt", "verdict"), [(11.5, "green"), (11.49, "red")])
def test_the_least_supply_is_enough(volt: float, verdict: str) -> None:
    values = {**GOOD, "vehicle.supply_voltage": volt}
    facts = CommandFacts(cast("Readings", Said(values)), NOW_NS, WELL)
    assert verdict_of("supply", interlocks("unlock", facts)).verdict == verdict


def test_an_age_is_never_less_than_nothing() -> None:
    said = Said({"port.plug": "connected"}, {"port.plug": NOW_NS + 5})
    facts = CommandFacts(cast("Readings", said), NOW_NS, WELL)
    assert facts.age_s("port.plug") == 0.0
    assert facts.age_s("vehicle.speed") is None
