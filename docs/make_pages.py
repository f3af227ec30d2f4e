"""Writes the pages that the program itself can write: ``python3 docs/make_pages.py``.

Cars from the profiles, commands from click, formats from their readers, keys and faults from their
lists. What a page says is what the program says; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from making.adapters import interfaces_page
from making.commands import command_pages
from making.exit_codes import exit_codes_page
from making.faults import faults_page
from making.formats import procedure_page, profile_page
from making.journal import journal_page
from making.keys import keys_page
from making.records import records_page
from making.signals import signals_page
from making.taps import obd_page
from making.vehicles import vehicle_pages

FOLDER = Path(__file__).parent


def pages() -> dict[str, str]:
    """Return the text of every page by its path under docs."""
    made: dict[str, Iterable[str]] = {
        "adapters/interfaces.md": interfaces_page(),
        "faults.md": faults_page(),
        "keys.md": keys_page(),
        "obd.md": obd_page(),
        "reference/exit-codes.md": exit_codes_page(),
        "reference/journal.md": journal_page(),
        "reference/procedure.md": procedure_page(),
        "reference/profile.md": profile_page(),
        "reference/records.md": records_page(),
        "reference/signals.md": signals_page(),
        **command_pages(),
        **vehicle_pages(),
    }
    return {path: "\n".join(lines).rstrip() + "\n" for path, lines in made.items()}


def main() -> None:
    """Write every page."""
    for path, text in pages().items():
        page = FOLDER / path
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
