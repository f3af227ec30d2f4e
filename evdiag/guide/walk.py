"""One walk through the procedures: the open step, what was done before it, and what is next. Pure.

Every question is put to the same facts, at a time that came with the inputs; so a journal of the
inputs walks the same way again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Final, Literal

from evdiag.guide.expecting import Expecting, allowed_s
from evdiag.guide.procedure import Book, Branch, Procedure, Step
from evdiag.guide.record import NEVER_BEGUN, EndedBy, GuideView, Phase, StepRecord
from evdiag.guide.safety import (
    ISOLATION_ASKED,
    WORD_ASKED,
    bus_sleeps,
    disproved,
    holds,
    kind_shown,
    session_state,
)
from evdiag.guide.scene import Facts, Scene
from evdiag.inputs import Answer
from evdiag.port.attempt import NANOSECONDS
from evdiag.port.readings import TimelineRow

STOP: Final = "stop"
RESUME: Final = "resume"
BACK: Final = "back"
SKIP: Final = "skip"
REPEAT: Final = "repeat"
UNDERSTOOD: Final = "understood"
DANGER: Final = "danger"
"""What a person can say at any step, beside the step's own answers."""

DONE: Final = "done"
"""The answer to a step that asks nothing."""

DANGER_STEP: Final = "danger-found"
"""Where `DANGER` leads, from anywhere."""

DANGER_QUESTION: Final = "danger"
"""The step that asks whether there is a danger; who says no there takes back what was said."""

COMMAND_NOT_AT_HAND: Final = "command-not-at-hand"
"""The reason why a command step is passed over where evdiag cannot give the command."""


