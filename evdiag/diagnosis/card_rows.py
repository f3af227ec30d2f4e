"""The rows of a card: one thing at a time, in this release and in a good one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from evdiag.diagnosis.release import Release
from evdiag.diagnosis.rules.actuator import DIPPED_SUPPLY, RUNNING_CURRENT, STALL_CURRENT
from evdiag.port.charging import SAFE_INLET_VOLTAGE
from evdiag.vocabulary import Value

Verdict: TypeAlias = Literal["alike", "different", "cannot_tell"]

SLOWER_BY = 1.5
"""A delay of up to so many times the good one, or `SLOWER_BY_S` more, is like it."""
SLOWER_BY_S = 0.5

_ALIVE = ("C1", "C2", "D1", "D2")


class Normal(NamedTuple):
    """What a release is laid over: another one, and the car's own normal time, in seconds."""

    release: Release | None
    released_within_s: float | None


class Row(NamedTuple):
    """One line of a card: what, how it was here, how it is when all is well, and in words."""

    what: str
    this: str
    good: str
    verdict: Verdict
    words: str


def rows_of(this: Release, normal: Normal) -> tuple[Row, ...]:
    """Lay a release over what is normal, in the order in which things happen."""
    return tuple(_rows(this, normal))


def _rows(this: Release, normal: Normal) -> Iterator[Row]:
    good = normal.release
    yield _vehicle(this, good)
    yield _pilot(this, good)
    yield _voltage(this, good)
    yield _commanded(this, good)
    yield _current(this, good)
    yield _supply(this)
    yield _reported(this, good)
    good_s = None if good is None else good.attempt.released_after_s
    yield _delay("request → released", this.attempt.released_after_s, good_s, this.opened)
    if normal.released_within_s is not None:
        yield _within(this, normal.released_within_s)
    yield _plug(this)
    yield _delay_of_a_person(this, good)
    yield _relocked(this)


def _row(what: str, this: str, good: str, fits: bool | None, wrong: str, *missing: str) -> Row:
    if fits is None:
        why = f"cannot tell: {', '.join(missing)} not seen" if missing else "cannot tell"
        return Row(what, this, good, "cannot_tell", why)
    if fits:
        return Row(what, this, good, "alike", "as it should be")
    return Row(what, this, good, "different", wrong)


def _vehicle(this: Release, good: Release | None) -> Row:
    word = this.vehicle_lock
    fits = None if word is None else word == "unlocked" or this.opened
    shown = "unlocked" if good is None else _shown(good.vehicle_lock)
    return _row("the car", _shown(word), shown, fits, "the car did not unlock", "vehicle.lock")


def _pilot(this: Release, good: Release | None) -> Row:
    fits = None if this.pilot is None else this.pilot not in (*_ALIVE, "E", "F")
    wrong = "the session is alive" if this.pilot in _ALIVE else "the charge point is without power"
    shown = "A or B" if good is None or good.pilot is None else str(good.pilot)
    return _row("pilot", _shown(this.pilot), shown, fits, wrong, "port.pilot")


def _voltage(this: Release, good: Release | None) -> Row:
    shown = "below 60 V" if good is None else _volts(good.inlet_volts)
    fits = None if this.inlet_volts is None else this.inlet_volts < SAFE_INLET_VOLTAGE
    wrong = "the inlet is still live"
    return _row("inlet voltage", _volts(this.inlet_volts), shown, fits, wrong, "port.inlet_voltage")


def _commanded(this: Release, good: Release | None) -> Row:
    shown = "told to open" if good is None else _command(good)
    wrong = "nobody told the actuator to open"
    return _row("commanded", _command(this), shown, this.commanded, wrong, "port.lock_command")


