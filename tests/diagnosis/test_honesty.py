"""No finding says more than its evidence, and a healthy car has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.diagnosis import CATALOGUE, Fault
from evdiag.diagnosis.rules import findings
from evdiag.diagnosis.rules.table import RULES
from evdiag.packaged import shipped_recording
from evdiag.simulator.habits import Condition, Habits
from evdiag.simulator.stories import STORIES
from evdiag.vocabulary import TERM
from evdiag.wiring import analyse, read_capture
from tests.diagnosis.telling import Telling, after_session, shipped
from tests.diagnosis.test_faults import TRIALS

TOLD = [trial.reached for trial in TRIALS]
SIGNALS = sorted({name for fault in CATALOGUE.values() for name in (*fault.needs, *fault.wanted)})


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=lambda fault: fault.id)
def test_an_entry_is_whole(fault: Fault) -> None:
    assert set(fault.needs + fault.wanted) <= set(TERM)
    assert not set(fault.needs) & set(fault.wanted)
    assert fault.title
    assert fault.contradicted_by
    assert fault.next
    assert all(name.name and name.source for name in fault.names)


def test_the_catalogue_has_every_number() -> None:
    numbers = {n for fault in CATALOGUE.values() for n in fault.number.split(", ")}
    assert numbers == {f"F{n}" for n in range(1, 17)}


@settings(max_examples=40)
@given(st.sampled_from(TOLD), st.sets(st.sampled_from(SIGNALS), max_size=5))
def test_nothing_is_certain_without_the_signals_that_it_needs(
    story: Telling, without: set[str]
) -> None:
    session = story.session(without)
    for found in session.findings():
        if found.entry is None:
            continue
        assert session.readings.offered.issuperset(found.entry.needs)
        lacking = set(found.entry.wanted) - session.readings.offered
        assert set(found.missing) == lacking
        if lacking or found.against:
            assert found.confidence != "certain"


@settings(max_examples=40)
@given(st.sampled_from(TOLD), st.sets(st.sampled_from(SIGNALS), max_size=5))
def test_a_car_without_a_lock_has_no_fault_of_one(story: Telling, without: set[str]) -> None:
    case = replace(story.session(without).case, lock_fitted=False)
    for found in findings(case):
        assert found.entry is None or not found.entry.of_the_lock


@pytest.mark.parametrize("story", [story.id for story in STORIES if story.fault_found])
def test_each_rule_says_what_the_catalogue_says(story: str) -> None:
    case = shipped(story).session().case
    for rule in RULES:
        found = rule(case)
        if found is not None and found.entry is not None:
            assert found.next == found.entry.next


seconds = st.floats(0.0, 6.0).map(lambda s: round(s, 2))


@settings(max_examples=12)
@given(
    waits=st.tuples(seconds, seconds, seconds),
    pulled_s=st.floats(1.8, 9.0).map(lambda s: round(s, 2)),
    press=st.booleans(),
    ambient=st.integers(-20, 35),
    seed=st.integers(1, 1000),
)
def test_a_healthy_ac_session_has_no_fault(
    waits: tuple[float, float, float], pulled_s: float, press: bool, ambient: int, seed: int
) -> None:
    start_s = 5.0 + waits[0]
    asked_s = start_s + 4.0 + waits[1]
    pull_s = asked_s + pulled_s
    acts = [(2.0, "plug_in"), (start_s, "start_ac"), (asked_s, "fob_unlock")]
    if press:
        acts.append((pull_s - 0.5, "press_button"))
    acts.append((pull_s, "pull"))
    condition = Condition(ambient=float(ambient))
    told = Telling(tuple(acts), pull_s + 8.0 + waits[2], condition, seed=seed)
    assert [found.fault for found in told.findings()] == [None]


@settings(max_examples=12)
@given(
    charged_s=seconds,
    pulled_s=st.floats(4.6, 60.0).map(lambda s: round(s, 2)),
    ambient=st.integers(-20, 35),
    seed=st.integers(1, 1000),
)
def test_a_healthy_dc_session_has_no_fault(
    charged_s: float, pulled_s: float, ambient: int, seed: int
) -> None:
    stop_s = 10.0 + charged_s
    acts = ((2.0, "plug_in"), (6.0, "start_dc"), (stop_s, "stop_charging"))
    pulled = (*acts, (stop_s + pulled_s, "pull"))
    condition = Condition(ambient=float(ambient))
    told = Telling(pulled, stop_s + pulled_s + 6.0, condition, seed=seed)
    assert [found.fault for found in told.findings()] == [None]


@settings(max_examples=12)
@given(until_s=st.floats(1.0, 40.0), kind=st.sampled_from(["healthy-ac", "healthy-dc"]))
def test_a_healthy_session_has_no_fault_however_early_it_is_looked_at(
    until_s: float, kind: str
) -> None:
    story = shipped(kind)
    acts = tuple(act for act in story.acts if act[0] < until_s)
    told = replace(story, acts=acts, seconds=until_s)
    assert not any(found.is_fault for found in told.findings())


@pytest.mark.parametrize(
    ("story", "ending"),
    [
        (after_session(), "held_on_purpose"),
        (
            after_session((18, "fob_unlock"), habits=Habits(unlocks="drivers_door")),
            "held_on_purpose",
        ),
        (Telling(((2, "plug_in"), (6, "start_ac"), (14, "mains_lost")), 20), "mains_lost"),
    ],
    ids=["lock mode always", "driver's door only", "mains lost"],
)
def test_what_is_nobodys_fault_is_no_fault(story: Telling, ending: str) -> None:
    found = story.findings()
    assert not any(finding.is_fault for finding in found)
    (ended,) = [finding for finding in found if finding.ending == ending]
    assert ended.fault is None
    assert ended.next


def test_the_cars_own_time_after_lost_mains_is_said() -> None:
    acts = ((2, "plug_in"), (6, "start_ac"), (14, "mains_lost"))
    told = Telling(acts, 20, car_habits=("holds_when_mains_lost",))
    (ended, *_) = told.findings()
    assert "50 s" in ended.summary


def test_too_little_evidence_names_the_step_that_would_decide() -> None:
    nobody_asked = Telling(((2, "plug_in"),), 12).findings()[0]
    assert (nobody_asked.fault, nobody_asked.next[0]) == (None, "unlock-and-pull")
    charging = Telling(((2, "plug_in"), (6, "start_ac")), 12).findings()[0]
    assert charging.next == ("end-the-session",)
    blind = shipped("healthy-ac").findings("port.lock")[0]
    assert (blind.fault, blind.missing) == (None, ("port.lock",))
    assert "not seen" in blind.summary


@pytest.mark.parametrize(
    ("change", "nothing_seen"),
    [
        (lambda rows: re.sub(" [0-9A-F]+#", " 7AA#", rows), True),
        (lambda rows: "".join(re.findall(r".* 4E4#.*\n", rows)), True),
        (lambda rows: re.sub("#[0-9A-F]+", "#FFFFFFFFFFFFFFFF", rows), False),
        (lambda rows: rows + re.sub(r"\(\d+", "(1600000000", rows.splitlines()[0]) + "\n", False),
    ],
    ids=["another car", "the car, not its port", "invalid", "a clock that jumped"],
)
def test_where_nothing_was_seen_nothing_is_called_right(
    change: Callable[[str], str], nothing_seen: bool, tmp_path: Path
) -> None:
    recording = shipped_recording("healthy-ac")
    assert recording is not None
    changed = tmp_path / "changed.log"
    changed.write_text(change(recording.read_text()))
    session, _ = analyse(read_capture(str(changed)), "reference").run()
    (finding,) = session.findings()
    assert ("nothing can be said of it" in finding.summary) == nothing_seen
    assert not finding.is_fault
    assert "port.lock" in finding.missing or not nothing_seen
