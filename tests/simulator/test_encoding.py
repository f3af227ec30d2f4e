"""What the simulator writes is what the decoder reads, in any place of a frame."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.signals.compiled import compile_message
from evdiag.signals.encoding import put
from evdiag.signals.watch import Meaning, WatchedSignal
from evdiag.simulator.encoding import raw_of


@given(
    st.integers(0, 63), st.integers(1, 32), st.booleans(), st.booleans(), st.integers(0, 2**32),
    st.binary(min_size=8, max_size=8),
)  # fmt: skip
def test_put_then_read(
    start: int, length: int, little: bool, signed: bool, number: int, before: bytes
) -> None:
    layout = SignalLayout("s", start, length, little, signed)
    signal = compile_message(MessageLayout("m", 1, False, 8, (layout,))).signals[0]
    assume(signal.raw(before) is not None)
    raw = number % (1 << length)
    if signed and raw >= 1 << length - 1:
        raw -= 1 << length
    data = bytearray(before)
    put(data, layout, raw)
    assert signal.raw(bytes(data)) == raw
    put(data, layout, int(signal.raw(before) or 0))
    assert bytes(data) == before


def watched(layout: SignalLayout, words: dict[int, str] | None) -> WatchedSignal:
    signal = compile_message(MessageLayout("m", 1, False, 8, (layout,))).signals[0]
    return WatchedSignal("port.lock", 0, 1, signal, Meaning(words), None)


def test_words_and_numbers_have_raw_values() -> None:
    plain = SignalLayout("s", 0, 8, True, False, scale=0.5, offset=-40)
    assert raw_of(watched(plain, {1: "locked"}), "locked") == 1
    assert raw_of(watched(plain, None), 20) == 120
    with pytest.raises(ValueError, match="no word 'open'"):
        raw_of(watched(plain, {1: "locked"}), "open")
    with pytest.raises(ValueError, match="does not fit"):
        raw_of(watched(plain, None), 500)
