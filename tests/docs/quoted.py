"""Runs what the pages quote: the commands of marked blocks, and what they are said to print.

A block after ``<!-- run -->`` is run as it stands: lines that begin with ``$`` are commands, what
follows is what they print, standard error among it. A line ``…`` stands for any number of lines.
``<!-- run: report -->`` needs matplotlib. A block after ``<!-- file: NAME -->`` is written to a
file first; what stands in ``<!-- prepare … -->`` is run unseen, with the tree under `checkout`. The
blocks of one page share one folder and one shell, in their order.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ANY = "…"
_BLOCK = re.compile(
    r"<!-- (run|file)(?:: ([^>]+?))? -->\n```\w*\n(.*?)^```$|<!-- (prepare)()\n(.*?)^-->$",
    re.DOTALL | re.MULTILINE,
)
_ENDED = "@@ended"


@dataclass
class Command:
    """One command, and the lines that the page quotes of it."""

    text: str
    quoted: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What is to be run of a page, what it needs, and the files that it shows."""

    commands: list[Command]
    needs: set[str]
    files: dict[str, str]


def read_page(text: str) -> Page:
    """Find the marked blocks of a page."""
    page = Page([], set(), {})
    for found in _BLOCK.findall(text):
        kind, more, body = found[:3] if found[0] else found[3:]
        if kind == "file":
            page.files[more] = body
            continue
        if kind == "prepare":
            page.commands.append(Command(body, [ANY]))
            continue
        if more:
            page.needs.add(more)
        for line in body.splitlines():
            if line.startswith("$ "):
                page.commands.append(Command(line.removeprefix("$ ")))
            else:
                page.commands[-1].quoted.append(line)
    return page


def run_page(page: Page, folder: Path, python_path: Path) -> list[str]:
    """Run a page's commands in a folder; return what each printed."""
    for name, text in page.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    lines = [f'evdiag() {{ "{sys.executable}" -m evdiag "$@"; }}']
    for command in page.commands:
        lines += ["(exit ${code:-0})", command.text, "code=$?", f"printf '\\n{_ENDED}\\n'"]
    ran = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=_environment(folder, python_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return [said.rstrip("\n") for said in ran.stdout.split(f"\n{_ENDED}\n")[:-1]]


def _environment(folder: Path, python_path: Path) -> dict[str, str]:
    mine = {name: str(folder / ".own" / name) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CAN_")},
        **{f"EVDIAG_{name}": value for name, value in mine.items()},
        "PYTHONPATH": str(python_path),
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


def untrue(command: Command, said: str) -> str | None:
    """Return the first lines that a page quotes and the command did not say in that place."""
    lines = [line.rstrip() for line in said.splitlines()]
    place, anchored = 0, True
    for chunk in _chunks(command.quoted):
        if chunk is None:
            anchored = False
            continue
        found = _find(chunk, lines, place, anchored)
        if found is None:
            return f"$ {command.text}\nquoted:\n" + "\n".join(chunk) + f"\nsaid:\n{said}"
        place, anchored = found + len(chunk), True
    if anchored and place != len(lines):
        return f"$ {command.text}\nsaid more than is quoted:\n" + "\n".join(lines[place:])
    return None


def _chunks(quoted: list[str]) -> Iterator[list[str] | None]:
    """Yield lines that stand together; None where any lines may stand between."""
    chunk: list[str] = []
    for line in quoted:
        if line == ANY:
            if chunk:
                yield chunk
            yield None
            chunk = []
        else:
            chunk.append(line.rstrip())
    if chunk:
        yield chunk


def _find(chunk: list[str], lines: list[str], place: int, anchored: bool) -> int | None:
    last = place if anchored else len(lines) - len(chunk)
    for at in range(place, last + 1):
        if lines[at : at + len(chunk)] == chunk:
            return at
    return None
