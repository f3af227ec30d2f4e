"""From a recording to its report: what the session says, what the journal holds, what files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from evdiag import __version__
from evdiag.errors import BadInputError
from evdiag.guide.engine import START, Guide
from evdiag.guide.page import page
from evdiag.guide.record import GuideView
from evdiag.guide.scene import NoBus, Scene
from evdiag.guide.texts import Texts
from evdiag.guide_files import book, texts
from evdiag.inputs import Answer, Mark
from evdiag.port.attempt import Attempt
from evdiag.port.readings import TimelineRow
from evdiag.report.hashes import hashes_of
from evdiag.report.model import (
    Car,
    CarFact,
    Facts,
    FileHash,
    GuideStep,
    Report,
    Spoken,
    State,
    Timeline,
    Walk,
)
from evdiag.report.sending import sending_of
from evdiag.report.timeline import timeline_of
from evdiag.report.words import Words, words_file
from evdiag.session import Session
from evdiag.signals.events import EpochBegan
from evdiag.signals.sequence import events_of
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from evdiag.wiring import Analysis, Capture, analyse

_STATE = (
    "port.lock",
    "port.plug",
    "port.pilot",
    "port.inlet_voltage",
    "charge.active",
    "vehicle.lock",
)
"""What a breakdown service asks first."""

_A_DATE_NS = 1_000_000_000 * 10**9
"""Stamps later than September 2001 are dates; earlier ones count from an origin of their own."""

_STANDARD_INPUT = "-"


def words(language: str) -> Words:
    """Return the words of a report in one language, the guide's among them.

    Raises:
        BadInputError: there is no such language.
    """
    return Words(language, words_file(language), texts(language))


def analysis_of(capture: Capture, vehicle: str | None) -> Analysis | None:
    """Decide the car of a recording; None where it holds answers to the guide and no bus.

    Raises:
        BadInputError: the car is not known or cannot be told.
    """
    journal = capture.journal
    if capture.report.frames == 0 and journal is not None and journal.identified is None:
        if any(isinstance(placed.item, Answer) for placed in journal.inputs):
            return None
        raise BadInputError("the journal holds no frame and no answer: there is nothing to report")
    return analyse(capture, vehicle)


def report_of(analysis: Analysis, spoken: Texts, *, named: bool = False) -> Report:
    """Make the report of a recording of a known car; `named` says that a person named it."""
    run = _Run(analysis)
    session, capture = run.session, analysis.capture
    start_ns = analysis.start_ns
    walk = walk_of(session.guide(), session, spoken, session.stream_ns or start_ns)
    marks = tuple(Spoken(mark.time_ns, mark.text) for mark in session.marks)
    card = session.card()
    return Report(
        facts=_facts(capture, analysis),
        car=_car(analysis, named),
        start_ns=start_ns,
        clock_is_time=capture.clock_is_time,
        state=tuple(_state(session)),
        attempts=session.attempts,
        findings=tuple(session.findings()),
        card=card,
        walk=walk,
        marks=marks,
        sending=sending_of(capture.block, capture.journal),
        timeline=run.timeline(None if card is None else card.attempt, walk, marks),
        warnings=analysis.warnings,
    )


def report_of_answers(capture: Capture, vehicle: str | None, spoken: Texts) -> Report:
    """Make the report of a guide that went by answers alone.

    Raises:
        BadInputError: the vehicle that was named is not known.
    """
    journal = capture.journal
    if journal is None:
        raise BadInputError(f"{capture.report.format}: nobody was guided in it")
    profile = None if vehicle is None else library().profile(vehicle)
    scene = NoBus(profile)
    guide = Guide(book())
    said = [placed.item for placed in journal.inputs]
    answers = [item for item in said if isinstance(item, Answer)]
    for answer in answers:
        guide.advance(answer.time_ns, scene)
        guide.answer(answer, scene)
    begun = [answer.time_ns for answer in answers if answer.answer == START]
    walk = walk_of(guide.view(scene), scene, spoken, answers[-1].time_ns if answers else 0)
    car = None
    if profile is not None:
        car = Car(profile.name, journal.vin, None, tuple(_known_of(profile)))
    return Report(
        facts=_facts(capture, None),
        car=car,
        start_ns=begun[-1] if begun else journal.header.wall_ns,
        clock_is_time=True,
        state=(),
        attempts=(),
        findings=(),
        card=None,
        walk=walk,
        marks=tuple(Spoken(item.time_ns, item.text) for item in said if isinstance(item, Mark)),
        sending=sending_of(capture.block, capture.journal),
        timeline=None,
    )


# -- the run ---------------------------------------------------------------------------------


@dataclass
class _Epoch:
    """What one clock carried."""

    rows: list[TimelineRow] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    first_ns: int | None = None
    last_ns: int = 0


class _Run:
    """A recording played through a session, its rows kept apart where the clock breaks."""

    def __init__(self, analysis: Analysis) -> None:
        self.session: Session = analysis.session(book())
        self._analysis = analysis
        self._epochs = [_Epoch()]
        for step in analysis.events:
            rows = self.session.replay(step)
            if any(isinstance(event, EpochBegan) for event in events_of(step)):
                self._epochs.append(_Epoch())
            epoch = self._epochs[-1]
            epoch.rows += rows
            if epoch.first_ns is None:
                epoch.first_ns = self.session.stream_ns
            epoch.last_ns = self.session.stream_ns or 0
            epoch.attempts += self._new_attempts()
        self.session.finish(analysis.end_ns)
        self._epochs[-1].attempts += self._new_attempts()
        self._epochs[-1].last_ns = self.session.stream_ns or 0

    def _new_attempts(self) -> Iterator[int]:
        known = sum(len(epoch.attempts) for epoch in self._epochs)
        return iter([attempt.number for attempt in self.session.attempts[known:]])

    def timeline(
        self, about: Attempt | None, walk: Walk | None, marks: Iterable[Spoken]
    ) -> Timeline | None:
        """Lay out the capture in which the attempt lies that matters, else the last one."""
        if not self._analysis.capture.clock_is_time or self.session.stream_ns is None:
            return None
        number = next(
            (n for n, e in enumerate(self._epochs) if about and about.number in e.attempts),
            len(self._epochs) - 1,
        )
        epoch, start_ns = self._epochs[number], self._analysis.start_ns
        from_ns = epoch.last_ns if epoch.first_ns is None else epoch.first_ns
        if number == 0:
            from_ns = min(from_ns, start_ns)
        made = timeline_of(
            epoch.rows,
            [a for a in self.session.attempts if a.number in epoch.attempts],
            () if walk is None else walk.steps,
            marks,
            start_ns=start_ns,
            from_ns=from_ns,
            to_ns=epoch.last_ns,
            offered=self.session.readings.offered,
        )
        return replace(made, epoch=number + 1, epochs=len(self._epochs))


def _state(session: Session) -> Iterator[State]:
    for name in _STATE:
        offered = name in session.readings.offered
        yield State(name, session.readings[name].value if offered else None)


def walk_of(view: GuideView, scene: Scene, spoken: Texts, now_ns: int) -> Walk | None:
    """Put into words what a guide did; None where nobody was guided."""
    shown = page(view, scene, spoken, now_ns)
    if shown is None:
        return None
    steps = zip(view.history, shown.history, strict=True)
    ending = ""
    if view.phase == "ended" and view.step is not None:
        ending = view.step.ending or ""
    return Walk(shown, tuple(GuideStep(record.began_ns, line) for record, line in steps), ending)


# -- the car ---------------------------------------------------------------------------------


def _car(analysis: Analysis, named: bool) -> Car:
    journal, profile = analysis.capture.journal, analysis.profile
    facts = [*_known_of(profile), *_signals_of(analysis)]
    vin = None if journal is None else journal.vin
    confidence = None if named else analysis.identified.confidence
    return Car(profile.name, vin, confidence, tuple(facts))


def _known_of(profile: Profile) -> Iterator[CarFact]:
    lock, relock = profile.lock, profile.relock
    if lock.evidence:
        value = f"{lock.releases_within_s:g}"
        yield CarFact("releases_within", value, lock.evidence, lock.source)
    if relock is not None:
        value = " / ".join(f"{seconds:g}" for seconds in relock.seconds)
        yield CarFact("relock", value, relock.evidence, relock.source)


def _signals_of(analysis: Analysis) -> Iterator[CarFact]:
    """Yield the signals that were read, by how well it is known what they mean."""
    by_level: dict[str, list[str]] = {}
    watched = {signal.name for signal in analysis.watch.signals}
    for entry in analysis.profile.layout(analysis.identified.layout).signals:
        if entry.name in watched:
            by_level.setdefault(entry.evidence, []).append(entry.name)
    for level, names in by_level.items():
        yield CarFact("signals", " ".join(dict.fromkeys(names)), level, "")


# -- the recording ---------------------------------------------------------------------------


def _facts(capture: Capture, analysis: Analysis | None) -> Facts:
    report, journal = capture.report, capture.journal
    began_ns = report.first_ns if journal is None or report.first_ns else journal.header.wall_ns
    dated = began_ns is not None and began_ns > _A_DATE_NS and capture.clock_is_time
    duration_ns = report.duration_ns
    is_file = capture.name != _STANDARD_INPUT
    return Facts(
        recording=Path(capture.name).name if is_file else "standard input",
        format=report.format,
        date_ns=began_ns if dated else None,
        frames=report.frames,
        duration_s=None if duration_ns is None else duration_ns / 1e9,
        channels=tuple((str(name), frames) for name, frames in report.channels.items()),
        error_frames=report.error_frames,
        lost_frames=report.lost_frames,
        skipped_lines=report.skipped_lines,
        oddities=tuple(found.message for found in report.anomalies),
        files=tuple(hashes_of(capture.name, capture.journal)) if is_file else (),
        definitions=() if analysis is None else tuple(_definitions(analysis)),
        recorded_with=() if journal is None else tuple(sorted(journal.header.versions.items())),
        evdiag=__version__,
    )


def _definitions(analysis: Analysis) -> Iterator[FileHash]:
    profile = analysis.profile
    yield FileHash(Path(profile.file).name, profile.file_sha256)
    for loaded in analysis.databases:
        yield FileHash(Path(loaded.file).name, loaded.sha256)
