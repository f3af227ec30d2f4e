"""Commands in lines: which there are, what one needs, how it goes, how it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evdiag.plain import plain_text
from evdiag.tui.control_words import KNOWN
from evdiag.tui.lines import Line, cut, fit, fit_short, length, wrap
from evdiag.tui.words import age_text
from evdiag.vocabulary import COMMANDS

if TYPE_CHECKING:
    from evdiag.control.command_run import StepView
    from evdiag.control.errand import ErrandView
    from evdiag.control.interlocks import Interlock
    from evdiag.control.outcome import Outcome
    from evdiag.levels import CommandLook
    from evdiag.vehicles.command import Command
    from evdiag.vehicles.profile import Profile

_VERDICTS: Final = {"green": ("✔", "free"), "red": ("✘", "bad"), "by_eye": ("?", "odd")}
_STEPS: Final = {
    "to come": ("·", "quiet"),
    "now": ("▶", "busy"),
    "done": ("✔", "free"),
    "failed": ("✘", "bad"),
    "passed over": ("–", "odd"),
}
ENDED: Final = {
    "done": ("DONE", "free"),
    "commanded_not_confirmed": ("COMMANDED, NOT CONFIRMED", "odd"),
    "said_no": ("THE CAR SAYS NO", "bad"),
    "makers_tool": ("THE CAR WANTS ITS MAKER'S TOOL", "bad"),
    "no_answer": ("NO ANSWER", "bad"),
    "not_sent": ("NOT SENT", "bad"),
    "refused": ("REFUSED", "bad"),
    "dropped": ("STOPPED ON THE WAY", "bad"),
    "bus_lost": ("THE BUS IS LOST", "bad"),
    "aborted": ("ABORTED", "odd"),
    "failed": ("FAILED", "bad"),
}
"""How a command ended: its words, and the tone that repeats them."""

_AGE, _NAME, _WAY = 11, 10, 14
_WHAT_AT_MOST, _WHAT_WHERE_NARROW, _NARROW = 40, 29, 76


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `tag` names what it belongs to, `is_head` is true for the first line of that."""

    line: Line
    tag: str = ""
    is_head: bool = False


# -- which there are ---------------------------------------------------------------------------


def offer_rows(profile: Profile, width: int) -> Iterator[Row]:
    """Yield every command: the ways to give it, tagged ``unlock by uds``, or why there is none."""
    for name in COMMANDS:
        ways = profile.ways(name)
        for at, way in enumerate(ways):
            said = [
                (f"{fit(name, _NAME)} {fit('by ' + plain_text(way.way), _WAY)} ", "strong"),
                (plain_text(way.evidence), "odd" if way.evidence != "verified" else "free"),
            ]
            yield Row(cut(said, width), way.text, True)
            if not at or way.summary != ways[0].summary:
                yield from _under(way.summary, width, "quiet", way.text)
        if not ways:
            yield from _none(profile, name, width)


def _none(profile: Profile, name: str, width: int) -> Iterator[Row]:
    known = profile.why_not(next(each for each in COMMANDS if each == name))
    yield Row(cut([(fit(name, _NAME), "quiet"), (" not for this car", "bad")], width), name, True)
    text = "its profile knows no way" if known is None else f"{known.text} ({known.evidence})"
    yield from _under(text, width, "quiet", name)


def profile_lines(profile: Profile, width: int) -> Iterator[Line]:
    """Yield what must be known of these commands: what their levels mean, whose profile it is."""
    levels = dict.fromkeys(way.evidence for way in profile.commands if way.offered)
    for level in levels:
        yield from level_lines(level, width)
    if profile.from_user:
        where = f"From a profile of your own: {profile.file}, SHA-256 {profile.file_sha256[:16]}…"
        yield from ([(row, "odd")] for row in wrap(plain_text(where), width))


def level_lines(level: str, width: int) -> Iterator[Line]:
    """Yield what an evidence level means."""
    tone = "quiet" if level == "verified" else "odd"
    yield from ([(row, tone)] for row in wrap(f"{level}: {KNOWN.get(level, '')}", width))


# -- what one needs ----------------------------------------------------------------------------


def is_asked_later(condition: Interlock, command: Command) -> bool:
    """Tell whether a condition can be looked at only by asking, which the command begins with."""
    return condition.id == "module" and command.unit is not None


def still_open(conditions: Iterable[Interlock], command: Command) -> list[Interlock]:
    """Return the conditions that do not hold, but for what is asked when it begins."""
    return [
        one for one in conditions if one.verdict != "green" and not is_asked_later(one, command)
    ]


def condition_rows(
    conditions: Sequence[Interlock], command: Command, width: int, *, begun: bool = False
) -> Iterator[Row]:
    """Yield each condition: mark, what, reading, for how long; and what would turn it green."""
    longest = max((len(plain_text(one.what)) for one in conditions), default=0)
    size = min(longest, _WHAT_WHERE_NARROW if width < _NARROW else _WHAT_AT_MOST)
    for one in conditions:
        later = not begun and is_asked_later(one, command)
        mark, tone = ("·", "quiet") if later else _VERDICTS[one.verdict]
        reading = "asked when you begin" if later else plain_text(one.reading)
        age = "" if one.age_s is None else f"for {age_text(one.age_s)}"
        room = width - size - _AGE - 4
        head = [(f"{mark} ", tone), (fit(plain_text(one.what), size), ""), ("  ", "")]
        fits = len(reading) <= room
        beside = fit(reading if fits else "", room)
        yield Row([*head, (beside, "strong"), (fit(age, _AGE), "quiet")], one.id, True)
        if not fits:
            yield from _under(reading, width, "strong", one.id)
        if not later and one.verdict != "green":
            eye = "  [v] seen" if one.verdict == "by_eye" and not begun else ""
            yield from _under(f"→ {one.needs}{eye}", width, tone, one.id)


