"""What is remembered is bounded, and never mixes two clocks."""

from __future__ import annotations

from evdiag.diagnosis.memory import KEPT, Memory
from evdiag.port.readings import TimelineRow
from evdiag.vocabulary import Value


def remembered(*changes: tuple[int, str, Value]) -> Memory:
    memory = Memory()
    for time_ns, name, value in changes:
        memory.row(TimelineRow(time_ns, name, None, value, 0, 0))
    return memory


def test_a_value_holds_until_the_next_and_is_unknown_while_it_cannot_be_read() -> None:
    memory = remembered((5, "port.lock", "locked"), (9, "port.lock", "stale"))
    assert [memory.at("port.lock", at) for at in (4, 5, 8, 9)] == [None, "locked", "locked", None]
    assert memory.at("port.plug", 9) is None


def test_a_contact_that_flickers_for_days_costs_no_more_than_one_that_does_for_minutes() -> None:
    words = ("connected", "disconnected")
    memory = remembered(*((at, "port.plug", words[at % 2]) for at in range(10 * KEPT)))
    assert len(list(memory.changes("port.plug"))) == KEPT
    assert memory.at("port.plug", 10 * KEPT) == "disconnected"


def test_of_a_voltage_only_what_tells_something_is_kept() -> None:
    wavering = [(at, "port.inlet_voltage", 362 + at % 3) for at in range(50)]
    falling = [(60, "port.inlet_voltage", 61.0), (61, "port.inlet_voltage", 59.0)]
    memory = remembered(*wavering, *falling)
    assert [seen.value for seen in memory.changes("port.inlet_voltage")] == [362, 61.0, 59.0]
    assert not list(remembered((1, "vehicle.speed", 3.0)).changes("vehicle.speed"))


def test_a_value_lasts_no_longer_than_somebody_could_see_it() -> None:
    memory = remembered((5, "port.latch_button", "pressed"))
    memory.fell_silent(8)
    assert [until for _, until in memory.spans("port.latch_button", 900)] == [8]
    assert memory.was_silent(5, 9)
    assert not memory.was_silent(8, 900)


def test_a_new_epoch_forgets_stamps_of_the_old_clock() -> None:
    memory = remembered((5, "port.lock", "locked"))
    memory.epoch_began(attempts_before=1)
    assert memory.at("port.lock", 9) is None
