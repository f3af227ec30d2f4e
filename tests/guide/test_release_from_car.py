"""The guide and a stuck cable, from the first question to the ending, on the virtual car."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from evdiag.guide.engine import START
from evdiag.guide_files import book
from evdiag.inputs import TransmitDecision
from evdiag.simulator.habits import Condition
from evdiag.simulator.story import Story
from evdiag.vehicles.profile import Profile
from tests.guide.stories import (
    AC,
    AC_ENDED,
    DC,
    SHIPPED_UNTIL,
    broken,
    car_with,
    car_without_commands,
    no_relock,
    shipped,
    stuck,
)
from tests.guide.stranded import PULLING, Doing, Stranded


@dataclass(frozen=True)
class Trial:
    """What a driver meets; `step` is what it is about, with what becomes of it."""

    step: str
    story: Story
    ending: str
    does: dict[str, tuple[Doing, ...]] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    profile: Profile | None = None
    because: str = ""
    result: str | None = None

    def driver(self) -> Stranded:
        """Return the driver, having been guided to the end."""
        driver = Stranded(
            self.story, does=self.does, says=self.says, without=self.without, profile=self.profile
        )
        assert driver.be_guided() == self.ending
        return driver


SLOW: dict[str, tuple[Doing, ...]] = {
    "unlock-lock-unlock": ("fob_unlock", 2.0, "fob_lock", 2.0, "fob_unlock", 14.0, *PULLING),
    "unlock-and-pull": ("fob_unlock", 13.0, *PULLING),
}
"""Somebody who walks round the car before he pulls."""

ONLY_FOB: dict[str, tuple[Doing, ...]] = {
    "held-on-purpose": (),
    "unlock-lock-unlock": (),
}
"""Somebody who leaves the first steps out in his own way: he looks, and does nothing."""

LATCHED = no_relock(broken("latch"))
DEAD_MOTOR = stuck(*AC_ENDED, (13.0, "break lock_motor"))
DEAD_MOTOR_DC = stuck(*DC, (12.0, "break lock_motor"), (13.0, "stop_charging"), seconds=25.0)
ASLEEP = stuck(*AC_ENDED, (16.0, "sleep"), seconds=40.0)

REACHED = (
    Trial("right-order", stuck(*AC_ENDED, (13.0, "mains_lost")), "released"),
    Trial("put-it-back", stuck(*AC_ENDED, (13.0, "mains_lost")), "released",
          says={"right-order": "out_first"}),
    Trial("end-the-session", stuck(*AC), "released"),
    Trial("wait-for-voltage", stuck(*DC, (14.0, "stop_charging"), seconds=16.2), "released"),
    Trial("pull-now", stuck(*DC), "released", result="worked"),
    Trial("held-on-purpose", stuck(*AC_ENDED, (13.0, "mode while_charging"), (13.1, "mode always")),
          "released", does={"held-on-purpose": ()}, result="did_not_help"),
    Trial("mains-lost", stuck(*AC, (12.0, "mains_lost")), "released"),
    Trial("mains-wait", stuck(*AC, (12.0, "mains_lost")), "released-after-mains",
          says={"mains-lost": "yes"}, profile=car_with("holds_when_mains_lost", 300),
          does={"mains-wait": (250.0, "fob_unlock", 1.0, *PULLING)}, result="worked"),
    Trial("stop-the-tool", stuck(*AC_ENDED), "released-without-tool",
          profile=car_with("tool_holds_lock", 50),
          does={"stop-the-tool": (50.0, "fob_unlock", 1.0, *PULLING)}, result="worked"),
    Trial("unlock-lock-unlock", stuck(*AC_ENDED), "released", result="worked"),
    Trial("unlock-and-pull", stuck(*AC_ENDED), "released",
          does={**SLOW, "unlock-and-pull": ("fob_unlock", 1.2, *PULLING)}, result="worked"),
    Trial("drivers-door", broken("fob_battery"), "released", because="door-but-not-fob",
          result="worked"),
    Trial("walk-away", broken("fob_battery"), "released",
          does={"drivers-door": (), "walk-away": ("mend fob_battery", 60.0, "fob_unlock", 1.2,
                                                   *PULLING)},
          result="worked"),
    Trial("push-and-pull", stuck(*AC_ENDED, condition=Condition(cable_hangs=True)), "released",
          result="worked"),
    Trial("handle-button", LATCHED, "released",
          does={"handle-button": ("mend latch", "press_button", 0.5, *PULLING)}, result="worked"),
    Trial("wake-the-car", ASLEEP, "released",
          does={"end-the-session": (), "held-on-purpose": (), "unlock-lock-unlock": (),
                "unlock-and-pull": (), "drivers-door": (), "walk-away": (), "push-and-pull": ()},
          result="worked"),
    Trial("support-supply", stuck(*AC_ENDED, (13.0, "low_battery")), "released", result="worked"),
    Trial("thaw", stuck(*AC_ENDED, condition=Condition(frozen=True, ambient=-12.0)), "released",
          result="worked"),
    Trial("isolate-supply", DEAD_MOTOR, "released-by-hand"),
    Trial("manual-release", DEAD_MOTOR, "released-by-hand", result="worked"),
    Trial("after-manual-release", DEAD_MOTOR, "released-by-hand"),
    Trial("type2-latch", LATCHED, "released-by-hand",
          does={"type2-latch": ("mend latch", *PULLING)}, result="worked"),
    Trial("locking-mechanism", DEAD_MOTOR, "assistance", says={"isolate-supply": "cannot"},
          does={"isolate-supply": ()}),
    Trial("command-unlock", DEAD_MOTOR, "released-by-hand", result="could_not_work",
          because="nothing-commanded"),
)  # fmt: skip

PASSED_OVER = (
    Trial("kind-of-charging", stuck(*AC), "released", because="bus-knows-kind"),
    Trial("plug-in-sight", stuck(*AC), "released", because="plug-is-seen"),
    Trial("plug-in-sight", stuck(*AC), "released", without=("port.plug",),
          because="plug-not-shown"),
    Trial("right-order", stuck(*AC), "released", because="pilot-shows-other-end"),
    Trial("right-order", stuck(*AC, (12.0, "mains_lost")), "released",
          says={"whose-cable": "tethered"}, because="cable-is-tethered"),
    Trial("end-the-session", stuck(*AC_ENDED), "released", because="session-is-over"),
    Trial("wait-for-voltage", stuck(*AC_ENDED), "released", because="ac-needs-no-wait"),
    Trial("wait-for-voltage", no_relock(stuck(*AC_ENDED, (13.0, "fob_unlock"))), "released",
          because="lock-is-open"),
    Trial("held-on-purpose",
          stuck((1.0, "mode while_charging"), *AC_ENDED, condition=Condition(cable_hangs=True)),
          "released", because="nothing-holds-on-purpose"),
    Trial("mains-lost", stuck(*AC_ENDED), "released", because="charge-point-has-power"),
    Trial("mains-lost", DEAD_MOTOR_DC,
          "assistance", without=("port.pilot",), because="not-ac"),
    Trial("mains-wait", stuck(*AC, (12.0, "mains_lost")), "released",
          says={"mains-lost": "yes"}, because="does-not-hold-for-mains"),
    Trial("stop-the-tool", stuck(*AC_ENDED), "released", because="tool-does-not-hold"),
    Trial("unlock-lock-unlock", no_relock(stuck(*AC_ENDED)), "released",
          does={"held-on-purpose": ("fob_unlock", 1.5)}, because="lock-is-open"),
    Trial("unlock-and-pull", LATCHED, "assistance", because="lock-is-open"),
    Trial("drivers-door", stuck(*AC_ENDED), "released", because="unlock-was-obeyed",
          does={**SLOW, "push-and-pull": ("push_in", "fob_unlock", 1.0, *PULLING)}),
    Trial("walk-away", stuck(*AC_ENDED), "released", because="unlock-was-obeyed",
          does={**SLOW, "push-and-pull": ("push_in", "fob_unlock", 1.0, *PULLING)}),
    Trial("push-and-pull", broken("fob_battery"), "released-by-hand", because="never-told-to-open",
          does={"drivers-door": (), "walk-away": ()}),
    Trial("handle-button", DEAD_MOTOR, "released-by-hand", because="lock-is-shut"),
    Trial("wake-the-car", DEAD_MOTOR, "released-by-hand", because="car-is-awake"),
    Trial("support-supply", DEAD_MOTOR, "released-by-hand", because="supply-is-good"),
    Trial("thaw", DEAD_MOTOR, "released-by-hand", because="not-cold"),
    Trial("command-unlock", DEAD_MOTOR, "released-by-hand", because="no-command-known",
          profile=car_without_commands()),
    Trial("isolate-supply", DEAD_MOTOR_DC,
          "assistance", because="dc-is-for-others"),
    Trial("isolate-supply", DEAD_MOTOR, "assistance", because="kind-not-known",
          without=("charge.type",), says={"kind-of-charging": "dont_know"}),
    Trial("manual-release", LATCHED, "assistance", because="pin-is-back"),
    Trial("type2-latch", DEAD_MOTOR, "assistance", because="pin-is-fully-in",
          does={"manual-release": ()}),
)  # fmt: skip


@pytest.mark.parametrize("trial", REACHED, ids=lambda trial: trial.step)
def test_a_trick_is_reached(trial: Trial) -> None:
    driver = trial.driver()
    assert trial.step in driver.offered
    record = driver.history[trial.step]
    assert record.was_done
    if trial.result:
        assert record.result == trial.result
    if trial.because:
        assert record.because == trial.because


def test_a_command_that_was_given_in_vain_did_not_help() -> None:
    driver = Stranded(DEAD_MOTOR)
    driver.say(START, "command-unlock")
    driver._feed(TransmitDecision(driver.now_ns, "unlock", True, ()))
    driver.wait(4.0)
    driver.say("still_stuck")
    assert driver.history["command-unlock"].result == "did_not_help"


@pytest.mark.parametrize("trial", PASSED_OVER, ids=lambda t: f"{t.step}: {t.because}")
def test_a_trick_that_cannot_help_is_passed_over_with_its_reason(trial: Trial) -> None:
    driver = trial.driver()
    assert trial.step not in driver.offered
    record = driver.history[trial.step]
    assert record.ended_by == "ruled_out"
    assert record.because == trial.because


def test_every_step_that_tries_something_is_on_trial_both_ways() -> None:
    steps = {
        step.id: step for step in book().procedure("release-from-car").steps if step.kind != "end"
    }
    assert {trial.step for trial in REACHED} >= set(steps) - {"plug-in-sight"}
    ruled = {step for step, entry in steps.items() if entry.skips}
    # Nobody comes to "pull now" but by a lock that has just opened, or by naming it (below).
    assert {trial.step for trial in PASSED_OVER} >= ruled - {"pull-now"}


def test_nobody_is_told_that_a_lock_is_open_which_is_shut() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    driver.say(START, "pull-now")
    assert driver.history["pull-now"].because == "lock-not-open"


ENDINGS = {
    "healthy-ac": "released",
    "healthy-dc": "released",
    "relock-before-pull": "released",
    "fob-not-heard": "released",
    "actuator-stalls": "released",
    "mechanical-latch-holds": "assistance",
    "session-still-active": "released",
    "manual-release-used": "released",
    "frozen": "released",
    "lock-module-silent": "released",
}


@pytest.mark.parametrize("name", SHIPPED_UNTIL)
def test_every_shipped_story_comes_to_its_ending(name: str) -> None:
    driver = Stranded(shipped(name))
    assert driver.be_guided() == ENDINGS[name]
    worked = [record.step for record in driver.view.history if record.result == "worked"]
    assert len(worked) == (ENDINGS[name] == "released")


def test_pull_sooner_is_said_with_the_times_of_this_car() -> None:
    driver = Stranded(stuck(*AC_ENDED), does=SLOW)
    driver.be_guided()
    tries = [record for record in driver.view.history if record.step == "unlock-and-pull"]
    assert [record.because for record in tries[:2]] == ["pull-sooner", "locked-again-first"]
    first = driver.session.attempts[-1]
    assert first.exact


def test_a_session_that_nobody_can_end_goes_to_those_who_can() -> None:
    driver = Stranded(stuck(*AC), does={"end-the-session": (3.0,)})
    assert driver.be_guided() == "cannot-end-session"
    assert not driver.offered & {"unlock-lock-unlock", "push-and-pull", "manual-release"}


def test_a_driver_who_says_ended_while_it_charges_is_asked_to_look_again() -> None:
    driver = Stranded(
        stuck(*AC), does={"end-the-session": (1.0,)}, says={"end-the-session": "ended"}
    )
    assert driver.be_guided() == "assistance"
    looked = [view for view in driver.shown if view.phase == "second_look"]
    assert looked
    assert looked[0].doubted == "ended"
    stood = [record for record in driver.view.history if record.contradicted]
    assert stood
    assert not driver.offered & {"unlock-and-pull", "push-and-pull", "isolate-supply"}


def test_the_other_end_is_found_out_from_the_bus() -> None:
    out = stuck(*AC_ENDED, (13.0, "fob_unlock"), (14.0, "pull"), seconds=20.0)
    driver = Stranded(out, says={"plug-in-sight": "other_end"})
    assert driver.be_guided() == "operator-called"
    assert driver.history["car-side-free"].because == "car-end-is-out"


def test_an_alarm_is_warned_of_before_the_car_is_locked() -> None:
    driver = Stranded(stuck(*AC_ENDED), profile=car_with("alarm_with_tool_plugged_in"),
                      does={"held-on-purpose": ()})  # fmt: skip
    driver.be_guided()
    warned = [view for view in driver.shown if view.phase == "warnings"]
    assert [view.warnings for view in warned] == [("alarm",)]
    plain = Stranded(stuck(*AC_ENDED), does={"held-on-purpose": ()})
    plain.be_guided()
    assert not [view for view in plain.shown if view.phase == "warnings"]


def test_an_open_lock_comes_before_every_trick() -> None:
    driver = Stranded(stuck(*AC_ENDED, (13.0, "fob_unlock")))
    assert driver.be_guided() == "released"
    assert driver.history["pull-now"].result == "worked"


def test_a_lock_that_closes_again_before_the_pull_is_said_and_unlocked_anew() -> None:
    driver = Stranded(stuck(*AC_ENDED, (13.0, "fob_unlock")), does={"pull-now": (12.0,)})
    assert driver.be_guided() == "released"
    record = driver.history["pull-now"]
    assert (record.ended_by, record.because) == ("bus", "locked-again-first")
    assert "unlock-lock-unlock" in driver.offered
