"""`evdiag record` as a process: what it hears is on disk, plays back alike, and survives a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.recordings import open_recording
from tests.live.stories import car_on, multicast_works, own_multicast, play, story_frames

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
    pytest.mark.skipif(not multicast_works(), reason="no multicast on this machine's loopback"),
]

STORY = "relock-before-pull"


def recorder(folder: Path, bus: BusSettings, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "evdiag", "record", "-i", bus.interface, "-c", bus.channel]
    return subprocess.Popen(
        [*command, "-o", str(folder), *options],
        env={**os.environ, "CAN_CONFIG": json.dumps(bus.options)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begun(folder: Path) -> Path:
    ends = time.monotonic() + 60
    while not (found := sorted(folder.glob("*.jsonl"))) or '"up"' not in found[0].read_text():
        assert time.monotonic() < ends, "no recording began"
        time.sleep(0.05)
    return found[0].with_suffix(".log")


def printed(*words: str) -> list[dict[str, object]]:
    said = subprocess.run(
        [sys.executable, "-m", "evdiag", *words, "--format", "jsonl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_a_story_is_recorded_with_marks_and_found_again(tmp_path: Path) -> None:
    bus = own_multicast()
    process = recorder(tmp_path, bus)
    recording = begun(tmp_path)
    frames = story_frames(STORY)
    with car_on(bus) as transmitter:
        play(transmitter, frames[:2000], 20)
        assert process.stdin is not None
        process.stdin.write("the fob was pressed\n")
        process.stdin.flush()
        play(transmitter, frames[2000:], 20)
        time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.strip() == str(recording)
    assert "evdiag reference car" in said
    assert f"received {len(frames):,} · recorded {len(frames):,}" in said
    assert [f.data for f in open_recording(str(recording)).frames()] == [f.data for f in frames]
    assert "the fob was pressed" in recording.with_suffix(".jsonl").read_text()
    # Twenty times as fast, so the times differ and the attempts do not.
    assert [row["request"] for row in printed("attempts", str(recording))] == ["fob", "fob"]


def test_a_duration_ends_it_with_0_and_parts_hold_every_frame_once(tmp_path: Path) -> None:
    bus = own_multicast()
    options = ("--rotate-size", "0.05", "--compress", "--duration", "6", "--vehicle", "reference")
    process = recorder(tmp_path, bus, *options)
    begun(tmp_path)
    frames = story_frames(STORY)
    with car_on(bus) as transmitter:
        play(transmitter, frames, 50)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    first = sorted(tmp_path.glob("*.log.zst"), key=lambda path: (len(path.name), path.name))[0]
    assert len(list(tmp_path.glob("*.log.zst"))) > 2
    assert not list(tmp_path.glob("*.log"))
    assert [f.data for f in open_recording(str(first)).frames()] == [f.data for f in frames]
    assert len(out.split()) > 2


def test_a_black_box_saves_the_attempt_and_what_came_before_it(tmp_path: Path) -> None:
    bus = own_multicast()
    process = recorder(tmp_path, bus, "--black-box", "60", "--after", "1", "--vehicle", "reference")
    time.sleep(2.0)
    frames = story_frames(STORY)
    with car_on(bus) as transmitter:
        ends = time.monotonic() + 60
        while not list(tmp_path.glob("*.log")) and time.monotonic() < ends:
            play(transmitter, frames, 20)
    saved = sorted(tmp_path.glob("*.log"))
    time.sleep(2.0)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert "saving: attempt" in said
    assert "12 V battery" in said
    assert any(row["request"] == "fob" for row in printed("attempts", str(saved[0])))


def test_a_killed_recorder_leaves_all_but_the_last_second(tmp_path: Path) -> None:
    bus = own_multicast()
    process = recorder(tmp_path, bus)
    recording = begun(tmp_path)
    frames = story_frames(STORY)
    with car_on(bus) as transmitter:
        play(transmitter, frames[:1500], 5)
        killed_s = time.time()
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    kept = list(open_recording(str(recording)).frames())
    assert [f.data for f in kept] == [f.data for f in frames[: len(kept)]]
    assert killed_s - kept[-1].time_ns / 1e9 < 1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-i", "nope", "-c", "x"), "python-can has no interface 'nope': there is"),
        (("-i", "virtual"), "no channel is named for virtual"),
        (("-i", "slcan", "-c", "/dev/ttyNOPE9", "-b", "500000"), "no serial port /dev/ttyNOPE9"),
        (("-i", "slcan", "-c", "/dev/ttyNOPE9"), "slcan adapters need a bit rate"),
        (("-i", "virtual", "-c", "x", "-b", "3"), "bit rate 3: give it in bit/s"),
    ],
)
def test_a_bus_that_cannot_be_opened_is_one_sentence_and_exit_4(
    options: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "evdiag", "record", *options, "-o", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={"EVDIAG_STATE": str(tmp_path / "state"), "HOME": str(tmp_path), "PATH": ""},
        cwd=Path(__file__).parents[2],
    )
    assert said.returncode == 4
    first, *more = said.stderr.splitlines()
    assert words in first
    # Named where something is in it: which libraries say anything is theirs to decide.
    log = tmp_path / "state" / "evdiag.log"
    assert [str(log) in line for line in more] == [True] * log.exists()
    assert "Traceback" not in said.stderr


def test_an_unknown_vehicle_and_an_unusable_folder_are_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for options, words in (
        (("--vehicle", "refrence"), "reference"),
        (("-o", str(tmp_path / "file" / "sub")), "file"),
    ):
        said = subprocess.run(
            [sys.executable, "-m", "evdiag", "record", "-i", "virtual", "-c", "x", *options],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        assert said.returncode == 2
        assert words in said.stderr
        assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--duration", "nan"),
        ("--duration", "-5"),
        ("--rotate-size", "inf"),
        ("--rotate-time", "0"),
        ("--black-box", "nan"),
        ("--black-box", "60", "--after", "-3"),
        ("-c", "x"),
        ("--ask",),
        ("--ask", "--vehicle", "hyundai-kona"),
    ],
)
def test_options_that_mean_nothing_are_refused_before_a_bus_is_opened(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "evdiag", "record", "-i", "virtual", "-c", "x"]
    said = subprocess.run(
        [*command, "-o", str(tmp_path), *options],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert not list(tmp_path.iterdir())


def test_a_recording_outlives_whoever_read_its_words(tmp_path: Path) -> None:
    bus = own_multicast()
    process = recorder(tmp_path, bus, "--duration", "4", "--vehicle", "reference")
    assert process.stderr is not None
    process.stderr.close()
    recording = begun(tmp_path)
    frames = story_frames(STORY)
    with car_on(bus) as transmitter:
        play(transmitter, frames, 50)
    assert process.wait(timeout=60) == 0
    assert process.stdout is not None
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    assert len(list(open_recording(str(recording)).frames())) == len(frames)
    assert '"identified"' in recording.with_suffix(".jsonl").read_text()


def test_asking_where_nobody_answers_is_exit_4_and_says_how_often(tmp_path: Path) -> None:
    bus = own_multicast()
    process = recorder(tmp_path, bus, "--vehicle", "reference", "--ask", "--duration", "4")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "ASK: evdiag transmits" in said
    assert "times without an answer" in said
    assert "LISTEN: nothing is transmitted any more" in said
    (recording,) = tmp_path.glob("*.log")
    info = printed("info", str(recording))[0]["journal"]
    assert isinstance(info, dict)
    assert info["asked"]
