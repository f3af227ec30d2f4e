"""A port that a test plays by hand: signals by name, seconds, no frames."""

from __future__ import annotations

from dataclasses import replace

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.port.attempt import Attempt
from evdiag.session import Session
from evdiag.signals.compiled import compile_message
from evdiag.signals.events import BusAwake, BusSilent, Changed, EpochBegan, Expired
from evdiag.signals.watch import Meaning, Watch, WatchedSignal
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import TERMS, Value

S = 1_000_000_000
ALL = tuple(term.name for term in TERMS)
_SIGNAL = compile_message(
    MessageLayout("M", 1, False, 8, (SignalLayout("s", 0, 8, True, False),))
).signals[0]


def watch(names: tuple[str, ...]) -> Watch:
    """Return a watch list of these vocabulary signals."""
    return Watch(tuple(WatchedSignal(name, 0, 1, _SIGNAL, Meaning(None), None) for name in names))


class Stage:
    """Feeds signal events to a session and looks at what came of it."""

    def __init__(
        self,
        names: tuple[str, ...] = ALL,
        lock: LockBehaviour | None = None,
        clock_is_time: bool = True,
    ) -> None:
        profile = replace(library().profile("reference"), lock=lock or LockBehaviour())
        self.names = names
        self.session = Session(profile, watch(names), clock_is_time=clock_is_time)

    def see(self, at_s: float, **values: Value) -> Stage:
        """Report values; ``port_lock="locked"`` is ``port.lock``."""
        for name, value in values.items():
            where = self.names.index(name.replace("_", ".", 1))
            self.session.apply(Changed(round(at_s * S), where, 0, value))
        return self

    def stale(self, at_s: float, *names: str) -> Stage:
        """Let signals expire."""
        for name in names:
            self.session.apply(Expired(round(at_s * S), self.names.index(name)))
        return self

    def sleep(self, from_s: float, to_s: float) -> Stage:
        """Let the bus sleep."""
        self.session.apply(BusSilent(round(from_s * S), 0))
        self.session.apply(BusAwake(round(to_s * S), 0))
        return self

    def jump_to(self, at_s: float) -> Stage:
        """Let the clock jump back."""
        self.session.apply(EpochBegan(round(at_s * S)))
        return self

    def end(self, at_s: float) -> tuple[Attempt, ...]:
        """End the recording."""
        self.session.finish(round(at_s * S))
        return self.session.attempts

    def locked_in(self) -> Stage:
        """Start with a plug locked in and the session over."""
        return self.see(
            0,
            port_lock="locked",
            port_plug="connected",
            port_pilot="B1",
            port_unlock_request="idle",
            port_lock_request="idle",
            port_lock_command="idle",
            vehicle_lock="locked",
        )
