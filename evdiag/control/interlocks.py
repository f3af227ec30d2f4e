"""What must be so before a command may be given: each condition with its reading and verdict. Pure.

Decided from facts only, again for every frame that is to leave. Offered but stale, invalid or never
seen is red: only what is fresh says anything. A profile may add conditions, never take one away.
docs/safety.md traces each to its hazard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from evdiag.port.charging import IDLE_CURRENT, SAFE_INLET_VOLTAGE
from evdiag.port.readings import Reading, Readings, ReadingsNow
from evdiag.vehicles.command import SEEN_BY_EYE, Proof
from evdiag.vocabulary import Purpose

Verdict: TypeAlias = Literal["green", "red", "by_eye"]
"""`by_eye`: this car does not say it; a person who looks may."""

LEAST_SUPPLY: Final = 11.5
"""Volt: with less the actuator may stop half way; a limit of our own (facts, F14)."""

PLUG_STEADY_NS: Final = 2_000_000_000
"""A plug must have been in for so long: no pin is driven while somebody plugs in."""

BY_EYE: Final = frozenset({"speed", "plug", *(f"need {signal}" for signal in SEEN_BY_EYE)})
"""What a person may confirm where the car does not say it. Voltage, current, session: never."""

_SAY_IT: Final = "wait until the car says it; wake the car if it sleeps"
"""What turns a line green that the car could tell and does not: it may well stand still, in P."""

_CHARGING_PILOT: Final = ("C1", "C2", "D1", "D2")
_FED_PILOT: Final = ("B1", "B2")
_COVERS: Final = ("closed", "moving")
_LOCKS: Final = ("relock", "cycle")


@dataclass(frozen=True, slots=True)
class Interlock:
    """One condition: what it is, how it stands, and what would turn it green.

    `reading` says in words what was read; `age_s` is how long that has been so, None where nothing
    was read.
    """

    id: str
    what: str
    verdict: Verdict
    reading: str
    age_s: float | None = None
    needs: str = ""

    @property
    def text(self) -> str:
        """What it is and how it stands, in words."""
        return f"{self.what}: {self.reading}"


@dataclass(frozen=True, slots=True)
class BusFacts:
    """What is known of the bus on which a command would leave.

    `trouble` says in words what is wrong with it, empty where nothing is. `module_answers` is None
    while nobody has asked the addressed control unit nor heard it; `module` says in words what it
    answered, or how it was heard. `other_tester` names a request that somebody else sends, empty
    where nobody does. `rest_s` is how long the actuator must still rest; None where nobody knows,
    and then `rest` says why.
    """

    trouble: str = ""
    module_answers: bool | None = None
    other_tester: str = ""
    module: str = ""
    rest_s: float | None = 0.0
    rest: str = ""


@dataclass(frozen=True)
class CommandFacts:
    """All that is looked at: readings, bus, and what a person has confirmed by eye just now.

    `danger_told`: a person has told the guide of a danger, and not since that there is none.
    `not_recorded` says in words why the recording takes nothing; empty where it does.
    """

    readings: Readings | ReadingsNow
    now_ns: int
    bus: BusFacts = BusFacts()
    confirmed: frozenset[str] = frozenset()
    danger_told: bool = False
    not_recorded: str = ""

    def offers(self, signal: str) -> bool:
        """Tell whether this car, on this bus, offers a signal."""
        return signal in self.readings.offered

    def reading(self, signal: str) -> Reading:
        """Return a signal as it stands."""
        return self.readings[signal]

    def age_s(self, signal: str) -> float | None:
        """Return for how many seconds a signal has been as it is; None for one never seen."""
        since_ns = self.readings[signal].since_ns
        return max(0.0, (self.now_ns - since_ns) / 1e9) if since_ns else None


def interlocks(
    purpose: Purpose, facts: CommandFacts, needs: Sequence[Proof] = ()
) -> tuple[Interlock, ...]:
    """Return every condition of a purpose, in the order in which they are shown.

    `needs` are the profile's own, beside those of evdiag.
    """
    return (*_conditions(purpose, facts), *(_need(facts, proof) for proof in needs))


def all_green(conditions: tuple[Interlock, ...]) -> bool:
    """Tell whether every condition holds; of none at all it does not."""
    return bool(conditions) and not not_green(conditions)


def not_green(conditions: Iterable[Interlock]) -> list[Interlock]:
    """Return the conditions that do not hold, in their order."""
    return [one for one in conditions if one.verdict != "green"]


def _conditions(purpose: Purpose, facts: CommandFacts) -> Iterator[Interlock]:
    if facts.danger_told:
        reading = "the guide was told of one"
        needs = "say in the guide's first question that there is none any more"
        yield Interlock("danger", "no danger", "red", reading, needs=needs)
    if facts.not_recorded:
        needs = "free some space, or record into another folder"
        reading = facts.not_recorded
        yield Interlock("recording", "all of it is recorded", "red", reading, needs=needs)
    yield _speed(facts)
    if facts.offers("vehicle.gear"):
        yield _word(facts, "gear", "gear in P", "vehicle.gear", ("P",), "put the car in P")
    yield _not_charging(facts, purpose)
    if facts.offers("port.inlet_current"):
        yield _number(
            facts, "current", "no charging current", "port.inlet_current", "A",
            lambda ampere: abs(ampere) < IDLE_CURRENT, "end the session",
        )  # fmt: skip
    if purpose == "dtc-clear":
        # It moves nothing and frees nothing: nobody comes near a contact by it.
        yield from _able(facts)
        return
    yield _not_discharging(facts, purpose)
    yield _voltage(facts, purpose)
    if facts.offers("port.dc_contactors"):
        yield _word(
            facts, "contactors", "DC contactors open", "port.dc_contactors", ("open",),
            "wait for them to open; welded ones are for the workshop",
        )  # fmt: skip
    yield from _able(facts)
    yield _rested(facts.bus)
    if purpose in _LOCKS:
        yield _plug(facts)


def _able(facts: CommandFacts) -> Iterator[Interlock]:
    """Yield what bus, supply and control unit must be like for anything that is sent."""
    yield _bus(facts)
    if facts.offers("vehicle.supply_voltage"):
        yield _number(
            facts, "supply", f"12 V supply at least {LEAST_SUPPLY} V", "vehicle.supply_voltage",
            "V", lambda volt: volt >= LEAST_SUPPLY, "charge or support the 12 V battery",
        )  # fmt: skip
    yield _module(facts.bus)
    yield _other_tester(facts.bus)


def _speed(facts: CommandFacts) -> Interlock:
    what = "the car stands still"
    if facts.offers("vehicle.speed"):
        return _number(
            facts, "speed", what, "vehicle.speed", "km/h", lambda speed: speed == 0, "stop the car"
        )
    return _seen_by_a_person(facts, "speed", what, "look that it stands, in P, and cannot roll")


def _not_charging(facts: CommandFacts, purpose: Purpose) -> Interlock:
    """Every signal that can say it must say it; one that does not is shown."""
    what = "not charging"
    told = []
    if facts.offers("port.pilot"):
        pilot = facts.reading("port.pilot")
        holds = pilot.usable and pilot.value not in _CHARGING_PILOT
        told.append(_judged(facts, "charging", what, "port.pilot", holds, "end the session"))
    if facts.offers("charge.active"):
        needs = "end the session"
        told.append(_word(facts, "charging", what, "charge.active", ("no",), needs))
    if not told:
        return _never_told(facts, purpose, "charging", what, "whether it charges")
    return next((one for one in told if one.verdict != "green"), told[0])


def _not_discharging(facts: CommandFacts, purpose: Purpose) -> Interlock:
    what = "feeds no load"
    if facts.offers("charge.discharge"):
        needs = "end vehicle-to-load in the car"
        return _word(facts, "discharging", what, "charge.discharge", ("no",), needs)
    pilot = facts.reading("port.pilot")
    if facts.offers("port.pilot") and pilot.usable and pilot.value in _FED_PILOT:
        # Only a charge point makes this pilot: no load hangs on the inlet.
        return _judged(facts, "discharging", what, "port.pilot", True, "")
    missing = "whether it feeds a load (that has no pilot)"
    return _never_told(facts, purpose, "discharging", what, missing)


def _voltage(facts: CommandFacts, purpose: Purpose) -> Interlock:
    what = f"inlet below {SAFE_INLET_VOLTAGE:.0f} V"
    if facts.offers("port.inlet_voltage"):
        return _number(
            facts, "voltage", what, "port.inlet_voltage", "V",
            lambda volt: abs(volt) < SAFE_INLET_VOLTAGE, "wait for it to fall",
        )  # fmt: skip
    kind = facts.reading("charge.type")
    if facts.offers("charge.type") and kind.usable and kind.value == "ac":
        return Interlock("voltage", what, "green", "AC: no DC voltage on this inlet")
    missing = "the inlet's voltage, and not that this is AC"
    return _never_told(facts, purpose, "voltage", what, missing)


def _plug(facts: CommandFacts) -> Interlock:
    what = "plug in, and steady for 2 s"
    if not facts.offers("port.plug"):
        return _seen_by_a_person(facts, "plug", what, "look that the plug is fully in")
    reading = facts.reading("port.plug")
    steady = facts.now_ns - reading.since_ns >= PLUG_STEADY_NS
    holds = reading.usable and reading.value == "connected" and steady
    return _judged(facts, "plug", what, "port.plug", holds, "push the plug in, and wait 2 s")


def _bus(facts: CommandFacts) -> Interlock:
    trouble = facts.bus.trouble
    if not trouble and facts.readings.asleep_since_ns is not None:
        trouble = "the bus sleeps"
    if trouble:
        return Interlock("bus", "bus healthy", "red", trouble, needs="mend or wake the bus first")
    return Interlock("bus", "bus healthy", "green", "no trouble")


def _module(bus: BusFacts) -> Interlock:
    what = "the control unit answers, as expected"
    if bus.module_answers:
        return Interlock("module", what, "green", bus.module or "answers")
    said = "not asked yet" if bus.module_answers is None else "does not answer as expected"
    said = bus.module or said
    return Interlock("module", what, "red", said, needs="wake the car; check the profile")


def _other_tester(bus: BusFacts) -> Interlock:
    what = "nobody else asks this car"
    if bus.other_tester:
        needs = "unplug or stop the other tool"
        return Interlock("tester", what, "red", bus.other_tester, needs=needs)
    return Interlock("tester", what, "green", "nobody heard")


def _rested(bus: BusFacts) -> Interlock:
    what = "the actuator has rested"
    if bus.rest_s is None:
        return Interlock("rest", what, "red", bus.rest, needs="see to that file first")
    if bus.rest_s > 0:
        reading = f"driven a moment ago: {bus.rest_s:.1f} s to go"
        return Interlock("rest", what, "red", reading, needs=f"wait {bus.rest_s:.1f} s")
    return Interlock("rest", what, "green", "rested")


def _need(facts: CommandFacts, proof: Proof) -> Interlock:
    name, what = f"need {proof.signal}", f"this car's own: {proof.text}"
    if not facts.offers(proof.signal):
        return _seen_by_a_person(facts, name, what, f"look that it is so: {proof.text}")
    reading = facts.reading(proof.signal)
    holds = reading.usable and proof.holds(reading.value)
    return _judged(facts, name, what, proof.signal, holds, proof.text)


def _word(
    facts: CommandFacts, name: str, what: str, signal: str, words: tuple[str, ...], needs: str
) -> Interlock:
    reading = facts.reading(signal)
    return _judged(facts, name, what, signal, reading.usable and reading.value in words, needs)


def _number(
    facts: CommandFacts,
    name: str,
    what: str,
    signal: str,
    unit: str,
    good: Callable[[float], bool],
    needs: str,
) -> Interlock:
    reading = facts.reading(signal)
    holds = reading.usable and good(float(reading.value))
    return _judged(facts, name, what, signal, holds, needs, unit)


def _judged(
    facts: CommandFacts, name: str, what: str, signal: str, holds: bool, needs: str, unit: str = ""
) -> Interlock:
    reading = facts.reading(signal)
    value = reading.value
    shown = value if isinstance(value, str) else f"{value:g} {unit}".rstrip()
    age_s = facts.age_s(signal)
    if holds:
        return Interlock(name, what, "green", shown, age_s)
    return Interlock(name, what, "red", shown, age_s, needs if reading.usable else _SAY_IT)


def _seen_by_a_person(facts: CommandFacts, name: str, what: str, needs: str) -> Interlock:
    if name not in BY_EYE:
        return Interlock(name, what, "red", "this car does not say it", needs=needs)
    if name in facts.confirmed:
        return Interlock(name, what, "green", "confirmed by eye")
    return Interlock(name, what, "by_eye", "this car does not say it", needs=needs)


def _never_told(
    facts: CommandFacts, purpose: Purpose, name: str, what: str, missing: str
) -> Interlock:
    flap, plugged_in = facts.reading("port.flap"), facts.reading("port.plug").value == "connected"
    if purpose == "open-flap" and flap.usable and flap.value in _COVERS and not plugged_in:
        # Behind a closed flap no plug is in: there is no session, and no contact to touch.
        reading = f"flap {flap.value}: nothing is plugged in"
        return Interlock(name, what, "green", reading, facts.age_s("port.flap"))
    needs = "nothing: no command is given to a car that cannot say this"
    return Interlock(name, what, "red", f"this car does not say {missing}", needs=needs)
