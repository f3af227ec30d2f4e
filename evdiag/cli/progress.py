"""Progress on stderr, for people at a terminal who wait for a long file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, TypeVar

import click

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.recordings.recording import EachPass, Item

Read = TypeVar("Read", bound=Sized)

WORTH_SAYING = 300_000
"""Frames; a recording that is shorter is read before anybody wonders."""


def counted(name: str, pieces: Iterable[Read]) -> Iterator[Read]:
    """Pass pieces on and count their frames on stderr, if that is a terminal."""
    frames = 0
    said = False
    shown = at_terminal()
    try:
        for piece in pieces:
            frames += len(piece)
            yield piece
            if frames >= WORTH_SAYING and shown:
                _say(name, frames)
                said = True
    finally:
        if said:
            _wipe()


def each_counted(name: str) -> EachPass | None:
    """Return what counts the frames of a pass on stderr, None if that is no terminal."""
    if not at_terminal():
        return None
    from evdiag.recordings.columns.counting import CountedPiece

    def count(items: Iterator[Item], /) -> Iterator[Item]:
        said = False
        number, next_said = 0, WORTH_SAYING
        try:
            for item in items:
                yield item
                number += len(item) if isinstance(item, CountedPiece) else 1
                if number >= next_said:
                    _say(name, number)
                    said, next_said = True, number + WORTH_SAYING
        finally:
            if said:
                _wipe()

    return count


def at_terminal() -> bool:
    """Return whether somebody reads stderr (which may be closed) as it comes."""
    return sys.stderr is not None and sys.stderr.isatty()


def _say(name: str, frames: int) -> None:
    click.echo(f"\r{plain_text(name)}: {frames:,} frames read", err=True, nl=False)


def _wipe() -> None:
    click.echo("\r\x1b[K", err=True, nl=False)
