"""The command line run within a test's own process: what it prints, and its exit code."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.cli import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLine:
    """Runs `evdiag` with words as from a shell; beside a bus if one is given."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capsys = capsys
        # What is logged belongs to the process of the tests, not to the command.
        patch.setattr("evdiag.log_file.start_log", lambda: None)

    def __call__(self, *words: str, bus: BusSettings | None = None) -> Said:
        named = [] if bus is None else ["-i", bus.interface, "-c", bus.channel]
        self._patch.setattr(sys, "argv", ["evdiag", *words, *named])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)
