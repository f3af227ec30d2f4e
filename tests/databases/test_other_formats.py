"""KCD, SYM and ARXML are looked at like a DBC: what is wrong in them is listed or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.databases import load
from evdiag.errors import BadInputError

KCD = (
    '<NetworkDefinition xmlns="http://kayak.2codeornot2code.org/1.0"><Document name="x"/>'
    '<Bus name="b">{}</Bus></NetworkDefinition>'
)
MESSAGE = '<Message id="0x4E0" length="{}" name="{}">{}</Message>'


def signal(name: str, offset: int, length: int, value: str = "") -> str:
    return f'<Signal name="{name}" offset="{offset}" length="{length}">{value}</Signal>'


def kcd(folder: Path, *messages: str) -> Path:
    file = folder / "car.kcd"
    file.write_text(KCD.format("".join(messages)), encoding="utf-8")
    return file


def test_what_is_odd_is_listed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    inside = "".join(
        (
            signal("S", 0, 8, '<Value slope="1e400"/>'),
            signal("Twin", 8, 8),
            signal("Twin", 16, 8),
            signal("Long", 24, 70),
            signal("Far", 20_000_000, 8),
        )
    )
    database = load(kcd(tmp_path, MESSAGE.format(8, "A", inside), MESSAGE.format(8, "B\x9b1m", "")))
    assert [(each.message, each.signal, each.problem) for each in database.problems] == [
        ("A", "S", "its factor or offset is infinite"),
        ("A", "Far", "it lies at bits 20000000 and up, 8 of them: no message is that long"),
        ("A", "Twin", "another signal of the message has this name"),
        ("A", "Long", "it does not fit into the message's 8 bytes"),
        ("A", "Long", "it is 70 bits long"),
        ("B\x9b1m", "", "message A has the id 0x4E0 too"),
    ]
    assert [each.name for each in database.messages[0].signals] == ["Twin", "Twin_2", "Long"]
    assert (database.signal_statements, database.usable_signals) == (5, 3)
    assert "".join(capfd.readouterr()) == "", "cantools says it with the name as it is"


def test_a_page_without_its_switch_is_not_read_at_random(tmp_path: Path) -> None:
    inside = (
        '<Multiplex name="M" offset="20000000" length="4"><MuxGroup count="1">'
        f"{signal('S', 8, 8)}</MuxGroup></Multiplex>"
    )
    database = load(kcd(tmp_path, MESSAGE.format(8, "A", inside)))
    assert database.usable_signals == 0
    assert ["S", "its multiplexer switch M is not loaded"] in [
        [each.signal, each.problem] for each in database.problems
    ]


@pytest.mark.parametrize("length", ["20000000", "99999999999"])
@pytest.mark.parametrize("form", ["kcd", "sym"])
def test_a_length_that_takes_all_memory_is_refused(tmp_path: Path, form: str, length: str) -> None:
    file = tmp_path / f"car.{form}"
    sym = f'FormatVersion=6.0 // x\nTitle="t"\n\n{{SENDRECEIVE}}\n\n[P]\nID=4E0h\nLen={length}\n'
    file.write_text(KCD.format(MESSAGE.format(length, "A", "")) if form == "kcd" else sym)
    with pytest.raises(BadInputError, match=f"a message of {length} bytes, and none is so long"):
        load(file)


def test_an_endless_number_is_refused_in_words(tmp_path: Path) -> None:
    file = kcd(tmp_path, MESSAGE.format(8, "A", '<Signal name="S" offset="' + "9" * 5000 + '"/>'))
    with pytest.raises(BadInputError, match="as KCD: it holds a number of thousands of digits"):
        load(file)
