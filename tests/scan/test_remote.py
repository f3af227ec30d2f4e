"""Recordings in an object store: fsspec's own, in memory."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evdiag.recordings import open_recording
from evdiag.recordings.journal import Header, Journal
from evdiag.scan.folders import found
from evdiag.scan.log import ScanLog
from evdiag.scan.places import Place, Task
from evdiag.scan.rows import Left, Scanned
from evdiag.scan.scanning import Scan
from evdiag.scan.work import scanned
from tests.scan.workshop import recordings

fsspec = pytest.importorskip("fsspec")


class Threads:
    """A crew that shares this process's memory, and so that store."""

    hands = 2

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)

    def start(self, task: Task) -> Future[Scanned]:
        return self._pool.submit(scanned, task)

    def result(self, done: Future[Scanned]) -> Scanned:
        return done.result()

    def recover(self) -> None:
        raise AssertionError("threads do not die")

    def close(self) -> None:
        self._pool.shutdown()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    """A bucket with two recordings, a copy, a journal of two parts, and what is none."""
    store = fsspec.filesystem("memory")
    drives = recordings(tmp_path / "drives", 2)
    store.pipe("/bucket/2026/a.log", drives[0].read_bytes())
    store.pipe("/bucket/2026/b.log", drives[1].read_bytes())
    store.pipe("/bucket/copy.log", drives[0].read_bytes())
    store.pipe("/bucket/bad.log", b"nothing of the kind\n" * 9)
    store.pipe("/bucket/car.dbc", b'VERSION ""\n')
    frames = list(open_recording(drives[1]).frames())
    journal = Journal(tmp_path / "journal", Header(frames[0].time_ns, 0), rotate_bytes=100_000)
    journal.write(frames)
    journal.close()
    for path in (tmp_path / "journal").iterdir():
        store.pipe(f"/bucket/journal/{path.name}", path.read_bytes())
    yield store
    store.rm("/bucket", recursive=True)


def test_a_store_is_scanned_as_a_folder_is(store: Any, tmp_path: Path) -> None:
    with closing(ScanLog(tmp_path / "result", "test")) as log:
        tally = Scan(log, Threads()).run(found(["memory://bucket"]))
        rows = [(line["recording"], paths) for line, paths in log.recordings()]
        left = {each.path: each for each in log.left()}
    assert (tally.fresh, tally.known, tally.bad, tally.skipped) == (3, 1, 1, 1)
    assert ["memory://bucket/2026/a.log", "memory://bucket/copy.log"] in [
        [path.replace(":///", "://") for path in paths] for _, paths in rows
    ]
    assert sorted(row["format"] for row, _ in rows) == ["candump", "candump", "evdiag journal"]
    assert {row["frames"] for row, _ in rows} == {3499}
    for each in left.values():
        assert each.path in each.reason
    assert not list(Path(tmp_path, "drives").glob("evdiag-*"))


def test_files_and_globs_of_a_store(store: Any) -> None:
    assert len(list(found(["memory://bucket/2026/*.log"]))) == 2
    assert len(list(found(["memory://bucket/copy.log"]))) == 1
    (missing,) = found(["memory://bucket/nothing.log"])
    assert isinstance(missing, Left)
    assert missing.reason.endswith("there is no such file")


def test_what_changes_or_goes_meanwhile_is_said(store: Any) -> None:
    places = [each for each in found(["memory://bucket/2026"]) if isinstance(each, Place)]
    store.pipe("/bucket/2026/a.log", b"(1.0) can0 1#\n")
    store.rm("/bucket/2026/b.log")
    reasons = [left.reason for place in places if (left := scanned(Task(place)).left)]
    assert "has changed since it was listed" in reasons[0]
    assert "there is no such file" in reasons[1]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server that tells no sizes: of its one recording, and refuses what is private."""
    pytest.importorskip("aiohttp")
    (drive,) = recordings(tmp_path / "web", 1)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            known = {"/a.log": HTTPStatus.OK, "/private.log": HTTPStatus.UNAUTHORIZED}
            self.send_response(known.get(self.path, HTTPStatus.NOT_FOUND))
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(drive.read_bytes() if self.path == "/a.log" else b"")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_web_server_need_not_tell_the_size(web: str, tmp_path: Path) -> None:
    with closing(ScanLog(tmp_path / "result", "test")) as log:
        first = Scan(log, Threads()).run(found([f"{web}/a.log"]))
        again = Scan(log, Threads()).run(found([f"{web}/a.log"]))
        ((line, _),) = log.recordings()
    assert (first.fresh, first.bad) == (1, 0)
    assert (again.fresh, again.known) == (0, 1)
    assert line["recording"]["bytes"] > 0


def test_a_web_server_that_refuses_or_is_not_there_is_no_missing_file(web: str) -> None:
    urls = [f"{web}/private.log", "http://127.0.0.1:1/a.log", f"{web}/missing.log"]
    reasons = [each.reason for each in found(urls) if isinstance(each, Left)]
    assert "cannot be reached: 401" in reasons[0]
    assert "cannot be reached: Cannot connect" in reasons[1]
    assert reasons[2].endswith("there is no such file")


def test_a_password_and_a_signature_stand_in_no_table_and_no_message(
    web: str, tmp_path: Path
) -> None:
    secret = web.replace("://", "://garage:hunter2@")
    signed = f"{web}/missing.log?X-Amz-Signature=cafe&x=1"
    with closing(ScanLog(tmp_path / "result", "test")) as log:
        found_there = [*found([f"{secret}/a.log", f"{secret}/missing.log", signed])]
        Scan(log, Threads()).run(iter(found_there))
        said = [each.reason if isinstance(each, Left) else each.path for each in found_there]
        told = repr([*log.recordings(), *said])
    assert "hunter2" not in told
    assert "cafe" not in told
    assert "garage:…@" in told
    assert "X-Amz-Signature=…&x=1" in told


def test_without_fsspec_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    (left,) = found(["s3://bucket/drives"])
    assert isinstance(left, Left)
    assert left.reason == (
        "s3://bucket/drives: URLs need a package that is not installed: pip install fsspec"
    )
