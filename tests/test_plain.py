"""Foreign text made plain."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from evdiag.plain import plain_json, plain_text


@given(st.text())
def test_nothing_a_terminal_could_act_on_passes(text: str) -> None:
    plain = plain_text(text)
    assert plain.isprintable()
    plain.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_what_can_be_printed_stays_as_it_is(text: str) -> None:
    assert plain_text(text) == text


def test_controls_become_visible_signs() -> None:
    assert plain_text("a\x1b[2J\nb\u202ec") == "a␛[2J␊b‹202E›c"
    assert plain_text("\u03a2 a\u00a0b") == "‹03A2› a b"


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_json_reads_back_as_it_was_and_holds_nothing_to_act_on(value: object) -> None:
    line = plain_json(value)
    assert json.loads(line) == value
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in line)


def test_json_escapes_what_cannot_be_seen_only() -> None:
    assert plain_json("é\x9b\x7f\u202e\U000e0001") == r'"é\u009b\u007f\u202e\udb40\udc01"'
