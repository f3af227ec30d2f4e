"""What the person's ``config.toml`` says of keys and theme; read, never written."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textual.keys import Keys

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.tui.actions import ACTIONS, BY_ID, may_share_a_key
from evdiag.tui.themes import THEMES
from evdiag.user_files import user_folder
from evdiag.vehicles.toml_table import TomlTable, nearest

_NAMED_OTHERWISE = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Where Textual's name of a key is not Unicode's name of its sign."""

_HELD = ("ctrl", "shift", "alt", "super", "meta")


@dataclass(frozen=True)
class TuiConfig:
    """`keys` by action id; every action is in it."""

    keys: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {action.id: action.keys for action in ACTIONS}
    )
    theme: str = "dark"


def read_config(path: Path | None = None) -> TuiConfig:
    """Read the configuration; a missing file means the defaults.

    Raises:
        BadInputError: something in it is wrong; the message says where and what is meant.
    """
    path = path or user_folder() / "config.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return TuiConfig()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{plain_text(str(path))} cannot be read: {error}") from None
    whole = TomlTable.parse(str(path), text)
    screens = whole.table("tui")
    theme = screens.word("theme", THEMES, TuiConfig.theme)
    screens.close()
    return TuiConfig(_keys(whole.table("keys")), theme)


def key_name(key: str) -> str:
    """Return Textual's name of a key; a single sign may be written as it is.

    Raises:
        ValueError: no keyboard has it.
    """
    if len(key) == 1:
        return key if key.isalnum() else _sign_name(key)
    *held, last = key.split("+")
    if not last:  # ctrl++ is the plus key
        held, last = held[:-1], "+"
    if any(part not in _HELD for part in held):
        raise ValueError(key)
    if len(last) == 1:
        last = last if last.isalnum() else _sign_name(last)
    elif last not in _NAMES:
        raise ValueError(key)
    return "+".join((*held, last))


def _keys(table: TomlTable) -> dict[str, tuple[str, ...]]:
    bound = {action.id: action.keys for action in ACTIONS}
    for name in table.names():
        if name not in BY_ID:
            raise table.wrong(name, f"is no action; {nearest(name, BY_ID)}")
        bound[name] = tuple(_checked(table, name, key) for key in _written(table, name))
    _refuse_doubles(table, bound)
    return bound


def _written(table: TomlTable, name: str) -> tuple[str, ...]:
    try:
        return (table.text(name),)
    except BadInputError:
        return table.texts(name)


def _checked(table: TomlTable, name: str, key: str) -> str:
    try:
        return key_name(key)
    except ValueError:
        hint = nearest(key, sorted(_NAMES))
        raise table.wrong(name, f"{plain_text(key)!r} is no key; {hint}") from None


def _refuse_doubles(table: TomlTable, bound: Mapping[str, tuple[str, ...]]) -> None:
    owners: dict[str, list[str]] = {}
    for action, keys in bound.items():
        for key in keys:
            rivals = [each for each in owners.get(key, ()) if _meet(each, action)]
            owners.setdefault(key, []).append(action)
            for other in rivals:
                asked = action if action in table else other
                rest = other if asked == action else action
                raise table.wrong(
                    asked, f"the key {plain_text(key)!r} is {rest}'s too; give one another key"
                )


def _meet(one: str, other: str) -> bool:
    return one != other and not may_share_a_key(BY_ID[one], BY_ID[other])


def _sign_name(sign: str) -> str:
    name = unicodedata.name(sign, "").lower().replace(" ", "_").replace("-", "_")
    if not name or sign.isspace():
        raise ValueError(sign)
    return _NAMED_OTHERWISE.get(name, name)


_SIGNS = "".join(chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum())
_NAMES = {
    *(key.value for key in Keys if "<" not in key.value and "+" not in key.value),
    "space",
    *(_sign_name(sign) for sign in _SIGNS),
}
