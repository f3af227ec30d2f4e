"""What only a live bus can tell the screens: links, counters, troubles, recorder, level. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.levels import AskLook, CommandLook
    from evdiag.live.live import LiveState
    from evdiag.session.live_window import Told
    from evdiag.session.troubles import Trouble

_SURE = ("verified", "requested", "not possible")
"""How silent an adapter is, the surest first."""


@dataclass(frozen=True)
class LiveFacts:
    """A live bus as it stands.

    `shown` received frames have reached the screen, `behind` inputs wait for the decoder. `named`
    is the car that a person named, plain, empty where it is to be recognised; `can_ask` is true
    where there is something to ask it. `now_ns` is the wall clock.
    """

    state: LiveState
    ask: AskLook
    command: CommandLook
    troubles: Sequence[Trouble]
    told: Sequence[Told]
    shown: int
    behind: int
    named: str
    can_ask: bool
    now_ns: int
    forgotten_kinds: int = 0

    @property
    def bus(self) -> str:
        """The buses in words, plain."""
        return " + ".join(link.settings.name for link in self.state.links)

    @property
    def silence(self) -> str:
        """How sure it is that the adapters are silent on the wire: the least sure of them."""
        return max((link.silence.state for link in self.state.links), key=_SURE.index)

    @property
    def link_is_lost(self) -> bool:
        """True while none of the links is up."""
        return all(link.condition == "lost" for link in self.state.links)

    @property
    def recording_s(self) -> float | None:
        """For how long it has been recording; None while it is not."""
        recorder = self.state.recorder
        if recorder is None or recorder.writing_since_ns is None:
            return None
        return max(0.0, (self.now_ns - recorder.writing_since_ns) / 1e9)

    @property
    def recorded(self) -> int:
        """The frames on disk."""
        return 0 if self.state.recorder is None else self.state.recorder.frames

    @property
    def alarm(self) -> str:
        """Why it is not recording though it should, plain; empty where it does."""
        recorder = self.state.recorder
        return "" if recorder is None or not recorder.alarm else plain_text(recorder.alarm)
