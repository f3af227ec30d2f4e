"""The cars: a page for each profile, the list of them, and where to tap each."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.vehicles.library import library
from evdiag.vehicles.profile import ALL_COMMANDS, Fact, Layout, LockBehaviour, Profile
from evdiag.vehicles.trouble_codes import TroubleCodeName, sae_text
from evdiag.vocabulary import TERMS
from making.markdown import code, table


def shipped() -> list[Profile]:
    """Return our own profiles."""
    return [profile for profile in library().profiles.values() if not profile.from_user]


def vehicle_pages() -> dict[str, Iterator[str]]:
    """Return the pages under vehicles/ by their path."""
    pages = {f"vehicles/{profile.id}.md": _page(profile) for profile in shipped()}
    pages["vehicles/README.md"] = _index(shipped())
    return pages


def _index(profiles: list[Profile]) -> Iterator[str]:
    yield "# The cars\n"
    yield "One page each, written from the profile by `docs/make_pages.py`. *Lock* says how"
    yield "well evdiag knows the signal of the lock: [evidence"
    yield "levels](../concepts.md#evidence).\n"
    rows = (_in_short(profile) for profile in profiles)
    yield from table(("car", "lock", "signals", "commands", "where to tap"), rows)
    yield ""
    yield "Which commands a car takes stands on its page, or why it takes none. Whoever holds"
    yield "its maker's data adds a command in a profile of their own:"
    yield "[own-commands.md](../own-commands.md). A car that is not here: [add"
    yield "it](../add-a-car.md)."


def _in_short(profile: Profile) -> Iterator[str]:
    known = [entry for entry in profile.layouts[0].signals if entry.name == "port.lock"]
    offered = {entry.name for layout in profile.layouts for entry in layout.signals}
    yield f"[{profile.name}]({profile.id}.md)"
    yield known[0].evidence if known else "not broadcast"
    yield f"{len(offered)} of {len(TERMS)}"
    yield ", ".join(dict.fromkeys(command.name for command in profile.commands)) or "none"
    yield "; ".join(bus.tap for bus in profile.buses)


def _page(profile: Profile) -> Iterator[str]:
    yield f"# {profile.name}\n"
    yield f"Profile `{profile.id}`. Written from it by `docs/make_pages.py`. What the levels mean:"
    yield "[evidence](../concepts.md#evidence). The same in the terminal:"
    yield f"`evdiag vehicles show {profile.id}`."
    yield from _identity(profile)
    yield "\n## Where to tap\n"
    rows = (
        (bus.name, f"{bus.bitrate // 1000} kbit/s", "yes" if bus.at_obd else "no", bus.tap)
        for bus in profile.buses
    )
    yield from table(("bus", "bit rate", "at the OBD port", "tap"), rows)
    yield "\nThe connector's pins: [the OBD port](../obd.md)."
    for layout in profile.layouts:
        yield from _signals(layout)
    yield from _polls(profile)
    yield from _lock(profile)
    yield from _relock(profile)
    yield from _facts("Lock modes", profile.lock_modes)
    yield from _manual_release(profile)
    yield from _commands(profile)
    habits = tuple(Fact(habit.text, habit.evidence, habit.source) for habit in profile.habits)
    yield from _facts("Good to know", profile.hints + habits)
    yield from _trouble_codes(profile)
    yield "\n## Sources\n"
    yield from (f"- {source}" for source in profile.sources)


def _identity(profile: Profile) -> Iterator[str]:
    frames = sum(len(bus.frames) for bus in profile.buses)
    told = [f"recognised by {frames} frames that it sends"] if frames else []
    if profile.vin_pattern:
        told.append(f"identification number `{profile.vin_pattern}`")
    if profile.markets:
        told.append(f"sold in {', '.join(profile.markets)}")
    if told:
        said = "; ".join(told)
        yield f"\n{said[0].upper()}{said[1:]}."


def _lock(profile: Profile) -> Iterator[str]:
    lock = profile.lock
    yield "\n## The lock when it is healthy\n"
    if not lock.fitted:
        yield "This car's inlet has no lock."
    if lock.releases_within_s == LockBehaviour().releases_within_s:
        yield f"How long it takes to open is not known: evdiag takes {lock.releases_within_s:g} s."
        return
    ends = " and ".join(kind.upper() for kind in lock.opens_at_session_end)
    itself = f" It opens by itself when a {ends} session ends." if ends else ""
    yield f"Opens within {lock.releases_within_s:g} s.{itself}"
    yield f"(*{lock.evidence}*: {lock.source})"


def _relock(profile: Profile) -> Iterator[str]:
    yield "\n## Locks again\n"
    if profile.relock is None:
        yield "After which time it locks again is not known."
        return
    seconds = ", ".join(f"{value:g}" for value in profile.relock.seconds)
    yield (
        f"After {seconds} s, counted from {profile.relock.anchor.replace('_', ' ')} "
        f"(*{profile.relock.evidence}*: {profile.relock.source})."
    )


def _manual_release(profile: Profile) -> Iterator[str]:
    yield "\n## Manual release\n"
    if not profile.manual_release:
        yield "Not known: see the owner's manual. Do not pull panels by guess; ask assistance."
        return
    yield "**Only when the session is over, the supply is off at its far end, and every gentler"
    yield "way was tried.** `evdiag guide` leads there, and looks at the bus first."
    for release in profile.manual_release:
        tools = f" Tools: {', '.join(release.tools)}." if release.tools else ""
        yield f"\nWhere: {release.where}. How: {release.how}.{tools}"
        yield f"(*{release.evidence}*: {release.source})\n"
        yield from (f"- {warning}" for warning in release.warnings)


def _trouble_codes(profile: Profile) -> Iterator[str]:
    if not profile.trouble_codes:
        return
    yield "\n## Trouble codes\n"
    rows = (
        (code(_code_text(name)), name.meaning, name.evidence, name.source)
        for name in profile.trouble_codes
    )
    yield from table(("code", "means", "evidence", "source"), rows)


def _code_text(name: TroubleCodeName) -> str:
    if name.failure_type is None:
        return sae_text(name.number << 8).removesuffix("-00")
    return f"{name.number << 8 | name.failure_type:06X}"


def _signals(layout: Layout) -> Iterator[str]:
    yield f"\n## Signals, {layout.name}\n" if layout.id else "\n## Signals\n"
    yield "| signal | read from | evidence | source |"
    yield "| --- | --- | --- | --- |"
    for entry in layout.signals:
        source = f"`{entry.message}.{entry.signal}`" + (" (asked)" if entry.poll else "")
        yield f"| `{entry.name}` | {source} | {entry.evidence} | {entry.source} |"
    offered = {entry.name for entry in layout.signals}
    missing = [f"`{term.name}`" for term in TERMS if term.name not in offered]
    if missing:
        yield f"\nNot offered: {', '.join(missing)}."


def _polls(profile: Profile) -> Iterator[str]:
    if not profile.polls:
        return
    yield "\n## Diagnostic reads\n"
    yield "Asked at level ASK only, and only when you ask for it: evdiag then transmits.\n"
    yield "| read | control unit | identifier | every | evidence | source |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for poll in profile.polls:
        where = f"`{poll.ecu.text}` on {poll.ecu.bus}"
        yield (
            f"| {poll.name} | {where} | `0x{poll.did:04X}` | {poll.period_ms / 1000:g} s "
            f"| {poll.evidence} | {poll.source} |"
        )
    yield from _facts("Before you ask", profile.diagnostic_warnings)


def _commands(profile: Profile) -> Iterator[str]:
    if not profile.commands and not profile.commands_not_known:
        return
    yield "\n## Commands\n"
    for command in profile.commands:
        yield f"- `{command.text}`: {command.summary} (*{command.evidence}*: {command.source})"
    for unknown in profile.commands_not_known:
        none = "None" if unknown.name == ALL_COMMANDS else f"No `{unknown.name}`"
        yield f"- {none}: {unknown.text} (*{unknown.evidence}*: {unknown.source})"


def _facts(title: str, facts: tuple[Fact, ...]) -> Iterator[str]:
    if facts:
        yield f"\n## {title}\n"
        yield from (f"- {fact.text} (*{fact.evidence}*: {fact.source})" for fact in facts)
