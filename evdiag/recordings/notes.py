"""Lines that belong to a log without being a row of it: blank lines and comments."""

from __future__ import annotations

_COMMENT_SIGNS = ("#", ";", "//", "%", "*", "--", "=~")


def is_note(line: str) -> bool:
    """Tell whether `line` is blank or a comment in any of the signs loggers use."""
    text = line.strip(" \t\r\n\0\ufeff\x1a,")
    return not text or text.startswith(_COMMENT_SIGNS)


def shown(line: str, limit: int = 60) -> str:
    """Shorten a foreign line for a message; the caller still makes it plain."""
    text = line.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
