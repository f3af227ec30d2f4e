"""What happens at the plug: F6, F7, F13 and F16."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from evdiag.diagnosis.case import Case, evidence_of
from evdiag.diagnosis.finding import Confidence, Finding
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence
from evdiag.port.charging import live_reasons
from evdiag.port.plug import CONNECTED_PILOT

HELD_NS = 5 * NANOSECONDS
"""A plug that stays this long in an open lock while somebody works at it is held."""

FLICKER_NS = NANOSECONDS // 2
"""A plug that is out for less than this has a contact that flickers."""

FLICKERS = 3
"""So many flickers within `FLICKERS_WITHIN_NS` are a bad contact; limits of our own."""
FLICKERS_WITHIN_NS = 60 * NANOSECONDS

PILOT_GOES_NS = 6 * NANOSECONDS
"""The pilot falls with the plug. One that stays this long, longer than a message of a second's
period takes to go stale, contradicts it."""

BUTTON_HELD_NS = 5 * NANOSECONDS
BUTTON_JAMMED_NS = 30 * NANOSECONDS
"""Nobody holds the handle's button of a locked plug for the first, nor of any for the second."""

WHICH_END = "which-end"
AT_CHARGE_POINT = "charge_point"
"""The guide's first question, and the answer that sends a person to the other end."""


def relocks(case: Case) -> Finding | None:
    """F6: the lock opened and closed again before the plug was pulled."""
    relocked = [a for a in case.ended("relocked") if a.relock_cause != "person"]
    if not relocked:
        return None
    asked = [a for a in relocked if a.request not in (None, "session_end")]
    times = [a.relocked_after_s for a in relocked if a.relocked_after_s is not None]
    after = f" {min(times):.1f} s after it opened" if times else ""
    return case.finding(
        "relocks_before_pull",
        "certain" if asked else "likely",
        f"The lock opened and closed again by itself{after}, before the plug was pulled.",
        evidence_of(relocked),
        () if asked else (Evidence(a.opened_ns, "nobody asked for the plug") for a in relocked),
    )


_HELD = "The lock reports open and the plug stays in: something else holds it."
_WAS_HELD = "The lock reported open and the plug stayed in: something else held it."


def mechanically_held(case: Case) -> Finding | None:
    """F7: the lock is open and the plug stays in."""
    held = held_attempts(case)
    if not held:
        return None
    pressed = any(a.button_pressed for a in held)
    return case.finding(
        "mechanically_held",
        "likely" if pressed and len(held) > 1 else "possible",
        _HELD if _is_held_now(case) else _WAS_HELD,
        evidence_of(held),
        (
            Evidence(case.end_of(a), "nobody pressed the button of the handle")
            for a in held
            if case.knows("port.latch_button") and not a.button_pressed
        ),
    )


def _is_held_now(case: Case) -> bool:
    lock, plug = case.readings["port.lock"], case.readings["port.plug"]
    return lock.value == "unlocked" and plug.value == "connected"


def held_attempts(case: Case) -> list[Attempt]:
    """Return the attempts in which an open lock did not free the plug, while it is still in."""
    if case.readings["port.plug"].known == "disconnected":
        return []
    return [attempt for attempt in case.attempts if _stayed_in(attempt)]


def _stayed_in(attempt: Attempt) -> bool:
    if attempt.pulled_ns is not None or attempt.closed_ns is None:
        return False
    if attempt.outcome == "relocked" and attempt.relock_cause == "person":
        return (attempt.relocked_after_s or 0) * NANOSECONDS >= HELD_NS
    if attempt.outcome == "already_open":
        return attempt.closed_ns - attempt.opened_ns >= HELD_NS
    if attempt.outcome not in ("left_open", "inconclusive") or attempt.released_ns is None:
        return False
    return attempt.closed_ns - attempt.released_ns >= HELD_NS


