"""How long the lock takes to close, and when that cannot be said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.port.locking import LOCKS_WITHIN_NS, Locking, lockings
from evdiag.signals.events import BusAwake, BusSilent, Changed, EpochBegan, Expired, SignalEvent
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import Value
from tests.port.stage import ALL, S, watch

PLUG_ONLY = tuple(name for name in ALL if name not in ("port.lock_command", "port.lock_request"))


class Scene:
    """Signal events by name, in seconds."""

    def __init__(self, names: tuple[str, ...] = ALL) -> None:
        self.names = names
        self.events: list[SignalEvent] = []
        known = {"port.lock": "unlocked", "port.plug": "disconnected", "port.lock_command": "idle"}
        known |= {"port.lock_request": "idle"}
        for name, value in known.items():
            if name in names:
                self._changed(0, name, value)

    def see(self, at_s: float, **values: Value) -> Scene:
        """Report values; ``port_lock="locked"`` is ``port.lock``."""
        for name, value in values.items():
            self._changed(at_s, name.replace("_", ".", 1), value)
        return self

    def then(self, *events: SignalEvent) -> Scene:
        """Let something else happen."""
        self.events += events
        return self

    def found(self, end_s: float = 60, *, clock_is_time: bool = True) -> tuple[Locking, ...]:
        """Return what comes of it."""
        return lockings(
            self.events,
            watch(self.names),
            LockBehaviour(),
            round(end_s * S),
            clock_is_time=clock_is_time,
        )

    def delays(self, end_s: float = 60) -> list[float | None]:
        """Return how long each locking took."""
        return [found.locked_after_s for found in self.found(end_s)]

    def _changed(self, at_s: float, name: str, value: Value) -> None:
        self.events.append(Changed(round(at_s * S), self.names.index(name), 0, value))


def told(at_s: float = 10) -> Scene:
    """Return a plug that went in, and a lock that was told to close."""
    return Scene().see(5, port_plug="connected").see(at_s, port_lock_command="lock")


def test_from_the_command_to_the_lock_that_reports_closed() -> None:
    [found] = told().see(10.2, port_lock_command="idle").see(10.4, port_lock="locked").found()

    assert (found.time_ns, found.locked_after_s) == (10 * S, 0.4)


def test_from_the_request_where_that_comes_first() -> None:
    scene = Scene().see(9, port_lock_request="active").see(9.5, port_lock_command="lock")
    assert scene.see(10, port_lock="locked").delays() == [1.0]


def test_from_the_plug_where_nothing_else_is_offered() -> None:
    scene = Scene(PLUG_ONLY).see(5, port_plug="connected").see(7.5, port_lock="locked")
    assert scene.delays() == [2.5]


def test_a_lock_that_was_told_and_stays_open_did_not_close() -> None:
    assert told().delays() == [None]
    assert told().see(25, port_lock="locked").delays() == [None]
    assert told().delays(end_s=15) == []


def test_a_plug_alone_asks_for_nothing_unless_the_owner_wants_it_locked_always() -> None:
    assert Scene(PLUG_ONLY).see(5, port_plug="connected").delays() == []
    always = Scene(PLUG_ONLY).see(1, charge_lock_mode="always").see(5, port_plug="connected")
    assert always.delays() == [None]


def test_a_lock_that_is_closed_is_not_told_to_close() -> None:
    scene = Scene().see(5, port_plug="connected", port_lock="locked")
    assert scene.see(9, port_lock_command="lock").delays() == []


@pytest.mark.parametrize(
    "off",
    [{"port_lock_command": "unlock"}, {"port_plug": "disconnected"}],
    ids=["unlock", "plug"],
)
def test_what_is_called_off_is_no_failure(off: dict[str, Value]) -> None:
    assert told().see(10.2, **off).delays() == []


def test_a_lock_that_only_flickers_has_not_closed() -> None:
    scene = told().see(10.3, port_lock="locked").see(10.33, port_lock="unlocked")
    assert scene.delays() == [None]
    assert scene.see(11, port_lock="locked").delays() == [1.0]


@pytest.mark.parametrize(
    "between",
    [
        (EpochBegan(round(2 * S)),),
        (BusSilent(round(10.6 * S), 0), BusAwake(round(10.9 * S), 0)),
        (Expired(round(10.6 * S), ALL.index("port.lock")),),
        (Changed(round(10.6 * S), ALL.index("port.lock"), 0, "invalid"),),
    ],
    ids=["epoch", "sleep", "stale", "invalid"],
)
def test_nothing_is_timed_across_what_nobody_saw(between: tuple[SignalEvent, ...]) -> None:
    assert told().then(*between).see(11, port_lock="locked").delays() == []


def test_rows_and_zeros_are_no_time() -> None:
    assert told().see(10.4, port_lock="locked").found(clock_is_time=False) == ()
    assert Scene(("port.plug", "port.lock_command")).see(3, port_plug="connected").found() == ()


def test_what_surrounded_it() -> None:
    scene = told().see(1, vehicle_ambient_temperature=-7.5).see(9, vehicle_supply_voltage=12.6)
    scene.events.sort(key=lambda event: event.time_ns)
    scene.see(10.1, vehicle_supply_voltage=11.9).see(10.3, vehicle_supply_voltage=12.4)
    scene.see(10.4, port_lock="locked").see(11, vehicle_supply_voltage=9.0)
    scene.see(12, charge_type="dc").see(30, port_plug="disconnected", charge_type="none")

    [found] = scene.found()

    assert (found.lowest_supply, found.ambient_temperature) == (11.9, -7.5)
    assert found.charger == "dc"


def test_what_the_car_does_not_tell_is_not_known() -> None:
    [found] = told().see(10.4, port_lock="locked").found()
    assert (found.lowest_supply, found.ambient_temperature, found.charger) == (None, None, None)


WORDS: dict[str, tuple[Value, ...]] = {
    "port.lock": ("locked", "unlocked", "moving", "invalid"),
    "port.plug": ("connected", "disconnected"),
    "port.lock_command": ("lock", "unlock", "idle"),
    "port.lock_request": ("active", "idle"),
    "vehicle.supply_voltage": (11.0, 12.5),
}
_changes = st.sampled_from(sorted(WORDS)).flatmap(
    lambda name: st.tuples(st.just(ALL.index(name)), st.sampled_from(WORDS[name]))
)
_happenings = st.lists(
    st.tuples(st.integers(0, 15 * S), st.one_of(_changes, st.sampled_from(["stale", "sleep"]))),
    max_size=40,
)


def events_from(happenings: list[tuple[int, object]]) -> list[SignalEvent]:
    """Return events in order of time, each so long after the one before."""
    now_ns, events = 0, list[SignalEvent]()
    for after_ns, what in happenings:
        now_ns += after_ns
        if what == "stale":
            events.append(Expired(now_ns, ALL.index("port.lock")))
        elif what == "sleep":
            events += [BusSilent(now_ns, 0), BusAwake(now_ns + S, 0)]
            now_ns += S
        else:
            index, value = what  # type: ignore[misc]
            events.append(Changed(now_ns, index, 0, value))
    return events


def run(events: list[SignalEvent]) -> tuple[Locking, ...]:
    end_ns = events[-1].time_ns + 20 * S if events else None
    return lockings(events, watch(ALL), LockBehaviour(), end_ns)


@given(_happenings)
def test_whatever_happens_each_is_in_its_place_and_time(
    happenings: list[tuple[int, object]],
) -> None:
    events = events_from(happenings)
    found = run(events)

    began = [each.time_ns for each in found]
    assert began == sorted(set(began))
    wanted = {ALL.index("port.lock_command"): "lock", ALL.index("port.lock_request"): "active"}
    closes = [
        event.time_ns
        for event in events
        if isinstance(event, Changed)
        and (event.watched, event.value) == (ALL.index("port.lock"), "locked")
    ]
    for each in found:
        assert any(
            isinstance(event, Changed)
            and event.time_ns == each.time_ns
            and wanted.get(event.watched) == event.value
            for event in events
        )
        if each.locked_after_s is not None:
            assert 0 <= each.locked_after_s <= LOCKS_WITHIN_NS / S
            assert each.time_ns + round(each.locked_after_s * S) in closes


@given(_happenings, st.integers(0, 10**18))
def test_the_time_of_day_changes_nothing(
    happenings: list[tuple[int, object]], later_ns: int
) -> None:
    events = events_from(happenings)
    shifted = [event._replace(time_ns=event.time_ns + later_ns) for event in events]
    assert run(shifted) == tuple(
        replace(each, time_ns=each.time_ns + later_ns) for each in run(events)
    )
