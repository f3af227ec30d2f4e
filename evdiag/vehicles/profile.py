"""What evdiag knows about one car, as frozen data. Pure.

Every fact carries its evidence level (`evdiag.vocabulary.EVIDENCE_LEVELS`) and its source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, get_args

from evdiag.inputs import FrameKey, frame_key
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.trouble_codes import TroubleCodeName
from evdiag.vocabulary import CommandName

if TYPE_CHECKING:
    from evdiag.vehicles.command import Command

Sends: TypeAlias = Literal["cyclic", "cyclic_and_event", "event"]
"""When a message is sent; one that is sent on events only never goes stale."""


class ExpectedFrame(NamedTuple):
    """A frame that this car sends on a bus: by it the car is recognised and silence noticed.

    `length` is None where no source gives it, `period_ms` likewise.
    """

    id: int
    extended: bool
    length: int | None
    period_ms: int | None
    sends: Sends

    @property
    def key(self) -> FrameKey:
        """The key under which its frames are found."""
        return frame_key(self.id, self.extended)


class Bus(NamedTuple):
    """One of the car's buses: its bit rate in bit/s, and where to tap it."""

    name: str
    bitrate: int
    tap: str
    at_obd: bool
    frames: tuple[ExpectedFrame, ...]
    data_bitrate: int | None = None


class SignalMap(NamedTuple):
    """How one signal of the vocabulary is read from one signal of the car's DBC.

    A word is looked up in `words` by raw value; a raw value that is not there is `otherwise`.
    A number takes the DBC's scale; raw values in `invalid` or from `invalid_from` up are invalid.
    `page_period_ms` is how often its multiplexer page comes, None where it is on no page.
    `poll` names the diagnostic read whose answer carries the signal; empty for a broadcast.
    """

    name: str
    bus: str
    message: str
    signal: str
    words: tuple[tuple[int, str], ...]
    otherwise: str
    invalid: tuple[int, ...]
    invalid_from: int | None
    evidence: str
    source: str
    page_period_ms: int | None = None
    poll: str = ""


class LayoutRule(NamedTuple):
    """Where the `when` signals have one of their raw values, the `then` signal must have one.

    Signals are ``Message.Signal`` of the layout's DBC. `weight` says how much the share of
    frames that obey counts against the other rules.
    """

    when: tuple[tuple[str, tuple[int, ...]], ...]
    then: str
    one_of: tuple[int, ...]
    weight: float


class Layout(NamedTuple):
    """One of the ways in which this car lays out its frames."""

    id: str
    name: str
    dbc: tuple[str, ...]
    signals: tuple[SignalMap, ...]
    rules: tuple[LayoutRule, ...] = ()


class LockBehaviour(NamedTuple):
    """What the lock of this car does when it is healthy; times in seconds.

    `releases_within_s` counts from the last of request, pilot leaving C/D and inlet below 60 V.
    `opens_at_session_end` lists the kinds of charging (``ac``, ``dc``) whose end opens the lock
    without anybody asking. `not_fitted_when` names a vocabulary signal and the words that only a
    car without a lock shows. `evidence` and `source` are empty where nothing is known of this car
    and evdiag's general limits stand.
    """

    fitted: bool = True
    releases_within_s: float = 5.0
    settling_ms: int = 60
    left_open_after_s: float = 180.0
    opens_at_session_end: tuple[str, ...] = ()
    latch_button_requests: bool = False
    not_fitted_when: tuple[str, tuple[str, ...]] | None = None
    evidence: str = ""
    source: str = ""

    @property
    def response_window_s(self) -> float:
        """How long after the last cause the lock may take before it counts as not answering.

        The car's own normal time plus half of it, a margin of our own.
        """
        return self.releases_within_s * 1.5


class RelockTimer(NamedTuple):
    """After how many seconds the car locks the plug again, counted from `anchor`."""

    anchor: Literal["lock_open", "fob", "door_unlock"]
    seconds: tuple[float, ...]
    evidence: str
    source: str


class ManualRelease(NamedTuple):
    """The release for emergencies: where it is, how it is used, with what, and what to mind."""

    where: str
    how: str
    tools: tuple[str, ...]
    warnings: tuple[str, ...]
    evidence: str
    source: str


class Fact(NamedTuple):
    """A sentence about this car, with its evidence level and source."""

    text: str
    evidence: str
    source: str


ALL_COMMANDS: Final = "all"


class CommandNotKnown(NamedTuple):
    """Why this car is not given a command: nothing is known to work, or not well enough.

    `name` is the command's, or `ALL_COMMANDS`. What is said of ``unlock`` goes for every command
    that moves the pin.
    """

    name: str
    text: str
    evidence: str
    source: str


HabitKind: TypeAlias = Literal[
    "alarm_with_tool_plugged_in",
    "dc_needs_second_press",
    "holds_when_mains_lost",
    "needs_all_doors",
    "tool_holds_lock",
]

