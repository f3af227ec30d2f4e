"""Files as people have them: encodings, other formats, things that are no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cantools
import pytest

from evdiag.databases import load
from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

DBC = """VERSION ""
BS_:
BU_: Car
BO_ 948 Lim: 8 Car
 SG_ Lock : 0|2@1+ (1,0) [0|3] "°" Car
 SG_ Page M : 8|4@1+ (1,0) [0|0] "" Car
 SG_ Plug m3 : 16|4@1+ (1,0) [0|0] "" Car
VAL_ 948 Lock 1 "Geöffnet" ;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(tmp_path: Path, encoding: str, line_end: str) -> None:
    path = tmp_path / "car.dbc"
    path.write_bytes(DBC.replace("\n", line_end).encode(encoding))
    database = load(path)
    lock = database.messages[0].signals[0]
    assert (lock.unit, lock.choices) == ("°", ((1, "Geöffnet"),))
    assert database.problems == ()


def test_text_that_no_code_page_has(tmp_path: Path) -> None:
    path = tmp_path / "car.dbc"
    path.write_bytes(DBC.encode("cp1252") + b'CM_ "\x81\x8d";\n')
    assert len(load(path).messages) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\r\n \n", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS"),
        (b"PK\x03\x04rest", "archive"),
        (b"<!DOCTYPE html>\n<html><body>BO_ 1 X: 8 Y</body></html>", "web page"),
        (b"time,id,data\n1,2,3\n", "no DBC"),
        (bytes(range(256)), "no DBC"),
    ],
)
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "car.dbc"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=words) as refused:
        load(path)
    assert "car.dbc" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        load(tmp_path / "none.dbc")
    with pytest.raises(BadInputError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("form", ["kcd", "sym"])
def test_other_formats_are_read_by_cantools(tmp_path: Path, form: str) -> None:
    oracle = cantools.database.load_string(DBC, "dbc")
    path = tmp_path / f"car.{form}"
    path.write_text(getattr(oracle, f"as_{form}_string")(), encoding="utf-8")
    (message,) = load(path).messages
    assert message.id == 948
    plug = next(signal for signal in message.signals if signal.name == "Plug")
    assert [condition.ranges for condition in plug.conditions] == [((3, 3),)]


@pytest.mark.parametrize("form", ["kcd", "sym", "arxml"])
def test_other_formats_that_are_broken_end_in_a_sentence(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"car.{form}"
    path.write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(BadInputError, match=f"cannot be read as {form.upper()}"):
        load(path)
