"""What a disk can do to a recording, in words, and what helps."""

from __future__ import annotations

import errno
from pathlib import Path

from evdiag.plain import plain_text

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
TOO_LARGE = errno.EFBIG

_ADVICE = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some of your quota",
    errno.EFBIG: "its disk takes no larger files",
    errno.EROFS: "the disk is read-only: switch its write protection off",
    errno.EACCES: "give yourself the right to write there",
    errno.EPERM: "give yourself the right to write there",
    errno.ENOENT: "the folder is gone: plug the disk in again, or make the folder again",
    errno.ENOTDIR: "this is no folder",
    errno.EIO: "the disk fails or was pulled out: plug it in again",
    errno.ENODEV: "the disk was pulled out: plug it in again",
    errno.ENXIO: "the disk was pulled out: plug it in again",
    errno.ESTALE: "the network disk is gone: mount it again",
    errno.EMFILE: "too many files are open",
}


def reason(error: OSError) -> str:
    """Say what went wrong."""
    return plain_text(str(error.strerror or error)).lower()


def advice(error: OSError) -> str:
    """Say what helps."""
    return _ADVICE.get(error.errno or 0, "look at the disk")


def cannot_write(folder: Path, error: OSError) -> str:
    """Say what cannot be written where, and what helps."""
    where = "this folder" if folder == Path() else plain_text(str(folder))
    return f"{reason(error)} in {where}; {advice(error)}"


def cannot_record(folder: Path, error: OSError) -> str:
    """Say that a recording cannot begin."""
    return f"nothing can be recorded: {cannot_write(folder, error)}, or name another folder"
