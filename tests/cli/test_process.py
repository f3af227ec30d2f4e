"""The command line as a process: it ends quickly, with all that was to be done and written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENDS = """
import atexit, sys, threading
from evdiag.__main__ import main

atexit.register(lambda: print("done at the end"))
if sys.argv.pop() == "beside a thread":
    threading.Thread(target=lambda: (threading.Event().wait(0.3), print("waited for"))).start()
main()
"""


def ran(*words: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ENDS, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["timeline", "healthy-ac"], 0),
        (["diagnose", "relock-before-pull"], 1),
        (["timeline", "no-such-file"], 2),
        (["no-such-command"], 2),
    ],
)
@pytest.mark.parametrize("beside", ["alone", "beside a thread"])
def test_the_code_counts_and_everything_is_done(words: list[str], code: int, beside: str) -> None:
    ended = ran(*words, beside)
    assert ended.returncode == code
    assert ended.stdout.endswith("done at the end\n")
    assert ("waited for" in ended.stdout) == (beside != "alone")
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(os.name != "posix", reason="no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_ended_takes_back_what_it_has_not_finished(
    name: str, tmp_path: Path
) -> None:
    pipe, into = tmp_path / "pipe", tmp_path / "into"
    os.mkfifo(pipe)
    into.mkdir()
    words = ["info", str(pipe), "--format", "csv", "--output", str(into / "answer.csv")]
    with (
        subprocess.Popen(
            [sys.executable, "-m", "evdiag", *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            # Whoever runs these tests may have switched it off (nohup), which evdiag respects.
            preexec_fn=lambda: signal.signal(getattr(signal, name), signal.SIG_DFL),
        ) as process,
        pipe.open("wb") as end,
    ):
        end.write(b"(1.000000) can0 123#00\n")
        end.flush()
        while not list(into.iterdir()):
            time.sleep(0.01)
        # By then it waits for more input. A signal in the microseconds between Python's last look
        # for one and its waiting is only heard with the next input.
        time.sleep(1)
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, b"")
    assert list(into.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="no such signals")
def test_who_is_not_to_hear_of_a_closed_terminal_does_not() -> None:
    code = (
        "import signal; from evdiag.__main__ import main; import evdiag.cli; "
        "evdiag.cli.main = lambda: print(signal.getsignal(signal.SIGHUP).name); main()"
    )
    ended = subprocess.run(
        ["nohup", sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.stdout == "SIG_IGN\n"


def test_ctrl_c_while_the_program_is_loaded_is_no_traceback() -> None:
    code = """
import sys
import signal
import time

class Slow:
    def find_spec(self, name, *places):
        if name == "evdiag.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Slow())
from evdiag.__main__ import main
main()
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (130, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_and_has_its_code() -> None:
    with open("/dev/full", "w") as full:
        ended = ran("timeline", "healthy-ac", "alone", stdout=full.fileno())
    assert ended.returncode == 2
    assert "No space left" in ended.stderr


def test_completion_says_nothing_of_a_command_nobody_knows() -> None:
    surroundings = {"_EVDIAG_COMPLETE": "bash_complete", "COMP_WORDS": "evdiag diagnos --"}
    asked = subprocess.run(
        [sys.executable, "-c", "from evdiag.cli import evdiag; evdiag(prog_name='evdiag')"],
        env={**os.environ, **surroundings, "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.stderr == ""
