"""Progress on stderr: only at a terminal, only for long files, and gone at the end."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from evdiag.cli import progress
from evdiag.cli.progress import each_counted
from evdiag.stamp_unit import open_checked

if TYPE_CHECKING:
    from pathlib import Path


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "long.log"
    path.write_text("".join(f"({second}.000000) can0 123#00\n" for second in range(25)))
    return path


def test_every_pass_is_counted_and_the_line_is_wiped(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "WORTH_SAYING", 10)
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    recording = open_checked(str(log), None, each_counted("long.log"))
    in_blocks = screen.getvalue()
    assert in_blocks == "\rlong.log: 25 frames read\r\x1b[K"
    assert len(list(recording.frames())) == 25
    one_by_one = "\rlong.log: 10 frames read\rlong.log: 20 frames read\r\x1b[K"
    assert screen.getvalue() == in_blocks + one_by_one


def test_a_short_file_and_a_pipe_get_none(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    open_checked(str(log), None, each_counted("long.log"))
    assert screen.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert each_counted("long.log") is None
    monkeypatch.setattr(sys, "stderr", None)
    assert each_counted("long.log") is None
