"""What a car offers on the channels of one recording or bus: its profile bound to its DBC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evdiag.databases import Database
from evdiag.databases.layout import MessageLayout
from evdiag.errors import BadInputError
from evdiag.inputs import Channel
from evdiag.plain import plain_text
from evdiag.signals.compiled import CompiledMessage, CompiledSignal, compile_message
from evdiag.signals.events import stale_after_ns
from evdiag.signals.watch import Conversation, Meaning, Polled, Watch, WatchedSignal
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.profile import Layout, Profile, SignalMap
from evdiag.vehicles.toml_table import nearest, quoted
from evdiag.vocabulary import TERM, TERMS

_ORDER = {term.name: place for place, term in enumerate(TERMS)}


def watch_of(
    profile: Profile,
    layout: Layout,
    databases: Sequence[Database],
    channels: Mapping[str, Channel],
) -> Watch:
    """Return the watch list of a car: every signal whose bus is among `channels`, each once.

    A signal that is broadcast on one of them is not read from answers on another.

    Raises:
        BadInputError: the profile names a message or signal that the DBC does not have.
    """
    messages = {message.name: message for db in databases for message in db.messages}
    found = {entry: _message(profile, entry, messages) for entry in layout.signals}
    compiled: dict[str, CompiledMessage] = {}
    watched = []
    for entry in _chosen(layout.signals, channels):
        message = found[entry]
        if entry.message not in compiled:
            compiled[entry.message] = compile_message(message)
        signal = compiled[entry.message].signal(entry.signal)
        watched.append(_watched(profile, entry, message, signal, channels[entry.bus]))
    return Watch(tuple(watched))


def _chosen(signals: Sequence[SignalMap], channels: Mapping[str, Channel]) -> tuple[SignalMap, ...]:
    """Choose, of the ways to read a signal, the one that these channels offer; broadcast wins."""
    chosen: dict[str, SignalMap] = {}
    for entry in sorted(signals, key=lambda entry: (_ORDER[entry.name], bool(entry.poll))):
        if entry.bus in channels:
            chosen.setdefault(entry.name, entry)
    return tuple(chosen.values())


def _watched(
    profile: Profile,
    entry: SignalMap,
    message: MessageLayout,
    signal: CompiledSignal,
    channel: Channel,
) -> WatchedSignal:
    if not entry.poll:
        stale = _stale_after(profile, entry, message)
        return WatchedSignal(entry.name, channel, message.key, signal, _meaning(entry), stale)
    poll = profile.poll(entry.poll)
    return WatchedSignal(
        entry.name,
        channel,
        poll.ecu.response_key,
        signal,
        _meaning(entry),
        stale_after_ns(poll.period_ms),
        Polled(poll.name, poll.did, conversation_of(poll.ecu, channel)),
    )


def conversation_of(ecu: Ecu, channel: Channel) -> Conversation:
    """Bind a control unit of a profile to the channel on which its bus was found."""
    return Conversation(
        channel, ecu.request_key, ecu.response_key, ecu.target_address, ecu.tester_address
    )


def _message(
    profile: Profile, entry: SignalMap, messages: Mapping[str, MessageLayout]
) -> MessageLayout:
    where = f"{plain_text(profile.file)}: table [signals.{entry.name}], key 'from': "
    message = messages.get(entry.message)
    if message is None:
        hint = nearest(entry.message, messages)
        raise BadInputError(f"{where}the DBC has no message {quoted(entry.message)}; {hint}")
    names = [signal.name for signal in message.signals]
    if entry.signal not in names:
        hint = nearest(entry.signal, names)
        raise BadInputError(
            f"{where}message {plain_text(entry.message)} has no signal "
            f"{quoted(entry.signal)}; {hint}"
        )
    return message


def _meaning(entry: SignalMap) -> Meaning:
    return Meaning(
        words=None if TERM[entry.name].numeric else dict(entry.words),
        otherwise=entry.otherwise,
        invalid=frozenset(entry.invalid),
        invalid_from=entry.invalid_from,
    )


def _stale_after(profile: Profile, entry: SignalMap, message: MessageLayout) -> int | None:
    for frame in profile.bus(entry.bus).frames:
        if frame.key == message.key:
            period_ms = entry.page_period_ms or frame.period_ms
            return None if frame.sends == "event" else stale_after_ns(period_ms)
    return stale_after_ns(message.period_ms)
