"""``evdiag vehicles list|show|check|new``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.groups import CommandGroup
from evdiag.cli.options import for_each, format_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.cli.output import Format, Record
    from evdiag.vehicles.profile import Profile

LIST_COLUMNS = (
    "vehicle", "name", "signals", "lock", "polls", "at_obd", "from_user", "file_sha256",
)  # fmt: skip


@click.group("vehicles", cls=CommandGroup)
def command() -> None:
    """The cars evdiag knows."""


@command.command("list")
@format_option
def list_vehicles(form: Format, output: Path | None, force: bool) -> int:
    """List every car, yours and ours, and how well its lock is known."""
    from evdiag.cli.output import records
    from evdiag.vehicles.library import library

    found = library()
    for problem in found.problems:
        click.echo(f"evdiag: {problem}", err=True)
    with records(form, output, LIST_COLUMNS, _list_row, force=force) as emit:
        for profile in found.profiles.values():
            emit(_list_record(profile))
    return 2 if found.problems else 0


@command.command("show")
@click.argument("vehicle", metavar="ID")
def show(vehicle: str) -> int:
    """Show all that is known of one car, each fact with its evidence level and source."""
    from evdiag.cli.analysis import say_profile_problems
    from evdiag.plain import plain_text
    from evdiag.vehicles.library import library

    say_profile_problems()
    for line in _described(library().profile(vehicle)):
        click.echo(plain_text(line))
    return 0


@command.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
def check(files: tuple[str, ...]) -> int:
    """Check profile files: every key, word, message and signal."""
    from evdiag.plain import plain_text
    from evdiag.vehicles.checking import check_profile

    def work(name: str) -> int:
        profile = check_profile(Path(name))
        click.echo(f"{plain_text(name)}: {profile.id}, no problem found")
        return 0

    return for_each(files, work)


@command.command("new")
@click.option(
    "--dbc",
    "files",
    metavar="FILE",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="The car's DBC; several for several buses.",
)
@click.option(
    "--recording",
    metavar="RECORDING",
    help="One of this car: its ids and periods are what the car is recognised by.",
)
@click.option("--id", "identifier", metavar="ID", help="How evdiag calls it: make-model.")
@click.option("--make", default="", help="Who makes it.")
@click.option("--model", default="", help="What it is called.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the profile to a file instead of standard output.",
)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def new(
    files: tuple[Path, ...],
    recording: str | None,
    identifier: str | None,
    make: str,
    model: str,
    output: Path | None,
    force: bool,
) -> int:
    """Begin the profile of a car: which signals of a DBC look like lock, plug, flap and pilot.

    A proposal from names and value tables, all of it unproven: what it means is found out on the
    car, and `evdiag vehicles check` says whether the file is a profile.
    """
    import re

    from evdiag.cli.output import destination
    from evdiag.databases import load
    from evdiag.plain import plain_text
    from evdiag.vehicles.proposing import Beginning, profile_text, proposed_signals

    loaded = [load(file) for file in files]
    named = identifier or f"{make} {model}".strip() or files[0].stem
    messages = tuple(message for database in loaded for message in database.messages)
    begun = Beginning(
        re.sub(r"[^a-z0-9]+", "-", named.lower()).strip("-") or "my-car",
        make or "?",
        model or files[0].stem,
        tuple(file.name for file in files),
        messages,
        {} if recording is None else _periods_ms(recording),
    )
    with destination(output, force=force, inputs=files) as stream:
        stream.write(profile_text(begun))
    found = proposed_signals(messages)
    told = [term for term, (best, *_) in found.items() if best.is_understood]
    open_ones = [term for term in found if term not in told]
    if recording is not None and not any(message.key in begun.periods_ms for message in messages):
        click.echo(
            f"evdiag: no message of the DBC comes again and again in {plain_text(recording)}: "
            "is it one of this car?",
            err=True,
        )
    click.echo(f"evdiag: proposed: {', '.join(told) or 'nothing'}", err=True)
    if open_ones:
        click.echo(f"evdiag: to be filled in: {', '.join(open_ones)}", err=True)
    if not found:
        click.echo(
            "evdiag: no signal looks like a charge port's: `evdiag dbc` lists more", err=True
        )
    where = "FILE" if output is None else plain_text(str(output))
    click.echo(f"evdiag: when it is filled in: evdiag vehicles check {where}", err=True)
    return 0


def _periods_ms(recording: str) -> dict[int, int]:
    """Return the period of each id of a recording that comes again and again."""
    from evdiag.cli.analysis import shipped_or_named
    from evdiag.recordings import open_recording

    report = open_recording(shipped_or_named(recording)).read_through()
    return {key: max(1, round(ns / 1e6)) for key, ns in report.periods_ns().items()}


def _list_record(profile: Profile) -> Record:
    layout = profile.layouts[0]
    lock = next((entry for entry in layout.signals if entry.name == "port.lock"), None)
    return {
        "vehicle": profile.id,
        "name": profile.name,
        "signals": len({entry.name for entry in layout.signals}),
        "lock": lock.evidence if lock else None,
        "polls": len(profile.polls),
        "at_obd": any(bus.at_obd for bus in profile.buses),
        "from_user": profile.from_user,
        "file_sha256": profile.file_sha256,
    }


def _list_row(entry: Record) -> str:
    from evdiag.plain import plain_text

    lock = f"lock {entry['lock']}" if entry["lock"] else "lock not broadcast"
    polls = f", {entry['polls']} diagnostic reads" if entry["polls"] else ""
    own = "  (yours)" if entry["from_user"] else ""
    return plain_text(
        f"{entry['vehicle']:<16} {entry['name']:<38} {entry['signals']:>2} signals, "
        f"{lock}{polls}{own}"
    )


def _described(profile: Profile) -> Iterator[str]:
    from evdiag.vehicles.profile import ALL_COMMANDS, LockBehaviour
    from evdiag.vocabulary import TERMS

    yield f"{profile.id}: {profile.name}"
    yield f"profile {profile.file}, sha256 {profile.file_sha256[:16]}"
    for bus in profile.buses:
        where = "at the OBD port" if bus.at_obd else "not at the OBD port"
        yield f"bus {bus.name}: {bus.bitrate // 1000} kbit/s, {where}; tap: {bus.tap}"
    for layout in profile.layouts:
        if layout.id:
            yield f"layout {layout.id}: {layout.name}"
        offered = {entry.name for entry in layout.signals}
        for entry in layout.signals:
            source = f"{entry.message}.{entry.signal}"
            asked = " (asked)" if entry.poll else ""
            yield f"  {entry.name:<28} {source + asked:<44} {entry.evidence}: {entry.source}"
        missing = [term.name for term in TERMS if term.name not in offered]
        if missing:
            yield "  not offered: " + ", ".join(missing)
    if profile.lock.evidence:
        known = f"{profile.lock.evidence}: {profile.lock.source}"
        if profile.lock.releases_within_s != LockBehaviour().releases_within_s:
            yield f"the lock opens within {profile.lock.releases_within_s:g} s ({known})"
        for kind in profile.lock.opens_at_session_end:
            yield f"it opens by itself when a {kind.upper()} session ends ({known})"
    if not profile.lock.fitted:
        yield "this car's inlet has no lock"
    if profile.relock:
        seconds = ", ".join(f"{seconds:g}" for seconds in profile.relock.seconds)
        yield (
            f"locks again after {seconds} s, counted from {profile.relock.anchor} "
            f"({profile.relock.evidence}: {profile.relock.source})"
        )
    for mode in profile.lock_modes:
        yield f"lock mode: {mode.text} ({mode.evidence}: {mode.source})"
    for release in profile.manual_release:
        known = f"{release.evidence}: {release.source}"
        yield f"manual release: {release.where}; {release.how} ({known})"
        yield from (f"  mind: {warning}" for warning in release.warnings)
    for hint in profile.hints:
        yield f"hint: {hint.text} ({hint.evidence}: {hint.source})"
    for habit in profile.habits:
        yield f"habit: {habit.text} ({habit.evidence}: {habit.source})"
    for poll in profile.polls:
        known = f"{poll.evidence}: {poll.source}"
        yield (
            f"diagnostic read: {poll.name}, DID 0x{poll.did:04X} of {poll.ecu.text} on "
            f"{poll.ecu.bus}, every {poll.period_ms / 1000:g} s ({known})"
        )
    for warning in profile.diagnostic_warnings:
        yield f"warning when asking: {warning.text} ({warning.evidence}: {warning.source})"
    for command in profile.commands:
        yield f"command: {command.text}: {command.summary} ({command.evidence}: {command.source})"
    for unknown in profile.commands_not_known:
        which = "no command" if unknown.name == ALL_COMMANDS else f"no {unknown.name}"
        yield f"{which}: {unknown.text} ({unknown.evidence}: {unknown.source})"
    yield from (f"source: {source}" for source in profile.sources)
