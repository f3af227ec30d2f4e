"""Recordings in an object store, or wherever else fsspec reaches."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.scan.journals import journals_by_name
from evdiag.scan.places import LOG_NAME, Place, is_none, without_secrets
from evdiag.scan.rows import Left


def listed(url: str) -> Iterator[Place | Left]:
    """Yield what there is under a URL: a file, all that is below a folder, what a glob matches."""
    try:
        store, path = _store(url)
        sizes = _sizes(store, path)
    except BadInputError as error:
        yield Left(without_secrets(url), "bad", str(error))
        return
    except Exception as error:  # noqa: BLE001 - each kind of store fails in its own way
        yield Left(without_secrets(url), "bad", _unlisted(url, error))
        return
    named = len(sizes) == 1 and path in sizes
    by_folder: dict[str, dict[str, str]] = {}
    for file in sorted(sizes):
        inside = PurePosixPath(file)
        by_folder.setdefault(str(inside.parent), {})[inside.name] = file
    for folder, files in by_folder.items():
        if LOG_NAME in files:
            shown = store.unstrip_protocol(folder)
            yield Left(shown, "skipped", f"{plain_text(shown)} is the result of a scan")
            continue
        yield from _folder(store, files, sizes, may_be_none=not named)


def _folder(
    store: Any, files: dict[str, str], sizes: dict[str, int | None], *, may_be_none: bool
) -> Iterator[Place | Left]:
    journals = {first: rest for first, *rest in journals_by_name(files)}
    beside = {name for rest in journals.values() for name in rest}
    for name, file in files.items():
        url = without_secrets(store.unstrip_protocol(file))
        why_not = is_none(name) if may_be_none else None
        if name in beside:
            continue
        if why_not is not None:
            yield Left(url, "skipped", f"{plain_text(url)} is {why_not}")
            continue
        parts = (file, *(files[other] for other in journals.get(name, [])))
        yield Place(url, sizes[file] or 0, parts, store)


@contextmanager
def fetched_copy(place: Place) -> Iterator[Path]:
    """Yield a copy of a recording on this machine's disk, which is gone afterwards.

    Raises:
        BadInputError: it cannot be fetched, or it is another one than was listed.
    """
    with tempfile.TemporaryDirectory(prefix="evdiag-") as folder:
        copies = [Path(folder, PurePosixPath(file).name) for file in place.files]
        for file, copy in zip(place.files, copies, strict=True):
            try:
                place.store.get_file(file, str(copy))
            except FileNotFoundError:
                raise BadInputError(f"{place.label}: there is no such file") from None
            except Exception as error:  # noqa: BLE001 - each kind of store fails in its own way
                raise BadInputError(f"{place.label} cannot be fetched: {_told(error)}") from None
        if place.bytes and copies[0].stat().st_size != place.bytes:
            raise BadInputError(f"{place.label} has changed since it was listed: scan it once more")
        yield copies[0]


def _store(url: str) -> tuple[Any, str]:
    """Return the file system that a URL leads to, and the path in it.

    Raises:
        BadInputError: fsspec is missing, or what it needs for this kind of URL.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise BadInputError(
            f"{_shown(url)}: URLs need a package that is not installed: pip install fsspec"
        ) from None
    try:
        store, path = url_to_fs(url)
    except Exception as error:  # noqa: BLE001 - each kind of store fails in its own way
        # Mostly a protocol that nobody knows, or whose package is missing: fsspec says which.
        raise BadInputError(f"{_shown(url)} cannot be reached: {_told(error)}") from None
    return store, path


def _sizes(store: Any, path: str) -> dict[str, int | None]:
    """Return the files under a path or a glob, and their sizes, where the store tells them."""
    if any(sign in path for sign in "*?["):
        matches = store.glob(path, detail=True)
        sizes: dict[str, int | None] = {}
        for file, facts in matches.items():
            sizes |= {file: facts["size"]} if facts["type"] == "file" else _sizes(store, file)
        return sizes
    facts = store.info(path)
    if facts["type"] == "file":
        return {path: facts["size"]}
    return {file: found["size"] for file, found in store.find(path, detail=True).items()}


def _unlisted(url: str, error: Exception) -> str:
    if not isinstance(error, FileNotFoundError):
        return f"{_shown(url)} cannot be listed: {_told(error)}"
    cause = error.__cause__
    is_web = url.startswith(("http://", "https://"))
    # Of the web fsspec calls all that fails a missing file, and only the cause tells what it is.
    if is_web and isinstance(cause, Exception) and _status(cause) != HTTPStatus.NOT_FOUND:
        return f"{_shown(url)} cannot be reached: {_told(cause)}"
    return f"{_shown(url)}: there is no such file"


def _shown(url: str) -> str:
    return plain_text(without_secrets(url))


def _status(error: Exception) -> int | None:
    return getattr(error, "status", None)


def _told(error: Exception) -> str:
    words = str(error).strip().partition("\n")[0]
    return plain_text(without_secrets(words) or type(error).__name__)[:300]
