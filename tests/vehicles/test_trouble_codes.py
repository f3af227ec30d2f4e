"""Trouble codes as they are written, and what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.vehicles.library import library
from evdiag.vehicles.trouble_codes import (
    GENERIC,
    TroubleCodeName,
    name_of,
    read_code,
    sae_text,
    status_words,
)


@given(st.integers(0, 0xFFFFFF))
def test_a_code_is_written_and_read_again(code: int) -> None:
    number, failure = read_code(sae_text(code)) or (None, None)
    assert (number, failure) == (code >> 8, code & 0xFF)
    assert read_code(f"{code:06X}") == (code >> 8, code & 0xFF)


@pytest.mark.parametrize("text", ["", "P", "P0D9", "X0D96", "P4D96", "P0D96-1", "80550", "8055033"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (0x0D9600, "coupler unlock control circuit low"),
        (0x0D9611, "coupler unlock control circuit low"),
        (0x0DFF00, None),
    ],
)
def test_generic_names_hold_for_every_type_of_failure(code: int, meaning: str | None) -> None:
    found = name_of(code, ())
    assert (found and found.meaning) == meaning


def test_the_cars_own_name_comes_first() -> None:
    own = TroubleCodeName(0x0D96, 0x11, "its own", "community", "a page")
    assert name_of(0x0D9611, (own,)) is own
    assert name_of(0x0D9612, (own,)) is not own


def test_an_i3_says_what_its_lock_codes_mean() -> None:
    known = library().profile("bmw-i3").trouble_codes
    found = name_of(0x805532, known)
    assert found is not None
    assert (found.meaning, found.evidence) == ("lock state implausible", "community")


def test_a_status_byte_in_words() -> None:
    assert status_words(0x09) == ("test failed", "confirmed")
    assert status_words(0) == ()
    assert len(status_words(0xFF)) == 8


def test_no_generic_code_is_there_twice() -> None:
    assert len({(name.number, name.failure_type) for name in GENERIC}) == len(GENERIC)
