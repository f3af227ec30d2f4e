"""Frames into columns and back: nothing is lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evdiag.inputs import Block, BlockBuilder, Frame, frame_key, id_text
from evdiag.inputs.joining import joined

channels = st.one_of(st.integers(0, 9), st.sampled_from(["can0", "vcan1"]))


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    extended = draw(st.booleans())
    kind = draw(st.sampled_from(["data", "fd", "remote", "error"]))
    data = b"" if kind == "remote" else draw(st.binary(max_size=64 if kind == "fd" else 8))
    return Frame(
        draw(st.integers(-(10**18), 2 * 10**18)),
        draw(channels),
        draw(st.integers(0, 0x1FFFFFFF if extended else 0x7FF)),
        extended,
        data,
        fd=kind == "fd",
        remote=kind == "remote",
        error=kind == "error",
        direction=draw(st.sampled_from(["rx", "tx", None])),
        bitrate_switch=kind == "fd" and draw(st.booleans()),
        error_state_indicator=kind == "fd" and draw(st.booleans()),
        requested_length=draw(st.integers(0, 8)) if kind == "remote" else 0,
    )


many = st.lists(frames(), max_size=20)


@given(many)
def test_what_goes_in_comes_out(given_frames: list[Frame]) -> None:
    block = Block.from_frames(given_frames)
    assert list(block.frames()) == given_frames
    assert block.keys.tolist() == [frame_key(f.id, f.extended) for f in given_frames]


@given(st.lists(many, max_size=4))
def test_blocks_join(groups: list[list[Frame]]) -> None:
    blocks = [Block.from_frames(group) for group in groups]
    for whole in (Block.concatenate(blocks), joined(iter(blocks))):
        assert list(whole.frames()) == [frame for group in groups for frame in group]
        assert not whole.data[np.arange(whole.data.shape[1]) >= whole.length[:, None]].any()


def test_a_builder_starts_afresh_and_keeps_its_channels() -> None:
    builder = BlockBuilder()
    builder.add(Frame(1, "can0", 1, False, b"a"))
    first = builder.build()
    builder.add(Frame(2, "can1", 1, False, b"b" * 12, fd=True))
    second = builder.build()
    assert (len(first), len(second)) == (1, 1)
    assert [f.channel for f in Block.concatenate([first, second]).frames()] == ["can0", "can1"]


def test_ids_are_written_as_the_contract_says() -> None:
    assert id_text(0x3B4, False) == "0x3B4"
    assert id_text(0x3B4, True) == "0x000003B4"
