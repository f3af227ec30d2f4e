"""``evdiag info``: what a recording is, and every oddity found while reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.analysis import shipped_or_named
from evdiag.cli.journal_info import journal_lines, journal_record
from evdiag.cli.options import for_each, format_option, recordings_argument, time_unit_option
from evdiag.cli.output import Format, Record, records
from evdiag.cli.progress import each_counted
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from pathlib import Path

    from evdiag.recordings import ReadReport, Recording
    from evdiag.recordings.stamps import TimeUnit

COLUMNS = (
    "recording",
    "format",
    "frames",
    "duration_s",
    "channels",
    "ids",
    "error_frames",
    "remote_frames",
    "lost_frames",
    "time_anomalies",
    "skipped_lines",
    "first_ns",
    "last_ns",
    "rate_hz",
    "gaps",
    "longest_gap_s",
    "time_unit",
    "compression",
    "encoding",
    "anomalies",
    "journal",
)
"""The keys of a record: those up to ``last_ns`` are the command contract (docs/commands.md)."""


@click.command("info")
@recordings_argument
@time_unit_option
@format_option
def command(
    recordings: tuple[str, ...],
    time_unit: TimeUnit | None,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Say what each RECORDING is: format, length, channels, rate, and every oddity found."""
    recordings = tuple(map(shipped_or_named, recordings))
    with records(form, output, COLUMNS, _paragraph, force=force, inputs=recordings) as write:

        def work(name: str) -> int:
            from evdiag.stamp_unit import open_checked

            recording = open_checked(name, time_unit, each_counted(name))
            if not recording.report.complete:
                recording.read_through()
            write(info_record(recording))
            return 0

        return for_each(recordings, work)


def info_record(recording: Recording) -> dict[str, Any]:
    """Make the record of a recording that has been read through."""
    report = recording.report
    duration_ns = report.duration_ns
    return {
        "recording": recording.name,
        "format": recording.format,
        "frames": report.frames,
        "duration_s": None if duration_ns is None else duration_ns / 1e9,
        "channels": list(report.channels),
        "ids": len({key for _, key in report.ids}),
        "error_frames": report.error_frames,
        "remote_frames": report.remote_frames,
        "lost_frames": report.lost_frames,
        "time_anomalies": report.time_anomalies,
        "skipped_lines": report.skipped_lines,
        "first_ns": report.first_ns,
        "last_ns": report.last_ns,
        "rate_hz": _rate_hz(report),
        "gaps": report.gaps,
        "longest_gap_s": report.longest_gap_ns / 1e9 if report.gaps else None,
        "time_unit": recording.time_unit,
        "compression": report.compression,
        "encoding": report.encoding,
        "anomalies": [
            {
                "kind": found.kind.label,
                "count": found.count,
                "first": found.first,
                "message": found.message,
            }
            for found in report.anomalies
        ],
        "journal": journal_record(recording.journal),
    }


def _rate_hz(report: ReadReport) -> float | None:
    if not report.duration_ns:
        return None
    return round(report.frames / (report.duration_ns / 1e9), 1)


def _paragraph(record: Record) -> str:
    """Write a record for people: a few lines and every anomaly in words."""
    lines = [plain_text(record["recording"]), f"  format     {_format_text(record)}"]
    lines.append(f"  frames     {_frames_text(record)}")
    if record["frames"]:
        lines.append(f"  time       {_time_text(record)}")
        channels = ", ".join(plain_text(str(channel)) for channel in record["channels"])
        lines.append(f"  channels   {channels}")
    lines += journal_lines(record["journal"], record["first_ns"])
    lines += [f"  oddity     {_oddity_text(found)}" for found in record["anomalies"]]
    if not record["anomalies"]:
        lines.append("  oddity     none")
    return "\n".join(lines)


def _format_text(record: Record) -> str:
    packed = f", {record['compression']}" if record["compression"] else ""
    wide = record["encoding"] if str(record["encoding"]).startswith("utf-16") else None
    return f"{record['format']}{packed}{f', {wide}' if wide else ''}"


def _frames_text(record: Record) -> str:
    parts = [f"{record['frames']:,} of {record['ids']} ids"]
    for key, name in (("error_frames", "error frames"), ("remote_frames", "remote frames")):
        if record[key]:
            parts.append(f"{record[key]:,} {name} among them")
    return ", ".join(parts)


def _time_text(record: Record) -> str:
    if record["duration_s"] is None:
        return "not known"
    rate = f", {record['rate_hz']:,.0f} frames/s" if record["rate_hz"] else ""
    gaps = ""
    if record["gaps"]:
        gaps = f", {record['gaps']} silences over 1 s (longest {record['longest_gap_s']:,.1f} s)"
    return f"{record['duration_s']:,.3f} s{rate}{gaps}"


def _oddity_text(found: Record) -> str:
    first = f" (first at {found['first']})" if found["first"] is not None else ""
    return f"{found['message']}{first}"
