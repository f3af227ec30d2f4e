"""``evdiag identify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.options import for_each, format_option, recordings_argument, time_unit_option

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record

COLUMNS = ("recording", "vehicle", "confidence", "matched_ids", "expected_ids")


@click.command("identify")
@recordings_argument
@time_unit_option
@format_option
def command(
    recordings: tuple[str, ...], time_unit: Any, form: Format, output: Path | None, force: bool
) -> int:
    """Say which car a recording is of, best first, and how sure that is.

    Decided from the ids, lengths and periods together; where that would be a guess, the first
    line says `unknown`.
    """
    from evdiag.cli.analysis import captured
    from evdiag.cli.output import records
    from evdiag.vehicles.identification import decide
    from evdiag.wiring import rank

    with records(form, output, COLUMNS, table_row, force=force, inputs=recordings) as emit:

        def work(name: str) -> int:
            capture = captured(name, time_unit)
            ranked = rank(capture)
            if decide(ranked) is None:
                emit(_record(capture.name, "unknown", 0.0, 0, 0))
            for found in ranked:
                if found.confidence > 0 or found.matched_ids:
                    emit(
                        _record(
                            capture.name,
                            found.vehicle,
                            found.confidence,
                            found.matched_ids,
                            found.expected_ids,
                        )
                    )
            return 0

        return for_each(recordings, work)


def _record(name: str, vehicle: str, confidence: float, matched: int, expected: int) -> Record:
    return {
        "recording": name,
        "vehicle": vehicle,
        "confidence": confidence,
        "matched_ids": matched,
        "expected_ids": expected,
    }


def table_row(entry: Record) -> str:
    """Return one candidate for people."""
    from evdiag.plain import plain_text

    if entry["vehicle"] == "unknown":
        return plain_text(f"{entry['recording']}: unknown (no car fits well, or several do)")
    return plain_text(
        f"{entry['recording']}: {entry['vehicle']}  confidence {entry['confidence']:.2f}, "
        f"{entry['matched_ids']} of {entry['expected_ids']} expected ids"
    )
