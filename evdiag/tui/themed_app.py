"""What every screen here is: an app in evdiag's colours, of panes that are drawn as a whole."""

from __future__ import annotations

from typing import Any, Final

from textual.app import App
from textual.events import Event, Key

from evdiag.tui.config import TuiConfig, read_config
from evdiag.tui.lines import LinePane
from evdiag.tui.themes import THEMES

INTERRUPT: Final = "ctrl+c"


class ThemedApp(App[None]):
    """The common part; without a `config` that of the person is read.

    Raises:
        BadInputError: the person's configuration cannot be used.
    """

    def __init__(self, config: TuiConfig | None = None) -> None:
        super().__init__()
        self.config = config or read_config()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.config.theme

    def run(self, **options: Any) -> Any:
        """Run until it is left; afterwards nothing of it goes on.

        A terminal that goes away while Textual gives it back leaves Textual's reader of keys going
        round and round for ever: it is told to stop.
        """
        try:
            return super().run(**options)
        finally:
            stopped = getattr(self._driver, "exit_event", None)
            if stopped is not None:
                stopped.set()

    async def on_event(self, event: Event) -> None:
        """Have Ctrl-C do what it does in every terminal, wherever the person is.

        Textual would name another key, which is nowhere else on these screens.
        """
        if isinstance(event, Key) and event.key == INTERRUPT and not event.is_forwarded:
            await self.action_quit()
        else:
            await super().on_event(event)

    def action_theme(self) -> None:
        """Go to the next theme."""
        names = list(THEMES)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def _has(self, *names: str) -> bool:
        """True while these parts are there: a tick may come before all are, or while they go."""
        return bool(self.screen_stack) and all(
            self.screen_stack[0].query(f"#{name}") for name in names
        )

    def _pane(self, name: str) -> LinePane:
        return self.screen_stack[0].query_one(f"#{name}", LinePane)
