"""What is said of each answer of the statistics, where it is large enough to matter to a person."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from evdiag.plain import plain_text
from evdiag.recurrence.circumstances import By, RatesApart, TimesApart
from evdiag.recurrence.episodes import Episode
from evdiag.recurrence.over_time import Change, Drift
from evdiag.recurrence.population import AmongOthers, RateAmongOthers
from evdiag.recurrence.rates import Rate, RateChange
from evdiag.recurrence.sentence import Kind, Sentence
from evdiag.recurrence.wording import (
    changed_text,
    day_text,
    judged,
    month_text,
    percent_range,
    percent_text,
    seconds_text,
)

What: TypeAlias = Literal["release", "lock"]

MATTERS: Final = math.log(1.15)
"""A time that differs by less than 15 % is none that anybody waits for."""
MATTERS_S: Final = 0.05
"""Nor one that differs by less than 50 ms: a signal that is sent every 100 ms is no finer."""
MATTERS_IN_WEATHER: Final = math.log(1.35)
"""Where no temperature is known, a third more may be a hard winter."""
MATTERS_RATE: Final = 0.05
"""Five failures more in a hundred, and half as many again."""
MATTERS_RATE_RATIO: Final = 1.5
MIN_TOLD: Final = 5
"""Attempts from which on a median or a rate is told at all."""

_NAMES: Final[dict[What, str]] = {"release": "Release time", "lock": "Time to lock"}


def time_matters(log_before: float, log_after: float, least: float = MATTERS) -> bool:
    """Tell whether two times (logarithms of seconds) differ by what a person notices."""
    apart = abs(math.exp(log_after) - math.exp(log_before))
    return abs(log_after - log_before) >= least and apart >= MATTERS_S


def rate_matters(before: Rate, after: Rate) -> bool:
    """Tell whether two rates of failures differ by what a person notices."""
    low, high = sorted((before.share, after.share))
    return high - low >= MATTERS_RATE and high >= MATTERS_RATE_RATIO * low


# -- over time ------------------------------------------------------------------------------------


def said_of_change(what: What, change: Change, ended_by: float | None) -> Iterator[Sentence]:
    """Yield the drift, or each step; `ended_by` is the day of the repair that put an end to it."""
    least = MATTERS if change.weather_known else MATTERS_IN_WEATHER
    if isinstance(change.shape, Drift):
        if time_matters(change.shape.first_log_s, change.shape.last_log_s, least):
            yield _said_of_drift(what, change.shape, change, ended_by)
        return
    levels = change.shape.levels
    bounds = [-math.inf, *change.shape.at, math.inf]
    n = [change.days.between(first, last).attempts for first, last in pairwise(bounds)]
    for number, (before, after) in enumerate(pairwise(levels)):
        if time_matters(before, after, least):
            is_last = number == len(levels) - 2 and ended_by is None
            day, counts = change.shape.at[number], (n[number], n[number + 1])
            yield _said_of_step(what, day, (before, after), counts, change, is_last)


def _said_of_drift(what: What, drift: Drift, change: Change, ended_by: float | None) -> Sentence:
    days = change.days
    ratio = drift.last_log_s - drift.first_log_s
    has, until = "has", ""
    if ended_by is not None:
        has, until = "had", f" until the repair of {day_text(ended_by)}"
    yearly = [100 * math.expm1(value) for value in (drift.a_year, drift.low, drift.high)]
    first_s, last_s = math.exp(drift.first_log_s), math.exp(drift.last_log_s)
    text = (
        f"{_NAMES[what]} {has} slowly {changed_text(math.exp(ratio))} since "
        f"{month_text(drift.first_day)}{until} ({seconds_text(first_s)} to {seconds_text(last_s)}, "
        f"n = {days.attempts}; {yearly[0]:+.0f} % a year, {yearly[1]:+.0f} to {yearly[2]:+.0f} %)"
    )
    return Sentence(
        kind="release_drift" if what == "release" else "lock_drift",
        text=text + _weather_note(change),
        severity=judged(ratio) if ended_by is None else "neutral",
        n=(days.attempts,),
        numbers={
            "before_s": first_s,
            "after_s": last_s,
            "ratio": math.exp(ratio),
            "percent_a_year": yearly[0],
            "days": len(days),
            "weather_taken_out": str(change.weather_known).lower(),
        },
        interval=(yearly[1], yearly[2]),
        interval_of="percent_a_year",
        weight=ratio if ended_by is None else 0.0,
    )


def _said_of_step(
    what: What,
    day: float,
    levels: tuple[float, float],
    n: tuple[int, int],
    change: Change,
    is_last: bool,
) -> Sentence:
    before, after = levels
    ratio = after - before
    when = f"has {changed_text(math.exp(ratio))} since" if is_last else (
        f"had {changed_text(math.exp(ratio))} in"
    )  # fmt: skip
    text = (
        f"{_NAMES[what]} {when} {month_text(day)} ({seconds_text(math.exp(before))} to "
        f"{seconds_text(math.exp(after))}, n = {n[0]} and {n[1]})"
    )
    return Sentence(
        kind="release_step" if what == "release" else "lock_step",
        text=text + _weather_note(change),
        severity=judged(ratio) if is_last else "neutral",
        n=n,
        numbers={
            "before_s": math.exp(before),
            "after_s": math.exp(after),
            "ratio": math.exp(ratio),
            "day": day_text(day),
            "days": len(change.days),
            "weather_taken_out": str(change.weather_known).lower(),
        },
        weight=ratio if is_last else 0.0,
    )


def _weather_note(change: Change) -> str:
    if change.weather_known:
        return ""
    return "; too few temperatures are known, so the weather may have a part in it"


def said_of_rate_change(kind: Kind, change: RateChange, ended_by: float | None) -> Sentence | None:
    """Return since when more or fewer fail; None where it does not matter."""
    before, after = change.before, change.after
    if not rate_matters(before, after):
        return None
    what = "unlocks" if kind == "failures_change" else "lockings"
    ratio = rate_weight(before, after)
    more = "More" if ratio > 0 else "Fewer"
    verb, until = ("fail", "") if ended_by is None else ("failed", f" until {day_text(ended_by)}")
    return Sentence(
        kind=kind,
        text=(
            f"{more} {what} {verb} since {month_text(change.day)}{until}: "
            f"{percent_text(before.share)} before ({before.failed} of {before.tried}), "
            f"{percent_text(after.share)} after ({after.failed} of {after.tried}; "
            f"{percent_range(after.low, after.high)})"
        ),
        severity=judged(ratio) if ended_by is None else "neutral",
        n=(before.tried, after.tried),
        numbers={"before": before.share, "after": after.share, "day": day_text(change.day)},
        interval=(after.low, after.high),
        interval_of="after",
        weight=ratio if ended_by is None else 0.0,
    )


def rate_weight(before: Rate, after: Rate) -> float:
    """Return the logarithm of how many times more fail, half a failure added on either side."""
    shares = [(each.failed + 0.5) / (each.tried + 1) for each in (before, after)]
    return math.log(shares[1] / shares[0])


# -- circumstances --------------------------------------------------------------------------------

_TIME_KINDS: Final[dict[By, Kind]] = {
    "cold": "release_in_the_cold",
    "supply": "release_at_low_supply",
    "charger": "release_by_charger",
}
_RATE_KINDS: Final[dict[By, Kind]] = {
    "cold": "failures_in_the_cold",
    "supply": "failures_at_low_supply",
    "charger": "failures_by_charger",
}


def said_of_times_apart(by: By, apart: TimesApart) -> Sentence | None:
    """Return by how much a circumstance lengthens the release; None where it does not matter."""
    rest_s, rest = apart.rest_s, math.log(apart.rest_s)
    if not time_matters(rest, rest + apart.effect.shift):
        return None
    more_s = apart.group_s - apart.rest_s
    n = apart.attempts
    return Sentence(
        kind=_TIME_KINDS[by],
        text=(
            f"{_where(by, apart.limit)} release takes {seconds_text(abs(more_s))} "
            f"{'longer' if more_s > 0 else 'less'} ({seconds_text(apart.group_s)}, otherwise "
            f"{seconds_text(apart.rest_s)}; n = {n[0]} and {n[1]})"
        ),
        n=n,
        numbers={
            "longer_s": more_s,
            "group_s": apart.group_s,
            "rest_s": apart.rest_s,
            **_limit(apart.limit),
        },
        interval=(rest_s * math.expm1(apart.effect.low), rest_s * math.expm1(apart.effect.high)),
        interval_of="longer_s",
    )


def said_of_rates_apart(by: By, apart: RatesApart) -> Sentence | None:
    """Return how many more fail under a circumstance; None where it does not matter."""
    group, rest = apart.group, apart.rest
    if not rate_matters(rest, group):
        return None
    return Sentence(
        kind=_RATE_KINDS[by],
        text=(
            f"{_where(by, apart.limit)} {percent_text(group.share)} of unlocks fail "
            f"({group.failed} of {group.tried}), otherwise {percent_text(rest.share)} "
            f"({rest.failed} of {rest.tried})"
        ),
        n=(group.tried, rest.tried),
        numbers={"group": group.share, "rest": rest.share, **_limit(apart.limit)},
        interval=(group.low, group.high),
        interval_of="group",
    )


def _where(by: By, limit: float) -> str:
    if by == "cold":
        return f"Below {limit:g} °C"
    return f"With less than {limit:.1f} V" if by == "supply" else "At DC chargers"


def _limit(limit: float) -> dict[str, float | str]:
    return {} if math.isnan(limit) else {"limit": limit}


# -- the model ------------------------------------------------------------------------------------


def said_of_model_time(model: str, among: AmongOthers) -> Sentence | None:
    """Return how this car's release compares with that of others of its model."""
    middle = math.log(among.others_s)
    if not time_matters(middle, middle + among.ratio):
        return None
    return Sentence(
        kind="model_release_time",
        text=(
            f"Release takes {seconds_text(among.this_s)}, of other cars of this model "
            f"({plain_text(model)}) {seconds_text(among.others_s)}: "
            f"{'slower' if among.ratio > 0 else 'faster'} than "
            f"{percent_text(_beaten(among.percentile, among.ratio))} of {among.cars} cars "
            f"(n = {among.attempts})"
        ),
        severity=judged(among.ratio),
        n=(among.attempts,),
        numbers={
            "this_s": among.this_s,
            "others_s": among.others_s,
            "percentile": 100 * among.percentile,
            "cars": among.cars,
        },
    )


