"""The Kia Soul EV: known by its ids, and what it cannot say refuses its one command."""

from __future__ import annotations

from typing import cast

import pytest

from evdiag.control.interlocks import BusFacts, CommandFacts, interlocks
from evdiag.port.readings import Reading, Readings
from evdiag.signals.events import stale_after_ns
from evdiag.vehicles.identification import Seen, SeenId, candidates, decide
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.vocabulary import UNKNOWN, Purpose, Value

SOUL = library().profile("kia-soul-ev")
HALF_MINUTE_NS = 30_000_000_000


def sent_by(vehicle: str, period_ns: int | None = None) -> Seen:
    """Every id that a car's profile expects, 8 bytes where no length is known."""
    return {
        (0, frame.key): SeenId(
            300, frozenset({frame.length or 8}), period_ns or (frame.period_ms or 100) * 1_000_000
        )
        for bus in library().profile(vehicle).buses
        for frame in bus.frames
    }


def named(seen: Seen) -> str | None:
    profiles = library().profiles.values()
    best = decide(candidates(profiles, seen, HALF_MINUTE_NS, clock_is_time=True))
    return None if best is None else best.vehicle


@pytest.mark.parametrize("period_ms", [10, 100, 1000])
def test_its_ids_name_it_at_any_period(period_ms: int) -> None:
    assert named(sent_by("kia-soul-ev", period_ms * 1_000_000)) == "kia-soul-ev"


@pytest.mark.parametrize("vehicle", sorted(library().profiles))
def test_no_other_car_is_taken_for_it(vehicle: str) -> None:
    if vehicle != "kia-soul-ev":
        assert named(sent_by(vehicle)) != "kia-soul-ev"


def test_a_speed_that_is_no_longer_heard_is_stale_though_its_period_is_not_known() -> None:
    layout = SOUL.layouts[0]
    watch = watch_of(SOUL, layout, databases(SOUL, layout), {"C-CAN": 0})
    stale_after = {watched.name: watched.stale_after_ns for watched in watch.signals}
    assert stale_after["vehicle.speed"] == stale_after_ns(200) == 1_000_000_000
    assert stale_after["port.flap"] is None


class Parked:
    """A Soul EV that stands still, with everything good that it can say."""

    asleep_since_ns = None

    @property
    def offered(self) -> frozenset[str]:
        return frozenset(entry.name for entry in SOUL.layouts[0].signals)

    def __getitem__(self, name: str) -> Reading:
        says: dict[str, Value] = {"vehicle.speed": 0.0, "port.flap": "closed"}
        return Reading(says.get(name, UNKNOWN), 1)


def verdicts(purpose: Purpose, confirmed: frozenset[str] = frozenset()) -> dict[str, str]:
    readings = cast("Readings", Parked())
    facts = CommandFacts(readings, 2, BusFacts(module_answers=True), confirmed)
    (command,) = SOUL.commands
    return {one.id: one.verdict for one in interlocks(purpose, facts, command.needs)}


def test_open_flap_needs_somebody_who_looks_that_it_is_in_park() -> None:
    """Behind a closed flap nothing is plugged in; the gear is all that this car does not say."""
    found = verdicts("open-flap")
    assert {name for name, verdict in found.items() if verdict != "green"} == {"need vehicle.gear"}
    assert found["need vehicle.gear"] == "by_eye"
    seen = frozenset({"need vehicle.gear"})
    assert set(verdicts("open-flap", seen).values()) == {"green"}


def test_nothing_that_moves_a_pin_is_let_through_for_what_this_car_never_says() -> None:
    found = verdicts("unlock")
    assert {name for name, verdict in found.items() if verdict == "red"} == {
        "charging",
        "discharging",
        "voltage",
    }


def test_its_command_opens_the_flap_and_moves_no_pin() -> None:
    (command,) = SOUL.commands
    assert (command.name, command.evidence) == ("open-flap", "community")
    assert command.unit is not None
    assert (command.unit.request_id, command.unit.response_id) == (0x7A0, 0x7A8)
    assert {each.data for each in command.requests if each.moves} == {bytes.fromhex("2FB06103")}
    assert command.gives_back == {"give-back", "default"}
