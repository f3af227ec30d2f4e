"""A file that appears whole, once all of it is written, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def unfinished_beside(target: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield an empty file that takes the place of `target` at the end; on an error it goes.

    A link's target is replaced, not the link. A `private` file is its owner's alone; others have
    the rights that the person's new files have.

    Raises:
        OSError: there is no place for it, or it cannot take that of `target`.
    """
    target = target.resolve()
    unfinished = target.with_name(f".evdiag-{os.urandom(8).hex()}")
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666))
    try:
        yield unfinished
        os.replace(unfinished, target)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
