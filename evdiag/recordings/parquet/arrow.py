"""pyarrow, which only those have who asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

ARROW_STUMBLES: Final = (ValueError, KeyError, IndexError, OverflowError, MemoryError)
"""What pyarrow lets through of Python's own: a column's name that is not UTF-8, a size that cannot
be. In code of ours the same are mistakes of ours."""


def need_arrow(label: str) -> None:
    """Make sure that pyarrow is there.

    Raises:
        BadInputError: it is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise BadInputError(
            f"{label}: Parquet needs an extra that is not installed: pip install 'evdiag[archive]'"
        ) from None


class DisorderError(Exception):
    """The rows of a table are not those of a source: one is missing, there twice, or no frame."""


@contextmanager
def damage_named(label: str, *also: type[Exception]) -> Iterator[None]:
    """Say in one sentence that a file is damaged where pyarrow stumbles over it.

    `also` is what else is taken for damage: `ARROW_STUMBLES` where nothing but pyarrow runs.

    Raises:
        BadInputError: it does.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, DisorderError, *also) as error:
        raise BadInputError(
            f"{label} cannot be read: it is damaged or cut off ({_first_line(error)})"
        ) from None


def _first_line(error: Any) -> str:
    return plain_text(str(error).strip().partition("\n")[0])[:200]
