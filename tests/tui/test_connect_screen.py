"""The connect screen: what is there, why not, how fast, which car; and a failure stays in place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from evdiag.bus.adapters import Adapter
from evdiag.bus.settings import BusSettings
from evdiag.errors import BadInputError, BusError
from evdiag.recent import RecentBus
from evdiag.tui.config import TuiConfig
from evdiag.tui.connect_app import ConnectApp, read_bitrate
from tests.tui.replaying import SIZES, Playing, seen, settled

CARS = (("bmw-i3", "BMW i3"), ("reference", "evdiag reference car"))


def adapter(interface: str, channel: str, **options: Any) -> Adapter:
    made: dict[str, Any] = {
        "description": "an adapter",
        "listen_only": "verified (read back)",
        "fd": "no",
        "bitrates": "10k to 1M",
        "timestamps": "kernel",
        "ready": True,
        "state": "ready",
        "command": f"evdiag connect -i {interface} -c {channel}",
    }
    return Adapter(interface, channel, **{**made, **options})


CAN0 = adapter("socketcan", "can0")
DOWN = adapter(
    "socketcan", "can1", ready=False, state="down: `ip link set can1 up type can bitrate 500000`"
)
SERIAL = adapter("slcan", "/dev/ttyACM0", description="[red]CANable\x1b")
LOOP = adapter("udp_multicast", "239.74.163.2", description="several programs")


class Opened:
    """A bus that was opened."""

    def __init__(self) -> None:
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


class Connecting:
    """Opens what it is asked to, or fails as it is told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[tuple[BusSettings, str | None]] = []
        self.failure = failure
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.opened = Opened()

    def __call__(self, settings: BusSettings, vehicle: str | None) -> Any:
        self.asked.append((settings, vehicle))
        self.may_go_on.wait(30)
        if self.failure is not None:
            raise self.failure
        return self.opened


def screen(
    *found: Adapter,
    recent: Sequence[RecentBus] = (),
    connect: Connecting | None = None,
    vehicle: str | None = None,
    at_once: bool = False,
) -> ConnectApp:
    return ConnectApp(
        lambda: found,
        recent,
        connect or Connecting(),
        lambda: CARS,
        log="/home/me/evdiag.log",
        vehicle=vehicle,
        at_once=at_once,
        clock=lambda: 0.0,
        config=TuiConfig(),
    )


async def until_seen(app: ConnectApp, pilot: Playing, text: str) -> str:
    for _ in range(600):
        app.tick()
        await settled(pilot)
        if text in " ".join(seen(app).split()):
            return " ".join(seen(app).split())
        await pilot.pause(0.02)
    raise AssertionError(f"never seen: {text!r} in {seen(app)}")


async def until(condition: Callable[[], object], pilot: Playing) -> None:
    for _ in range(600):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_plugged_in_is_listed_with_what_it_can_do(size: tuple[int, int]) -> None:
    app = screen(CAN0, DOWN, SERIAL)
    async with app.run_test(size=size) as pilot:
        text = await until_seen(app, pilot, "3 adapters found, 2 ready")
        assert "can0" in text
        assert "listen-only verified (read back)" in text
        await pilot.press("down")
        text = await until_seen(app, pilot, "ip link set can1 up")
        await pilot.press("down")
        text = await until_seen(app, pilot, "500 kbit/s")
        assert "\x1b" not in seen(app)
        assert all(len(line) <= size[0] for line in seen(app).splitlines())


async def test_what_was_used_last_is_first_also_where_it_is_gone() -> None:
    last = RecentBus(BusSettings("slcan", "/dev/ttyACM0", 250_000), "bmw-i3")
    gone = RecentBus(BusSettings("pcan", "PCAN_USBBUS1", 500_000))
    connect = Connecting()
    app = screen(CAN0, SERIAL, recent=(last, gone), connect=connect)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(app, pilot, "2 adapters found")
        rows = seen(app).splitlines()[1:4]
        assert "ttyACM0 250k" in rows[0]
        assert "used last" in rows[0]
        assert "used before, not found now" in rows[1]
        assert "can0" in rows[2]
        await pilot.press("enter")
        await until(lambda: connect.asked, pilot)
        assert connect.asked == [(last.settings, "bmw-i3")]
        await until(lambda: app.connected is not None, pilot)


async def test_enter_connects_with_the_chosen_rate_and_car() -> None:
    connect = Connecting()
    app = screen(SERIAL, connect=connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "500 kbit/s")
        await pilot.press("b")
        await settled(pilot)
        assert "most OBD ports" in seen(app)
        await pilot.press("down", "enter")
        await until_seen(app, pilot, "250 kbit/s")
        await pilot.press("b", *["down"] * 9, "enter")
        await settled(pilot)
        await pilot.press(*"xyz", "enter")
        await settled(pilot)
        assert "is no bit rate" in seen(app)
        await pilot.press(*["backspace"] * 3, *"95k", "enter", "v", "down", "down", "enter")
        await until_seen(app, pilot, "evdiag reference car")
        await pilot.press("enter")
        await until(lambda: app.connected is not None, pilot)
    ((settings, vehicle),) = connect.asked
    assert (settings.bitrate, vehicle) == (95_000, "reference")
    assert app.connected is connect.opened  # type: ignore[comparison-overlap]


