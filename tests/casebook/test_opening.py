"""Opening a book: where it is, what is wrong with it, and how it grows up."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from evdiag.casebook import postgresql, sqlite
from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.exchange import exported
from evdiag.casebook.forgetting import Wish, forget
from evdiag.casebook.migrating import HEAD, SCRIPTS, VERSION_TABLE, bring_up, copies_before
from evdiag.casebook.model import Base
from evdiag.casebook.opening import Book, open_book
from evdiag.casebook.place import place_of
from evdiag.casebook.reading import cases_in
from evdiag.errors import BadInputError

SECRET = "s3cr:t@/?"
QUOTED = "s3cr%3At%40%2F%3F"

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("case", sa.Column("colour", sa.Text(), nullable=True))
    if {fails}:
        raise OSError("half way")
"""


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "casebook.sqlite"
    with open_book(str(path)) as book, book.writing() as transaction:
        new_case(transaction, CarWords(), None, 1)
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


def test_a_book_that_somebody_holds_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE_S", 0)
    path = tmp_path / "casebook.sqlite"
    open_book(str(path)).close()
    with open_book(str(path)) as book, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(BadInputError, match=r"is locked; .* wait until it is done"),
            book.writing() as transaction,
        ):
            new_case(transaction, CarWords(), None, 1)


@pytest.mark.parametrize("is_being_written", [False, True])
def test_a_book_that_can_only_be_read_is_read(
    is_being_written: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "what? is#this%.sqlite"
    said = "held" if is_being_written else "stuck"
    with ExitStack() as stack:
        writer = stack.enter_context(open_book(str(path)))
        with writer.writing() as transaction:
            new_case(transaction, CarWords(), "stuck", 1)
        if is_being_written:
            held = stack.enter_context(closing(sqlite3.connect(path)))
            held.execute("UPDATE [case] SET complaint = 'held'")
            held.commit()
            assert path.with_name(f"{path.name}-wal").stat().st_size
        monkeypatch.setattr(sqlite, "os", ReadOnlyDisk())
        with open_book(str(path)) as book:
            (case,) = cases_in(book)
            assert case.complaint == said
            sqlite.copy_to(path, tmp_path / "copy.sqlite")
            with (
                pytest.raises(BadInputError, match="can only be read there: copy it to"),
                book.writing() as transaction,
            ):
                new_case(transaction, CarWords(), None, 2)
    monkeypatch.undo()
    with open_book(str(tmp_path / "copy.sqlite")) as copy:
        assert [case.complaint for case in cases_in(copy)] == [said]


class ReadOnlyDisk:
    """What `os` says of files on a disk that can only be read."""

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def open(self, path: Path, flags: int, mode: int = 0) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))


def test_a_damaged_book_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "casebook.sqlite"
    with open_book(str(path)) as book, book.writing() as transaction:
        new_case(transaction, CarWords(), None, 1)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    with pytest.raises(BadInputError, match=r"malformed; put a backup of it in its place"):
        open_book(str(path))


@pytest.mark.parametrize("name", ["what?mode=ro", "100 %20 #1", "ü & ö"])
def test_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "casebook.sqlite"
    with open_book(str(path)) as book, book.writing() as transaction:
        new_case(transaction, CarWords(), None, 1)
    assert path.stat().st_size > 0
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_it_lies_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVDIAG_CASEBOOK", raising=False)
    monkeypatch.setenv("EVDIAG_DATA", str(tmp_path))
    assert place_of().path == tmp_path / "casebook.sqlite"
    monkeypatch.setenv("EVDIAG_CASEBOOK", f"sqlite:///{tmp_path}/other.sqlite")
    assert place_of().path == tmp_path / "other.sqlite"
    assert place_of(str(tmp_path / "third")).path == tmp_path / "third"


def test_the_file_is_set_up_to_be_shared_and_to_forget(tmp_path: Path) -> None:
    with open_book(str(tmp_path / "book")) as book, book.reading() as transaction:
        said = {
            name: transaction.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert said.pop("busy_timeout") >= 10_000
    assert said == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}


def test_what_the_migrations_make_is_what_the_models_say(book: Book) -> None:
    with book.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_the_head_is_the_last_revision() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == HEAD


def test_the_first_book_of_all_is_brought_up_to_date(url: str) -> None:
    place = place_of(url)
    engine = postgresql.engine_of(place.url) if place.path is None else sqlite.engine_of(place.path)
    bring_up(engine, place, head="0001")
    with Book(place, engine) as first, first.writing() as transaction:
        transaction.execute(text("INSERT INTO vehicle (id, changed_ns) VALUES ('a', 1)"))
        for number in (1, 2):
            transaction.execute(
                text(
                    'INSERT INTO "case" (id, number, vehicle_id, opened_ns, complaint, changed_ns)'
                    " VALUES (:id, :number, 'a', 1, 'stuck', 1)"
                ),
                {"id": f"case-{number}", "number": number},
            )

    with open_book(url) as book:
        assert [card.number for card in cases_in(book)] == [2, 1]
        forget(book, Wish(case=2), 9)
        with book.writing() as transaction:
            assert new_case(transaction, CarWords(), None, 2).number == 3


