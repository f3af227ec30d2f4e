"""What ``evdiag info`` says of a journal besides its frames."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.recordings.journal.reader import JournalFacts


def journal_record(facts: JournalFacts | None) -> dict[str, Any] | None:
    """Make the part of a record that speaks of a journal; None where the recording is none."""
    if facts is None:
        return None
    from evdiag.inputs import BusEvent, Mark, TransmitDecision
    from evdiag.recordings.journal.words import Alarm, Trigger

    header, identified = facts.header, facts.identified
    said = [placed.item for placed in facts.inputs]
    return {
        "mode": header.mode,
        "parts": [path.name for path in facts.files],
        "closed": facts.closed,
        "started_ns": header.wall_ns,
        "versions": dict(header.versions),
        "adapter": dict(header.adapter),
        "listen_only": dict(header.listen_only),
        "vehicle": None if identified is None else identified.vehicle,
        "confidence": None if identified is None else identified.confidence,
        "vin": facts.vin,
        "triggers": [word.reason for word in facts.words if isinstance(word, Trigger)],
        "alarms": [word.text for word in facts.words if isinstance(word, Alarm)],
        "asked": [
            item.reasons[0]
            for item in said
            if isinstance(item, TransmitDecision) and item.permitted and item.reasons
        ],
        "bus_events": sum(isinstance(item, BusEvent) for item in said),
        "marks": [
            {"time_ns": item.time_ns, "text": item.text} for item in said if isinstance(item, Mark)
        ],
    }


def journal_lines(journal: dict[str, Any] | None, first_ns: int | None) -> Iterator[str]:
    """Write it for people; marks are counted from the first frame."""
    if journal is None:
        return
    parts = f", {len(journal['parts'])} parts" if len(journal["parts"]) > 1 else ""
    ended = "closed" if journal["closed"] else "not closed"
    begun = datetime.fromtimestamp(journal["started_ns"] // 10**9, UTC)
    yield f"  journal    {journal['mode']}{parts}, {ended}, begun {begun:%Y-%m-%d %H:%M:%S} UTC"
    yield from _named("adapter", journal["adapter"])
    yield from _named("silence", journal["listen_only"])
    if journal["vehicle"] is not None:
        vin = "" if journal["vin"] is None else f", VIN {plain_text(journal['vin'])}"
        sure = f"confidence {journal['confidence']:.2f}"
        yield f"  car        {plain_text(journal['vehicle'])}, {sure}{vin}"
    if journal["asked"]:
        yield f"  asked      evdiag transmitted: {plain_text(', '.join(journal['asked']))}"
    if journal["bus_events"]:
        many = "event" if journal["bus_events"] == 1 else "events"
        yield f"  bus        {journal['bus_events']:,} {many} of the bus or its adapter"
    for mark in journal["marks"]:
        offset = "" if first_ns is None else f"{(mark['time_ns'] - first_ns) / 1e9:.3f} s  "
        yield f"  mark       {offset}{plain_text(mark['text'])}"
    for key in ("trigger", "alarm"):
        for text in journal[f"{key}s"]:
            yield f"  {key:<10} {plain_text(text)}"


def _named(title: str, entries: dict[str, str]) -> Iterator[str]:
    for name, text in entries.items():
        yield f"  {title:<10} {plain_text(name)}: {plain_text(text)}"
