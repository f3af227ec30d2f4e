"""`evdiag guide` as a dialogue: piped answers, a recording, a live bus, its end, its sentences."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from evdiag.guiding import answers_in
from evdiag.recordings import open_recording
from tests.guide.stories import shipped
from tests.guide.stranded import Stranded
from tests.live.stories import car_on, multicast_works, own_multicast, play, story_frames
from tests.report.guided import journal_of

NO_BUS = "No bus is connected: the guide goes by your answers."


def guide(*arguments: str | Path, said: str = "", **environment: str) -> subprocess.Popen[str]:
    """Start the dialogue; `said` is all its input, unless that is empty."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evdiag", "guide", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "EVDIAG_LANG": "en", **environment},
    )
    if said:
        assert process.stdin is not None
        process.stdin.write(said)
        process.stdin.flush()
    return process


def told(*arguments: str | Path, said: str = "\n", **environment: str) -> tuple[int, str, str]:
    """Answer, end the input, and return the exit code and what was said."""
    process = guide(*arguments, said=said, **environment)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


# -- by the answers alone --------------------------------------------------------------------


def test_answers_lead_on_by_number_by_letter_and_by_words(tmp_path: Path) -> None:
    code, out, err = told("-o", tmp_path, said="n\n1\nmy own cable\nac\nd\n")
    assert (code, err) == (0, "")
    assert out.startswith(NO_BUS)
    order = [
        "Is anything hot",
        "Which end is stuck?",
        "Whose cable is it?",
        "What does the cable carry?",
    ]
    order.append("STOP. Do not touch")
    places = [out.index(words) for words in order]
    assert places == sorted(places)
    assert "· which end is stuck: the car" in out


def test_what_is_not_understood_is_shown_plainly_and_asked_again(tmp_path: Path) -> None:
    code, out, _ = told("-o", tmp_path, said="\x1b[2J[red]\n?\nn\n")
    assert code == 0
    assert "\x1b" not in out
    assert "'␛[2J[red]' ? 1 no   2 yes" in out
    assert out.count("Is anything hot") == 2
    assert "Which end is stuck?" in out


def test_the_end_of_input_stops_it_and_resume_goes_on_there(tmp_path: Path) -> None:
    code, out, _ = told("-o", tmp_path, said="n\n1\n")
    assert code == 0
    kept = next(line for line in out.splitlines() if line.startswith("kept in "))
    file = kept.removeprefix("kept in ")
    assert f"evdiag guide --resume {file}" in out
    assert [(a.step, a.answer) for a in answers_in(file)][:3] == [
        ("triage", "start"), ("danger", "no"), ("which-end", "car"),
    ]  # fmt: skip
    code, again, _ = told("-o", tmp_path / "later", "--resume", file, said="b\n")
    assert code == 0
    assert again.index("Whose cable") < again.index("Which end is stuck?")


def test_where_nothing_can_be_written_it_leads_on_and_says_that_nothing_is_kept(
    tmp_path: Path,
) -> None:
    no_folder = tmp_path / "file"
    no_folder.touch()
    code, out, err = told("-o", no_folder / "drive", said="n\n1\nd\n")
    assert code == 0
    assert "Your answers are not kept: nothing can be recorded: " in out
    assert "Which end is stuck?" in out
    assert "STOP. Do not touch" in out
    assert "kept in" not in out
    assert "evdiag: not all answers are kept: nothing can be recorded" in err


def test_it_can_begin_anywhere_and_speak_german(tmp_path: Path) -> None:
    code, out, _ = told(
        "-o", tmp_path, "--at", "release-from-charge-point", "--lang", "de", said="j\n"
    )
    assert code == 0
    assert "Kein Bus ist verbunden" in out
    code, out, _ = told("-o", tmp_path, said="j\n", EVDIAG_LANG="de")
    assert "STOPP" in out or "Gefahr" in out


