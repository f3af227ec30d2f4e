"""Joins a live bus and one command: opened to act, carried out, handed back, silent again.

Both front ends give commands through here, and nothing else does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from evdiag.asking import Asking
from evdiag.bus_watch import BusWatch
from evdiag.connecting import why_not_recorded
from evdiag.control.acting import Facts
from evdiag.control.errand import CommandErrand, ErrandView, Wish
from evdiag.control.interlocks import BusFacts, CommandFacts, Interlock, interlocks
from evdiag.control.module_check import ModuleSays
from evdiag.control.policy import Level
from evdiag.control.rest_log import RestLog
from evdiag.errors import BadInputError, EvdiagError, RefusedError
from evdiag.inputs import Channel
from evdiag.levels import CommandLook
from evdiag.live.live import Live
from evdiag.plain import plain_text
from evdiag.port.readings import ReadingsNow
from evdiag.session.following import Following
from evdiag.vehicles.command import Command
from evdiag.vehicles.command_frames import Rings, rings
from evdiag.vehicles.library import databases
from evdiag.vehicles.profile import Profile
from evdiag.vocabulary import CommandName

LETS_GO_WITHIN_S: Final = 15.0
"""Longer than a hand-back may take."""

_LOOK_S: Final = 0.02
_LOOKS_WITHIN_S: Final = 0.15
"""Less than a permit lives: later than that, nothing would leave on it."""
_OPENS_WITHIN_S: Final = 20.0

_NOT_ASKED: Final = ModuleSays()


class Commanding:
    """Gives commands to the car on one live bus, one at a time.

    `watch` must be a hook of the live bus from its beginning.
    """

    def __init__(self, live: Live, watch: BusWatch) -> None:
        self._live = live
        self._watch = watch
        self._rest_log = RestLog()
        self._lock = threading.Lock()
        self._asking: Asking | None = None
        self._opening: threading.Thread | None = None
        self._aborted = ""
        self._last: ErrandView | None = None
        self._error: EvdiagError | None = None

    def conditions(
        self,
        command: Command,
        profile: Profile,
        confirmed: frozenset[str] = frozenset(),
        *,
        module: ModuleSays = _NOT_ASKED,
    ) -> tuple[Interlock, ...]:
        """Return what a command would need, as it stands; nothing is asked for it.

        `module` is what the commanded unit said to whoever asked it already.
        """

        def look(following: Following) -> tuple[Interlock, ...]:
            facts = self._facts(following, command, profile, module, confirmed, resting=True)
            return interlocks(command.name, facts.of_command, command.needs)

        return self._live.follower.look(look)

    def begin(
        self,
        command: Command,
        profile: Profile,
        consent: str,
        confirmed: frozenset[str] = frozenset(),
    ) -> None:
        """Open the bus and begin; returns when the command is under way, in the asker's thread.

        `consent` says in words who allowed it and how; `confirmed` names the conditions that a
        person has looked at.

        Raises:
            BadInputError: it cannot be given on this bus, or the audit log cannot be written.
            BusError: an adapter cannot be opened for sending.
            RefusedError: another command is under way, or nothing is recorded.
        """
        self._forget_last()
        self._begin(command, profile, consent, confirmed)

    def _forget_last(self) -> None:
        """Make room for a command, in the thread of whoever wishes it: an abort comes after.

        Raises:
            RefusedError: another command is under way.
        """
        with self._lock:
            if self._asking is not None:
                raise RefusedError("another command is under way: wait for its end, or abort it")
            self._aborted = ""
            self._error = None
            self._last = None

    def _begin(
        self, command: Command, profile: Profile, consent: str, confirmed: frozenset[str]
    ) -> None:
        with self._lock:
            asking = Asking(self._live, profile, read_vin=False, command=command)
            self._asking = asking
        try:
            wish = self._wish(command, profile, asking.channels, consent)
            asking.open()
        except BaseException:
            self._close()
            raise

        def take_facts(module: ModuleSays) -> Facts:
            # While a command runs its steps wait for the actuator; before, it is a condition.
            resting = asking.gate.level is not Level.ACT
            facts = self._live.follower.look_soon(
                lambda following: self._facts(
                    following, command, profile, module, confirmed, resting=resting
                ),
                _LOOKS_WITHIN_S,
            )
            return _NOT_FOLLOWED if facts is None else facts

        def make(is_free: Callable[..., bool], now_ns: int) -> CommandErrand:
            return CommandErrand(
                wish,
                asking.gate,
                take_facts,
                self._rest_log,
                lambda: command.unit is None or is_free(command.unit),
                now_ns,
            )

        try:
            asking.give(make)
            if self._aborted:
                asking.abort(self._aborted)
            asking.go()
        except BaseException:
            # Not `end`: that waits for the thread in which this may run.
            self._close()
            raise

    def begin_soon(
        self,
        command: Command,
        profile: Profile,
        consent: str,
        confirmed: frozenset[str] = frozenset(),
    ) -> None:
        """Begin in a thread; `look` says what comes of it.

        Raises:
            RefusedError: another command is under way.
        """

        def begin() -> None:
            try:
                self._begin(command, profile, consent, confirmed)
            except EvdiagError as error:
                self._error = error

        if self._opening is None or not self._opening.is_alive():
            self._forget_last()
            self._opening = threading.Thread(target=begin, name="command", daemon=True)
            self._opening.start()

    def look(self) -> CommandLook:
        """Return how it stands; a command that has ended is closed."""
        asking = self._asking
        if asking is not None:
            view = asking.errand()
            if view is not None:
                self._last = view
                if view.outcome is not None:
                    self._close()
                    return CommandLook("ended", view)
                return CommandLook("under way", view)
        if self._opening is not None and self._opening.is_alive():
            return CommandLook("opening")
        if self._last is not None:
            return CommandLook("ended", self._last)
        error = self._error
        return CommandLook("off", None, "" if error is None else str(error), error)

    def abort(self, why: str) -> None:
        """Abort: what has begun is handed back; `look` says when that is done."""
        self._aborted = why
        asking = self._asking
        if asking is not None:
            asking.abort(why)

    def end(self, why: str = "evdiag is closed") -> ErrandView | None:
        """Abort what is under way, wait until it is handed back, and silence the bus again.

        When this returns nothing more is sent. Returns how the last command ended.
        """
        self._aborted = why
        if self._opening is not None:
            self._opening.join(timeout=_OPENS_WITHIN_S)
        asking = self._asking
        if asking is not None:
            asking.abort(why)
            ends_s = time.monotonic() + LETS_GO_WITHIN_S
            while (view := asking.errand()) is not None and time.monotonic() < ends_s:
                self._last = view
                if view.outcome is not None or not asking.is_running:
                    break
                time.sleep(_LOOK_S)
            self._close()
        return self._last

    def _close(self) -> None:
        with self._lock:
            asking, self._asking = self._asking, None
        if asking is not None:
            asking.end()

    def _wish(
        self,
        command: Command,
        profile: Profile,
        channels: dict[str, Channel],
        consent: str,
    ) -> Wish:
        return Wish(
            command=command,
            channels=channels,
            rings=command_rings(command, profile),
            consent=consent,
            actuator=actuator_of(command, profile),
            vin_pattern=profile.vin_pattern if command.vin_from_unit else "",
        )

    def _facts(
        self,
        following: Following,
        command: Command,
        profile: Profile,
        module: ModuleSays,
        confirmed: frozenset[str],
        *,
        resting: bool,
    ) -> Facts:
        """Take everything that is looked at, at one instant. Called while nothing changes.

        `resting` counts the actuator's rest as a condition; while a command runs, its steps wait.
        """
        session = following.session
        if session is not None and session.profile.id != profile.id:
            # Somebody has said that it is another car: nothing is known of the commanded one.
            session = None
        now_ns = self._live.sequence.now_ns
        readings = _NOTHING if session is None else session.readings.now()
        followed_ns = None if session is None else session.stream_ns
        if command.unit is None and module.answers is None:
            module = _heard(readings, command)
        rest_s, rest = self._rest(command, profile) if resting else (0.0, "")
        bus = self._watch.facts(
            module_answers=module.answers, module=module.text, rest_s=rest_s, rest=rest
        )
        danger_told = session is not None and session.danger_told
        of_command = CommandFacts(
            readings, followed_ns or 0, bus, confirmed, danger_told, why_not_recorded(self._live)
        )
        age_ns = now_ns if followed_ns is None else max(0, now_ns - followed_ns)
        return Facts(of_command, readings, age_ns)

    def _rest(self, command: Command, profile: Profile) -> tuple[float | None, str]:
        try:
            last = self._rest_log.last(actuator_of(command, profile))
        except BadInputError as error:
            return None, str(error)
        return (0.0 if last is None else last.left_ns(time.time_ns()) / 1e9), ""


_NOTHING = ReadingsNow({}, frozenset(), None)
_NOT_FOLLOWED: Final = Facts(
    CommandFacts(_NOTHING, 0, BusFacts("evdiag does not keep up with it")), _NOTHING, 1 << 62
)
"""What is known while whoever follows the bus hangs."""


def way_of(profile: Profile, name: CommandName, way: str | None) -> Command:
    """Return one way to carry out a command; the usual one where none is named.

    Raises:
        RefusedError: this car is not given that command; the sentence says why.
        BadInputError: there is no such way.
    """
    ways = profile.ways(name)
    if not ways:
        known = profile.why_not(name)
        because = f": {known.text} ({known.evidence})" if known is not None else ""
        raise RefusedError(
            f"evdiag gives no {name} to {plain_text(profile.name)}{plain_text(because)}; "
            "`evdiag guide` leads on"
        )
    if way is None:
        return ways[0]
    found = [each for each in ways if each.way == way]
    if not found:
        names = ", ".join(each.way for each in ways)
        raise BadInputError(f"there is no way {plain_text(way)!r} to {name}; known are: {names}")
    return found[0]


def command_rings(command: Command, profile: Profile) -> Rings:
    """Return the frames of a command, byte for byte.

    Raises:
        BadInputError: the DBC does not have what the profile names.
    """
    if not command.frames:
        return {}
    loaded = databases(profile, profile.layouts[0])
    return rings(command, [each for db in loaded for each in db.messages], profile.file)


def actuator_of(command: Command, profile: Profile) -> str:
    """Return the name under which an actuator's rest is kept, for all cars of one profile."""
    return f"{profile.id} {command.actuator}"


def _heard(readings: ReadingsNow, command: Command) -> ModuleSays:
    """A unit that is asked nothing is there when what it reports is fresh."""
    if command.proof is None:
        return ModuleSays()
    signal = command.proof.signal
    if readings[signal].usable:
        return ModuleSays(True, f"heard: it reports {signal}")
    return ModuleSays(False, f"not heard: nothing fresh of {signal}")
