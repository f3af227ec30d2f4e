"""Where answers go: whole or not at all, never over what is read, one sentence where it fails."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evdiag.cli import main
from evdiag.packaged import shipped_folder
from tests.cli.test_contract import HEALTHY, evdiag

DBC = str(shipped_folder("dbc") / "reference.dbc")

needs_posix = pytest.mark.skipif(os.name != "posix", reason="a POSIX shell and its devices")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run `line` in a shell; ``evdiag`` in it is this program."""
    program = f"{shlex.quote(sys.executable)} -m evdiag"
    return subprocess.run(
        ["sh", "-c", line.replace("evdiag", program, 1)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return Path(shutil.copy(HEALTHY, tmp_path / "x.log"))


@pytest.mark.parametrize(
    "arguments",
    [("timeline",), ("info",), ("identify",), ("decode", "--dbc", DBC)],
    ids=lambda arguments: arguments[0],
)
def test_a_recording_is_never_written_over(arguments: tuple[str, ...], log: Path) -> None:
    before = log.read_bytes()
    (log.parent / "link.log").hardlink_to(log)
    for name in ("x.log", "link.log"):
        done = evdiag(*arguments, str(log), "--output", str(log.parent / name), "--force")
        assert done.returncode == 2
        assert "is what is read" in done.stderr
        assert log.read_bytes() == before


@needs_posix
def test_what_comes_through_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    """Each of these looks at a recording more than once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for words in ("diagnose", "info --format csv", "timeline --vehicle reference", "attempts"):
        plain = shell(f"evdiag {words} {HEALTHY}")
        piped = shell(f"cat {HEALTHY} > {pipe} & evdiag {words} {pipe}")
        assert piped.stdout.replace(str(pipe), HEALTHY) == plain.stdout
        assert piped.returncode == plain.returncode


@needs_posix
def test_a_file_that_fails_on_the_way_does_not_stop_the_others() -> None:
    done = shell(f"evdiag info /proc/self/mem {HEALTHY} --format jsonl")
    assert done.returncode == 2
    assert "/proc/self/mem cannot be read" in done.stderr
    assert HEALTHY in done.stdout


@needs_posix
@pytest.mark.parametrize(
    ("words", "code"),
    [(f"timeline {HEALTHY}", 0), ("info nowhere.log", 2), ("vehicles show nowhere", 2)],
)
def test_where_nobody_hears_what_is_said_beside_it_the_answer_is_the_same(
    words: str, code: int
) -> None:
    heard = shell(f"evdiag {words}")
    reader, writer = os.pipe()
    os.close(reader)
    unheard = subprocess.run(
        [sys.executable, "-m", "evdiag", *words.split()],
        stdout=subprocess.PIPE, stderr=writer, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (unheard.returncode, unheard.stdout) == (code, heard.stdout)
    if code:
        assert shell(f"evdiag {words} 2>/dev/full").returncode == code


def test_a_dbc_is_never_written_over(tmp_path: Path) -> None:
    dbc = Path(shutil.copy(DBC, tmp_path / "my.dbc"))
    before = dbc.read_bytes()
    for arguments in (("dbc", str(dbc)), ("decode", HEALTHY, "--dbc", str(dbc))):
        assert evdiag(*arguments, "--output", str(dbc), "--force").returncode == 2
        assert dbc.read_bytes() == before


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    assert evdiag("timeline", "nowhere.log", "--output", str(out)).returncode == 2
    assert list(tmp_path.iterdir()) == []
    out.write_text("old")
    assert evdiag("timeline", "nowhere.log", "--output", str(out), "--force").returncode == 2
    assert out.read_text() == "old"
    done = evdiag("timeline", "nowhere.log", HEALTHY, "--output", str(out), "--force")
    assert done.returncode == 2
    assert "port.lock" in out.read_text()
    assert list(tmp_path.iterdir()) == [out]


@needs_posix
def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real.txt")
    assert evdiag("timeline", HEALTHY, "--output", str(link), "--force").returncode == 0
    assert link.is_symlink()
    assert "port.lock" in (tmp_path / "real.txt").read_text()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    done = shell(
        f"cat {shlex.quote(str(fifo))} & "
        f"evdiag timeline {shlex.quote(HEALTHY)} --output {shlex.quote(str(fifo))} --force; wait"
    )
    assert "port.lock" in done.stdout
    assert fifo.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "line",
    [
        f"evdiag timeline {HEALTHY} > /dev/full",
        f"evdiag timeline {HEALTHY} --output /dev/full --force",
        "evdiag replay frozen > /dev/full",
        "evdiag --help > /dev/full",
    ],
)
def test_a_full_disk_is_one_sentence(line: str) -> None:
    done = shell(line)
    assert done.returncode == 2
    assert "No space left" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@needs_posix
@pytest.mark.parametrize("form", ["csv", "jsonl", "table"])
def test_a_closed_standard_output_is_one_sentence(form: str, tmp_path: Path) -> None:
    done = shell(f"evdiag timeline {HEALTHY} --format {form} >&-")
    assert done.returncode == 2
    assert done.stderr == "evdiag: standard output is closed: name a file with --output\n"
    out = tmp_path / "out"
    assert shell(f"evdiag timeline {HEALTHY} --format {form} --output {out} >&-").returncode == 0
    assert out.exists()
    assert shell(f"evdiag info {HEALTHY} 2>&-").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
def test_a_file_name_that_is_no_text_can_be_written(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.log"
    Path(os.fsdecode(name)).write_bytes(Path(HEALTHY).read_bytes())
    for form in ("table", "csv", "jsonl"):
        out = tmp_path / form
        done = evdiag("info", os.fsdecode(name), "--format", form, "--output", str(out))
        assert done.returncode == 0, done.stderr
        assert "caf" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["timeline", "info", "replay"])
def test_a_name_that_is_too_long_is_one_sentence(command: str) -> None:
    done = evdiag(command, "x" * 300)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == f"evdiag: {'x' * 300} cannot be read: File name too long"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "a recording has no name: name a file, or - for standard input"),
        (".", ". is a folder: name a recording in it; `evdiag scan` takes folders"),
    ],
)
def test_what_names_no_file_says_so(name: str, said: str) -> None:
    done = evdiag("diagnose", name)
    assert (done.returncode, done.stderr) == (2, f"evdiag: {said}\n")


def test_a_terminal_that_lacks_a_sign_is_no_reason_to_stop() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evdiag", "replay", "frozen"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert done.returncode == 0, done.stderr
    assert b"closed \\u2192 open" in done.stdout
    assert "°C".encode("cp1252") in done.stdout


def test_ctrl_c_while_a_command_is_imported_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evdiag.cli.import_module", interrupted)
    monkeypatch.setattr(sys, "argv", ["evdiag", "info"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("timeline", HEALTHY, HEALTHY),
        ("identify", HEALTHY),
        ("replay", "frozen"),
        ("vehicles", "show", "bmw-i3"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_profile_that_is_left_out_is_said_once(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "vehicles").mkdir()
    (tmp_path / "vehicles" / "reference.toml").write_text("schema = 1")
    done = evdiag(*arguments, EVDIAG_CONFIG=str(tmp_path))
    assert done.returncode == 0
    assert done.stderr.count("reference.toml") == 1
    assert "left out" in done.stderr


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_a_stroke_is_standard_output(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = evdiag("timeline", str(HEALTHY), "--format", form, "--output", "-")
    assert named.stdout == evdiag("timeline", str(HEALTHY), "--format", form).stdout
    assert not list(tmp_path.iterdir())


def test_what_is_no_text_needs_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (
        ("convert", str(HEALTHY), "-", "--to", "candump"),
        ("decode", str(HEALTHY), "--dbc", DBC, "--format", "parquet", "--output", "-"),
    ):
        refused = evdiag(*command)
        assert refused.returncode == 2
        assert "into a file, not to standard output: name one" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_each_of_several_recordings_stands_under_its_name() -> None:
    frozen = str(shipped_folder("recordings") / "frozen.log")
    lines = evdiag("attempts", str(HEALTHY), frozen).stdout.splitlines()
    names = [line for line in lines if line in (str(HEALTHY), frozen)]
    assert names == [str(HEALTHY), frozen]
    assert str(HEALTHY) not in evdiag("attempts", str(HEALTHY)).stdout.splitlines()


@pytest.mark.parametrize("name", ["x.csv", "x.CSV", "x.jsonl"])
def test_the_end_of_the_name_says_the_form(name: str, tmp_path: Path) -> None:
    by_name, asked = tmp_path / name, tmp_path / "asked"
    form = by_name.suffix.lower()[1:]
    assert evdiag("timeline", HEALTHY, "--output", str(by_name)).returncode == 0
    assert evdiag("timeline", HEALTHY, "--format", form, "--output", str(asked)).returncode == 0
    assert by_name.read_bytes() == asked.read_bytes()


def test_what_is_asked_for_is_written_under_any_name(tmp_path: Path) -> None:
    output = tmp_path / "x.csv"
    evdiag("timeline", HEALTHY, "--format", "table", "--output", str(output))
    assert "→" in output.read_text(encoding="utf-8")


def test_no_text_is_written_under_the_name_of_parquet(tmp_path: Path) -> None:
    output = tmp_path / "x.parquet"
    done = evdiag("timeline", HEALTHY, "--output", str(output))
    assert done.returncode == 2
    assert "'--output': no parquet is written here: say with --format which" in done.stderr
    assert not output.exists()


def test_a_command_nobody_knows_is_compared_with_those_there_are() -> None:
    done = evdiag("timelin", HEALTHY)
    assert done.returncode == 2
    assert "did you mean 'timeline'?" in done.stderr
    assert "No such command" in evdiag("xyzzy").stderr
    for group, mistyped, meant in (
        ("cases", "shwo", "show"),
        ("archive", "restor", "restore"),
        ("dtc", "raed", "read"),
        ("vehicles", "lst", "list"),
    ):
        assert f"did you mean '{meant}'?" in evdiag(group, mistyped).stderr
