"""The guide: takes the person's answers and what the bus shows, and says what is next.

Station: after the findings. In: answers, timeline rows, the passing of stream time. Out: a view
of the open step and of what was tried. Pure.
"""

from __future__ import annotations

from typing import Final

from evdiag.guide.procedure import Book
from evdiag.guide.record import IDLE, GuideView
from evdiag.guide.scene import Scene
from evdiag.guide.walk import DANGER_QUESTION, Walk
from evdiag.inputs import Answer
from evdiag.port.readings import TimelineRow

START: Final = "start"
"""The answer that begins a walk; its step names a procedure, or a step to begin at."""


class Guide:
    """The walk that is on, if any.

    `danger_told`: a person has said that something is dangerous, and not since that nothing is.
    """

    def __init__(self, book: Book, *, danger_told: bool = False) -> None:
        self._book = book
        self._walk: Walk | None = None
        self.danger_told = danger_told

    @property
    def is_open(self) -> bool:
        """True while a step waits for something."""
        return self._walk is not None and self._walk.is_open

    def answer(self, said: Answer, scene: Scene) -> bool:
        """Take what the person says; False where it fits nothing that is open."""
        if said.answer != START:
            taken = self._walk is not None and self._walk.answer(said, scene)
            self._note_danger(scene)
            return taken
        first = self._first_step(said.step)
        if first is not None:
            self._walk = Walk(self._book, first, said.time_ns, scene)
        return first is not None

    def row(self, row: TimelineRow, scene: Scene) -> None:
        """Take one change of what the bus shows."""
        if self._walk is not None and self._walk.is_open:
            self._walk.row(row, scene)

    def look(self, now_ns: int, scene: Scene) -> None:
        """Something else has changed: a bus fell asleep, an attempt ended."""
        if self._walk is not None and self._walk.is_open:
            self._walk.look(now_ns, scene)

    def clock_broke(self, now_ns: int, scene: Scene) -> None:
        """The clock jumped back: the open step begins anew."""
        if self._walk is not None and self._walk.is_open:
            self._walk.clock_broke(now_ns, scene)

    def advance(self, stream_ns: int, scene: Scene) -> None:
        """Fire every deadline that stream time is strictly past, in order."""
        while self._walk is not None and self._walk.is_open:
            due_ns = self._walk.next_deadline()
            if due_ns is None or due_ns >= stream_ns:
                return
            self._walk.look(due_ns, scene)

    def view(self, scene: Scene) -> GuideView:
        """Return how the walk stands."""
        return IDLE if self._walk is None else self._walk.view(scene)

    def _note_danger(self, scene: Scene) -> None:
        view = self.view(scene)
        if view.step is not None and view.step.ending == "danger":
            self.danger_told = True
        elif any(record.step == DANGER_QUESTION and record.was_done for record in view.history):
            self.danger_told = False

    def _first_step(self, named: str) -> str | None:
        for procedure in self._book.procedures:
            if procedure.id == named:
                return procedure.start
        return named if named in self._book else None
