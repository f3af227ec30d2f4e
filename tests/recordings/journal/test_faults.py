"""Whatever a disk does: capture goes on, nothing is doubled, what is lost is counted and said."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, BusEventKind, Frame, Input, Mark, Tick
from evdiag.recordings.journal import Header, Journal
from evdiag.recordings.journal.words import Alarm
from tests.recordings.journal.failing_disk import Clock, Disk
from tests.recordings.journal.inputs_drawn import HEADER, inputs, read_back
from tests.recordings.journal.numbered import WALL_NS, frame

verdicts = st.one_of(
    st.none(),
    st.none(),
    st.sampled_from((errno.ENOSPC, errno.EIO, errno.EROFS, errno.EFBIG, errno.ENODEV)),
    st.integers(-120, -1),
)


def plain(items: list[Input]) -> list[Input]:
    """Leave ticks out, and the events in which the recorder counts what it lost."""
    return [
        item
        for item in items
        if not isinstance(item, Tick)
        and not (isinstance(item, BusEvent) and item.kind is BusEventKind.FRAMES_LOST)
    ]


@settings(max_examples=250)
@given(
    st.lists(st.lists(inputs, max_size=8), max_size=14),
    st.lists(verdicts, max_size=40),
    st.sampled_from((5, 30, 1000)),
    st.sampled_from((None, 900)),
)
def test_any_failing_disk_what_is_read_and_what_is_lost_make_up_what_was_written(
    batches: list[list[Input]], told: list[int | None], limit: int, rotate_bytes: int | None
) -> None:
    with TemporaryDirectory() as name:
        disk, clock = Disk(iter([None] * 3 + told)), Clock()
        journal = Journal(
            Path(name),
            HEADER,
            rotate_bytes=rotate_bytes,
            hold_limit=limit,
            clock=clock,
            opener=disk.opener,
            fsync=disk.fsync,
        )
        for batch in batches:
            journal.write(batch)
            clock.now_s += 0.7
            journal.flush_if_due()
        disk.heals = True
        clock.now_s += 3.0
        journal.close()
        state = journal.state
        assert state.held == 0
        read, _, recording = read_back(journal.path)
        ours = [item for item in read if "memory for waiting frames" in getattr(item, "detail", "")]
        written = [item for batch in batches for item in batch]
        frames = [item for item in written if isinstance(item, Frame)]
        assert recording.report.frames == state.frames
        assert state.frames + state.lost == len(frames)
        assert sum(lost.count for lost in ours if isinstance(lost, BusEvent)) == state.lost
        wanted = iter(plain(written))
        # In order, none twice: every input that was read is found after the one before it.
        assert all(item in wanted for item in plain(read))
        notes = [item for item in plain(written) if not isinstance(item, Frame)]
        assert [item for item in plain(read) if not isinstance(item, Frame)] == notes


def test_a_full_disk_is_an_alarm_and_then_a_note(tmp_path: Path) -> None:
    disk, clock = Disk(iter([None] * 3 + [errno.ENOSPC] * 1000)), Clock()
    journal = Journal(tmp_path, HEADER, clock=clock, opener=disk.opener, hold_limit=100)
    journal.write([frame(number) for number in range(150)])
    journal.flush()
    alarm = journal.state.alarm
    assert alarm is not None
    assert "no space left" in alarm
    assert "free some space" in alarm
    assert "100 of at most 100 frames are held in memory, the oldest are being lost" in alarm
    assert (journal.state.held, journal.state.lost, journal.state.frames) == (100, 50, 0)
    disk.heals = True
    clock.now_s = 1.9
    journal.flush_if_due()
    assert journal.state.alarm is not None
    clock.now_s = 2.2
    journal.flush_if_due()
    assert (journal.state.alarm, journal.state.frames, journal.state.held) == (None, 100, 0)
    journal.close()
    read, facts, recording = read_back(journal.path)
    (alarm_row,) = [word for word in facts.words if isinstance(word, Alarm)]
    assert "nothing could be written for 2.2 s; 50 frames are lost" in alarm_row.text
    assert journal.state.notes == (alarm_row.text,)
    assert isinstance(read[0], BusEvent)
    assert (read[0].count, read[0].channel, read[0].time_ns) == (50, "can0", frame(0).time_ns)
    assert read[1:] == [frame(number) for number in range(50, 150)]
    assert len(journal.state.files) == 1
    assert recording.report.lost_frames == 50


def test_a_sync_that_fails_writes_again_what_the_disk_may_not_have(tmp_path: Path) -> None:
    def fsync(descriptor: int) -> None:
        if failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    failing, clock = False, Clock()
    journal = Journal(tmp_path, HEADER, clock=clock, fsync=fsync)
    journal.write([frame(0), frame(1)])
    while journal._synced < 2:
        clock.now_s += 1.0
        journal.flush_if_due()
    failing = True
    journal.write([frame(2), frame(3)])
    while journal.state.alarm is None:
        clock.now_s += 1.0
        journal.flush_if_due()
    failing = False
    journal.write([frame(4)])
    clock.now_s += 3.0
    journal.close()
    assert len(journal.state.files) == 2
    assert journal.state.lost == 0
    assert read_back(journal.path)[0] == [frame(number) for number in range(5)]
    assert b"#0000000000000003" in journal.state.files[0].read_bytes()


def test_a_sync_that_fails_while_a_part_ends_writes_again(tmp_path: Path) -> None:
    def fsync(descriptor: int) -> None:
        if failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    failing, clock = True, Clock()
    journal = Journal(tmp_path, HEADER, clock=clock, fsync=fsync, rotate_bytes=1000)
    journal.write([frame(number) for number in range(40)])
    journal.flush()
    assert journal.state.alarm is not None
    failing = False
    clock.now_s = 3.0
    journal.close()
    assert (journal.state.alarm, journal.state.lost, journal.state.frames) == (None, 0, 40)
    assert read_back(journal.path)[0] == [frame(number) for number in range(40)]
    later = journal.state.files[1].with_suffix(".jsonl").read_text(encoding="utf-8")
    assert '"first_frame": 0,' in later


@pytest.mark.parametrize("come_back", [True, False])
def test_a_folder_that_is_removed_while_recording(tmp_path: Path, come_back: bool) -> None:
    clock = Clock()
    folder = tmp_path / "stick"
    journal = Journal(folder, HEADER, clock=clock)
    journal.write([frame(0), Mark(WALL_NS, "a")])
    shutil.rmtree(folder)
    clock.now_s = 1.1
    journal.flush_if_due()
    alarm = journal.state.alarm
    assert alarm is not None
    assert "plug the disk in again" in alarm
    if come_back:
        folder.mkdir()
    clock.now_s = 4.0
    journal.write([frame(1)])
    journal.flush_if_due()
    journal.close()
    if come_back:
        (path,) = journal.state.files
        assert (journal.state.alarm, journal.state.lost) == (None, 0)
        assert read_back(path)[0] == [frame(0), Mark(WALL_NS, "a"), frame(1)]
    else:
        assert not folder.exists()
        assert (journal.state.frames, journal.state.lost) == (0, 2)
        assert next(journal.state.troubles) == (
            "no such file or directory: the last 2 frames could not be written"
        )
        assert not journal.state.is_complete


def test_frames_that_went_with_the_folder_are_said_to_be_lost(tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "stick"
    journal = Journal(folder, HEADER, clock=clock)
    journal.write([frame(number) for number in range(7)])
    journal.flush()
    while journal._synced < 7:
        clock.now_s += 1.0
        journal.flush_if_due()
    shutil.rmtree(folder)
    clock.now_s += 1.1
    journal.flush_if_due()
    assert journal.state.lost == 7
    folder.mkdir()
    clock.now_s += 3.0
    journal.write([frame(7)])
    journal.flush_if_due()
    journal.close()
    (note,) = journal.state.notes
    assert note.endswith("7 frames are lost")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BadInputError, match="give yourself the right to write"):
            Journal(tmp_path, HEADER)
    finally:
        tmp_path.chmod(0o700)


def test_a_real_full_disk(tmp_path: Path) -> None:
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("mounting a small disk takes root on Linux")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no mounting here: {mounted.stderr.strip()}")
    try:
        ballast = tmp_path / "ballast"
        ballast.write_bytes(bytes(40_000))
        clock = Clock()
        journal = Journal(tmp_path, HEADER, clock=clock)
        for number in range(0, 1000, 10):
            journal.write([frame(each) for each in range(number, number + 10)])
            clock.now_s += 0.1
            journal.flush_if_due()
        assert journal.state.alarm is not None
        assert journal.state.held > 0
        ballast.unlink()
        clock.now_s += 3.0
        journal.flush_if_due()
        journal.close()
        assert (journal.state.alarm, journal.state.lost) == (None, 0)
        assert len(journal.state.files) == 1
        assert read_back(journal.path)[0] == [frame(number) for number in range(1000)]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


_LIMITED = """
import resource, sys
from pathlib import Path
from evdiag.recordings.journal import Header, Journal
from tests.recordings.journal.numbered import WALL_NS, frame
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
journal = Journal(Path(sys.argv[1]), Header(WALL_NS, 0))
journal.write([frame(number) for number in range(3000)])
journal.close()
print(journal.path, len(journal.state.files), journal.state.lost, journal.state.alarm)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE as Linux has it")
def test_a_disk_that_takes_no_larger_files_gets_more_of_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    path, files, lost, alarm = done.stdout.split()
    assert (lost, alarm) == ("0", "None")
    assert 4 < int(files) < 10
    assert read_back(Path(path))[0] == [frame(number) for number in range(3000)]


def test_memory_is_bounded_where_no_sync_answers(tmp_path: Path) -> None:
    clock = Clock()
    journal = Journal(tmp_path, Header(WALL_NS, 0), clock=clock, hold_limit=50)
    for number in range(0, 500, 10):
        journal.write([frame(each) for each in range(number, number + 10)])
        journal.flush()
        assert len(journal._unsynced) <= 50
    journal.close()
    assert len(read_back(journal.path)[0]) == 500
