"""A link survives what drivers do, says it in words, and comes back."""

import threading
from collections.abc import Sequence

import pytest

from evdiag.bus.link import Link
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.inputs import BusEvent, BusEventKind, Frame, Tick
from tests.bus.scripted import BusError, Collected, GarbledError, ScriptedSource, until

SETTINGS = BusSettings("virtual", "can0")


def frame(number: int) -> Frame:
    return Frame(number * 1_000_000, "can0", 0x100, False, bytes((number % 256,)), direction="rx")


class Adapter:
    """Opens one source after another; an exception in the list is a failed opening."""

    def __init__(self, *sources: ScriptedSource | Exception) -> None:
        self.sources = list(sources)
        self.opened: list[ScriptedSource] = []

    def __call__(self, settings: BusSettings) -> Source:
        assert settings == SETTINGS
        entry = self.sources.pop(0) if self.sources else BusError("still gone")
        if isinstance(entry, Exception):
            raise entry
        self.opened.append(entry)
        return entry


def events(got: Collected) -> list[tuple[str, str]]:
    return [(e.kind.value, e.detail) for e in got.items if isinstance(e, BusEvent)]


def frames(got: Collected) -> list[Frame]:
    return [item for item in got.items if isinstance(item, Frame)]


def run(adapter: Adapter, done: Sequence[str]) -> Collected:
    """Run a link until the kinds of `done` have all been heard of."""
    got = Collected()
    link = Link(SETTINGS, got, adapter)
    link.start()
    until(lambda: set(done) <= {kind for kind, _ in events(got)})
    link.stop()
    assert all(source.closed for source in adapter.opened)
    return got


def test_frames_are_delivered_in_order_and_time_passes_after_them() -> None:
    got = Collected()
    link = Link(SETTINGS, got, Adapter(ScriptedSource([[frame(1), frame(2)], [frame(3)]])))
    link.start()
    until(lambda: any(isinstance(item, Tick) for item in got.items))
    link.stop()
    assert frames(got) == [frame(1), frame(2), frame(3)]
    ticks = [item for item in got.items if isinstance(item, Tick)]
    assert all(tick.time_ns >= 3_000_000 for tick in ticks)
    assert got.items.index(ticks[0]) > got.items.index(frame(3))


def test_a_lost_bus_is_said_and_comes_back_without_restarting() -> None:
    adapter = Adapter(
        ScriptedSource([[frame(1)], BusError("pulled out")]),
        BusError("not there"),
        ScriptedSource([[frame(2)]]),
    )
    got = Collected()
    link = Link(SETTINGS, got, adapter)
    link.start()
    until(lambda: frame(2) in got.items)
    assert link.state.condition == "up"
    assert link.state.reconnects == 1
    link.stop()
    assert [kind for kind, _ in events(got)][:3] == ["up", "lost", "up"]
    assert ("lost", "pulled out") in events(got)
    assert link.state.condition == "lost"


def test_time_goes_on_while_the_bus_is_gone() -> None:
    got = Collected()
    link = Link(SETTINGS, got, Adapter(ScriptedSource([[frame(1)], BusError("gone")])))
    link.start()
    until(lambda: sum(isinstance(item, Tick) for item in got.items) > 5)
    assert link.state.words == "still gone"
    link.stop()
    times = [item.time_ns for item in got.items if isinstance(item, Tick)]
    assert times == sorted(times)
    assert times[-1] > times[0]


def test_garbage_is_counted_and_said_once_a_run() -> None:
    script = [GarbledError("a"), GarbledError("b"), [frame(1)], GarbledError("c"), [frame(2)]]
    got = Collected()
    link = Link(SETTINGS, got, Adapter(ScriptedSource(script)))
    link.start()
    until(lambda: frame(2) in got.items)
    assert link.state.garbled == 3
    link.stop()
    assert [detail for kind, detail in events(got) if kind == "driver_error"] == [
        "unreadable: a",
        "unreadable: c",
    ]


def test_nothing_but_garbage_is_a_lost_bus() -> None:
    got = run(Adapter(ScriptedSource([GarbledError("x")] * 1000)), ["lost"])
    assert any("nothing but unreadable bytes" in detail for _, detail in events(got))


def test_silence_is_noticed_and_its_end_too() -> None:
    class Pausing(ScriptedSource):
        def receive(self, timeout_s: float) -> list[Frame]:
            quiet = ("silent" in {kind for kind, _ in events(got)}) and not frames(got)
            return [frame(9)] if quiet else super().receive(timeout_s)

    got = Collected()
    link = Link(SETTINGS, got, Adapter(Pausing([])))
    link.start()
    until(lambda: "heard" in {kind for kind, _ in events(got)})
    link.stop()


def test_lost_frames_are_counted_in_the_recording() -> None:
    source = ScriptedSource([[frame(1)]])
    source.lost = 17
    got = run(Adapter(source), ["frames_lost"])
    lost = [e for e in got.items if isinstance(e, BusEvent) and e.kind is BusEventKind.FRAMES_LOST]
    assert [event.count for event in lost] == [17]


def test_a_bus_that_cannot_be_opened_is_said_at_once() -> None:
    with pytest.raises(BusError, match="no such adapter"):
        Link(SETTINGS, Collected(), Adapter(BusError("no such adapter"))).start()


def test_a_bus_that_comes_back_while_the_link_is_stopped_is_closed() -> None:
    opening, may_open = threading.Event(), threading.Event()
    late = ScriptedSource([[frame(2)]])

    def open_bus(settings: BusSettings) -> Source:
        if not first:
            opening.set()
            assert may_open.wait(20)
            return late
        return first.pop()

    first = [ScriptedSource([BusError("pulled out")])]
    got = Collected()
    link = Link(SETTINGS, got, open_bus)
    link.start()
    assert opening.wait(20)
    stopping = threading.Thread(target=link.stop)
    stopping.start()
    until(link._stop.is_set)
    may_open.set()
    stopping.join(20)
    until(lambda: late.closed)
    assert frame(2) not in got.items
    assert [kind for kind, _ in events(got)].count("up") == 1


def test_whatever_opening_raises_the_link_tries_again() -> None:
    adapter = Adapter(
        ScriptedSource([BusError("pulled out")]),
        RuntimeError("a driver's own fault"),
        ScriptedSource([[frame(2)]]),
    )
    got = Collected()
    link = Link(SETTINGS, got, adapter)
    link.start()
    until(lambda: frame(2) in got.items)
    link.stop()
    with pytest.raises(BusError, match=r"virtual can0 cannot be opened: odd"):
        Link(SETTINGS, got, Adapter(RuntimeError("odd"))).start()


def test_opening_it_another_way_is_no_fault() -> None:
    first, second = ScriptedSource([[frame(1)]]), ScriptedSource([[frame(2)]])
    adapter = Adapter(first, second)
    got = Collected()
    link = Link(SETTINGS, got, adapter)
    link.start()
    until(lambda: frame(1) in got.items)
    link.reopen(adapter)
    until(lambda: frame(2) in got.items)
    link.stop()
    assert "lost" not in {kind for kind, _ in events(got)}
    assert first.closed
