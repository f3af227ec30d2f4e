"""Every state of the lock has a word, a shape and a sign of its own; none is told by colour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.session.snapshot import Snapshot
from evdiag.signals.events import BusSilent
from evdiag.tui.big_word import ROWS, big_word
from evdiag.tui.lock_look import LockLook, lock_look
from evdiag.tui.words import at_text, read_time
from evdiag.vehicles.profile import LockBehaviour
from tests.port.stage import Stage


def snapshot(stage: Stage, lock: object) -> Snapshot:
    if lock is not None:
        stage.see(1, port_plug="connected", port_lock=lock)
    return stage.session.snapshot()


def looks() -> dict[str, LockLook]:
    told = ("locked", "unlocked", "moving", "blocking", "fault", "invalid")
    found = {lock: lock_look(snapshot(Stage(), lock)) for lock in told}
    found["unknown"] = lock_look(snapshot(Stage(), None))
    stale = Stage().see(1, port_lock="locked").stale(3, "port.lock")
    found["stale"] = lock_look(stale.session.snapshot())
    asleep = Stage().see(1, port_lock="locked")
    asleep.session.apply(BusSilent(2_000_000_000, 0))
    found["asleep"] = lock_look(asleep.session.snapshot())
    unfitted = Stage(lock=LockBehaviour(fitted=False)).see(1, port_lock="unlocked")
    found["not fitted"] = lock_look(unfitted.session.snapshot())
    return found


def test_each_state_has_its_own_word() -> None:
    words = {state: look.word for state, look in looks().items()}
    assert words == {
        "locked": "LOCKED",
        "unlocked": "OPEN",
        "moving": "MOVING",
        "blocking": "PIN OUT",
        "fault": "FAULT",
        "invalid": "INVALID",
        "unknown": "UNKNOWN",
        "stale": "STALE",
        "asleep": "ASLEEP",
        "not fitted": "NO LOCK",
    }


def test_each_state_has_its_own_sign_and_a_sentence() -> None:
    found = looks().values()
    assert len({look.mark for look in found}) == len(found)
    assert all(look.meaning for look in found)


@pytest.mark.parametrize("size", ["large", "medium", "small"])
def test_each_word_is_drawn_in_rows_of_one_width(size: str) -> None:
    for look in looks().values():
        rows = big_word(look.sign, look.word, size)  # type: ignore[arg-type]
        assert len(rows) == ROWS[size]
        assert len({len(row) for row in rows}) == 1
        assert any(row.strip() for row in rows)


def test_the_last_known_position_is_named_and_never_claimed() -> None:
    for state in ("stale", "asleep"):
        assert "last seen locked" in looks()[state].meaning


def test_an_open_lock_of_a_live_session_does_not_say_pull() -> None:
    stage = Stage().see(1, port_plug="connected", port_lock="unlocked", port_pilot="C2")
    assert "do not pull" in lock_look(stage.session.snapshot()).meaning


@given(st.floats(0, 90_000).map(lambda seconds: round(seconds, 1)))
def test_a_written_place_is_read_as_the_same_place(seconds: float) -> None:
    assert read_time(at_text(seconds)) == pytest.approx(seconds, abs=0.051)


@pytest.mark.parametrize(
    ("typed", "seconds"), [("12.5", 12.5), ("1:02.5", 62.5), ("1:00:02", 3602.0), (" 7 ", 7.0)]
)
def test_times_are_read_as_people_write_them(typed: str, seconds: float) -> None:
    assert read_time(typed) == seconds


@given(st.text().filter(lambda text: not any(letter.isdigit() for letter in text)))
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadInputError, match="is no time"):
        read_time(text)