def wrong_end(case: Case) -> Finding | None:
    """F16: the car has let go, and the person stands at the other end or does not touch this one.

    The bus shows the car's half only: without the person's answer this is no more than possible.
    """
    answer = case.memory.answers.get(WHICH_END)
    lock, plug = case.readings["port.lock"], case.readings["port.plug"]
    free = plug.value == "disconnected" or lock.value == "unlocked"
    free = free and not live_reasons(case.readings)
    if answer is not None:
        if answer.answer != AT_CHARGE_POINT or not free:
            return None
        since_ns = plug.since_ns if plug.value == "disconnected" else lock.since_ns
        return case.finding(
            "wrong_end",
            "likely",
            "The car holds nothing: the plug is stuck in the charge point.",
            (
                Evidence(since_ns, "the car's end is free"),
                Evidence(answer.time_ns, "the plug is stuck in the charge point, says the person"),
            ),
        )
    untouched = [a for a in held_attempts(case) if not a.button_pressed]
    if not untouched or not free or not case.knows("port.latch_button"):
        return None
    return case.finding(
        "wrong_end",
        "possible",
        "The car's lock is open and nobody touched the handle: is it the other end that is stuck?",
        evidence_of(untouched),
    )


class _Oddity(NamedTuple):
    confidence: Confidence
    evidence: Evidence


def proximity_implausible(case: Case) -> Finding | None:
    """F13: the proximity contact says what cannot be."""
    if not case.clock_is_time or not case.offers("port.plug"):
        return None
    odd = [*_out_with_pilot(case), *_flickers(case), *_button_stuck(case)]
    if not odd:
        return None
    likely = any(oddity.confidence == "likely" for oddity in odd)
    return case.finding(
        "proximity_implausible",
        "likely" if likely else "possible",
        "The contact that reports the plug and its handle says what cannot be: do not believe it.",
        (oddity.evidence for oddity in odd),
    )


def _out_with_pilot(case: Case) -> Iterator[_Oddity]:
    if case.readings.is_polled("port.pilot"):
        return  # It is as old as the last answer.
    for before, after in pairwise(case.memory.changes("port.plug")):
        if before.value != "connected" or after.value != "disconnected":
            continue
        pilot = _pilot_all_the_while(case, after.time_ns, after.time_ns + PILOT_GOES_NS)
        if pilot is not None:
            text = f"the plug is said to be out, and the pilot goes on ({pilot})"
            yield _Oddity("likely", Evidence(after.time_ns, text))


def _pilot_all_the_while(case: Case, from_ns: int, to_ns: int) -> str | None:
    """Return the pilot at the end of a time in which no plug came and it never fell."""
    memory = case.memory
    if case.now_ns <= to_ns or memory.became("port.plug", "connected", from_ns, to_ns):
        return None
    if memory.was_silent(from_ns, to_ns):
        return None
    pilots = memory.changes("port.pilot")
    during = [memory.at("port.pilot", from_ns)]
    during += [seen.value for seen in pilots if from_ns < seen.time_ns <= to_ns]
    return str(during[-1]) if all(pilot in CONNECTED_PILOT for pilot in during) else None


def _flickers(case: Case) -> Iterator[_Oddity]:
    out = [
        seen.time_ns
        for seen, until_ns in case.memory.spans("port.plug", case.now_ns + FLICKER_NS)
        if seen.value == "disconnected"
        and not seen.observed
        and until_ns - seen.time_ns < FLICKER_NS
    ]
    for first_ns, last_ns in zip(out, out[FLICKERS - 1 :], strict=False):
        if last_ns - first_ns <= FLICKERS_WITHIN_NS:
            text = f"the plug is said to be out and in again {FLICKERS} times within a minute"
            yield _Oddity("likely", Evidence(last_ns, text))
            return


def _button_stuck(case: Case) -> Iterator[_Oddity]:
    for seen, until_ns in case.memory.spans("port.latch_button", case.now_ns):
        if seen.value != "pressed" or case.memory.at("port.plug", seen.time_ns) != "connected":
            continue
        pulled = case.memory.became("port.plug", "disconnected", seen.time_ns, until_ns)
        held_ns = (until_ns if pulled is None else pulled.time_ns) - seen.time_ns
        pulling = case.memory.at("port.lock", seen.time_ns + held_ns) == "unlocked"
        if held_ns <= (BUTTON_JAMMED_NS if pulling else BUTTON_HELD_NS):
            continue
        confidence: Confidence = "likely" if held_ns > BUTTON_JAMMED_NS else "possible"
        text = f"the handle's button is said to be pressed for {held_ns / NANOSECONDS:.0f} s"
        yield _Oddity(confidence, Evidence(seen.time_ns, text))
