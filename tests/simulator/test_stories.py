"""The shipped stories: what happened in them is what evdiag says happened."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from evdiag.packaged import shipped_folder
from evdiag.port.attempt import Attempt
from evdiag.session import Session
from evdiag.signals.columns import signal_events
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.watch import Watch
from evdiag.simulator.__main__ import log_text, sidecar_text
from evdiag.simulator.car import told
from evdiag.simulator.stories import STORIES, STORY
from evdiag.simulator.story import Story
from evdiag.wiring import Analysis, analyse, read_capture

TOLERANCE_S = 0.15
"""A change shows with the next frame; where the logger lost that one, with the one after."""

OUTCOMES = {
    "healthy-ac": ["released"],
    "healthy-dc": ["released"],
    "relock-before-pull": ["relocked", "released"],
    "fob-not-heard": ["released"],
    "actuator-stalls": ["no_response", "no_response", "released"],
    "mechanical-latch-holds": ["relocked", "inconclusive"],
    "session-still-active": ["session_active", "session_active"],
    "manual-release-used": ["unexplained_open"],
    "frozen": ["no_response", "no_response"],
    "lock-module-silent": ["inconclusive"],
}


def analysis_of(story: Story) -> Analysis:
    return analyse(read_capture(str(shipped_folder("recordings") / f"{story.id}.log")))


def truth_of(story: Story) -> list[dict[str, Any]]:
    path = shipped_folder("recordings") / f"{story.id}.json"
    happened: list[dict[str, Any]] = json.loads(path.read_text())["happened"]
    return happened


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_the_shipped_files_are_what_the_command_makes(story: Story) -> None:
    folder = shipped_folder("recordings")
    made = log_text(story).encode()
    assert made == (folder / f"{story.id}.log").read_bytes()
    assert sidecar_text(story).encode() == (folder / f"{story.id}.json").read_bytes()
    assert len(made) < 300_000


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_outcomes_and_fault_are_the_storys(story: Story) -> None:
    session, _ = analysis_of(story).run()
    assert [attempt.outcome for attempt in session.attempts] == OUTCOMES[story.id]
    assert session.findings()[0].fault == story.fault_found


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_every_movement_of_the_lock_is_found_at_its_time(story: Story) -> None:
    analysis = analysis_of(story)
    dead_s = min((s for s, act in story.acts if act == "break lock_module"), default=float("inf"))
    words = {"the lock opens": "unlocked", "the lock closes": "locked"}
    words["the lock opens by the manual release"] = "unlocked"
    happened = [
        (entry["offset_s"], words[entry["what"]])
        for entry in truth_of(story)
        if entry["what"] in words and entry["offset_s"] < dead_s
    ]
    _, rows = analysis.run()
    seen = [
        ((row.time_ns - analysis.start_ns) / 1e9, row.new)
        for row in rows
        if row.signal == "port.lock" and row.new in ("locked", "unlocked") and row.old is not None
    ]
    assert [new for _, new in seen] == [new for _, new in happened]
    for (seen_s, _), (happened_s, _) in zip(seen, happened, strict=True):
        assert seen_s == pytest.approx(happened_s, abs=TOLERANCE_S)


def said(analysis: Analysis, story: Story, without: str | None) -> int:
    """Count what can be said: the fault by its confidence, and each fact of each attempt."""
    watch = Watch(tuple(w for w in analysis.watch.signals if w.name != without))
    session = Session(analysis.profile, watch)
    for placed in signal_events(Excerpt.whole(analysis.capture.block), watch):
        session.apply(placed.event)
    session.finish(analysis.end_ns)
    score = 0
    for finding in session.findings():
        if finding.fault == story.fault_found and finding.confidence is not None:
            score += {"certain": 30, "likely": 20, "possible": 10}[finding.confidence]
        elif finding.fault is not None:
            score -= 30
    return score + sum(known(attempt) for attempt in session.attempts)


def known(attempt: Attempt) -> int:
    facts = (attempt.released_after_s, attempt.pulled_after_s, attempt.relocked_after_s)
    named = attempt.request not in (None, "unlock_request", "vehicle_unlock", "command")
    conclusive = attempt.outcome not in ("inconclusive", "unexplained_open")
    return sum(fact is not None for fact in facts) + named + 2 * conclusive


@pytest.mark.parametrize(
    ("story", "signal"),
    [(story, signal) for story in STORIES for signal in story.evidence],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_without_any_one_signal_of_the_evidence_less_can_be_said(story: Story, signal: str) -> None:
    analysis = analysis_of(story)
    assert said(analysis, story, without=signal) < said(analysis, story, without=None)


def test_another_seed_is_another_bus_and_the_same_truth() -> None:
    story = STORY["healthy-ac"]
    other = replace(story, seed=story.seed + 1)
    assert log_text(other) != log_text(story)
    assert told(other).truth == told(story).truth


def test_the_background_jitters_and_loses_frames() -> None:
    block = analysis_of(STORY["healthy-ac"]).capture.block
    stamps = block.time_ns[block.id == 0x0C8]
    steps = stamps[1:] - stamps[:-1]
    assert len(set(steps.tolist())) > 100
    assert steps.max() > 70_000_000
