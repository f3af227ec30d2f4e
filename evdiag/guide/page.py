"""What a guide shows, in words, for every front end: screen, dialogue and report alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evdiag.guide.procedure import Step
from evdiag.guide.record import ExpectationState, Expected, GuideView, Phase, StepRecord
from evdiag.guide.safety import COUNTS_AS_OVER
from evdiag.guide.scene import Scene
from evdiag.guide.texts import Texts, fill
from evdiag.guide.walk import DONE, UNDERSTOOD
from evdiag.guide.wording import filled_step, places
from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.port.relock import relock_left_s, relock_timer
from evdiag.vocabulary import COMMANDS, CommandName

MARKS: Mapping[ExpectationState, str] = {
    "met": "✔",
    "missed": "✘",
    "waiting": "…",
    "before": "·",
    "cannot_tell": "?",
}
"""How an expectation stands, in one sign."""

AFFIRMATIVE = (
    "came_out", "came_out_there", "yes", "done", "understood", "still_in_charge_point",
)  # fmt: skip
NEGATIVE = ("still_stuck", "still_stuck_there", "no", "out_first")
"""The answers that one letter gives wherever they are offered: yes and no."""

RECORD_MARKS = {"worked": "✔", "did_not_help": "✘", "could_not_work": "✘", None: "·"}


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One thing that the bus should show; `detail` says when, or how long it is waited for."""

    state: ExpectationState
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class Option:
    """An answer that can be given, and its words."""

    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A step that was come to: its mark, what it was, and what became of it in a sentence.

    `tries` says what each try in it did, as far as the bus showed it.
    """

    step: str
    mark: str
    text: str
    result: str
    tries: tuple[str, ...] = ()
    passed_over: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """All that is shown of a guide at one moment.

    `session` says in words how the charging session stands, `session_is_safe` whether that is
    over. `relock_left_s` is the countdown until the lock closes again, None where none runs;
    `relock_full_s` is what it counts down from.
    `command` is what the step has evdiag tell the car, None where it is no such step.
    `notice` is set where a second look is asked for, or the guide is stopped or has ended.
    """

    phase: Phase
    procedure: str
    progress: str
    title: str
    do: str
    why: str
    warnings: tuple[str, ...]
    notice: str
    evidence: tuple[EvidenceLine, ...]
    tries: tuple[str, ...]
    session: str
    session_is_safe: bool
    options: tuple[Option, ...]
    history: tuple[HistoryLine, ...]
    relock_left_s: float | None
    step: str
    ending: str = ""
    relock_full_s: float = 0.0
    command: CommandName | None = None


def page(view: GuideView, scene: Scene, texts: Texts, now_ns: int) -> Page | None:
    """Put a guide into words; None while it is idle."""
    if view.step is None:
        return None
    filling = places(texts, scene)
    step = filled_step(texts, view.step.id, filling)
    left_s, timer = None, relock_timer(scene.profile, scene.attempts)
    is_safe = view.session in COUNTS_AS_OVER
    if view.step.countdown and is_safe and scene.profile is not None:
        left_s = relock_left_s(scene.profile, scene.attempts, now_ns)
    number, about = str(view.number), str(max(view.about, view.number))
    return Page(
        phase=view.phase,
        procedure=texts.procedure(view.procedure),
        progress=fill(texts.word("about"), {"number": number, "about": about}),
        title=step.title,
        do=step.do,
        why=step.why,
        warnings=tuple(fill(texts.say("warnings", name), filling) for name in view.warnings),
        notice=_notice(view, texts),
        evidence=tuple(_evidence(view, scene, texts, now_ns)),
        tries=tuple(_tries(scene.attempts, view.began_ns, None, texts)),
        session=texts.word(f"session_{view.session}"),
        session_is_safe=is_safe,
        options=_options(view, texts),
        history=tuple(_history(view, scene, texts)),
        relock_left_s=left_s,
        step=view.step.id,
        ending=texts.say("endings", view.step.ending) if view.step.ending else "",
        relock_full_s=0.0 if timer is None else timer.shortest_s,
        command=_command(view.step),
    )


def _command(step: Step) -> CommandName | None:
    if step.kind != "command":
        return None
    return next((name for name in COMMANDS if name == step.command), None)


def _notice(view: GuideView, texts: Texts) -> str:
    match view.phase:
        case "second_look":
            answer = texts.say("answers", view.doubted)
            asked = fill(texts.word("second_look_text"), {"answer": answer})
            return f"{texts.word('second_look')}. {asked}"
        case "stopped":
            return texts.word("stopped")
        case "ended":
            return texts.word("ended")
    last = view.history[-1] if view.history else None
    if last is not None and last.ended_by in ("not_offered", "withdrawn"):
        # Else it looks as if the person's answer had been lost.
        return f"{texts.step(last.step).short}: {_became(last, texts)}"
    return ""


def _options(view: GuideView, texts: Texts) -> tuple[Option, ...]:
    if view.step is None or view.phase in ("ended", "stopped"):
        return ()
    if view.phase == "warnings":
        return (Option(UNDERSTOOD, texts.word("understood")),)
    if view.step.kind == "say":
        return (Option(DONE, texts.word("understood")),)
    answers = [choice.id for choice in view.step.answers] or [DONE]
    return tuple(Option(answer, texts.say("answers", answer)) for answer in answers)


def _evidence(view: GuideView, scene: Scene, texts: Texts, now_ns: int) -> Iterator[EvidenceLine]:
    """Yield what the bus should show in the open step; without a bus there is nothing to show.

    At the end of a recording only what it did show: nothing is waited for.
    """
    if scene.readings is None or view.phase not in ("doing", "second_look"):
        return
    for expected in view.expected:
        if expected.state == "met" or not scene.has_ended:
            yield _evidence_line(view, expected, texts, now_ns)


def _evidence_line(view: GuideView, expected: Expected, texts: Texts, now_ns: int) -> EvidenceLine:
    detail = ""
    if expected.state == "met" and expected.at_ns is not None:
        detail = _seconds(texts, "after_s", max(0, expected.at_ns - view.began_ns))
    elif expected.state == "waiting":
        detail = texts.word("waiting")
        if expected.due_ns is not None:
            left = _seconds(texts, "up_to_s", max(0, expected.due_ns - now_ns))
            detail = f"{detail}, {left}"
    elif expected.state in ("missed", "cannot_tell"):
        detail = texts.word(expected.state)
    return EvidenceLine(expected.state, texts.say("expects", expected.id), detail)


def _history(view: GuideView, scene: Scene, texts: Texts) -> Iterator[HistoryLine]:
    for record in view.history:
        yield HistoryLine(
            step=record.step,
            mark=RECORD_MARKS[record.result] if record.was_done else "–",
            text=texts.step(record.step).short,
            result=_became(record, texts),
            tries=tuple(_tries(scene.attempts, record.began_ns, record.ended_ns, texts)),
            passed_over=not record.was_done,
        )


def _became(record: StepRecord, texts: Texts) -> str:
    said = []
    match record.ended_by:
        case "ruled_out" | "withdrawn" | "not_offered" | "skipped" | "repeated":
            word = "repeat" if record.ended_by == "repeated" else record.ended_by
            said.append(texts.word(word))
        case _ if record.result is not None:
            said.append(texts.say("results", record.result))
        case _ if record.was_read and record.answer == DONE:
            said.append(texts.word("read"))
        case _ if record.answer is not None:
            said.append(texts.say("answers", record.answer))
        case "bus":
            said.append(texts.word("by_bus"))
        case "time":
            said.append(texts.word("time_over"))
    if record.because:
        said.append(texts.say("because", record.because))
    sentence = ": ".join(said)
    return f"{sentence}. {texts.word('contradicted')}" if record.contradicted else sentence


def _tries(
    attempts: tuple[Attempt, ...], from_ns: int, to_ns: int | None, texts: Texts
) -> Iterator[str]:
    """Yield what each attempt that began in this time did, numbered from 1."""
    began = [a for a in attempts if a.opened_ns >= from_ns]
    inside = [a for a in began if to_ns is None or a.opened_ns < to_ns]
    for number, attempt in enumerate(inside, start=1):
        yield _try(number, attempt, texts)


def _try(number: int, attempt: Attempt, texts: Texts) -> str:
    asked = attempt.request
    source = texts.word("nobody_asked") if asked is None else texts.say("sources", asked)
    told = [_phrase(texts, "try_heard", number=str(number), source=source)]
    times = (
        ("try_opened", attempt.released_after_s),
        ("try_relocked", attempt.relocked_after_s),
        ("try_pulled", attempt.pulled_after_s),
    )
    told += [
        _phrase(texts, name, seconds=texts.number(f"{s:.1f}")) for name, s in times if s is not None
    ]
    if attempt.outcome is not None and len(told) == 1:
        told.append(texts.say("outcomes", attempt.outcome))
    return ", ".join(told)


def _seconds(texts: Texts, word: str, nanoseconds: int) -> str:
    seconds = texts.number(f"{nanoseconds / NANOSECONDS:.1f}")
    return fill(texts.word(word), {"seconds": seconds})


def _phrase(texts: Texts, phrase: str, **values: str) -> str:
    return fill(texts.say("phrases", phrase), values)
