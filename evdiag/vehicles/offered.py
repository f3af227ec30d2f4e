"""What a car offers on the channels of one recording or bus: its profile bound to its DBC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evdiag.databases import Database
from evdiag.databases.layout import MessageLayout
from evdiag.errors import BadInputError
from evdiag.inputs import Channel
from evdiag.plain import plain_text
from evdiag.signals.compiled import CompiledMessage, compile_message
from evdiag.signals.events import stale_after_ns
from evdiag.signals.watch import Meaning, Watch, WatchedSignal
from evdiag.vehicles.profile import Layout, Profile, SignalMap
from evdiag.vehicles.toml_table import nearest
from evdiag.vocabulary import TERM, TERMS

_ORDER = {term.name: place for place, term in enumerate(TERMS)}


def watch_of(
    profile: Profile,
    layout: Layout,
    databases: Sequence[Database],
    channels: Mapping[str, Channel],
) -> Watch:
    """Return the watch list of a car: every signal whose bus is among `channels`.

    Raises:
        BadInputError: the profile names a message or signal that the DBC does not have.
    """
    messages = {message.name: message for db in databases for message in db.messages}
    compiled: dict[str, CompiledMessage] = {}
    watched = []
    for entry in sorted(layout.signals, key=lambda entry: _ORDER[entry.name]):
        message = _message(profile, entry, messages)
        if entry.bus not in channels:
            continue
        if entry.message not in compiled:
            compiled[entry.message] = compile_message(message)
        watched.append(
            WatchedSignal(
                name=entry.name,
                channel=channels[entry.bus],
                key=message.key,
                signal=compiled[entry.message].signal(entry.signal),
                meaning=_meaning(entry),
                stale_after_ns=_stale_after(profile, entry, message),
            )
        )
    return Watch(tuple(watched))


def _message(
    profile: Profile, entry: SignalMap, messages: Mapping[str, MessageLayout]
) -> MessageLayout:
    where = f"{plain_text(profile.file)}: table [signals.{entry.name}], key 'from': "
    message = messages.get(entry.message)
    if message is None:
        hint = nearest(entry.message, messages)
        raise BadInputError(f"{where}the DBC has no message {plain_text(entry.message)!r}; {hint}")
    names = [signal.name for signal in message.signals]
    if entry.signal not in names:
        hint = nearest(entry.signal, names)
        raise BadInputError(
            f"{where}message {plain_text(entry.message)} has no signal "
            f"{plain_text(entry.signal)!r}; {hint}"
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
