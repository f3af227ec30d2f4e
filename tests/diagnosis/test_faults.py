"""Each fault has a story that reaches it, one that contradicts it, one that lacks what decides."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from evdiag.diagnosis import CATALOGUE
from evdiag.inputs import Answer, TransmitDecision
from evdiag.simulator.habits import Condition, Habits
from tests.diagnosis.telling import SESSION, S, Telling, after_session, confidence_of, shipped

BROKEN_MOTOR = Condition(broken=frozenset({"lock_motor"}))
ASKED = TransmitDecision(15 * S, "poll port_lock", True, ("read data",))
THERE = Answer(25 * S, "which-end", "charge_point")


@dataclass(frozen=True)
class Trial:
    """`sure` is the confidence of `reached`, `otherwise` that of `contradicted`.

    `undecided` is what is left of the fault without the signals in `without`.
    """

    fault: str
    reached: Telling
    sure: str
    contradicted: Telling
    otherwise: str | None
    without: tuple[str, ...]
    undecided: str | None


def no_button(name: str) -> Telling:
    """Return a shipped story in which nobody presses the handle's button."""
    story = shipped(name)
    acts = tuple(act for act in story.acts if act[1] != "press_button")
    return Telling(acts, story.seconds, story.condition, story.habits)


TRIALS = (
    Trial(
        "session_active",
        shipped("session-still-active"),
        "certain",
        after_session((18, "fob_unlock"), (20, "pull")),
        None,
        ("port.pilot",),
        "likely",
    ),
    Trial(
        "vehicle_locked",
        after_session((18, "fob_unlock"), habits=Habits(unlocks="nothing")),
        "likely",
        after_session((15, "break lock_motor"), (18, "fob_unlock")),
        None,
        ("vehicle.lock",),
        None,
    ),
    Trial(
        "fob_not_heard",
        shipped("fob-not-heard"),
        "likely",
        after_session((18, "fob_unlock"), (30, "door"), (33, "pull"), seconds=40),
        None,
        ("vehicle.key_heard",),
        None,
    ),
    Trial(
        "actuator_does_not_move",
        after_session((15, "break lock_motor"), (18, "fob_unlock")),
        "certain",
        after_session((18, "fob_unlock"), habits=Habits(unlocks="nothing")),
        None,
        ("port.lock_command",),
        "possible",
    ),
    Trial(
        "actuator_stalls",
        shipped("actuator-stalls"),
        "certain",
        after_session((15, "low_battery"), (18, "fob_unlock")),
        "likely",
        ("port.lock_current",),
        None,
    ),
    Trial(
        "relocks_before_pull",
        shipped("relock-before-pull"),
        "certain",
        after_session((16, "fob_unlock"), (20, "fob_lock")),
        None,
        ("vehicle.lock",),
        "likely",
    ),
    Trial(
        "mechanically_held",
        shipped("mechanical-latch-holds"),
        "likely",
        no_button("mechanical-latch-holds"),
        "possible",
        ("port.latch_button",),
        "possible",
    ),
    Trial(
        "position_implausible",
        after_session((16, "fob_unlock"), (18, "pull"), condition=Condition(sensor_sticks=True)),
        "certain",
        after_session((18, "break proximity")),
        None,
        ("port.pilot",),
        "likely",
    ),
    Trial(
        "manual_release_used",
        shipped("manual-release-used"),
        "likely",
        after_session((25.7, "fob_unlock"), (26, "manual_release"), (29, "pull")),
        None,
        ("port.lock_fault",),
        None,
    ),
    Trial(
        "opened_unasked",
        after_session((15, "break lock_motor"), (16, "fob_unlock"), (28, "manual_release")),
        "possible",
        after_session((26, "fob_unlock"), (29, "pull")),
        None,
        ("port.lock",),
        None,
    ),
    Trial(
        "does_not_lock",
        Telling(((2, "plug_in"),), 14, BROKEN_MOTOR),
        "certain",
        Telling(((2, "plug_in"), (9, "mend lock_motor"), (10, "start_ac")), 20, BROKEN_MOTOR),
        "possible",
        ("port.lock_command",),
        None,
    ),
    Trial(
        "lock_fault_reported",
        after_session((20, "break position_sensor")),
        "likely",
        after_session((20, "break position_sensor"), (24, "mend position_sensor")),
        None,
        ("port.lock_fault", "port.lock"),
        None,
    ),
    Trial(
        "module_silent",
        shipped("lock-module-silent"),
        "certain",
        after_session((18, "sleep")),
        None,
        ("port.lock",),
        None,
    ),
    Trial(
        "bus_asleep",
        after_session((18, "sleep")),
        "possible",
        after_session((18, "sleep"), (24, "wake")),
        None,
        ("port.lock",),
        None,
    ),
    Trial(
        "frozen",
        shipped("frozen"),
        "likely",
        after_session(
            (16, "fob_unlock"), (30, "freeze"), (32, "fob_unlock"),
            seconds=44, condition=Condition(ambient=-12.0),
        ),
        "possible",
        ("vehicle.ambient_temperature",),
        None,
    ),
    Trial(
        "proximity_implausible",
        after_session((18, "break proximity")),
        "likely",
        after_session((16, "fob_unlock"), (18, "pull")),
        None,
        ("port.pilot",),
        None,
    ),
    Trial(
        "supply_low",
        after_session((15, "low_battery"), (18, "fob_unlock")),
        "likely",
        after_session((15, "low_battery"), (16, "charge_battery"), (18, "fob_unlock")),
        None,
        ("vehicle.supply_voltage",),
        None,
    ),
    Trial(
        "tool_holds_lock",
        after_session(
            (18, "fob_unlock"), habits=Habits(unlocks="nothing"),
            car_habits=("tool_holds_lock",), said=(ASKED,),
        ),
        "likely",
        after_session(
            (15, "break lock_motor"), (18, "fob_unlock"),
            car_habits=("tool_holds_lock",), said=(ASKED,),
        ),
        "possible",
        ("port.lock",),
        None,
    ),
    Trial(
        "wrong_end",
        after_session((18, "fob_unlock"), seconds=27, said=(THERE,)),
        "likely",
        after_session(seconds=27, said=(THERE,)),
        None,
        ("port.lock",),
        None,
    ),
)  # fmt: skip
BY_FAULT = pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.fault)


