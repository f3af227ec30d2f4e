"""The data of frames as a column of byte strings, and back as rows of bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.recordings.parquet.columns import data_column, data_in

SHORT = st.lists(st.binary(max_size=8), max_size=20)
LONG = st.lists(st.binary(max_size=64), max_size=8)


def rows(texts: list[bytes], width: int) -> list[list[int]]:
    return [list(text.ljust(width, b"\0")) for text in texts]


@given(st.data(), st.one_of(SHORT, LONG))
def test_every_choice_of_rows_comes_back(data: st.DataObject, texts: list[bytes]) -> None:
    matrix = np.array(rows(texts, 64), np.uint8).reshape(-1, 64)
    column = data_column(matrix, np.array([len(text) for text in texts], np.uint8))
    offset = data.draw(st.integers(0, len(texts)))
    texts = texts[offset:]
    chosen = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=30)) if texts else []
    some = data.draw(st.slices(len(texts)).filter(lambda part: (part.step or 1) > 0))
    picked = data_in(column.slice(offset), np.array(chosen, np.intp))
    assert picked.tolist() == rows([texts[place] for place in chosen], picked.shape[1])
    sliced = data_in(column.slice(offset), some)
    assert sliced.tolist() == rows(texts[some], sliced.shape[1])


@pytest.mark.parametrize("size", range(9))
def test_the_last_bytes_of_a_column_are_read_to_its_end_and_no_further(size: int) -> None:
    texts = [bytes(range(1, 9)), bytes(range(11, 11 + size)), b""]
    matrix = np.array(rows(texts, 8), np.uint8)
    column = data_column(matrix, np.array([8, size, 0], np.uint8))
    assert data_in(column, np.array([2, 1, 0])).tolist() == rows(texts[::-1], 8)
