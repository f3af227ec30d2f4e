"""GVRET CSV read in columns gives what the careful reader gives, whatever the text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.recordings import convert, open_recording
from evdiag.recordings.columns.text_columns import BUFFER_BYTES
from evdiag.recordings.formats import text_formats
from tests.recordings.columns.both_ways import careful, frames_only, in_blocks, in_items
from tests.recordings.generated import WRITTEN

GVRET = next(form for form in text_formats() if form.name == "gvret-csv")
CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "."))

HEADER = "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8"
DIRECTED = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8"
OTHER_ORDER = "ID,Time Stamp,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8"
SEMICOLONS = "Time Stamp;ID;Extended;Bus;LEN;D1;D2;D3;D4;D5;D6;D7;D8"

ODD = (
    "",
    "\0",
    "# a note",
    ",,,,,,,,",
    HEADER,
    DIRECTED,
    OTHER_ORDER,
    SEMICOLONS,
    "1000;000003B4;false;0;2;01;02",
    "000003B4,1000,false,0,2,01,02",
    "1000,1FFFFFFF,true,0,0,00,00,00,00,00,00,00,00,",
    "1000,1FFFFFFF,true,Rx,0,0,00,00,00,00,00,00,00,00,",
    "1000,1ffffffe,true,Rx,0,1,00",
    "1000,20000088,true,Rx,0,1,00",
    "1000,40000123,true,Rx,0,4,00",
    "1000,FFFFFFFF,true,Rx,0,1,00",
    "1000,1FFFFFFFF,true,Rx,0,1,00",
    "-1000,000003B4,false,Rx,0,1,00",
    "-1621841258567223,000001D0,false,Rx,0,1,AA,",
    "9999999999999999,000003B4,false,Rx,0,1,00",
    "4611686018427387,000003B4,false,Rx,0,1,00",
    "4611686018427388,000003B4,false,Rx,0,1,00",
    "4611686018427388,000003B4,false,0,1,00",
    "99999999999999999,000003B4,false,Rx,0,1,00",
    "1_000,000003B4,false,Rx,0,1,00",
    " 1000,000003B4,false,Rx,0,1,00",
    "1000.5,000003B4,false,Rx,0,1,00",
    "1.5E+06,000003B4,false,Rx,0,1,00",
    ",000003B4,false,Rx,0,1,00",
    "100:,000003B4,false,Rx,0,1,00",
    "10A0,000003B4,false,Rx,0,1,00",
    "1000,,false,Rx,0,1,00",
    "1000, 3B4,false,Rx,0,1,00",
    "1000,0x3B4,false,Rx,0,1,00",
    "1000,3G4,false,Rx,0,1,00",
    "1000,3:4,false,Rx,0,1,00",
    "1000,000003B4,0,Rx,0,1,00",
    "1000,000003B4,1,0,1,00",
    "1000,000003B4,yes,Rx,0,1,00",
    "1000,000003B4,maybe,Rx,0,1,00",
    "1000,000003B4,False,0,1,00",
    "1000,000003B4,TRUE,tx,0,1,00",
    "1000,000003B4,tRuE,TX,0,1,00",
    "1000,000003B4,\x06alse,Rx,0,1,00",
    "1000,000003B4,false,R,0,1,00",
    "1000,000003B4,false,Px,0,1,00",
    "1000,000003B4,false,Vx,0,1,00",
    "1000,000003B4,false,,0,1,00",
    "1000,000003B4,false,Rx,12,1,00",
    "1000,000003B4,false,12,1,00",
    "1000,000003B4,false,Rx,00,1,00",
    "1000,000003B4,false,Rx,123,1,00",
    "1000,000003B4,false,Rx,:,1,00",
    "1000,000003B4,false,Rx,can0,1,00",
    "1000,000003B4,false,Rx,,1,00",
    "1000,000003B4,false,Rx,0,9,00,00,00,00,00,00,00,00,00",
    "1000,000003B4,false,Rx,0,12,00,00,00,00,00,00,00,00,00,00,00,00",
    "1000,000003B4,false,Rx,0,65,00",
    "1000,000003B4,false,Rx,0,-1,00",
    "1000,000003B4,false,Rx,0,08,00",
    "1000,000003B4,false,Rx,0,:,00,00,00,00,00,00,00,00,",
    "1000,000003B4,false,Rx,0,0",
    "1000,000003B4,false,Rx,0,0,",
    "1000,000003B4,false,Rx,0,0,XY,?",
    "1000,000003B4,false,Rx,0,1",
    "1000,000003B4,false,Rx,0,1,",
    "1000,000003B4,false,Rx,0,1,AA\tBB",
    "1000,000003B4,false,Rx,0,1,AA ",
    "1000,000003B4,false,Rx,0,1,AAB",
    "1000,000003B4,false,Rx,0,2,AA,0",
    "1000,000003B4,false,Rx,0,2,AA, 0",
    "1000,000003B4,false,Rx,0,2,AA,B,",
    "1000,000003B4,false,Rx,0,8,AA,BB,",
    "1000,000003B4,false,Rx,0,2,AA,XY,",
    "1000,000003B4,false,Rx,0,2,AA,B:,",
    "1000,000003B4,false,Rx,0,2,AA;BB,",
    "1000,000003B4,false,Rx,0,2,AA,BB,XY,\x7f,\"",
    "1000,000003B4,false,Rx,0,2,AA,BB,00,00\r1001,000003B4,false,Rx,0,1,11",
    "1000,000003B4,false,0,2,AA,BB,00,00\r1001,000003B4,false,0,1,11",
    "1000,000003B4,false,Rx,0,8,00,11,22,33,44,55,66,77,88,99,AA,BB,CC,DD",
    '"1000","000003B4","false","Rx","0","1","00"',
    '1000,"000003B4",false,Rx,0,1,00',
    "1000,000003B4,false,Rx,0,1,\x85",
    "1000,000003B4,false,Rx,0,1,AA,bus\u00e9",
    "1000,000003B4,false,Rx,0,1,AA,bus\udcff",
    "1000\u0660,000003B4,false,Rx,0,1,AA",
    "1000,000003B4,false,Rx,0,1,AA,\x1b[2J",
    "1000,3B4",
    "10",
)  # fmt: skip


@st.composite
def plain_rows(draw: st.DrawFn) -> str:
    """Rows as loggers write them; their clock steps a little, waits, jumps, or wraps."""
    step_us = draw(
        st.sampled_from([0, 1, 300, 10_000, -5, -900_000, -1_000_001, 1_000_001, 9 * 10**8])
    )
    start_us = draw(st.sampled_from([10**6, 10**9 - 300, 4_294_967_000, 10**15]))
    time_us = max(0, start_us + step_us)
    identifier = draw(
        st.sampled_from(["000003B4", "000003B4", "000003b4", "3B4", "7FF", "800", "18DAF110", "0"])
    )
    flag = draw(st.sampled_from(["false", "false", "false", "true", "True", "FALSE"]))
    way = draw(st.sampled_from(["", "", "Rx,", "Rx,", "Tx,", "rx,"]))
    bus = draw(st.sampled_from(["0", "0", "1", "12"]))
    data = draw(st.binary(max_size=8))
    cells = data if draw(st.booleans()) else data.ljust(8, b"\xa5")
    written = cells.hex(",") + "," * draw(st.booleans())
    row = f"{time_us},{identifier},{flag},{way}{bus},{len(data)},{written}"
    return row.upper() if draw(st.booleans()) else row


@st.composite
def spoilt_rows(draw: st.DrawFn) -> str:
    """Plain rows with one character changed, gone, or one too many."""
    row = draw(plain_rows())
    at = draw(st.integers(0, len(row) - 1))
    sign = draw(st.sampled_from(list('0:/@Gg`,;" \t\0\r\x7f\xe9')) | st.just(""))
    return row[:at] + sign + row[at + draw(st.integers(0, 1)) :]


LINES = plain_rows() | plain_rows() | plain_rows() | spoilt_rows() | st.sampled_from(ODD)
STARTS = st.sampled_from(["", "\ufeff", "# a note\n"])
HEADERS = st.sampled_from(["", f"{HEADER}\n", f"{DIRECTED}\r\n", f"{DIRECTED}\n"])
TEXTS = st.tuples(
    STARTS,
    HEADERS,
    st.lists(
        st.tuples(LINES, st.sampled_from(["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n"])),
        max_size=40,
    ),
    LINES | st.just(""),
).map(lambda t: t[0] + t[1] + "".join(line + end for line, end in t[2]) + t[3])


def _written(folder: Path, text: str) -> Path:
    path = folder / "log.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def _check(path: Path, *sizes: int) -> None:
    with_care = careful(path, GVRET)
    for size in sizes or (BUFFER_BYTES,):
        assert in_items(path, GVRET, size=size) == with_care
        assert in_blocks(path, GVRET, size=size) == frames_only(with_care)


@given(text=TEXTS, size=st.sampled_from([1, 7, 70, 128, 300, BUFFER_BYTES]))
@example(text=f"{DIRECTED}\n1000,3B4,false,Rx,0,1,AA\n1001,3B4,false,Rx,0,2,AA,B", size=70)
@example(text=f"{HEADER}\n1000,3B4,false,0,1,A\n1001,3B4,false,0,2,AA,B", size=70)
@example(text="1000,3B4,false,0,1,AA\n1001,1FFFFFFF,true,0,0\n1002,3B4,false,0,1,AA\n", size=99)
@example(text=f"# note\r\n{HEADER}\r\n1000,3B4,false,0,1,AA\r\n", size=7)
def test_any_text_reads_the_same(
    text: str, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _check(_written(tmp_path_factory.mktemp("any"), text), size)


@pytest.mark.parametrize("header", [HEADER, DIRECTED])
@pytest.mark.parametrize("odd", ODD)
def test_each_odd_line_among_plain_ones_and_as_the_last(
    odd: str, header: str, tmp_path: Path
) -> None:
    way = "Rx," if header == DIRECTED else ""
    plain = f"1000,000003B4,false,{way}0,2,0A,1B,00,00,00,00,00,00,\n"
    for text in (plain + odd + "\n" + plain, plain + odd, plain + odd + "\r\n" + plain.rstrip()):
        _check(_written(tmp_path, f"{header}\n{text}"))


@pytest.mark.parametrize(
    "odd",
    [
        "1000,000003B4,false,Rx,0,2,0A,1B,00,00,00,00,00,0G,",
        "1000,000003B4,false,Rx,0,8,0A,1B,00,00,00,00,00,0G,",
        "1000,000003B4,false,Rx,0,2,0A,1B,00,00\n00,00,00,00,",
        "1000,000003B4,false,Rx,0,2,0A\n1B,00,00,00,00,00,00,",
        "1000,000003B4,false,Rx,0,2,0A,1B,00,00\r00,00,00,00,",
        "1000,000003B4,false,Rx,0,2,0A,1B,00,00,00,00,00,00\n",
        "\n1000,000003B4,false,Rx,0,2,0A,1B,00,00,00,00,00,00",
    ],
)
@pytest.mark.parametrize("at", [0, 3, 7])
def test_rows_all_equally_long_but_for_what_they_hold(odd: str, at: int, tmp_path: Path) -> None:
    plain = "1000,000003B4,false,Rx,0,2,0A,1B,00,00,00,00,00,00,"
    assert len(odd) == len(plain)
    rows = [plain] * 8
    rows[at] = odd
    text = "\n".join([DIRECTED.ljust(len(plain), ","), *rows, ""])
    _check(_written(tmp_path, text), len(plain) * 4 + 4, BUFFER_BYTES)
    _check(_written(tmp_path, f"{DIRECTED}\n" + "\n".join(rows)))


@given(cut=st.integers(0, 700), padded=st.booleans(), end=st.sampled_from(["\n", "\r\n"]))
def test_a_file_cut_anywhere_reads_the_same(
    cut: int, padded: bool, end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [DIRECTED]
    for n in range(12):
        cells = bytes(range(n % 9)).ljust(8 if padded else 0, b"\0").hex(",")
        rows.append(f"{99_995 + n},{n:08X},{'true' if n == 5 else 'false'},Tx,1,{n % 9},{cells}")
    text = end.join(rows) + end
    _check(_written(tmp_path_factory.mktemp("cut"), text[:cut]), 100, BUFFER_BYTES)


def test_plain_rows_never_meet_the_careful_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What loggers write is read fast: either order, padded or not, growing stamps, both flags."""

    def only_the_header(cells: list[str], *_: object) -> None:
        assert cells[0] == "Time Stamp"
        raise ValueError

    monkeypatch.setattr("evdiag.recordings.gvret._item", only_the_header)
    for header, ways in ((HEADER, ("",)), (DIRECTED, ("Rx,", "Tx,"))):
        rows = "".join(
            f"{stamp},{identifier},{flag},{way}{n % 2},{n},"
            + f"{bytes(range(n)).ljust(pad, b'!').hex(',')}{comma}{end}"
            for stamp in (9, 99_999_999, 100_000_000, 1_760_000_000_000_000)
            for identifier in ("3B4", "0000003b", "18DAF110")
            for flag in ("false", "true", "True")
            for way in ways
            for n in range(1, 9)
            for pad in (0, 8)
            for comma in ("", ",")
            for end in ("\n", "\r\n")
        )
        path = _written(tmp_path, f"{header}\n{rows}")
        items, *_ = in_items(path, GVRET, size=5000)
        assert len(items) == rows.count("\n")


