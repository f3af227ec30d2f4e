"""What the screen loads before it has painted."""

from __future__ import annotations

from tests.architecture.test_imports import loaded_after


def test_the_screen_loads_no_bus_and_no_database_library() -> None:
    loaded = loaded_after("import evdiag.tui.app")
    assert "textual" in loaded
    assert not loaded & {"can", "cantools", "asammdf", "pandas", "sqlite3"}


def test_the_views_behind_the_tabs_are_loaded_when_they_are_asked_for() -> None:
    code = "import sys, evdiag.tui.app; assert 'evdiag.tui.trace_view' not in sys.modules"
    assert "textual" in loaded_after(code)
