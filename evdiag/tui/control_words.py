"""What is typed before a command begins: a word from the screen, and how well the command is known.

No single key, and no Enter alone, ever begins one.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Final

WORDS: Final = (
    "amber", "brass", "cedar", "coral", "flint", "grove", "hazel", "ivory",
    "lemon", "maple", "ocean", "olive", "pearl", "quilt", "raven", "river",
    "slate", "tiger", "topaz", "tulip", "velvet", "walnut", "willow", "zebra",
)  # fmt: skip
"""Short, easy to tell apart, and none of them the name of anything on the screens."""

KNOWN: Final = {
    "verified": "seen in a recording of the real car",
    "documented": "the maker's manual or a standard says it",
    "community": "others report that it works; evdiag's makers have not seen it",
    "simulated": "seen on evdiag's own reference car only, never on a real one",
}
"""The evidence levels of what is offered, in words."""


def any_word() -> str:
    """Return a word to type: another one each time, so that no hand learns it."""
    return random.choice(WORDS)


def to_type(word: str, evidence: str) -> str:
    """Return what must be typed: the word, and the level where that is below `verified`."""
    return word if evidence == "verified" else f"{word} {evidence}"


def is_typed(typed: str, wanted: str) -> bool:
    """Tell whether somebody typed what is wanted; capitals and spaces do not matter."""
    return " ".join(typed.lower().split()) == wanted


def consent_text(typed: str, confirmed: Collection[str]) -> str:
    """Return for the audit log how a person allowed it: ``typed: brass simulated``."""
    looked_at = f"; looked at: {', '.join(sorted(confirmed))}" if confirmed else ""
    return f"typed: {typed}{looked_at}"