@pytest.mark.parametrize("name", sorted(p.name for p in shipped_folder("recordings").glob("*.log")))
def test_shipped_recordings_read_the_same(name: str, tmp_path: Path) -> None:
    convert(open_recording(shipped_folder("recordings") / name), tmp_path / "log.csv", "gvret")
    _check(tmp_path / "log.csv", 1000, BUFFER_BYTES)


@pytest.mark.parametrize("name", ["candump", "gvret"])
def test_a_damaged_text_reads_the_same(name: str, tmp_path: Path) -> None:
    made = WRITTEN[name].header + WRITTEN[name].text(WRITTEN[name].frames(200))
    path = _written(tmp_path, made.replace("5", "\0", 7).replace("A", "\r", 5) + made[:999])
    _check(path, 777)


@pytest.mark.corpus
@pytest.mark.skipif("EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set")
def test_the_whole_corpus_reads_the_same(tmp_path: Path) -> None:
    """Every real recording, as it is and written as GVRET CSV."""
    native = read = 0
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file() or path.stat().st_size > 50_000_000:
            continue
        try:
            recording = open_recording(path)
            convert(recording, tmp_path / "log.csv", "gvret", force=True)
        except BadInputError:
            continue
        _check(tmp_path / "log.csv", BUFFER_BYTES)
        if recording.format == "gvret-csv":
            _check(path, 10_000, BUFFER_BYTES)
            native += 1
        read += 1
    assert native > 5
    assert read > 20
