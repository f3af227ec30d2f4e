"""Trouble codes on their way out: as records and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Record
    from evdiag.control.trouble_codes import UnitCodes
    from evdiag.vehicles.profile import Profile

COLUMNS: Final = (
    "vehicle", "unit", "code", "sae", "status", "says", "meaning", "evidence", "source",
    "snapshot", "extended", "problem",
)  # fmt: skip


def code_records(profile: Profile, unit: UnitCodes) -> Iterator[dict[str, Any]]:
    """Yield one record a code; of a unit that has none, or told none, one without a code."""
    from evdiag.vehicles.trouble_codes import name_of, sae_text, status_words

    head: dict[str, Any] = dict.fromkeys(COLUMNS)
    head |= {"vehicle": profile.id, "unit": unit.ecu.text, "problem": unit.problem or None}
    if not unit.codes:
        yield head
    for found in unit.codes:
        name = name_of(found.code, profile.trouble_codes)
        yield head | {
            "code": f"{found.code:06X}",
            "sae": sae_text(found.code),
            "status": f"0x{found.status:02X}",
            "says": list(status_words(found.status)),
            "meaning": None if name is None else name.meaning,
            "evidence": None if name is None else name.evidence,
            "source": None if name is None else name.source,
            "snapshot": found.snapshot.hex(" ").upper(),
            "extended": found.extended.hex(" ").upper(),
        }


def code_words(entry: Record) -> str:
    """Return one code, or a unit without any, for people; what became of it where that is known."""
    unit, change = entry["unit"], entry.get("change")
    became = f"{change.upper()}  " if change else ""
    if entry["problem"]:
        return plain_text(f"{unit}: not read: {entry['problem']}")
    if entry["code"] is None:
        return plain_text(f"{unit}: no trouble codes")
    meaning = entry["meaning"] or "not known here"
    level = f" ({entry['evidence']})" if entry["evidence"] else ""
    lines = [f"{became}{unit}: {entry['sae']} ({entry['code']})  {meaning}{level}"]
    if change != "gone":
        lines.append(f"    status {entry['status']}: {', '.join(entry['says'] or ())}")
        lines += [f"    {kind} {entry[kind]}" for kind in ("snapshot", "extended") if entry[kind]]
    return "\n".join(plain_text(line) for line in lines)
