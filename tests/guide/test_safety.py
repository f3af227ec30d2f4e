"""No walk ever offers force, or a pull, while the session is or may be alive."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evdiag.guide.engine import START, Guide
from evdiag.guide.record import GuideView
from evdiag.guide.safety import session_state
from evdiag.guide.scene import Facts, NoBus
from evdiag.guide.walk import BACK, DANGER, DONE, REPEAT, RESUME, SKIP, STOP, UNDERSTOOD
from evdiag.guide_files import book
from evdiag.inputs import Answer, Frame, Tick
from evdiag.simulator.acts import ACTS
from evdiag.simulator.frames import CHANNEL
from evdiag.simulator.habits import Condition
from evdiag.simulator.story import Story
from evdiag.vehicles.library import library
from tests.guide.stories import AC, AC_ENDED, DC, stuck
from tests.guide.stranded import Stranded

ORDERS = (BACK, REPEAT, RESUME, SKIP, STOP, UNDERSTOOD)
FORCE = {step.id for procedure in book().procedures for step in procedure.steps if step.force}
PULLS = {
    step.id
    for procedure in book().procedures
    for step in procedure.steps
    if any(need.what == "session_over" for need in step.needs)
}


def answers_of(view: GuideView) -> list[str]:
    """Everything that can be said to what is shown."""
    assert view.step is not None
    return [choice.id for choice in view.step.answers] or [DONE]


def check_offer(driver: Stranded) -> None:
    """What is offered now is safe for what is really so at the car."""
    view = driver.view
    if view.step is None or view.phase not in ("warnings", "doing", "second_look"):
        return
    car = driver.car
    live = car.charging.active or float(car.values["port.inlet_voltage"]) >= 60
    if view.step.id in FORCE:
        assert not live
        assert not car.charging.has_mains or not car.state.plugged
    if view.step.id in PULLS:
        # The bus needs its cycle to say what has just begun.
        driver.wait(0.4)
        assert driver.view.step is not view.step or not (
            car.charging.active or float(car.values["port.inlet_voltage"]) >= 60
        )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    story=st.sampled_from([
        stuck(*AC), stuck(*AC_ENDED), stuck(*DC), stuck(*DC, (12.0, "stop_charging")),
        stuck(*AC_ENDED, condition=Condition(cable_hangs=True)),
        stuck(*AC_ENDED, (13.0, "break lock_motor")),
    ]),
    data=st.data(),
)  # fmt: skip
def test_whatever_is_said_and_done_nothing_unsafe_is_offered(
    story: object, data: st.DataObject
) -> None:
    driver = Stranded(story)  # type: ignore[arg-type]
    driver.say(START, data.draw(st.sampled_from(["triage", "release-from-car"])))
    for _ in range(data.draw(st.integers(3, 25))):
        if driver.view.phase == "ended":
            break
        said = st.sampled_from([*answers_of(driver.view) * 4, *ORDERS])
        driver.say(data.draw(said))
        check_offer(driver)
        if data.draw(st.booleans()):
            driver.car.do(data.draw(st.sampled_from([act.id for act in ACTS])))
            driver.wait(data.draw(st.sampled_from([0.3, 1.5, 5.0])))
            check_offer(driver)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_without_a_bus_every_walk_ends_and_force_comes_only_on_a_cable_made_dead(
    data: st.DataObject,
) -> None:
    guide = Guide(book())
    scene = NoBus(data.draw(st.sampled_from([None, *library().profiles.values()])))
    assert guide.answer(Answer(0, "triage", START), scene)
    now_ns = 0
    for _ in range(400):
        now_ns += data.draw(st.sampled_from([1, 40])) * 1_000_000_000
        guide.advance(now_ns, scene)
        view = guide.view(scene)
        assert view.step is not None
        if view.phase == "ended":
            return
        if view.step.id in FORCE:
            said = {record.step: record.answer for record in view.history}
            assert said["kind-of-charging"] == "ac"
            assert said["isolate-supply"] == "isolated"
        choices = [UNDERSTOOD] if view.phase == "warnings" else [*answers_of(view), SKIP]
        guide.answer(Answer(now_ns, view.step.id, data.draw(st.sampled_from(choices))), scene)
    raise AssertionError("no end")


def test_what_was_said_before_a_sleep_proves_no_session_over_when_the_bus_wakes() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    scene = driver.session
    assert session_state(Facts(scene, driver.now_ns, 0)) == "over"
    asleep_ns = driver.now_ns + 3600 * 1_000_000_000
    somebody = Frame(asleep_ns, CHANNEL, 0x555, False, bytes(8))
    for item in (Tick(asleep_ns), somebody):
        list(scene.feed(item))
    assert scene.readings.asleep_since_ns is None
    assert session_state(Facts(scene, asleep_ns, 0)) == "unknown"


@pytest.mark.parametrize(
    ("story", "without", "state"),
    [
        (stuck(*AC_ENDED), (), "over"),
        (stuck(*AC_ENDED), ("port.inlet_voltage", "port.dc_contactors"), "over"),
        (stuck(*DC, (12.0, "stop_charging")), (), "over"),
        (stuck(*DC, (12.0, "stop_charging")), ("port.dc_contactors",), "over"),
        (stuck(*DC, (12.0, "stop_charging")), ("port.inlet_voltage",), "unknown"),
        (stuck(*DC), ("port.inlet_voltage", "port.dc_contactors", "port.inlet_current"), "alive"),
    ],
)
def test_on_dc_only_a_voltage_that_is_seen_to_be_gone_proves_it_over(
    story: Story, without: tuple[str, ...], state: str
) -> None:
    driver = Stranded(story, without=without)
    driver.wait(10.0)
    assert session_state(Facts(driver.session, driver.now_ns, 0)) == state


def test_a_manual_release_is_withdrawn_when_the_charge_point_comes_back() -> None:
    story = stuck(*AC_ENDED, (13.0, "break lock_motor"))
    driver = Stranded(story, does={"manual-release": ("mains_back", 1.0)})
    assert driver.be_guided() == "assistance"
    assert driver.history["manual-release"].ended_by == "withdrawn"
    assert "type2-latch" not in driver.offered


def test_a_supply_that_is_said_to_be_off_and_is_not_is_not_believed() -> None:
    story = stuck(*AC_ENDED, (13.0, "break lock_motor"))
    driver = Stranded(
        story, does={"isolate-supply": ()}, says={"isolate-supply": "isolated"}
    )  # fmt: skip
    assert driver.be_guided() == "assistance"
    assert driver.history["isolate-supply"].contradicted
    assert driver.history["manual-release"].ended_by == "not_offered"
    assert not driver.offered & FORCE


@pytest.mark.parametrize("kind", ["dc", "load", "dont_know"])
def test_only_ac_comes_to_force(kind: str) -> None:
    story = stuck(*AC_ENDED, (13.0, "break lock_motor"))
    driver = Stranded(story, without=("charge.type",), says={"kind-of-charging": kind})
    assert driver.be_guided() == "assistance"
    assert not driver.offered & FORCE


def test_a_discharging_car_is_alive_whatever_the_pilot_says() -> None:
    driver = Stranded(stuck(*AC_ENDED), does={"end-the-session": ()},
                      says={"end-the-session": "ended"})  # fmt: skip
    driver.car.state.set("charge.discharge", "yes")
    driver.wait(1.0)
    driver.be_guided()
    assert driver.view.session == "alive"
    assert not driver.offered & (FORCE | PULLS)


def test_danger_stops_from_anywhere() -> None:
    driver = Stranded(stuck(*AC_ENDED))
    driver.say(START, "release-from-car")
    driver.say(DANGER)
    view = driver.view
    assert view.phase == "ended"
    assert view.step is not None
    assert view.step.ending == "danger"


def test_heat_or_smoke_ends_it_with_the_first_answer() -> None:
    driver = Stranded(stuck(*AC_ENDED), says={"danger": "yes"})
    assert driver.be_guided() == "danger-found"
    assert len(driver.shown) == 2


def test_a_step_with_force_needs_a_dead_cable_or_the_checker_says_so() -> None:
    from evdiag.guide.checking import check
    from evdiag.guide.procedure import Book

    release = book().procedure("release-from-car")
    unsafe = replace(
        release,
        steps=tuple(replace(s, needs=()) if s.id == "manual-release" else s for s in release.steps),
    )
    procedures = tuple(unsafe if p is release else p for p in book().procedures)
    assert any("made dead" in problem for problem in check(Book(procedures)))