HABITS: tuple[HabitKind, ...] = get_args(HabitKind)


class Habit(NamedTuple):
    """Something this car does on purpose that keeps or frees a plug; in words that a program reads.

    `alarm_with_tool_plugged_in`: locked with an adapter in its OBD port, its alarm goes off.
    `dc_needs_second_press`: after DC charging the lock opens on the second press of unlock.
    `holds_when_mains_lost`: with the mains lost, the lock stays closed for `seconds`.
    `needs_all_doors`: unlocking the driver's door alone does not free the plug.
    `tool_holds_lock`: while a tool talks to it the plug stays locked, until `seconds` after.

    `seconds` is None where the kind has no time.
    """

    kind: HabitKind
    seconds: float | None
    evidence: str
    source: str

    @property
    def text(self) -> str:
        """The habit in a sentence for people."""
        after = "some time" if self.seconds is None else f"{self.seconds:g} s"
        return _HABIT_TEXTS[self.kind].format(after=after)


_HABIT_TEXTS: dict[HabitKind, str] = {
    "alarm_with_tool_plugged_in": "Locked with an adapter in its OBD port, its alarm goes off.",
    "dc_needs_second_press": "After DC charging the lock opens on the second press of unlock.",
    "holds_when_mains_lost": "With the mains lost, the lock stays closed for {after}.",
    "needs_all_doors": "Unlocking the driver's door alone does not free the plug.",
    "tool_holds_lock": "While a tool talks to it, the plug stays locked; let go {after} after.",
}


class Poll(NamedTuple):
    """A diagnostic read (UDS `service` 0x22) for a car whose gateway hides the broadcast.

    `message` is the message of the profile's DBC whose data are the bytes of the identifier.
    """

    name: str
    ecu: Ecu
    service: int
    did: int
    period_ms: int
    message: str
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One car.

    `diagnostic_warnings` say where asking diagnostics itself disturbs this car.
    """

    id: str
    make: str
    model: str
    years: str
    markets: tuple[str, ...]
    vin_pattern: str
    buses: tuple[Bus, ...]
    layouts: tuple[Layout, ...]
    shared_layout: Layout | None
    lock: LockBehaviour
    relock: RelockTimer | None
    lock_modes: tuple[Fact, ...]
    manual_release: tuple[ManualRelease, ...]
    hints: tuple[Fact, ...]
    polls: tuple[Poll, ...]
    commands: tuple[Command, ...]
    sources: tuple[str, ...]
    diagnostic_warnings: tuple[Fact, ...] = ()
    habits: tuple[Habit, ...] = ()
    trouble_codes: tuple[TroubleCodeName, ...] = ()
    commands_not_known: tuple[CommandNotKnown, ...] = ()
    file: str = field(default="", compare=False)
    file_sha256: str = field(default="", compare=False)
    from_user: bool = False

    @property
    def name(self) -> str:
        """Make, model and years in one line."""
        return f"{self.make} {self.model}" + (f" ({self.years})" if self.years else "")

    def layout(self, identifier: str | None) -> Layout:
        """Return the layout called `identifier`; None is what all layouts share."""
        for layout in self.layouts:
            if layout.id == identifier:
                return layout
        if self.shared_layout is not None:
            return self.shared_layout
        return self.layouts[0]

    def bus(self, name: str) -> Bus:
        """Return the bus called `name`."""
        return next(bus for bus in self.buses if bus.name == name)

    def habit(self, kind: HabitKind) -> Habit | None:
        """Return what is known of one habit; None where nothing is."""
        return next((habit for habit in self.habits if habit.kind == kind), None)

    def why_not(self, command: CommandName) -> CommandNotKnown | None:
        """Return why this car is not given a command; None where nothing is said of it."""
        said_of = {fact.name: fact for fact in self.commands_not_known}
        moves_the_pin = command != "open-flap"
        names = (command, *(("unlock",) if moves_the_pin else ()), ALL_COMMANDS)
        return next((said_of[name] for name in names if name in said_of), None)

    def poll(self, name: str) -> Poll:
        """Return the diagnostic read called `name`."""
        return next(poll for poll in self.polls if poll.name == name)

    def ecus(self, bus: str | None = None) -> tuple[Ecu, ...]:
        """Return the control units that are asked or commanded, each once; of one bus if named."""
        known = [poll.ecu for poll in self.polls]
        known += [command.unit for command in self.commands if command.unit is not None]
        return tuple(dict.fromkeys(ecu for ecu in known if bus in (None, ecu.bus)))

    def ways(self, name: str) -> tuple[Command, ...]:
        """Return the ways to carry out a command that evdiag offers, the usual one first."""
        return tuple(each for each in self.commands if each.name == name and each.offered)
