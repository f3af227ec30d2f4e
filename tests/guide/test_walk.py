"""How a walk goes: stop and resume, back, skip, repeat; and the same way again from a journal."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evdiag.guide.engine import START
from evdiag.guide.record import GuideView
from evdiag.guide.walk import BACK, REPEAT, RESUME, SKIP, STOP
from evdiag.inputs import Answer, Frame
from evdiag.session import Session
from evdiag.signals.sequence import consumed_steps
from evdiag.simulator.habits import Condition
from tests.guide.stories import AC, AC_ENDED, DC, broken, stuck
from tests.guide.stranded import Stranded, new_session


def beside_the_car(*, at: str = "unlock-lock-unlock") -> Stranded:
    driver = Stranded(stuck(*AC_ENDED))
    driver.say(START, at)
    return driver


def step(driver: Stranded) -> str:
    view = driver.view
    assert view.step is not None
    return view.step.id


def test_nothing_is_open_before_somebody_asks() -> None:
    driver = Stranded(stuck(*AC))
    assert driver.view.phase == "idle"
    driver.say("came_out", "unlock-and-pull")
    assert driver.view.phase == "idle"


def test_a_stopped_walk_goes_on_where_it_was() -> None:
    driver = beside_the_car()
    driver.say(STOP)
    assert driver.view.phase == "stopped"
    driver.car.do("fob_unlock")
    driver.wait(2.0)
    assert not driver.view.history
    driver.say(RESUME)
    assert (driver.view.phase, step(driver)) == ("doing", "unlock-lock-unlock")
    assert {line.state for line in driver.view.expected} <= {"waiting", "before"}


def test_back_takes_an_answer_back() -> None:
    driver = beside_the_car(at="mains-lost")
    driver.car.do("mains_lost")
    driver.wait(1.0)
    driver = Stranded(stuck(*AC, (12.0, "mains_lost")))
    driver.say(START, "mains-lost")
    driver.say("no")
    assert step(driver) == "unlock-lock-unlock"
    driver.say(BACK)
    assert step(driver) == "mains-lost"
    assert not driver.view.history


def test_back_at_the_first_step_stays_there() -> None:
    driver = beside_the_car(at="triage")
    driver.say(BACK)
    assert step(driver) == "danger"


def test_skipping_is_kept_as_what_it_is() -> None:
    driver = beside_the_car()
    driver.say(SKIP)
    assert driver.view.history[-1].ended_by == "skipped"
    assert step(driver) == "unlock-and-pull"


def test_repeating_watches_from_now_on() -> None:
    driver = beside_the_car()
    driver.car.do("fob_unlock")
    driver.wait(1.0)
    assert {line.id: line.state for line in driver.view.expected}["heard"] == "met"
    driver.say(REPEAT)
    assert {line.id: line.state for line in driver.view.expected}["heard"] == "waiting"
    assert driver.view.history[-1].ended_by == "repeated"


def test_an_answer_to_a_step_that_is_gone_changes_nothing() -> None:
    driver = beside_the_car()
    driver.say("came_out", "drivers-door")
    assert step(driver) == "unlock-lock-unlock"
    driver.say("nonsense")
    assert step(driver) == "unlock-lock-unlock"


def test_an_answer_that_the_bus_denies_asks_for_a_second_look_and_is_then_taken() -> None:
    driver = beside_the_car()
    driver.say("came_out")
    assert (driver.view.phase, driver.view.doubted) == ("second_look", "came_out")
    driver.say("still_stuck")
    assert step(driver) != "unlock-lock-unlock"
    assert not driver.view.history[-1].contradicted
    driver = beside_the_car()
    driver.say("came_out")
    driver.say("came_out")
    assert driver.view.phase == "ended"
    assert driver.view.history[-1].contradicted


def test_what_is_expected_counts_from_what_came_before() -> None:
    driver = beside_the_car(at="unlock-and-pull")
    driver.wait(8.0)
    states = {line.id: line.state for line in driver.view.expected}
    assert states == {"heard": "waiting", "lock-opens": "before", "plug-out": "before"}
    driver.car.do("break lock_motor")
    driver.car.do("fob_unlock")
    driver.wait(0.5)
    states = {line.id: line.state for line in driver.view.expected}
    assert (states["heard"], states["lock-opens"]) == ("met", "waiting")
    driver.wait(10.0)
    assert {line.id: line.state for line in driver.view.expected}["lock-opens"] == "missed"


def test_a_clock_that_jumps_back_begins_the_step_anew() -> None:
    driver = beside_the_car()
    driver.car.do("fob_unlock")
    driver.wait(1.0)
    frames = [item for item in driver.inputs if isinstance(item, Frame)]
    list(driver.session.feed(frames[0]))
    states = {line.id: line.state for line in driver.view.expected}
    assert "met" not in states.values()
    assert step(driver) == "unlock-lock-unlock"


def replayed(driver: Stranded) -> Session:
    """Play once more what the session was fed: frames by columns, the rest in its place."""
    from evdiag.recordings.journal.reader import Placed

    frames = [item for item in driver.inputs if isinstance(item, Frame)]
    others, seen = [], 0
    for item in driver.inputs:
        if isinstance(item, Frame):
            seen += 1
        else:
            others.append(Placed(seen, item))
    session = new_session(driver.session.profile)
    steps, _ = consumed_steps(iter(frames), others, driver.session.watch, 0)
    for one in steps:
        session.replay(one)
    return session


STORIES = st.sampled_from([
    stuck(*AC), stuck(*AC_ENDED), stuck(*DC), broken("fob_battery"),
    stuck(*AC_ENDED, condition=Condition(cable_hangs=True)),
    stuck(*AC_ENDED, (13.0, "break lock_motor")),
])  # fmt: skip


def told(view: GuideView) -> tuple[object, ...]:
    return view.phase, view.step, view.history, view.session, view.expected


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=STORIES)
def test_a_journal_walks_the_same_way_again(story: object) -> None:
    driver = Stranded(story)  # type: ignore[arg-type]
    driver.be_guided()
    assert told(replayed(driver).guide()) == told(driver.view)


def test_the_answers_are_all_that_a_walk_needs_to_be_walked_again() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    driver.be_guided()
    said = [item for item in driver.inputs if isinstance(item, Answer)]
    assert said[0].answer == START


def test_at_the_end_of_a_recording_nobody_is_told_that_the_car_did_not_hear_him() -> None:
    driver = beside_the_car()
    driver.session.finish()
    driver.say("still_stuck")
    record = driver.view.history[0]
    assert (record.result, record.because) == ("did_not_help", "")
    assert step(driver) == "unlock-and-pull"
