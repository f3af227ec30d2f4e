"""Finds the data that evdiag ships, from a wheel and from a source tree alike.

DBC files and scenario recordings live at the top of the repository; the wheel carries them inside
the package (see `force-include` in pyproject.toml). Packaged data first, repository root second.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _folders(name: str) -> tuple[Path, ...]:
    return _PACKAGE / "packaged_data" / name, _PACKAGE.parent / name


def shipped_folder(name: str) -> Path:
    """Return the folder of shipped data called `name`: ``dbc`` or ``recordings``.

    Raises:
        FileNotFoundError: neither the package nor the repository around it has such a folder.
    """
    for folder in _folders(name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"evdiag is installed without its folder {name!r}: install it again")


def is_shipped(path: Path) -> bool:
    """Tell whether a file is one of the data that evdiag ships: it is nobody's to delete."""
    folders = (folder for name in ("dbc", "recordings") for folder in _folders(name))
    return any(path.is_relative_to(folder) for folder in folders)


def shipped_recording(name: str) -> Path | None:
    """Return the shipped scenario recording `name` (with or without ``.log``), or None."""
    plain = name.removesuffix(".log")
    if not plain.replace("-", "").replace("_", "").isalnum():
        return None
    path = shipped_folder("recordings") / f"{plain}.log"
    return path if path.is_file() else None


def like_a_shipped_recording(name: str) -> str | None:
    """Return the shipped scenario that was probably meant by a name, None where none is like it."""
    from difflib import get_close_matches

    names = [path.stem for path in shipped_folder("recordings").glob("*.log")]
    close = get_close_matches(name.removesuffix(".log"), names, n=1, cutoff=0.75)
    return close[0] if close else None