async def test_a_car_remembered_can_be_recognised_anew() -> None:
    last = RecentBus(BusSettings("socketcan", "can0"), "bmw-i3")
    connect = Connecting()
    app = screen(CAN0, recent=(last,), connect=connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "bmw-i3")
        await pilot.press("v", "up", "enter")
        await until_seen(app, pilot, "by its frames")
        await pilot.press("enter")
        await until(lambda: connect.asked, pilot)
    assert connect.asked[0][1] is None


@pytest.mark.parametrize("size", SIZES)
async def test_a_failure_is_one_sentence_in_place_and_the_list_stays(size: tuple[int, int]) -> None:
    words = "/dev/ttyACM0 answers as an ELM327: no raw CAN adapter; a CANable or a PCAN is one"
    connect = Connecting(BusError(words))
    app = screen(SERIAL, CAN0, connect=connect)
    async with app.run_test(size=size) as pilot:
        await until_seen(app, pilot, "2 adapters found")
        await pilot.press("enter")
        text = await until_seen(app, pilot, "answers as an ELM327")
        assert "/home/me/evdiag.log" in text
        assert "can0" in text
        connect.failure = None
        await pilot.press("down", "enter")
        await until(lambda: app.connected is not None, pilot)


async def test_while_it_opens_that_is_said_and_leaving_closes_it_again() -> None:
    connect = Connecting()
    connect.may_go_on.clear()
    app = screen(CAN0, connect=connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "1 adapter found")
        await pilot.press("enter", "enter")
        await until_seen(app, pilot, "opening can0 …")
        await pilot.press("q")
        await settled(pilot)
    connect.may_go_on.set()
    app.let_go()
    assert app.connected is None
    assert len(connect.asked) == 1
    assert connect.opened.stopped


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_what_was_opened_as_the_person_left_is_closed(key: str) -> None:
    connect = Connecting()
    app = screen(CAN0, connect=connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "1 adapter found")
        connect.may_go_on.clear()
        await pilot.press("enter", key)
    connect.may_go_on.set()
    app.let_go()
    assert app.connected is None
    assert connect.opened.stopped


async def test_what_is_connected_stays_open() -> None:
    connect = Connecting()
    app = screen(CAN0, connect=connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "1 adapter found")
        await pilot.press("enter")
        await until(lambda: app.connected is not None, pilot)
    app.let_go()
    assert not connect.opened.stopped


async def test_the_last_adapter_can_be_opened_unasked() -> None:
    last = RecentBus(BusSettings("slcan", "/dev/ttyACM0", 250_000), "bmw-i3")
    connect = Connecting()
    connect.may_go_on.clear()
    app = screen(CAN0, SERIAL, recent=(last,), connect=connect, at_once=True)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await until_seen(app, pilot, "opening slcan /dev/ttyACM0 250k …")
        assert "looking" not in text
        connect.may_go_on.set()
        await until(lambda: app.connected is not None, pilot)
    assert connect.asked == [(last.settings, "bmw-i3")]


@pytest.mark.parametrize("size", SIZES)
async def test_where_that_fails_the_list_says_why(size: tuple[int, int]) -> None:
    last = RecentBus(BusSettings("slcan", "/dev/ttyACM0", 250_000))
    connect = Connecting(BusError("/dev/ttyACM0 is not there: `evdiag adapters` lists what is"))
    app = screen(CAN0, recent=(last,), connect=connect, at_once=True)
    async with app.run_test(size=size) as pilot:
        text = await until_seen(app, pilot, "1 adapter found")
        assert "/dev/ttyACM0 is not there" in text
        assert len(connect.asked) == 1
        connect.failure = None
        await pilot.press("down", "enter")
        await until(lambda: app.connected is not None, pilot)
    assert connect.asked[-1][0].channel == "can0"


async def test_with_nothing_used_before_it_looks_for_adapters() -> None:
    connect = Connecting()
    app = screen(CAN0, connect=connect, at_once=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "1 adapter found")
    assert not connect.asked


async def test_an_empty_machine_is_told_so_and_can_look_again() -> None:
    found: list[Adapter] = [LOOP]
    app = ConnectApp(lambda: list(found), (), Connecting(), lambda: CARS, config=TuiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        text = await until_seen(app, pilot, "no adapter found: `evdiag doctor` tells why")
        assert "udp_multicast" in text
        assert "bit rate none needed" in text
        found.insert(0, CAN0)
        await pilot.press("r")
        await until_seen(app, pilot, "1 adapter found, 1 ready")


async def test_it_can_be_left_with_nothing_there_and_helps() -> None:
    app = screen()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "no adapter found")
        await pilot.press("enter", "b", "down", "question_mark")
        await settled(pilot)
        assert "Connect to a car" in seen(app)
        await pilot.press("escape", "T", "q")
        await settled(pilot)
    assert app.connected is None
    assert not app.went_back


async def test_escape_wants_the_screen_before() -> None:
    app = screen()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(app, pilot, "no adapter found")
        await pilot.press("escape")
    assert app.connected is None
    assert app.went_back


@pytest.mark.parametrize(
    ("typed", "rate"),
    [("500k", 500_000), (" 1M ", 1_000_000), ("33333", 33_333), ("83.333k", 83_333)],
)
def test_bit_rates_are_read_as_people_write_them(typed: str, rate: int) -> None:
    assert read_bitrate(typed) == rate


@pytest.mark.parametrize("typed", ["", "k", "fast", "12", "900M", "-500k"])
def test_what_is_no_bit_rate_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(BadInputError, match="is no bit rate"):
        read_bitrate(typed)
