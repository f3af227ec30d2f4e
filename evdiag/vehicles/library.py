"""The profiles and DBC files at hand: ours, and the user's own, which win."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evdiag.databases import Database, load
from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.plain import plain_text
from evdiag.user_files import user_folder
from evdiag.vehicles.parsed import parsed
from evdiag.vehicles.profile import Layout, Profile
from evdiag.vehicles.schema import read_profile
from evdiag.vehicles.toml_table import nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHIPPED = Path(__file__).parent / "profiles"


class Library:
    """Profiles by id; what of the user's own could not be read is in `problems`.

    One of ours has the name of its file, and is read when it is asked for: they take ten times as
    long as the one that a command needs.
    """

    def __init__(self, from_user: dict[str, Profile], problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        self._from_user = from_user
        self._shipped = {path.stem: path for path in sorted(_SHIPPED.glob("*.toml"))}

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """Every profile by its id."""
        shipped = {identifier: _shipped_profile(path) for identifier, path in self._shipped.items()}
        return shipped | self._from_user

    def profile(self, identifier: str) -> Profile:
        """Return the profile called `identifier`.

        Raises:
            BadInputError: there is none; the message names the nearest.
        """
        if identifier in self._from_user:
            return self._from_user[identifier]
        if identifier in self._shipped:
            return _shipped_profile(self._shipped[identifier])
        hint = nearest(identifier, self.profiles)
        raise BadInputError(f"no vehicle is called {plain_text(identifier)!r}; {hint}")


@cache
def library() -> Library:
    """Read the user's profiles, once a run; a bad one is reported and left out."""
    profiles = {}
    problems = []
    for path in sorted((user_folder() / "vehicles").glob("*.toml")):
        try:
            profile = profile_file(path, from_user=True)
        except BadInputError as error:
            problems.append(str(error))
        else:
            profiles[profile.id] = profile
    return Library(profiles, problems)


@cache
def _shipped_profile(path: Path) -> Profile:
    return profile_file(path, from_user=False)


def profile_file(path: Path, *, from_user: bool) -> Profile:
    """Read one profile file.

    Raises:
        BadInputError: it cannot be read, or something in it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{plain_text(str(path))} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{plain_text(str(path))} is not UTF-8 text: byte {error.start} cannot be read"
        ) from None
    return read_profile(str(path), text, from_user=from_user, loads=parsed)


def databases(profile: Profile, layout: Layout) -> tuple[Database, ...]:
    """Load the DBC files of one layout, looking beside the profile first, then where ours are.

    Raises:
        BadInputError: one is missing or unreadable.
    """
    return tuple(load(_dbc_path(profile, name)) for name in layout.dbc)


def _dbc_path(profile: Profile, name: str) -> Path:
    folders = [user_folder() / "dbc", shipped_folder("dbc")]
    if profile.from_user:
        folders.insert(0, Path(profile.file).parent)
    for folder in folders:
        # OSError: a name that no file can have, as one of thousands of letters.
        with suppress(OSError):
            if (folder / name).is_file():
                return folder / name
    raise BadInputError(
        f"{plain_text(profile.file)}: key 'dbc': there is no {quoted(name)} in "
        + " or ".join(plain_text(str(folder)) for folder in folders)
    )
