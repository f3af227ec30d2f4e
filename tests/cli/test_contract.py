"""The command contract: exit codes, forms, streams, several files, foreign text."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evdiag.cli import COMMANDS
from evdiag.packaged import shipped_folder

FROZEN = str(shipped_folder("recordings") / "frozen.log")
HEALTHY = str(shipped_folder("recordings") / "healthy-ac.log")


def evdiag(
    *arguments: str, given: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user's shell would."""
    return subprocess.run(
        [sys.executable, "-m", "evdiag", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = evdiag(command, "--help")
    assert done.returncode == 0
    assert f"evdiag {command}" in done.stdout


def test_no_command_is_help() -> None:
    done = evdiag()
    assert done.returncode == 0
    assert "timeline" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("timeline", HEALTHY), 0),
        (("attempts", HEALTHY), 0),
        (("diagnose", HEALTHY), 0),
        (("diagnose", FROZEN), 1),
        (("diagnose", HEALTHY, FROZEN), 1),
        (("diagnose", FROZEN, "nowhere.log"), 2),
        (("identify", HEALTHY), 0),
        (("timeline", "nowhere.log"), 2),
        (("timeline", HEALTHY, "--vehicle", "nobody"), 2),
        (("timeline", "--no-such-option"), 2),
        (("no-such-command",), 2),
        (("vehicles", "show", "bmw-i3"), 0),
        (("vehicles", "show", "nobody"), 2),
        (("vehicles", "list"), 0),
        (("replay", "frozen"), 0),
        (("replay", "frozen", "--speed", "0"), 2),
        (("replay", "frozen", "--speed", "nan"), 2),
        (("replay", "frozen", "--speed", "inf"), 2),
    ],
    ids=lambda value: " ".join(Path(v).name for v in value) if isinstance(value, tuple) else None,
)
def test_exit_codes(arguments: tuple[str, ...], code: int) -> None:
    done = evdiag(*arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_car_that_cannot_be_told_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "few.log"
    path.write_text("(1.000000) can0 4E0#0000000000000000\n(1.100000) can0 4E1#00\n")
    done = evdiag("timeline", str(path))
    assert done.returncode == 2
    assert "the car is not identified" in done.stderr
    assert "--vehicle" in done.stderr
    named = evdiag("timeline", str(path), "--vehicle", "reference", "--format", "jsonl")
    assert named.returncode == 0
    assert json.loads(named.stdout.splitlines()[0])["signal"] == "port.lock"


TIMELINE = [
    "recording", "time_ns", "offset_s", "signal", "old", "new", "channel", "id", "dbc_signal",
    "raw",
]  # fmt: skip
ATTEMPTS = [
    "recording", "opened_ns", "offset_s", "request", "outcome", "released_after_s",
    "pulled_after_s", "relocked_after_s", "evidence",
]  # fmt: skip
DIAGNOSE = ["recording", "fault", "confidence", "summary", "evidence", "next", "missing"]
IDENTIFY = ["recording", "vehicle", "confidence", "matched_ids", "expected_ids"]


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("timeline", TIMELINE),
        ("attempts", ATTEMPTS),
        ("diagnose", DIAGNOSE),
        ("identify", IDENTIFY),
    ],
)
def test_json_lines_and_csv_have_the_contracts_keys(command: str, keys: list[str]) -> None:
    lines = evdiag(command, FROZEN, "--format", "jsonl").stdout.splitlines()
    assert lines
    for line in lines:
        assert list(json.loads(line))[: len(keys)] == keys
    table = list(csv.reader(io.StringIO(evdiag(command, FROZEN, "--format", "csv").stdout)))
    assert table[0][: len(keys)] == keys
    assert len(table) == len(lines) + 1


def test_the_timeline_speaks_the_vocabulary_in_consumed_order() -> None:
    rows = [
        json.loads(line)
        for line in evdiag(
            "timeline", "lock-module-silent", "--format", "jsonl"
        ).stdout.splitlines()
    ]
    assert [row["offset_s"] for row in rows] == sorted(row["offset_s"] for row in rows)
    stale = next(row for row in rows if row["new"] == "stale" and row["signal"] == "port.lock")
    assert (stale["old"], stale["raw"], stale["id"]) == ("locked", None, "0x4E0")
    first = next(row for row in rows if row["signal"] == "port.lock")
    assert first["old"] is None


