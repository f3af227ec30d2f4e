"""SQLAlchemy and Alembic, which only those have who asked for them."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

from evdiag.errors import BadInputError


def need_workshop(*also: str) -> None:
    """Make sure that the libraries of the workshop are there, and that those named `also` load.

    Raises:
        BadInputError: one is not installed.
    """
    # Found, not imported: a book that is up to date needs no Alembic.
    if all(find_spec(module) for module in ("sqlalchemy", "alembic", *also)):
        with suppress(ImportError):
            for module in also:
                import_module(module)
            return
    raise BadInputError(
        "the case book needs an extra that is not installed: pip install 'evdiag[workshop]'"
    )
