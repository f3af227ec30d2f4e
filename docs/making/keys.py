"""The reference of the screens' keys, from the registry of actions."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.tui.actions import ACTIONS, shown_key

DECKS = {"replay": "recordings", "live": "live", "hands": "live", "car": "virtual car"}


def keys_page() -> Iterator[str]:
    """Write every key, what it does, and how to bind it anew."""
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
