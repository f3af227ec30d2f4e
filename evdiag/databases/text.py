"""The bytes of a database file as text, whatever wrote them."""

from __future__ import annotations

import codecs

from evdiag.errors import BadInputError

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def database_text(content: bytes, name: str) -> str:
    """Decode a file: UTF-8 or UTF-16 where it is, else the Windows code page of DBC editors.

    Line ends become ``\\n``. `name` is for the message.

    Raises:
        BadInputError: the file is empty, a Git LFS pointer, a web page or an archive.
    """
    if not content.strip(b" \t\r\n\0"):
        raise BadInputError(f"{name} is empty: there is no database in it")
    if content.startswith(_LFS_POINTER):
        raise BadInputError(
            f"{name} is a Git LFS pointer, not the database itself: fetch it with `git lfs pull`"
        )
    if content.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise BadInputError(f"{name} is an archive: unpack it and name the database in it")
    text = _decoded(content).lstrip("\ufeff")
    if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        raise BadInputError(f"{name} is a web page, not a database: download the raw file")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    if content[1:200:2].count(0) > 50:
        return content.decode("utf-16-le", errors="replace")
    if content[0:200:2].count(0) > 50:
        return content.decode("utf-16-be", errors="replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")