def test_every_fault_is_on_trial() -> None:
    assert {trial.fault for trial in TRIALS} == set(CATALOGUE)


@BY_FAULT
def test_a_story_reaches_it_and_says_what_next(trial: Trial) -> None:
    found = trial.reached.findings()
    assert confidence_of(trial.fault, found) == trial.sure, found
    finding = next(f for f in found if f.fault == trial.fault)
    assert finding.next
    assert finding.evidence


@BY_FAULT
def test_what_contradicts_it_is_respected(trial: Trial) -> None:
    found = trial.contradicted.findings()
    assert confidence_of(trial.fault, found) == trial.otherwise, found


@BY_FAULT
def test_without_what_decides_less_is_said(trial: Trial) -> None:
    found = trial.reached.findings(*trial.without)
    assert confidence_of(trial.fault, found) == trial.undecided, found


def test_the_first_finding_is_the_cause_not_its_company() -> None:
    stuck = after_session((15, "low_battery"), (18, "fob_unlock")).findings()
    assert stuck[0].fault == "supply_low"
    held = Telling(
        (*SESSION, (18.0, "fob_unlock")), 36, habits=Habits(unlocks="nothing"),
        car_habits=("tool_holds_lock",), said=(ASKED,),
    )  # fmt: skip
    assert held.findings()[0].fault == "tool_holds_lock"
    broken = Telling(((2, "plug_in"),), 14, BROKEN_MOTOR).findings()
    assert [f.fault for f in broken] == ["does_not_lock"]


def test_the_other_end_is_only_asked_about_without_the_persons_word() -> None:
    untouched = no_button("mechanical-latch-holds").findings()
    assert confidence_of("wrong_end", untouched) == "possible"
