"""Commands that hold commands: one that is mistyped is answered with the nearest there is."""

from __future__ import annotations

import click

from evdiag.plain import plain_text


class CommandGroup(click.Group):
    """A group of commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named first."""
        known = self.list_commands(ctx)
        if not ctx.resilient_parsing and args[0] not in known and args[0][:1].isalpha():
            from difflib import get_close_matches

            close = get_close_matches(args[0], known, n=1)
            if close:
                ctx.fail(f"there is no command {plain_text(args[0])!r}: did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)