def said_of_model_rate(model: str, among: RateAmongOthers) -> Sentence | None:
    """Return how this car's failures compare with those of others of its model."""
    if not rate_matters(among.others, among.this):
        return None
    ratio = rate_weight(among.others, among.this)
    return Sentence(
        kind="model_failure_rate",
        text=(
            f"{percent_text(among.this.share)} of unlocks fail ({among.this.failed} of "
            f"{among.this.tried}), of other cars of this model ({plain_text(model)}) "
            f"{percent_text(among.others.share)} ({among.others.failed} of {among.others.tried}, "
            f"{among.cars} cars)"
        ),
        severity=judged(ratio),
        n=(among.this.tried, among.others.tried),
        numbers={
            "this": among.this.share,
            "others": among.others.share,
            "percentile": 100 * among.percentile,
            "cars": among.cars,
        },
        interval=(among.this.low, among.this.high),
        interval_of="this",
    )


def _beaten(percentile: float, ratio: float) -> float:
    return percentile if ratio > 0 else 1 - percentile


# -- what only describes --------------------------------------------------------------------------


def said_of_rate(rate: Rate) -> Sentence | None:
    """Return how many unlocks worked; None of too few."""
    if rate.tried < MIN_TOLD:
        return None
    worked = rate.tried - rate.failed
    return Sentence(
        kind="failure_rate",
        text=(
            f"{worked} of {rate.tried} unlocks worked ({percent_text(1 - rate.share)}, "
            f"{percent_range(1 - rate.high, 1 - rate.low)})"
        ),
        n=(rate.tried,),
        numbers={"failed": rate.failed, "failure_rate": rate.share},
        interval=(rate.low, rate.high),
        interval_of="failure_rate",
    )


