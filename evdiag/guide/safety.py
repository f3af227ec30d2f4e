"""Is the charging session over, and is the cable dead? What decides which steps may be offered.

A step that pulls needs a session that is over; one that uses force, a tool or the manual release
needs a cable that was made dead. Whatever is not known counts as alive. Pure.

Sources: 60 V DC is the touch limit (ISO 6469-3, ISO 17409 class A); a pilot in state B alone does
not make a DC inlet safe (recorded on an i3: B2 with 356 V still on the inlet); vehicle-to-load
puts mains voltage on the inlet with no pilot at all.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from evdiag.guide.scene import Facts
from evdiag.port.charging import SAFE_INLET_VOLTAGE, asks_for_power, live_reasons
from evdiag.port.readings import ReadingsNow

SessionState: TypeAlias = Literal["over", "said_over", "unknown", "alive"]
"""`over` is what the bus proves; `said_over` what the person says where the bus cannot tell."""

COUNTS_AS_OVER: Final = ("over", "said_over")
"""The states in which a session counts as over."""

SESSION_STATES: tuple[SessionState, ...] = get_args(SessionState)

Kind: TypeAlias = Literal["ac", "dc", "load", "unknown"]

Requirement: TypeAlias = Literal["not_alive", "session_over", "made_dead"]
"""`not_alive` is the least: nothing on the bus may show a session, and nobody need say more."""
REQUIREMENTS: tuple[Requirement, ...] = get_args(Requirement)

KIND_ASKED = "kind-of-charging"
SESSION_ASKED = ("end-the-session", "await-session-end")
ISOLATION_ASKED = "isolate-supply"
"""The steps whose answers are evidence of their own."""

WORD_ASKED = (*SESSION_ASKED, ISOLATION_ASKED)
"""Those whose answers hold only as long as nobody went away and nothing spoke against them."""

_FED_BY_CHARGE_POINT = ("B1", "B2", "C1", "C2", "D1", "D2")
"""States that only a charge point with power can make (IEC 61851-1): it drives the pilot."""


def kind_of_charging(facts: Facts) -> Kind:
    """Say what the cable carries: what the bus shows first, then the person's word.

    What the bus showed earlier in this walk counts too: soon after the end of a session the car
    says that it charges nothing, and the cable is the same.
    """
    discharging = facts.reading("charge.discharge")
    if discharging is not None and discharging.known == "yes":
        # Also where the module that said so has fallen silent since.
        return "load"
    shown = kind_shown(facts) or facts.charged_before
    if shown is not None:
        return shown
    match facts.answers.get(KIND_ASKED):
        case "ac":
            return "ac"
        case "dc":
            return "dc"
        case "load":
            return "load"
    return "unknown"


def kind_shown(facts: Facts) -> Literal["ac", "dc"] | None:
    """Say what the bus shows that the cable carries: the car's word, else the signs of DC.

    A pilot of 3 to 7 % is digital communication, and DC contactors close for DC alone.
    """
    said_by_car = facts.reading("charge.type")
    if said_by_car is not None and said_by_car.known in ("ac", "dc"):
        return "dc" if said_by_car.known == "dc" else "ac"
    contactors = facts.reading("port.dc_contactors")
    if contactors is not None and contactors.value in ("closed", "welded"):
        return "dc"
    duty = facts.reading("port.pilot_duty")
    if duty is not None and duty.usable and 3 <= float(duty.value) <= 7:
        return "dc"
    return None


def session_state(facts: Facts) -> SessionState:
    """Say whether the session is over.

    What the bus shows alive is alive whatever anybody says; the person's word counts only where
    the bus cannot tell.
    """
    readings = facts.scene.readings
    if readings is not None:
        if live_reasons(readings):
            return "alive"
        if _proven_over(facts):
            return "over"
    said = any(facts.answers.get(step) in ("ended", "no_session") for step in SESSION_ASKED)
    return "said_over" if said else "unknown"


def holds(requirement: Requirement, facts: Facts) -> bool:
    """Say whether a step with this requirement may be offered now."""
    state = session_state(facts)
    if requirement == "not_alive":
        return state != "alive"
    if requirement == "session_over":
        return state in COUNTS_AS_OVER
    return (
        state != "alive"
        and kind_of_charging(facts) == "ac"
        and facts.answers.get(KIND_ASKED) not in ("dc", "load")
        and facts.answers.get(ISOLATION_ASKED) == "isolated"
        and not charge_point_has_power(facts)
    )


def disproved(facts: Facts) -> tuple[str, ...]:
    """Return the steps whose answers the bus denies now: they must be given again.

    Otherwise an old "it has ended" would count again as soon as the bus falls silent.
    """
    if session_state(facts) == "alive":
        return WORD_ASKED
    return (ISOLATION_ASKED,) if charge_point_has_power(facts) else ()


def charge_point_has_power(facts: Facts) -> bool:
    """True while the car sees a pilot that only a charge point with power can make."""
    pilot = facts.reading("port.pilot")
    return pilot is not None and pilot.value in _FED_BY_CHARGE_POINT


def bus_sleeps(facts: Facts) -> bool:
    """True while nothing is heard, and until a bus that wakes has said again what it said before.

    The last values are kept meanwhile, and prove nothing about now.
    """
    readings = facts.scene.readings
    return readings is not None and (
        readings.asleep_since_ns is not None or not readings.is_said_again
    )


def _proven_over(facts: Facts) -> bool:
    """Tell whether the bus shows it now: what it said before it slept proves nothing."""
    readings = facts.scene.readings
    if readings is None or bus_sleeps(facts):
        return False
    now = readings.now()
    if asks_for_power(now) is not False:
        return False
    if "port.inlet_current" in now.offered and not now["port.inlet_current"].usable:
        return False
    if "charge.discharge" in now.offered and now["charge.discharge"].value != "no":
        return False
    kind = kind_of_charging(facts)
    return kind == "ac" or (kind != "load" and _inlet_is_dead(now))


def _inlet_is_dead(now: ReadingsNow) -> bool:
    """For DC, or where the kind is not known: a fresh voltage below the limit, contactors open."""
    voltage = now["port.inlet_voltage"]
    if not voltage.usable or float(voltage.value) >= SAFE_INLET_VOLTAGE:
        return False
    return "port.dc_contactors" not in now.offered or now["port.dc_contactors"].value == "open"
