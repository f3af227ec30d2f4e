"""A PostgreSQL server of the tests' own, from Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"


def programs() -> Path | None:
    """Return the folder of the newest server that is installed."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    return found[-1].parent if found else None


class Server:
    """A running server, which is reached by a socket in a folder and by nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the URL of a new, empty database."""
        name = f"book_{uuid.uuid4().hex}"
        self._do(f"CREATE DATABASE {name}")
        try:
            yield f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(bin_folder: Path) -> Iterator[Server]:
    """Yield a server on a new folder of data; both are gone afterwards."""
    # The server will not run as root, and must reach its folder as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="evdiag-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
        as_user = ["runuser", "-u", USER, "--"]
    data = folder / "data"
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    try:
        run(f"{bin_folder}/initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N")
        control = f"{bin_folder}/pg_ctl"
        log = str(folder / "log")
        run(control, "-D", str(data), "-o", settings, "-l", log, "-w", "-t", "120", "start")
        try:
            yield Server(folder)
        finally:
            run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
