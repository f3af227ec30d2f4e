"""``evdiag timeline``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import click

from evdiag.cli.analysis import Emit, analysis_command
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Record
    from evdiag.inputs import FrameKey
    from evdiag.port.readings import TimelineRow
    from evdiag.wiring import Analysis

COLUMNS = (
    "recording", "time_ns", "offset_s", "signal", "old", "new", "channel", "id", "dbc_signal",
    "raw",
)  # fmt: skip

_NEAREST_SHOWN: Final = 5


def record(analysis: Analysis, row: TimelineRow) -> Record:
    """Return one row in the stable form of the command contract."""
    watched = analysis.watch.signals[row.watched]
    return {
        "recording": analysis.capture.name,
        "time_ns": row.time_ns,
        "offset_s": (row.time_ns - analysis.start_ns) / 1e9,
        "signal": row.signal,
        "old": row.old,
        "new": row.new,
        "channel": watched.channel,
        "id": _id(watched.key),
        "dbc_signal": watched.signal.name,
        "raw": row.raw,
    }


@cache
def _id(key: FrameKey) -> str:
    from evdiag.inputs import key_text

    return key_text(key)


def table_row(entry: Record) -> str:
    """Return one row for people."""
    old = "" if entry["old"] is None else f"{_shown(entry['old'])} → "
    return plain_text(
        f"{entry['offset_s']:12.6f} s  {entry['signal']:<27} {old}{_shown(entry['new'])}"
    )


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _known(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that is no word of the vocabulary."""
    from difflib import get_close_matches

    from evdiag.vocabulary import TERMS

    known = [term.name for term in TERMS]
    for name in names:
        if name not in known:
            near = get_close_matches(name.lower(), known, _NEAREST_SHOWN, 0.5)
            others = (
                f"the nearest are {', '.join(near)}" if near else f"there are {', '.join(known)}"
            )
            said = f"no signal of the timeline is called {plain_text(name)}: {others}"
            raise click.BadParameter(said, ctx, param)
    return names


@analysis_command(
    "timeline",
    COLUMNS,
    table_row,
    click.option(
        "--signal",
        "signals",
        multiple=True,
        metavar="NAME",
        callback=_known,
        help="Only this signal, for example port.lock; may be given again.",
    ),
)
def command(analysis: Analysis, emit: Emit, signals: tuple[str, ...]) -> int:
    """Print every change of every signal that speaks of the charge port.

    A value that stopped coming turns `stale` at the moment its time had passed.
    """
    for row in analysis.rows():
        if not signals or row.signal in signals:
            emit(record(analysis, row))
    offered = {watched.name for watched in analysis.watch.signals}
    for name in sorted(set(signals) - offered):
        click.echo(f"{plain_text(analysis.capture.name)}: this car does not say {name}", err=True)
    return 0
