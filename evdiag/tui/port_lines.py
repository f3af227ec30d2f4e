"""The lines of the port screen: the lock, the readings, the advice, the attempt. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evdiag.guide_files import step_phrase
from evdiag.plain import plain_text
from evdiag.port.attempt import Attempt
from evdiag.port.charging import IDLE_CURRENT, SAFE_INLET_VOLTAGE
from evdiag.port.readings import Reading
from evdiag.tui.big_word import Size, big_word
from evdiag.tui.empty import frozen, link_lost, no_attempt_yet, without_car
from evdiag.tui.lines import Line, Piece, cut, fit, fit_right, length, spread, wrap
from evdiag.tui.lock_look import LockLook, may_pull_now
from evdiag.tui.moment import Moment
from evdiag.tui.words import (
    DANGER_WAS_TOLD,
    age_text,
    asked_text,
    number_text,
    outcome_text,
    short_value,
    span_text,
)
from evdiag.vocabulary import INVALID, STALE, UNKNOWN

_TEXT_BESIDE = 20
"""Cells that the words beside the big word need; with fewer they go below it."""


_ALIVE = {"V": SAFE_INLET_VOLTAGE, "A": IDLE_CURRENT}


@dataclass(frozen=True, slots=True)
class Fact:
    """One reading as the port screen shows it; `age_s` is None where it has none."""

    label: str
    mark: str
    value: str
    tone: str
    offered: bool
    age_s: float | None

    @property
    def age(self) -> str:
        """How old it is, in words."""
        if not self.offered:
            return "not offered"
        return "" if self.age_s is None else age_text(self.age_s)


# -- the lock --------------------------------------------------------------------------------


def since_text(look: LockLook, moment: Moment) -> str:
    """Say since when the lock is as it is."""
    ago = moment.ago_s(look.since_ns)
    if look.since_ns is None or ago is None:
        return ""
    return f"since {moment.place_text(moment.at_s(look.since_ns))}, {span_text(ago)}"


def countdown(moment: Moment, width: int, full_s: float) -> list[Line]:
    """Return the countdown to the moment the car locks again; nothing where none runs.

    `full_s` is what it counts down from.
    """
    left = moment.snapshot.relock_left_s
    lock = moment.snapshot.signal("port.lock").reading.value
    hands_off = moment.is_commanded or moment.snapshot.danger_told
    if left is None or lock != "unlocked" or moment.frozen or hands_off:
        return []
    if left <= 0:
        return [[("about to lock again", "busy")]]
    filled = max(0, min(width, round(width * left / full_s))) if full_s else 0
    bar: Line = [("━" * filled, "busy"), ("╌" * (width - filled), "quiet")]
    return [[("locks again in ", "busy"), (f"{left:.1f} s", "busy")], bar]


def band_lines(moment: Moment, size: Size, width: int, height: int) -> list[Line]:
    """Return the big panel: shape and word in block letters, and what they mean."""
    look = moment.look
    word = big_word(look.sign, look.word, size)
    beside = width - len(word[0]) - 6
    relock = None if moment.car is None else moment.car.profile.relock
    full_s = min(relock.seconds) if relock else 0.0
    if beside < _TEXT_BESIDE:
        said: list[Piece] = [(look.meaning, look.tone)]
        left = countdown(moment, 0, full_s)
        rest = left[0] if left else [(since_text(look, moment), "quiet")]
        below = [*said, ("   ", ""), *rest]
        if length(below) > width - 2 and height > len(word) + 1:
            lines: list[Line] = [[(" ", ""), *said], [(" ", ""), *rest]]
        else:
            lines = [[(" ", ""), *cut(below, width - 1)]]
        return [*([(" ", ""), (row, look.tone)] for row in word), *lines]
    text: list[Line] = [[(row, look.tone)] for row in wrap(look.meaning, beside)]
    text += countdown(moment, min(beside, 24), full_s)
    text.append([(since_text(look, moment), "quiet")])
    above = max(0, (len(word) - len(text)) // 2)
    aside: list[Line] = [[]] * above + text
    aside += [[]] * (len(word) - len(aside))
    return [
        [(" ", ""), (row, look.tone), ("    ", ""), *beside_row]
        for row, beside_row in zip(word, aside, strict=False)
    ]


def lock_line(moment: Moment, width: int) -> Line:
    """Return the lock in one line: what every other screen keeps in sight."""
    look = moment.look
    said: list[Piece] = [(f" {look.mark} {look.word} ", "here"), (f" {look.meaning} ", look.tone)]
    left = countdown(moment, 0, 0.0)
    said += left[0] if left else [(f" {since_text(look, moment)}", "quiet")]
    return cut(said, width)


# -- the readings ----------------------------------------------------------------------------


def facts(moment: Moment) -> list[Fact]:
    """Return the readings beside the lock."""
    return [
        _fact(moment, "PLUG", "port.plug", yes="connected"),
        _fact(moment, "FLAP", "port.flap", yes="open"),
        _pilot(moment),
        _charge(moment),
        _inlet(moment),
        _fact(moment, "CAR", "vehicle.lock", yes="locked"),
        _key(moment),
    ]


def facts_lines(moment: Moment, width: int) -> list[Line]:
    """Lay the readings out: three rows of tiles, or two columns where it is narrow."""
    shown = facts(moment)
    if width < 77:
        half = width // 2
        pairs = [shown[at : at + 2] for at in range(0, len(shown), 2)]
        return [[piece for fact in pair for piece in fact_line(fact, half)] for pair in pairs]
    tile = (width - 1) // len(shown)
    labels = [(fit(f" {fact.label} {fact.mark}", tile), "quiet") for fact in shown]
    # "not offered" goes over both rows: in one it would fill its tile to the edge.
    values = [(fit(f" {fact.value if fact.offered else 'not'}", tile), fact.tone) for fact in shown]
    ages = [(fit(f" {fact.age if fact.offered else 'offered'}", tile), "quiet") for fact in shown]
    return [labels, values, ages]


def fact_line(fact: Fact, width: int) -> Line:
    """Return a reading on one line: what it is of, what it is, how old it is."""
    age = fact.age if fact.offered else ""
    value = fact.value if fact.offered else "not offered"
    return [
        (f" {fact.label:<6} {fact.mark} ", "quiet"),
        (fit(value, width - 18), fact.tone),
        (fit_right(age, 7) + " ", "quiet"),
    ]


def _fact(moment: Moment, label: str, name: str, yes: str) -> Fact:
    view = moment.snapshot.signal(name)
    value, mark, tone = _said(name, view.reading)
    if view.reading.usable:
        mark = "✖" if view.reading.value == "fault" else "●" if view.reading.value == yes else "○"
        tone = "bad" if view.reading.value == "fault" else "strong"
    return _shown(moment, label, mark, value, tone, name)


def _said(name: str, reading: Reading) -> tuple[str, str, str]:
    """Return the words, the mark and the tone of a reading, whatever it is."""
    if reading.value == STALE:
        return "stale", "…", "odd"
    if reading.value == INVALID:
        return "invalid", "!", "odd"
    if reading.value == UNKNOWN:
        return "unknown", "?", "odd"
    return short_value(name, reading.value), "●", "strong"


def _shown(moment: Moment, label: str, mark: str, value: str, tone: str, *names: str) -> Fact:
    offered = any(moment.snapshot.signal(name).offered for name in names)
    if not offered:
        return Fact(label, "–", "–", "quiet", False, None)
    ages = [age for name in names if (age := moment.age_s(name)) is not None]
    return Fact(label, mark, value, tone, True, min(ages, default=None))


def _pilot(moment: Moment) -> Fact:
    reading = moment.snapshot.signal("port.pilot").reading
    value, mark, tone = _said("port.pilot", reading)
    duty = moment.snapshot.signal("port.pilot_duty").reading
    if reading.usable:
        mark = "●" if str(reading.value)[0] in "CD" else "✖" if reading.value in ("E", "F") else "○"
        if duty.usable and duty.value:
            value += f" {round(float(duty.value))} %"
    return _shown(moment, "PILOT", mark, value, tone, "port.pilot")


def _charge(moment: Moment) -> Fact:
    names = ("charge.active", "charge.type", "charge.discharge")
    active, kind, feeding = (moment.snapshot.signal(name).reading for name in names)
    value, mark, tone = _said("charge.active", active)
    if feeding.value == "yes":
        value, mark, tone = "feeds load", "●", "busy"
    elif active.usable:
        on = active.value == "yes"
        value, mark = ("active", "●") if on else ("not active", "○")
        if on and kind.value in ("ac", "dc"):
            value += f" {str(kind.value).upper()}"
    return _shown(moment, "CHARGE", mark, value, tone, "charge.active")


def _inlet(moment: Moment) -> Fact:
    names = ("port.inlet_voltage", "port.inlet_current")
    parts, marks, tones = [], [], []
    for name, unit in zip(names, ("V", "A"), strict=True):
        view = moment.snapshot.signal(name)
        if not view.offered:
            continue
        words, mark, tone = _said(name, view.reading)
        if view.reading.usable:
            number = float(view.reading.value)
            words = f"{number_text(round(number))} {unit}"
            mark = "●" if abs(number) >= _ALIVE[unit] else "○"
        parts.append(words)
        marks.append(mark)
        tones.append(tone)
    mark = next((sign for sign in ("●", "!", "…", "?") if sign in marks), "○")
    tone = "odd" if "odd" in tones else "strong"
    return _shown(moment, "INLET", mark, " ".join(dict.fromkeys(parts)), tone, *names)


def _key(moment: Moment) -> Fact:
    reading = moment.snapshot.signal("vehicle.key_heard").reading
    value, mark, tone = _said("vehicle.key_heard", reading)
    if reading.usable:
        heard = reading.value == "yes"
        value, mark = ("heard", "●") if heard else ("not heard", "○")
    return _shown(moment, "KEY", mark, value, tone, "vehicle.key_heard")


# -- the advice ------------------------------------------------------------------------------


def advice(moment: Moment) -> tuple[str, str, str, str]:
    """Return a word and its tone, the sentence that says how it is, and what to do next."""
    snapshot = moment.snapshot
    if snapshot.danger_told:
        return "DANGER", "bad", f"{DANGER_WAS_TOLD}: do not touch the cable.", ""
    if moment.car is None:
        return without_car(moment)
    if moment.frozen:
        return frozen()
    if moment.live is not None and moment.live.link_is_lost:
        return link_lost()
    if moment.is_commanded:
        hands_off = "evdiag commands this port: keep your hands off plug, handle and flap."
        return "ACT", "busy", hands_off, ""
    first = moment.findings[0]
    lock = snapshot.signal("port.lock").reading.value
    plug = snapshot.signal("port.plug").reading.value
    held = plug != "disconnected" and lock == "locked"
    if first.fault is not None and first.confidence is not None:
        steps = plain_text("; ".join(step_phrase(step) for step in first.next))
        return first.confidence.upper(), "bad", plain_text(first.summary), steps
    if snapshot.live_because and held:
        why = plain_text(", ".join(snapshot.live_because))
        return "NOT YET", "busy", f"the session is alive ({why}).", "end the session first"
    if snapshot.plug_out_denied:
        said = "The plug is reported out, and the pilot still shows it in: look at the port."
        return "LOOK", "odd", said, ""
    if plug == "disconnected":
        return "FREE", "free", "No plug is in the inlet.", ""
    if lock == "unlocked" and plug == "connected" and may_pull_now(snapshot):
        return "NOW", "free", "Pull the plug straight out, at once.", ""
    if held:
        return "TO OPEN", "held", "Stand at the port, unlock the car, then pull at once.", ""
    return "SO FAR", "quiet", plain_text(first.summary), ""


def advice_lines(moment: Moment, width: int, height: int, hint: str = "") -> list[Line]:
    """Return the advice, wrapped; where there is no room, a line each, ending in an ellipsis.

    `hint` stands behind it where a cable may be stuck and there is room.
    """
    lines = _advice_rows(moment, width, height)
    if not hint or moment.car is None or advice(moment)[0] in ("FREE", "FROZEN"):
        return lines
    if length(lines[-1]) + len(hint) + 3 > width:
        return [*lines, spread([], [(f"{hint} ", "key")], width)] if len(lines) < height else lines
    return [*lines[:-1], spread(lines[-1], [(f"{hint} ", "key")], width)]


def _advice_rows(moment: Moment, width: int, height: int) -> list[Line]:
    word, tone, sentence, steps = advice(moment)
    rows = wrap(f"{word}: {sentence}" + (f" Next: {steps}." if steps else ""), width - 2)
    if len(rows) > height:
        said = [f"{word}: {sentence}", f"Next: {steps}"] if steps else rows[: height - 1]
        rest = [] if steps else [" ".join(rows[height - 1 :])]
        rows = [fit(row, width - 2) for row in (*said, *rest)][:height]
    first: Line = [(" ", ""), (rows[0][: len(word) + 1], tone), (rows[0][len(word) + 1 :], "")]
    return [first, *([(" ", ""), (row, "")] for row in rows[1:])]


# -- the attempt -----------------------------------------------------------------------------


def attempt_lines(moment: Moment, width: int, height: int) -> list[Line]:
    """Return the running attempt with its clock and evidence, or the last, or what to do."""
    attempts = moment.snapshot.attempts
    if not attempts:
        rows = wrap(no_attempt_yet(moment), width - 2)[:height]
        return [[(" ", ""), (row, "quiet")] for row in rows]
    attempt = attempts[-1]
    lines: list[Line] = [_attempt_title(attempt, moment, width)]
    evidence = list(evidence_lines(attempt))
    if len(evidence) <= height - 1:
        return [*lines, *([(" ", ""), *line] for line in evidence)]
    return [*lines, *_flowing(evidence, width)[-(height - 1) :]] if height > 1 else lines


def _flowing(parts: Sequence[Line], width: int) -> Sequence[Line]:
    """Put parts one behind the other into as few lines as hold them."""
    rows: list[list[Piece]] = [[]]
    for part in parts:
        if rows[-1] and length(rows[-1]) + length(part) + 2 > width:
            rows.append([])
        rows[-1] += [(" ", ""), *part, (" ", "")]
    return rows


def evidence_lines(attempt: Attempt) -> Iterator[Line]:
    """Yield what the bus showed during an attempt, timed from where it opened."""
    for time_ns, text in attempt.evidence:
        after = (time_ns - attempt.opened_ns) / 1e9
        stamp = f"+{after:.2f} s" if attempt.exact else "·"
        yield [(f"{stamp:>8} ", "quiet"), (plain_text(text), "")]


def _attempt_title(attempt: Attempt, moment: Moment, width: int) -> Line:
    outcome = "busy" if attempt.outcome is None else "strong"
    title: list[Piece] = [
        (f" Attempt {attempt.number}", "title"),
        (" · ", "quiet"),
        (f"{asked_text(attempt)} ", "strong"),
    ]
    if attempt.outcome is not None:
        return cut([*title, ("· ", "quiet"), (outcome_text(attempt), outcome)], width)
    ago = moment.ago_s(attempt.opened_ns)
    clock = "" if ago is None else f" {span_text(ago)}"
    return cut([*title, ("· ", "quiet"), (f"running{clock}", outcome)], width)


def change_lines(moment: Moment, width: int, height: int) -> list[Line]:
    """Return the last changes of words, newest first."""
    lines: list[Line] = [[(" Last changes", "title")]]
    for at_s, change in reversed(moment.track.changes_so_far(last_s=600.0)):
        if len(lines) >= height:
            break
        if isinstance(change.new, (int, float)) or change.old is None:
            continue
        place = moment.place_text(at_s)
        new = short_value(change.signal, change.new)
        name = change.signal.replace("_", " ").replace("port.", "").replace("vehicle.", "car ")
        line: Sequence[Piece] = [
            (f"{place:>9} ", "quiet"),
            (fit(name, 16), ""),
            (f" {new}", "strong"),
        ]
        lines.append(cut(line, width))
    if len(lines) == 1:
        lines.append([(" nothing has changed yet", "empty")])
    return lines
