"""Where lines start and end, and their bytes side by side, whether they are equally long or not."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from evdiag.recordings.columns.row_bytes import RowBytes
from evdiag.recordings.columns.rows import line_places
from evdiag.recordings.columns.whole_lines import MARGIN, Lines

LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), min_size=1)
EQUAL = st.builds(lambda line, count: [line] * count, st.just(b"(1) c 1#2"), st.integers(1, 30))


@given(lines=LINES | EQUAL)
@example(lines=[b"a", b"b", b""])
@example(lines=[b"abc", b"ab", b"", b"abc"])
@example(lines=[b"", b"", b""])
def test_every_line_is_found(lines: list[bytes]) -> None:
    text = b"\n".join(lines) + b"\n"
    buffer = bytearray(b"\n" * MARGIN + text + b"\n" * MARGIN)
    starts, ends = line_places(Lines(buffer, MARGIN, MARGIN + len(text)))
    expected = list(accumulate((len(line) + 1 for line in lines), initial=MARGIN))
    assert starts.tolist() == expected[:-1]
    assert ends.tolist() == expected[1:]


@given(
    distances=st.lists(st.integers(1, 20), max_size=30) | st.integers(1, 20).map(lambda n: [n] * 9),
    first=st.integers(0, 9),
    at=st.integers(0, 16),
)
def test_bytes_side_by_side(distances: list[int], first: int, at: int) -> None:
    text = bytearray(np.random.default_rng(7).bytes(700))
    places = list(accumulate(distances, initial=first))
    rows = RowBytes(text, np.array(places), 24)
    expected = [int.from_bytes(text[place + at : place + at + 8], "little") for place in places]
    assert rows.words(at).tolist() == expected
    assert rows.signs(at).tolist() == [text[place + at] for place in places]