def test_check_proves_the_procedures() -> None:
    code, out, err = told("--check")
    assert (code, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "triage", "release-from-car", "release-from-charge-point", "prove-the-repair",
    ]  # fmt: skip
    assert "min the longest way straight through" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "qqq\x1b"), "the guide has no place 'qqq␛'; known are"),
        (("--at", "unlock-and-pul"), "did you mean 'unlock-and-pull'"),
        (("--lang", "xx"), "no guide speaks 'xx'"),
        (("--resume", "relock-before-pull.log"), "relock-before-pull.log"),
        (("--vehicle", "nothing-such"), "nothing-such"),
        (("/no/such/file.log",), "/no/such/file.log"),
    ],
)
def test_what_is_wrong_ends_in_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    code, out, err = told(*arguments)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert words in err


def test_a_recording_and_a_live_bus_at_once_is_bad_usage() -> None:
    code, _, err = told("drive.log", "-i", "virtual", "-c", "x")
    assert code == 2
    assert "a live bus or a recording: not both" in err


def test_a_recording_in_which_nobody_was_guided_cannot_be_resumed(tmp_path: Path) -> None:
    driver = Stranded(shipped("healthy-ac"))
    code, _, err = told("--resume", journal_of(driver, tmp_path))
    assert code == 2
    assert "nobody was guided in this recording" in err


# -- on a recording --------------------------------------------------------------------------


def test_on_a_recording_it_begins_with_the_car_as_it_stands_at_its_end() -> None:
    code, out, _ = told("session-still-active", "--at", "end-the-session", said="1\nn\n")
    assert code == 0
    assert "(The session is ALIVE)" in out
    assert "Please look again. You say: it has ended." in out


def test_a_recorded_guide_goes_on_where_it_was_left(tmp_path: Path) -> None:
    driver = Stranded(shipped("relock-before-pull"))
    for step, answer in (("triage", "start"), ("danger", "no"), ("which-end", "car")):
        driver.say(answer, step)
    code, out, _ = told(journal_of(driver, tmp_path), said="1\n")
    assert code == 0
    assert "Is anything hot" not in out
    assert "own or tethered cable: my own cable" in out


# -- on a live bus ---------------------------------------------------------------------------


class Listener:
    """Reads what a process says, line by line, while it goes on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, text: str, patience_s: float = 90.0) -> None:
        """Wait until this has been said."""
        end_s = time.monotonic() + patience_s
        while text not in self.said:
            left_s = end_s - time.monotonic()
            assert left_s > 0, f"never said: {text!r}; said {self.said!r}"
            try:
                self.said += self._lines.get(timeout=min(1.0, left_s))
            except queue.Empty:
                continue

    def say(self, line: str) -> None:
        """Answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


@pytest.mark.skipif(not multicast_works(), reason="no multicast on this machine's loopback")
def test_on_a_live_bus_evidence_comes_while_it_waits_and_all_is_recorded(tmp_path: Path) -> None:
    settings = own_multicast()
    process = guide(
        "-i", settings.interface, "-c", settings.channel, "--vehicle", "reference",
        "--at", "end-the-session", "-o", tmp_path,
        CAN_CONFIG=json.dumps(settings.options), EVDIAG_STATE=str(tmp_path / "state"),
    )  # fmt: skip
    heard = Listener(process)
    frames = story_frames("relock-before-pull")
    first_ns = frames[0].time_ns
    at_ease = [f for f in frames if 2e9 < f.time_ns - first_ns < 15e9]
    ending = [f for f in frames if 15e9 <= f.time_ns - first_ns < 26e9]
    try:
        with car_on(settings) as transmitter:
            heard.until("End the charging session.")
            play(transmitter, at_ease, 4.0)
            heard.until("(The session is ALIVE)")
            play(transmitter, ending, 1.0)
            heard.until("(The session is over)")
        heard.say("q")
        heard.until("The guide is stopped.")
        heard.until("recorded ")
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
    (kept,) = tmp_path.glob("*.log")
    assert any(answer.answer == "stop" for answer in answers_in(str(kept)))
    assert sum(1 for _ in open_recording(str(kept)).frames()) > 500
    code, out, _ = told("--resume", kept, "-o", tmp_path / "later", said="q\n")
    assert code == 0
    assert "step" in out


def test_the_end_of_input_stops_it_on_a_live_bus_too(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    code, out, _ = told("-i", "virtual", "-c", "x", "-o", tmp_path, said="n\n", EVDIAG_STATE=state)
    assert code == 0
    assert "Which end is stuck?" in out
    assert "The guide is stopped." in out
    assert "recorded " in out
