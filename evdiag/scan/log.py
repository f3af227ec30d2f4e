"""The log of a scan: what is finished, one line each, so that nothing is done twice or lost.

It only ever grows by whole lines. A line is JSON: who made it (`made_by`), the path, its bytes as
it lies there, and then either the hash of its `content`, with the rows of a recording where it was
scanned, or what was `left`, and why. Of several lines about a path or a content the last counts.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.scan.made_by import SCHEMA
from evdiag.scan.places import LOG_NAME, is_url
from evdiag.scan.rows import Left, Scanned

_SYNC_EVERY_S: Final = 1.0
_APPENDING: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)


@dataclass(slots=True)
class _Known:
    """A recording in the log: where its line begins, and who made it."""

    offset: int
    made_by: str


class ScanLog:
    """The log in a folder, which may be new; no two scans write one at the same time.

    `unreadable_lines` were passed over, whatever they say.
    """

    def __init__(self, folder: Path, made_by: str, *, anew: bool = False) -> None:
        """Read what earlier scans finished; with `anew` all of it is to be scanned once more.

        Raises:
            BadInputError: the folder cannot be written, or another scan is at work in it.
        """
        self.label = plain_text(str(folder))
        self.unreadable_lines = 0
        self._path = folder / LOG_NAME
        self._made_by = made_by
        self._recordings: dict[str, _Known] = {}
        self._of_size: dict[int, set[str]] = {}
        self._contents: dict[str, str] = {}
        self._left: dict[str, Left] = {}
        self._left_now: set[str] = set()
        self._size = 0
        self._synced_s = 0.0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, _APPENDING, 0o666)
        except OSError as error:
            raise BadInputError(f"{self.label} cannot be written: {error.strerror}") from None
        try:
            self._hold()
            self._read()
            if anew:
                self._forget()
        except BaseException:
            os.close(self._file)
            raise

    def close(self) -> None:
        """Have the disk take everything, and let go."""
        os.fsync(self._file)
        os.close(self._file)

    def known(self, size: int) -> frozenset[str]:
        """Return the hashes of recordings that need no scan and lie in files of this size."""
        return frozenset(self._of_size.get(size, ()))

    def add(self, scanned: Scanned) -> bool:
        """Write down what became of a place; return whether a recording is new by it.

        Raises:
            BadInputError: the disk does not take it.
        """
        if scanned.left is not None:
            self.leave(scanned.left)
            return False
        assert scanned.content is not None
        line: dict[str, Any] = {"bytes": scanned.bytes, "content": scanned.content}
        is_new = scanned.recording is not None and not self._is_current(scanned.content)
        if is_new:
            line |= {
                "recording": scanned.recording,
                "attempts": scanned.attempts,
                "findings": scanned.findings,
            }
        elif self._contents.get(scanned.path) == scanned.content:
            return False
        offset = self._append(scanned.path, line)
        if is_new:
            self._recordings[scanned.content] = _Known(offset, self._made_by)
        self._found(scanned.path, scanned.content, scanned.bytes)
        return is_new

    def leave(self, left: Left) -> None:
        """Write down that something was not scanned, unless the log says just that already.

        Raises:
            BadInputError: the disk does not take it.
        """
        self._left_now.add(left.path)
        if self._left.get(left.path) != left:
            self._append(left.path, {"left": left})
            self._not_found(left)

    def recordings(self) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Yield the line of every recording and the paths where it lies, in the order of those."""
        paths: dict[str, list[str]] = {}
        for path, content in sorted(self._contents.items()):
            paths.setdefault(content, []).append(path)
        with self._path.open("rb") as lines:
            for content, found in paths.items():
                if content in self._recordings:
                    lines.seek(self._recordings[content].offset)
                    yield json.loads(lines.readline()), found

    def left(self) -> list[Left]:
        """Return what was not scanned, in the order of the paths.

        What an earlier scan could not read, and is not there any more, is nobody's trouble now.
        """
        ordered = sorted(self._left.values(), key=lambda left: left.path)
        return [left for left in ordered if left.path in self._left_now or _may_be_there(left.path)]

    def _is_current(self, content: str) -> bool:
        known = self._recordings.get(content)
        return known is not None and known.made_by == self._made_by

    def _found(self, path: str, content: str, size: int) -> None:
        self._contents[path] = content
        self._left.pop(path, None)
        if self._is_current(content):
            self._of_size.setdefault(size, set()).add(content)

    def _not_found(self, left: Left) -> None:
        self._left[left.path] = left
        self._contents.pop(left.path, None)

    def _append(self, path: str, said: dict[str, Any]) -> int:
        """Add a line, all of it or nothing; return where it begins."""
        whole = {"schema": SCHEMA, "made_by": self._made_by, "path": path, **said}
        line = json.dumps(whole, separators=(",", ":"), default=_columns).encode() + b"\n"
        offset = self._size
        view = memoryview(line)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            os.ftruncate(self._file, offset)
            raise BadInputError(
                f"{self.label}: the scan's log cannot be written: {error.strerror}; "
                "what it has stays, and the next scan goes on from there"
            ) from None
        self._size += len(line)
        now_s = time.monotonic()
        if now_s - self._synced_s >= _SYNC_EVERY_S:
            os.fsync(self._file)
            self._synced_s = now_s
        return offset

    def _read(self) -> None:
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    # A scan was killed while it wrote this.
                    os.ftruncate(self._file, self._size)
                    break
                try:
                    self._read_line(json.loads(line))
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    self.unreadable_lines += 1
                self._size += len(line)

    def _read_line(self, line: dict[str, Any]) -> None:
        if line["schema"] != SCHEMA:
            # Another evdiag's: its rows have other columns.
            return
        if "left" in line:
            self._not_found(Left(**line["left"]))
            return
        if "recording" in line:
            self._recordings[line["content"]] = _Known(self._size, line["made_by"])
        self._found(line["path"], line["content"], line["bytes"])

    def _forget(self) -> None:
        """Let no recording count as scanned; until it is, its rows stay."""
        self._of_size.clear()
        for known in self._recordings.values():
            known.made_by = ""

    def _hold(self) -> None:
        try:
            import fcntl
        except ImportError:
            # A system without it has to trust its people.
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInputError(
                f"another scan is at work in {self.label}: wait for it, or name another folder"
            ) from None
        except OSError:
            # Some network file systems know no locks.
            return


def _columns(row: Any) -> dict[str, Any]:
    # What `dataclasses.asdict` gives, without its copy of all that is in it.
    return {name: getattr(row, name) for name in row.__slots__}


def _may_be_there(path: str) -> bool:
    return is_url(path) or os.path.lexists(path)
