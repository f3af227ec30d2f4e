"""What is said of a repair: it helped, it did not, or that cannot be told yet."""

from __future__ import annotations

import math

from evdiag.plain import plain_text
from evdiag.recurrence.repairs import ILL, NO_HELP, Answer, Around
from evdiag.recurrence.saying import rate_matters, rate_weight, time_matters
from evdiag.recurrence.sentence import Sentence, Severity
from evdiag.recurrence.wording import day_text, percent_text, seconds_text

_SAID: dict[Answer, str] = {
    "helped": "helped",
    "did_not_help": "did not help",
    "too_few": "cannot be judged yet: too few unlocks around it",
    "no_fault_before": "changed neither times nor failures, which were in order before",
}
_NOT_TOLD = "cannot be judged yet: the unlocks around it do not tell"
"""There may be many of them by then."""

_SEVERITY: dict[Answer, Severity] = {
    "helped": "better",
    "did_not_help": "worse",
    "too_few": "neutral",
    "no_fault_before": "neutral",
}


def times_matter(around: Around) -> bool:
    """Tell whether the times before and after differ by what a person notices."""
    times = around.times
    if times is None:
        return False
    before = math.log(times.before_s)
    return time_matters(before, before + times.effect.shift)


def rates_matter(around: Around) -> bool:
    """Tell whether the rates before and after differ by what a person notices."""
    return around.rates is not None and rate_matters(around.rates.before, around.rates.after)


def answer_of(
    around: Around,
    *,
    time_p: float | None,
    rate_p: float | None,
    slow_before: bool,
    slow_still: bool,
) -> Answer:
    """Judge a repair.

    `time_p` and `rate_p` are given where the difference holds against all that was asked.
    `slow_before` says that the times had grown before it, `slow_still` that it is ruled out that
    they fell with it.
    """
    times, rates = around.times, around.rates
    gains = []
    if time_p is not None and times is not None:
        gains.append(-times.effect.shift)
    if rate_p is not None and rates is not None:
        gains.append(-rate_weight(rates.before, rates.after))
    if any(gain < 0 for gain in gains):
        return "did_not_help"
    if gains:
        return "helped"
    failing = rates is not None and rates.before.share >= ILL
    if failing and rates is not None and rates.after.low > rates.before.share / 2:
        return "did_not_help"
    if slow_before and not failing and (slow_still or _as_slow(around)):
        return "did_not_help"
    return "too_few" if slow_before or failing or times is None else "no_fault_before"


def _as_slow(around: Around) -> bool:
    return around.times is not None and around.times.effect.low > NO_HELP


def said_of_repair(around: Around, answer: Answer, p: float | None) -> Sentence:
    """Return the sentence on a repair, with the numbers on both sides."""
    name = plain_text(around.repair.text)
    named = f" ({name})" if name else ""
    compared = around.times is not None or around.rates is not None
    came_to = _NOT_TOLD if answer == "too_few" and compared else _SAID[answer]
    text = f"The repair of {day_text(around.day)}{named} {came_to}"
    times = _times_text(around) if times_matter(around) or not rates_matter(around) else []
    rates = _rates_text(around) if rates_matter(around) or not times_matter(around) else []
    shown = [*times, *rates]
    n = (0, 0)
    if around.times is not None:
        n = around.times.attempts
    elif around.rates is not None:
        n = (around.rates.before.tried, around.rates.after.tried)
    return Sentence(
        kind="repair",
        text=f"{text}: {'; '.join(shown)}" if shown and answer != "too_few" else text,
        severity=_SEVERITY[answer],
        n=n,
        numbers={"answer": answer, "day": day_text(around.day), **_numbers(around)},
        p=p,
        weight=0.0,
    )


def _times_text(around: Around) -> list[str]:
    times = around.times
    if times is None:
        return []
    n = times.attempts
    return [
        f"release {seconds_text(times.before_s)} before, {seconds_text(times.after_s)} after "
        f"(n = {n[0]} and {n[1]})"
    ]


def _rates_text(around: Around) -> list[str]:
    rates = around.rates
    if rates is None or not rates.before.failed + rates.after.failed:
        return []
    before, after = rates.before, rates.after
    return [
        f"{percent_text(before.share)} failed before ({before.failed} of {before.tried}), "
        f"{percent_text(after.share)} after ({after.failed} of {after.tried})"
    ]


def _numbers(around: Around) -> dict[str, float | str]:
    found: dict[str, float | str] = {"days_after": around.days_after}
    if around.times is not None:
        found |= {"before_s": around.times.before_s, "after_s": around.times.after_s}
    if around.rates is not None:
        found |= {"before": around.rates.before.share, "after": around.rates.after.share}
    return found
