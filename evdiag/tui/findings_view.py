"""The findings: what is wrong as far as is known, what to do next, and which part it may be."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from evdiag.diagnosis import Finding
from evdiag.guide_files import step_phrase
from evdiag.plain import plain_text
from evdiag.port.attempt import Evidence
from evdiag.tui.card_lines import card_lines
from evdiag.tui.empty import which_car
from evdiag.tui.lines import Line, LineList, TextList, wrap
from evdiag.tui.moment import Moment
from evdiag.tui.view import HelpText, View


class FindingsView(View):
    """One page to scroll through."""

    NAME = "findings"
    ABOUT = HelpText(
        "The findings",
        (
            "Each finding is a fault that the evidence up to here speaks for, with how sure it is: "
            "certain, likely or possible. Next is what to do, safest first. Against is what "
            "contradicts it; elsewhere is what others call it. Missing are signals that this car "
            "does not offer and that would have told more.",
            "Below them one release, the last that did not go as it should, is laid over what is "
            "normal for this car: what differs, and for and against which part that speaks, so "
            "that nobody swaps one by guess.",
            "Findings grow while time goes on; in a recording End shows what the whole of it says.",
        ),
    )

    def compose(self) -> ComposeResult:
        """One list to scroll through."""
        yield TextList(id="findings-text")

    @property
    def main_list(self) -> LineList:
        """The page."""
        return self.query_one(TextList)

    def draw(self, moment: Moment) -> None:
        """Draw a moment."""
        page = self.query_one(TextList)
        width = max(page.size.width - 4, 20)
        lines = [line for finding in moment.findings for line in _finding(finding, moment, width)]
        if moment.card is not None and moment.car is not None:
            lines += card_lines(moment.card, width)
        if moment.car is None:
            lines = [[(row, "empty")] for row in wrap(which_car(moment), width)]
        if moment.played is not None and not moment.played.playback.at_end:
            ahead = "The recording has not been played to its end: End shows what all of it says."
            lines += [[(row, "empty")] for row in wrap(ahead, width)]
        page.put(lines)

    def text_to_copy(self) -> str:
        """Copy the page."""
        return self.query_one(TextList).text


def _finding(finding: Finding, moment: Moment, width: int) -> Iterator[Line]:
    entry = finding.entry
    if entry is not None and finding.confidence is not None:
        name = plain_text(f"{entry.id.replace('_', ' ')}  {entry.number}")
        yield [(finding.confidence.upper(), "bad"), (f"  {name}", "title")]
    for row in wrap(plain_text(finding.summary), width):
        yield [(row, "strong")]
    for step in finding.next:
        yield from _labelled("next", step_phrase(step), width)
    yield from _evidence(finding.evidence, moment)
    if finding.against:
        yield [("  against it", "quiet")]
        yield from _evidence(finding.against, moment)
    if entry is not None and entry.names:
        yield from _labelled("elsewhere", "; ".join(name.name for name in entry.names), width)
    if finding.missing:
        yield from _labelled("missing:", ", ".join(finding.missing), width)
    yield []


def _labelled(label: str, text: str, width: int) -> Iterator[Line]:
    head = f"  {label}  "
    for at, row in enumerate(wrap(plain_text(text), width - len(head))):
        yield [(head if not at else " " * len(head), "quiet"), (row, "")]


def _evidence(evidence: tuple[Evidence, ...], moment: Moment) -> Iterator[Line]:
    for time_ns, text in evidence:
        place = moment.place_text(moment.at_s(time_ns)) if moment.has_clock else ""
        yield [(f"{place:>10}  ", "quiet"), (plain_text(text), "")]
