"""The command palette: every action of the registry, and every theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from evdiag.tui.actions import ACTIONS, shown_key
from evdiag.tui.config import TuiConfig
from evdiag.tui.themes import THEMES


class ActsByName(Protocol):
    """What the palette needs of the app."""

    config: TuiConfig

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
        for action in ACTIONS:
            keys = " ".join(map(shown_key, app.config.keys[action.id]))
            name = f"{action.title.capitalize()}: {action.help.rstrip('.')}"
            yield name, f"{action.group}, {action.id}  {keys}", partial(app.act, action.id)
        for theme in THEMES:
            yield (
                f"Theme: {theme}",
                f"Change the colours to {theme}.",
                partial(app.use_theme, theme),
            )
