"""Writes docs/vehicles from the profiles, docs/keys.md from the registry of actions, and
docs/faults.md from the fault catalogue.

``python3 docs/make_pages.py``. What a page says is what the program says; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evdiag.diagnosis import CATALOGUE
from evdiag.guide_files import step_phrase
from evdiag.tui.actions import ACTIONS, shown_key
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import ALL_COMMANDS, Fact, Layout, LockBehaviour, Profile
from evdiag.vocabulary import TERMS

FOLDER = Path(__file__).parent
DECKS = {"replay": "recordings", "live": "live", "hands": "live", "car": "virtual car"}


def pages() -> dict[str, str]:
    """Return the text of every page by its path under docs."""
    shipped = [profile for profile in library().profiles.values() if not profile.from_user]
    made = {f"vehicles/{profile.id}.md": _page(profile) for profile in shipped}
    made["vehicles/README.md"] = _index(shipped)
    made["keys.md"] = _keys()
    made["faults.md"] = _faults()
    return {path: "\n".join(lines) + "\n" for path, lines in made.items()}


def _keys() -> Iterator[str]:
    yield "# Keys of the screens\n"
    yield "Written from the registry of actions by `docs/make_pages.py`. `?` shows the same in the"
    yield "program, with the keys as you have bound them; `ctrl+p` finds an action by its name."
    yield "A recording and a live bus have the same views; what only one of them has is marked. In"
    yield "the guide its own keys win over what they mean elsewhere.\n"
    for group in dict.fromkeys(action.group for action in ACTIONS):
        yield f"## {group}\n"
        yield "| key | does | id |"
        yield "| --- | --- | --- |"
        for action in ACTIONS:
            if action.group == group:
                keys = ", ".join(f"`{shown_key(key)}`" for key in action.keys)
                where = f" ({', '.join(action.views)})" if action.views else ""
                deck = f" *{DECKS[action.deck]}*" if action.deck in DECKS else ""
                yield f"| {keys} | {action.help}{where}{deck} | `{action.id}` |"
        yield ""
    yield "## Bind them anew\n"
    yield "In `config.toml` in the user's configuration folder (`EVDIAG_CONFIG` names another):\n"
    yield '```toml\n[keys]\nplay = ["space", "x"]\nnext_attempt = "A"\n'
    yield '[tui]\ntheme = "high-contrast"   # dark, light, high-contrast\n```\n'
    yield "An action that does not exist, or a key that is bound twice on one screen, ends in one"
    yield "sentence."


def _faults() -> Iterator[str]:
    yield "# The faults\n"
    yield "Written from the fault catalogue by `docs/make_pages.py`. How sure a finding is: see"
    yield "[concepts](concepts.md); each wanted signal that was not seen, and anything that"
    yield "contradicts it, lowers that by a step."
    for fault in CATALOGUE.values():
        yield f"\n## {fault.number}: {fault.title} (`{fault.id}`)\n"
        if fault.needs:
            yield f"- Needs {_signals_named(fault.needs)}."
        if fault.wanted:
            yield f"- Wants {_signals_named(fault.wanted)}."
        yield f"- Against it: {fault.contradicted_by}."
        yield "- Next: " + "; ".join(step_phrase(step) for step in fault.next) + "."
        yield from (f"- Elsewhere: {name.name} ({name.source})." for name in fault.names)


def _signals_named(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _index(profiles: list[Profile]) -> Iterator[str]:
    yield "# The cars\n"
    yield "One page each, written from the profile by `docs/make_pages.py`.\n"
    yield "| car | lock | where to tap |"
    yield "| --- | --- | --- |"
    for profile in profiles:
        known = [entry for entry in profile.layouts[0].signals if entry.name == "port.lock"]
        lock = known[0].evidence if known else "not broadcast"
        taps = "; ".join(bus.tap for bus in profile.buses)
        yield f"| [{profile.name}]({profile.id}.md) | {lock} | {taps} |"
    yield "\nWhich commands a car takes stands on its page, or why it takes none. Whoever holds its"
    yield "maker's data adds a command in a profile of their own:"
    yield "[own-commands.md](../own-commands.md)."


def _page(profile: Profile) -> Iterator[str]:
    yield f"# {profile.name}\n"
    yield f"Profile `{profile.id}`. Written from it by `docs/make_pages.py`.\n"
    yield "| bus | bit rate | at the OBD port | tap |"
    yield "| --- | --- | --- | --- |"
    for bus in profile.buses:
        at_obd = "yes" if bus.at_obd else "no"
        yield f"| {bus.name} | {bus.bitrate // 1000} kbit/s | {at_obd} | {bus.tap} |"
    for layout in profile.layouts:
        yield from _signals(layout)
    yield from _polls(profile)
    if profile.lock.releases_within_s != LockBehaviour().releases_within_s:
        lock = profile.lock
        yield "\n## The lock when it is healthy\n"
        ends = " and ".join(kind.upper() for kind in lock.opens_at_session_end)
        itself = f" It opens by itself when a {ends} session ends." if ends else ""
        yield f"Opens within {lock.releases_within_s:g} s.{itself}"
        yield f"(*{lock.evidence}*: {lock.source})"
    if profile.relock is not None:
        seconds = ", ".join(f"{value:g}" for value in profile.relock.seconds)
        yield "\n## Locks again\n"
        yield (
            f"After {seconds} s, counted from {profile.relock.anchor.replace('_', ' ')} "
            f"(*{profile.relock.evidence}*: {profile.relock.source})."
        )
    yield from _facts("Lock modes", profile.lock_modes)
    if profile.manual_release:
        yield "\n## Manual release\n"
        for release in profile.manual_release:
            yield f"Where: {release.where}. How: {release.how}."
            yield f"(*{release.evidence}*: {release.source})"
            yield from (f"- {warning}" for warning in release.warnings)
    yield from _commands(profile)
    habits = tuple(Fact(habit.text, habit.evidence, habit.source) for habit in profile.habits)
    yield from _facts("Good to know", profile.hints + habits)
    yield "\n## Sources\n"
    yield from (f"- {source}" for source in profile.sources)


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


def main() -> None:
    """Write every page."""
    for path, text in pages().items():
        (FOLDER / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
