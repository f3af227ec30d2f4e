"""The reference of the journal: the rows beside the frames."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evdiag.inputs import Answer, BusEventKind, Mark
from evdiag.recordings.journal.header import Header
from evdiag.recordings.journal.rows import _KINDS, row_text
from evdiag.recordings.journal.words import End
from making.journal_words import HEADER, KINDS
from making.markdown import code, table

_EXAMPLE_NS = 1_795_402_146_317_780_000


def journal_page() -> Iterator[str]:
    """Write the two files of a journal, and every row of the second."""
    yield "# The journal\n"
    yield "What evdiag records: every input of a live run in the order in which it was"
    yield "consumed. How it is written and what survives what:"
    yield "[recordings](../recordings.md#journals). Written from"
    yield "`evdiag/recordings/journal/` by `docs/make_pages.py`.\n"
    yield "- `NAME.log` holds the frames as candump text (`candump -L`), which every tool"
    yield "  reads. What evdiag sent itself has ` T` behind it.\n"
    yield "- `NAME.jsonl` holds everything else, one JSON object a line. Each row has `kind`"
    yield "  and `after_frame`, the number of frames of the `.log` that come before it;"
    yield "  `repeated: true` marks what an earlier part says already.\n"
    yield "Parts after the first are called `NAME.part002.log`, and so on. A last line without"
    yield "its end is dropped and counted. A row of a kind that this evdiag does not know is"
    yield "counted and passed over.\n"
    yield "## journal\n"
    yield "The first row of each part.\n"
    header = json.loads(Header(wall_ns=0, monotonic_ns=0).row())
    _compare("journal", list(header), list(HEADER))
    yield from _keys(HEADER)
    _compare("kinds", list(_KINDS), list(KINDS))
    for kind, (said, keys) in KINDS.items():
        _compare(kind, list(_KINDS[kind].fields), list(keys))
        yield f"\n## {kind}\n"
        yield f"{said}\n"
        yield from _keys(keys)
        if kind == "bus":
            yield f"\n`event` is one of {', '.join(code(each.value) for each in BusEventKind)}."
    yield "\n## For example\n"
    yield "```json"
    yield row_text(Mark(_EXAMPLE_NS, "pulled hard"), 4211).strip()
    yield row_text(Answer(_EXAMPLE_NS, "unlock-and-pull", "still_stuck"), 4211).strip()
    yield row_text(End(_EXAMPLE_NS, 4300), 4300).strip()
    yield "```"


def _keys(meanings: dict[str, str]) -> Iterator[str]:
    yield from table(("key", "means"), ((code(key), said) for key, said in meanings.items()))


def _compare(where: str, found: list[str], described: list[str]) -> None:
    if found != described:
        raise SystemExit(f"journal_words.py: {where} has {found}, described are {described}")
