"""Being guided, whatever there is to look at: a live bus, a recording, or the answers alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from evdiag.errors import BadInputError
from evdiag.guide.engine import START, Guide
from evdiag.guide.page import Page, page
from evdiag.guide.scene import NoBus, Scene
from evdiag.guide.texts import Texts
from evdiag.guide.walk import RESUME, STOP
from evdiag.guide_files import book
from evdiag.inputs import Answer
from evdiag.plain import plain_text
from evdiag.recordings.journal.header import Header
from evdiag.recordings.journal.writer import Journal
from evdiag.session import Session
from evdiag.vehicles.profile import Profile
from evdiag.wiring import Analysis, read_capture

_STEP_NS = 1_000
"""Between two answers at one place of a recording: a microsecond, the grain of its stamps."""


class Guided(Protocol):
    """What a front end needs to guide somebody."""

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows now; None while it is idle."""

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide."""


class AnswersOnly:
    """A guide with no bus: it goes by what the person says, and by the car's profile if named.

    The answers go into a journal without frames, so that the walk can be resumed and reported.
    A stuck cable does not wait for a disk: where nothing can be written the guide goes on.
    """

    def __init__(
        self,
        profile: Profile | None,
        folder: Path | None,
        *,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Begin a journal in `folder`; None keeps nothing."""
        self._guide = Guide(book())
        self._scene: Scene = NoBus(profile)
        self._wall_ns = wall_ns
        self._journal: Journal | None = None
        self._no_journal: str | None = None
        if folder is not None:
            began = Header(self._now_ns(), time.monotonic_ns(), adapter={"bus": "none"})
            try:
                self._journal = Journal(folder, began, label="guide")
            except BadInputError as problem:
                self._no_journal = str(problem)

    @property
    def file(self) -> Path | None:
        """Where the answers are kept."""
        return None if self._journal is None else self._journal.path

    @property
    def unkept(self) -> str | None:
        """Why what is answered is not kept; None where it is, or where nobody asked for it."""
        return self._no_journal if self._journal is None else self._journal.state.alarm

    @property
    def is_open(self) -> bool:
        """True until the walk has come to its end."""
        return self._guide.view(self._scene).phase != "ended"

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows now."""
        now_ns = self._now_ns()
        self._guide.advance(now_ns, self._scene)
        return page(self._guide.view(self._scene), self._scene, texts, now_ns)

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide, and keep it."""
        said = Answer(self._now_ns(), step, answer)
        self._guide.advance(said.time_ns, self._scene)
        self._guide.answer(said, self._scene)
        if self._journal is not None:
            self._journal.write([said])
            self._journal.flush()

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def _now_ns(self) -> int:
        return self._wall_ns() // 1000 * 1000


class AtTheEnd:
    """A guide on a recording, as its car stands when it ends; what was answered then goes on."""

    def __init__(self, analysis: Analysis) -> None:
        self._session: Session = analysis.run(book())[0]
        self._now_ns = self._session.stream_ns or 0
        come_back(self)

    def guide_page(self, texts: Texts) -> Page | None:
        """Return what the guide shows now."""
        return page(self._session.guide(), self._session, texts, self._now_ns)

    def answer(self, step: str, answer: str) -> None:
        """Say something to the guide."""
        self._now_ns += _STEP_NS
        self._session.answer(Answer(self._now_ns, step, answer))


def begin(guided: Guided, place: str, earlier: list[Answer]) -> None:
    """Begin at a procedure or step; or walk again what was answered `earlier`, and go on there."""
    if not earlier:
        guided.answer(place, START)
    for said in earlier:
        if said.answer not in (STOP, RESUME):
            guided.answer(said.step, said.answer)
    if earlier:
        come_back(guided)


def come_back(guided: Guided) -> None:
    """Go on with a walk that was left: what was said of the session must be said again."""
    for order in (STOP, RESUME):
        guided.answer("", order)


def answers_in(name: str) -> list[Answer]:
    """Return what was answered to the guide in a recording, from its last beginning on.

    Raises:
        BadInputError: it cannot be read, or nobody was guided in it.
    """
    journal = read_capture(name).journal
    said = [] if journal is None else [i.item for i in journal.inputs if isinstance(i.item, Answer)]
    starts = [place for place, answer in enumerate(said) if answer.answer == START]
    if not starts:
        raise BadInputError(
            f"{plain_text(name)}: nobody was guided in this recording: there is nothing to resume"
        )
    return said[starts[-1] :]
