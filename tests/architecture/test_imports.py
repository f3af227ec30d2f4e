"""What the import contracts cannot see: what a running process really loads."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_after(code: str) -> set[str]:
    """Return the top-level names of every module that `code` loads in a fresh process."""
    program = f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


WORKSHOP = {"sqlalchemy", "alembic", "psycopg", "scipy", "statsmodels"}
CORE = ("vocabulary", "inputs", "signals", "port", "diagnosis", "session", "session.playback")


@pytest.mark.parametrize("room", CORE)
def test_the_core_loads_no_bus_no_screen_and_no_database(room: str) -> None:
    loaded = loaded_after(f"import evdiag.{room}")
    assert not loaded & {"can", "cantools", "textual", "rich", "click", "sqlite3", "asammdf"}


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, io, sys\n"
        "sys.argv = ['evdiag', '--help']\n"
        "from evdiag.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    loaded = loaded_after(code)
    heavy = {"numpy", "can", "cantools", "textual", "rich", "asammdf", "sqlite3"}
    assert not loaded & (heavy | {"matplotlib", "typst"} | WORKSHOP)


@pytest.mark.parametrize("words", [["timeline", "healthy-ac"], ["info", "healthy-ac"]])
def test_a_command_without_a_case_loads_nothing_of_the_workshop(words: list[str]) -> None:
    code = (
        "import contextlib, io, sys\n"
        f"sys.argv = ['evdiag', *{words!r}]\n"
        "from evdiag.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    assert not loaded_after(code) & WORKSHOP


def test_a_timeline_of_a_text_recording_needs_no_cantools_once_its_layout_is_cached() -> None:
    code = (
        "import contextlib, io\n"
        "from evdiag.wiring import analyse, read_capture\n"
        "from evdiag.packaged import shipped_folder\n"
        "path = shipped_folder('recordings') / 'healthy-ac.log'\n"
        "analyse(read_capture(str(path)))\n"
    )
    loaded_after(code)
    assert not loaded_after(code) & {"can", "cantools", "textual"}
