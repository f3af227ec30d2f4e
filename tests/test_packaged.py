"""Shipped data is found in a wheel and in a source tree, by one resolver."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evdiag import packaged
from evdiag.packaged import shipped_folder, shipped_recording


def test_from_a_source_tree() -> None:
    assert (shipped_folder("dbc") / "reference.dbc").is_file()
    found = shipped_recording("healthy-ac")
    assert found is not None
    assert found == shipped_recording("healthy-ac.log")


@pytest.mark.parametrize("name", ["no-such-story", "../dbc/reference", "/etc/passwd", ""])
def test_only_shipped_names_are_found(name: str) -> None:
    assert shipped_recording(name) is None


@pytest.mark.parametrize("as_wheel", [True, False])
def test_from_either_layout_on_disk(tmp_path: Path, as_wheel: bool) -> None:
    package = tmp_path / "evdiag"
    package.mkdir()
    source = Path(packaged.__file__).read_text()
    (package / "packaged.py").write_text(source)
    (package / "__init__.py").write_text("")
    data = package / "packaged_data" if as_wheel else tmp_path
    (data / "recordings").mkdir(parents=True)
    (data / "recordings" / "a.log").write_text("")
    code = "from evdiag.packaged import *; print(shipped_recording('a'), shipped_folder('dbc'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "installed without its folder 'dbc'" in done.stderr
    (data / "dbc").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(data / "recordings" / "a.log"), str(data / "dbc")]
