"""What is written is read back: in order, through rotation, cut ends, compression, parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, BusEventKind, Frame, Identified, Input, Mark, Tick
from evdiag.recordings import open_recording
from evdiag.recordings.journal import CarFiles, Journal, Vin
from tests.recordings.journal.inputs_drawn import (
    HEADER,
    coalesced,
    inputs,
    merged,
    read_back,
    without_ticks,
)
from tests.recordings.journal.numbered import WALL_NS, S, frame


def record(folder: Path, items: list[Input], **options: object) -> Journal:
    """Write a journal in one go."""
    journal = Journal(folder, HEADER, **options)  # type: ignore[arg-type]
    journal.write(items)
    journal.close()
    return journal


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.lists(inputs, max_size=8), st.booleans()), max_size=12),
    st.booleans(),
    st.sampled_from((None, 1, 600, 5000)),
)
def test_any_inputs_in_any_batches_read_back(
    batches: list[tuple[list[Input], bool]], compress: bool, rotate_bytes: int | None
) -> None:
    with TemporaryDirectory() as folder:
        journal = Journal(Path(folder), HEADER, rotate_bytes=rotate_bytes, compress=compress)
        for batch, flush in batches:
            journal.write(batch)
            if flush:
                journal.flush()
        journal.close()
        assert (journal.state.alarm, journal.state.lost, journal.state.held) == (None, 0, 0)
        written = [item for batch, _ in batches for item in batch]
        path = journal.path.with_name(journal.path.name + (".zst" if compress else ""))
        read, facts, recording = read_back(path)
        # A mark flushes, and a flush lets a tick out before what comes after it is known.
        flushed = any(flush for _, flush in batches) or any(
            isinstance(item, Mark) for item in written
        )
        if flushed:
            assert without_ticks(read) == without_ticks(written)
            assert coalesced(read) == coalesced(written)
        else:
            assert read == coalesced(written)
        assert facts.closed
        assert journal.state.frames == recording.report.frames
        assert recording.report.anomalies == [
            found
            for found in recording.report.anomalies
            if found.kind.about_time or found.kind.label == "lost_frames"
        ]


@settings(max_examples=60)
@given(st.lists(inputs, min_size=1, max_size=30), st.data())
def test_a_cut_end_costs_what_was_cut_and_no_more(items: list[Input], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        journal = record(Path(folder), items)
        log, rows = journal.path, journal.path.with_suffix(".jsonl")
        end_of_header = rows.read_bytes().index(b"\n") + 1
        cut_log = data.draw(st.integers(0, log.stat().st_size))
        cut_rows = data.draw(st.integers(end_of_header, rows.stat().st_size))
        whole_frames = log.read_bytes()[:cut_log].count(b"\n")
        whole_rows = rows.read_bytes()[:cut_rows].count(b"\n") - 1
        with log.open("r+b") as stream:
            stream.truncate(cut_log)
        with rows.open("r+b") as stream:
            stream.truncate(cut_rows)
        read, facts, recording = read_back(log)
        kept = coalesced(items)
        expected_frames = [item for item in kept if isinstance(item, Frame)][:whole_frames]
        expected_rows = [item for item in kept if not isinstance(item, Frame)][:whole_rows]
        assert [item for item in read if isinstance(item, Frame)] == expected_frames
        assert [item for item in read if not isinstance(item, Frame)] == expected_rows
        labels = {found.kind.label: found.count for found in recording.report.anomalies}
        lines = log.read_bytes()
        assert recording.report.torn_last_line == (bool(lines) and not lines.endswith(b"\n"))
        assert ("torn_last_row" in labels) == (not rows.read_bytes().endswith(b"\n"))
        assert ("not_closed" in labels) == (not facts.closed)


def test_parts_stand_alone_and_the_first_plays_them_all(tmp_path: Path) -> None:
    identified = Identified(WALL_NS, "reference", None, (("port", "can0"),), 0.9, 3)
    items: list[Input] = [*map(frame, range(4)), identified, *map(frame, range(4, 200))]
    items.insert(150, Mark(frame(149).time_ns, "here"))
    journal = Journal(tmp_path, HEADER, rotate_bytes=2000, label="a/b c")
    journal.write(items)
    journal.tell(Vin("V1N"))
    journal.close()
    files = sorted(path.name for path in tmp_path.glob("*.log"))
    assert files[0] == journal.path.name == "20261122T190502.123456Z-a-b-c.log"
    assert files[1] == "20261122T190502.123456Z-a-b-c.part002.log"
    assert len(files) == len(journal.state.files) > 3
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    read, facts, _ = read_back(journal.path)
    assert read == items
    assert (facts.is_whole, facts.vin, facts.identified) == (True, "V1N", identified)
    alone, facts, recording = read_back(tmp_path / files[2])
    (again, *frames) = alone
    assert isinstance(again, Identified)
    assert (again.vehicle, again.from_frame) == ("reference", 0)
    assert [int.from_bytes(item.data) for item in frames if isinstance(item, Frame)] == list(
        range(facts.header.first_frame, facts.header.first_frame + recording.report.frames)
    )
    assert not facts.is_whole


def test_a_part_that_is_missing_is_said(tmp_path: Path) -> None:
    journal = record(tmp_path, [*map(frame, range(100))], rotate_bytes=2000)
    for path in tmp_path.glob("*.part002.*"):
        path.unlink()
    read, _, recording = read_back(journal.path)
    (lost,) = [item for item in read if isinstance(item, BusEvent)]
    assert lost.kind is BusEventKind.FRAMES_LOST
    assert lost.count + recording.report.frames == 100
    assert recording.report.lost_frames == lost.count


def test_rotation_by_time(tmp_path: Path) -> None:
    now_s = 0.0
    journal = Journal(tmp_path, HEADER, rotate_s=60.0, clock=lambda: now_s)
    for number in range(10):
        now_s = number * 25.0
        journal.write([frame(number)])
        journal.flush_if_due()
    journal.close()
    assert len(journal.state.files) == 4
    assert read_back(journal.path)[0] == [*map(frame, range(10))]


def test_names_never_collide(tmp_path: Path) -> None:
    paths = [record(tmp_path, [frame(number)], compress=number == 1).path for number in range(3)]
    assert len(set(paths)) == 3
    plain = paths[2].name
    assert plain.endswith("123456Z-3.log")
    assert read_back(paths[0])[0] == [frame(0)]


def test_every_name_of_a_journal_opens_it(tmp_path: Path) -> None:
    journal = record(tmp_path, [frame(0), Mark(WALL_NS, "m")])
    for name in (journal.path, journal.path.with_suffix(".jsonl")):
        assert len(read_back(name)[0]) == 2
    assert open_recording(journal.path).format == "evdiag journal"


def test_a_log_without_its_side_file_is_plain_candump(tmp_path: Path) -> None:
    journal = record(tmp_path, [frame(0), frame(1)])
    journal.path.with_suffix(".jsonl").unlink()
    recording = open_recording(journal.path)
    assert (recording.format, recording.journal) == ("candump", None)
    assert list(recording.frames()) == [frame(0), frame(1)]


@pytest.mark.parametrize("side", [b"", b"\0\0\0\0", HEADER.row()[:50].encode(), b"{nonsense\n"])
def test_a_side_file_without_a_header_leaves_candump_and_is_said(
    tmp_path: Path, side: bytes
) -> None:
    journal = record(tmp_path, [frame(0), frame(1)])
    journal.path.with_suffix(".jsonl").write_bytes(side)
    recording = open_recording(journal.path)
    assert list(recording.frames()) == [frame(0), frame(1)]
    assert recording.format == "candump"
    assert any("side file" in sentence for sentence in recording.report.warnings())


def _side_lines(path: Path) -> list[str]:
    return path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines(keepends=True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0].replace('"journal"', '"jurnal"'), *lines[1:]],
        lambda lines: [lines[0].replace('"journal"', '"jurnal"')],
        lambda lines: ['{"other": 1}\n', *lines],
        lambda lines: ['{"other": 1}\n', "rubbish\n", *lines[2:]],
        lambda lines: ['{"kind": "weather", "after_frame": 0}\n', *lines[1:]],
    ],
    ids=["lost", "misspelt", "misspelt and alone", "second", "replaced", "of another kind"],
)
def test_a_side_file_whose_first_row_is_lost_is_said(
    tmp_path: Path, damage: Callable[[list[str]], list[str]]
) -> None:
    journal = record(tmp_path, [frame(0), Mark(WALL_NS, "a"), frame(1)])
    lines = damage(_side_lines(journal.path))
    journal.path.with_suffix(".jsonl").write_text("".join(lines), encoding="utf-8")
    recording = open_recording(journal.path)
    assert list(recording.frames()) == [frame(0), frame(1)]
    assert (recording.format, recording.journal) == ("candump", None)
    assert [found.kind.label for found in recording.report.anomalies] == ["side_file"]


@pytest.mark.parametrize("first_row", ["", '{"kind": "jurnal", "journal_version": 1}\n'])
def test_a_later_part_whose_first_row_is_lost_costs_only_itself(
    tmp_path: Path, first_row: str
) -> None:
    journal = record(tmp_path, [*map(frame, range(100))], rotate_bytes=2000)
    (log,) = tmp_path.glob("*.part002.log")
    log.with_suffix(".jsonl").write_text(
        first_row + "".join(_side_lines(log)[1:]), encoding="utf-8"
    )
    read, _, recording = read_back(journal.path)
    (lost,) = [item for item in read if isinstance(item, BusEvent)]
    assert lost.count + recording.report.frames == 100
    assert "lost_parts" in {found.kind.label for found in recording.report.anomalies}
    alone = open_recording(log).read_through()
    assert "side_file" in {found.kind.label for found in alone.anomalies}


@pytest.mark.parametrize("which", [0, -1], ids=["in the middle", "the last"])
@pytest.mark.parametrize("kept", [0, 30, -1])
def test_a_later_part_whose_first_row_is_torn_costs_only_itself(
    tmp_path: Path, kept: int, which: int
) -> None:
    """As a recorder leaves it that is killed while it begins a part."""
    journal = record(tmp_path, [*map(frame, range(100))], rotate_bytes=2000)
    torn = sorted(tmp_path.glob("*.part*.jsonl"))[which]
    torn.write_text(_side_lines(torn)[0][:kept], encoding="utf-8")
    beyond = len(torn.with_suffix(".log").read_text().splitlines())

    read, facts, recording = read_back(journal.path)

    assert sum(isinstance(item, Frame) for item in read) == 100 - beyond
    assert recording.format == "evdiag journal"
    (said,) = [each for each in recording.report.anomalies if each.kind.label == "lost_parts"]
    assert said.changes_answers
    assert facts.closed == (which != -1)
    assert facts.lost_files == (torn.with_suffix(".log"), torn)


@pytest.mark.parametrize(
    "side",
    [
        '{"kind": "mark", "text": "theirs"}\n',
        '{"kind": "mark", "after_frame": 0}\n',
        '{"kind": "weather", "after_frame": 0}\n{"after_frame": 0}\n[]\nrubbish "after_frame"\n',
        '{"long": "' + "x" * 3_000_000 + '"}\n',
    ],
    ids=["a kind like ours", "without its keys", "of no kind", "an endless line"],
)
def test_rows_that_only_look_like_ours_are_none_of_our_business(tmp_path: Path, side: str) -> None:
    journal = record(tmp_path, [frame(0)])
    journal.path.with_suffix(".jsonl").write_text('{"a": 1}\n' + side, encoding="utf-8")
    recording = open_recording(journal.path)
    recording.read_through()
    assert (recording.format, list(recording.report.warnings())) == ("candump", [])


def test_a_number_beyond_every_float_is_a_bad_row(tmp_path: Path) -> None:
    journal = record(tmp_path, [frame(0), Identified(WALL_NS, "a", None, (), 0.5, 1)])
    header, *rows = _side_lines(journal.path)
    text = "".join([header, *rows]).replace('"confidence":0.5', '"confidence":' + "9" * 400)
    text = text.replace('"confidence": 0.5', '"confidence": ' + "9" * 400)
    assert "9" * 400 in text
    journal.path.with_suffix(".jsonl").write_text(text, encoding="utf-8")
    _, _, recording = read_back(journal.path)
    assert {found.kind.label for found in recording.report.anomalies} == {"bad_rows"}


def test_somebody_elses_jsonl_beside_a_log_is_none_of_our_business(tmp_path: Path) -> None:
    journal = record(tmp_path, [frame(0)])
    journal.path.with_suffix(".jsonl").write_text('{"recording": "x"}\n', encoding="utf-8")
    recording = open_recording(journal.path)
    recording.read_through()
    assert (recording.format, list(recording.report.warnings())) == ("candump", [])


def test_rows_of_a_newer_version_and_broken_ones_are_counted(tmp_path: Path) -> None:
    journal = record(tmp_path, [frame(0), Mark(WALL_NS, "a"), frame(1)])
    rows = journal.path.with_suffix(".jsonl")
    header, mark, end = rows.read_text(encoding="utf-8").splitlines(keepends=True)
    strange = '{"kind": "weather", "after_frame": 0}\n{"kind": "tick"}\nrubbish\n'
    beyond = '{"kind": "mark", "after_frame": 9, "time_ns": 5, "text": "b"}\n'
    rows.write_text(header + strange + mark + beyond + end, encoding="utf-8")
    read, _, recording = read_back(journal.path)
    assert read == [frame(0), Mark(WALL_NS, "a"), frame(1), Mark(5, "b")]
    labels = {found.kind.label: found.count for found in recording.report.anomalies}
    assert labels == {"unknown_rows": 1, "bad_rows": 2, "rows_beyond": 1}


def test_each_pass_reads_the_same(tmp_path: Path) -> None:
    items: list[Input] = [frame(0), Mark(WALL_NS, "a"), frame(1), Tick(WALL_NS + S)]
    journal = record(tmp_path, items)
    recording = open_recording(journal.path)
    for _ in range(2):
        frames = list(recording.frames())
        assert recording.journal is not None
        assert merged(frames, recording.journal) == items


def test_what_becomes_known_is_in_the_headers_of_later_parts(tmp_path: Path) -> None:
    journal = Journal(tmp_path, HEADER, rotate_bytes=1500)
    car = CarFiles("reference", "00", (("reference.dbc", "11"),))
    journal.tell(car)
    journal.write([*map(frame, range(60))])
    journal.close()
    facts = read_back(journal.path)[1]
    assert facts.car == car
    later = json.loads(
        journal.state.files[-1].with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()[0]
    )
    assert (later["vehicle"], later["dbc"]) == ("reference", {"reference.dbc": "11"})


@pytest.mark.parametrize("compress", [False, True])
def test_compression_that_was_killed_leaves_a_journal(tmp_path: Path, compress: bool) -> None:
    journal = record(tmp_path, [frame(0), Mark(WALL_NS, "a")], compress=compress)
    suffix = ".zst" if compress else ""
    leftover = journal.path.with_name(journal.path.name + ".zst.unfinished")
    leftover.write_bytes(b"\x28\xb5\x2f\xfd half")
    assert len(read_back(journal.path.with_name(journal.path.name + suffix))[0]) == 2
    assert {path.suffix for path in tmp_path.iterdir() if path != leftover} == {
        ".zst" if compress else ".log",
        ".zst" if compress else ".jsonl",
    }


def test_a_folder_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"nothing can be recorded.*name another folder"):
        Journal(tmp_path / "file" / "folder", HEADER)
