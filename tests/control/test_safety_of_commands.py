"""What an auditor tried: ways by which a frame might leave, or authority stay, that should not."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from evdiag import commanding as commanding_module
from evdiag.bus.link import Link
from evdiag.bus.listen_only import Silence
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Losses
from evdiag.bus_watch import BusWatch
from evdiag.commanding import Commanding
from evdiag.control.asker import Asker
from evdiag.control.errand import CommandErrand
from evdiag.control.exchange import Done, read_result
from evdiag.control.interlocks import CommandFacts, interlocks
from evdiag.control.module_check import ModuleSays
from evdiag.control.outcome import Outcome
from evdiag.control.permits import Permit, Refusal
from evdiag.control.rest import Movement
from evdiag.control.rest_log import RestLog
from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, BusEventKind, Frame, Input, Tick, TransmitDecision
from evdiag.live.follower import Follower
from evdiag.live.sequence import InputSequence
from evdiag.port.readings import Reading, Readings, ReadingsNow
from evdiag.session.following import Following
from evdiag.signals.events import BusAwake, BusSilent, Changed
from evdiag.signals.watch import Watch
from evdiag.simulator.frames import CHANNEL
from evdiag.vehicles.command import Command, Proof, Send, Step
from evdiag.vehicles.command_rules import refusals
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from evdiag.vehicles.request_forms import wrong_request
from evdiag.vehicles.schema import read_profile
from evdiag.vocabulary import STALE
from tests.control.commanded_car import PLUGGED_IN, WALL_NS, CommandedCar
from tests.control.policies import read, request
from tests.control.test_acting_machine import BUS
from tests.control.test_gate_act import GIVE_BACK, Stage, cyclic
from tests.vehicles.commands import FRAMES, GOOD, HEAD, UDS

REFERENCE = library().profile("reference")
UNLOCK, UNLOCK_UDS = REFERENCE.ways("unlock")
SECOND = 1_000_000_000
PORT = 0x7E6
ANSWERS = PORT + 8


# -- what a profile might slip past the rules ------------------------------------------------------


@pytest.mark.parametrize(
    ("request_bytes", "words"),
    [
        ("31 01 E2 00", "0xE200"),  # fires airbags
        ("31 01 FF 00", "0xFF00"),  # erases
        ("31 01 01 FF", "0x01FF"),  # calibrates a tachograph
        ("2E F1 90 31", "0xF190"),  # writes the VIN
        ("2F FA 00 03 01", "0xFA00"),
    ],
)
def test_what_the_standard_keeps_for_itself_is_never_asked(request_bytes: str, words: str) -> None:
    assert words in wrong_request(bytes.fromhex(request_bytes))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # A hand-back leaves without a condition: it may hold nothing but what hands back.
        ('{ request = "default" }]', '{ request = "default" }, { request = "extended" }]',
         "'extended' takes nothing back"),
        ("requests = [", 'requests = [\n{ id = "w", bytes = "2E E0 10 01", every_ms = 100 },',
         "nothing takes back 'w'"),
        ('bytes = "10 01", every_ms = 200', 'bytes = "10 01", every_ms = 2000',
         "is asked in hand_back: every_ms must be 300 or less"),
        ('id = "present", bytes = "3E 80"', 'id = "present", bytes = "10 01"',
         "'10 01' is there twice"),
        ("request_id = 0x7E6", "request_id = 0x700", "asks all control units at once"),
        ("response_id = 0x7EE }",
         "response_id = 0x7EE, target_address = 0xDF, tester_address = 0xF1 }",
         "0xDF is that of many control units"),
        ("request_id = 0x7E6, response_id = 0x7EE",
         "request_id = 0x18DAFFF1, response_id = 0x18DAF110, extended_ids = true",
         "asks all control units at once"),
    ],
)  # fmt: skip
def test_a_profile_cannot_slip_a_request_past_the_rules(old: str, new: str, words: str) -> None:
    assert old in UDS
    with pytest.raises(BadInputError) as caught:
        read_profile("my.toml", HEAD + UDS.replace(old, new), from_user=True)
    assert words in str(caught.value)


def written(hand_back: str, first: str = "") -> str:
    writes = (
        'requests = [\n{ id = "w", bytes = "2E E0 10 01", every_ms = 100 },'
        '\n{ id = "r", bytes = "2E E0 10 00", every_ms = 100 },'
    )
    text = UDS.replace("requests = [", writes).replace("steps = [", f"steps = [{first}")
    return HEAD + text.replace("hand_back = [", f"hand_back = [{hand_back}")


def test_a_write_is_taken_back_by_another_one() -> None:
    assert read_profile("my.toml", written('{ request = "r" }, ', '{ request = "w" },')).commands
    with pytest.raises(BadInputError, match="'w' is a step as well"):
        read_profile("my.toml", written('{ request = "w" }, ', '{ request = "w" },'))


@pytest.mark.parametrize(
    ("request_bytes", "why"),
    [
        ("2E 12 34 01", "a write that no step made necessary"),
        ("31 02 03 00", "the stop of a routine that no step starts"),
        ("2F E0 99 00", "an output that no step holds"),
    ],
)
def test_nothing_is_handed_back_that_no_step_took(request_bytes: str, why: str) -> None:
    """It would leave without any condition, also once one has turned red."""
    more = f'requests = [\n{{ id = "m", bytes = "{request_bytes}", every_ms = 200 }},'
    text = UDS.replace("requests = [", more).replace(
        "hand_back = [", 'hand_back = [{ request = "m" }, '
    )
    with pytest.raises(BadInputError, match="'m' takes nothing back"):
        read_profile("my.toml", HEAD + text)


def test_no_frame_is_handed_back_on_an_id_that_no_step_used() -> None:
    """As with requests: what leaves without a condition only ends what has begun."""
    _, frames = read_profile("my.toml", GOOD).commands
    other = frames.frames[1]._replace(id="other", can_id=0x4E9)
    slip = frames._replace(
        frames=(*frames.frames, other), hand_back=(*frames.hand_back, Step(Send("other")))
    )
    assert [why for _, why in refusals(slip, ())] == ["'other' takes nothing back"]
    used = slip._replace(steps=(Step(Send("other")), *slip.steps))
    assert list(refusals(used, ())) == []


def test_a_routine_is_taken_back_by_stopping_it() -> None:
    text = HEAD + UDS.replace("2F E0 10 03 00", "31 01 02 10").replace("2F E0 10 00", "31 02 02 10")
    assert read_profile("my.toml", text).commands
    with pytest.raises(BadInputError, match="nothing takes back 'open'"):
        read_profile("my.toml", text.replace("31 02 02 10", "31 02 02 11"))


def test_a_frame_that_gives_back_never_has_the_bytes_of_one_that_moves() -> None:
    """What gives back leaves without any condition: who could tell which one was meant?"""
    slip = FRAMES.replace('Tool_Request = 0 }, data = "00', 'Tool_Request = 1 }, data = "01')
    assert slip != FRAMES
    with pytest.raises(BadInputError, match="'none' may have the bytes of 'go'"):
        read_profile("my.toml", HEAD + slip)


def test_before_anything_has_left_even_giving_back_needs_every_condition(tmp_path: Path) -> None:
    for frame, command in ((GIVE_BACK, UNLOCK_UDS), (cyclic(0, "none"), UNLOCK)):
        stage = Stage(tmp_path, command)
        stage.values["vehicle.speed"] = 3.0
        assert isinstance(stage.gate.transmit(frame, "x"), Refusal)
        assert not stage.sent
        stage.gate.leave()


def test_a_limit_holds_for_no_value_that_is_no_number() -> None:
    assert not Proof("port.inlet_voltage", below=60.0).holds(float("nan"))
    assert not Proof("port.inlet_voltage", above=1.0).holds(float("nan"))


def test_a_rest_log_with_impossible_numbers_is_said_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "actuators.json"
    path.write_text('{"lock": ["open", 0, 1e999, 0]}')
    with pytest.raises(BadInputError, match="cannot be read"):
        RestLog(path).last("lock")


def test_a_full_disk_leaves_the_rest_log_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = RestLog(tmp_path / "actuators.json")
    log.note("lock", Movement.begun("open", 0.6, WALL_NS))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(BadInputError, match="cannot be written: No space left"):
        log.note("lock", Movement.begun("close", 0.6, WALL_NS + SECOND))
    assert log.last("lock") == Movement.begun("open", 0.6, WALL_NS)
    assert [each.name for each in tmp_path.iterdir()] == ["actuators.json"]


# -- conditions that are green and must not be -----------------------------------------------------


def test_what_a_sleeping_bus_said_is_not_fresh() -> None:
    """With the lock on another bus, or read by asking, its sleep is not that of this bus."""
    speed = SimpleNamespace(name="vehicle.speed", channel="can1", polled=None, stale_after_ns=None)
    lock = SimpleNamespace(name="port.lock", channel="can0", polled=object(), stale_after_ns=9)
    watch = cast("Watch", SimpleNamespace(
        signals=[speed, lock],
        is_polled=lambda name: name == "port.lock",
    ))  # fmt: skip
    readings = Readings(watch)
    readings.apply(Changed(1, 0, 0, 0.0))
    readings.apply(Changed(1, 1, 0, "locked"))
    assert readings.now()["vehicle.speed"].usable
    readings.apply(BusSilent(2, "can1"))
    assert not readings.now()["vehicle.speed"].usable
    assert readings.now()["port.lock"].usable
    readings.apply(BusAwake(3, "can1"))
    assert readings.now()["vehicle.speed"].usable


def test_what_a_sleeping_bus_said_is_stale_since_it_sleeps_and_waits_to_be_said_again(
    tmp_path: Path,
) -> None:
    car = CommandedCar(tmp_path, *PLUGGED_IN)
    car.wait(30.0)
    car.line = lambda _: []
    car.wait(10.0)
    assert car.session.readings.asleep_since_ns is not None
    errand = car.begin(UNLOCK)
    car.wait(0.3)
    stale = [one for one in errand.view(0).conditions if one.reading == STALE]
    assert {"speed", "gear", "charging", "voltage"} <= {one.id for one in stale}
    for one in stale:
        assert one.age_s == pytest.approx(9.3, abs=1.0), one
        assert one.needs == "wait until the car says it; wake the car if it sleeps"


def test_one_frame_that_wakes_the_bus_makes_nothing_fresh_that_was_said_before(
    tmp_path: Path,
) -> None:
    car = CommandedCar(tmp_path, *PLUGGED_IN)
    plugged_ns = car.session.readings.now()["port.plug"].since_ns
    car.line = lambda _: []
    car.wait(20.0)
    somebody = Frame(0, CHANNEL, 0x555, False, bytes(8))
    car.line = lambda _: [somebody]
    car.wait(0.5)
    woken = car.session.readings.now()
    assert woken.asleep_since_ns is None
    assert not [name for name in woken.offered if woken[name].usable]
    errand = car.begin(UNLOCK)
    car.wait(0.3)
    assert {one.id for one in errand.view(0).conditions if one.verdict == "red"} >= {
        "speed", "gear", "charging", "voltage",
    }  # fmt: skip
    assert not [frame for frame in car.sent if frame.id == UNLOCK.frames[0].can_id]
    car.line = lambda frames: frames
    car.wait(1.0)
    again = car.session.readings.now()["port.plug"]
    assert again.usable
    assert again.since_ns > plugged_ns + 20 * SECOND


def test_after_a_gap_what_is_said_again_stands_as_long_as_before(tmp_path: Path) -> None:
    car = CommandedCar(tmp_path, *PLUGGED_IN)
    plugged_ns = car.session.readings.now()["port.plug"].since_ns
    car.line = lambda _: []
    car.wait(0.8)
    assert not car.session.readings.now()["port.plug"].usable
    car.line = lambda frames: frames
    car.wait(1.0)
    assert car.session.readings.now()["port.plug"] == car.session.readings["port.plug"]
    assert car.session.readings.now()["port.plug"].since_ns == plugged_ns


def test_a_flap_said_to_be_closed_with_a_plug_in_it_covers_nothing() -> None:
    values = {"port.flap": Reading("closed", 1), "port.plug": Reading("connected", 1)}
    facts = CommandFacts(ReadingsNow(values, frozenset(values), None), 9 * SECOND)
    verdicts = {one.id: one.verdict for one in interlocks("open-flap", facts)}
    assert (verdicts["charging"], verdicts["voltage"]) == ("red", "red")


def heard_by(watch: BusWatch, *items: Input, profile: Profile | None = REFERENCE) -> str:
    decision = None if profile is None else SimpleNamespace(profile=profile)
    watch.take(cast("Following", SimpleNamespace(decision=decision)), items)
    return watch.facts().other_tester


def test_somebody_who_commands_this_car_is_noticed() -> None:
    told = cyclic(0)._replace(time_ns=5 * SECOND)
    assert heard_by(BusWatch(), told._replace(direction="rx")).startswith("0x4E8")
    assert not heard_by(BusWatch(), told._replace(direction="tx"))


def test_somebody_is_noticed_who_asked_before_the_car_was_known_or_changed() -> None:
    watch = BusWatch()
    asked = Frame(5 * SECOND, "can0", 0x6F1, False, b"\x14\x02\x10\x03", direction="rx")
    assert not heard_by(watch, asked, profile=None)
    kia = library().profile("kia-soul-ev")
    assert not heard_by(watch, Tick(6 * SECOND), profile=kia)
    i3 = library().profile("bmw-i3")
    assert heard_by(watch, Tick(7 * SECOND), profile=i3) == "0x6F1 on can0: 14 02 10 03"
    assert heard_by(watch, asked._replace(time_ns=20 * SECOND), profile=i3)
    assert not heard_by(watch, Tick(21 * SECOND), profile=kia)


def ticks(first_s: int, last_s: int) -> list[Input]:
    return [Tick(second * SECOND) for second in range(first_s, last_s + 1)]


def test_another_tester_is_remembered_for_ten_seconds_whatever_the_clock_does() -> None:
    watch = BusWatch()
    assert not heard_by(watch, Tick(9_000 * SECOND))
    asked = Frame(100 * SECOND, "can0", 0x7DF, False, b"\x02\x01\x0c", direction="rx")
    assert heard_by(watch, asked)
    assert heard_by(watch, *ticks(101, 110))
    assert not heard_by(watch, *ticks(111, 112))
    # Set back, and set forward, while it counts: it goes on counting.
    assert heard_by(watch, asked._replace(time_ns=113 * SECOND))
    assert heard_by(watch, *ticks(20, 29))
    assert not heard_by(watch, *ticks(30, 31))
    assert heard_by(watch, asked._replace(time_ns=32 * SECOND))
    assert heard_by(watch, *ticks(9_000, 9_008))
    assert not heard_by(watch, *ticks(9_009, 9_011))


@pytest.mark.parametrize(
    ("rate", "trouble"),
    [(1.0, False), (0.95, False), (0.5, True), (0.0, True), (3.0, False)],
)
def test_a_clock_by_which_nothing_ever_expires_is_a_trouble_of_the_bus(
    rate: float, trouble: bool
) -> None:
    """Stamps decide what is stale: where they stand still, what fell silent would stay fresh."""
    steady_ns = 0
    watch = BusWatch(lambda: steady_ns)
    following = cast("Following", SimpleNamespace(decision=None))
    for tenth in range(120):
        steady_ns = tenth * SECOND // 10
        stamp_ns = 100 * SECOND + round(steady_ns * rate)
        watch.take(following, [Frame(stamp_ns, "can0", 0x123, False, b"")])
    assert ("clock stands still, or lags" in watch.facts().trouble) == trouble
    # Set back, or right again, it is believed once it has gone along for a while.
    for tenth in range(120, 190):
        steady_ns = tenth * SECOND // 10
        watch.take(following, [Frame(steady_ns, "can0", 0x123, False, b"")])
    assert watch.facts().trouble == ""


# -- letting go ------------------------------------------------------------------------------------


class Asked:
    """A virtual car that is commanded by the real asker, turn by turn."""

    def __init__(self, folder: Path, command: Command) -> None:
        self.stage = stage = CommandedCar(folder, *PLUGGED_IN)
        inbox = cast("Any", SimpleNamespace(take=lambda _: []))
        self.asker = Asker(None, stage.channels, stage.gate, inbox, steady_ns=lambda: stage.now_ns)
        self.errand = errand = stage.begin(command)
        self.asker.give(lambda is_free, now_ns: errand)
        # From here on time comes to it through the asker alone.
        stage.errand = cast("CommandErrand", SimpleNamespace(
            next_ns=None,
            heard=lambda frame, now_ns: errand.heard(frame, now_ns),
            due=lambda now_ns: self.turn([]),
        ))  # fmt: skip

    def turn(self, received: list[Input]) -> None:
        self.asker._step_safely(received)

    def until_moved(self) -> None:
        assert self.stage.until(lambda: bool(self.drove), 10.0)

    @property
    def drove(self) -> list[Frame]:
        return [
            frame
            for frame in self.stage.sent
            if frame.data[1] == 0x2F or (frame.id == 0x4E8 and frame.data[0] == 1)
        ]

    def ended(self) -> Outcome:
        assert self.stage.until(lambda: self.errand.outcome is not None, 20.0)
        assert self.errand.outcome is not None
        return self.errand.outcome


@pytest.mark.parametrize("command", [UNLOCK, UNLOCK_UDS], ids=lambda each: each.way)
def test_a_fault_of_evdiag_itself_hands_back(tmp_path: Path, command: Command) -> None:
    asked = Asked(tmp_path, command)
    asked.until_moved()
    assert asked.errand._acting is not None

    def fails() -> Any:
        raise KeyError("a slip of evdiag")

    asked.errand._acting._take_facts = fails
    outcome = asked.ended()
    assert outcome.kind == "aborted"
    assert "a fault of evdiag itself (KeyError)" in outcome.text
    assert outcome.returned
    assert asked.stage.closed


def test_a_fault_that_stays_ends_it_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(tmp_path, UNLOCK_UDS)
    asked.until_moved()

    def fails(now_ns: int) -> None:
        raise KeyError("a slip of evdiag")

    monkeypatch.setattr(asked.errand, "due", fails)
    with pytest.raises(KeyError):
        asked.ended()
    assert asked.errand.outcome is not None
    assert not asked.errand.outcome.returned


@pytest.mark.parametrize("kind", [BusEventKind.LOST, BusEventKind.BUS_OFF])
def test_the_loss_of_another_bus_does_not_keep_from_handing_back(
    tmp_path: Path, kind: BusEventKind
) -> None:
    asked = Asked(tmp_path, UNLOCK_UDS)
    asked.until_moved()
    asked.turn([BusEvent(WALL_NS, kind, "can9", 0, "unplugged")])
    outcome = asked.ended()
    assert outcome.returned, outcome
    assert "can9" in outcome.text
    assert [frame for frame in asked.stage.sent if frame.data[1:3] == b"\x10\x01"]
    assert asked.stage.closed


def test_the_loss_of_its_own_bus_ends_it_at_once(tmp_path: Path) -> None:
    asked = Asked(tmp_path, UNLOCK_UDS)
    asked.until_moved()
    asked.turn([BusEvent(WALL_NS, BusEventKind.LOST, CHANNEL, 0, "unplugged")])
    assert asked.errand.outcome is not None
    assert not asked.errand.outcome.returned
    assert asked.stage.closed


def test_a_frame_that_gives_back_is_tried_again(tmp_path: Path) -> None:
    """An adapter whose buffer is full for a moment has one a moment later."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(UNLOCK)
    assert stage.until(lambda: len(stage.sent) > 5)
    stage.bus_fault = "no buffer space"
    errand.abort("enough", stage.now_ns)
    stage.wait(0.1)
    stage.bus_fault = None
    assert stage.until(lambda: errand.outcome is not None, 5.0)
    assert errand.outcome is not None
    assert errand.outcome.returned, errand.outcome
    assert [frame.data[0] for frame in stage.sent[-3:]] == [0, 0, 0]


