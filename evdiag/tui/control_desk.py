"""What a live screen has to do with commands: shows them, tells how one goes, aborts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from evdiag.tui.control_lines import banner_line, outcome_sentence
from evdiag.tui.lines import Line, LinePane

if TYPE_CHECKING:
    from evdiag.levels import CommandLook
    from evdiag.tui.live_bus import CommandControl
    from evdiag.tui.views_app import ViewsApp
    from evdiag.vehicles.profile import Profile
    from evdiag.vocabulary import CommandName

_UNDER_WAY = ("opening", "under way")


class ActBanner(LinePane):
    """The banner over a dialog, which would hide that of the screen below it."""

    DEFAULT_CSS: ClassVar[str] = "ActBanner { dock: top; height: 1; width: 100%; }"


class ControlDesk:
    """Joins the commands of a live bus with its screen.

    `key` is the one that aborts, as keyboards are labelled.
    """

    def __init__(self, app: ViewsApp, control: CommandControl, key: str) -> None:
        self._app = app
        self._control = control
        self._key = key
        self._was: CommandLook = control.look()
        self._asked = False

    @property
    def look(self) -> CommandLook:
        """How a command stood at the last tick."""
        return self._was

    @property
    def is_under_way(self) -> bool:
        """True while the car may not have its authority."""
        return self._control.look().state in _UNDER_WAY

    def tick(self) -> None:
        """Look; tell what has come to its end, and keep the banner in sight on every dialog."""
        before, now = self._was, self._control.look()
        self._was = now
        if now.state in _UNDER_WAY:
            if self._control.asks_afterwards and not self._asked:
                self._app.say("ASK rests until the command has ended", seconds=6)
            self._asked = self._control.asks_afterwards
        elif before.state in _UNDER_WAY:
            self._tell_end(now)
        self._over_dialogs()

    def banner(self, width: int) -> Line | None:
        """Return the banner; None while no command is under way."""
        return banner_line(self._was, self._key, width)

    def refuses(self, what: str) -> bool:
        """Tell whether something has to wait for the end of a command; say so."""
        refused = self.is_under_way
        if refused:
            self._app.say(f"{what}: not while a command is under way ({self._key} stops it)")
        return refused

    def open(
        self,
        profile: Profile | None,
        fixed: Callable[[int], Sequence[Line]],
        wanted: CommandName | None,
        to_guide: Callable[[], object],
    ) -> None:
        """Show the commands of a car, at once the conditions of the one that is wanted."""
        from evdiag.tui.control_screen import ControlScreen

        if profile is None:
            text = "which car? v names it: what may be commanded differs from car to car"
            self._app.say(text, seconds=6)
            return

        def leave(guide: bool | None) -> None:
            if guide:
                self._app.call_later(to_guide)

        if not isinstance(self._app.screen, ControlScreen):
            self._app.push_screen(ControlScreen(self._control, profile, fixed, wanted), leave)

    def abort(self, key: str = "") -> None:
        """Abort what is under way, because somebody pressed a key: that of the banner, usually."""
        if self.is_under_way:
            self._control.abort(f"a person pressed {key or self._key}")
            self._app.say("aborting: the car gets its authority back", seconds=4)
        else:
            self._app.say("no command is under way")

    def leave(self) -> None:
        """The person leaves: what is under way is aborted now, not when the bus closes."""
        self._control.leave()

    def _tell_end(self, now: CommandLook) -> None:
        from evdiag.tui.control_screen import ControlScreen

        if not isinstance(self._app.screen, ControlScreen):
            if now.view is not None and now.view.outcome is not None:
                self._app.say(outcome_sentence(now.view.command, now.view.outcome), seconds=12)
            else:
                self._app.say(f"the command was not begun: {now.failure}", seconds=12)
        if self._asked:
            self._app.say("ASK goes on: the command has ended", seconds=6)
        self._asked = False

    def _over_dialogs(self) -> None:
        for screen in self._app.screen_stack[1:]:
            _keep_in_sight(screen, self.banner(screen.size.width))


def _keep_in_sight(screen: Screen[object], line: Line | None) -> None:
    panes = screen.query(ActBanner)
    if line is None:
        if panes:
            panes.remove()
        return
    pane = panes.first() if panes else ActBanner()
    pane.put([line])
    if not panes and screen.is_attached:
        screen.mount(pane)