def later_scripts(folder: Path, *, fails: bool = False) -> Path:
    """Return the migrations of an evdiag to come."""
    scripts = folder / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for path in (SCRIPTS / "env.py", *(SCRIPTS / "versions").glob("r*.py")):
        (scripts / path.relative_to(SCRIPTS)).write_text(path.read_text())
    later = LATER.replace("{fails}", str(fails)).replace("{head}", HEAD)
    (scripts / "versions" / "r9000.py").write_text(later)
    return scripts


def test_a_book_with_something_in_it_is_brought_up_to_date(book: Book, tmp_path: Path) -> None:
    with book.writing() as transaction:
        new_case(transaction, CarWords(plate="A 1"), "stuck", 5)
    before = "".join(exported(book))

    bring_up(book.engine, book.place, later_scripts(tmp_path), "9000")

    with book.engine.connect() as connection:
        assert connection.execute(text('SELECT colour, complaint FROM "case"')).one() == (
            None,
            "stuck",
        )
    with pytest.raises(BadInputError, match="later evdiag"):
        open_book(os.environ["EVDIAG_CASEBOOK"])
    if book.place.path is not None:
        [copy] = copies_before(book.place.path)
        with open_book(str(copy)) as old:
            assert "".join(exported(old)) == before


def test_a_migration_that_fails_leaves_the_book_as_it_was(book: Book, tmp_path: Path) -> None:
    with book.writing() as transaction:
        new_case(transaction, CarWords(plate="A 1"), "stuck", 5)
    before = "".join(exported(book))

    with pytest.raises(OSError, match="half way"):
        bring_up(book.engine, book.place, later_scripts(tmp_path, fails=True), "9000")

    with open_book(os.environ["EVDIAG_CASEBOOK"]) as again:
        assert "".join(exported(again)) == before


def test_many_processes_open_a_new_book_at_once(url: str) -> None:
    code = (
        "import sys; from evdiag.casebook.opening import open_book\n"
        "from evdiag.casebook.cases import CarWords, new_case\n"
        "sys.stdin.readline()\n"
        "with open_book(sys.argv[1]) as book, book.writing() as transaction:\n"
        "    new_case(transaction, CarWords(), None, 1)\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, url],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    with open_book(url) as book, book.reading() as transaction:
        numbers = transaction.execute(text('SELECT number FROM "case" ORDER BY number'))
        assert [number for (number,) in numbers] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("mysql://root@localhost/x", "can be a file or a PostgreSQL database"),
        (f"postgresql+psycopg://bay:{SECRET}@host:port/x", "cannot be read"),
        (f"postgresql://bay:{QUOTED}@127.0.0.1:1/x", "cannot be used"),
        (f"postgresql+psycopg://127.0.0.1:1/x?user=bay&password={QUOTED}", "cannot be used"),
        (f"postgresql+psycopg://bay:{QUOTED}@127.0.0.1:1/x?nonsense=1", "cannot be used"),
    ],
)
def test_no_way_there_is_said_in_one_sentence_without_the_password(named: str, said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        open_book(named)
    sentence = str(refused.value)
    assert said in sentence
    assert "\n" not in sentence
    assert SECRET not in sentence
    assert QUOTED not in sentence


def test_a_file_that_is_no_book(tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(b"not a database at all" * 100)
    foreign = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    before = foreign.read_bytes()
    in_the_way = tmp_path / "noise" / "casebook.sqlite"

    for path, said in [
        (noise, "is not a case book"),
        (foreign, "database of another program"),
        (in_the_way, "cannot be written"),
        (tmp_path, "cannot be written"),
    ]:
        with pytest.raises(BadInputError, match=said):
            open_book(str(path))
    with closing(sqlite3.connect(foreign)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    assert len(foreign.read_bytes()) == len(before)


def test_a_later_book_is_refused(book: Book, url: str) -> None:
    with book.writing() as transaction:
        transaction.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))

    with pytest.raises(BadInputError, match="later evdiag"):
        open_book(url)


def test_without_the_libraries_it_is_said_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from evdiag.casebook.needed import need_workshop

    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(BadInputError, match=r"pip install 'evdiag\[workshop\]'"):
        need_workshop()


def test_a_book_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    open_book(str(tmp_path / "book")).close()
    code = (
        "import sys; from evdiag.casebook.needed import need_workshop\n"
        "need_workshop(); from evdiag.casebook.opening import open_book\n"
        "open_book(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "book")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
