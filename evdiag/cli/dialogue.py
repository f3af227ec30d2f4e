"""The guide as a dialogue in lines: for screen readers, for SSH, for scripts."""

from __future__ import annotations

import io
import queue
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from evdiag.guide.page import AFFIRMATIVE, MARKS, NEGATIVE
from evdiag.guide.walk import BACK, DANGER, REPEAT, SKIP, STOP
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.guide.page import EvidenceLine, HistoryLine, Page
    from evdiag.guide.texts import Texts
    from evdiag.guiding import Guided

_LOOK_S = 0.1
_PATIENCE = 20
"""Looks that an answer is given on a live bus before it counts as not taken."""

_WIDTH = 78
_SPOKEN_SECONDS = (60, 30, 20, 15, 10, 5, 4, 3, 2, 1)
"""Of a countdown, what is said aloud: every second would drown the rest."""

_ORDERS = {
    "b": BACK, "s": SKIP, "r": REPEAT, "d": DANGER, "q": STOP,
    BACK: BACK, SKIP: SKIP, REPEAT: REPEAT, DANGER: DANGER, STOP: STOP,
}  # fmt: skip


class Dialogue:
    """Shows each step once, says what changes meanwhile, and takes answers from standard input.

    With `watching` the bus may lead on by itself; without it nothing changes but by an answer.
    `opening` is said first, `stopped` in place of what the page says where it is stopped.
    """

    def __init__(
        self,
        guided: Guided,
        texts: Texts,
        *,
        watching: bool = False,
        opening: str = "",
        stopped: str = "",
    ) -> None:
        self._guided = guided
        self._texts = texts
        self._watching = watching
        self._opening = opening
        self._stopped = stopped
        self._shown: Page | None = None
        self._spoken: set[int] = set()
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._nobody_answers = False
        self._stop_said = False
        self._answered_at: tuple[str, str, int] | None = None
        self._patience = 0

    def run(self) -> None:
        """Go on until the guide has ended, is stopped, or no more input comes."""
        if self._opening:
            _say(self._opening)
        threading.Thread(target=self._read, name="answers", daemon=True).start()
        waited = 0
        while True:
            page = self._guided.guide_page(self._texts)
            if page is not None:
                self._show(page)
                if page.phase in ("ended", "stopped"):
                    return
                if self._nobody_answers and not self._stop_said:
                    self._stop_said = True
                    self._guided.answer(page.step, STOP)
                    continue
            elif waited > 50:
                # What was said at the beginning is still on its way through the live sequence.
                return
            waited += 1
            self._take_line()

    def _read(self) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="backslashreplace")
        for line in sys.stdin or ():
            self._lines.put(line.strip())
        self._lines.put(None)

    def _take_line(self) -> None:
        if self._shown is None:
            # Nothing has been asked yet: what is said is kept for what will be.
            time.sleep(_LOOK_S)
            return
        if self._patience and self._shown is not None and _place(self._shown) == self._answered_at:
            # An answer is on its way through the live sequence: the next is for what comes of it.
            self._patience -= 1
            time.sleep(_LOOK_S)
            return
        try:
            line = self._lines.get(timeout=_LOOK_S if self._watching else None)
        except queue.Empty:
            return
        if line is None:
            self._nobody_answers = True
        elif line:
            self._understand(line, self._shown)

    def _understand(self, line: str, page: Page) -> None:
        if line == "?":
            self._shown = None
            return
        answer = _answer(line, page)
        if answer is None:
            _say(f"{plain_text(line)!r} ? {_options(page)}")
        else:
            self._guided.answer(page.step, answer)
            self._answered_at = _place(page)
            self._patience = _PATIENCE if self._watching else 0

    def _show(self, page: Page) -> None:
        before, self._shown = self._shown, page
        if page.phase == "stopped":
            _say(self._stopped or page.notice)
            return
        if before is None or _place(before) != _place(page):
            self._spoken.clear()
            said = self._asked_again if before and _same_step(before, page) else self._whole
            for line in said(page, before):
                _say(line)
            return
        for line in self._news(page, before):
            _say(line)

    def _whole(self, page: Page, before: Page | None) -> Iterator[str]:
        known = 0 if before is None else len(before.history)
        for done in page.history[known:]:
            yield _history(done)
        yield ""
        yield f"== {page.procedure} · {page.progress}" if page.phase != "ended" else "=="
        yield page.title
        yield from _indented(page.do)
        if page.why:
            yield from _indented(f"{self._texts.word('because')}: {page.why}")
        for warning in page.warnings:
            yield from _indented(f"! {self._texts.word('warning')}: {warning}")
        if page.phase == "ended":
            yield page.ending
            return
        yield from self._asked_again(page, before)

    def _asked_again(self, page: Page, before: Page | None) -> Iterator[str]:
        """Yield what is asked, and what the bus shows, where the step itself has been said."""
        del before
        yield f"  ({page.session})"
        yield from (_evidence(line) for line in page.evidence)
        if page.notice:
            yield from _indented(page.notice)
        if page.options:
            words = self._texts.word
            orders = f"b {words('back')}, r {words('repeat')}, s {words('skip')}, "
            orders += f"d {words('danger')}, q {words('stop')}, ?"
            yield f"{_options(page)}   [{orders}]"

    def _news(self, page: Page, before: Page) -> Iterator[str]:
        """Yield what has changed in the step that is shown."""
        # What the bus should show is there only once the car is known.
        known = {line.text: line.state for line in before.evidence}
        yield from (_evidence(now) for now in page.evidence if now.state != known.get(now.text))
        yield from page.tries[len(before.tries) :]
        if page.session != before.session:
            yield f"  ({page.session})"
        if page.relock_left_s is not None:
            left = int(page.relock_left_s)
            if left in _SPOKEN_SECONDS and left not in self._spoken:
                self._spoken.add(left)
                words = self._texts.word
                yield f"  {words('pull_now')}: {words('locks_again_in')} {left} s"
        else:
            self._spoken.clear()


def _same_step(before: Page, page: Page) -> bool:
    """Say whether only the phase of a step has changed: its warnings are understood, say."""
    return (before.step, len(before.history)) == (page.step, len(page.history))


def _place(page: Page) -> tuple[str, str, int]:
    return page.step, page.phase, len(page.history)


def _answer(line: str, page: Page) -> str | None:
    """Return what a line means here: a number, an answer's name or words, or an order's letter."""
    said = line.casefold()
    answers = [option.answer for option in page.options]
    if said.isdigit():
        place = int(said) - 1
        return answers[place] if 0 <= place < len(answers) else None
    for option in page.options:
        if said in (option.answer.casefold(), option.text.casefold()):
            return option.answer
    for letters, meant in (("yj", AFFIRMATIVE), ("n", NEGATIVE)):
        if len(said) == 1 and said in letters:
            return next((answer for answer in answers if answer in meant), None)
    return _ORDERS.get(said)


def _options(page: Page) -> str:
    return "   ".join(f"{n} {option.text}" for n, option in enumerate(page.options, start=1))


def _evidence(line: EvidenceLine) -> str:
    detail = f" ({line.detail})" if line.detail else ""
    return f"  {MARKS[line.state]} {line.text}{detail}"


def _history(done: HistoryLine) -> str:
    return f"{done.mark} {done.text}: {done.result}"


def _indented(text: str) -> Iterator[str]:
    for paragraph in text.splitlines():
        yield from textwrap.wrap(paragraph, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _say(line: str) -> None:
    click.echo(plain_text(line))