def said_of_time(what: What, seconds: list[float]) -> Sentence | None:
    """Return the usual time and its spread; None of too few."""
    if len(seconds) < MIN_TOLD:
        return None
    import numpy as np

    low, middle, high = (float(each) for each in np.percentile(seconds, [10, 50, 90]))
    return Sentence(
        kind="release_time" if what == "release" else "lock_time",
        text=(
            f"{_NAMES[what]} is {seconds_text(middle)}, mostly {low:.2f} to {seconds_text(high)} "
            f"(n = {len(seconds)})"
        ),
        n=(len(seconds),),
        numbers={"median_s": middle, "percentile_10_s": low, "percentile_90_s": high},
    )


def said_of_retries(occasions: list[Episode]) -> Sentence | None:
    """Return how often it took more than one try; None where it hardly ever did."""
    again = [each for each in occasions if each.retries]
    if len(occasions) < MIN_TOLD or not again:
        return None
    most = max(each.retries for each in again) + 1
    given_up = sum(not each.ended_well for each in again)
    gave = f"; {given_up} of them did not end with the plug out" if given_up else ""
    return Sentence(
        kind="retries",
        text=(
            f"{len(again)} of {len(occasions)} times it took more than one try, "
            f"at most {most}{gave}"
        ),
        n=(len(occasions),),
        numbers={
            "more_than_one": len(again),
            "most_tries": most,
            "mean_retries": sum(each.retries for each in again) / len(occasions),
            "not_out": given_up,
        },
    )
