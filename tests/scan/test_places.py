"""What is found in folders, globs and object stores, and what is said of the rest."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from evdiag.scan.folders import found
from evdiag.scan.journals import journals_by_name
from evdiag.scan.places import Place
from evdiag.scan.rows import Left


def _found(*names: str | Path) -> tuple[list[str], dict[str, Left]]:
    """Return the names of the places, in order, and what was left by its name."""
    everything = list(found(map(str, names)))
    places = [Path(each.path).name for each in everything if isinstance(each, Place)]
    return places, {Path(each.path).name: each for each in everything if isinstance(each, Left)}


def _files(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def test_folders_are_gone_through_to_the_bottom_in_order(tmp_path: Path) -> None:
    _files(tmp_path, "b.log", "a/z.csv", "a/deeper/y.blf", "c/x")
    assert _found(tmp_path) == (["b.log", "z.csv", "y.blf", "x"], {})


def test_what_is_plainly_no_recording_is_skipped_with_its_reason(tmp_path: Path) -> None:
    _files(tmp_path, "a.log", "car.DBC", "notes.md", "a.log.marks.jsonl", ".hidden", ".git/x.log")
    places, left = _found(tmp_path)
    assert places == ["a.log"]
    assert set(left) == {"car.DBC", "notes.md", "a.log.marks.jsonl", ".hidden", ".git"}
    assert {each.kind for each in left.values()} == {"skipped"}
    assert left["car.DBC"].reason.endswith("car.DBC is no recording: .dbc")
    assert left[".git"].reason.endswith(".git is a hidden folder")


def test_what_a_person_names_is_tried_whatever_it_is(tmp_path: Path) -> None:
    _files(tmp_path, "notes.md", ".hidden")
    assert _found(tmp_path / "notes.md", tmp_path / ".hidden") == (["notes.md", ".hidden"], {})


def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    os.mkfifo(tmp_path / "pipe.log")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
        places, left = _found(tmp_path)
    assert places == []
    assert left["pipe.log"].reason.endswith("pipe.log is a pipe, no file")
    assert left["socket"].reason.endswith("socket is a socket, no file")
    assert {each.kind for each in left.values()} == {"skipped"}
    _, named = _found(tmp_path / "pipe.log", "/dev/null")
    assert {each.kind for each in named.values()} == {"bad"}


def test_links_lead_on_but_never_in_circles(tmp_path: Path) -> None:
    _files(tmp_path, "drives/a.log", "elsewhere/b.log")
    (tmp_path / "drives" / "to-itself").symlink_to("to-itself")
    (tmp_path / "drives" / "nowhere.log").symlink_to("gone.log")
    (tmp_path / "drives" / "round").symlink_to(tmp_path / "drives")
    (tmp_path / "drives" / "other").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "drives" / "again.log").symlink_to("a.log")
    places, left = _found(tmp_path / "drives")
    assert places == ["a.log", "again.log", "b.log"]
    assert left["to-itself"].reason.endswith("is a link that leads to itself")
    assert left["nowhere.log"].reason.endswith("is a link that leads nowhere")
    assert left["round"].reason.endswith("leads to a folder that is scanned already")
    assert [left[name].kind for name in ("to-itself", "nowhere.log", "round")] == [
        "bad", "bad", "skipped",
    ]  # fmt: skip


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_bad(tmp_path: Path) -> None:
    _files(tmp_path, "locked/a.log", "b.log")
    (tmp_path / "locked").chmod(0)
    try:
        places, left = _found(tmp_path)
    finally:
        (tmp_path / "locked").chmod(0o700)
    assert places == ["b.log"]
    assert "cannot be read" in left["locked"].reason


def test_globs_reach_into_folders_and_nothing_comes_twice(tmp_path: Path) -> None:
    _files(tmp_path, "a/x.log", "b/x.log", "b/y.csv", "[odd].log")
    places, _ = _found(f"{tmp_path}/**/*.log", tmp_path / "a", f"{tmp_path}/[ab]")
    assert sorted(places) == ["[odd].log", "x.log", "x.log", "y.csv"]
    assert _found(tmp_path / "[odd].log") == (["[odd].log"], {})
    _, left = _found(f"{tmp_path}/*.blf")
    assert left["*.blf"].kind == "bad"


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    _files(tmp_path, "a b.log")
    assert _found((tmp_path / "a b.log").as_uri()) == (["a b.log"], {})


def test_the_parts_of_a_journal_are_one() -> None:
    names = [
        "x.log", "x.jsonl", "x.part002.log.zst", "x.part002.jsonl.zst", "y.part003.log",
        "y.part003.jsonl", "y.part004.log", "y.part004.jsonl", "z.log", "w.jsonl",
    ]  # fmt: skip
    assert sorted(journals_by_name(names)) == [
        ["x.log", "x.jsonl", "x.part002.log.zst", "x.part002.jsonl.zst"],
        ["y.part003.log", "y.part003.jsonl"],
        ["y.part004.log", "y.part004.jsonl"],
    ]
