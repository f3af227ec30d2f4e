"""The reference of JSON lines: what each command prints, with an example that it did print."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from evdiag.cli import adapters, archive, cases_read, doctor, evdiag, scan, status
from evdiag.cli.trouble_code_changes import CHANGE_COLUMNS
from evdiag.packaged import shipped_folder, shipped_recording
from making.markdown import code, table
from making.record_words import FORMS

RUNS: dict[str, tuple[str, int]] = {
    "timeline": ("timeline drive.log", 38),
    "attempts": ("attempts drive.log", 0),
    "diagnose": ("diagnose drive.log", 0),
    "diagnose --card": ("diagnose drive.log --card", -1),
    "identify": ("identify drive.log", 0),
    "info": ("info drive.log", 0),
    "decode": ("decode drive.log --dbc car.dbc --signal Lock_State", 0),
    "dbc": ("dbc i3.dbc", 0),
    "dbc, a problem": ("dbc i3.dbc", 1),
    "vehicles list": ("vehicles list", 0),
    "unlock": ("unlock --vehicle reference --dry-run", 0),
}
"""The command that shows a form, and which of its lines."""

COLUMNS: dict[str, Sequence[str]] = {
    "status, a signal": status.COLUMNS,
    "dtc read": CHANGE_COLUMNS,
    "adapters": adapters.COLUMNS,
    "doctor": doctor.COLUMNS,
    "archive make": archive.MADE_COLUMNS,
    "archive restore": archive.RESTORED_COLUMNS,
    "archive check": archive.CHECKED_COLUMNS,
    "scan": scan.COLUMNS,
    "cases list": cases_read.COLUMNS,
}
"""The CSV columns of what needs a bus, or a library that may be missing."""


def records_page() -> Iterator[str]:
    """Write the reference of JSON lines."""
    yield "# JSON lines\n"
    yield "What prints records takes `--format table|jsonl|csv`. JSON lines are the stable"
    yield "form: one object a line, keys are only ever added at the end. CSV has the first of"
    yield "them as columns, and lists in them as JSON. Fields that do not apply are null."
    yield "Written by `docs/make_pages.py` from what the commands print.\n"
    yield "`relock`, `cycle` and `open-flap` print what `unlock` prints; so does `dtc clear`,"
    yield "then one line a code as `dtc read --before`. `cases show` prints what `cases list`"
    yield "prints of a case, then its `sessions`, `steps`, `trouble_codes`, `parts` and `photos`."
    yield "The forms of [trends](../trends.md) stand on their page, tables in Parquet on those of"
    yield "[archives](../archive.md), [scans](../scan.md) and [decoded"
    yield "signals](../commands.md#decoded-signals-as-parquet)."
    with _workplace():
        for name, meanings in FORMS.items():
            yield f"\n## {name}\n"
            example = _example(name)
            _compare(name, meanings, example)
            yield from table(
                ("field", "means"), ((code(field), said) for field, said in meanings.items())
            )
            if example is not None:
                yield f"\n`evdiag {RUNS[name][0]} --format jsonl` says, among others:\n"
                yield f"```json\n{_laid_out(example)}\n```"


def _compare(name: str, meanings: dict[str, str], example: dict[str, Any] | None) -> None:
    fields = COLUMNS.get(name) if example is None else list(example)
    if fields is not None and list(fields) != list(meanings):
        raise SystemExit(f"record_words.py: {name} has the fields {list(fields)}")


def _example(name: str) -> dict[str, Any] | None:
    if name not in RUNS:
        return None
    command, line = RUNS[name]
    result = CliRunner().invoke(evdiag, [*command.split(), "--format", "jsonl"])
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[line])
    return found


def _laid_out(example: dict[str, Any]) -> str:
    """Write a record over several lines, long lists cut short."""
    return json.dumps(_short(example), ensure_ascii=False, indent=2)


def _short(value: Any) -> Any:
    match value:
        case dict():
            return {key: _short(each) for key, each in value.items()}
        case list() if len(value) > 2:
            return [*(_short(each) for each in value[:2]), "…"]
        case list():
            return [_short(each) for each in value]
    return value


@contextmanager
def _workplace() -> Iterator[None]:
    """Be in a folder with a recording and two DBC files; the person's own cars are elsewhere."""
    recording = shipped_recording("relock-before-pull")
    assert recording is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(recording, folder / "drive.log")
        shutil.copy(shipped_folder("dbc") / "reference.dbc", folder / "car.dbc")
        shutil.copy(shipped_folder("dbc") / "bmw-i3.dbc", folder / "i3.dbc")
        with chdir(folder):
            yield
