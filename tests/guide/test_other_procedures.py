"""Stuck in the charge point, and the proof after a repair."""

from __future__ import annotations

import pytest

from evdiag.guide.engine import START
from tests.guide.stories import AC_ENDED, broken, stuck
from tests.guide.stranded import PULLING, Doing, Stranded

CAR_IS_OUT = stuck(*AC_ENDED, (13.0, "fob_unlock"), (14.0, "pull"), seconds=22.0)
THERE = {"which-end": "charge_point", "where": "public"}

TRICKS = (
    "end-there",
    "push-in-there",
    "other-drivers",
    "begin-and-end-again",
    "start-the-car",
    "card-again",
    "operator",
    "ask-on-site",
    "emergency-stop",
)


@pytest.mark.parametrize("trick", TRICKS)
def test_each_trick_at_a_public_charge_point_is_reached_and_may_work(trick: str) -> None:
    driver = Stranded(CAR_IS_OUT, says={**THERE, trick: "came_out_there"})
    assert driver.be_guided() == "released-there"
    assert driver.history[trick].result == "worked"
    assert driver.history["home-supplier"].because if trick == "ask-on-site" else True


def test_at_home_only_what_there_is_at_home_is_tried() -> None:
    driver = Stranded(CAR_IS_OUT, says={**THERE, "where": "home"})
    assert driver.be_guided() == "operator-called"
    passed = {r.step: r.because for r in driver.view.history if r.ended_by == "ruled_out"}
    public_only = {"other-drivers", "card-again", "operator", "ask-on-site", "leave-the-cable"}
    assert {step for step, because in passed.items() if because == "it-is-at-home"} == public_only
    assert "home-supplier" in driver.offered


def test_the_cable_is_left_only_where_the_cars_end_is_out() -> None:
    leaving = {**THERE, "leave-the-cable": "leave_it"}
    assert Stranded(CAR_IS_OUT, says=leaving).be_guided() == "cable-left"
    still_in = Stranded(
        stuck(*AC_ENDED, (13.0, "fob_unlock"), seconds=14.0),
        says={**leaving, "car-side-free": "car_end_free"},
    )
    assert still_in.be_guided() == "operator-called"
    assert still_in.history["leave-the-cable"].because == "car-end-not-out"


def test_the_bus_proves_that_the_cars_side_is_free() -> None:
    driver = Stranded(CAR_IS_OUT, says=THERE)
    driver.be_guided()
    assert driver.history["car-side-free"].because == "car-end-is-out"


def test_a_car_that_holds_too_is_freed_first() -> None:
    driver = Stranded(stuck(*AC_ENDED), says={**THERE, "car-side-free": "car_end_stuck"})
    assert driver.be_guided() == "released"
    assert "unlock-lock-unlock" in driver.offered


def test_a_session_that_does_not_begin_again_is_said_not_to_have_been_tried() -> None:
    driver = Stranded(
        CAR_IS_OUT, says={**THERE, "begin-and-end-again": "still_stuck_there"},
        does={"begin-and-end-again": ("plug_in", 3.0)},
    )  # fmt: skip
    driver.be_guided()
    record = driver.history["begin-and-end-again"]
    assert (record.result, record.because) == ("could_not_work", "did-not-begin")


def test_a_good_lock_is_proved_three_times() -> None:
    driver = Stranded(stuck(seconds=1.0))
    assert driver.be_guided("prove-the-repair") == "proved"
    rounds = [r for r in driver.view.history if r.step == "unlock-again"]
    assert [r.result for r in rounds] == ["worked"] * 3


@pytest.mark.parametrize(
    ("does", "because"),
    [
        ({"plug-in": ("break lock_motor", "plug_in", 3.0), "await-lock": (6.0,)}, "does-not-lock"),
        ({"unlock-again": ("break lock_motor", "fob_unlock", 12.0)}, "heard-but-shut"),
        ({"pull-out": ("break latch", *PULLING)}, "open-but-held"),
    ],
)
def test_a_bad_lock_is_not_proved(does: dict[str, tuple[Doing, ...]], because: str) -> None:
    driver = Stranded(stuck(seconds=1.0), does=does)
    assert driver.be_guided("prove-the-repair") == "not-proved"
    assert driver.view.history[-1].because == because


def test_an_unheard_fob_says_nothing_of_the_lock() -> None:
    driver = Stranded(broken("fob_battery", acts=(), seconds=1.0),
                      says={"unlock-again": "does_not_open"})  # fmt: skip
    assert driver.be_guided("prove-the-repair") == "not-heard-to-prove"


def test_a_car_that_does_not_show_its_lock_cannot_be_timed() -> None:
    driver = Stranded(stuck(seconds=1.0), without=("port.lock",))
    assert driver.be_guided("prove-the-repair") == "cannot-prove"


def test_a_walk_can_begin_at_any_step() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    driver.say(START, "unlock-and-pull")
    assert driver.view.step is not None
    assert driver.view.step.id == "unlock-and-pull"
