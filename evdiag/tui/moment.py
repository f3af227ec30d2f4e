"""What the screens pull ten times a second: the recording being played, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from evdiag.plain import plain_text
from evdiag.port.attempt import NANOSECONDS

if TYPE_CHECKING:
    from evdiag.diagnosis import Finding
    from evdiag.session.playback import Playback
    from evdiag.session.snapshot import Snapshot
    from evdiag.tui.decoding import Messages
    from evdiag.tui.frame_index import FrameIndex
    from evdiag.wiring import Analysis


class Played:
    """The recording being played, with what is only worked out once a screen asks for it."""

    def __init__(self, analysis: Analysis, playback: Playback) -> None:
        self.analysis = analysis
        self.playback = playback
        self.watched = {signal.name: at for at, signal in enumerate(analysis.watch.signals)}

    @cached_property
    def name(self) -> str:
        """The recording's file name, plain."""
        return plain_text(self.analysis.capture.name.replace("\\", "/").rsplit("/", 1)[-1])

    @cached_property
    def vehicle(self) -> str:
        """The car's name, plain."""
        return plain_text(self.analysis.profile.name)

    @cached_property
    def frames(self) -> FrameIndex:
        """Which frame follows which of the same id."""
        from evdiag.tui.frame_index import FrameIndex

        return FrameIndex(self.playback.block)

    @cached_property
    def messages(self) -> Messages:
        """What the car's databases say of its frames."""
        from evdiag.tui.decoding import messages_of

        return messages_of(self.analysis)

    @property
    def has_clock(self) -> bool:
        """False where the stamps tell no time: then no age and no span means anything."""
        return self.playback.clock_is_time


@dataclass(frozen=True)
class Moment:
    """One moment: a snapshot, and the recording around it."""

    played: Played
    snapshot: Snapshot

    @property
    def playback(self) -> Playback:
        """The playback."""
        return self.played.playback

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong as far as the recording has been played."""
        return self.playback.session.findings()

    def ago_s(self, stamp_ns: int | None) -> float | None:
        """Return how long ago a stamp of this epoch was; None where no clock says so."""
        if stamp_ns is None or self.snapshot.stream_ns is None or not self.played.has_clock:
            return None
        return max(0.0, (self.snapshot.stream_ns - stamp_ns) / NANOSECONDS)

    def at_s(self, stamp_ns: int) -> float:
        """Return where on the playback's axis a stamp of this epoch lies."""
        ago = self.ago_s(stamp_ns)
        return max(0.0, self.playback.elapsed_s - (ago or 0.0))

    def age_s(self, name: str) -> float | None:
        """Return how old the newest frame is that carries a signal; None never or no clock."""
        watched = self.played.watched.get(name)
        if watched is None or not self.played.has_clock:
            return None
        return self.playback.last_seen_s(watched)
