"""What a person says counts only until something speaks against it, or nobody was there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.guide.engine import START, Guide
from evdiag.guide.page import page
from evdiag.guide.record import GuideView
from evdiag.guide.scene import NoBus
from evdiag.guide.walk import BACK, DANGER, DONE, RESUME, STOP, UNDERSTOOD
from evdiag.guide_files import book, texts
from evdiag.inputs import Answer, Tick
from evdiag.tui.lock_look import lock_look
from evdiag.vehicles.library import library
from evdiag.vocabulary import STALE
from tests.guide.stories import AC, AC_ENDED, DC, stuck
from tests.guide.stranded import Stranded
from tests.guide.test_safety import FORCE, ORDERS, PULLS, answers_of

DEAD_MOTOR = stuck(*AC_ENDED, (13.0, "break lock_motor"))
UP_TO_THE_MIDDLE = (
    ("danger", "no"),
    ("which-end", "car"),
    ("whose-cable", "own_cable"),
    ("kind-of-charging", "ac"),
    ("where", "home"),
    ("right-order", "still_in_charge_point"),
    ("end-the-session", "ended"),
    ("wait-for-voltage", "waited"),
)


class ByAnswers:
    """A guide with no bus, and what is said to it."""

    def __init__(self, vehicle: str | None = None) -> None:
        self.scene = NoBus(None if vehicle is None else library().profile(vehicle))
        self.guide = Guide(book())
        self.now_ns = 0
        self.say(START, "triage")

    @property
    def view(self) -> GuideView:
        return self.guide.view(self.scene)

    @property
    def step(self) -> str:
        assert self.view.step is not None
        return self.view.step.id

    def say(self, answer: str, step: str | None = None) -> None:
        self.now_ns += 1_000_000_000
        at = self.step if step is None else step
        self.guide.answer(Answer(self.now_ns, at, answer), self.scene)

    def go_until(self, step: str) -> None:
        known = dict(UP_TO_THE_MIDDLE)
        for _ in range(60):
            if self.step == step:
                return
            if self.view.phase == "warnings":
                self.say(UNDERSTOOD)
            elif self.step in known:
                self.say(known[self.step])
            else:
                choices = answers_of(self.view)
                wanted = ("isolated", "still_stuck", "no", "not_cold")
                self.say(next((a for a in wanted if a in choices), choices[-1]))
        raise AssertionError(f"{step} is not come to")


def silence(driver: Stranded, seconds: float) -> None:
    """Nothing more is heard of the car, for a while."""
    for _ in range(round(seconds)):
        driver.now_ns += 1_000_000_000
        driver._feed(Tick(driver.now_ns))


def step(driver: Stranded) -> str:
    assert driver.view.step is not None
    return driver.view.step.id


def test_a_danger_that_was_told_stays_told_until_somebody_says_there_is_none() -> None:
    walk = ByAnswers()
    assert not walk.guide.danger_told
    walk.go_until("whose-cable")
    walk.say(DANGER)
    assert walk.guide.danger_told
    # To begin anew, anywhere, takes nothing back; to stop and go on neither.
    walk.say(START, "release-from-car")
    walk.say(START, "triage")
    walk.say(STOP)
    walk.say(RESUME)
    assert walk.guide.danger_told
    walk.say("yes")
    assert walk.guide.danger_told
    walk.say(START, "triage")
    walk.say("no")
    assert not walk.guide.danger_told


def test_who_says_danger_by_mistake_takes_it_back() -> None:
    walk = ByAnswers()
    walk.say("yes")
    assert walk.guide.danger_told
    walk.say(BACK)
    assert walk.step == "danger"
    assert walk.guide.danger_told
    walk.say("no")
    assert not walk.guide.danger_told


def test_a_plug_that_the_pilot_shows_in_is_not_told_to_be_out() -> None:
    """The contact says out, the pilot B: the person who sees the plug in is right."""
    driver = Stranded(stuck(*AC, (9.0, "break proximity")))
    snapshot = driver.session.snapshot()
    assert snapshot.signal("port.plug").reading.value == "disconnected"
    assert snapshot.plug_out_denied
    assert lock_look(snapshot).meaning == "closed; plug reported out, pilot still shows it in"
    driver.say(START, "plug-in-sight")
    driver.say("still_in")
    assert driver.view.phase == "doing"
    assert step(driver) != "plug-in-sight"


def test_nobody_is_told_to_pull_now_at_a_lock_that_is_not_known_any_more() -> None:
    driver = Stranded(stuck(*AC_ENDED, (13.0, "fob_unlock"), seconds=14.0))
    driver.say(START, "pull-now")
    assert step(driver) == "pull-now"
    driver._do("break lock_module")
    driver.wait(6.0)
    assert driver.session.readings["port.lock"].value == STALE
    assert step(driver) == "held-on-purpose"
    assert driver.view.history[-1].because == "lock-not-told"


@pytest.mark.parametrize(("acts", "seconds_left"), [(AC_ENDED, True), (AC, False)])
def test_an_open_lock_is_called_out_in_every_step_that_ends_in_a_pull(
    acts: tuple[tuple[float, str], ...], seconds_left: bool
) -> None:
    """And never while the session may be alive."""
    driver = Stranded(stuck(*acts, seconds=14.0))
    driver.say(START, "held-on-purpose")
    driver._do("fob_unlock")
    driver.wait(1.0)
    shown = page(driver.view, driver.session, texts("de"), driver.now_ns)
    assert shown is not None
    assert (shown.relock_left_s is not None) == seconds_left


def test_a_plug_that_leaves_is_out() -> None:
    driver = Stranded(stuck(*AC_ENDED, (13.0, "fob_unlock"), (14.5, "pull"), seconds=20.0))
    snapshot = driver.session.snapshot()
    assert snapshot.signal("port.plug").reading.value == "disconnected"
    assert not snapshot.plug_out_denied


def test_who_first_says_ac_and_then_dc_is_on_dc() -> None:
    guided = ByAnswers()
    guided.go_until("end-the-session")
    while guided.step != "kind-of-charging":
        guided.say(BACK)
    guided.say("dc")
    guided.say("home")
    guided.go_until("assistance")
    offered = {record.step for record in guided.view.history if record.was_done}
    assert not offered & FORCE


def test_ended_is_not_believed_again_when_a_car_that_charged_meanwhile_falls_silent() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    silence(driver, 20)
    driver.say(START, "end-the-session")
    assert driver.view.session == "unknown"
    driver.say("ended")
    assert driver.view.session == "said_over"
    driver.car.do("start_ac")
    driver.wait(3.0)
    assert driver.view.session == "alive"
    driver.car.do("stop_charging")
    driver.wait(0.3)
    silence(driver, 20)
    assert driver.view.session == "unknown"


def test_a_sleeping_bus_proves_nothing_for_the_next_step_and_takes_away_no_open_one() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    driver.say(START, "drivers-door")
    silence(driver, 20)
    assert step(driver) == "drivers-door"
    driver.say("still_stuck")
    assert step(driver) == "end-the-session"
    driver.say("no_session")
    assert step(driver) == "walk-away"


def test_an_answer_that_the_bus_denied_does_not_count_when_the_bus_falls_silent() -> None:
    driver = Stranded(stuck(*AC))
    driver.say(START, "end-the-session")
    driver.say("ended")
    driver.say("ended")
    assert driver.view.history[-1].step in {"wait-for-voltage", "held-on-purpose"}
    silence(driver, 20)
    # What was last seen alive is alive, though nothing is heard any more.
    assert driver.view.session == "alive"
    assert step(driver) not in PULLS | FORCE


def test_a_supply_that_came_back_is_not_taken_for_dead_when_the_bus_falls_silent() -> None:
    driver = Stranded(DEAD_MOTOR)
    until(driver, "manual-release")
    driver.car.do("mains_back")
    driver.wait(2.0)
    assert step(driver) not in FORCE
    silence(driver, 20)
    for _ in range(4):
        driver.say(BACK)
        assert step(driver) not in FORCE
        if step(driver) == "isolate-supply":
            break


def until(driver: Stranded, wanted: str) -> None:
    driver.say(START, "triage")
    for _ in range(80):
        if step(driver) == wanted:
            return
        driver._follow(driver.view)
    raise AssertionError(f"{wanted} is not come to")


@pytest.mark.parametrize("open_step", ["manual-release", "type2-latch"])
def test_who_comes_back_to_a_stopped_guide_looks_at_the_supply_again(open_step: str) -> None:
    guided = ByAnswers("tesla-model3")
    guided.go_until(open_step)
    guided.say(STOP)
    guided.say(RESUME)
    assert guided.step == "isolate-supply"
    guided.say("isolated")
    assert guided.step == open_step


def test_who_comes_back_says_again_that_the_session_is_over_and_goes_on_there() -> None:
    guided = ByAnswers()
    guided.go_until("walk-away")
    for _ in range(5):
        guided.say(STOP)
        guided.say(RESUME)
        assert guided.step == "end-the-session"
        guided.say("ended")
        assert guided.step == "walk-away"


def test_a_bus_that_was_lost_for_a_moment_does_not_send_anybody_round_again() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    driver.say(START, "unlock-lock-unlock")
    silence(driver, 3)
    driver.wait(3.0)
    assert step(driver) == "unlock-lock-unlock"
    assert [r.step for r in driver.view.history] == []


def test_what_a_recording_was_told_is_asked_again_when_it_is_resumed() -> None:
    from evdiag.guiding import AnswersOnly, begin

    first = ByAnswers("tesla-model3")
    said = [Answer(0, "triage", START)]
    for _ in range(60):
        if first.step == "manual-release" and first.view.phase == "doing":
            break
        at, before = first.step, len(first.view.history)
        if first.view.phase == "warnings":
            answer = UNDERSTOOD
        else:
            choices = answers_of(first.view)
            wanted = (*dict(UP_TO_THE_MIDDLE).values(), "isolated", "still_stuck")
            answer = next((a for a in wanted if a in choices), choices[-1])
        first.say(answer)
        said.append(Answer(0, at, answer))
        assert len(first.view.history) >= before
    times = iter(range(10_000_000_000, 10**15, 1_000_000_000))
    guided = AnswersOnly(library().profile("tesla-model3"), None, wall_ns=lambda: next(times))
    begin(guided, "triage", said)
    from evdiag.guide_files import texts

    shown = guided.guide_page(texts("en"))
    assert shown is not None
    assert shown.step == "isolate-supply"


def test_digital_communication_on_the_pilot_is_dc_whatever_is_said() -> None:
    driver = Stranded(
        stuck(*DC, (13.0, "stop_charging"), (13.0, "break lock_motor"), seconds=20.0),
        without=("charge.type",), says={"kind-of-charging": "ac"},
        does={"isolate-supply": ("say:isolated",)},
    )  # fmt: skip
    driver.be_guided()
    assert not driver.offered & FORCE


@pytest.mark.parametrize("place", sorted(FORCE | {"isolate-supply"}))
@pytest.mark.parametrize(
    "story", [stuck(*AC), stuck(*AC_ENDED), stuck(*DC)], ids=["ac", "ended", "dc"]
)
def test_no_step_with_force_is_begun_at(place: str, story: object) -> None:
    driver = Stranded(story)  # type: ignore[arg-type]
    driver.say(START, place)
    assert step(driver) not in FORCE
    guided = ByAnswers("tesla-model3")
    guided.say(START, place)
    assert guided.step not in FORCE | {"isolate-supply"}


def test_nobody_pulls_at_the_charge_point_while_the_car_still_charges() -> None:
    driver = Stranded(stuck(*AC), says={"which-end": "charge_point", "where": "public"})
    driver.says["car-side-free"] = "car_end_free"
    assert driver.be_guided() == "operator-called"
    assert "push-in-there" not in driver.offered


def test_each_round_of_the_proof_asks_anew_whether_charging_has_ended() -> None:
    driver = Stranded(stuck(seconds=1.0), without=("port.pilot", "charge.active"))
    driver.be_guided("prove-the-repair")
    asked = [
        r for r in driver.view.history if r.step == "await-session-end" and r.answer == "ended"
    ]
    pulled = [r for r in driver.view.history if r.step == "pull-out" and r.was_done]
    assert pulled
    assert len(asked) >= len(pulled)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_is_said_without_a_bus_force_needs_the_last_words_to_be_ac_and_isolated(
    data: st.DataObject,
) -> None:
    guided = ByAnswers(data.draw(st.sampled_from([None, "tesla-model3", "bmw-i3"])))
    for _ in range(data.draw(st.integers(5, 60))):
        if guided.view.phase == "ended":
            return
        if guided.step in FORCE and guided.view.phase != "stopped":
            last = {record.step: record.answer for record in guided.view.history if record.was_done}
            assert last["kind-of-charging"] == "ac"
            assert last["isolate-supply"] == "isolated"
        likely = [a for a in answers_of(guided.view) if a not in ("yes", "came_out")] or [DONE]
        guided.say(data.draw(st.sampled_from([*likely * 5, UNDERSTOOD, UNDERSTOOD, *ORDERS])))


def test_a_car_that_feeds_a_load_and_falls_silent_is_no_cable_made_dead() -> None:
    driver = Stranded(DEAD_MOTOR)
    driver.car.state.set("charge.discharge", "yes")
    driver.wait(1.0)
    driver.say(START, "isolate-supply")
    assert driver.history["isolate-supply"].because == "load-is-for-others"
    silence(driver, 20)
    driver.say(START, "isolate-supply")
    assert driver.history["isolate-supply"].because == "load-is-for-others"


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_was_only_read_is_not_said_to_have_been_done(language: str) -> None:
    from evdiag.guide.page import page
    from evdiag.guide_files import texts

    guided = ByAnswers()
    guided.go_until("assistance")
    shown = page(guided.view, guided.scene, texts(language), guided.now_ns)
    assert shown is not None
    last = shown.history[-1]
    assert (last.step, last.result) == ("locking-mechanism", texts(language).word("read"))
