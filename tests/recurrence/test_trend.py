"""Known truths are found, and nothing is found where nothing is true."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from evdiag.recurrence.days import DAY_NS
from evdiag.recurrence.effects import Effect
from evdiag.recurrence.history import Circumstances, History, Repair
from evdiag.recurrence.population import standing
from evdiag.recurrence.questions import Asked
from evdiag.recurrence.repair_saying import said_of_repair
from evdiag.recurrence.repairs import Around, TimesAround
from evdiag.recurrence.sentence import Sentence
from evdiag.recurrence.trend import ALPHA, held_of, trend
from evdiag.recurrence.workshop import row
from tests.recurrence.made import Truth, made, nothing, rising, step, year

DOUBLED = math.log(2)
SEEDS = range(4)

COLD_ALWAYS = Truth(cold=0.2)
COLD_FROM_AUTUMN = Truth(cold=0.2, starts=270, days=200)
NULLS = (
    Truth(),
    COLD_ALWAYS,
    COLD_FROM_AUTUMN,
    Truth(grain_s=0.1),
    Truth(grain_s=0.1, cold=0.2, starts=90),
    Truth(repairs=(100, 250)),
    Truth(neighbours_alike=0.5),
    Truth(failing=lambda _day: 0.12),
    Truth(days=120, sessions_a_day=3, cold=0.2, starts=200),
    Truth(days=40, sessions_a_day=0.5),
    Truth(cold=0.2, missing=1.0),
    Truth(cold=0.2, missing=1.0, starts=180, days=200),
    Truth(grain_s=0.4, spread=0.05, of_session=0.02),
)
"""Locks that never change: in the cold, known or not, on a coarse clock, mended for nothing, with
moods."""


def only(history: History, kind: str) -> Sentence:
    found = [sentence for sentence in trend(history).sentences if sentence.kind == kind]
    assert len(found) == 1, [sentence.text for sentence in trend(history).sentences]
    return found[0]


def kinds(history: History) -> set[str]:
    return {sentence.kind for sentence in trend(history).claims}


@pytest.mark.parametrize("part", range(10))
def test_of_200_histories_without_a_change_none_is_said_to_have_one(part: int) -> None:
    for number in range(20):
        truth = NULLS[(20 * part + number) % len(NULLS)]
        found = trend(made(90_000 + 20 * part + number, truth))
        untrue = [s for s in found.claims if not (truth.cold and "cold" in s.kind)]
        assert not untrue, [sentence.text for sentence in untrue]
        assert found.getting_worse == 0
        assert {s.severity for s in found.sentences} <= {"neutral"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("grain_s", [0.01, 0.1])
def test_a_slow_growth_is_found_and_is_no_step(seed: int, grain_s: float) -> None:
    history = made(seed, Truth(release=year(math.log(1.6)), grain_s=grain_s))
    said = only(history, "release_drift")
    assert said.severity == "worse"
    assert 40 < float(said.numbers["percent_a_year"]) < 85
    assert said.interval is not None
    assert said.interval[0] < said.numbers["percent_a_year"] < said.interval[1]
    assert "release_step" not in kinds(history)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_growth_is_told_from_a_winter(seed: int) -> None:
    truth = Truth(release=year(math.log(1.8)), cold=0.2, starts=270)
    assert {"release_drift", "release_in_the_cold"} <= kinds(made(seed, truth))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("day", "month"), [(60, "March 2025"), (180, "July 2025"), (310, "November 2025")]
)
def test_a_doubling_is_found_in_its_month(seed: int, day: float, month: str) -> None:
    said = only(made(seed, Truth(release=step(day, DOUBLED))), "release_step")
    assert said.text.startswith(f"Release time has doubled since {month} (0.")
    assert 1.8 < float(said.numbers["ratio"]) < 2.2
    assert said.severity == "worse"
    # The cold, which adds what it adds, is a part of the usual weather.
    history = made(seed, Truth(release=step(day, DOUBLED), cold=0.2))
    said = only(history, "release_step")
    assert f"since {month} (0." in said.text
    assert 1.5 < float(said.numbers["ratio"]) < 2.2
    assert "release_drift" not in kinds(history)


def test_a_fault_that_went_away_is_told_in_the_past() -> None:
    history = made(3, Truth(release=step(120, DOUBLED, until=240)))
    said = [s for s in trend(history).claims if s.kind == "release_step"]
    assert [s.severity for s in said] == ["better", "neutral"]
    assert "has halved since September 2025" in said[0].text
    assert "had doubled in May 2025" in said[1].text


@pytest.mark.parametrize("seed", SEEDS)
def test_the_time_to_lock_has_sentences_of_its_own(seed: int) -> None:
    assert kinds(made(seed, Truth(lock=year(math.log(1.6))))) == {"lock_drift"}
    assert kinds(made(seed, Truth(lock=step(200, DOUBLED)))) == {"lock_step"}


@pytest.mark.parametrize("seed", SEEDS)
def test_more_failures_are_found(seed: int) -> None:
    said = only(
        made(seed, Truth(failing=rising(180, 0.03, 0.15), sessions_a_day=3.0)), "failures_change"
    )
    assert said.severity == "worse"
    assert said.text.startswith("More unlocks fail since ")
    assert float(said.numbers["before"]) < 0.06 < 0.1 < float(said.numbers["after"])


def test_fewer_failures_are_better() -> None:
    said = only(
        made(2, Truth(failing=rising(180, 0.2, 0.03), sessions_a_day=2.4)), "failures_change"
    )
    assert said.severity == "better"
    assert said.text.startswith("Fewer unlocks fail since ")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("truth", "kind", "words"),
    [
        (Truth(cold=0.2), "release_in_the_cold", "Below 5 °C release takes 0."),
        (Truth(weak=0.3), "release_at_low_supply", "With less than 12.0 V release takes 0."),
        (Truth(dc=0.2), "release_by_charger", "At DC chargers release takes 0."),
    ],
)
def test_what_makes_it_slower_is_found(seed: int, truth: Truth, kind: str, words: str) -> None:
    history = made(seed, truth)
    said = only(history, kind)
    assert said.text.startswith(words)
    assert 0.1 < float(said.numbers["longer_s"]) < 0.4
    assert min(said.n) >= 10
    assert kinds(history) == {kind}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        (Truth(release=step(100, DOUBLED), repairs=(180,)), "did_not_help"),
        (Truth(release=step(100, DOUBLED, 180), repairs=(180,)), "helped"),
        (Truth(release=step(150, DOUBLED, 180), repairs=(180,)), "helped"),
        (Truth(failing=rising(60, 0.03, 0.25), repairs=(180,)), "did_not_help"),
        (
            Truth(failing=rising(60, 0.03, 0.25, 180), repairs=(180,), sessions_a_day=2.4),
            "helped",
        ),
        (Truth(release=step(100, DOUBLED), repairs=(362,)), "too_few"),
        (Truth(repairs=(180,)), "no_fault_before"),
    ],
)
def test_a_repair_has_an_answer(seed: int, truth: Truth, answer: str) -> None:
    said = only(made(seed, truth), "repair")
    assert said.numbers["answer"] == answer
    if truth.repairs == (180,):
        assert "5 July 2025 (actuator)" in said.text


def test_two_parts_of_one_day_are_one_repair() -> None:
    history = made(1, Truth(release=step(100, DOUBLED, 180), repairs=(180,)))
    [part] = history.repairs
    both = replace(history, repairs=(part, Repair(part.time_ns + 60 * 10**9, "seal")))

    said = only(both, "repair")

    assert said.numbers["answer"] == "helped"
    assert "(actuator, seal)" in said.text


def test_before_and_after_a_repair_that_helped_are_looked_at_apart() -> None:
    history = made(1, Truth(release=step(100, DOUBLED, 180), repairs=(180,)))
    steps = [s for s in trend(history).claims if s.kind == "release_step"]
    assert [s.text[:33] for s in steps] == ["Release time had doubled in April"]
    assert trend(history).getting_worse == 0


def test_what_is_told_first_is_what_is_worse() -> None:
    truth = Truth(release=step(180, DOUBLED), lock=step(200, -DOUBLED), cold=0.15)
    severities = [sentence.severity for sentence in trend(made(5, truth)).sentences]
    order = {"worse": 0, "better": 1, "neutral": 2}
    assert severities == sorted(severities, key=lambda severity: order[severity])
    assert severities[:2] == ["worse", "better"]


def test_without_temperatures_a_third_more_may_be_the_weather() -> None:
    small, large = math.log(1.25), math.log(1.8)
    assert not kinds(made(1, Truth(release=step(180, small), missing=1.0)))
    said = only(made(1, Truth(release=step(180, large), missing=0.9)), "release_step")
    assert "the weather may have a part in it" in said.text


def test_a_car_is_compared_with_its_model() -> None:
    others = [made(100 + n, Truth(release_s=0.38 + 0.01 * n), name=f"car {n}") for n in range(9)]
    slow = made(1, Truth(release_s=0.9), name="slow")
    fails = made(2, Truth(failing=lambda _day: 0.3), name="fails")
    alike = made(3, name="alike")

    def said(history: History, among: list[History]) -> dict[str, Sentence]:
        return {s.kind: s for s in trend(history, list(map(standing, among))).claims}

    assert "slower than 100 % of 9 cars" in said(slow, others)["model_release_time"].text
    assert set(said(fails, others)) == {"model_failure_rate"}
    assert not said(alike, others)
    assert not said(slow, others[:5]), "five cars are no population"
    other_model = [made(200 + n, name=f"other {n}", model="else") for n in range(9)]
    assert not said(slow, other_model)
    assert not said(others[0], [*others, slow])


def test_of_too_few_nothing_is_said() -> None:
    assert trend(History("new", "model")).sentences == ()
    three = made(1)
    few = History("few", "model", three.unlockings[:3], three.lockings[:3])
    assert trend(few).sentences == ()
    weeks = made(1, Truth(days=14, sessions_a_day=4, release=step(7, DOUBLED)))
    assert not trend(weeks).claims


def test_a_lock_that_is_always_as_fast_is_no_puzzle() -> None:
    truth = Truth(spread=0.0, of_session=0.0, grain_s=0.4, failing=nothing)
    assert not trend(made(1, truth)).claims


@pytest.mark.parametrize("missing", [0.0, 1.0])
@pytest.mark.parametrize("repairs", [(), (100.0, 101.0)])
def test_a_step_from_one_time_to_one_other_is_found(
    missing: float, repairs: tuple[float, ...]
) -> None:
    exact = Truth(
        spread=0.0, of_session=0.0, grain_s=0.1, release=step(180, DOUBLED), missing=missing,
        repairs=repairs,
    )  # fmt: skip
    said = only(made(1, exact), "release_step")
    assert said.numbers["ratio"] == pytest.approx(2)


def test_a_history_of_2000_attempts_is_quick() -> None:
    history = made(1, Truth(days=900, sessions_a_day=2.2, cold=0.1, repairs=(300, 600)))
    assert len(history.unlockings) > 1900
    trend(history)
    begun = time.process_time()
    trend(history)
    assert time.process_time() - begun < 3.0, (
        "seconds: a busy machine has room, a square law has not"
    )


@given(st.lists(st.floats(0, 1) | st.floats(0, ALPHA), max_size=30))
def test_what_holds_is_what_statsmodels_says(chances: list[float]) -> None:
    asked = {str(number): Asked(p, ()) for number, p in enumerate(chances)}
    known = {}
    if chances:
        holds, corrected, _, _ = multipletests(chances, ALPHA, method="holm")
        found = zip(asked, holds, corrected, strict=True)
        known = {key: pytest.approx(p) for key, is_held, p in found if is_held}

    assert held_of(asked) == known


def test_numbers_that_cannot_be_are_left_out() -> None:
    history = made(1, Truth())
    worst = [
        replace(each, released_after_s=1e308, circumstances=Circumstances(1e308, -1e308, "ac"))
        for each in history.unlockings
    ]
    both = replace(
        history, unlockings=tuple(sorted([*history.unlockings, *worst], key=lambda u: u.time_ns))
    )

    assert only(both, "release_time").n == only(history, "release_time").n


def test_a_repair_with_many_unlocks_around_it_is_not_said_to_have_too_few() -> None:
    some = TimesAround(Effect(0.5, 0.0, -0.5, 0.5), 0.8, 0.8, (400, 400))
    around = Around(Repair(0, "seal"), some, None, 300)

    said = said_of_repair(around, "too_few", None).text

    assert "cannot be judged yet" in said
    assert "too few" not in said
    nothing_known = replace(around, times=None, days_after=0)
    assert "too few unlocks" in said_of_repair(nothing_known, "too_few", None).text


def test_a_repair_to_come_does_not_take_away_what_is_now() -> None:
    history = made(1, Truth())
    to_come = Repair(history.unlockings[-1].time_ns + 300 * DAY_NS, "seal")

    planned = replace(history, repairs=(to_come,))

    assert row(planned, trend(planned)).now_s == row(history, trend(history)).now_s
