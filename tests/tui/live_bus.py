"""A live bus that a test plays: frames of a shipped story, links and recorder as it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from evdiag.bus.link import LinkState
from evdiag.bus.listen_only import Silence
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Losses
from evdiag.connecting import decider
from evdiag.control.interlocks import BusFacts, CommandFacts, Interlock, interlocks
from evdiag.databases import Database
from evdiag.diagnosis import Card
from evdiag.guide.page import Page, page
from evdiag.guide.texts import Texts
from evdiag.guide_files import book
from evdiag.inputs import Answer, BusEvent, BusEventKind, Frame, Input, Mark, Tick
from evdiag.levels import AskLook, AskPlan, CommandLook
from evdiag.live.live import LiveState
from evdiag.packaged import shipped_recording
from evdiag.port.readings import Readings
from evdiag.recordings import open_recording
from evdiag.recordings.journal.state import JournalState
from evdiag.session.following import Decision, Following
from evdiag.session.live_window import LivePull, LiveWindow
from evdiag.tui.config import TuiConfig
from evdiag.tui.live_app import LiveApp
from evdiag.tui.virtual_car import VirtualCar
from evdiag.vehicles.command import Command
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.profile import Fact, Profile

S = 1_000_000_000


@cache
def frames_of(story: str) -> tuple[Frame, ...]:
    """Return the frames of a shipped story."""
    return tuple(open_recording(str(shipped_recording(story))).frames())


@cache
def decision_for(story: str) -> Decision:
    """Return what is decided about the car of a story."""
    decided = decider(None)(frames_of(story), True)
    assert decided is not None
    return decided


class FakeAsk:
    """Level ASK without a bus: it begins and ends when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended = 0
        self.now = AskLook()
        self.silent: tuple[str, ...] = ("can0",)

    def plan(self, profile: Profile) -> AskPlan:
        warning = Fact("The alarm may sound.", "community", "tests")
        return AskPlan(profile.name, 2.5, ("0x7E6",), ("simulated",), (warning,), self.silent)

    def begin(self, profile: Profile) -> None:
        self.begun.append(profile.id)
        self.now = AskLook("opening")

    def end(self) -> None:
        self.ended += 1
        self.now = AskLook()

    def look(self) -> AskLook:
        return self.now


class FakeCommands:
    """Level ACT without a bus: conditions of what was fed, a command as the test says.

    `unseen` are signals that this car does not offer.
    """

    def __init__(self, bus: FakeBus) -> None:
        self._bus = bus
        self.begun: list[tuple[str, str, frozenset[str]]] = []
        self.aborted: list[str] = []
        self.now = CommandLook()
        self.asks_afterwards = False
        self.unseen: frozenset[str] = frozenset()

    def conditions(
        self, command: Command, profile: Profile, confirmed: frozenset[str]
    ) -> tuple[Interlock, ...]:
        now = self._bus.readings.now()
        readings = replace(now, offered=now.offered - self.unseen)
        heard = None if command.unit is not None else True
        facts = CommandFacts(
            readings,
            self._bus.heard_ns,
            BusFacts(module_answers=heard),
            confirmed,
            self._bus.danger_told,
        )
        return interlocks(command.name, facts, command.needs)

    def begin(
        self, command: Command, profile: Profile, consent: str, confirmed: frozenset[str]
    ) -> None:
        self.begun.append((command.text, consent, confirmed))
        self.now = CommandLook("opening")

    def look(self) -> CommandLook:
        return self.now

    def abort(self, why: str) -> None:
        self.aborted.append(why)

    def leave(self) -> None:
        self.aborted.append("left")