def test_what_the_adapter_says_it_did_not_take_is_handed_back_as_well(tmp_path: Path) -> None:
    """A send that timed out may have left all the same."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(UNLOCK)
    stage.bus_fault = "timed out"
    assert stage.until(lambda: errand.stage == "letting go")
    stage.bus_fault = None
    assert stage.until(lambda: errand.outcome is not None, 5.0)
    assert [frame.data[0] for frame in stage.sent] == [0, 0, 0]


def test_nobody_who_follows_the_bus_keeps_a_command_waiting() -> None:
    follower = Follower(InputSequence().reader(), Following(lambda frames, last: None))
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(_: Following) -> None:
        hangs.set()
        goes_on.wait(30.0)

    thread = threading.Thread(target=follower.look, args=(hang,))
    thread.start()
    assert hangs.wait(30.0)
    assert follower.look_soon(lambda following: following, 0.01) is None
    goes_on.set()
    thread.join()
    assert follower.look_soon(lambda following: following, 30.0) is not None


# -- beginning a command ---------------------------------------------------------------------------


class FakeAsking:
    """Opens nothing; remembers what it was told."""

    fails: BaseException | None = None
    made: ClassVar[list[FakeAsking]]

    def __init__(self, *_: object, **__: object) -> None:
        self.told: list[str] = []
        self.channels = {bus.name: "can0" for bus in REFERENCE.buses}
        self.gate = SimpleNamespace(level=None)
        self.is_running = False
        self.made.append(self)

    def open(self) -> None:
        self.told.append("open")

    def give(self, make: object) -> None:
        self.told.append("give")
        if self.fails is not None:
            raise self.fails

    def abort(self, why: str) -> None:
        self.told.append(f"abort: {why}")

    def go(self) -> None:
        self.told.append("go")

    def errand(self) -> None:
        return None

    def end(self) -> None:
        self.told.append("end")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeAsking]:
    class Fresh(FakeAsking):
        made: ClassVar[list[FakeAsking]] = []

    monkeypatch.setattr(commanding_module, "Asking", Fresh)
    monkeypatch.setattr(commanding_module, "start_recording", lambda *_: None, raising=False)
    return Fresh


def a_live(following: object = None, alarm: str | None = None) -> Any:
    sequence = SimpleNamespace(now_ns=9 * SECOND)
    recorder = SimpleNamespace(state=SimpleNamespace(alarm=alarm))
    return SimpleNamespace(sequence=sequence, following=following, recorder=recorder)


def begun(commanding: Commanding) -> None:
    commanding.begin_soon(UNLOCK, REFERENCE, "a test")
    assert commanding._opening is not None
    commanding._opening.join(30.0)
    assert not commanding._opening.is_alive()


@pytest.mark.parametrize("error", [BadInputError("it is never offered"), KeyError("a slip")])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_beginning_that_fails_half_way_is_silenced_again(
    fake: type[FakeAsking], error: Exception
) -> None:
    """Also where it fails in the thread that opens, which cannot wait for itself."""
    fake.fails = error
    commanding = Commanding(a_live(), BusWatch())
    begun(commanding)
    assert fake.made[0].told == ["open", "give", "end"]
    look = commanding.look()
    assert look.state == "off"
    assert (look.failure == "it is never offered") == isinstance(error, BadInputError)


def test_an_abort_while_the_bus_is_opened_is_not_forgotten(
    fake: type[FakeAsking], monkeypatch: pytest.MonkeyPatch
) -> None:
    commanding = Commanding(a_live(), BusWatch())
    start = threading.Thread.start

    def aborted_before_it_runs(thread: threading.Thread) -> None:
        commanding.abort("no!")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", aborted_before_it_runs)
    begun(commanding)
    assert fake.made[0].told == ["open", "give", "abort: no!", "go"]


@pytest.mark.parametrize("kind", ["error", "remote", "id", "extended"])
def test_what_no_control_unit_said_is_no_answer(kind: str, tmp_path: Path) -> None:
    """An adapter's own report of an error may carry any id and bytes."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    made: dict[str, Callable[[Frame], Frame]] = {
        "error": lambda frame: frame._replace(error=True),
        "remote": lambda frame: frame._replace(remote=True),
        "id": lambda frame: frame._replace(id=frame.id + 1),
        "extended": lambda frame: frame._replace(extended=True),
    }
    stage.line = lambda frames: [made[kind](f) if f.id == ANSWERS else f for f in frames]
    outcome = stage.run(UNLOCK_UDS)
    assert outcome.kind == "no_answer"
    assert "does not answer to 3E 00" in outcome.text
    assert {frame.data[1] for frame in stage.sent} == {0x3E}


