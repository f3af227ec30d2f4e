"""What enters besides frames: time, the bus's word, the person's, the gate's."""

from __future__ import annotations

from evdiag.inputs import BusEvent, BusEventKind, Frame, Mark, Tick, TransmitDecision
from evdiag.port.attempt import Attempt
from evdiag.session import Session
from evdiag.vehicles.library import library
from tests.signals.watches import WATCH

S = 1_000_000_000


def fed(*items: object) -> Session:
    session = Session(library().profile("reference"), WATCH)
    for item in items:
        list(session.feed(item))  # type: ignore[arg-type]
    return session


def port(at_s: float, lock: int, plug: int = 1) -> Frame:
    data = bytes((lock | plug << 2, 0, 0))
    return Frame(round(at_s * S), "can0", 0x100, False, data)


def beat(first_s: int, last_s: int, lock: int) -> list[Frame]:
    return [port(tenth / 10, lock) for tenth in range(first_s * 10, last_s * 10)]


def only(session: Session) -> Attempt:
    (attempt,) = session.attempts
    return attempt


def test_a_tick_lets_time_pass_and_never_turns_it_back() -> None:
    session = fed(port(0, 1), Tick(2 * S), Tick(-60 * S), port(2.1, 1))
    assert session.readings.epoch == 0
    assert session.stream_ns == round(2.1 * S)


def test_a_command_of_our_own_that_the_bus_never_confirms() -> None:
    session = fed(*beat(0, 5, 1), TransmitDecision(5 * S, "unlock", True, ()), *beat(6, 20, 1))
    assert (only(session).request, only(session).outcome) == ("evdiag", "commanded_not_confirmed")


def test_a_command_of_our_own_that_it_confirms() -> None:
    session = fed(*beat(0, 5, 1), TransmitDecision(5 * S, "unlock", True, ()), *beat(6, 9, 0))
    assert only(session).released_ns == 6 * S


def test_a_lock_that_we_closed_did_not_close_by_itself() -> None:
    opened = (*beat(0, 5, 1), TransmitDecision(5 * S, "unlock", True, ()), *beat(6, 9, 0))
    closed = fed(*opened, TransmitDecision(9 * S, "relock", True, ()), *beat(9, 12, 1))
    assert (only(closed).outcome, only(closed).relock_cause) == ("relocked", "person")
    assert not [found for found in closed.findings() if found.fault == "relocks_before_pull"]
    refused = TransmitDecision(9 * S, "relock", False, ("inlet above 60 V",))
    assert only(fed(*opened, refused, *beat(9, 12, 1))).relock_cause != "person"


def test_a_refusal_is_an_outcome_of_its_own() -> None:
    refusal = TransmitDecision(5 * S, "unlock", False, ("inlet above 60 V",))
    attempt = only(fed(*beat(0, 5, 1), refusal))
    assert (attempt.outcome, attempt.reason) == ("refused", "inlet above 60 V")
    assert fed(port(0, 0, plug=0), refusal).attempts == ()


def test_a_lost_bus_ends_what_runs_after_its_deadlines_had_their_turn() -> None:
    asked = TransmitDecision(5 * S, "unlock", True, ())
    lost = BusEvent(round(7.5 * S), BusEventKind.LOST, "can0")
    assert only(fed(*beat(0, 6, 1), asked, *beat(6, 7, 1), lost)).outcome == "inconclusive"


def test_marks_are_kept() -> None:
    assert fed(Mark(S, "now"), Mark(2 * S, "and now")).marks[1].text == "and now"
