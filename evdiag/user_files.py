"""Where the user's own files live: profiles, DBC files, settings; and what evdiag writes down."""

from __future__ import annotations

import os
from pathlib import Path

from evdiag.whole_file import unfinished_beside


def user_folder() -> Path:
    """Return the folder of the user's own files: ``EVDIAG_CONFIG``, else the platform's."""
    named = os.environ.get("EVDIAG_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("evdiag")


def state_folder() -> Path:
    """Return where evdiag keeps its logs: ``EVDIAG_STATE``, else the platform's place for them."""
    named = os.environ.get("EVDIAG_STATE")
    if named:
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("evdiag")


def data_folder() -> Path:
    """Return where evdiag keeps the case book: ``EVDIAG_DATA``, else the platform's place for it.

    Raises:
        RuntimeError: no home folder can be determined.
    """
    named = os.environ.get("EVDIAG_DATA")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("evdiag", appauthor=False)


def cache_folder() -> Path:
    """Return the folder for what can be made anew at any time; ``EVDIAG_CACHE`` names another.

    Raises:
        RuntimeError: no home folder can be determined.
    """
    folder = os.environ.get("EVDIAG_CACHE")
    if folder:
        return Path(folder)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("evdiag", appauthor=False))


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, making its folder.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with unfinished_beside(path, private=True) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
