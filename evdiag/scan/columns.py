"""The columns of the tables, see docs/scan.md."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def schemas() -> dict[str, pa.Schema]:
    """Return the columns of every table, by its name."""
    import pyarrow as pa

    text, whole, number, flag = pa.string(), pa.int64(), pa.float64(), pa.bool_()
    texts = pa.list_(text)
    evidence = pa.list_(pa.struct({"time_ns": whole, "text": text}))
    return {
        "recordings": pa.schema(
            {
                "recording": text,
                "paths": texts,
                "bytes": whole,
                "format": text,
                "frames": whole,
                "duration_s": number,
                "channels": texts,
                "ids": whole,
                "error_frames": whole,
                "remote_frames": whole,
                "lost_frames": whole,
                "time_anomalies": whole,
                "skipped_lines": whole,
                "first_ns": whole,
                "last_ns": whole,
                "dated": flag,
                "gaps": whole,
                "longest_gap_s": number,
                "anomalies": pa.list_(
                    pa.struct({"kind": text, "count": whole, "first": whole, "message": text})
                ),
                "vehicle": text,
                "confidence": number,
                "layout": text,
                "attempts": whole,
                "faults": whole,
                "warnings": texts,
                "reason": text,
                "evdiag": text,
            }
        ),
        "attempts": pa.schema(
            {
                "recording": text,
                "vehicle": text,
                "number": whole,
                "opened_ns": whole,
                "offset_s": number,
                "request": text,
                "outcome": text,
                "released_after_s": number,
                "pulled_after_s": number,
                "relocked_after_s": number,
                "evidence": pa.list_(
                    pa.struct({"time_ns": whole, "offset_s": number, "text": text})
                ),
                "requests": pa.list_(pa.struct({"time_ns": whole, "source": text})),
                "bounces": whole,
                "relock_cause": text,
            }
        ),
        "findings": pa.schema(
            {
                "recording": text,
                "vehicle": text,
                "fault": text,
                "confidence": text,
                "summary": text,
                "evidence": evidence,
                "next": texts,
                "missing": texts,
                "number": text,
                "title": text,
                "names": pa.list_(pa.struct({"name": text, "source": text})),
                "against": evidence,
                "ending": text,
            }
        ),
        "vehicles": pa.schema(
            {
                "vehicle": text,
                "recordings": whole,
                "frames": whole,
                "duration_s": number,
                "attempts": whole,
                "findings": whole,
                "faults": whole,
                "first_ns": whole,
                "last_ns": whole,
            }
        ),
        "bad": pa.schema({"path": text, "kind": text, "reason": text}),
    }
