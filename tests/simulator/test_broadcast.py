"""When the virtual car sends: in step without drift, at once on a change, never in bursts."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.bus.transmitter import Transmitter
from evdiag.connecting import captured_live
from evdiag.inputs import Frame
from evdiag.simulator.neighbours import Neighbours
from evdiag.simulator.real_time import RealTime
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import library
from evdiag.wiring import analyse, rank
from tests.bus.scripted import ScriptedSource

REFERENCE = library().profile("reference")
MS = 1_000_000


class SteppedClock:
    """Time that passes only while somebody waits; now and then the wait takes longer."""

    def __init__(self, late: dict[int, int] | None = None) -> None:
        self.now_ns = 12345
        self.late = late or {}
        self.waits = 0

    def __call__(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> None:
        self.waits += 1
        self.now_ns += int(seconds * 1e9) + 30_000 + self.late.get(self.waits, 0)


class SteppedSource(ScriptedSource):
    """Hears nothing; waiting for it lets the clock run."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__([])
        self._stepped = clock

    def receive(self, timeout_s: float) -> list[Frame]:
        self._stepped.wait(timeout_s)
        return []


class Wire(Transmitter):
    """Writes down what is sent, and when."""

    def __init__(self, clock: SteppedClock) -> None:
        self._stepped = clock
        self.sent: list[tuple[int, Frame]] = []

    def transmit(self, frame: Frame) -> None:
        self.sent.append((self._stepped() - 12345, frame))

    def times(self, identifier: int) -> list[int]:
        return [at_ns for at_ns, frame in self.sent if frame.id == identifier]


def run(car: WireCar, clock: SteppedClock, seconds: float) -> Wire:
    source: Source = SteppedSource(clock)
    wire = Wire(clock)
    neighbours = Neighbours(BusSettings("virtual", "x"), car, lambda _: None)
    driven = RealTime(car, source, wire, neighbours, clock)
    while driven.now_s < seconds:
        driven.turn()
    return wire


def test_after_five_minutes_every_message_is_still_in_step() -> None:
    wire = run(WireCar(REFERENCE), SteppedClock(), 300.0)
    for frame in REFERENCE.bus("vehicle").frames:
        times = wire.times(frame.id)
        period_ns = (frame.period_ms or 0) * MS
        late = {(at_ns - times[0]) % period_ns for at_ns in times}
        assert max(min(one, period_ns - one) for one in late) < 2 * MS
        assert len(times) == pytest.approx(300e9 / period_ns, abs=2)


def test_who_wakes_late_sends_what_is_due_once_and_keeps_in_step() -> None:
    clock = SteppedClock(late={200: 5_000 * MS})
    wire = run(WireCar(REFERENCE), clock, 15.0)
    times = wire.times(0x4E0)
    gaps = [after - before for before, after in pairwise(times)]
    assert sum(gap > 200 * MS for gap in gaps) == 1
    assert min(gaps) > 0
    burst = Counter(at_ns // (5 * MS) for at_ns, _ in wire.sent)
    assert max(burst.values()) <= 10
    first, last = times[0] % (100 * MS), times[-1] % (100 * MS)
    assert abs(first - last) < 2 * MS


def test_a_change_is_sent_at_once() -> None:
    car = WireCar(REFERENCE)
    car.car.plan(2.0, "press_button")
    wire = run(car, SteppedClock(), 4.0)
    pressed = [at_ns for at_ns, f in wire.sent if f.id == 0x4E0 and f.data[0] >> 7]
    assert 2_000 * MS <= pressed[0] < 2_012 * MS


def test_a_car_that_sleeps_is_silent_and_wakes_with_everything() -> None:
    car = WireCar(REFERENCE)
    car.car.plan(2.0, "sleep")
    car.car.plan(5.0, "fob_unlock")
    wire = run(car, SteppedClock(), 7.0)
    assert not [at_ns for at_ns, _ in wire.sent if 2_020 * MS < at_ns < 5_000 * MS]
    woken = {frame.id for at_ns, frame in wire.sent if at_ns > 5_000 * MS}
    assert {0x4E0, 0x4E1, 0x4E2, 0x4E3, 0x4E4} <= woken


def test_behind_a_gateway_nothing_is_sent_unasked() -> None:
    assert run(WireCar(REFERENCE, behind_gateway=True), SteppedClock(), 3.0).sent == []


def heard_of(vehicle: str) -> list[Frame]:
    car = WireCar(library().profile(vehicle))
    for at_s, act in ((2.0, "plug_in"), (5.0, "start_ac"), (8.0, "fob_unlock"), (10.0, "pull")):
        car.car.plan(at_s, act)
    sent = run(car, SteppedClock(), 12.0).sent
    return [frame._replace(time_ns=at_ns + 10**18) for at_ns, frame in sent]


@pytest.mark.parametrize(
    "vehicle", [p.id for p in library().profiles.values() if any(bus.frames for bus in p.buses)]
)
def test_every_car_is_recognised_for_what_it_plays(vehicle: str) -> None:
    ranked = rank(captured_live(heard_of(vehicle)))
    assert ranked[0].vehicle == vehicle
    assert ranked[0].confidence > 0.5


def test_pages_take_turns() -> None:
    frames = heard_of("tesla-model3")
    analysis = analyse(captured_live(frames), "tesla-model3")
    assert analysis.identified.layout == "2020"
    _, rows = analysis.run()
    readings = {row.signal for row in rows}
    assert {"port.lock", "port.lock_current", "port.plug"} <= readings
