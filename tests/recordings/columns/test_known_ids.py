"""The ids of a text: a table of what was met before says what a careful look says."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.recordings.columns.ascii_words import Words
from evdiag.recordings.columns.candump_ids import extended_ids, standard_ids
from evdiag.recordings.columns.gvret_ids import GvretIds
from evdiag.recordings.columns.known_ids import KnownIds
from evdiag.recordings.gvret import LOST_FRAMES_ID

STANDARD = re.compile(rb"... ([0-9A-Fa-f]{3})#", re.DOTALL)
EXTENDED = re.compile(rb"([01][0-9A-Fa-f]{7})")

HEX = st.sampled_from(b"0123456789ABCDEFabcdef")
TAGS = st.builds(
    lambda digits: b"an0 " + bytes(digits) + b"#", st.lists(HEX, min_size=3, max_size=3)
)
IDS = st.lists(HEX, min_size=8, max_size=8).map(bytes)
ANY = st.binary(min_size=8, max_size=8)
BATCHES = st.lists(st.lists(TAGS | IDS | ANY | st.just(bytes(8)), min_size=1), min_size=1)


def words_of(texts: list[bytes]) -> Words:
    return np.frombuffer(b"".join(texts), "<u8").astype(np.uint64)


@pytest.mark.parametrize(
    ("with_care", "written"), [(standard_ids, STANDARD), (extended_ids, EXTENDED)]
)
@given(batches=BATCHES, bits=st.sampled_from([1, 2, 14]))
def test_what_is_known_is_what_is_written(
    with_care: object, written: re.Pattern[bytes], batches: list[list[bytes]], bits: int
) -> None:
    known = KnownIds(with_care, bits=bits)  # type: ignore[arg-type]
    for texts in [*batches, *batches]:
        identifiers, fits = known.read(words_of(texts))
        for text, identifier, fit in zip(texts, identifiers.tolist(), fits.tolist(), strict=True):
            found = written.fullmatch(text)
            assert fit == (found is not None), text
            assert found is None or identifier == int(found[1], 16), text


@given(
    batches=st.lists(st.lists(IDS | ANY, min_size=1), min_size=1),
    digits=st.lists(st.integers(1, 8), min_size=2, max_size=4),
)
def test_gvret_ids_are_those_of_the_last_digits(
    batches: list[list[bytes]], digits: list[int]
) -> None:
    known = GvretIds()
    for count, texts in product(digits, batches):
        identifiers, fits = known.read(words_of(texts), count)
        for text, identifier, fit in zip(texts, identifiers.tolist(), fits.tolist(), strict=True):
            found = re.fullmatch(rb"[0-9A-Fa-f]+", text[8 - count :])
            is_id = found is not None and int(found[0], 16) < LOST_FRAMES_ID
            assert fit == is_id, text
            assert not is_id or identifier == int(text[8 - count :], 16), text
