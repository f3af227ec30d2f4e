"""Foreign text made plain: the one way names from files reach a screen, a terminal or a CSV."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

_SHOWN = {"\t": "␉", "\n": "␊", "\r": "␍", "\x1b": "␛", "\x00": "␀", "\x07": "␇", "\x08": "␈"}
_JSON = json.JSONEncoder(ensure_ascii=False)
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def plain_text(text: str) -> str:
    """Return `text` on one line with nothing a terminal could act on.

    Control characters, escape sequences, direction overrides, lone surrogates and what no
    character is assigned to become visible signs (ESC is shown as ``␛``), every kind of blank
    becomes the plain one; everything else stays as it is. Square brackets stay too: screens show
    foreign text as text objects, never as markup.
    """
    if text.isprintable():
        return text
    return "".join(_plain_character(character) for character in text)


def plain_json(value: Any) -> str:
    """Return `value` as JSON on one line with nothing a terminal could act on.

    What `plain_text` would show as a sign is escaped here, so it reads back as it was.
    """
    text = _JSON.encode(value)
    if text.isprintable():
        return text
    return "".join(
        json.dumps(character)[1:-1] if unicodedata.category(character) in _INVISIBLE else character
        for character in text
    )


def _plain_character(character: str) -> str:
    if character in _SHOWN:
        return _SHOWN[character]
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return f"‹{ord(character):04X}›" if category in _INVISIBLE else character