def test_the_timeline_of_chosen_signals_is_those_rows_of_the_whole() -> None:
    def rows(*options: str) -> list[dict[str, object]]:
        done = evdiag("timeline", FROZEN, "--format", "jsonl", *options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    chosen = rows("--signal", "port.lock", "--signal", "port.plug")
    assert chosen == [row for row in rows() if row["signal"] in ("port.lock", "port.plug")]
    assert {row["signal"] for row in chosen} == {"port.lock", "port.plug"}


def test_a_signal_that_is_none_gets_a_sentence_and_one_that_the_car_lacks_too() -> None:
    mistyped = evdiag("timeline", FROZEN, "--signal", "port.lok")
    assert mistyped.returncode == 2
    assert "called port.lok: the nearest are port.lock" in mistyped.stderr
    lacking = evdiag("timeline", FROZEN, "--vehicle", "bmw-i3", "--signal", "port.flap_lock")
    assert (lacking.returncode, lacking.stdout) == (0, "")
    assert "this car does not say port.flap_lock" in lacking.stderr


def test_with_nothing_found_diagnose_still_says_so() -> None:
    (line,) = evdiag("diagnose", HEALTHY, "--format", "jsonl").stdout.splitlines()
    found = json.loads(line)
    assert found["fault"] is None
    assert found["missing"] == []


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.log"
    bad.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    done = evdiag("attempts", str(bad), HEALTHY, "--format", "jsonl")
    assert done.returncode == 2
    assert json.loads(done.stdout)["outcome"] == "released"
    assert "Git LFS" in done.stderr


def test_standard_input_is_a_recording() -> None:
    text = Path(HEALTHY).read_text()
    done = evdiag("attempts", "-", "--format", "jsonl", given=text)
    assert json.loads(done.stdout)["recording"] == "-"


def test_answers_go_to_stdout_and_everything_else_to_stderr() -> None:
    done = evdiag("timeline", HEALTHY, "--format", "jsonl")
    assert all(line.startswith("{") for line in done.stdout.splitlines())
    assert "confidence" in done.stderr


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    again = ("timeline", HEALTHY, "--format", "jsonl", "--output", str(out))
    assert evdiag(*again).returncode == 0
    before = out.read_bytes()
    done = evdiag(*again)
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert out.read_bytes() == before
    assert evdiag(*again, "--force").returncode == 0


def test_a_broken_pipe_ends_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "evdiag", "timeline", HEALTHY],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read().decode()
        assert process.wait() == 0
    assert "Traceback" not in errors
    assert "Broken" not in errors


def test_replay_without_a_terminal_plays_as_text_and_says_so() -> None:
    done = evdiag("replay", "relock-before-pull")
    assert "no terminal" in done.stderr
    assert "relocks_before_pull" in done.stdout
    assert "\x1b" not in done.stdout


EVIL = "[@click=app.quit]x[/]\x1b[2J=cmd()"


def test_foreign_text_stays_text(tmp_path: Path) -> None:
    database = tmp_path / "evil.dbc"
    database.write_text(
        'VERSION ""\nBS_:\nBU_: A\nBO_ 1248 M: 8 A\n'
        ' SG_ S : 0|8@1+ (1,0) [0|0] "" A\n'
        f'VAL_ 1248 S 0 "{EVIL}" 1 "=1+1" ;\n'
    )
    log = tmp_path / "evil\x1b[31m.log"
    log.write_text("(1.000000) can0 4E0#0000\n(1.100000) can0 4E0#0100\n")
    for form in ("table", "csv", "jsonl"):
        done = evdiag("decode", str(log), "--dbc", str(database), "--format", form)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr
    table = list(
        csv.reader(
            io.StringIO(
                evdiag("decode", str(log), "--dbc", str(database), "--format", "csv").stdout
            )
        )
    )
    assert not any(cell.startswith(("=", "+", "@")) for row in table for cell in row)
    for command in ("info", "timeline", "identify"):
        done = evdiag(command, str(log))
        assert "\x1b" not in done.stdout + done.stderr


def test_completion_is_offered() -> None:
    done = evdiag(_EVDIAG_COMPLETE="bash_source")
    assert done.returncode == 0
    assert "_EVDIAG_COMPLETE=bash_complete" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_closed_standard_input_is_said() -> None:
    command = f'"{sys.executable}" -m evdiag info - <&-'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "evdiag: standard input is closed: there is nothing in it to read\n"
