"""The commands of a profile: what may be sent, in which steps, and how it is all given back. Pure.

A profile says what a car obeys; what no profile may say stands in `evdiag.vehicles.command_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from evdiag.inputs import FrameKey, frame_key
from evdiag.vehicles.ecu import Ecu
from evdiag.vocabulary import Purpose, Value

REST_FACTOR: Final = 8
"""A motor lock rests at least so many times as long as it was driven (HARTING 61 13 213 0371)."""

SEEN_BY_EYE: Final = frozenset({"vehicle.speed", "vehicle.gear", "port.plug"})
"""What a person may look at where a car does not say it."""

Motion: TypeAlias = Literal["unlock", "relock", "open-flap"]
"""What one movement of an actuator does."""

ChecksumKind: TypeAlias = Literal["crc8-j1850", "crc8-autosar", "xor8", "sum8"]


class Proof(NamedTuple):
    """What the bus must report of one signal: one of `words`, or a number `below` or `above`."""

    signal: str
    words: tuple[str, ...] = ()
    below: float | None = None
    above: float | None = None

    def holds(self, value: Value) -> bool:
        """Tell whether a value is what is wanted."""
        if isinstance(value, str):
            return value in self.words
        # Asked so that what is no number is neither below nor above anything.
        if self.below is not None and not value < self.below:
            return False
        if self.above is not None and not value > self.above:
            return False
        return self.below is not None or self.above is not None

    @property
    def text(self) -> str:
        """What is wanted, in words: ``port.lock unlocked``."""
        limits = [f"below {self.below:g}"] if self.below is not None else []
        limits += [f"above {self.above:g}"] if self.above is not None else []
        return f"{self.signal} {' or '.join(self.words) or ' and '.join(limits)}"


class Request(NamedTuple):
    """A diagnostic request, byte for byte; `every_ms` is the fastest it may be repeated.

    `moves` says what it drives the actuator to do; None where it drives nothing.
    """

    id: str
    data: bytes
    every_ms: int
    moves: Motion | None = None


class Checksum(NamedTuple):
    """The signal that carries a frame's checksum, of every other byte after `prefix`."""

    signal: str
    kind: ChecksumKind
    prefix: bytes = b""


class CommandFrame(NamedTuple):
    """A frame that may leave: exact bus, id and length, and `data` in every bit of `mask`.

    What is sent is the DBC's `message` with `signals` at these raw values and every other bit 0;
    `counter` and `checksum` are the only signals that change, and the only bits `mask` may leave
    free.
    """

    id: str
    bus: str
    can_id: int
    extended: bool
    length: int
    data: bytes
    mask: bytes
    every_ms: int
    message: str
    signals: tuple[tuple[str, int], ...]
    counter: str = ""
    checksum: Checksum | None = None
    moves: Motion | None = None

    @property
    def key(self) -> FrameKey:
        """The key under which such frames are found."""
        return frame_key(self.can_id, self.extended)

    def allows(self, data: bytes) -> bool:
        """Tell whether these bytes are among those that may leave."""
        return len(data) == self.length and all(
            byte & mask == wanted & mask
            for byte, wanted, mask in zip(data, self.data, self.mask, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask one request, and go on when it is answered positively."""

    request: str


@dataclass(frozen=True, slots=True)
class Send:
    """Send a frame so many times, at its own period."""

    frame: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Repeat:
    """Begin to send a frame at its period, beside the steps that follow."""

    frame: str


@dataclass(frozen=True, slots=True)
class Cease:
    """Send a repeated frame no more."""

    frame: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until the bus reports something."""

    proof: Proof
    within_s: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time pass."""

    seconds: float


# Not named tuples, as other values are: one step is never equal to another kind of step.
Doing: TypeAlias = Ask | Send | Repeat | Cease | Wait | Pause


class Step(NamedTuple):
    """One step. One that fails is tried again from the step `again_from`, `tries` times in all;

    after that the sequence ends, or goes on where `goes_on`.
    """

    doing: Doing
    id: str = ""
    tries: int = 1
    again_from: str = ""
    goes_on: bool = False


class Command(NamedTuple):
    """One way to have a car do one thing, which somebody has seen it do.

    `proof` is what the bus reports when it is done, within `within_s` of the last movement (None
    where the unit's own answer is all there is); the whole takes `longest_s` at most. `on_s` is
    how long a movement drives `actuator`, which then rests `REST_FACTOR` times as long. Hearing
    nothing from us for `alone_after_s`, the car has its authority back. `needs` are conditions
    beside evdiag's own. `unit` answers the `requests`; with `vin_from_unit` its VIN must be one of
    this car's.
    """

    name: Purpose
    way: str
    summary: str
    proof: Proof | None
    within_s: float
    longest_s: float
    actuator: str
    on_s: float
    alone_after_s: float
    evidence: str
    source: str
    steps: tuple[Step, ...]
    hand_back: tuple[Step, ...]
    requests: tuple[Request, ...] = ()
    frames: tuple[CommandFrame, ...] = ()
    needs: tuple[Proof, ...] = ()
    unit: Ecu | None = None
    vin_from_unit: bool = False
    keep_alive: str = ""

    @property
    def text(self) -> str:
        """Name and way, as on the command line: ``unlock by uds``."""
        return f"{self.name} by {self.way}"

    @property
    def offered(self) -> bool:
        """Tell whether evdiag offers it at all: never what nobody has seen to work."""
        return self.evidence != "unproven"

    @property
    def buses(self) -> tuple[str, ...]:
        """The buses on which it sends."""
        named = [] if self.unit is None else [self.unit.bus]
        return tuple(dict.fromkeys([*named, *(frame.bus for frame in self.frames)]))

    def request(self, identifier: str) -> Request:
        """Return the request called `identifier`."""
        return next(each for each in self.requests if each.id == identifier)

    def frame(self, identifier: str) -> CommandFrame:
        """Return the frame called `identifier`."""
        return next(each for each in self.frames if each.id == identifier)

    @property
    def gives_back(self) -> frozenset[str]:
        """The ids of the requests and frames that hand authority back."""
        doings = (step.doing for step in self.hand_back)
        return frozenset(
            doing.request if isinstance(doing, Ask) else doing.frame
            for doing in doings
            if isinstance(doing, Ask | Send)
        )
