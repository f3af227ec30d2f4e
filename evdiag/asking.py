"""Joins a live bus and the transmit gate: level ASK begins and ends here.

To ask, a bus is opened in normal mode; when asking ends, for whatever reason, it is opened silent
again. A link that is lost while asking comes back silent, and nothing asks any more.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping

from evdiag.bus import socketcan
from evdiag.bus.link import Link
from evdiag.bus.opening import open_source, open_to_transmit
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.bus.transmitter import Transmitter
from evdiag.connecting import start_recording, why_not_recorded
from evdiag.control.asker import Asker, AskStatus
from evdiag.control.audit import AuditLog
from evdiag.control.errand import CommandErrand, ErrandView
from evdiag.control.gate import TransmitGate
from evdiag.control.policy import AskPolicy
from evdiag.control.trouble_codes import UnitCodes
from evdiag.errors import BadInputError, BusError, RefusedError
from evdiag.inputs import Channel
from evdiag.live.live import Live
from evdiag.plain import plain_text
from evdiag.recordings.journal.words import Vin
from evdiag.vehicles.command import Command
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.identification import with_polled_buses
from evdiag.vehicles.profile import Bus, Profile

_OPENS_WITHIN_S = 15.0
_ANSWERS_WITHIN_S = 0.5
"""Ten times what a control unit takes (P2, ISO 14229-2): a person waits for this."""

_RATELESS = ("virtual", "udp_multicast", "socketcand")
"""Interfaces on which evdiag opens no controller, so none at a wrong bit rate."""


class Asking:
    """Asks one car while it lasts. Made for one period of asking."""

    def __init__(
        self,
        live: Live,
        profile: Profile,
        *,
        read_vin: bool = True,
        trouble_codes: bool = False,
        command: Command | None = None,
    ) -> None:
        """Work out what may be asked where; nothing is sent yet.

        With `trouble_codes` those are read instead of the polls, once. With a `command` its buses
        are opened as well, and it can be given.

        Raises:
            BadInputError: there is nothing to ask this car, it is not known on which of several
                buses, or that bus runs at another bit rate than the car's.
        """
        self._live = live
        self._reason = "evdiag asks" if command is None else f"evdiag is told to {command.text}"
        self._links = {link.channel: link for link in live.links}
        channels = asked_channels(live, profile, command)
        self.channels = channels
        for name, channel in channels.items():
            check_rates(self._links[channel].settings, profile.bus(name))
        self.profile = profile
        self._asked = tuple(dict.fromkeys(channels.values()))
        self.gate = gate = TransmitGate(
            AskPolicy.of(profile, channels),
            self._open_to_ask,
            live.sequence.put,
            AuditLog(),
            lambda: live.sequence.now_ns,
        )
        self._inbox = live.sequence.reader()
        self._asker = Asker(
            profile,
            channels,
            gate,
            self._inbox,
            read_vin=read_vin,
            trouble_codes=trouble_codes,
            # For a command no more is asked than it needs: who tells all by itself is not polled.
            polls=command is None or _is_polled(live),
        )
        self._vin_told = False

    def begin(self) -> None:
        """Open the buses in normal mode and ask.

        Raises:
            BadInputError: the audit log cannot be written.
            BusError: an adapter cannot be opened to send.
            RefusedError: nothing is recorded here.
        """
        self.open()
        self.go()

    def open(self) -> None:
        """Open the buses in normal mode, and have what is heard and sent written down from now on.

        Nothing is asked before `go`.

        Raises:
            BadInputError: the audit log cannot be written.
            BusError: an adapter cannot be opened to send.
            RefusedError: nothing is recorded here.
        """
        if self._live.recorder is None:
            raise RefusedError(
                "nothing is recorded here: a car is asked, or given a command, where it is recorded"
            )
        start_recording(self._live, self._reason)
        try:
            self._asker.arm()
        except (BadInputError, BusError):
            self.end()
            raise

    def go(self) -> None:
        """Begin to ask."""
        self._asker.go()

    def end(self) -> None:
        """Stop: when this returns nothing more is sent, and the buses are being silenced."""
        self._asker.leave()
        self._live.sequence.forget(self._inbox)
        for channel in self._asked:
            self._links[channel].reopen(open_source)

    def rest(self) -> None:
        """Stop as `end` does, but let the answers under way come to their end first."""
        self._asker.rest(_ANSWERS_WITHIN_S)
        self.end()

    @property
    def not_recorded(self) -> str:
        """Why the recording does not take what is asked; empty where it does."""
        return why_not_recorded(self._live)

    def status(self) -> AskStatus:
        """How asking fares; a VIN that became known goes into the recording."""
        status = self._asker.status()
        if status.vin and not self._vin_told and self._live.recorder is not None:
            self._vin_told = True
            found = Vin(status.vin)
            self._live.recorder.order(lambda store: store.tell(found))
        return status

    def give_up_codes(self, why: str) -> None:
        """Read no more trouble codes; of whom none were read yet, `why` is said."""
        self._asker.give_up_codes(why)

    def trouble_codes(self) -> tuple[UnitCodes, ...] | None:
        """Return the trouble codes of every unit; None while they are still being read."""
        return self._asker.trouble_codes()

    def give(self, make: Callable[[Callable[[Ecu], bool], int], CommandErrand]) -> None:
        """Carry out a command (`evdiag.control.asker.Asker.give`).

        Raises:
            BadInputError: the command is none that evdiag gives.
            RefusedError: another one is under way.
        """
        self._asker.give(make)

    def abort(self, why: str) -> None:
        """Abort the command that is under way, if any: it hands back and ends."""
        self._asker.abort(why)

    def errand(self) -> ErrandView | None:
        """Return the last command as it stands; None where there was none."""
        return self._asker.errand()

    @property
    def is_running(self) -> bool:
        """True while somebody asks."""
        return self._asker.is_running

    def _open_to_ask(self) -> Mapping[Channel, Transmitter]:
        return {channel: _transmitter_of(self._links[channel]) for channel in self._asked}


def polled_channels(live: Live, profile: Profile) -> dict[str, Channel]:
    """Return the channel of each bus on which this car's polls are asked.

    Raises:
        BadInputError: there is nothing to ask, or it is not known where.
    """
    check_polls(profile)
    return asked_channels(live, profile)


def check_polls(profile: Profile) -> None:
    """Refuse to ask a car that evdiag knows no diagnostic read of.

    Raises:
        BadInputError: it is such a car.
    """
    if not profile.polls:
        raise BadInputError(
            f"evdiag knows nothing to ask of {plain_text(profile.name)}: it only listens to it"
        )


def check_units(profile: Profile) -> None:
    """Refuse to ask a car that evdiag knows no control unit of.

    Raises:
        BadInputError: it is such a car.
    """
    if not profile.ecus():
        raise BadInputError(
            f"evdiag knows no control unit of {plain_text(profile.name)}: it only listens to it"
        )


def asked_channels(
    live: Live, profile: Profile, command: Command | None = None
) -> dict[str, Channel]:
    """Return the channel of each bus on which this car is asked, or gets a command.

    Raises:
        BadInputError: it has no control unit that is known, or it is not known where.
        BusError: nothing is heard of that bus on the one channel that there is.
    """
    if command is None:
        check_units(profile)
    decision = live.following.decision
    located = () if decision is None else decision.identified.channels
    found = dict(with_polled_buses(profile, located, [link.channel for link in live.links]))
    wanted = dict.fromkeys(ecu.bus for ecu in profile.ecus())
    needed = () if command is None else command.buses
    wanted |= dict.fromkeys(needed)
    asked = {bus: found[bus] for bus in wanted if bus in found}
    if not asked or any(bus not in asked for bus in needed):
        raise _not_located(live, profile, command, ", ".join(needed or wanted))
    return asked


def _not_located(
    live: Live, profile: Profile, command: Command | None, buses: str
) -> BadInputError | BusError:
    theirs = f"the car's {plain_text(buses)} bus"
    if len(live.links) > 1:
        return BadInputError(
            f"it is not known which of the channels is {theirs}: connect to that one alone"
        )
    ways = [] if command is None else profile.ways(command.name)
    others = [each.way for each in ways if each.unit is not None and not each.frames]
    hint = f"; `--way {plain_text(others[0])}` asks a control unit instead" if others else ""
    return BusError(
        f"{plain_text(str(live.links[0].channel))}: nothing of {theirs} is heard: the car may "
        f"sleep, or this be another bus or one behind a gateway{hint}"
    )


def _is_polled(live: Live) -> bool:
    """Tell whether anything of this car is known only by asking, as far as is known."""
    decision = live.following.decision
    return decision is None or any(each.polled is not None for each in decision.watch.signals)


def check_rates(settings: BusSettings, bus: Bus) -> None:
    """Let nobody take part in a car's bus at another rate: that would disturb it unasked.

    What is not known, as on a bus without a controller, is let pass.

    Raises:
        BadInputError: the adapter runs at another bit rate, or without CAN FD where the bus has it.
    """
    if settings.interface in _RATELESS:
        return
    runs, data, fd = settings.bitrate, settings.data_bitrate, settings.fd
    if settings.interface == "socketcan":
        found = socketcan.interface(settings.channel)
        if found is None or found.virtual or not found.kind:
            return
        runs, data, fd = found.bitrate, found.data_bitrate, found.supports_fd
    where = f"nothing is asked on {settings.name}"
    theirs = f"this car's {plain_text(bus.name)}"
    if runs is not None and runs != bus.bitrate:
        raise BadInputError(
            f"{where}: it runs at {runs} bit/s and {theirs} at {bus.bitrate}; open it at that rate"
        )
    if bus.data_bitrate is None:
        return
    if not fd:
        raise BadInputError(
            f"{where}: {theirs} is CAN FD, which a classic adapter would disturb; open it with "
            f"--fd --data-bitrate {bus.data_bitrate}, where the adapter has CAN FD"
        )
    if data is not None and data != bus.data_bitrate:
        raise BadInputError(
            f"{where}: its data bytes run at {data} bit/s and those of {theirs} at "
            f"{bus.data_bitrate}; open it at that data bit rate"
        )


def _transmitter_of(link: Link) -> Transmitter:
    """Have a link opened in normal mode, once; return what sends on it.

    Raises:
        BusError: it could not be opened so.
    """
    opened: queue.SimpleQueue[Transmitter | BusError] = queue.SimpleQueue()
    once = [True]

    def open_once(settings: BusSettings) -> Source:
        if not once:
            return open_source(settings)
        once.clear()
        try:
            source, transmitter = open_to_transmit(settings)
        except BusError as error:
            opened.put(error)
            return open_source(settings)
        opened.put(transmitter)
        return source

    link.reopen(open_once)
    try:
        outcome = opened.get(timeout=_OPENS_WITHIN_S)
    except queue.Empty:
        raise BusError(f"{plain_text(str(link.channel))} could not be opened to ask") from None
    if isinstance(outcome, BusError):
        raise outcome
    return outcome