class FakeBus:
    """Follows what it is fed, in the test's own thread."""

    def __init__(self, story: str = "relock-before-pull", *, known: bool = True) -> None:
        self.frames = frames_of(story)
        self._decision = decision_for(story) if known else None
        self._window = LiveWindow()
        self._following = Following(lambda frames, final: self._decision, book=book())
        self.ask = FakeAsk()
        self.commands = FakeCommands(self)
        self.named: Profile | None = None
        self.behind = 0
        self.marks: list[str] = []
        self.answers: list[tuple[str, str]] = []
        self.asked_for: list[str | None] = []
        self.files = (Path("20261122T140000.000000Z-can0.log"),)
        self.recorder = JournalState(0)
        self.link = LinkState(
            "can0",
            BusSettings("socketcan", "can0", 500_000),
            "up",
            "",
            Silence("verified", "read back"),
            Losses(0, 0, 212_992),
            0,
            0,
        )
        self.failure = ""
        self._fed = 0
        self._now_ns = self.frames[0].time_ns
        self.received = 0
        self.sent = 0

    @property
    def now_ns(self) -> int:
        """The stamp of what was fed last."""
        return self.frames[max(self._fed - 1, 0)].time_ns

    @property
    def readings(self) -> Readings:
        """The signals as they stand."""
        assert self._following.session is not None
        return self._following.session.readings

    @property
    def danger_told(self) -> bool:
        """Whether the guide was told of a danger."""
        assert self._following.session is not None
        return self._following.session.danger_told

    @property
    def heard_ns(self) -> int:
        """The moment up to which everything was followed."""
        return self._now_ns

    def feed(self, items: Sequence[Input]) -> None:
        """Have inputs come in."""
        self._now_ns = max([self._now_ns, *(item.time_ns for item in items)])
        self._following.take(items)
        self._window.take(self._following, items)
        self.received += sum(isinstance(item, Frame) for item in items)
        if self.recorder.writing_since_ns is not None:
            self.recorder = replace(self.recorder, frames=self.received)

    def play_to(self, at_s: float) -> FakeBus:
        """Have the story come in up to a moment, as an idle bus tells time."""
        end_ns = self.frames[0].time_ns + int(at_s * S)
        first = self._fed
        while self._fed < len(self.frames) and self.frames[self._fed].time_ns <= end_ns:
            self._fed += 1
        self.feed([*self.frames[first : self._fed], Tick(end_ns)])
        return self

    def happen(self, kind: BusEventKind, detail: str = "", *, count: int = 0, at_s: float) -> None:
        """Have the bus say something of itself."""
        stamp_ns = self.frames[0].time_ns + int(at_s * S)
        self.feed([BusEvent(stamp_ns, kind, "can0", count, detail)])

    def lose_link(self, at_s: float) -> None:
        """Have the link go down."""
        words = "the interface can0 is down: `ip link set can0 up`"
        self.happen(BusEventKind.LOST, words, at_s=at_s)
        self.link = replace(self.link, condition="lost", words=words)

    @property
    def state(self) -> LiveState:
        return LiveState(
            links=(self.link,),
            received=self.received,
            lost=self.link.losses.total,
            followed=self._following.frames,
            unrecorded=0,
            recorder=self.recorder,
            failure=self.failure,
            sent=self.sent,
        )

    def pull(self) -> LivePull:
        return self._window.pull(self._following)

    def mark(self, text: str) -> None:
        self.marks.append(text)
        self.feed([Mark(self.now_ns, text)])

    def card(self) -> Card | None:
        session = self._following.session
        return None if session is None else session.card()

    def guide_page(self, texts: Texts) -> Page | None:
        view, scene = self._following.guide()
        return page(view, scene, texts, self._now_ns)

    def answer(self, step: str, answer: str) -> None:
        self.answers.append((step, answer))
        self.feed([Answer(self._now_ns, step, answer)])

    def start_recording(self) -> None:
        self.recorder = replace(
            self.recorder, writing_since_ns=self.now_ns, files=self.files, frames=self.received
        )

    def stop_recording(self) -> None:
        self.recorder = replace(self.recorder, writing_since_ns=None)

    def vehicles(self) -> Sequence[tuple[str, str]]:
        return [(profile.id, profile.name) for profile in library().profiles.values()]

    def name_vehicle(self, vehicle: str | None) -> None:
        self.asked_for.append(vehicle)
        self.named = None if vehicle is None else library().profile(vehicle)

    def databases(self, decision: Decision) -> Sequence[Database]:
        return databases(decision.profile, decision.profile.layout(decision.identified.layout))


def live(
    bus: FakeBus, *, car: VirtualCar | None = None, config: TuiConfig | None = None
) -> LiveApp:
    """Return the live screen of a bus; the time of day is that of what was fed last."""
    return LiveApp(bus, car=car, wall_ns=lambda: bus.now_ns, config=config or TuiConfig())
