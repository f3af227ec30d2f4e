"""A file that appears whole: nobody ever sees half of it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from evdiag.whole_file import unfinished_beside


def test_it_is_there_only_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with unfinished_beside(target) as unfinished:
        unfinished.write_text("half")
        assert not target.exists()
        assert unfinished.parent == tmp_path
    assert target.read_text() == "half"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [OSError, ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(error: type[BaseException], tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    with pytest.raises(error), unfinished_beside(target) as unfinished:
        unfinished.write_text("new")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_and_what_it_names_is_replaced(tmp_path: Path) -> None:
    named = tmp_path / "elsewhere" / "book"
    named.parent.mkdir()
    link = tmp_path / "link"
    link.symlink_to(named)
    with unfinished_beside(link) as unfinished:
        unfinished.write_text("new")
    assert link.is_symlink()
    assert named.read_text() == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="rights are POSIX's")
@pytest.mark.parametrize(("private", "rights"), [(False, 0o640), (True, 0o600)])
def test_a_private_one_is_its_owners_alone(private: bool, rights: int, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with unfinished_beside(tmp_path / "out", private=private):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == rights


def test_where_no_file_can_be_made_the_system_says_why(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), unfinished_beside(tmp_path / "none" / "out"):
        pytest.fail("there is no such folder")
