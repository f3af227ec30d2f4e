"""TOML that was parsed before, kept in the user's cache folder, from where it is read much faster.

A cache that cannot be read or written, or that is not what was written, is no trouble: the text is
parsed again. What it holds goes through all rules of a profile like the text itself.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import Any, cast

from evdiag.user_files import cache_folder, write_whole
from evdiag.vehicles.toml_table import load_toml


def parsed(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises:
        ValueError: it is not TOML (`tomllib.TOMLDecodeError`), or has a number too long to read.
    """
    key = _hash(text)
    try:
        stored = (cache_folder() / "profiles" / f"{key}.json").read_text(encoding="utf-8")
        said, _, content = stored.partition("\n")
        if said == _hash(key + content):
            return cast("dict[str, Any]", json.loads(content))
    except (OSError, ValueError, RuntimeError):
        pass
    values = load_toml(text)
    # TypeError: a date, which JSON has no word for. RuntimeError: there is no home folder.
    with suppress(OSError, TypeError, RuntimeError):
        content = json.dumps(values)
        path = cache_folder() / "profiles" / f"{key}.json"
        write_whole(path, f"{_hash(key + content)}\n{content}")
    return values


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
