"""Whatever only Linux or POSIX has is asked for where it is used, not where a module is loaded."""

from __future__ import annotations

import subprocess
import sys

POSIX_ONLY = """
import importlib, os, pkgutil, signal, ssl, sys

import asyncio, concurrent.futures, logging.handlers, multiprocessing, shutil, tempfile  # theirs
import can, cantools, distributed, duckdb, fsspec, isotp, numpy, platformdirs, pyarrow.parquet
import scipy.stats, serial.tools.list_ports, sqlalchemy, statsmodels.api, textual.app
import textual.pilot, textual.widgets, textual_plotext, textual_serve.server, udsoncan

for module in ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"):
    sys.modules[module] = None
for name in (
    "chown", "fchmod", "fork", "geteuid", "getuid", "killpg", "memfd_create", "mkfifo", "nice",
    "pipe2", "posix_fadvise", "posix_spawn", "register_at_fork", "sched_getaffinity", "statvfs",
    "wait4", "waitid", "O_CLOEXEC", "O_NONBLOCK",
):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGWINCH", "alarm", "pthread_sigmask"):
    if hasattr(signal, name):
        delattr(signal, name)
sys.platform = "win32"

import evdiag

for module in pkgutil.walk_packages(evdiag.__path__, "evdiag."):
    # Alembic runs this one itself, and only in its own surroundings.
    if module.name != "evdiag.casebook.migrations.env":
        importlib.import_module(module.name)
print("loaded")
"""


def test_every_module_loads_where_there_is_no_posix() -> None:
    done = subprocess.run(
        [sys.executable, "-c", POSIX_ONLY], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "loaded\n", done.stderr
