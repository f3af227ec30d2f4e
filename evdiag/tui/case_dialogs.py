"""What the screens ask about the case book: which case, and what a new one is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from evdiag.plain import plain_text
from evdiag.tui.choice import Choice, Entry
from evdiag.tui.lines import LinePane, cut

if TYPE_CHECKING:
    from evdiag.casebook.values import CaseCard, VehicleCard
    from evdiag.tui.case_desk import SeenCar

NEW: Final = "new"
NO_CASE: Final = "none"

_SAME, _MAYBE, _OTHER = range(3)
"""How likely it is that a car of the book is the one on the bus."""


class CaseChoice(Choice):
    """Asks into which case, once the book has been read; answers with its number as text.

    `number` is the case that is chosen already. `NEW` and `NO_CASE` are answers, too.
    """

    def __init__(self, car: SeenCar, number: int | None) -> None:
        super().__init__("Which case? Reading the case book …", ())
        self._car = car
        self._number = number

    def put(self, cases: Sequence[CaseCard]) -> None:
        """Show the open cases."""
        ranks = {case.number: likeness(case.vehicle, self._car) for case in cases}
        ordered = sorted(cases, key=lambda case: ranks[case.number])
        likely = (case.number for case in ordered if ranks[case.number] < _OTHER)
        first = next(likely, None) if self._number is None else self._number
        self.offer(
            "Which case does the recording go into?",
            list(_entries(ordered, self._number)),
            NEW if first is None else str(first),
        )

    def give_up(self) -> None:
        """Leave: the book cannot be read."""
        if self.is_current:
            self.dismiss(None)

    def action_choose(self) -> None:
        """Answer, once there is something to choose from."""
        if self._entries:
            super().action_choose()


def likeness(known: VehicleCard, seen: SeenCar) -> int:
    """Rank a car of the book by how likely it is the one that is seen; the smallest is likeliest.

    A case about any other car would be refused.
    """
    if None not in (known.vin, seen.vin):
        return _SAME if known.vin == seen.vin else _OTHER
    if None not in (known.profile, seen.profile) and known.profile != seen.profile:
        return _OTHER
    return _MAYBE


def _entries(cases: Sequence[CaseCard], chosen: int | None) -> Iterator[Entry]:
    for case in cases:
        name = plain_text(f"{case.number}  {case.vehicle.name}")
        words = (case.vehicle.profile, case.complaint)
        yield Entry(str(case.number), name, plain_text("  ".join(filter(None, words))))
    yield Entry(NEW, "a new case …", "with its number plate and complaint")
    if chosen is not None:
        yield Entry(NO_CASE, "no case", f"not into case {chosen} any more")


class NewCase(ModalScreen[tuple[str, str] | None]):
    """Asks for the number plate and the complaint of a new case; either may be empty."""

    DEFAULT_CSS = """
    NewCase { align: center middle; background: $background 60%; }
    NewCase Vertical { width: 60; max-width: 94%; height: 9; padding: 1 2; background: $panel; }
    NewCase LinePane { height: 1; }
    NewCase Input { height: 1; border: none; padding: 0; background: $surface; margin-top: 1; }
    NewCase #new-case-keys { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel", show=False),
        Binding("down", "app.focus_next", "next", show=False),
        Binding("up", "app.focus_previous", "before", show=False),
    ]

    def __init__(self, car: SeenCar) -> None:
        super().__init__()
        self._car = car

    def compose(self) -> ComposeResult:
        """The car, two lines to type in, the keys."""
        with Vertical():
            yield LinePane(id="new-case")
            yield Input(placeholder="number plate", compact=True, id="plate")
            yield Input(placeholder="what it is here for", compact=True, id="complaint")
            yield LinePane(id="new-case-keys")

    def on_mount(self) -> None:
        """Ask."""
        words = "  ".join(filter(None, (self._car.name, self._car.vin)))
        self.query_one("#new-case", LinePane).put(
            [cut([("A new case  ", "title"), (plain_text(words), "quiet")], 56)]
        )
        keys = [("Enter ", "key"), ("goes on  ", "quiet"), ("Esc ", "key"), ("cancels", "quiet")]
        self.query_one("#new-case-keys", LinePane).put([keys])
        self.set_focus(self._line("plate"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the complaint, then answer."""
        if event.input.id == "plate":
            self.set_focus(self._line("complaint"))
        else:
            self.dismiss((self._line("plate").value.strip(), event.value.strip()))

    def _line(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)
