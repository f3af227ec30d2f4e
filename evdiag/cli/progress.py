"""Progress on stderr, for people at a terminal who wait for a long file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.inputs import Block

WORTH_SAYING = 300_000
"""Frames; a recording that is shorter is read before anybody wonders."""


def counted(name: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Pass blocks on and count their frames on stderr, if that is a terminal."""
    frames = 0
    said = False
    for block in blocks:
        frames += len(block)
        yield block
        if frames >= WORTH_SAYING and sys.stderr.isatty():
            click.echo(f"\r{plain_text(name)}: {frames:,} frames read", err=True, nl=False)
            said = True
    if said:
        click.echo("\r\x1b[K", err=True, nl=False)