class Walk:
    """A walk that has begun."""

    def __init__(self, book: Book, first: str, now_ns: int, scene: Scene) -> None:
        self._book = book
        self._history: list[StepRecord] = []
        self._answers: dict[str, str] = {}
        self._visits: Counter[str] = Counter()
        self._stopped = False
        self._charged: Literal["ac", "dc"] | None = None
        self._interrupted = ""
        self._orders = {
            BACK: self._back,
            DANGER: self._stop_at_danger,
            REPEAT: self._repeat,
            RESUME: self._resume,
            SKIP: self._skip,
            STOP: self._stop,
            UNDERSTOOD: self._understood,
        }
        self._now_ns = self._began_ns = now_ns
        self._go_to(first, scene)
        self.look(now_ns, scene)

    @property
    def is_open(self) -> bool:
        """True while a step waits for something."""
        return not self._stopped and self._step.kind != "end"

    def answer(self, said: Answer, scene: Scene) -> bool:
        """Take an answer or an order; False where it does not fit the open step."""
        if said.step != self._step.id and said.answer not in (STOP, RESUME):
            return False
        self._now_ns = max(self._now_ns, said.time_ns)
        order = self._orders.get(said.answer)
        taken = self._chosen(said.answer, scene) if order is None else order(scene)
        self.look(self._now_ns, scene)
        return taken

    def row(self, row: TimelineRow, scene: Scene) -> None:
        """Take one change of what the bus shows."""
        if isinstance(row.new, str):
            # Of numbers no movement is asked, and they would fill a step that stands open.
            self._rows.append(row)
        self.look(row.time_ns, scene)

    def look(self, now_ns: int, scene: Scene) -> None:
        """See whether what is known by now leads on."""
        self._now_ns = max(self._now_ns, now_ns)
        self._charged = kind_shown(self._facts(scene, self._began_ns)) or self._charged
        while self.is_open:
            if self._withdrawn(scene):
                continue
            if self._warned:
                return
            self._expecting.look(self._now_ns, partial(self._facts, scene))
            branch = self._way_on(scene)
            if branch is None:
                return
            self._follow(branch, scene)

    def clock_broke(self, now_ns: int, scene: Scene) -> None:
        """A new epoch: nothing before can be timed against what comes, so the step begins anew."""
        self._now_ns = now_ns
        self._open(self._step, scene)

    def next_deadline(self) -> int | None:
        """Return the next moment at which time alone decides something."""
        if self._warned:
            return None
        due = list(self._expecting.deadlines())
        if self._step.limit_s is not None:
            due.append(self._limit_ns)
        return min((moment for moment in due if moment > self._now_ns), default=None)

    def view(self, scene: Scene) -> GuideView:
        """Return how things stand."""
        done = sum(record.was_done for record in self._history)
        return GuideView(
            phase=self._phase,
            procedure=self._home.id,
            step=self._step,
            number=done + 1,
            about=done + self._steps_ahead(scene),
            began_ns=self._began_ns,
            expected=self._expecting.states(),
            warnings=self._warnings,
            doubted=self._doubted,
            session=session_state(self._facts(scene, self._began_ns)),
            history=tuple(self._history),
        )

    # Steps: come to, begun, left.

    def _go_to(self, identifier: str, scene: Scene) -> None:
        """Come to a step; pass over each that cannot help or may not be offered."""
        while True:
            step = self._book.step(identifier)
            self._open(step, scene)
            self._visits[identifier] += 1
            because = self._ruled_out(step, scene)
            unsafe = self._unmet_need(step, scene)
            if because is not None:
                self._leave("ruled_out", scene, because=because)
                identifier = self._home.after(step)
            elif unsafe is not None:
                self._leave("not_offered", scene)
                if session_state(self._facts(scene, self._began_ns)) == "unknown":
                    self._interrupted = self._interrupted or identifier
                identifier = unsafe
            else:
                return

    def _open(self, step: Step, scene: Scene) -> None:
        """Open a step; with warnings, it waits until they are understood."""
        self._step = step
        self._answer: str | None = None
        self._doubted = ""
        self._contradicted = False
        self._was_safe = False
        self._begin(scene)
        facts = self._facts(scene, self._began_ns)
        self._warnings = tuple(
            warning.id
            for warning in step.warnings
            if warning.when is None or warning.when.holds(facts) is not False
        )
        self._warned = bool(self._warnings)

    def _begin(self, scene: Scene) -> None:
        """From now on the bus is watched for what the step expects."""
        self._warned = False
        self._began_ns = self._now_ns
        self._rows: list[TimelineRow] = []
        seconds = partial(allowed_s, scene)
        self._expecting = Expecting(self._step.expects, self._now_ns, seconds)

    def _leave(
        self, ended_by: EndedBy, scene: Scene, *, branch: Branch | None = None, because: str = ""
    ) -> None:
        self._history.append(
            StepRecord(
                step=self._step.id,
                began_ns=self._began_ns,
                ended_ns=self._now_ns,
                ended_by=ended_by,
                answer=self._answer,
                result=None if branch is None else branch.result,
                because=because if branch is None else branch.because,
                expected=() if ended_by in NEVER_BEGUN else self._expecting.states(),
                contradicted=self._contradicted,
                was_read=self._step.kind == "say",
            )
        )
        if self._answer is not None:
            self._answers[self._step.id] = self._answer

    def _withdrawn(self, scene: Scene) -> bool:
        """Leave the open step if it is not known to be safe; say whether it was left.

        A car that falls asleep shows no danger: what is being done by hand may be done to its end.
        """
        facts = self._facts(scene, self._began_ns)
        self._forget(disproved(facts))
        unsafe = self._unmet_need(self._step, scene)
        nobody_knows = session_state(facts) == "unknown" and not self._step.force
        if unsafe is None:
            self._was_safe = True
        elif not (self._was_safe and nobody_knows and bus_sleeps(facts)):
            self._withdraw(unsafe, scene, interrupted=nobody_knows)
            return True
        return False

    def _withdraw(self, instead: str, scene: Scene, *, interrupted: bool) -> None:
        """Leave the open step because it is not known to be safe.

        One that is `interrupted`, because nobody can tell any more, is come back to as soon as
        somebody has said so again.
        """
        self._interrupted = self._step.id if interrupted else ""
        self._leave("withdrawn", scene)
        self._go_to(instead, scene)

    def _forget(self, steps: Iterable[str]) -> None:
        """Take no longer what was answered there: it must be said again."""
        for step in steps:
            self._answers.pop(step, None)

    def _follow(self, branch: Branch, scene: Scene) -> None:
        if self._answer is not None:
            ended_by: EndedBy = "answer"
        else:
            ended_by = "time" if self._timed_out else "bus"
        self._leave(ended_by, scene, branch=branch)
        self._go_to(self._onward(branch, scene), scene)

    def _onward(self, branch: Branch, scene: Scene) -> str:
        """Return where to go: to the step that was interrupted, once it is safe again."""
        left, self._interrupted = self._interrupted, ""
        was_asked = self._step.id in WORD_ASKED
        if left and was_asked and self._unmet_need(self._book.step(left), scene) is None:
            # Nobody went round: being asked once more does not use anything up.
            self._visits[self._step.id] -= 1
            self._visits[left] -= 1
            return left
        return branch.go

    # What leads on.

    def _way_on(self, scene: Scene) -> Branch | None:
        """Return the first branch that fits; the one without a condition only when asked to go.

        A question goes on with its answer, never with the bus alone.
        """
        facts = self._facts(scene, self._began_ns)
        going = self._answer is not None or self._timed_out
        if self._step.kind in ("ask", "say") and not going:
            return None
        for branch in self._step.branches:
            fits = going if branch.when is None else branch.when.holds(facts)
            if fits and self._may_enter(branch.go):
                return branch
        return None

    def _may_enter(self, identifier: str) -> bool:
        """True for every way forward; a way back may be gone only so often, so that a walk ends."""
        forward = self._book.is_forward(self._step.id, identifier)
        return forward or self._visits[identifier] < self._book.step(identifier).visits

    def _ruled_out(self, step: Step, scene: Scene) -> str | None:
        """Return why a step cannot help; None where it might."""
        facts = self._facts(scene, self._began_ns)
        for skip in step.skips:
            if skip.when.holds(facts):
                return skip.because
        if step.kind == "command" and step.command not in scene.commands:
            return COMMAND_NOT_AT_HAND
        return None

    def _unmet_need(self, step: Step, scene: Scene) -> str | None:
        """Return where to go because the step is not safe now; None where it is."""
        facts = self._facts(scene, self._began_ns)
        for need in step.needs:
            if not holds(need.what, facts):
                way_out = need.otherwise
                return way_out if self._may_enter(way_out) else self._book.home(step.id).refuge
        return None

    def _facts(self, scene: Scene, since_ns: int) -> Facts:
        return Facts(
            scene=scene,
            now_ns=self._now_ns,
            since_ns=since_ns,
            rows=self._rows,
            answers=self._answers,
            answer=self._answer,
            met=self._expecting.met,
            missed=frozenset(self._expecting.missed),
            untold=frozenset(self._expecting.untold),
            timed_out=self._timed_out,
            charged_before=self._charged,
        )

    @property
    def _limit_ns(self) -> int:
        return self._began_ns + int((self._step.limit_s or 0) * NANOSECONDS)

    @property
    def _timed_out(self) -> bool:
        waits = self._step.limit_s is not None and not self._warned
        return waits and self._now_ns >= self._limit_ns

    # What the person says.

    def _chosen(self, answer: str, scene: Scene) -> bool:
        """Take one of the step's own answers; one that the bus denies only the second time."""
        choice = next((c for c in self._step.answers if c.id == answer), None)
        plain = answer == DONE and not self._step.answers
        if not self.is_open or self._warned or (choice is None and not plain):
            return False
        if choice is not None and choice.claims is not None:
            denied = choice.claims.holds(self._facts(scene, self._began_ns)) is False
            if denied and self._doubted != answer:
                self._doubted = answer
                return True
            self._contradicted = denied
        self._doubted = ""
        self._answer = answer
        return True

    def _understood(self, scene: Scene) -> bool:
        if not self._warned:
            return False
        self._begin(scene)
        return True

    def _stop(self, scene: Scene) -> bool:
        del scene
        was_open = self.is_open
        self._stopped = self._stopped or was_open
        return was_open

    def _resume(self, scene: Scene) -> bool:
        if not self._stopped:
            return False
        self._stopped = False
        # Nobody watched meanwhile: what somebody said before may no longer be so.
        self._forget(WORD_ASKED)
        if self._step.force:
            self._withdraw(ISOLATION_ASKED, scene, interrupted=True)
        else:
            self._open(self._step, scene)
        return True

    def _skip(self, scene: Scene) -> bool:
        if not self.is_open:
            return False
        self._leave("skipped", scene)
        self._go_to(self._home.after(self._step), scene)
        return True

    def _repeat(self, scene: Scene) -> bool:
        if not self.is_open:
            return False
        self._leave("repeated", scene)
        self._open(self._step, scene)
        return True

    def _stop_at_danger(self, scene: Scene) -> bool:
        if not self.is_open or DANGER_STEP not in self._book:
            return False
        self._answer = DANGER
        self._leave("answer", scene)
        self._go_to(DANGER_STEP, scene)
        return True

    def _back(self, scene: Scene) -> bool:
        """Take back the last step that a person came to, with its answer."""
        self._interrupted = ""
        while self._history:
            record = self._history.pop()
            self._visits[self._step.id] -= 1
            self._answers.pop(record.step, None)
            self._step = self._book.step(record.step)
            if record.was_done:
                self._stopped = False
                self._open(self._step, scene)
                return True
        return False

    # What is shown.

    @property
    def _home(self) -> Procedure:
        return self._book.home(self._step.id)

    @property
    def _phase(self) -> Phase:
        if self._stopped:
            return "stopped"
        if self._step.kind == "end":
            return "ended"
        if self._warned:
            return "warnings"
        return "second_look" if self._doubted else "doing"

    def _steps_ahead(self, scene: Scene) -> int:
        """Count the steps from here on that nothing rules out yet, this one included."""
        steps = self._home.steps
        ahead = steps[steps.index(self._step) :]
        return sum(
            step.kind != "end" and (step is self._step or self._ruled_out(step, scene) is None)
            for step in ahead
        )
