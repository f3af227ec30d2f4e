"""The command palette: every action of the registry, and every theme."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from evdiag.tui.actions import Deck, actions_for, shown_key
from evdiag.tui.config import TuiConfig
from evdiag.tui.themes import THEMES


class ActsByName(Protocol):
    """What the palette needs of the app."""

    config: TuiConfig

    @property
    def decks(self) -> Collection[Deck]:
        """What is on the screen."""

    def more_offers(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """Return what can be done beside the registry's actions: name, words, doing it."""

    async def act(self, name: str) -> None:
        """Do an action of the registry."""

    def use_theme(self, name: str) -> None:
        """Change the theme."""


class Palette(Provider):
    """Finds actions by name."""

    async def discover(self) -> Hits:
        """Offer everything."""
        for name, text, do in self._offers():
            yield DiscoveryHit(Content(name), do, text=name, help=text)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for name, text, do in self._offers():
            score = max(matcher.match(name), matcher.match(text) * 0.5)
            if score > 0:
                yield Hit(score, matcher.highlight(name), do, text=name, help=text)

    def _offers(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        app = cast(ActsByName, self.app)
        for action in actions_for(app.decks):
            keys = " ".join(map(shown_key, app.config.keys[action.id]))
            name = f"{action.title.capitalize()}: {action.help.rstrip('.')}"
            yield name, f"{action.group}, {action.id}  {keys}", partial(app.act, action.id)
        yield from app.more_offers()
        for theme in THEMES:
            yield (
                f"Theme: {theme}",
                f"Change the colours to {theme}.",
                partial(app.use_theme, theme),
            )
