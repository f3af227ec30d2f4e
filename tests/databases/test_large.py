"""A DBC with thousands of pages or messages is looked at in the time of their number."""

from __future__ import annotations

from pathlib import Path
from time import process_time

from evdiag.databases import load

HEAD = 'VERSION ""\nBS_:\nBU_: A\n'
SWITCH = 'BO_ 1248 Port: 8 A\n SG_ M M : 0|16@1+ (1,0) [0|0] "" A\n'


def page(number: int, name: str) -> str:
    return f' SG_ {name} m{number} : 16|8@1+ (1,0) [0|0] "" A\n'


def test_thousands_of_pages(tmp_path: Path) -> None:
    file = tmp_path / "pages.dbc"
    pages = "".join(page(number, f"S{number}") for number in range(4000))
    file.write_text(HEAD + SWITCH + pages + page(7, "Twin") + page(8, "S9") + page(9, "S9"))
    began = process_time()
    database = load(file)
    assert process_time() - began < 5, "each held against each takes half a minute"
    said = [(problem.signal, problem.problem) for problem in database.problems]
    assert ("Twin", "it overlaps S7") in said
    assert ("S9", "it overlaps S8") in said
    assert ("S9", "it is stated twice") in said


def test_thousands_of_messages(tmp_path: Path) -> None:
    file = tmp_path / "messages.dbc"
    signal = ' SG_ S : 0|8@1+ (1,0) [0|0] "" A\n\n'
    many = "".join(f"BO_ {2**31 + n} M{n}: 8 A\n{signal}" for n in range(20_000))
    file.write_text(f"{HEAD}{many}BO_ {2**31 + 5} Again: 8 A\n{signal}")
    began = process_time()
    database = load(file)
    assert process_time() - began < 10, "each held against each takes twenty seconds"
    assert [problem.problem for problem in database.problems] == [
        "message M5 has the id 0x00000005 too"
    ]
