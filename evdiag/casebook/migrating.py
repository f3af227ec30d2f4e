"""A book made by an earlier evdiag, or a new one, brought to the tables of this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from evdiag.casebook.place import Place
from evdiag.casebook.sqlite import WRITES, copy_to
from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE: Final = "casebook_version"
SCRIPTS: Final = Path(__file__).parent / "migrations"

HEAD: Final = "0003"
"""The last revision: known without Alembic, which a book that is up to date never needs."""


def bring_up(engine: Engine, place: Place, scripts: Path = SCRIPTS, head: str = HEAD) -> None:
    """Make or change the tables where that is needed; who comes second waits for the first.

    A book in a file is copied first, beside itself.

    Raises:
        BadInputError: it was made by a later evdiag, or is no case book.
    """
    with engine.connect() as connection:
        if _revision(connection) == head:
            return
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        revision = _revision(connection)
        if revision == head:
            return
        config = _config(connection, scripts)
        _refuse_others(connection, place, revision, config)
        if revision is not None and place.path is not None:
            copy_to(place.path, copy_before(place.path, revision))
        from alembic import command

        command.upgrade(config, head)


def copy_before(path: Path, revision: str) -> Path:
    """Return where the copy lies that was made before a book left a revision."""
    return path.with_name(f"{path.name}.before-{revision}")


def copies_before(path: Path) -> list[Path]:
    """Return the copies of a book that were made before it was changed."""
    return sorted(path.parent.glob(f"{path.name}.before-*"))


def _config(connection: Connection, scripts: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(
        text(f"SELECT version_num FROM {VERSION_TABLE}")
    ).scalar_one_or_none()
    return found


def _refuse_others(
    connection: Connection, place: Place, revision: str | None, config: Config
) -> None:
    if revision is None:
        if place.path is not None and inspect(connection).get_table_names():
            raise BadInputError(
                f"{place.label} is a database of another program, not a case book: name another "
                "file"
            )
        return
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise BadInputError(
            f"the case book {place.label} was written by a later evdiag than this one: update "
            "evdiag"
        )
