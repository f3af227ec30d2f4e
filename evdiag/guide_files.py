"""Reads the procedures and the words of the guide."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from evdiag.errors import BadInputError
from evdiag.guide.checking import check
from evdiag.guide.procedure import Book, Procedure
from evdiag.guide.schema import read_procedure
from evdiag.guide.texts import Texts, read_texts
from evdiag.plain import plain_text
from evdiag.vehicles.toml_table import nearest

_SHIPPED = Path(__file__).parent / "guide"
_ORDER = ("triage", "release-from-car", "release-from-charge-point", "prove-the-repair")

DEFAULT_LANGUAGE = "en"


@cache
def book() -> Book:
    """Read every procedure that is shipped, in the order in which they lead to each other."""
    return Book(tuple(procedure_file(_SHIPPED / "procedures" / f"{name}.toml") for name in _ORDER))


def procedure_file(path: Path) -> Procedure:
    """Read one procedure.

    Raises:
        BadInputError: it cannot be read, or something in it is wrong.
    """
    return read_procedure(str(path), _text(path))


@cache
def texts(language: str) -> Texts:
    """Read the words of one language.

    Raises:
        BadInputError: there is no such language; the sentence names those that there are.
    """
    known = languages()
    if language not in known:
        hint = nearest(language, known)
        raise BadInputError(f"no guide speaks {plain_text(language)!r}; {hint}")
    path = _SHIPPED / "texts" / f"{language}.toml"
    return read_texts(str(path), _text(path))


def step_phrase(step: str) -> str:
    """Return in few words what is done in a step, for findings, which speak English."""
    return texts(DEFAULT_LANGUAGE).step(step).short


def languages() -> list[str]:
    """Return the languages that are shipped."""
    return sorted(path.stem for path in (_SHIPPED / "texts").glob("*.toml"))


def spoken_language(wanted: str | None = None) -> str:
    """Return the language to speak: the one asked for, else that of the person's locale, else ours.

    EVDIAG_LANG comes before LC_ALL, LC_MESSAGES and LANG. ``DE``, ``de-AT`` and ``de_DE.UTF-8`` all
    ask for ``de``. One that is asked for and that there is not is returned as it is, so that it can
    be complained of.
    """
    asked = wanted or os.environ.get("EVDIAG_LANG")
    if asked:
        return _shipped_language(asked) or asked
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        language = _shipped_language(os.environ.get(name, ""))
        if language is not None:
            return language
    return DEFAULT_LANGUAGE


def problems() -> list[str]:
    """Return everything that is wrong with the shipped procedures and words."""
    return check(book(), [texts(language) for language in languages()])


def _shipped_language(tag: str) -> str | None:
    """Return the language of a locale or language tag; None where it is not shipped."""
    language = re.split("[-_.@]", tag.strip(), maxsplit=1)[0].lower()
    return language if language in languages() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{plain_text(str(path))} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{plain_text(str(path))} is not UTF-8 text: byte {error.start} cannot be read"
        ) from None
