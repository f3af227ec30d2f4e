"""What the commands say of a journal: what they say of any recording, and what it holds besides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evdiag.cli import convert, info, timeline
from evdiag.inputs import BusEvent, BusEventKind, Mark
from evdiag.recordings import open_recording
from evdiag.recordings.journal import Header, Journal, Vin
from tests.session.test_journal_replay import START_NS, S, decided, frames_of

STORY = "relock-before-pull"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Record a story with marks and a lost link."""
    header = Header(
        START_NS,
        0,
        adapter={"can0": "-i socketcan -c can0"},
        listen_only={"can0": "verified"},
    )
    journal = Journal(tmp_path, header)
    frames = frames_of(STORY)
    journal.write([decided(STORY), BusEvent(START_NS - S, BusEventKind.UP, "can0"), *frames[:1000]])
    journal.write([Mark(START_NS + 10 * S, "it \x1b sticks"), *frames[1000:]])
    journal.tell(Vin("WBY1Z21000V000000"))
    journal.close()
    return journal.path


def run(command: object, *arguments: str | Path) -> Result:
    """Run a command."""
    return CliRunner().invoke(
        command.command,  # type: ignore[attr-defined]
        [str(argument) for argument in arguments],
        standalone_mode=False,
    )


@pytest.mark.parametrize(("read", "written"), [(".jsonl", ".log"), (".log", ".jsonl")])
def test_no_file_of_a_journal_is_written_over(recorded: Path, read: str, written: str) -> None:
    before = {file: file.read_bytes() for file in recorded.parent.iterdir()}
    source, target = recorded.with_suffix(read), recorded.with_suffix(written)
    for command, *words in (
        (timeline, source, "--output", target, "--force"),
        (info, source, "--output", target, "--force"),
        (convert, source, target, "--to", "asc", "--force"),
    ):
        assert "is what is read" in str(run(command, *words).exception)
    assert {file: file.read_bytes() for file in recorded.parent.iterdir()} == before


def test_info_says_what_a_journal_holds(recorded: Path) -> None:
    record = json.loads(run(info, recorded, "--format", "jsonl").stdout)
    assert (record["format"], record["anomalies"]) == ("evdiag journal", [])
    assert record["frames"] == len(frames_of(STORY))
    assert record["channels"] == ["can0"]
    journal = record["journal"]
    assert (journal["mode"], journal["closed"], journal["bus_events"]) == ("record", True, 1)
    assert (journal["vehicle"], journal["vin"]) == ("reference", "WBY1Z21000V000000")
    assert journal["marks"] == [{"time_ns": START_NS + 10 * S, "text": "it \x1b sticks"}]
    text = run(info, recorded).stdout
    assert "journal    record, closed, begun 2026-11-22" in text
    assert "silence    can0: verified" in text
    assert "mark       10.000 s  it ␛ sticks" in text


def test_info_of_a_torn_journal_says_so(recorded: Path) -> None:
    for path in (recorded, recorded.with_suffix(".jsonl")):
        path.write_bytes(path.read_bytes()[:-9])
    text = run(info, recorded).stdout
    assert "not closed" in text
    assert "the last line is cut off" in text
    assert "the last row of the journal's side file is cut off" in text


def test_a_timeline_of_a_journal_is_that_of_its_frames(recorded: Path) -> None:
    plain = recorded.parent / "plain.log"
    plain.write_bytes(recorded.read_bytes())
    lines = [
        [{**json.loads(line), "recording": ""} for line in done.stdout.splitlines()]
        for done in (
            run(timeline, recorded, "--format", "jsonl"),
            run(timeline, plain, "--format", "jsonl", "--vehicle", "reference"),
        )
    ]
    assert lines[0] == lines[1]
    assert lines[0]


def test_converting_a_journal_says_what_is_left_out(recorded: Path, tmp_path: Path) -> None:
    done = run(convert, recorded, tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "what a journal holds beside its frames (marks, bus events, decisions): 3" in done.stderr
    frames = list(open_recording(tmp_path / "out.csv").frames())
    assert frames == [replace_channel(frame) for frame in frames_of(STORY)]


def replace_channel(frame: object) -> object:
    """Return the frame as GVRET names its channel."""
    return frame._replace(channel=0)  # type: ignore[attr-defined]


def test_a_journal_needs_no_time_unit(recorded: Path) -> None:
    done = run(info, recorded, "--time-unit", "ms")
    assert "of a known unit" in done.stderr
