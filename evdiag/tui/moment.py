"""What the screens pull ten times a second: a recording or a live bus, at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

from evdiag.plain import plain_text
from evdiag.port.attempt import NANOSECONDS
from evdiag.tui.words import at_text

if TYPE_CHECKING:
    from evdiag.databases import Database
    from evdiag.diagnosis import Card, Finding
    from evdiag.inputs import Identified
    from evdiag.session.playback import Playback
    from evdiag.session.snapshot import Snapshot
    from evdiag.session.track import SeenKind, Track
    from evdiag.signals.watch import Watch
    from evdiag.tui.decoding import Messages
    from evdiag.tui.guide_lines import Sight
    from evdiag.tui.live_facts import LiveFacts
    from evdiag.tui.lock_look import LockLook
    from evdiag.vehicles.profile import Profile
    from evdiag.wiring import Analysis


class Car:
    """The car that was decided, and what its databases say of its frames."""

    def __init__(
        self,
        profile: Profile,
        identified: Identified,
        watch: Watch,
        databases: Callable[[], Sequence[Database]],
        notes: Sequence[str],
    ) -> None:
        self.profile = profile
        self.identified = identified
        self.notes = notes
        self._watch = watch
        self._databases = databases
        self._watched = {signal.name: at for at, signal in enumerate(watch.signals)}

    @cached_property
    def name(self) -> str:
        """The car's name, plain."""
        return plain_text(self.profile.name)

    @cached_property
    def messages(self) -> Messages:
        """What the databases say; worked out once it is asked for."""
        from evdiag.tui.decoding import messages_of

        return messages_of(self._databases(), self.profile, self.identified)

    def watched(self, signal: str) -> int | None:
        """Return the place of a vocabulary signal in the watch list; None where there is none."""
        return self._watched.get(signal)

    def carried(self, kind: SeenKind) -> Sequence[str]:
        """Return the vocabulary signals that a kind of frame carries."""
        places = self._by_frame.get((kind.channel, kind.key), ())
        return [self._watch.signals[place].name for place in places]

    @cached_property
    def _by_frame(self) -> dict[tuple[int | str, int], tuple[int, ...]]:
        return self._watch.by_frame()


@cache
def _no_messages() -> Messages:
    from evdiag.tui.decoding import Messages

    return Messages({})


@dataclass(frozen=True)
class Played:
    """The recording that is being played."""

    analysis: Analysis
    playback: Playback

    @property
    def name(self) -> str:
        """The recording's file name, plain."""
        return plain_text(self.analysis.capture.name.replace("\\", "/").rsplit("/", 1)[-1])


@dataclass(frozen=True)
class Moment:
    """One moment: a snapshot, and the frames and history up to it.

    `car` is None until it is known. Of `played` and `live` one is there: what only the one or the
    other can tell. `frozen` is true where a live bus has gone on since: nobody must take what was
    for what is; but the guide (`see_guide`) is always that of right now.
    """

    track: Track
    snapshot: Snapshot
    find: Callable[[], Sequence[Finding]] = field(repr=False)
    lay_over: Callable[[], Card | None] = field(repr=False)
    see_guide: Callable[[], Sight] = field(repr=False)
    car: Car | None = None
    played: Played | None = None
    live: LiveFacts | None = None
    frozen: bool = False

    @cached_property
    def position(self) -> int:
        """How many frames there were; a moment that is held keeps the number."""
        return self.track.position

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """What is wrong as far as this moment tells."""
        return self.find()

    @cached_property
    def card(self) -> Card | None:
        """The last release laid over a known-good one; None where there was none."""
        return self.lay_over()

    @cached_property
    def messages(self) -> Messages:
        """What the car's databases say; nothing until it is known."""
        return _no_messages() if self.car is None else self.car.messages

    @cached_property
    def look(self) -> LockLook:
        """How the lock is shown."""
        from evdiag.tui.lock_look import lock_look, look_without_car

        if self.live is None:
            return lock_look(self.snapshot)
        if self.car is None:
            return look_without_car(self.position, self.live.named)
        look = lock_look(self.snapshot, link_lost=self.live.link_is_lost)
        if self.is_commanded and self.snapshot.lock_fitted:
            # The pin may move at any moment: nobody is told to pull.
            return replace(look, tone="busy", meaning="hands off: evdiag commands this port")
        if not self.frozen:
            return look
        was = f"as it was at {self.place_text(self.track.elapsed_s)}: the screen is frozen"
        return replace(look, tone="quiet", meaning=was)

    @property
    def is_commanded(self) -> bool:
        """True while evdiag tells the port what to do."""
        return self.live is not None and self.live.command.state == "under way"

    @property
    def has_clock(self) -> bool:
        """False where the stamps tell no time: then no age and no span means anything."""
        return self.track.clock_is_time

    def ago_s(self, stamp_ns: int | None) -> float | None:
        """Return how long ago a stamp of this epoch was; None where no clock says so."""
        if stamp_ns is None or self.snapshot.stream_ns is None or not self.has_clock:
            return None
        return max(0.0, (self.snapshot.stream_ns - stamp_ns) / NANOSECONDS)

    def at_s(self, stamp_ns: int) -> float:
        """Return where on the track's axis a stamp of this epoch lies."""
        ago = self.ago_s(stamp_ns)
        return max(0.0, self.track.elapsed_s - (ago or 0.0))

    def place_text(self, at_s: float) -> str:
        """Write a place on the axis: the time of day on a live bus, else the time from the first.

        The time of day is that of the place where this computer is.
        """
        clock_ns = self.track.clock_ns(at_s)
        if clock_ns is None:
            return at_text(at_s)
        return f"{datetime.fromtimestamp(clock_ns // NANOSECONDS):%H:%M:%S}"  # noqa: DTZ006

    def age_s(self, name: str) -> float | None:
        """Return how old the newest frame is that carries a signal; None never or no clock."""
        watched = None if self.car is None else self.car.watched(name)
        if watched is None or not self.has_clock:
            return None
        return self.track.last_seen_s(watched)
