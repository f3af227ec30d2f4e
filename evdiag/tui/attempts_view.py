"""The attempts: a list of all of them, and everything about the chosen one."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from evdiag.plain import plain_text
from evdiag.port.attempt import Attempt
from evdiag.tui.empty import no_attempt
from evdiag.tui.lines import Line, LineList, LinePane, fit, fit_right, wrap
from evdiag.tui.moment import Moment
from evdiag.tui.port_lines import evidence_lines
from evdiag.tui.view import HelpText, View
from evdiag.tui.words import asked_text, number_text, outcome_text, span_text

_GOOD = ("released",)
_NEUTRAL = ("left_open", "already_open", "cancelled", "inconclusive")


class AttemptList(LineList):
    """One line an attempt; those that the playback has not reached are marked as ahead."""

    def __init__(self) -> None:
        super().__init__(id="attempt-list")
        self.attempts: list[tuple[Attempt, float, bool]] = []
        self.places: list[str] = []

    def line(self, index: int, width: int) -> Line:
        """Write one attempt."""
        attempt, _, reached = self.attempts[index]
        outcome = outcome_text(attempt) if reached else "ahead"
        tone = _tone(attempt) if reached else "quiet"
        pieces: list[tuple[str, str]] = [
            (fit_right(str(attempt.number), 3), "quiet"),
            (fit(f" {self.places[index]}".rjust(10), 11), ""),
            (fit(f" {(attempt.request or 'nobody').replace('_', ' ')}", 16), ""),
            (fit(f" {outcome}", 20), tone),
        ]
        if width >= 76 and reached:
            delays = (attempt.released_after_s, attempt.pulled_after_s, attempt.relocked_after_s)
            pieces += [(fit_right("–" if d is None else f"{d:.2f} s", 9), "") for d in delays]
        return pieces


class AttemptsView(View):
    """The list and the detail."""

    NAME = "attempts"
    ABOUT = HelpText(
        "The attempts",
        (
            "Each line is one attempt to get the plug out: when, who asked, how it ended, and how "
            "long it took: request to open lock, open lock to plug out, open lock to locked again.",
            "In a recording, attempts that the playback has not reached yet are marked ahead. "
            "Choose one and press Enter to play from where it opens.",
            "Below is the evidence: what the bus showed, counted from the request.",
        ),
    )

    DEFAULT_CSS = """
    AttemptsView #attempt-head { height: 1; background: $panel; }
    AttemptsView #attempt-list { height: 2fr; max-height: 12; }
    AttemptsView #attempt-detail { height: 3fr; background: $surface; }
    AttemptsView LineList:focus { background-tint: $accent 6%; }
    """

    def compose(self) -> ComposeResult:
        """Lay out head, list and detail."""
        yield LinePane(id="attempt-head")
        yield AttemptList()
        yield LinePane(id="attempt-detail")

    @property
    def main_list(self) -> AttemptList:
        """The list of attempts."""
        return self.query_one(AttemptList)

    def draw(self, moment: Moment) -> None:
        """Draw a moment."""
        head, detail = (self.query_one(f"#attempt-{part}", LinePane) for part in ("head", "detail"))
        listed = self.main_list
        listed.attempts = list(_listed(moment))
        listed.places = [moment.place_text(at_s) for _, at_s, _ in listed.attempts]
        listed.resize_to(len(listed.attempts))
        head.put([_head(head.size.width)])
        width = detail.size.width
        if listed.attempts:
            attempt, _, reached = listed.attempts[listed.cursor]
            detail.put(_detail(attempt, moment, reached, width))
        else:
            detail.put([(" ", ""), (row, "empty")] for row in wrap(no_attempt(moment), width - 2))

    def act_choose(self) -> None:
        """Play from where the chosen attempt opens."""
        if self.main_list.attempts:
            attempt, _, _ = self.main_list.attempts[self.main_list.cursor]
            if self.moment.played is not None:
                self.moment.played.playback.go_to_attempt(attempt.number)

    def text_to_copy(self) -> str:
        """Copy the detail."""
        return self.query_one("#attempt-detail", LinePane).text


def _listed(moment: Moment) -> Iterator[tuple[Attempt, float, bool]]:
    """Yield every attempt, its place, and whether it is reached: what is ahead as it will be."""
    reached = moment.snapshot.attempts
    for attempt, at_s in zip(reached, moment.track.attempts_at(reached), strict=True):
        yield attempt, at_s, True
    if moment.played is None:
        return
    playback = moment.played.playback
    for attempt in playback.all_attempts[len(reached) :]:
        row = playback.history.attempt_rows[attempt.number - 1]
        yield attempt, playback.elapsed_at(row), False


def _head(width: int) -> Line:
    columns = fit_right("#", 4) + fit_right("at", 10) + "  " + fit("asked by", 15)
    columns += " " + fit("outcome", 19)
    if width >= 76:
        columns += "".join(fit_right(name, 9) for name in ("opened", "pulled", "relocked"))
    return [(columns, "quiet")]


def _tone(attempt: Attempt) -> str:
    if attempt.outcome is None:
        return "busy"
    if attempt.outcome in _GOOD:
        return "free"
    return "strong" if attempt.outcome in _NEUTRAL else "bad"


def _detail(attempt: Attempt, moment: Moment, reached: bool, width: int) -> Iterator[Line]:
    yield [
        (f" Attempt {attempt.number}: ", "title"),
        (asked_text(attempt), "strong"),
        (" · ", "quiet"),
        (outcome_text(attempt) if reached else "ahead: Enter goes there", "strong"),
    ]
    if not reached:
        return
    for name, seconds in (
        ("opened after", attempt.released_after_s),
        ("pulled after", attempt.pulled_after_s),
        (f"locked again {_by(attempt)}after", attempt.relocked_after_s),
    ):
        if seconds is not None:
            yield [(f" {name} ", "quiet"), (span_text(seconds), "strong")]
    if attempt.outcome is None and (ago := moment.ago_s(attempt.opened_ns)) is not None:
        yield [(" running for ", "quiet"), (span_text(ago), "busy")]
    if attempt.reason:
        yield from ([(f" {row}", "")] for row in wrap(plain_text(attempt.reason), width - 2))
    if attempt.bounces:
        yield [(f" the lock bounced {attempt.bounces} times", "quiet")]
    yield from _circumstances(attempt, width)
    yield []
    for line in evidence_lines(attempt):
        rows = wrap("".join(text for text, _ in line).strip(), width - 2)
        yield [(" ", ""), *line] if len(rows) == 1 else [(f" {rows[0]}", "")]
        yield from ([(f"          {row}", "")] for row in rows[1:])


def _by(attempt: Attempt) -> str:
    return {"timer": "by itself ", "person": "asked to ", None: ""}[attempt.relock_cause]


def _circumstances(attempt: Attempt, width: int) -> Iterator[Line]:
    known = [
        ("lock current up to", attempt.peak_lock_current, "A"),
        ("supply down to", attempt.lowest_supply, "V"),
        ("outside", attempt.ambient_temperature, "°C"),
    ]
    said = ", ".join(f"{what} {number_text(n)} {unit}" for what, n, unit in known if n is not None)
    if said:
        yield from ([(f" {row}", "quiet")] for row in wrap(said, width - 2))
