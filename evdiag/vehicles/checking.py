"""Checks a profile against its DBC: every message and signal it names must be there."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from evdiag.databases.layout import SignalLayout
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.vehicles.command import SEEN_BY_EYE, Command, Wait
from evdiag.vehicles.command_frames import rings
from evdiag.vehicles.library import databases, profile_file
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.profile import Layout, Profile
from evdiag.vehicles.toml_table import nearest, quoted


def check_profile(path: Path) -> Profile:
    """Read and check one profile file.

    A shipped profile may claim any evidence level; a file anywhere else is a user's.

    Raises:
        BadInputError: with file, table, key and the nearest valid word.
    """
    shipped = path.resolve().parent == Path(__file__).resolve().parent / "profiles"
    profile = profile_file(path, from_user=not shipped)
    everywhere = {bus.name: 0 for bus in profile.buses}
    layouts = [*profile.layouts, *([profile.shared_layout] if profile.shared_layout else [])]
    for layout in layouts:
        loaded = databases(profile, layout)
        watch_of(profile, layout, loaded, everywhere)
        messages = [message for db in loaded for message in db.messages]
        signals = {f"{m.name}.{s.name}": s for m in messages for s in m.signals}
        _check_rules(profile, layout, signals)
        _check_values(profile, layout, signals)
        _check_polls(profile, [message.name for message in messages])
        for command in profile.commands:
            rings(command, messages, profile.file)
            _check_proofs(profile, command)
    return profile


def _check_values(profile: Profile, layout: Layout, signals: Mapping[str, SignalLayout]) -> None:
    """A raw value that the signal's bits cannot hold would never be met, without a word."""
    for entry in layout.signals:
        signal = signals[f"{entry.message}.{entry.signal}"]
        if signal.is_float:
            continue
        least, most = signal.raw_range
        from_up = () if entry.invalid_from is None else (entry.invalid_from,)
        for key, raws in (
            ("values", [raw for raw, _ in entry.words]),
            ("invalid", entry.invalid),
            ("invalid_from", from_up),
        ):
            for raw in raws:
                if not least <= raw <= most:
                    raise BadInputError(
                        f"{plain_text(profile.file)}: table [signals.{entry.name}], key {key!r}: "
                        f"{raw} is never met: {quoted(signal.name)} has {signal.length} bits, "
                        f"{least} to {most}"
                    )


def _check_polls(profile: Profile, messages: list[str]) -> None:
    known = frozenset(messages)
    for poll in profile.polls:
        if poll.message not in known:
            raise BadInputError(
                f"{plain_text(profile.file)}: poll {quoted(poll.name)}, key 'message': the "
                f"DBC has no message {quoted(poll.message)}; "
                f"{nearest(poll.message, messages)}"
            )


def _check_proofs(profile: Profile, command: Command) -> None:
    """What a command waits for must be something that this car can say."""
    said = {entry.name for layout in profile.layouts for entry in layout.signals}
    waits = [step.doing.proof for step in command.steps if isinstance(step.doing, Wait)]
    needs = [proof for proof in command.needs if proof.signal not in SEEN_BY_EYE]
    for proof in (command.proof, *needs, *waits):
        if proof is not None and proof.signal not in said:
            raise BadInputError(
                f"{plain_text(profile.file)}: {command.text}: waits for {proof.signal}, which this "
                f"profile maps nowhere; {nearest(proof.signal, sorted(said))}"
            )


def _check_rules(profile: Profile, layout: Layout, names: Container[str]) -> None:
    for rule in layout.rules:
        for path in (rule.then, *(name for name, _ in rule.when)):
            if path not in names:
                raise BadInputError(
                    f"{plain_text(profile.file)}: layout {quoted(layout.id)}, rules: the DBC "
                    f"has no {quoted(path)}"
                )
