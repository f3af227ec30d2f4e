"""The log: whole lines only, whatever happens, and what follows from them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from evdiag.scan.log import ScanLog
from evdiag.scan.places import Place, Task
from evdiag.scan.rows import Left, Scanned
from evdiag.scan.work import scanned
from tests.scan.workshop import recordings

LINES = st.lists(
    st.one_of(
        st.builds(Scanned, st.sampled_from(["/a", "/b", "/c"]), st.integers(0, 2), st.just("1f")),
        st.builds(
            lambda path: Scanned(path, 1, left=Left(path, "bad", "torn")),
            st.sampled_from(["/a", "/b", "/\udcff"]),
        ),
    ),
    max_size=8,
)


@given(LINES, st.integers(0, 400))
def test_a_log_that_was_cut_anywhere_goes_on(
    tmp_path_factory: object, lines: list[Scanned], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("log")  # type: ignore[attr-defined]
    with closing(ScanLog(folder, "me")) as log:
        for line in lines:
            log.add(line)
    path = folder / "scan.jsonl"
    text = path.read_bytes()
    whole = text[:cut].rpartition(b"\n")
    path.write_bytes(text[:cut])
    with closing(ScanLog(folder, "me")) as log:
        assert log.unreadable_lines == 0
        for line in lines:
            log.add(line)
    again = path.read_bytes()
    assert again.startswith(whole[0] + whole[1])
    assert all(json.loads(line) for line in again.splitlines())


def test_lines_that_are_garbage_are_counted_and_passed_over(tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path / "drives", 1)
    done = scanned(Task(Place(str(drive), drive.stat().st_size)))
    with closing(ScanLog(tmp_path / "result", "me")) as log:
        assert log.add(done)
    path = tmp_path / "result" / "scan.jsonl"
    text = path.read_text()
    path.write_text("\0\0\n" + "[]\n" + '{"schema":1,"path":3}\n' + '{"schema":0}\n' + text)
    with closing(ScanLog(tmp_path / "result", "me")) as log:
        assert log.unreadable_lines == 3
        assert not log.add(done)
        assert log.known(done.bytes) == {done.content}
        ((line, paths),) = log.recordings()
    assert paths == [str(drive)]
    assert line["recording"]["frames"] == 3499


def test_what_another_evdiag_said_is_kept_until_it_is_said_anew(tmp_path: Path) -> None:
    (drive,) = recordings(tmp_path / "drives", 1)
    done = scanned(Task(Place(str(drive), drive.stat().st_size)))
    with closing(ScanLog(tmp_path / "result", "an older one")) as log:
        log.add(done)
    with closing(ScanLog(tmp_path / "result", "me")) as log:
        assert log.known(done.bytes) == frozenset()
        assert len(list(log.recordings())) == 1
        assert log.add(done)
        assert len(list(log.recordings())) == 1
        assert log.known(done.bytes) == {done.content}


def test_a_bad_file_that_is_mended_or_gone_is_bad_no_more(tmp_path: Path) -> None:
    drives = recordings(tmp_path / "drives", 2)
    for drive in drives:
        drive.rename(drive.with_suffix(".kept"))
        drive.touch()
    places = [Place(str(drive), 0) for drive in drives]
    with closing(ScanLog(tmp_path / "result", "me")) as log:
        for place in places:
            log.add(scanned(Task(place)))
        assert [left.path for left in log.left()] == [str(drive) for drive in drives]
    drives[0].with_suffix(".kept").rename(drives[0])
    drives[1].unlink()
    with closing(ScanLog(tmp_path / "result", "me")) as log:
        log.add(scanned(Task(places[0])))
        assert log.left() == []
        assert len(list(log.recordings())) == 1
