"""The card: a release laid over a good one, and the part that the evidence speaks for."""

from __future__ import annotations

import pytest

from evdiag.diagnosis import Card, KnownGood, known_good
from evdiag.session import Session
from evdiag.simulator.habits import Condition, Habits
from evdiag.vehicles.profile import LockBehaviour
from tests.diagnosis.telling import Telling, after_session, shipped
from tests.port.stage import Stage

GOOD = shipped("healthy-ac")


def good() -> KnownGood:
    release = known_good(GOOD.session().case)
    assert release is not None
    return KnownGood(release, "healthy-ac.log")


def card_of(session: Session, over: KnownGood | None = None) -> Card:
    card = session.card(good=over)
    assert card is not None
    return card


def verdicts(card: Card) -> dict[str, str]:
    return {part.part: part.verdict for part in card.parts}


@pytest.mark.parametrize(
    ("story", "part"),
    [
        (shipped("fob-not-heard"), "fob"),
        (after_session((18, "fob_unlock"), habits=Habits(unlocks="nothing")), "body computer"),
        (after_session((15, "break lock_motor"), (18, "fob_unlock")), "actuator"),
        (shipped("actuator-stalls"), "actuator"),
        (
            after_session(
                (16, "fob_unlock"), (18, "pull"), condition=Condition(sensor_sticks=True)
            ),
            "position sensor",
        ),
        (shipped("mechanical-latch-holds"), "mechanical latch"),
        (
            Telling(
                ((2, "plug_in"), (6, "start_ac"), (14, "mains_lost"), (16, "fob_unlock")),
                30,
                Condition(cable_hangs=True),
            ),
            "charge point",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_evidence_speaks_for_a_part(story: Telling, part: str) -> None:
    card = card_of(story.session(), good())
    assert part in [suspect.part for suspect in card.suspects], verdicts(card)
    assert all(suspect.speaks_for for suspect in card.suspects)
    if part not in ("charge point",):
        assert [suspect.part for suspect in card.suspects] == [part]


def test_a_command_that_is_never_given_speaks_for_the_charge_controller() -> None:
    stage = Stage(lock=LockBehaviour(releases_within_s=2.0)).locked_in()
    stage.see(10, port_unlock_request="active", vehicle_lock="unlocked").see(30, vehicle_gear="P")
    stage.end(31)
    found = verdicts(card_of(stage.session))
    assert found["charge controller"] == "suspected"
    assert (found["body computer"], found["actuator"]) == ("cleared", "cannot_tell")


def test_a_release_that_went_well_clears_every_part_it_can() -> None:
    card = card_of(GOOD.session(), good())
    assert set(verdicts(card).values()) == {"cleared"}
    assert not [row for row in card.rows if row.verdict == "different"]
    assert card.basis == "recording"


def test_rows_show_where_the_release_leaves_the_good_one() -> None:
    card = card_of(shipped("session-still-active").session(), good())
    rows = {row.what: row for row in card.rows}
    assert (rows["pilot"].this, rows["pilot"].good, rows["pilot"].verdict) == (
        "C2", "B2", "different",
    )  # fmt: skip
    assert rows["commanded"].this == "never told"
    assert rows["commanded"].good.startswith("told to open after")
    assert rows["request → released"].verdict == "different"
    assert not card.suspects


def test_without_a_good_recording_the_cars_normal_numbers_are_the_measure() -> None:
    card = card_of(shipped("healthy-dc").session())
    assert card.basis == "profile"
    (row,) = [row for row in card.rows if row.what == "last cause → released"]
    assert (row.good, row.verdict) == ("within 3.5 s", "alike")


def test_without_either_a_healthy_attempt_of_the_same_recording_is() -> None:
    stage = Stage(lock=LockBehaviour(releases_within_s=2.0)).locked_in()
    stage.see(10, port_unlock_request="active").see(10.5, port_lock="unlocked")
    stage.see(12, port_pilot="A", port_plug="disconnected", port_unlock_request="idle")
    stage.see(20, port_plug="connected", port_pilot="B1").see(22, port_lock="locked")
    stage.see(30, port_unlock_request="active").see(31.9, port_lock="unlocked")
    stage.end(90)
    card = card_of(stage.session)
    assert (card.basis, card.attempt.number) == ("same_recording", 2)
    (row,) = [row for row in card.rows if row.what == "request → released"]
    assert (row.this, row.good, row.verdict) == ("1.9 s", "0.5 s", "different")


def test_what_is_not_offered_is_not_judged_and_what_would_tell_is_named() -> None:
    without = ("port.lock_command", "port.lock_current", "vehicle.key_heard", "port.pilot")
    story = after_session((15, "break lock_motor"), (18, "fob_unlock"))
    card = card_of(story.session(without))
    parts = {part.part: part for part in card.parts}
    assert parts["actuator"].verdict == "cannot_tell"
    assert parts["actuator"].would_tell == ("port.lock_command", "port.lock_current")
    assert parts["actuator"].step is not None
    rows = {row.what: row for row in card.rows}
    assert rows["commanded"].verdict == rows["pilot"].verdict == "cannot_tell"
    assert "port.lock_command" in rows["commanded"].words


def test_no_attempt_or_no_lock_no_card() -> None:
    assert Telling(((2, "plug_in"),), 10).session().card() is None
    assert Stage(lock=LockBehaviour(fitted=False)).session.card() is None


def test_any_attempt_can_be_laid_over() -> None:
    session = shipped("relock-before-pull").session()
    first, second = session.card(1), session.card(2)
    assert first is not None
    assert second is not None
    assert (first.attempt.outcome, second.attempt.outcome) == ("relocked", "released")
    assert session.card(3) is None
