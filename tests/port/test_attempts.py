"""Every rule of the attempts, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.port.attempt import Attempt
from evdiag.signals.events import BusAwake, BusSilent, Changed, EpochBegan, Expired
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import TERMS
from tests.port.stage import ALL, S, Stage

QUICK = LockBehaviour(releases_within_s=2.0, settling_ms=60, left_open_after_s=60.0)


def only(attempts: tuple[Attempt, ...]) -> Attempt:
    assert len(attempts) == 1, attempts
    return attempts[0]


def asked(at_s: float = 10, **more: str) -> Stage:
    return Stage(lock=QUICK).locked_in().see(at_s, port_unlock_request="active", **more)


def test_released() -> None:
    stage = asked().see(10.25, port_lock="unlocked").see(13, port_plug="disconnected")
    attempt = only(stage.end(20))
    assert attempt.outcome == "released"
    assert attempt.request == "unlock_request"
    assert attempt.released_after_s == pytest.approx(0.25)
    assert attempt.pulled_after_s == pytest.approx(2.75)
    assert attempt.relocked_after_s is None


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_lock_that_cannot_be_read_is_not_said_to_be_open_when_asked_again(
    is_silent: bool,
) -> None:
    stage = asked().see(10.2, port_lock="unlocked").see(11, port_unlock_request="idle")
    if is_silent:
        stage.stale(12, "port.lock")
    attempt = only(stage.see(15, port_unlock_request="active").end(20))
    texts = [each.text for each in attempt.evidence]
    assert ("asked again (unlock_request)" in texts) is is_silent
    assert ("asked again while open (unlock_request)" in texts) is not is_silent


def test_relocked_by_its_timer() -> None:
    attempt = only(asked().see(10.2, port_lock="unlocked").see(20.2, port_lock="locked").end(30))
    assert (attempt.outcome, attempt.relock_cause) == ("relocked", "timer")
    assert attempt.relocked_after_s == pytest.approx(10)


def test_relocked_by_a_person() -> None:
    stage = asked().see(10.2, port_lock="unlocked").see(14.9, vehicle_lock="unlocked")
    stage.see(15, vehicle_lock="locked").see(15.3, port_lock="locked")
    attempt = only(stage.end(30))
    assert (attempt.outcome, attempt.relock_cause) == ("relocked", "person")


def test_left_open_when_nobody_pulls() -> None:
    attempt = only(asked().see(10.2, port_lock="unlocked").see(80, port_pilot="A").end(90))
    assert attempt.outcome == "left_open"
    assert attempt.closed_ns == 70.2 * S


def test_no_response_after_the_normal_time_and_half_of_it() -> None:
    stage = asked().see(12.9, vehicle_supply_voltage=12.0)
    assert stage.session.attempts[0].outcome is None
    stage.see(13.1, vehicle_supply_voltage=12.1)
    attempt = stage.session.attempts[0]
    assert attempt.outcome == "no_response"
    assert attempt.closed_ns == 13 * S


def test_stalled_when_it_moved_and_did_not_arrive() -> None:
    stage = asked().see(10.1, port_lock="moving").see(20, vehicle_supply_voltage=12.0)
    assert only(stage.end(21)).outcome == "stalled"


def test_half_way_as_a_fault_is_a_stall() -> None:
    stage = asked().see(10.1, port_lock="fault").see(20, vehicle_supply_voltage=12.0)
    assert only(stage.end(21)).outcome == "stalled"


def test_session_active_when_pilot_current_or_voltage_say_so() -> None:
    for name, value in (
        ("port_pilot", "C2"),
        ("port_inlet_current", 16.0),
        ("charge_discharge", "yes"),
    ):
        stage = Stage(lock=QUICK).locked_in().see(9, **{name: value})
        stage.see(10, port_unlock_request="active").see(20, vehicle_supply_voltage=12.0)
        assert only(stage.end(21)).outcome == "session_active", name


def test_already_open() -> None:
    stage = Stage(lock=QUICK).locked_in().see(1, vehicle_gear="P")
    stage.see(2, port_lock="unlocked").see(3, port_plug="connected")
    # That opening was nobody's wish; the press after it is the one that is looked at.
    stage.see(70, vehicle_gear="N").see(80, port_unlock_request="active")
    stage.see(83, port_plug="disconnected")
    attempts = stage.end(90)
    assert [a.outcome for a in attempts] == ["unexplained_open", "already_open"]
    assert attempts[1].released_after_s is None


def test_unexplained_open_without_request_or_command() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_lock="unlocked")
    attempt = only(stage.see(12, port_plug="disconnected").end(20))
    assert (attempt.outcome, attempt.request) == ("unexplained_open", None)
    assert attempt.released_after_s is None
    assert attempt.pulled_after_s == pytest.approx(2)


def test_a_request_that_is_reported_just_after_the_lock_opened_explains_it() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_lock="unlocked")
    stage.see(10.4, port_unlock_request="active").see(12, port_plug="disconnected")
    attempt = only(stage.end(20))
    assert (attempt.outcome, attempt.request) == ("released", "unlock_request")


def test_the_cars_own_command_explains_an_opening() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_lock_command="unlock")
    attempt = only(stage.see(10.3, port_lock="unlocked").see(12, port_plug="disconnected").end(20))
    assert (attempt.outcome, attempt.request) == ("released", "command")


def test_pulled_while_locked() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_plug="disconnected", port_pilot="A")
    assert only(stage.end(20)).outcome == "pulled_while_locked"


def test_a_locked_plug_that_the_pilot_shows_in_was_not_pulled() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_plug="disconnected")
    assert stage.end(20) == ()


def test_a_locked_plug_was_pulled_when_the_pilot_agrees_at_last() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_plug="disconnected")
    attempt = only(stage.see(12, port_pilot="A").end(20))
    assert (attempt.outcome, attempt.pulled_ns) == ("pulled_while_locked", 12 * S)


def test_an_attempt_goes_on_behind_a_broken_proximity_contact() -> None:
    stage = asked().see(11, port_plug="disconnected").see(12.5, port_lock="unlocked")
    attempt = only(stage.see(14, port_pilot="A").end(90))
    assert (attempt.outcome, attempt.pulled_after_s) == ("released", pytest.approx(1.5))


def test_attempts_begin_behind_a_broken_proximity_contact() -> None:
    stage = Stage(lock=QUICK).locked_in().see(5, port_plug="disconnected")
    attempt = only(stage.see(10, port_unlock_request="active").end(20))
    assert (attempt.request, attempt.outcome) == ("unlock_request", "no_response")


def test_a_contact_that_works_again_denies_nothing_any_more() -> None:
    stage = Stage(lock=QUICK).locked_in().see(5, port_plug="disconnected")
    stage.see(8, port_plug="connected").see(10, port_pilot="A")
    assert stage.end(20) == ()


def test_lock_and_plug_in_one_frame_are_a_release() -> None:
    attempt = only(asked().see(11, port_lock="unlocked", port_plug="disconnected").end(20))
    assert attempt.outcome == "released"


def test_cancelled_by_a_lock_request_before_it_moved() -> None:
    attempt = only(asked().see(10.5, port_lock_request="active").end(20))
    assert attempt.outcome == "cancelled"


def test_inconclusive_when_the_recording_ends() -> None:
    assert only(asked().end(11)).outcome == "inconclusive"


def test_no_plug_no_attempt() -> None:
    stage = Stage(lock=QUICK).see(0, port_lock="locked", port_plug="disconnected")
    stage.see(1, port_unlock_request="idle", vehicle_lock="locked")
    stage.see(10, port_unlock_request="active", vehicle_lock="unlocked")
    assert stage.see(11, port_lock="unlocked").end(30) == ()


def test_presses_before_the_lock_moves_join_one_attempt() -> None:
    stage = asked().see(11.2, port_unlock_request="idle").see(11.5, port_unlock_request="active")
    stage.see(13.8, port_lock="unlocked").see(15, port_plug="disconnected")
    attempt = only(stage.end(20))
    assert [r.time_ns / S for r in attempt.requests] == [10, 11.5]
    assert attempt.outcome == "released"


def test_one_press_reported_by_two_modules_is_one_request() -> None:
    attempt = only(asked().see(10.1, vehicle_lock="unlocked").end(11))
    assert len(attempt.requests) == 1


def test_a_press_after_a_relock_opens_a_new_attempt() -> None:
    stage = asked().see(10.2, port_lock="unlocked").see(20.2, port_lock="locked")
    stage.see(21, port_unlock_request="idle").see(22, port_unlock_request="active")
    assert [a.outcome for a in stage.end(22.5)] == ["relocked", "inconclusive"]


def test_the_module_that_knows_names_the_request() -> None:
    attempt = only(asked().see(10.1, vehicle_lock_source="fob").end(11))
    assert attempt.request == "fob"


def dc() -> Stage:
    rules = LockBehaviour(releases_within_s=3.0, opens_at_session_end=("dc",))
    stage = Stage(lock=rules).locked_in()
    return stage.see(1, charge_type="dc", port_pilot="C2", port_inlet_voltage=360.0)


def test_the_end_of_a_dc_session_opens_an_attempt_by_itself() -> None:
    stage = dc().see(10, port_pilot="B2").see(10.5, port_inlet_voltage=40.0)
    stage.see(13.4, port_lock="unlocked").see(15.4, port_plug="disconnected")
    attempt = only(stage.end(20))
    assert (attempt.outcome, attempt.request) == ("released", "session_end")
    assert attempt.released_after_s == pytest.approx(3.4)
    assert attempt.pulled_after_s == pytest.approx(2.0)


def test_on_dc_a_request_and_the_end_it_causes_are_one_attempt() -> None:
    stage = dc().see(8, port_unlock_request="active").see(10, port_pilot="B2")
    stage.see(12, port_inlet_voltage=40.0).see(15, port_lock="unlocked")
    attempt = only(stage.see(16, port_plug="disconnected").end(20))
    assert (attempt.outcome, attempt.request) == ("released", "unlock_request")
    assert any("session ends" in line.text for line in attempt.evidence)


def test_the_window_starts_anew_while_the_inlet_is_live() -> None:
    stage = dc().see(8, port_unlock_request="active").see(10, port_pilot="B2")
    stage.see(30, port_inlet_voltage=200.0)
    assert stage.session.attempts[0].outcome is None
    stage.see(31, port_inlet_voltage=20.0).see(36, port_inlet_voltage=10.0)
    assert only(stage.end(40)).outcome == "no_response"


def test_a_live_inlet_is_not_waited_for_for_ever() -> None:
    stage = dc().see(8, port_unlock_request="active").see(90, port_inlet_voltage=350.0)
    assert only(stage.end(91)).outcome == "session_active"


def test_a_dc_session_that_resumes_was_no_attempt() -> None:
    stage = dc().see(10, port_pilot="B2").see(11, port_pilot="C2")
    assert stage.end(60) == ()


def test_a_dc_session_that_failed_before_the_car_asked_ends_when_the_voltage_has_fallen() -> None:
    """As in circon_e46_fail1: the pilot never reaches C, the inlet is live for a while."""
    rules = LockBehaviour(releases_within_s=3.1, opens_at_session_end=("dc",))
    stage = Stage(lock=rules).locked_in().see(1, charge_type="dc", port_inlet_voltage=0.0)
    stage.see(5, port_inlet_voltage=340.0).see(9, port_inlet_voltage=120.0)
    stage.see(9.2, port_inlet_voltage=40.0).see(10.3, port_lock="unlocked")
    attempt = only(stage.see(14, port_plug="disconnected").end(20))
    assert (attempt.outcome, attempt.request) == ("released", "session_end")
    assert attempt.released_after_s == pytest.approx(1.1)


def test_the_end_of_an_ac_session_alone_is_no_attempt() -> None:
    rules = LockBehaviour(opens_at_session_end=("dc",))
    stage = Stage(lock=rules).locked_in().see(1, charge_type="ac", port_pilot="C2")
    assert stage.see(10, port_pilot="B2").end(60) == ()


def test_an_ac_lock_that_opens_right_after_the_session_was_opened_by_its_end() -> None:
    stage = Stage(lock=QUICK).locked_in().see(1, charge_type="ac", port_pilot="C2")
    stage.see(10, port_pilot="B2").see(12, port_lock="unlocked").see(13, port_plug="disconnected")
    attempt = only(stage.end(20))
    assert (attempt.request, attempt.outcome) == ("session_end", "released")
    assert attempt.released_after_s == pytest.approx(2)


@pytest.mark.parametrize("before", ["invalid", None])
def test_a_first_value_or_one_after_invalid_is_no_movement(before: str | None) -> None:
    stage = Stage(lock=QUICK).see(0, port_plug="connected")
    if before:
        stage.see(1, port_lock="locked").see(2, port_lock=before).see(3, port_plug="connected")
        stage.see(3.5, vehicle_gear="P")
    assert stage.see(4, port_lock="unlocked").end(10) == ()


def test_a_first_request_value_asks_for_nothing() -> None:
    stage = Stage(lock=QUICK).see(0, port_lock="locked", port_plug="connected")
    assert stage.see(1, port_unlock_request="active", vehicle_lock="unlocked").end(60) == ()


def test_an_opening_while_the_module_was_silent_has_no_delay() -> None:
    stage = asked().stale(11, "port.lock").see(12, port_lock="unlocked")
    attempt = only(stage.see(14, port_plug="disconnected").end(20))
    assert attempt.outcome == "released"
    assert attempt.released_after_s is None
    assert attempt.pulled_after_s is None


def test_a_long_sleep_ends_what_runs_without_an_answer() -> None:
    stage = asked().sleep(11, 60).see(60, port_lock="unlocked")
    attempt = only(stage.end(70))
    assert (attempt.outcome, attempt.closed_ns) == ("inconclusive", 11 * S)


def test_a_short_silence_does_not() -> None:
    stage = asked().sleep(10.6, 12.6).see(12.7, port_lock="unlocked")
    assert only(stage.see(13, port_plug="disconnected").end(20)).outcome == "released"


def test_what_stayed_through_a_sleep_can_be_seen_to_move_after_it() -> None:
    stage = Stage(lock=QUICK).locked_in().sleep(1, 60)
    stage.see(60, port_lock="locked", port_plug="connected", port_unlock_request="idle")
    stage.see(70, port_unlock_request="active").see(70.3, port_lock="unlocked")
    attempt = only(stage.see(72, port_plug="disconnected").end(80))
    assert attempt.released_after_s == pytest.approx(0.3)


def test_a_window_does_not_run_on_through_a_short_silence() -> None:
    stage = asked().sleep(10.5, 14.9).see(15.2, port_lock="unlocked")
    attempt = only(stage.see(17, port_plug="disconnected").end(20))
    assert attempt.outcome == "released"


def test_what_happened_in_a_silence_has_an_interval_and_no_delay() -> None:
    stage = asked().sleep(10.5, 12.5).see(12.5, port_lock="unlocked", port_plug="connected")
    attempt = only(stage.see(14, port_plug="disconnected").end(20))
    assert (attempt.outcome, attempt.released_after_s) == ("released", None)
    stage = asked().see(10.2, port_lock="unlocked").stale(11, "port.plug")
    attempt = only(stage.see(15, port_plug="disconnected").end(20))
    assert attempt.released_after_s == pytest.approx(0.2)
    assert attempt.pulled_after_s is None


@pytest.mark.parametrize("blind", ["invalid", "stale"])
def test_a_relock_that_nobody_could_see_is_one_without_a_delay(blind: str) -> None:
    stage = asked().see(10.2, port_lock="unlocked")
    if blind == "stale":
        stage.stale(15, "port.lock")
    else:
        stage.see(15, port_lock="invalid").see(15.4, vehicle_gear="P")
    stage.see(16, port_lock="locked").see(17, port_unlock_request="idle")
    stage.see(18, port_unlock_request="active")
    first, second = stage.end(19)
    assert (first.outcome, first.relocked_after_s) == ("relocked", None)
    assert second.request == "unlock_request"


def test_an_open_lock_that_turns_to_fault_was_not_left_open() -> None:
    stage = asked().see(10.2, port_lock="unlocked").see(20, port_lock="fault")
    assert only(stage.see(100, vehicle_gear="P").end(110)).outcome == "inconclusive"


def test_a_press_counts_while_only_the_plug_cannot_be_read() -> None:
    stage = Stage(lock=QUICK).locked_in().stale(5, "port.plug")
    assert only(stage.see(10, port_unlock_request="active").end(11)).outcome == "inconclusive"


@pytest.mark.parametrize("word", ["invalid", "auto", "session_end"])
def test_only_people_name_a_request(word: str) -> None:
    stage = Stage(lock=QUICK).locked_in().see(5, vehicle_lock_source="fob")
    stage.see(10, port_unlock_request="active").see(10.3, vehicle_lock_source=word)
    assert only(stage.end(11)).request == "fob"


def test_a_name_from_memory_is_corrected() -> None:
    stage = Stage(lock=QUICK).locked_in().see(5, vehicle_lock_source="fob")
    stage.see(10, port_unlock_request="active").see(10.3, vehicle_lock_source="door")
    assert only(stage.end(11)).request == "door"


def test_ac_never_inherits_the_waiting_time_of_dc() -> None:
    stage = Stage(lock=QUICK).locked_in().see(1, charge_type="ac", port_inlet_voltage=230.0)
    stage.see(10, port_unlock_request="active").see(13.1, vehicle_gear="P")
    assert stage.session.attempts[0].outcome == "session_active"


def test_what_differs_after_a_long_sleep_asks_for_nothing_and_ends_nothing() -> None:
    stage = Stage(lock=QUICK).locked_in().sleep(1, 3600).see(3600, vehicle_lock="unlocked")
    assert stage.end(3700) == ()
    stage = dc().sleep(5, 3600).see(3600, port_pilot="B1", port_lock="locked")
    assert stage.see(3700, port_plug="connected").end(3800) == ()


def test_two_presses_reported_by_one_signal_are_two() -> None:
    stage = asked().see(10.5, port_unlock_request="idle").see(10.9, port_unlock_request="active")
    assert len(only(stage.end(11)).requests) == 2


def test_a_lock_that_was_half_way_when_asked_stalled() -> None:
    stage = Stage(lock=QUICK).locked_in().see(5, port_lock="moving").see(6, vehicle_gear="P")
    stage.see(10, port_unlock_request="active").see(20, vehicle_gear="N")
    assert only(stage.end(21)).outcome == "stalled"


def test_the_car_that_locks_by_itself_is_no_person() -> None:
    stage = asked().see(10.2, port_lock="unlocked").see(10.3, vehicle_lock="unlocked")
    stage.see(25, vehicle_lock_source="auto", vehicle_lock="locked").see(25.3, port_lock="locked")
    assert only(stage.end(30)).relock_cause == "timer"


def test_without_a_signal_of_locking_nobody_knows_who_locked() -> None:
    names = ("port.lock", "port.plug", "port.unlock_request")
    stage = Stage(names, lock=QUICK)
    stage.see(0, port_lock="locked", port_plug="connected", port_unlock_request="idle")
    stage.see(5, port_unlock_request="active").see(5.3, port_lock="unlocked")
    assert only(stage.see(20, port_lock="locked").end(30)).relock_cause is None


def test_a_flickering_plug_is_no_pull() -> None:
    stage = Stage(lock=QUICK).locked_in().see(10, port_plug="disconnected")
    assert stage.see(10.2, port_plug="connected").end(30) == ()


def test_the_pin_that_comes_out_behind_a_leaving_plug_is_no_relock() -> None:
    stage = asked().see(10.2, port_lock="unlocked").see(13, port_plug="disconnected")
    attempt = only(stage.see(13.2, port_lock="locked").see(13.4, vehicle_gear="P").end(20))
    assert (attempt.outcome, attempt.pulled_after_s) == ("released", pytest.approx(2.8))


def test_an_epoch_forgets_that_a_lock_was_ever_seen() -> None:
    rules = LockBehaviour(not_fitted_when=("port.latch_button", ("pressed", "released")))
    stage = Stage(lock=rules).see(0, port_lock="locked").jump_to(-50)
    stage.see(-49, port_lock="unlocked", port_latch_button="released")
    assert not stage.session.lock_fitted


def test_a_new_epoch_ends_what_runs_and_no_delay_crosses_it() -> None:
    stage = asked().jump_to(2).see(3, port_lock="unlocked", port_plug="connected")
    attempt = only(stage.end(20))
    assert (attempt.outcome, attempt.released_after_s) == ("inconclusive", None)


def test_chatter_is_counted_and_not_believed() -> None:
    stage = asked().see(10.20, port_lock="unlocked").see(10.23, port_lock="locked")
    stage.see(10.26, port_lock="unlocked").see(12, port_plug="disconnected")
    attempt = only(stage.end(20))
    assert (attempt.outcome, attempt.bounces) == ("released", 1)
    assert attempt.released_after_s == pytest.approx(0.26)


def test_a_clock_that_counts_rows_gives_no_delays() -> None:
    stage = Stage(lock=QUICK, clock_is_time=False).locked_in()
    stage.see(1, port_unlock_request="active").see(1.2, port_lock="unlocked")
    attempt = only(stage.see(2, port_plug="disconnected").end(3))
    assert attempt.outcome == "released"
    assert (attempt.released_after_s, attempt.pulled_after_s) == (None, None)


def test_a_car_without_a_lock_is_never_judged() -> None:
    stage = Stage(lock=LockBehaviour(fitted=False)).see(0, port_lock="unlocked")
    stage.see(1, port_plug="connected", port_unlock_request="idle")
    stage.see(2, port_unlock_request="active").see(9, port_plug="disconnected")
    assert stage.end(20) == ()


def test_a_handle_button_that_only_type_1_has_says_that_no_lock_is_fitted() -> None:
    rules = LockBehaviour(not_fitted_when=("port.latch_button", ("pressed", "released")))
    stage = Stage(lock=rules).see(0, port_lock="unlocked", port_latch_button="released")
    stage.see(1, port_plug="connected", port_unlock_request="idle")
    stage.see(2, port_unlock_request="active")
    assert not stage.session.lock_fitted
    assert stage.end(20) == ()
    stage.see(30, port_lock="locked")
    assert stage.session.lock_fitted


def test_without_a_broadcast_lock_the_outcome_stays_open() -> None:
    names = ("port.plug", "port.unlock_request")
    stage = Stage(names, lock=QUICK)
    stage.see(0, port_plug="connected", port_unlock_request="idle")
    stage.see(1, port_unlock_request="active").see(3, port_plug="disconnected")
    attempt = only(stage.end(9))
    assert (attempt.outcome, attempt.pulled_after_s) == ("inconclusive", None)


values = {
    term.name: st.sampled_from([*term.words, "invalid"])
    if term.words
    else st.one_of(st.floats(-500, 500), st.just("invalid"))
    for term in TERMS
}
indices = st.integers(0, len(ALL) - 1)
changes = indices.flatmap(lambda i: values[ALL[i]].map(lambda value: ("see", i, value)))
anything = st.one_of(
    changes,
    changes,
    changes,
    indices.map(lambda i: ("stale", i, None)),
    st.just(("silent", 0, None)),
    st.just(("awake", 0, None)),
    st.just(("epoch", 0, None)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(-200, 9_000), anything), max_size=80))
def test_no_order_of_inputs_raises_and_every_attempt_closes(
    drawn: list[tuple[int, tuple[str, int, object]]],
) -> None:
    stage = Stage(lock=LockBehaviour(opens_at_session_end=("dc",), latch_button_requests=True))
    now_ns = 0
    for step_ms, (kind, index, value) in drawn:
        now_ns += step_ms * 1_000_000
        event = {
            "see": Changed(now_ns, index, 0, value),  # type: ignore[arg-type]
            "stale": Expired(now_ns, index),
            "silent": BusSilent(now_ns, 0),
            "awake": BusAwake(now_ns, 0),
            "epoch": EpochBegan(now_ns),
        }[kind]
        stage.session.apply(event)
        stage.session.snapshot()
        assert stage.session.findings()
    attempts = stage.end(now_ns / S + 1000)
    for attempt in attempts:
        assert attempt.outcome is not None
        for delay in (attempt.released_after_s, attempt.pulled_after_s, attempt.relocked_after_s):
            assert delay is None or delay >= 0
