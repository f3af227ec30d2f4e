"""Level ASK as a switch: what asking would do; on in a thread of its own, off at once."""

from __future__ import annotations

import threading

from evdiag.asking import Asking, polled_channels
from evdiag.control.policy import Level
from evdiag.errors import EvdiagError
from evdiag.levels import AskLook, AskPlan
from evdiag.live.live import Live
from evdiag.vehicles.profile import Profile

_OPENS_WITHIN_S = 20.0


class AskSwitch:
    """Begins and ends asking on one live bus."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._wish: object | None = None
        self._asking: Asking | None = None
        self._opening: threading.Thread | None = None
        self._failure = ""

    def plan(self, profile: Profile) -> AskPlan:
        """Return what asking this car would do; nothing is sent.

        Raises:
            BadInputError: there is nothing to ask, or it is not known where.
        """
        channels = polled_channels(self._live, profile)
        polls = [poll for poll in profile.polls if poll.ecu.bus in channels]
        silent = {
            str(link.channel)
            for link in self._live.state.links
            if link.channel in channels.values() and link.silence.state == "verified"
        }
        return AskPlan(
            vehicle=profile.name,
            per_second=sum(1000 / poll.period_ms for poll in polls),
            units=tuple(dict.fromkeys(poll.ecu.text for poll in polls)),
            evidence=tuple(dict.fromkeys(poll.evidence for poll in polls)),
            warnings=profile.diagnostic_warnings,
            silent=tuple(sorted(silent)),
        )

    def begin(self, profile: Profile) -> None:
        """Open the bus to ask, and ask; returns at once, `look` says what comes of it."""
        with self._lock:
            if self._wish is not None:
                return
            self._wish = wish = object()
            self._failure = ""
        self._opening = threading.Thread(
            target=self._begin, args=(profile, wish, self._opening), name="ask", daemon=True
        )
        self._opening.start()

    def end(self) -> None:
        """Stop: when this returns nothing more is sent, and the bus is being silenced."""
        asking = self._let_go()
        if asking is not None:
            asking.end()

    def rest(self) -> None:
        """Stop as `end` does, once the answers under way have come: somebody else asks next."""
        asking = self._let_go()
        if asking is not None:
            asking.rest()

    def _let_go(self) -> Asking | None:
        with self._lock:
            self._wish = None
            asking, self._asking = self._asking, None
        return asking

    def close(self) -> None:
        """Stop, also what is still being opened."""
        self.end()
        if self._opening is not None:
            self._opening.join(timeout=_OPENS_WITHIN_S)

    def look(self) -> AskLook:
        """Return how it stands; asking that the gate has left, or no disk takes, is ended."""
        asking = self._asking
        if asking is None:
            return AskLook("off" if self._wish is None else "opening", None, self._failure)
        status = asking.status()
        if status.level is not Level.ASK:
            return self._ended("asking ended by itself: the bus was in trouble")
        if asking.not_recorded:
            return self._ended(f"asking ended: {asking.not_recorded}")
        return AskLook("asking", status)

    def _ended(self, why: str) -> AskLook:
        self.end()
        self._failure = why
        return AskLook("off", None, why)

    def _begin(self, profile: Profile, wish: object, before: threading.Thread | None) -> None:
        if before is not None:
            # What was wished for and taken back is still closing the bus that is to be opened.
            before.join()
        try:
            asking = Asking(self._live, profile)
            asking.open()
        except EvdiagError as error:
            with self._lock:
                if self._wish is wish:
                    self._wish = None
                    self._failure = str(error)
            return
        with self._lock:
            if self._wish is wish:
                # Under the lock: whoever ends it finds it here, or it never asks at all.
                self._asking = asking
                asking.go()
                return
        asking.end()
