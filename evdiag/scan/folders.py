"""Goes through files, folders and globs of this machine, and opens nothing on the way."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from evdiag.plain import plain_text
from evdiag.scan.journals import beside_logs
from evdiag.scan.places import LOG_NAME, Place, is_none, is_url, without_secrets
from evdiag.scan.rows import Left

_KINDS: Final[tuple[tuple[Callable[[int], bool], str], ...]] = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def found(names: Iterable[str]) -> Iterator[Place | Left]:
    """Yield what there is under each of `names`: a path, a glob or a URL; nothing comes twice.

    What cannot be looked at, and what is no recording whatever it holds, is `Left`.
    """
    walk = Walk()
    seen: set[str] = set()
    for name in names:
        empty = True
        for place in _under(name, walk):
            empty = False
            if place.path not in seen:
                seen.add(place.path)
                yield place
        if empty:
            shown = without_secrets(name)
            yield Left(shown, "bad", f"{plain_text(shown)} holds no file")


def matches(name: str) -> list[str]:
    """Return the paths of this machine that a name stands for: itself, or what a glob matches."""
    if name.startswith("file://"):
        name = url2pathname(urlsplit(name).path)
    elif is_url(name):
        return []
    if os.path.lexists(name) or not glob.has_magic(name):
        return [name]
    return sorted(glob.iglob(name, recursive=True))


def _under(name: str, walk: Walk) -> Iterator[Place | Left]:
    if is_url(name) and not name.startswith("file://"):
        from evdiag.scan.remote import listed

        yield from listed(name)
        return
    paths = matches(name)
    if not paths:
        yield Left(name, "bad", f"{plain_text(name)} matches no file")
    for path in paths:
        yield from walk.named(path)


class Walk:
    """Knows the folders it has been in: links that lead in circles end."""

    def __init__(self) -> None:
        self._been_in: set[tuple[int, int]] = set()

    def named(self, name: str) -> Iterator[Place | Left]:
        """Yield what a path holds that a person named."""
        path = os.path.abspath(name)
        linked: list[str] = []
        try:
            look = os.stat(path)
        except OSError as error:
            yield Left(path, "bad", _unseen(path, error))
            return
        if stat.S_ISDIR(look.st_mode):
            yield from self._folder(path, linked)
            # Last, so that a file goes by its own path rather than by one over a link.
            while linked:
                yield from self._folder(linked.pop(), linked)
        elif stat.S_ISREG(look.st_mode):
            yield Place(path, look.st_size)
        else:
            yield Left(path, "bad", f"{plain_text(path)} is {_kind(look)}, no file: save it as one")

    def _folder(self, path: str, linked: list[str]) -> Iterator[Place | Left]:
        waiting = [path]
        while waiting:
            folder = waiting.pop()
            try:
                look = os.stat(folder)
                if (look.st_dev, look.st_ino) in self._been_in:
                    reason = f"{plain_text(folder)} leads to a folder that is scanned already"
                    yield Left(folder, "skipped", reason)
                    continue
                self._been_in.add((look.st_dev, look.st_ino))
                with os.scandir(folder) as entries:
                    inside = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                yield Left(folder, "bad", _unseen(folder, error))
                continue
            names = [entry.name for entry in inside]
            if LOG_NAME in names:
                reason = f"{plain_text(folder)} is the result of a scan"
                yield Left(folder, "skipped", reason)
                continue
            beside = beside_logs(Path(folder), names)
            folders: list[str] = []
            for entry in inside:
                if entry.name not in beside:
                    yield from _entry(entry, folders, linked)
            waiting.extend(reversed(folders))


def _entry(
    entry: os.DirEntry[str], folders: list[str], linked: list[str]
) -> Iterator[Place | Left]:
    """Yield what stands in a folder; what is a folder itself is put where it is to be done."""
    shown = plain_text(entry.path)
    why_not = is_none(entry.name)
    try:
        look = entry.stat()
    except OSError as error:
        yield Left(entry.path, "bad", _unseen(entry.path, error))
        return
    if stat.S_ISDIR(look.st_mode):
        if entry.name.startswith("."):
            yield Left(entry.path, "skipped", f"{shown} is a hidden folder")
        else:
            (linked if entry.is_symlink() else folders).append(entry.path)
    elif not stat.S_ISREG(look.st_mode):
        yield Left(entry.path, "skipped", f"{shown} is {_kind(look)}, no file")
    elif why_not is not None:
        yield Left(entry.path, "skipped", f"{shown} is {why_not}")
    else:
        yield Place(entry.path, look.st_size)


def _unseen(path: str, error: OSError) -> str:
    shown = plain_text(path)
    if error.errno == errno.ELOOP:
        return f"{shown} is a link that leads to itself"
    if isinstance(error, FileNotFoundError):
        if os.path.islink(path):
            return f"{shown} is a link that leads nowhere"
        return f"{shown}: there is no such file"
    return f"{shown} cannot be read: {error.strerror}"


def _kind(look: os.stat_result) -> str:
    return next((words for test, words in _KINDS if test(look.st_mode)), "something else")
