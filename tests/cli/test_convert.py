"""``evdiag convert``: losses on stderr, nothing overwritten, exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from evdiag.cli.convert import command
from evdiag.errors import BadInputError
from evdiag.recordings import open_recording

if TYPE_CHECKING:
    from pathlib import Path

CAPTURE = "(1.000001) can0 3B4#00 R\n(1.000002) can0 100##100\n(1.000003) can0 20000088#00\n"


def _run(*arguments: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(
        command,
        [str(argument) for argument in arguments],
        input=given,
        standalone_mode=False,
    )


def test_losses_are_said_on_stderr_and_the_rest_is_there(tmp_path: Path) -> None:
    (tmp_path / "in.log").write_text(CAPTURE)
    result = _run(tmp_path / "in.log", tmp_path / "out.csv")
    assert result.return_value == 0
    assert result.stdout == ""
    assert "CAN FD frames left out: 1" in result.stderr
    assert "error frames left out: 1" in result.stderr
    assert "channel names written as numbers: 1 (for example can0 → 0)" in result.stderr
    assert len(list(open_recording(tmp_path / "out.csv"))) == 1


def test_lossless_conversion_is_silent(tmp_path: Path) -> None:
    result = _run("-", tmp_path / "out.log", given=CAPTURE)
    assert (result.return_value, result.stderr) == (0, "")
    assert (tmp_path / "out.log").read_text() == CAPTURE


def test_what_is_wrong_with_the_recording_is_said_too(tmp_path: Path) -> None:
    result = _run("-", tmp_path / "out.log", given=CAPTURE + "rubbish\n" + CAPTURE)
    assert "could not be read" in result.stderr


def test_existing_target_needs_force(tmp_path: Path) -> None:
    (tmp_path / "out.log").write_text("precious")
    assert isinstance(_run("-", tmp_path / "out.log", given=CAPTURE).exception, BadInputError)
    assert (tmp_path / "out.log").read_text() == "precious"
    assert _run("-", tmp_path / "out.log", "--force", given=CAPTURE).return_value == 0


@pytest.mark.parametrize("form", ["candump", "gvret", "asc", "blf", "csv"])
def test_to_overrules_the_name(form: str, tmp_path: Path) -> None:
    assert _run("-", tmp_path / "out.bin", "--to", form, given=CAPTURE).return_value == 0
    assert open_recording(tmp_path / "out.bin").format.startswith(form)


def test_the_recording_itself_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "in.log").write_text(CAPTURE)
    (tmp_path / "other.log").symlink_to(tmp_path / "in.log")
    for name in ("in.log", "other.log"):
        result = _run(tmp_path / "in.log", tmp_path / name, "--force")
        assert isinstance(result.exception, BadInputError)
        assert "is what is read" in str(result.exception)
    assert (tmp_path / "in.log").read_text() == CAPTURE