def _current(this: Release, good: Release | None) -> Row:
    peak = this.attempt.peak_lock_current
    shown = f"below {STALL_CURRENT:.0f} A"
    if good is not None and good.attempt.peak_lock_current is not None:
        shown = _number(good.attempt.peak_lock_current, "A")
    what, said = "motor current", _number(peak, "A")
    if this.commanded is False:
        return Row(what, said, shown, "cannot_tell", "cannot tell: it was not told to move")
    fits = None if peak is None else RUNNING_CURRENT <= peak < STALL_CURRENT
    wrong = "it was blocked" if (peak or 0) >= STALL_CURRENT else "its motor did not run"
    return _row(what, said, shown, fits, wrong, "port.lock_current")


def _supply(this: Release) -> Row:
    lowest = this.attempt.lowest_supply
    fits = None if lowest is None else lowest >= DIPPED_SUPPLY
    shown = f"{DIPPED_SUPPLY:.1f} V or more"
    return _row(
        "12 V supply", _number(lowest, "V"), shown, fits, "too weak", "vehicle.supply_voltage"
    )


def _reported(this: Release, good: Release | None) -> Row:
    fits = True if this.opened else None if this.lock is None else False
    said = "opened" if this.opened else _shown(this.lock)
    if this.attempt.outcome == "pulled_while_locked":
        return Row("reported", said, "opened", "different", "the plug left a lock that is shut")
    return _row("reported", said, "opened", fits, "it never reported open", "port.lock")


def _delay(what: str, this_s: float | None, good_s: float | None, opened: bool) -> Row:
    if this_s is None and not opened:
        return Row(what, "never", _seconds(good_s), "different", "it did not open")
    if this_s is None or good_s is None:
        return Row(what, _seconds(this_s), _seconds(good_s), "cannot_tell", "nothing to compare")
    fits = this_s <= max(good_s * SLOWER_BY, good_s + SLOWER_BY_S)
    return _row(what, _seconds(this_s), _seconds(good_s), fits, "slower than the good one")


def _within(this: Release, normal_s: float) -> Row:
    what = "last cause → released"
    shown = f"within {normal_s:.1f} s"
    if this.after_cause_s is None and not this.opened:
        return Row(what, "never", shown, "different", "it did not open")
    fits = None if this.after_cause_s is None else this.after_cause_s <= normal_s * SLOWER_BY
    return _row(what, _seconds(this.after_cause_s), shown, fits, "slower than this car is")


def _plug(this: Release) -> Row:
    fits = None if this.plug is None else this.plug == "disconnected"
    said = "left" if fits else _shown(this.plug)
    return _row("plug", said, "left", fits, "it stayed in", "port.plug")


def _delay_of_a_person(this: Release, good: Release | None) -> Row:
    good_s = None if good is None else good.attempt.pulled_after_s
    this_s = this.attempt.pulled_after_s
    words = "a person's time, it proves nothing"
    return Row("released → pulled", _seconds(this_s), _seconds(good_s), "cannot_tell", words)


def _relocked(this: Release) -> Row:
    seconds = this.attempt.relocked_after_s
    again = this.attempt.relocked_ns is not None
    if not this.opened:
        return Row("locked again", "no", "no", "cannot_tell", "cannot tell: it did not open")
    how = {"timer": "by itself", "person": "a person asked", None: ""}[this.attempt.relock_cause]
    said = f"{_seconds(seconds)} {how}".strip() if again else "no"
    fits = not again or this.attempt.relock_cause == "person"
    return _row("locked again", said, "no", fits, "before the plug was pulled")


def _shown(word: Value | None) -> str:
    return "not known" if word is None else str(word).replace("_", " ")


def _command(release: Release) -> str:
    if release.commanded_after_s is not None:
        return f"told to open after {release.commanded_after_s:.1f} s"
    return {True: "told to open", False: "never told", None: "not known"}[release.commanded]


def _volts(volts: float | None) -> str:
    if volts is None:
        return "not known"
    below = volts < SAFE_INLET_VOLTAGE
    return f"below {SAFE_INLET_VOLTAGE:.0f} V" if below else f"{volts:.0f} V"


def _number(value: float | None, unit: str) -> str:
    return "not known" if value is None else f"{value:.1f} {unit}"


def _seconds(seconds: float | None) -> str:
    return "not known" if seconds is None else f"{seconds:.1f} s"