@pytest.mark.parametrize(
    ("asked", "said", "fits"),
    [
        ("22 E0 10", "62 E0 10 01", True), ("22 E0 10", "62 E0 11 01", False),
        ("2E E0 10 01", "6E E0 10", True), ("2E E0 10 01", "6E E0 11", False),
        ("2F E0 10 03", "6F E0 10 03", True), ("2F E0 10 03", "6F E0 10 00", False),
        ("31 01 02 03", "71 01 02 03", True), ("31 01 02 03", "71 01 02 04", False),
        ("10 03", "50 03 00 32 01 F4", True), ("10 03", "50 01 00 32 01 F4", False),
        ("10 03", "7E 00", False),
    ],
)  # fmt: skip
def test_an_answer_to_something_else_is_none_to_this(asked: str, said: str, fits: bool) -> None:
    result = read_result(bytes.fromhex(said), bytes.fromhex(asked))
    assert result == (Done(bytes.fromhex(said)) if fits else None)


# -- how often, and for how long -------------------------------------------------------------------


@pytest.mark.parametrize(("beginning", "times"), [("10 03", 7), ("2F E0 10 03", 1)])
def test_a_busy_unit_is_asked_again_only_what_moves_nothing(
    beginning: str, times: int, tmp_path: Path
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.refuse(beginning, 0x21)
    outcome = stage.run(UNLOCK_UDS)
    assert outcome.kind == "said_no"
    asked = bytes.fromhex(beginning)
    assert len([frame for frame in stage.sent if asked in frame.data]) == times


def test_what_gives_back_and_is_not_taken_by_the_adapter_is_tried_three_times(
    tmp_path: Path,
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(UNLOCK_UDS)
    stage.until(lambda: any(b"\x2f\xe0\x10\x03" in frame.data for frame in stage.sent))
    stage.bus_fault = "no buffer space"
    began_ns = stage.now_ns
    assert stage.until(lambda: errand.outcome is not None)
    outcome = errand.outcome
    assert outcome is not None
    assert not outcome.returned
    assert "give-back: no buffer space; default: no buffer space" in outcome.returning
    assert stage.now_ns - began_ns < 3 * SECOND
    tried = [
        item.reasons
        for item in stage.journal
        if isinstance(item, TransmitDecision) and not item.permitted
    ]
    assert len(tried) == 6


def test_a_unit_that_is_silent_while_it_is_handed_back_to_is_named_step_by_step(
    tmp_path: Path,
) -> None:
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    errand = stage.begin(UNLOCK_UDS)
    stage.until(lambda: any(b"\x2f\xe0\x10\x03" in frame.data for frame in stage.sent))
    stage.wire.unit(PORT).faults.mute = True
    assert stage.until(lambda: errand.outcome is not None)
    outcome = errand.outcome
    assert outcome is not None
    assert "give-back: no answer; default: no answer" in outcome.returning
    asked = [bytes(frame.data[1:3]) for frame in stage.sent]
    assert (asked.count(b"\x10\x01"), asked[-6:].count(b"\x2f\xe0")) == (3, 3)


def test_a_unit_that_is_never_done_with_one_step_is_handed_back_to_by_the_others(
    tmp_path: Path,
) -> None:
    """'Response pending' for ever, to the return of control: the session is left all the same."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    stage.wire.unit(PORT).faults.keep_pending("2F E0 10 00", 60.0)
    errand = stage.begin(UNLOCK_UDS)
    stage.until(lambda: errand.stage == "letting go")
    began_ns = stage.now_ns
    assert stage.until(lambda: errand.outcome is not None)
    outcome = errand.outcome
    assert outcome is not None
    assert stage.now_ns - began_ns <= 12.1 * SECOND
    assert bytes(stage.sent[-1].data[1:3]) == b"\x10\x01"
    assert "give-back: it took too long" in outcome.returning


def test_frames_of_one_id_never_follow_each_other_faster_than_its_period(tmp_path: Path) -> None:
    """Also the first that gives back after the last that drives: a unit expects its period."""
    stage = CommandedCar(tmp_path, *PLUGGED_IN)
    assert stage.run(UNLOCK).kind == "done"
    at_ns = [item.time_ns for item in stage.journal if isinstance(item, Frame)]
    assert len(at_ns) > 10
    assert min(later - sooner for sooner, later in pairwise(at_ns)) >= 10_000_000


def test_a_poll_beside_a_command_does_not_begin_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    asked = request(REFERENCE.ecus()[0], read(0xE001), channel=BUS)
    assert isinstance(stage.gate.transmit(asked, "poll"), Permit)
    assert not stage.acting.has_begun
    stage.values["vehicle.speed"] = 3.0
    assert isinstance(stage.gate.transmit(GIVE_BACK, "x"), Refusal)


# -- another car, or somebody else -----------------------------------------------------------------


def test_what_is_known_of_another_car_counts_for_nothing() -> None:
    stage_profile = library().profile("kia-soul-ev")
    session = SimpleNamespace(
        profile=stage_profile,
        readings=SimpleNamespace(now=lambda: ReadingsNow({}, frozenset({"vehicle.speed"}), None)),
        stream_ns=9 * SECOND,
        danger_told=False,
    )
    following = cast("Following", SimpleNamespace(session=session))
    commanding = Commanding(a_live(), BusWatch())

    def facts(profile: Any) -> Any:
        return commanding._facts(
            following, UNLOCK, profile, ModuleSays(True), frozenset(), resting=False
        )

    assert facts(stage_profile).of_command.offers("vehicle.speed")
    other = facts(REFERENCE)
    assert not other.of_command.offers("vehicle.speed")
    assert other.age_ns > SECOND


def test_a_danger_that_the_guide_was_told_of_forbids_every_command() -> None:
    session = SimpleNamespace(
        profile=REFERENCE,
        readings=SimpleNamespace(now=lambda: ReadingsNow({}, frozenset(), None)),
        stream_ns=9 * SECOND,
        danger_told=True,
    )
    following = cast("Following", SimpleNamespace(session=session))
    facts = Commanding(a_live(), BusWatch())._facts(
        following, UNLOCK, REFERENCE, ModuleSays(True), frozenset(), resting=False
    )
    assert facts.of_command.danger_told


@pytest.mark.parametrize("alarm", [None, "not recording: no space left on device in rec"])
def test_a_disk_that_is_full_forbids_every_command(alarm: str | None) -> None:
    """What is sent must be in the recording: a memory that waits for the disk is none."""
    following = cast("Following", SimpleNamespace(session=None))
    facts = Commanding(a_live(alarm=alarm), BusWatch())._facts(
        following, UNLOCK, REFERENCE, ModuleSays(True), frozenset(), resting=False
    )
    assert facts.of_command.not_recorded == (alarm or "")


# -- the link --------------------------------------------------------------------------------------


class QuietSource:
    """A source on which nothing is heard."""

    silence = Silence("requested", "")
    channel = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    def receive(self, timeout_s: float) -> list[Frame]:
        threading.Event().wait(0.001)
        return []

    def check(self) -> None:
        """Find nothing wrong."""

    def losses(self) -> Losses:
        return Losses()

    def close(self) -> None:
        self.closed = True


def test_a_wish_to_open_another_way_is_seen_whole() -> None:
    """Half seen, the bus was opened to send and closed again at once: a dead transmitter."""
    opened: list[QuietSource] = []
    came = threading.Condition()

    def opens(name: str) -> Callable[[BusSettings], Any]:
        def open_bus(_: BusSettings) -> QuietSource:
            with came:
                opened.append(QuietSource(name))
                came.notify_all()
            return opened[-1]

        return open_bus

    def has_come(name: str, timeout_s: float) -> bool:
        with came:
            return came.wait_for(lambda: any(each.name == name for each in opened), timeout_s)

    class Late(threading.Event):
        """Set only after the link had time to see the other half of the wish."""

        late = False

        def set(self) -> None:
            if self.late:
                super().set()
                has_come("to send", 0.3)
            super().set()

    link = Link(BusSettings("virtual", "x"), lambda _: None, opens("silent"))
    link._reopen = late = Late()
    link.start()
    try:
        late.late = True
        link.reopen(opens("to send"))
        assert has_come("to send", 30.0)
        threading.Event().wait(0.3)
        assert [each.name for each in opened] == ["silent", "to send"]
        assert not opened[-1].closed
    finally:
        link.stop()