def verdict_lines(open_now: Sequence[Interlock], wanted: str, width: int) -> Iterator[Line]:
    """Yield whether it could begin, and what to type then."""
    if open_now:
        eyes = sum(one.verdict == "by_eye" for one in open_now)
        look = ": look, then v on its line" if eyes == len(open_now) else ""
        text = f"REFUSED until every line is ✔{look}. Nothing has been sent."
        yield from ([(row, "bad")] for row in wrap(text, width))
        return
    nothing, begin = "Nothing has been sent. ", "To begin, type "
    typed: Line = [(f" {wanted} ", "here"), (" and Enter.", "")]
    if len(nothing) + len(begin) + length(typed) <= width:
        yield [(nothing + begin, ""), *typed]
    else:
        yield [(nothing, "")]
        yield [(begin, ""), *typed]


# -- how it goes -------------------------------------------------------------------------------


def banner_line(look: CommandLook, key: str, width: int) -> Line | None:
    """Return what stands on every screen while a command is under way; None while none is."""
    text = _banner(look, key)
    return None if text is None else cut([(fit(f" {text}", width), "alarm")], width)


def _banner(look: CommandLook, key: str) -> str | None:
    if look.state == "opening":
        return f"ACT: the bus is opened to command - press {key} to stop"
    if look.state != "under way" or look.view is None:
        return None
    view = look.view
    what = plain_text(view.command.actuator)
    if view.stage == "looking":
        return f"ACT: nothing moved yet; looking at the car - {key} stops"
    if view.stage == "letting go":
        return f"ACT: evdiag hands the {what} back to the car"
    left = "" if view.armed_s is None else f" - {view.armed_s:.0f} s left"
    return f"ACT: evdiag commands the {what}{left} - press {key} to stop"


def progress_lines(look: CommandLook, width: int) -> Iterator[Line]:
    """Yield the steps against what the bus should show, then the conditions as they stand."""
    view = look.view
    if view is None:
        yield [("The bus is being opened to send. Nothing has been sent.", "busy")]
        return
    if view.stage == "looking":
        text = "Looking: is the control unit there, and does every condition hold?"
        yield from ([(row, "busy")] for row in wrap(text, width))
    if view.stage == "letting go":
        yield [("Letting go: the car gets its authority back.", "busy")]
    yield from _steps(view.steps, width)
    yield []
    for row in condition_rows(view.conditions, view.command, width, begun=view.stage != "looking"):
        yield row.line


def _steps(steps: Sequence[StepView], width: int) -> Iterator[Line]:
    for step in steps:
        mark, tone = _STEPS[step.state]
        note = f"  {plain_text(step.note)}" if step.note else ""
        text = f"{plain_text(step.text)}{note}"
        for at, row in enumerate(wrap(text, width - 2)):
            yield [(f"{mark} " if not at else "  ", tone), (row, tone)]


# -- how it ended ------------------------------------------------------------------------------


def outcome_lines(view: ErrandView, width: int) -> Iterator[Line]:
    """Yield how a command ended, whether the car has its authority back, and what to do next."""
    outcome = view.outcome
    if outcome is None:
        return
    word, tone = ENDED[outcome.kind]
    yield [(word, tone), (f"  after {outcome.took_s:.1f} s", "quiet")]
    yield from _said(outcome.text, width, "")
    yield []
    mark, returned = ("✔", "free") if outcome.returned else ("✘", "bad")
    yield from _said(f"{mark} {outcome.returning}", width, returned)
    moved = "was told to move" if outcome.moved else "was not told to move"
    yield from _said(f"The {view.command.actuator} {moved}.", width, "")
    yield []
    yield from _said(f"Next: {outcome.next(view.command.name)}.", width, "strong")
    if view.steps:
        yield []
        yield from _steps(view.steps, width)


def outcome_sentence(command: Command, outcome: Outcome) -> str:
    """Return how a command ended in one sentence."""
    word = ENDED[outcome.kind][0]
    said = f"{command.text}: {word}: {outcome.text}; {outcome.returning}"
    return plain_text(said)


def failure_lines(failure: str, width: int) -> Iterator[Line]:
    """Yield why a command could not even be begun."""
    yield [("NOT BEGUN", "bad")]
    yield from _said(failure, width, "")
    yield []
    yield [("Nothing has been sent.", "strong")]


def head_line(text: str, width: int) -> Line:
    """Return a border with a title."""
    title = fit_short(plain_text(text), max(width - 6, 8))
    rest = "─" * max(0, width - len(title) - 4)
    return cut([("── ", "line"), (title, "title"), (f" {rest}", "line")], width)


def _said(text: str, width: int, tone: str) -> Iterator[Line]:
    yield from ([(row, tone)] for row in wrap(plain_text(text), width, 2))


def _under(text: str, width: int, tone: str, tag: str) -> Iterator[Row]:
    for row in wrap(plain_text(text), width - 4, 0):
        yield Row([("    ", ""), (row, tone)], tag)
